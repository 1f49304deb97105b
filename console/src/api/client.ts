/** One way to the server: same-origin cookie, the session's CSRF token on what changes, and problems as `Problem`. */
import createClient from "openapi-fetch";
import type { paths } from "./generated/v1";
import { problemOf, unreachable } from "./problem";

let csrfToken: string | null = null;

/** Remembers the token that the session came with. */
export function rememberCsrfToken(token: string | null): void {
  csrfToken = token;
}

export const http = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: "same-origin",
  // Looked up at each call, so that a test can answer in the server's place.
  fetch: (request) => globalThis.fetch(request),
});

http.use({
  onRequest({ request }) {
    if (request.method !== "GET" && csrfToken !== null) {
      request.headers.set("x-csrf-token", csrfToken);
    }
  },
});

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The data of an answer; anything else than a success rejects with a `Problem`. */
export async function answerOf<Data>(pending: Promise<Answer<Data>>): Promise<Data> {
  let answer: Answer<Data>;
  try {
    answer = await pending;
  } catch (error) {
    // A success whose body cannot be read came from something else than our server.
    throw error instanceof SyntaxError ? problemOf(200, null, null) : unreachable();
  }
  if (!answer.response.ok) {
    throw problemOf(answer.response.status, answer.error, answer.response.headers.get("x-request-id"));
  }
  return answer.data as Data;
}

/** `If-Match` of an edit: the version that was seen. */
export function ifMatch(version: number): { "If-Match": string } {
  return { "If-Match": `"${version}"` };
}

/** The name of a command, so that it happens once however often it is sent. */
export function idempotency(key: string): { "Idempotency-Key": string } {
  return { "Idempotency-Key": key };
}

/** Filters as the address has them: text, whatever it says. */
export type Filters = Partial<Record<string, string | string[] | number>>;

/** What a list's address takes after the question mark. */
type QueryAt<Path extends keyof paths> = paths[Path] extends { get: { parameters: { query?: infer Query } } }
  ? Query
  : never;

/**
 * Filters as a query of the API. An address can carry anything, so this does not check it:
 * the server refuses what it does not know, and the page shows its words.
 */
export function queryOf<Path extends keyof paths>(filters: Filters, cursor: string | null): QueryAt<Path> {
  return { ...filters, ...pageAt(cursor) } as QueryAt<Path>;
}

/** The page of a list that begins at `cursor`. */
export function pageAt(cursor: string | null): { cursor?: string } {
  return cursor === null ? {} : { cursor };
}
