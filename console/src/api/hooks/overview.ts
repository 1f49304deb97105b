import { useQuery } from "@tanstack/react-query";
import { answerOf, http } from "../client";

/** The figures of the tenant, and what the frame shows of them. */
export function useOverview(enabled = true) {
  return useQuery({
    enabled,
    queryKey: ["overview"],
    queryFn: () => answerOf(http.GET("/api/v1/overview")),
    refetchInterval: 30_000,
  });
}
