import type { ConnectionEntry } from "../../api/types";

/** What the form holds, whatever kind is chosen. */
export interface ConnectionDraft {
  kind: ConnectionEntry["kind"];
  clientId: string;
  secret: string;
  /** A day, or empty. */
  endsOn: string;
  pem: string;
  algorithm: "PS256" | "RS256";
}

/** A certificate with its key is some kilobytes. */
export const LARGEST_PEM = 64 * 1024;

/** Whether the form says enough to be saved. */
export function isComplete(draft: ConnectionDraft): boolean {
  if (draft.clientId.trim() === "") {
    return false;
  }
  switch (draft.kind) {
    case "client_secret":
      return draft.secret.trim() !== "";
    case "certificate":
      return draft.pem.trim() !== "";
    case "authorization_code":
      return true;
  }
}

/** Only what belongs to the chosen kind is sent; what was typed before the kind was changed is not. */
export function entryOf(draft: ConnectionDraft): ConnectionEntry {
  const base = { kind: draft.kind, client_id: draft.clientId.trim() };
  const secret = draft.secret.trim();
  const ends = draft.endsOn === "" ? {} : { secret_expires_on: draft.endsOn };
  switch (draft.kind) {
    case "client_secret":
      return { ...base, client_secret: secret, ...ends };
    case "certificate":
      return { ...base, certificate_pem: draft.pem, certificate_algorithm: draft.algorithm };
    case "authorization_code":
      return secret === "" ? base : { ...base, client_secret: secret, ...ends };
  }
}
