/** The shapes of `/api/v1`, under the names the pages use. */

/** Money by currency, as decimal text: `{"EUR": "1234.50"}`. Currencies are never added. */
export type Amounts = Record<string, string>;

export interface PersonRef {
  user_id: string;
  display_name: string;
  user_principal_name: string;
  department: string | null;
  account_enabled: boolean;
}

export interface SkuRef {
  sku_id: string;
  name: string;
  part_number: string;
}

export interface CandidateRef {
  candidate_id: string;
  number: number;
  state: string;
  state_label: string;
}

export interface Evidence {
  signal: string;
  label: string;
  value: string | null;
  source: string;
  as_of: string | null;
  status: "idle" | "in_use" | "missing" | "stale" | "concealed";
  note: string | null;
  limit_hours: number | null;
}

export interface MissingSignal {
  signal: string;
  label: string;
  why: string;
}

export interface Progress {
  done: number;
  total: number | null;
  unit: string;
  text: string;
}

export interface Setup {
  needs_bootstrap: boolean;
  demo: boolean;
  version: string;
}

export interface Session {
  account: { account_id: string; name: string; roles: string[]; user_id: string | null };
  csrf_token: string | null;
  permissions: string[];
  tenant: { tenant_id: string; name: string; single_operator: boolean };
  demo: { mail_url: string; sim_url: string; now: string } | null;
}

export interface Account {
  account_id: string;
  name: string;
  roles: string[];
  user_id: string | null;
  enabled: boolean;
  created_at: string;
  version: number;
}

export interface Token {
  token_id: string;
  name: string;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
}

export interface Freeze {
  reason: string;
  frozen_by: string;
  frozen_at: string;
  thaw_asked_by: string | null;
  thaw_asked_at: string | null;
}

export interface Source {
  source: string;
  label: string;
  as_of: string | null;
  rows: number;
  problem: string | null;
  limit_hours: number | null;
  stale: boolean;
}

export interface AuditItem {
  log: string;
  seq: number;
  at: string;
  verb: string;
  text: string;
  actor: { kind: string; id: string; name: string | null };
  object: { kind: string; id: string };
  person: { user_id: string } | null;
  from: string | null;
  to: string | null;
  reason: string | null;
}

export interface AuditDetail extends AuditItem {
  details: unknown;
  leaf_hash: string;
  chain_hash: string;
  prev: string;
}

export interface AuditVerdict {
  ok: boolean;
  logs: { log: string; entries: number; head: string }[];
  broken: { log: string; seq: number; why: string } | null;
}

export interface Overview {
  now: string;
  tenant: {
    tenant_id: string;
    name: string;
    single_operator: boolean;
    observing_until: string | null;
    held: { reason: string; since: string } | null;
  };
  freeze: Freeze | null;
  people: number;
  seats: number;
  findings: { idle: number; in_use: number; insufficient_evidence: number; needs_person: number };
  annual_spend: Amounts;
  recoverable: Amounts;
  proven_savings: Amounts;
  needs_person_value: Amounts;
  unpriced: { sku_id: string; name: string; idle_seats: number }[];
  candidates: Record<string, number>;
  attention: number;
  undecided_writes: { count: number; oldest_since: string | null };
  by_sku: (SkuRef & {
    idle: number;
    insufficient_evidence: number;
    needs_person: number;
    recoverable: Amounts | null;
  })[];
  by_justification: { justification: string; label: string; seats: number; recoverable: Amounts }[];
  sources: Source[];
  recent: AuditItem[];
  next_due_at: string | null;
  budget: { first_run: number; per_run: number; per_day: number; started_today: number };
}

export interface Application {
  application_id: string;
  name: string;
  status: "working" | "failing" | "new";
  people: number;
  seats: number;
  last_sync_at: string | null;
  problem: string | null;
}

export interface Sync {
  sync_id: string;
  task: string;
  label: string;
  status: "queued" | "running" | "succeeded" | "failed" | "held";
  queued_at: string;
  started_at: string | null;
  finished_at: string | null;
  progress: Progress;
  counts: Record<string, number>;
  error: string | null;
  remedy: string | null;
}

export interface Task {
  task: string;
  label: string;
  description: string;
  enabled: boolean;
  can_toggle: boolean;
  interval_seconds: number | null;
  next_due_at: string | null;
  version: number;
  last_run: Sync | null;
}

export interface ApplicationDetail extends Application {
  connections: {
    purpose: string;
    kind: string;
    client_id: string;
    graph_url: string;
    status: string;
    status_at: string | null;
  }[];
  tasks: Task[];
  sources: Source[];
  permissions: { task: string; permission: string; why: string }[];
  endpoints: { task: string; method: string; path: string }[];
}

export interface QuarantinedRow {
  id: string;
  task: string;
  run_id: string;
  line: number;
  reason: string;
  sample: string | null;
  at: string;
}

