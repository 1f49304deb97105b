import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call, rememberCsrfToken } from "../client";
import { asProblem } from "../problem";
import { SESSION_KEY } from "../query-client";
import type { Account, Freeze, Session, Setup, Token } from "../types";
import { useCommand } from "./command";
import { type ListState, useList } from "./list";

/** Who is signed in; `null` is nobody. */
export function useSessionQuery() {
  return useQuery({
    queryKey: SESSION_KEY,
    queryFn: async (): Promise<Session | null> => {
      try {
        const session = await call<Session>("GET", "/session");
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
  return useQuery({ queryKey: ["setup"], queryFn: () => call<Setup>("GET", "/setup"), staleTime: 60_000 });
}

/** Signing in, in both ways that give a session. */
function useSessionStart<Input>(path: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => call<Session>("POST", path, { body: input }),
    onSuccess: async (session) => {
      rememberCsrfToken(session.csrf_token);
      client.setQueryData(SESSION_KEY, session);
      await client.invalidateQueries({ queryKey: ["setup"] });
    },
  });
}

export function useSignIn() {
  return useSessionStart<{ name: string; password: string }>("/session");
}

export interface BootstrapInput {
  code: string;
  name: string;
  password: string;
  single_operator: boolean;
}

export function useBootstrap() {
  return useSessionStart<BootstrapInput>("/setup/bootstrap");
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call<void>("DELETE", "/session"),
    onSuccess: () => {
      rememberCsrfToken(null);
      client.clear();
      client.setQueryData(SESSION_KEY, null);
    },
  });
}

export function useFreeze() {
  return useQuery({
    queryKey: ["freeze"],
    queryFn: () => call<{ freeze: Freeze | null }>("GET", "/freeze"),
    refetchInterval: 15_000,
  });
}

export function useFreezeCommand() {
  return useCommand((input: { reason: string }, idempotencyKey) =>
    call<{ freeze: Freeze | null }>("POST", "/freeze", { body: input, idempotencyKey }),
  );
}

export function useThawCommand() {
  return useCommand((input: { typed?: string }, idempotencyKey) =>
    call<{ freeze: Freeze | null }>("POST", "/thaw", { body: input, idempotencyKey }),
  );
}

export function useDemoClock() {
  return useCommand((input: { advance_s: number }, idempotencyKey) =>
    call<{ now: string }>("POST", "/demo/clock", { body: input, idempotencyKey }),
  );
}

export function useAccounts(): ListState<Account> {
  return useList<Account>("/accounts");
}

export interface NewAccount {
  name: string;
  password: string;
  roles: string[];
  user_id?: string;
}

export function useCreateAccount() {
  return useCommand((input: NewAccount, idempotencyKey) =>
    call<Account>("POST", "/accounts", { body: input, idempotencyKey }),
  );
}

export function useEditAccount() {
  return useCommand((input: { account: Account; roles?: string[]; enabled?: boolean }) =>
    call<Account>("PATCH", `/accounts/${encodeURIComponent(input.account.account_id)}`, {
      body: { roles: input.roles, enabled: input.enabled },
      ifMatch: input.account.version,
    }),
  );
}

export function useTokens(): ListState<Token> {
  return useList<Token>("/tokens");
}

export function useCreateToken() {
  return useCommand((input: { name: string; expires_at?: string }, idempotencyKey) =>
    call<Token & { token: string }>("POST", "/tokens", { body: input, idempotencyKey }),
  );
}

export function useDeleteToken() {
  return useCommand((input: { token_id: string }) =>
    call<void>("DELETE", `/tokens/${encodeURIComponent(input.token_id)}`),
  );
}
