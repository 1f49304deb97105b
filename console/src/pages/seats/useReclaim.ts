import { useRef } from "react";
import { useBulkAction } from "../../api/hooks/candidates";
import { useOpenCandidates } from "../../api/hooks/skus";
import type { OpenedCandidates } from "../../api/types";
import type { BulkResult } from "../../components/bulk-results";
import { paths } from "../../paths";
import { text } from "../../text";
import type { Chosen } from "./choice";

type OpenedItem = OpenedCandidates["items"][number];

/** Opens candidates for seats, and starts them when that is wanted; what each seat came to. */
export function useReclaim() {
  const open = useOpenCandidates();
  const act = useBulkAction();
  // Two steps are one wish: pressed twice, it runs once.
  const running = useRef(false);
  return async (seats: Chosen[], step: "open" | "reclaim", typed: string): Promise<BulkResult[]> => {
    if (running.current) {
      return [];
    }
    running.current = true;
    try {
      const opened = await open.mutateAsync({ seat_ids: seats.map((seat) => seat.seat_id) });
      const names = new Map(seats.map((seat) => [seat.seat_id, nameOf(seat)]));
      const ids = opened.items.flatMap((item) => item.candidate?.candidate_id ?? []);
      if (step === "open" || ids.length === 0) {
        return opened.items.map((item) => resultOf(item, names));
      }
      // If this is refused as a whole, for example while frozen, trying again opens nothing new:
      // opening answers with the candidates that are open already.
      const started = await act.mutateAsync({
        action: "start",
        candidate_ids: ids,
        // Typed was the count that was chosen; seats that were refused on opening are no longer part of it.
        ...(typed === "" ? {} : { typed_count: ids.length }),
      });
      const byId = new Map(started.items.map((item) => [item.candidate_id, item]));
      return opened.items.map((item) => {
        const after = byId.get(item.candidate?.candidate_id ?? "");
        return after === undefined
          ? resultOf(item, names)
          : { ...resultOf(item, names), state: after.state, problem: after.problem };
      });
    } finally {
      running.current = false;
    }
  };
}

function nameOf(seat: Chosen): string {
  return text.seats.dialog.name(seat.person.display_name, seat.sku.name);
}

function resultOf(item: OpenedItem, names: ReadonlyMap<string, string>): BulkResult {
  return {
    key: item.seat_id,
    name: names.get(item.seat_id) ?? item.seat_id,
    href: item.candidate === null ? paths.seat(item.seat_id) : paths.candidate(item.candidate.candidate_id),
    state: item.candidate?.state ?? null,
    problem: item.problem,
  };
}
