import { useQuery } from "@tanstack/react-query";
import { call } from "../client";
import type { Application, ApplicationDetail, QuarantinedRow, Sync, Task } from "../types";
import { useCommand } from "./command";
import { type ListState, useList } from "./list";

export function useApplications(): ListState<Application> {
  return useList<Application>("/applications", {}, { refetchInterval: 15_000 });
}

const path = (tenantId: string) => `/applications/${encodeURIComponent(tenantId)}`;

/** Read often while a task runs, so that its progress is seen to move. */
export function useApplication(tenantId: string) {
  return useQuery({
    queryKey: ["/applications", tenantId],
    queryFn: () => call<ApplicationDetail>("GET", path(tenantId)),
    refetchInterval: (query) => (query.state.data?.tasks.some(isUnderWay) ? 1_000 : 15_000),
  });
}

export function isUnderWay(task: Task): boolean {
  return task.last_run?.status === "queued" || task.last_run?.status === "running";
}

export function useToggleTask(tenantId: string) {
  return useCommand((input: { task: Task; enabled: boolean }) =>
    call<ApplicationDetail>("PATCH", `${path(tenantId)}/tasks/${encodeURIComponent(input.task.task)}`, {
      body: { enabled: input.enabled },
      ifMatch: input.task.version,
    }),
  );
}

export function useQuarantine(tenantId: string, task?: string): ListState<QuarantinedRow> {
  return useList<QuarantinedRow>(`${path(tenantId)}/quarantine`, { task });
}

export function useStartSync() {
  return useCommand((input: { task?: string }, idempotencyKey) =>
    call<{ items: Sync[] }>("POST", "/syncs", { body: input, idempotencyKey }),
  );
}

export function useSyncs(task?: string): ListState<Sync> {
  return useList<Sync>("/syncs", { task }, { refetchInterval: 5_000 });
}

export interface RosterResult {
  accepted: number;
  quarantined: { line: number; reason: string }[];
}

export function useImportRoster() {
  return useCommand((input: { csv: string }, idempotencyKey) =>
    call<RosterResult>("POST", "/roster", { body: input.csv, idempotencyKey }),
  );
}
