import { useFocusFinders } from "@fluentui/react-components";

/**
 * Keeps Fluent's focus engine running from the first moment on.
 *
 * It is started and ended by whoever uses it. A dialog that is the only one, and is gone the moment it closes, would
 * end it before it has told screen readers that the page behind is there again.
 */
export function FocusRules() {
  useFocusFinders();
  return null;
}
