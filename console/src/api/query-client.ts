import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { asProblem, isWorthRetrying } from "./problem";

/** The key of the session query: when any call says "not signed in", the session is asked again. */
export const SESSION_KEY = ["session"] as const;

export function createQueryClient(): QueryClient {
  const askWhoWeAre = (error: unknown, key?: readonly unknown[]) => {
    if (asProblem(error).code === "unauthenticated" && key?.[0] !== SESSION_KEY[0]) {
      void client.invalidateQueries({ queryKey: SESSION_KEY });
    }
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: (error, query) => askWhoWeAre(error, query.queryKey) }),
    mutationCache: new MutationCache({ onError: (error) => askWhoWeAre(error) }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (failures, error) => failures < 2 && isWorthRetrying(error),
      },
      // A command is repeated by the person who gave it, under the same idempotency key.
      mutations: { retry: false },
    },
  });
  return client;
}
