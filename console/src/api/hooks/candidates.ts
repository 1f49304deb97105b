import { useQuery } from "@tanstack/react-query";
import { call, type QueryValues } from "../client";
import type { BulkResult, Candidate, CandidateDetail, StateMachine } from "../types";
import { useCommand } from "./command";
import { type ListState, useList } from "./list";

/** States in which something happens without us, so that the page looks again by itself. */
const MOVING = ["awaiting_revocation", "revoking", "verifying", "restoring"];

export function useCandidates(filters: QueryValues): ListState<Candidate> {
  return useList<Candidate>("/candidates", filters, { refetchInterval: 10_000 });
}

export function useCandidate(candidateId: string) {
  return useQuery({
    queryKey: ["/candidates", candidateId],
    queryFn: () => call<CandidateDetail>("GET", `/candidates/${encodeURIComponent(candidateId)}`),
    refetchInterval: (query) => (MOVING.includes(query.state.data?.state ?? "") ? 1_500 : 15_000),
  });
}

export interface ActionInput {
  action: string;
  reason?: string;
  /** A plain date. */
  until?: string;
  note?: string;
}

export function useCandidateAction(candidateId: string) {
  return useCommand(({ action, ...body }: ActionInput, idempotencyKey) =>
    call<CandidateDetail>(
      "POST",
      `/candidates/${encodeURIComponent(candidateId)}/actions/${encodeURIComponent(action)}`,
      { body, idempotencyKey },
    ),
  );
}

export interface BulkActionInput {
  action: string;
  candidate_ids: string[];
  reason?: string;
  until?: string;
  typed_count?: number;
}

export function useBulkAction() {
  return useCommand(({ action, ...body }: BulkActionInput, idempotencyKey) =>
    call<BulkResult>("POST", `/candidates/actions/${encodeURIComponent(action)}`, { body, idempotencyKey }),
  );
}

export function useStateMachine() {
  return useQuery({
    queryKey: ["/state-machine"],
    queryFn: () => call<StateMachine>("GET", "/state-machine"),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
