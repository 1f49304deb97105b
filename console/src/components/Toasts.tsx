import {
  Button,
  Toast,
  ToastBody,
  Toaster,
  ToastFooter,
  ToastTitle,
  useToastController,
} from "@fluentui/react-components";
import { useEffect } from "react";
import { text } from "../text";
import { useGo } from "./AppLink";
import { listen, type Notice, takeNotices } from "./notices";

const TOASTER = "reseat";
/** What went wrong is read longer than what went well. */
const ERROR_MS = 15_000;
const SHOWN_MS = 7_000;

/** Shows what was said, and what is said from now on. */
export function Toasts({ place }: { place: HTMLElement }) {
  const { dispatchToast, dismissToast } = useToastController(TOASTER);
  const go = useGo();
  useEffect(() => {
    const show = (notice: Notice) => {
      const toastId = `notice-${notice.id}`;
      const act = (run: () => void) => () => {
        dismissToast(toastId);
        run();
      };
      dispatchToast(<NoticeToast notice={notice} act={act} go={go} />, {
        toastId,
        intent: notice.intent,
        timeout: notice.intent === "error" ? ERROR_MS : SHOWN_MS,
        pauseOnHover: true,
      });
    };
    const showAll = () => takeNotices().forEach(show);
    showAll();
    return listen(showAll);
  }, [dispatchToast, dismissToast, go]);
  return <Toaster toasterId={TOASTER} position="bottom-end" mountNode={place} />;
}

interface NoticeToastProps {
  notice: Notice;
  act: (run: () => void) => () => void;
  go: (href: string) => void;
}

function NoticeToast({ notice, act, go }: NoticeToastProps) {
  const { body, link, undo } = notice;
  return (
    <Toast>
      <ToastTitle>{notice.title}</ToastTitle>
      {body !== undefined && body !== "" && <ToastBody>{body}</ToastBody>}
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
    </Toast>
  );
}
