import { type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { asProblem } from "../problem";

/**
 * A command: something that changes the server's state.
 *
 * The same wish sent again after a lost answer carries the same idempotency key, so it happens once.
 * Everything on the page is read again afterwards: what one command touches is the server's to know.
 */
export function useCommand<Input, Output>(
  run: (input: Input, idempotencyKey: string) => Promise<Output>,
): UseMutationResult<Output, Error, Input> {
  const client = useQueryClient();
  const pending = useRef<{ wish: string; key: string } | null>(null);
  return useMutation({
    mutationFn: (input: Input) => {
      const wish = JSON.stringify(input) ?? "";
      if (pending.current?.wish !== wish) {
        pending.current = { wish, key: randomKey() };
      }
      return run(input, pending.current.key);
    },
    onSuccess: () => {
      pending.current = null;
      return client.invalidateQueries();
    },
    onError: (error) => {
      // The server decided; only when its answer was lost must the key stay.
      if (asProblem(error).status !== 0) {
        pending.current = null;
      }
    },
  });
}

/** `crypto.randomUUID` exists only on https and localhost; this exists everywhere. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
