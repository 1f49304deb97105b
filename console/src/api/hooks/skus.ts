import { useQuery } from "@tanstack/react-query";
import { answerOf, type Filters, http, idempotency, pageAt, queryOf } from "../client";
import type { NewPrice, Seat, Sku } from "../types";
import { useCommand } from "./command";
import { type ListState, useList } from "./list";

const at = (skuId: string) => ({ params: { path: { sku_id: skuId } } });

export function useSkus(): ListState<Sku> {
  // As many as a page may have: tenants own tens of license types, and the table sorts what is here.
  return useList(["skus"], (cursor) =>
    answerOf(http.GET("/api/v1/skus", { params: { query: { limit: 200, ...pageAt(cursor) } } })),
  );
}

export function useSku(skuId: string) {
  return useQuery({ queryKey: ["skus", skuId], queryFn: () => answerOf(http.GET("/api/v1/skus/{sku_id}", at(skuId))) });
}

export function useSetPrice(skuId: string) {
  return useCommand((body: NewPrice) => answerOf(http.PUT("/api/v1/skus/{sku_id}/price", { body, ...at(skuId) })));
}

export function useRemovePrice(skuId: string) {
  return useCommand((_: undefined) => answerOf(http.DELETE("/api/v1/skus/{sku_id}/price", at(skuId))));
}

export function useSeats(filters: Filters): ListState<Seat> {
  return useList(["seats", filters], (cursor) =>
    answerOf(http.GET("/api/v1/seats", { params: { query: queryOf<"/api/v1/seats">(filters, cursor) } })),
  );
}

export function useSeat(seatId: string) {
  return useQuery({
    queryKey: ["seats", seatId],
    queryFn: () => answerOf(http.GET("/api/v1/seats/{seat_id}", { params: { path: { seat_id: seatId } } })),
  });
}

/** Opens candidates for seats that a finding already names. */
export function useOpenCandidates() {
  return useCommand((body: { seat_ids: string[] }, key) =>
    answerOf(http.POST("/api/v1/candidates", { body, params: { header: idempotency(key) } })),
  );
}
