import { lazy, Suspense, useEffect, useState } from "react";
import { asProblem } from "../api/problem";
import { text } from "../text";
import { hasNotices, listen, type NoticeOptions, say } from "./notices";

export type { NoticeOptions } from "./notices";

// Fetched when something is first said.
const Toasts = lazy(() => import("./Toasts").then((module) => ({ default: module.Toasts })));

/** Where notices appear; once, around every page. A landmark of its own, so that they can be found. */
export function Notices() {
  const [place, setPlace] = useState<HTMLElement | null>(null);
  const [said, setSaid] = useState(hasNotices);
  useEffect(() => listen(() => setSaid(true)), []);
  return (
    <section ref={setPlace} aria-label={text.common.notices}>
      {said && place !== null && (
        <Suspense fallback={null}>
          <Toasts place={place} />
        </Suspense>
      )}
    </section>
  );
}

const notify = {
  done: (title: string, options: NoticeOptions = {}) => say({ ...options, title, intent: "success" }),
  info: (title: string, options: NoticeOptions = {}) => say({ ...options, title, intent: "info" }),
  failed: (error: unknown) => {
    const problem = asProblem(error);
    const body = [problem.remedy, problem.requestId && `${text.common.requestId} ${problem.requestId}`];
    say({ title: problem.detail ?? problem.title, body: body.filter(Boolean).join(" "), intent: "error" });
  },
};

/** Says what happened: `done` with Undo or a link, `failed` with the problem's words. */
export function useNotify(): typeof notify {
  return notify;
}
