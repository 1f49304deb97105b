import {
  Button,
  Toast,
  ToastBody,
  Toaster,
  ToastFooter,
  ToastTitle,
  useToastController,
} from "@fluentui/react-components";
import { useMemo, useState } from "react";
import { asProblem } from "../api/problem";
import { text } from "../text";
import { useGo } from "./AppLink";

const TOASTER = "reseat";

/** Where toasts appear; once, around every page. A landmark of its own, so that they can be found. */
export function Notices() {
  const [place, setPlace] = useState<HTMLElement | null>(null);
  return (
    <section ref={setPlace} aria-label={text.common.notices}>
      {place !== null && <Toaster toasterId={TOASTER} position="bottom-end" mountNode={place} />}
    </section>
  );
}

export interface NoticeOptions {
  body?: string;
  /** Where the consequences can be followed. */
  link?: { label: string; href: string };
  undo?: () => void;
}

/** Says what happened: `done` with Undo or a link, `failed` with the problem's words. */
export function useNotify() {
  const { dispatchToast, dismissToast } = useToastController(TOASTER);
  const go = useGo();
  return useMemo(() => {
    let count = 0;
    const show = (title: string, intent: "success" | "error" | "info", options: NoticeOptions) => {
      count += 1;
      const toastId = `notice-${Date.now()}-${count}`;
      const act = (run: () => void) => () => {
        dismissToast(toastId);
        run();
      };
      const { body, link, undo } = options;
      dispatchToast(
        <Toast>
          <ToastTitle>{title}</ToastTitle>
          {body !== undefined && <ToastBody>{body}</ToastBody>}
          {(link !== undefined || undo !== undefined) && (
            <ToastFooter>
              {undo !== undefined && (
                <Button size="small" onClick={act(undo)}>
                  {text.common.undo}
                </Button>
              )}
              {link !== undefined && (
                <Button size="small" onClick={act(() => go(link.href))}>
                  {link.label}
                </Button>
              )}
            </ToastFooter>
          )}
        </Toast>,
        { toastId, intent, timeout: intent === "error" ? 15_000 : 7_000, pauseOnHover: true },
      );
    };
    return {
      done: (title: string, options: NoticeOptions = {}) => show(title, "success", options),
      info: (title: string, options: NoticeOptions = {}) => show(title, "info", options),
      failed: (error: unknown) => {
        const problem = asProblem(error);
        const body = [problem.remedy, problem.requestId && `${text.common.requestId} ${problem.requestId}`];
        show(problem.detail ?? problem.title, "error", { body: body.filter(Boolean).join(" ") });
      },
    };
  }, [dispatchToast, dismissToast, go]);
}
