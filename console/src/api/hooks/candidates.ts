import { useQuery } from "@tanstack/react-query";
import { answerOf, type Filters, http, idempotency, queryOf } from "../client";
import type { AllowedAction, Candidate } from "../types";
import { useCommand } from "./command";
import { type ListState, useList } from "./list";

/** States in which something happens without us, so that the page looks again by itself. */
const MOVING = ["awaiting_revocation", "revoking", "verifying", "restoring"];

export function useCandidates(filters: Filters): ListState<Candidate> {
  return useList(
    ["candidates", filters],
    (cursor) =>
      answerOf(http.GET("/api/v1/candidates", { params: { query: queryOf<"/api/v1/candidates">(filters, cursor) } })),
    { refetchInterval: 10_000 },
  );
}

export function useCandidate(candidateId: string) {
  return useQuery({
    queryKey: ["candidates", candidateId],
    queryFn: () =>
      answerOf(http.GET("/api/v1/candidates/{candidate_id}", { params: { path: { candidate_id: candidateId } } })),
    refetchInterval: (query) => (MOVING.includes(query.state.data?.state ?? "") ? 1_500 : 15_000),
  });
}

export type ActionName = AllowedAction["action"];

export interface ActionInput {
  action: ActionName;
  reason?: string;
  /** A plain date. */
  until?: string;
  note?: string;
}

export function useCandidateAction(candidateId: string) {
  return useCommand(({ action, ...body }: ActionInput, key) =>
    answerOf(
      http.POST("/api/v1/candidates/{candidate_id}/actions/{action}", {
        body,
        params: { path: { candidate_id: candidateId, action }, header: idempotency(key) },
      }),
    ),
  );
}

export interface BulkActionInput {
  action: ActionName;
  candidate_ids: string[];
  reason?: string;
  until?: string;
  typed_count?: number;
}

export function useBulkAction() {
  return useCommand(({ action, ...body }: BulkActionInput, key) =>
    answerOf(
      http.POST("/api/v1/candidates/actions/{action}", {
        body,
        params: { path: { action }, header: idempotency(key) },
      }),
    ),
  );
}

export function useStateMachine() {
  return useQuery({
    queryKey: ["state-machine"],
    queryFn: () => answerOf(http.GET("/api/v1/state-machine")),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