export interface Price {
  amount: string;
  currency: string;
  payment_frequency: string;
}

export interface Sku extends SkuRef {
  purchased: number;
  assigned: number;
  free: number;
  consumed_units: number;
  capability_status: string;
  assignable_to_people: boolean;
  is_free: boolean;
  services: string[];
  price: Price | null;
  annual_spend: Amounts | null;
  idle: number;
  in_use: number;
  insufficient_evidence: number;
  needs_person: number;
  recoverable: Amounts | null;
  open_candidates: number;
}

export interface SeatPath {
  via: "direct" | "group";
  group_id: string | null;
  group_name: string | null;
  group_kind: string | null;
  disabled_plans: string[];
  last_updated: string | null;
}

export interface Seat {
  seat_id: string;
  person: PersonRef;
  sku: SkuRef;
  paths: SeatPath[];
  license_since: string | null;
  finding: {
    finding_id: string;
    kind: string;
    justifications: string[];
    justification_labels: string[];
    idle_days: number | null;
    last_activity: string | null;
    why: string;
  } | null;
  candidate: CandidateRef | null;
  annual_cost: Amounts | null;
}

export interface Finding {
  finding_id: string;
  seat_id: string;
  person: PersonRef;
  sku: SkuRef;
  kind: string;
  kind_label: string;
  justifications: string[];
  why: string;
  idle_days: number | null;
  last_activity: string | null;
  decided_at: string;
  rule_id: string;
  rule_version: number;
  annual_cost: Amounts | null;
  candidate: CandidateRef | null;
}

export interface FindingDetail extends Finding {
  evidence: Evidence[];
  missing: MissingSignal[];
}

export interface SeatDetail extends Omit<Seat, "finding"> {
  finding: FindingDetail | null;
}

export interface Person extends PersonRef {
  mail: string | null;
  user_type: string | null;
  seat_count: number;
  last_sign_in_day: string | null;
  manager_id: string | null;
}

export interface PersonDetail extends Person {
  created_at: string | null;
  usage_location: string | null;
  manager: PersonRef | null;
  declared: string | null;
  employment: { status: string; start: string | null; end: string | null } | null;
  service_use: Record<string, string | null>;
  service_use_refreshed: string | null;
  sign_in: {
    last_successful: string | null;
    last_interactive: string | null;
    last_non_interactive: string | null;
    as_of: string | null;
  } | null;
  seats: Seat[];
}

export interface Candidate {
  candidate_id: string;
  number: number;
  seat_id: string;
  person: PersonRef;
  sku: SkuRef;
  state: string;
  state_label: string;
  justification: string;
  justifications: string[];
  why: string;
  idle_days: number | null;
  last_activity: string | null;
  annual_savings: Amounts | null;
  opened_at: string;
  updated_at: string;
  closed_at: string | null;
  next_due_at: string | null;
  proposed_by: string | null;
  bulk: boolean;
  attention: { cause: string; text: string; remedy: string } | null;
  keep: { reason: string; until: string | null } | null;
  canceled: { why: string; text: string } | null;
  version: number;
}

export interface AllowedAction {
  action: string;
  label: string;
  allowed: boolean;
  why_not?: string | null;
}

export interface Write {
  intent_id: string;
  kind: string;
  state: string;
  created_at: string;
  outcome: string | null;
  outcome_at: string | null;
  sends: number;
  agreeing_reads: number;
  last_reading: string | null;
  last_read_at: string | null;
  evidence_age_seconds: number | null;
  client_request_id: string;
  request_id: string | null;
}

export interface CandidateDetail extends Candidate {
  evidence: Evidence[];
  missing: MissingSignal[];
  rule: { rule_id: string; name: string; version: number };
  paths: SeatPath[];
  will_be_removed: SkuRef[];
  will_stay: SkuRef[];
  allowed_actions: AllowedAction[];
  approval: { approval_id: string; by: string; at: string; single_operator: boolean } | null;
  writes: Write[];
  travelled: { state: string; at: string }[];
  history: AuditItem[];
  previous: CandidateRef | null;
  sign_off: boolean;
}

export interface StateMachine {
  nodes: { state: string; label: string }[];
  edges: { from: string; to: string; label: string }[];
}

export interface BulkResult {
  items: { candidate_id: string; state: string | null; problem: ProblemBody | null }[];
}

export interface OpenResult {
  items: { seat_id: string; candidate: CandidateRef | null; problem: ProblemBody | null }[];
}

/** RFC 9457, with our members. */
export interface ProblemBody {
  type?: string;
  title: string;
  status: number;
  detail?: string | null;
  code: string;
  field?: string | null;
  remedy?: string | null;
  request_id?: string | null;
  expected?: number | string | null;
}
