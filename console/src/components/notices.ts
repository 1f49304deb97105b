/** What is to be said, from wherever it is said to where it is shown. */

export interface NoticeOptions {
  body?: string;
  /** Where the consequences can be followed. */
  link?: { label: string; href: string };
  undo?: () => void;
}

export interface Notice extends NoticeOptions {
  id: number;
  title: string;
  intent: "success" | "error" | "info";
}

let waiting: Notice[] = [];
let count = 0;
const listeners = new Set<() => void>();

/** Says something; it waits until somebody shows it. */
export function say(notice: Omit<Notice, "id">): void {
  count += 1;
  waiting = [...waiting, { ...notice, id: count }];
  for (const heard of listeners) {
    heard();
  }
}

/** What nobody has shown yet; it is theirs now. */
export function takeNotices(): Notice[] {
  const taken = waiting;
  waiting = [];
  return taken;
}

export function hasNotices(): boolean {
  return waiting.length > 0;
}

export function listen(heard: () => void): () => void {
  listeners.add(heard);
  return () => listeners.delete(heard);
}
