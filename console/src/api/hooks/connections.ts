import { useQuery } from "@tanstack/react-query";
import { answerOf, http, idempotency, ifMatch } from "../client";
import type { ChangeWindow, ConnectionEntry, PurposeName } from "../types";
import { useCommand } from "./command";

const CONNECTION = "/api/v1/applications/{tenant_id}/connections/{purpose}";

/** Saved first, then looked at: what Microsoft says to it is in the answer's `last_check`. */
export function useSaveConnection(tenantId: string) {
  return useCommand(async ({ purpose, entry }: { purpose: PurposeName; entry: ConnectionEntry }, key) => {
    const path = { tenant_id: tenantId, purpose };
    const saved = await answerOf(http.PUT(CONNECTION, { params: { path }, body: entry }));
    if (entry.kind === "authorization_code") {
      // There is nobody to sign in as yet.
      return saved;
    }
    return await answerOf(http.POST(`${CONNECTION}/check`, { params: { path, header: idempotency(key) } }));
  });
}

export function useCheckConnection(tenantId: string) {
  return useCommand(({ purpose }: { purpose: PurposeName }, key) =>
    answerOf(
      http.POST(`${CONNECTION}/check`, {
        params: { path: { tenant_id: tenantId, purpose }, header: idempotency(key) },
      }),
    ),
  );
}

export function useRemoveConnection(tenantId: string) {
  return useCommand(({ purpose }: { purpose: PurposeName }) =>
    answerOf(http.DELETE(CONNECTION, { params: { path: { tenant_id: tenantId, purpose } } })),
  );
}

/** The address of Microsoft's sign-in page, good once. */
export function useAuthorizeConnection(tenantId: string) {
  return useCommand(({ purpose }: { purpose: PurposeName }) =>
    answerOf(http.POST(`${CONNECTION}/authorize`, { params: { path: { tenant_id: tenantId, purpose } } })),
  );
}

export function useConsentLink(tenantId: string, purpose: PurposeName) {
  return useQuery({
    queryKey: ["consent-link", tenantId, purpose],
    queryFn: () =>
      answerOf(
        http.GET("/api/v1/applications/{tenant_id}/consent-link", {
          params: { path: { tenant_id: tenantId }, query: { purpose } },
        }),
      ),
    retry: false,
  });
}

/** Asks Microsoft about every connection, which takes some seconds; only when somebody looks. */
export function useDoctor(tenantId: string) {
  return useQuery({
    queryKey: ["doctor", tenantId],
    queryFn: () =>
      answerOf(http.GET("/api/v1/applications/{tenant_id}/doctor", { params: { path: { tenant_id: tenantId } } })),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    retry: false,
  });
}

const WRITE_SETTINGS = "/api/v1/applications/{tenant_id}/write-settings";

export function useWriteSettings(tenantId: string) {
  return useQuery({
    queryKey: ["write-settings", tenantId],
    queryFn: () => answerOf(http.GET(WRITE_SETTINGS, { params: { path: { tenant_id: tenantId } } })),
    refetchInterval: 30_000,
  });
}

export interface WriteSettingsChange {
  version: number;
  group_removal?: boolean;
  time_zone?: string;
  windows?: ChangeWindow[];
}

export function useChangeWriteSettings(tenantId: string) {
  return useCommand(({ version, ...body }: WriteSettingsChange) =>
    answerOf(
      http.PATCH(WRITE_SETTINGS, {
        params: { path: { tenant_id: tenantId }, header: ifMatch(version) },
        body,
      }),
    ),
  );
}
