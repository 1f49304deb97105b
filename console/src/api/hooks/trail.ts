import { useQuery } from "@tanstack/react-query";
import { call, type QueryValues } from "../client";
import type { AuditDetail, AuditItem, AuditVerdict } from "../types";
import { type ListState, useList } from "./list";

export function useTrail(filters: QueryValues): ListState<AuditItem> {
  return useList<AuditItem>("/audit", filters);
}

export function useTrailEntry(log: string, seq: number) {
  return useQuery({
    queryKey: ["/audit", log, seq],
    queryFn: () => call<AuditDetail>("GET", `/audit/${seq}`, { query: { log } }),
  });
}

/** Verifying reads the whole trail, so it runs when asked for and its answer is kept a while. */
export function useTrailVerdict() {
  return useQuery({
    queryKey: ["/audit/verify"],
    queryFn: () => call<AuditVerdict>("GET", "/audit/verify"),
    staleTime: 60_000,
  });
}
