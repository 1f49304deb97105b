import type { AuditItem } from "../api/types";
import { text } from "../text";

/** Who did it; what no person did, Reseat did by itself. */
export function actorName(actor: AuditItem["actor"]): string {
  return actor.name ?? (actor.kind === "system" ? text.common.history.itself : `${actor.kind} ${actor.id}`);
}
