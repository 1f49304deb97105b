import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answerOf, http, idempotency, ifMatch, pageAt, rememberCsrfToken } from "../client";
import { asProblem } from "../problem";
import { SESSION_KEY } from "../query-client";
import type { Account, NewAccount, RoleName, Session, Token } from "../types";
import { useCommand } from "./command";
import { type ListState, useList } from "./list";

/** Who is signed in; `null` is nobody. */
export function useSessionQuery() {
  return useQuery({
    queryKey: SESSION_KEY,
    queryFn: async (): Promise<Session | null> => {
      try {
        const session = await answerOf(http.GET("/api/v1/session"));
        rememberCsrfToken(session.csrf_token);
        return session;
      } catch (error) {
        if (asProblem(error).code === "unauthenticated") {
          return null;
        }
        throw error;
      }
    },
    staleTime: 60_000,
  });
}

export function useSetup() {
  return useQuery({ queryKey: ["setup"], queryFn: () => answerOf(http.GET("/api/v1/setup")), staleTime: 60_000 });
}

/** Signing in, in both ways that give a session. */
function useSessionStart<Input>(start: (input: Input) => Promise<Session>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: start,
    onSuccess: async (session) => {
      rememberCsrfToken(session.csrf_token);
      client.setQueryData(SESSION_KEY, session);
      await client.invalidateQueries({ queryKey: ["setup"] });
    },
  });
}

export interface Credentials {
  name: string;
  password: string;
}

export function useSignIn() {
  return useSessionStart((body: Credentials) => answerOf(http.POST("/api/v1/session", { body })));
}

export function useBootstrap() {
  return useSessionStart((body: Credentials & { code: string; single_operator: boolean }) =>
    answerOf(http.POST("/api/v1/setup/bootstrap", { body })),
  );
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => answerOf(http.DELETE("/api/v1/session")),
    onSuccess: () => {
      rememberCsrfToken(null);
      // First, while somebody listens: what is taken out of the cache tells nobody that it changed.
      client.setQueryData(SESSION_KEY, null);
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== SESSION_KEY[0] });
    },
  });
}

export function useFreeze() {
  return useQuery({
    queryKey: ["freeze"],
    queryFn: () => answerOf(http.GET("/api/v1/freeze")),
    refetchInterval: 15_000,
  });
}

export function useFreezeCommand() {
  return useCommand((body: { reason: string }, key) =>
    answerOf(http.POST("/api/v1/freeze", { body, params: { header: idempotency(key) } })),
  );
}

export function useThawCommand() {
  return useCommand((body: { typed?: string }, key) =>
    answerOf(http.POST("/api/v1/thaw", { body, params: { header: idempotency(key) } })),
  );
}

export function useDemoClock() {
  return useCommand((body: { advance_s: number }, key) =>
    answerOf(http.POST("/api/v1/demo/clock", { body, params: { header: idempotency(key) } })),
  );
}

export function useAccounts(): ListState<Account> {
  return useList(["accounts"], (cursor) =>
    answerOf(http.GET("/api/v1/accounts", { params: { query: pageAt(cursor) } })),
  );
}

export function useCreateAccount() {
  return useCommand((body: NewAccount, key) =>
    answerOf(http.POST("/api/v1/accounts", { body, params: { header: idempotency(key) } })),
  );
}

export function useEditAccount() {
  return useCommand(({ account, ...body }: { account: Account; roles?: RoleName[]; enabled?: boolean }) =>
    answerOf(
      http.PATCH("/api/v1/accounts/{account_id}", {
        body,
        params: { path: { account_id: account.account_id }, header: ifMatch(account.version) },
      }),
    ),
  );
}

export function useTokens(): ListState<Token> {
  return useList(["tokens"], (cursor) => answerOf(http.GET("/api/v1/tokens", { params: { query: pageAt(cursor) } })));
}

export function useCreateToken() {
  return useCommand((body: { name: string; expires_at?: string }) => answerOf(http.POST("/api/v1/tokens", { body })));
}

export function useDeleteToken() {
  return useCommand((path: { token_id: string }) =>
    answerOf(http.DELETE("/api/v1/tokens/{token_id}", { params: { path } })),
  );
}
