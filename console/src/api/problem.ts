/** RFC 9457 with our members; `code` may also be one of ours, for what the server did not answer itself. */
export interface ProblemBody {
  title: string;
  status: number;
  code: string;
  detail?: string | null;
  field?: string | null;
  remedy?: string | null;
  request_id?: string | null;
  expected?: number | null;
}

/** What the server refused and why, or that it could not be reached. Every failed call rejects with one. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string | null;
  readonly remedy: string | null;
  readonly field: string | null;
  readonly requestId: string | null;
  /** What a typed count must be, when the code is `typed_count`. */
  readonly expected: string | null;

  constructor(body: ProblemBody) {
    super(body.detail ?? body.title);
    this.name = "Problem";
    this.status = body.status;
    this.code = body.code;
    this.title = body.title;
    this.detail = body.detail ?? null;
    this.remedy = body.remedy ?? null;
    this.field = body.field ?? null;
    this.requestId = body.request_id ?? null;
    this.expected = body.expected === undefined || body.expected === null ? null : String(body.expected);
  }
}

/** The server did not answer at all: `status` is 0. */
export function unreachable(): Problem {
  return new Problem({ title: "Reseat does not answer", status: 0, code: "unreachable" });
}

/** Makes a `Problem` of an answer that was not a success, whatever its body is. */
export function problemOf(status: number, body: unknown, requestId: string | null): Problem {
  if (isProblemBody(body)) {
    return new Problem({ ...body, request_id: body.request_id ?? requestId });
  }
  // Something between us and the server answered, for example a proxy.
  return new Problem({ title: `The answer was HTTP ${status}`, status, code: "unexpected", request_id: requestId });
}

/** Anything thrown, as a `Problem`. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) {
    return error;
  }
  return new Problem({
    title: "This page met an error",
    status: 0,
    code: "client",
    detail: error instanceof Error ? error.message : String(error),
  });
}

/** Whether asking again could help: the server was away or busy, and the request itself was fine. */
export function isWorthRetrying(error: unknown): boolean {
  const problem = asProblem(error);
  return problem.code === "unreachable" || problem.status === 429 || problem.status >= 500;
}

function isProblemBody(body: unknown): body is ProblemBody {
  return (
    typeof body === "object" &&
    body !== null &&
    "title" in body &&
    typeof body.title === "string" &&
    "code" in body &&
    typeof body.code === "string" &&
    "status" in body &&
    typeof body.status === "number"
  );
}
