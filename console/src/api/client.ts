/** One way to the server: same-origin cookie, the session's CSRF token on what changes, and problems as `Problem`. */
import { problemOf, unreachable } from "./problem";

const ROOT = "/api/v1";

let csrfToken: string | null = null;

/** Remembers the token that the session came with. */
export function rememberCsrfToken(token: string | null): void {
  csrfToken = token;
}

export type QueryValues = Record<string, string | number | readonly string[] | null | undefined>;

export interface CallOptions {
  query?: QueryValues;
  body?: unknown;
  /** The version an edit was made on. */
  ifMatch?: number;
  /** Named by the caller, so that a repeated click is one command. */
  idempotencyKey?: string;
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export async function call<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
  const headers = new Headers({ accept: "application/json" });
  if (method !== "GET" && csrfToken !== null) {
    headers.set("x-csrf-token", csrfToken);
  }
  if (options.body !== undefined) {
    headers.set("content-type", typeof options.body === "string" ? "text/csv" : "application/json");
  }
  if (options.ifMatch !== undefined) {
    headers.set("if-match", `"${options.ifMatch}"`);
  }
  if (options.idempotencyKey !== undefined) {
    headers.set("idempotency-key", options.idempotencyKey);
  }
  const body = typeof options.body === "string" ? options.body : JSON.stringify(options.body);
  let response: Response;
  try {
    response = await fetch(ROOT + path + queryText(options.query), {
      method,
      headers,
      body: options.body === undefined ? undefined : body,
      credentials: "same-origin",
    });
  } catch {
    throw unreachable();
  }
  const answer = await readBody(response);
  if (!response.ok) {
    throw problemOf(response.status, answer, response.headers.get("x-request-id"));
  }
  return answer as T;
}

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === "") {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function queryText(query: QueryValues = {}): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === "") {
      continue;
    }
    for (const one of Array.isArray(value) ? value : [value]) {
      params.append(key, String(one));
    }
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}
