import { lazy, type ReactNode, Suspense, useState } from "react";
import type { ConfirmValues } from "./confirm";
import { ReturnFocus } from "./return-focus";

// Fetched when something is first asked: a first page does not wait for its dialogs.
const ConfirmSurface = lazy(() => import("./ConfirmForm").then((module) => ({ default: module.ConfirmSurface })));

export interface ConfirmDialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  /** Exactly what will happen, to how many; what cannot be undone, and until when the rest can. */
  children: ReactNode;
  confirmLabel: string;
  /** For what takes something away. */
  danger?: boolean;
  /** Asks for a reason; `required` refuses to go on without. */
  reason?: { label?: string; hint?: string; required: boolean };
  /** Asks for a last day. */
  until?: { label: string; hint?: string; min?: string };
  /** What has to be typed, usually the count; the server may ask for it too. */
  typed?: string | null;
  /** How the typed field is named; it says what to type. */
  typedLabel?: (expected: string) => string;
  /** Does it; when it rejects, the dialog stays and says why. */
  onConfirm: (values: ConfirmValues) => Promise<unknown>;
}

/** Asks once more, saying exactly what will happen. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const [asked, setAsked] = useState(props.open);
  if (props.open && !asked) {
    setAsked(true);
  }
  return asked ? (
    <>
      {props.open && <ReturnFocus />}
      <Suspense fallback={null}>
        <ConfirmSurface {...props} />
      </Suspense>
    </>
  ) : null;
}
