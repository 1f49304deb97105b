import { useQuery } from "@tanstack/react-query";
import { answerOf, type Filters, http, queryOf } from "../client";
import type { AuditItem } from "../types";
import { type ListState, useList } from "./list";

export function useTrail(filters: Filters): ListState<AuditItem> {
  return useList(["trail", filters], (cursor) =>
    answerOf(http.GET("/api/v1/audit", { params: { query: queryOf<"/api/v1/audit">(filters, cursor) } })),
  );
}

export function useTrailEntry(log: string, seq: number) {
  return useQuery({
    queryKey: ["trail", log, seq],
    queryFn: () =>
      answerOf(
        http.GET("/api/v1/audit/{seq}", {
          params: { path: { seq }, query: queryOf<"/api/v1/audit/{seq}">({ log }, null) },
        }),
      ),
  });
}

/** Verifying reads the whole trail, so it is not repeated while a page is open. */
export function useTrailReport() {
  return useQuery({
    queryKey: ["trail-report"],
    queryFn: () => answerOf(http.GET("/api/v1/audit/verify")),
    staleTime: 60_000,
  });
}
