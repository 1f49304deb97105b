import { useQuery } from "@tanstack/react-query";
import { call, type QueryValues } from "../client";
import type { OpenResult, Price, Seat, SeatDetail, Sku } from "../types";
import { useCommand } from "./command";
import { type ListState, useList } from "./list";

const path = (skuId: string) => `/skus/${encodeURIComponent(skuId)}`;

export function useSkus(): ListState<Sku> {
  return useList<Sku>("/skus", { limit: 200 });
}

export function useSku(skuId: string) {
  return useQuery({ queryKey: ["/skus", skuId], queryFn: () => call<Sku>("GET", path(skuId)) });
}

export function useSetPrice(skuId: string) {
  return useCommand((input: Price) => call<Sku>("PUT", `${path(skuId)}/price`, { body: input }));
}

export function useRemovePrice(skuId: string) {
  return useCommand((_: Record<string, never>) => call<Sku>("DELETE", `${path(skuId)}/price`));
}

export function useSeats(filters: QueryValues): ListState<Seat> {
  return useList<Seat>("/seats", filters);
}

export function useSeat(seatId: string) {
  return useQuery({
    queryKey: ["/seats", seatId],
    queryFn: () => call<SeatDetail>("GET", `/seats/${encodeURIComponent(seatId)}`),
  });
}

/** Opens candidates for seats that a finding already names. */
export function useOpenCandidates() {
  return useCommand((input: { seat_ids: string[] }, idempotencyKey) =>
    call<OpenResult>("POST", "/candidates", { body: input, idempotencyKey }),
  );
}
