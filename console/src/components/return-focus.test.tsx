// @vitest-environment jsdom
import { cleanup, render } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { ReturnFocus } from "./return-focus";

afterEach(() => {
  vi.useRealTimers();
  cleanup();
  document.body.replaceChildren();
});

function buttonNamed(name: string): HTMLButtonElement {
  const button = document.createElement("button");
  button.textContent = name;
  document.body.append(button);
  return button;
}

test("when a dialog is gone the focus is where it was opened from", async () => {
  const opener = buttonNamed("Freeze");
  opener.focus();
  const dialog = render(<ReturnFocus />);
  opener.blur();
  dialog.unmount();
  await vi.waitFor(() => expect(document.activeElement).toBe(opener));
});

test("while the dialog fades the focus waits with it", () => {
  vi.useFakeTimers();
  const opener = buttonNamed("Freeze");
  opener.focus();
  const closing = render(<ReturnFocus />);
  const dialog = document.createElement("div");
  dialog.setAttribute("role", "dialog");
  dialog.append(buttonNamed("Cancel"));
  document.body.append(dialog);
  dialog.querySelector("button")?.focus();
  closing.unmount();
  vi.advanceTimersByTime(200);
  expect(document.activeElement?.textContent).toBe("Cancel");
  dialog.remove();
  vi.advanceTimersByTime(200);
  expect(document.activeElement).toBe(opener);
});

test("what took the focus meanwhile keeps it", () => {
  vi.useFakeTimers();
  buttonNamed("Freeze").focus();
  const dialog = render(<ReturnFocus />);
  dialog.unmount();
  const other = buttonNamed("Thaw");
  other.focus();
  vi.advanceTimersByTime(2_000);
  expect(document.activeElement).toBe(other);
});
