// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, test } from "vitest";
import { Problem } from "../problem";
import { useCommand } from "./command";

/** A server that records the keys it is sent and answers as it is told. */
function commandAgainst(answers: (Problem | "done")[]) {
  const keys: string[] = [];
  const client = new QueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  const hook = renderHook(
    () =>
      useCommand(async (_: { reason: string }, key) => {
        keys.push(key);
        const answer = answers.shift();
        if (answer instanceof Problem) {
          throw answer;
        }
        return answer;
      }),
    { wrapper },
  );
  const send = (reason: string) => act(() => hook.result.current.mutateAsync({ reason }).catch(() => undefined));
  return { keys, send };
}

const lost = () => new Problem({ title: "no answer", status: 0, code: "unreachable" });
const refused = () => new Problem({ title: "no", status: 409, code: "conflict" });

test("the same wish after a lost answer is the same command", async () => {
  const { keys, send } = commandAgainst([lost(), "done"]);
  await send("stop");
  await send("stop");
  expect(keys[0]).toBe(keys[1]);
});

test("another wish after a lost answer is another command", async () => {
  const { keys, send } = commandAgainst([lost(), "done"]);
  await send("stop");
  await send("stop now");
  expect(keys[0]).not.toBe(keys[1]);
});

test("what was refused or done may be wished for again", async () => {
  const { keys, send } = commandAgainst([refused(), "done", "done"]);
  await send("stop");
  await send("stop");
  await send("stop");
  expect(new Set(keys).size).toBe(3);
});
