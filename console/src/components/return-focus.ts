import { useEffect, useState } from "react";

/** A dialog that closes is still seen for a moment; so often, and that far apart, it is looked whether it is gone. */
const TRIES = 20;
const APART_MS = 50;

function returnTo(opener: HTMLElement, tries: number): void {
  setTimeout(() => {
    const here = document.activeElement;
    if (here === null || here === document.body) {
      opener.focus();
    } else if (here.closest("[role=dialog], [role=alertdialog]") !== null && tries > 0) {
      returnTo(opener, tries - 1);
    }
    // Otherwise somebody took the focus meanwhile, and keeps it.
  }, APART_MS);
}

/**
 * Brings the focus back to what opened a dialog when the dialog is gone, so that it is never lost.
 * For a component that is mounted while the dialog is open.
 */
export function useReturnFocus(): void {
  // Of the first rendering: a moment later the dialog has taken the focus.
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (opener instanceof HTMLElement) {
        returnTo(opener, TRIES);
      }
    },
    [opener],
  );
}

/** The same, for where a hook cannot be called on a condition. */
export function ReturnFocus(): null {
  useReturnFocus();
  return null;
}
