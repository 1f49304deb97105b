/** Every address of the console. Pages link through these, so that the URL is the state and is spelled once. */

type Query = Record<string, string | number | readonly string[] | null | undefined>;

/** Appends the members of `query` that say something. Lists repeat their key. */
export function withQuery(path: string, query: Query = {}): string {
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
  return text === "" ? path : `${path}?${text}`;
}

const segment = encodeURIComponent;

export const paths = {
  overview: () => "/",
  signIn: (next?: string) => withQuery("/sign-in", { next }),
  setup: () => "/setup",
  skus: () => "/recoverable",
  sku: (skuId: string, filters: Query = {}) => withQuery(`/recoverable/${segment(skuId)}`, filters),
  seats: (filters: Query = {}) => withQuery("/seats", filters),
  seat: (seatId: string) => `/seats/${segment(seatId)}`,
  candidates: (filters: Query = {}) => withQuery("/candidates", filters),
  candidate: (candidateId: string) => `/candidates/${segment(candidateId)}`,
  people: (filters: Query = {}) => withQuery("/people", filters),
  person: (userId: string) => `/people/${segment(userId)}`,
  trail: (filters: Query = {}) => withQuery("/trail", filters),
  /** A log is named by its tenant, or it is the installation's; the address says which of both. */
  trailEntry: (log: string, seq: number) => `/trail/${log === "installation" ? log : "tenant"}/${seq}`,
  applications: () => "/applications",
  application: (tenantId: string, part: Query = {}) => withQuery(`/applications/${segment(tenantId)}`, part),
  settings: () => "/settings",
  settingsTokens: () => "/settings/tokens",
} as const;
