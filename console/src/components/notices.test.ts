import { expect, test } from "vitest";
import { hasNotices, listen, say, takeNotices } from "./notices";

test("what is said before anybody shows it waits, and is shown once", () => {
  say({ title: "first", intent: "success" });
  say({ title: "second", intent: "error" });
  expect(hasNotices()).toBe(true);
  expect(takeNotices().map((notice) => notice.title)).toEqual(["first", "second"]);
  expect(takeNotices()).toEqual([]);
});

test("whoever shows notices hears of each, until they stop listening", () => {
  let heard = 0;
  const stop = listen(() => {
    heard += 1;
  });
  say({ title: "one", intent: "info" });
  stop();
  say({ title: "two", intent: "info" });
  expect(heard).toBe(1);
  takeNotices();
});
