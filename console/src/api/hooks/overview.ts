import { useQuery } from "@tanstack/react-query";
import { call } from "../client";
import type { Overview } from "../types";

/** The figures of the tenant, and what the frame shows of them. */
export function useOverview() {
  return useQuery({
    queryKey: ["overview"],
    queryFn: () => call<Overview>("GET", "/overview"),
    refetchInterval: 30_000,
  });
}
