import { useQuery, useQueryClient } from "@tanstack/react-query";
import { answerOf, http, idempotency, ifMatch, pageAt } from "../client";
import type { Application, IntegrationTask, QuarantinedRow, Sync, TaskName } from "../types";
import { useCommand } from "./command";
import { type ListState, useList } from "./list";

export function useApplications(): ListState<Application> {
  return useList(
    ["applications"],
    (cursor) => answerOf(http.GET("/api/v1/applications", { params: { query: pageAt(cursor) } })),
    { refetchInterval: 15_000 },
  );
}

/** Read often while a task runs, so that its progress is seen to move. */
export function useApplication(tenantId: string) {
  return useQuery({
    queryKey: ["applications", tenantId],
    queryFn: () =>
      answerOf(http.GET("/api/v1/applications/{tenant_id}", { params: { path: { tenant_id: tenantId } } })),
    refetchInterval: (query) => (query.state.data?.tasks.some(isUnderWay) ? 1_000 : 15_000),
  });
}

export function isUnderWay(task: IntegrationTask): boolean {
  return task.last_run?.status === "queued" || task.last_run?.status === "running";
}

export function useToggleTask(tenantId: string) {
  return useCommand(({ task, enabled }: { task: IntegrationTask; enabled: boolean }) =>
    answerOf(
      http.PATCH("/api/v1/applications/{tenant_id}/tasks/{task}", {
        body: { enabled },
        params: { path: { tenant_id: tenantId, task: task.task }, header: ifMatch(task.version) },
      }),
    ),
  );
}

export function useQuarantine(tenantId: string): ListState<QuarantinedRow> {
  return useList(["quarantine", tenantId], (cursor) =>
    answerOf(
      http.GET("/api/v1/applications/{tenant_id}/quarantine", {
        params: { path: { tenant_id: tenantId }, query: pageAt(cursor) },
      }),
    ),
  );
}

/** One task, or every reading task that is switched on. */
export function useStartSync() {
  return useCommand((body: { task?: TaskName }, key) =>
    answerOf(http.POST("/api/v1/syncs", { body, params: { header: idempotency(key) } })),
  );
}

export function useSyncs(): ListState<Sync> {
  return useList(["syncs"], (cursor) => answerOf(http.GET("/api/v1/syncs", { params: { query: pageAt(cursor) } })), {
    refetchInterval: 5_000,
  });
}

/** A roster file is sent as it is: the server reads it and says which lines it could not. */
export function useImportRoster() {
  const client = useQueryClient();
  return useCommand(async (body: string) => {
    try {
      return await answerOf(
        http.POST("/api/v1/roster", {
          body,
          bodySerializer: (csv) => csv,
          headers: { "content-type": "text/csv" },
        }),
      );
    } catch (error) {
      // A refused file is a run of its task too, and the page shows the last one.
      void client.invalidateQueries({ queryKey: ["applications"] });
      throw error;
    }
  });
}
