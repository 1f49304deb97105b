import type { SeatPath } from "../../api/types";
import { UNKNOWN } from "../../format";
import { text } from "../../text";

/** How a seat is held: directly, through groups, or both. */
export function PathList({ paths, empty = UNKNOWN }: { paths: SeatPath[]; empty?: string }) {
  return paths.length === 0 ? empty : paths.map(pathName).join("; ");
}

function pathName(path: SeatPath): string {
  const words = text.candidates.about;
  const off = path.disabled_plans.length === 0 ? "" : `, ${words.plansOff(path.disabled_plans.length)}`;
  return (path.via === "direct" ? words.direct : words.group(path.group_name ?? path.group_id ?? "")) + off;
}
