/** Where to go after signing in: only a place in this console, never another site. */
export function safeNext(next: unknown): string {
  if (typeof next !== "string" || !next.startsWith("/")) {
    return "/";
  }
  // "//host" and "/\host" are read by browsers as another host.
  return /^\/[/\\]/.test(next) ? "/" : next;
}
