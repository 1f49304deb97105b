-- Installation tables: people who sign in, sessions, keys, settings. Everything else belongs to a
-- tenant and has (tenant_id, …) as its primary key.

create table settings (
    name text collate "C" not null primary key,
    value text collate "C" not null
);

create table tenants (
    tenant_id text collate "C" not null primary key,
    name text collate "C" not null,
    single_operator boolean not null,
    observe_until bigint,
    detected_at bigint,
    detect_requested boolean not null,
    held_reason text collate "C",
    held_since bigint,
    created_at bigint not null,
    version bigint not null
);

create table accounts (
    account_id text collate "C" not null primary key,
    name text collate "C" not null,
    name_folded text collate "C" not null unique,
    password_hash text collate "C",
    roles text collate "C" not null,
    tenant_id text collate "C",
    user_id text collate "C",
    enabled boolean not null,
    created_at bigint not null,
    version bigint not null
);

create table sessions (
    token_hash text collate "C" not null primary key,
    account_id text collate "C" not null references accounts (account_id),
    csrf_token text collate "C" not null,
    created_at bigint not null,
    last_seen_at bigint not null,
    expires_at bigint not null
);

create table api_tokens (
    token_id text collate "C" not null primary key,
    token_hash text collate "C" not null unique,
    account_id text collate "C" not null references accounts (account_id),
    name text collate "C" not null,
    created_at bigint not null,
    expires_at bigint,
    revoked_at bigint
);

create table bootstrap_codes (
    code_hash text collate "C" not null primary key,
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint
);

create table idempotency_keys (
    account_id text collate "C" not null,
    key text collate "C" not null,
    request_hash text collate "C" not null,
    status bigint not null,
    body text collate "C" not null,
    created_at bigint not null,
    primary key (account_id, key)
);

create table audit_heads (
    log text collate "C" not null primary key,
    seq bigint not null,
    chain_hash text collate "C" not null,
    sealed_key text collate "C" not null
);

create table audit_entries (
    log text collate "C" not null,
    seq bigint not null,
    at bigint not null,
    verb text collate "C" not null,
    object_kind text collate "C" not null,
    object_id text collate "C" not null,
    bytes text collate "C" not null,
    leaf_hash text collate "C" not null,
    chain_hash text collate "C" not null,
    primary key (log, seq)
);
create index audit_entries_by_object on audit_entries (log, object_kind, object_id, seq);

-- What people read beside an entry. Erasable: the entry binds it by a keyed hash.
create table audit_readable (
    log text collate "C" not null,
    seq bigint not null,
    user_id text collate "C",
    actor_name text collate "C",
    text text collate "C" not null,
    reason text collate "C",
    primary key (log, seq)
);
create index audit_readable_by_user on audit_readable (log, user_id, seq);

create table subject_keys (
    tenant_id text collate "C" not null,
    user_id text collate "C" not null,
    sealed_key text collate "C" not null,
    primary key (tenant_id, user_id)
);

create table connections (
    tenant_id text collate "C" not null,
    id text collate "C" not null,
    purpose text collate "C" not null check (purpose in ('reader', 'writer', 'mailer')),
    kind text collate "C" not null check (kind in ('authorization_code', 'client_secret', 'certificate')),
    client_id text collate "C" not null,
    graph_url text collate "C" not null,
    authority_url text collate "C" not null,
    status text collate "C" not null,
    status_at bigint,
    primary key (tenant_id, id)
);

create table integration_tasks (
    tenant_id text collate "C" not null,
    task text collate "C" not null,
    enabled boolean not null,
    interval_seconds bigint not null,
    next_due_at bigint not null,
    last_run_id text collate "C",
    lease_owner text collate "C",
    lease_until bigint,
    epoch bigint not null,
    version bigint not null,
    primary key (tenant_id, task)
);

create table sync_runs (
    tenant_id text collate "C" not null,
    id text collate "C" not null,
    task text collate "C" not null,
    status text collate "C" not null check (status in ('queued', 'running', 'succeeded', 'failed', 'held')),
    queued_at bigint not null,
    started_at bigint,
    finished_at bigint,
    progress_done bigint not null,
    progress_total bigint,
    progress_unit text collate "C" not null,
    progress_text text collate "C" not null,
    counts text collate "C" not null,
    error text collate "C",
    remedy text collate "C",
    primary key (tenant_id, id)
);
create index sync_runs_by_task on sync_runs (tenant_id, task, queued_at);

-- One row per source that was ever published: how fresh, how large, what is wrong with it.
create table sources (
    tenant_id text collate "C" not null,
    source text collate "C" not null check (source in ('people', 'skus', 'sign_ins', 'usage_report', 'roster')),
    as_of bigint,
    published_at bigint,
    round bigint not null,
    row_count bigint not null,
    problem text collate "C",
    state text collate "C" not null,
    primary key (tenant_id, source)
);

create table people (
    tenant_id text collate "C" not null,
    user_id text collate "C" not null,
    display_name text collate "C" not null,
    name_folded text collate "C" not null,
    user_principal_name text collate "C" not null,
    upn_folded text collate "C" not null,
    mail text collate "C",
    mail_folded text collate "C",
    department text collate "C",
    account_enabled boolean not null,
    user_type text collate "C" not null,
    created_at bigint,
    usage_location text collate "C",
    manager_id text collate "C",
    declared text collate "C" check (declared in ('guest', 'service', 'shared')),
    seat_count bigint not null,
    row_hash text collate "C" not null,
    first_seen_at bigint not null,
    primary key (tenant_id, user_id)
);
create index people_by_name on people (tenant_id, name_folded, user_id);
create index people_by_upn on people (tenant_id, upn_folded);
create index people_by_mail on people (tenant_id, mail_folded);

create table seats (
    tenant_id text collate "C" not null,
    user_id text collate "C" not null,
    sku_id text collate "C" not null,
    paths text collate "C" not null,
    has_direct boolean not null,
    group_count bigint not null,
    license_since bigint,
    row_hash text collate "C" not null,
    first_seen_at bigint not null,
    primary key (tenant_id, user_id, sku_id)
);
create index seats_by_sku on seats (tenant_id, sku_id, user_id);

-- Rounds are written here first and swapped in only after the completeness checks.
create table people_aside (
    tenant_id text collate "C" not null,
    user_id text collate "C" not null,
    display_name text collate "C" not null,
    name_folded text collate "C" not null,
    user_principal_name text collate "C" not null,
    upn_folded text collate "C" not null,
    mail text collate "C",
    mail_folded text collate "C",
    department text collate "C",
    account_enabled boolean not null,
    user_type text collate "C" not null,
    created_at bigint,
    usage_location text collate "C",
    manager_id text collate "C",
    seat_count bigint not null,
    row_hash text collate "C" not null,
    primary key (tenant_id, user_id)
);

create table seats_aside (
    tenant_id text collate "C" not null,
    user_id text collate "C" not null,
    sku_id text collate "C" not null,
    paths text collate "C" not null,
    has_direct boolean not null,
    group_count bigint not null,
    license_since bigint,
    row_hash text collate "C" not null,
    primary key (tenant_id, user_id, sku_id)
);

create table directory_groups (
    tenant_id text collate "C" not null,
    group_id text collate "C" not null,
    display_name text collate "C" not null,
    kind text collate "C" not null,
    primary key (tenant_id, group_id)
);

create table skus (
    tenant_id text collate "C" not null,
    sku_id text collate "C" not null,
    part_number text collate "C" not null,
    name text collate "C" not null,
    assignable_to_people boolean not null,
    capability_status text collate "C" not null,
    enabled_units bigint not null,
    warning_units bigint not null,
    suspended_units bigint not null,
    consumed_units bigint not null,
    plans text collate "C" not null,
    services text collate "C" not null,
    primary key (tenant_id, sku_id)
);

create table license_terms (
    tenant_id text collate "C" not null,
    id text collate "C" not null,
    sku_id text collate "C" not null,
    price_millionths bigint not null,
    currency text collate "C" not null,
    payment_frequency text collate "C" not null,
    quantity bigint,
    purchase_id text collate "C",
    effective_on text collate "C",
    expires_on text collate "C",
    owner_mail text collate "C",
    created_at bigint not null,
    version bigint not null,
    primary key (tenant_id, id)
);
create unique index license_terms_by_sku on license_terms (tenant_id, sku_id);

create table sign_ins (
    tenant_id text collate "C" not null,
    user_id text collate "C" not null,
    last_successful bigint,
    last_interactive bigint,
    last_non_interactive bigint,
    last_day text collate "C",
    as_of bigint not null,
    primary key (tenant_id, user_id)
);

create table service_use (
    tenant_id text collate "C" not null,
    user_id text collate "C" not null,
    refreshed text collate "C" not null,
    refreshes bigint not null,
    last_activity text collate "C" not null,
    last_day text collate "C",
    primary key (tenant_id, user_id)
);

create table roster (
    tenant_id text collate "C" not null,
    email_folded text collate "C" not null,
    employee_id text collate "C",
    first_name text collate "C",
    last_name text collate "C",
    manager_email text collate "C",
    department text collate "C",
    status text collate "C" not null check (status in ('active', 'inactive', 'on_leave')),
    start_on text collate "C",
    end_on text collate "C",
    primary key (tenant_id, email_folded)
);

create table roster_aside (
    tenant_id text collate "C" not null,
    email_folded text collate "C" not null,
    employee_id text collate "C",
    first_name text collate "C",
    last_name text collate "C",
    manager_email text collate "C",
    department text collate "C",
    status text collate "C" not null check (status in ('active', 'inactive', 'on_leave')),
    start_on text collate "C",
    end_on text collate "C",
    primary key (tenant_id, email_folded)
);

-- Whose row of the roster in use could not be used: unknown, which is not the same as having none.
create table roster_unknown (
    tenant_id text collate "C" not null,
    email_folded text collate "C" not null,
    line bigint not null,
    reason text collate "C" not null,
    primary key (tenant_id, email_folded)
);

create table quarantine (
    tenant_id text collate "C" not null,
    id text collate "C" not null,
    task text collate "C" not null,
    run_id text collate "C" not null,
    line bigint not null,
    reason text collate "C" not null,
    sample text collate "C" not null,
    at bigint not null,
    primary key (tenant_id, id)
);
create index quarantine_by_run on quarantine (tenant_id, run_id, line);

-- Change-only history: a row per value with the time it held; nothing is written while nothing changes.
create table history (
    tenant_id text collate "C" not null,
    kind text collate "C" not null check (kind in ('seat', 'account', 'activity')),
    subject text collate "C" not null,
    from_at bigint not null,
    until_at bigint,
    value text collate "C" not null,
    primary key (tenant_id, kind, subject, from_at)
);
create index history_open on history (tenant_id, kind, subject) where until_at is null;

create table rules (
    tenant_id text collate "C" not null,
    id text collate "C" not null,
    version bigint not null,
    body text collate "C" not null,
    active boolean not null,
    created_at bigint not null,
    primary key (tenant_id, id, version)
);

create table findings (
    tenant_id text collate "C" not null,
    id text collate "C" not null,
    user_id text collate "C" not null,
    sku_id text collate "C" not null,
    kind text collate "C" not null check (kind in ('idle', 'in_use', 'insufficient_evidence', 'needs_person')),
    justification text collate "C",
    justifications text collate "C" not null,
    idle_days bigint,
    idle_rank bigint not null,
    last_activity text collate "C",
    account_enabled boolean not null,
    verdict text collate "C" not null,
    rule_id text collate "C" not null,
    rule_version bigint not null,
    decided_at bigint not null,
    primary key (tenant_id, id)
);
create unique index findings_by_seat on findings (tenant_id, user_id, sku_id);
create index findings_by_sku_kind on findings (tenant_id, sku_id, kind, idle_rank desc, user_id);
create index findings_by_kind on findings (tenant_id, kind, idle_rank desc, user_id, sku_id);
create index findings_by_idle on findings (tenant_id, idle_rank desc, user_id, sku_id);

create table candidates (
    tenant_id text collate "C" not null,
    id text collate "C" not null,
    number bigint not null,
    user_id text collate "C" not null,
    sku_id text collate "C" not null,
    state text collate "C" not null,
    state_data text collate "C" not null,
    justification text collate "C" not null,
    justifications text collate "C" not null,
    verdict text collate "C" not null,
    rule_id text collate "C" not null,
    rule_version bigint not null,
    fingerprint text collate "C" not null,
    bulk boolean not null,
    proposed_by text collate "C",
    assigned_to text collate "C",
    approval_id text collate "C",
    idle_days bigint,
    last_activity text collate "C",
    annual_minor bigint,
    currency text collate "C",
    previous_id text collate "C",
    keep_until bigint,
    opened_at bigint not null,
    updated_at bigint not null,
    closed_at bigint,
    next_due_at bigint,
    lease_owner text collate "C",
    lease_until bigint,
    epoch bigint not null,
    version bigint not null,
    primary key (tenant_id, id)
);
create unique index candidates_open_seat on candidates (tenant_id, user_id, sku_id) where closed_at is null;
create unique index candidates_by_number on candidates (tenant_id, number);
create index candidates_by_state on candidates (tenant_id, state, id);
create index candidates_due on candidates (next_due_at) where next_due_at is not null;
create index candidates_by_seat on candidates (tenant_id, user_id, sku_id, opened_at);

-- Immutable: what was approved, by whom, when. The hash covers the content (X8).
create table approvals (
    tenant_id text collate "C" not null,
    id text collate "C" not null,
    candidate_id text collate "C" not null,
    kind text collate "C" not null check (kind in ('remove', 'restore')),
    account_id text collate "C" not null,
    given_at bigint not null,
    user_id text collate "C" not null,
    sku_id text collate "C" not null,
    fingerprint text collate "C" not null,
    rule_id text collate "C" not null,
    rule_version bigint not null,
    single_operator boolean not null,
    content_hash text collate "C" not null,
    primary key (tenant_id, id)
);
create index approvals_by_candidate on approvals (tenant_id, candidate_id);

create table plans (
    tenant_id text collate "C" not null,
    id text collate "C" not null,
    hash text collate "C" not null,
    origin text collate "C" not null check (origin in ('automatic', 'person')),
    items text collate "C" not null,
    created_at bigint not null,
    created_by text collate "C",
    applied_at bigint,
    primary key (tenant_id, id)
);

create table plan_items (
    tenant_id text collate "C" not null,
    id text collate "C" not null,
    plan_id text collate "C" not null,
    candidate_id text collate "C" not null,
    approval_id text collate "C",
    body text collate "C" not null,
    primary key (tenant_id, id)
);
create index plan_items_by_candidate on plan_items (tenant_id, candidate_id);
create index plan_items_by_plan on plan_items (tenant_id, plan_id);

create table write_runs (
    tenant_id text collate "C" not null,
    id text collate "C" not null,
    number bigint not null,
    began_at bigint not null,
    canary boolean not null,
    finished_at bigint,
    primary key (tenant_id, id)
);

create table intents (
    tenant_id text collate "C" not null,
    id text collate "C" not null,
    candidate_id text collate "C" not null,
    approval_id text collate "C" not null,
    run_id text collate "C",
    kind text collate "C" not null check (kind in ('remove', 'leave_group', 'swap', 'disable_plan', 'restore', 'assign')),
    user_id text collate "C" not null,
    sku_id text collate "C" not null,
    write text collate "C" not null,
    before text collate "C" not null,
    fingerprint text collate "C" not null,
    state text collate "C" not null check (state in ('intended', 'accepted', 'unknown', 'refused', 'not_sent', 'proven', 'settled_otherwise')),
    client_request_id text collate "C" not null,
    request_id text collate "C",
    outcome text collate "C",
    evidence_age_seconds bigint,
    sends bigint not null,
    agreeing_reads bigint not null,
    last_reading text collate "C",
    created_at bigint not null,
    outcome_at bigint,
    last_read_at bigint,
    primary key (tenant_id, id)
);
create unique index intents_open_seat on intents (tenant_id, user_id, sku_id) where state in ('intended', 'accepted', 'unknown');
create index intents_by_candidate on intents (tenant_id, candidate_id, created_at);
create index intents_by_time on intents (tenant_id, created_at);

create table savings (
    tenant_id text collate "C" not null,
    id text collate "C" not null,
    candidate_id text collate "C" not null,
    intent_id text collate "C",
    kind text collate "C" not null check (kind in ('freed', 'reversed')),
    user_id text collate "C" not null,
    sku_id text collate "C" not null,
    annual_minor bigint,
    currency text collate "C",
    at bigint not null,
    primary key (tenant_id, id)
);
-- A seat is freed once and given back once: no saving counts twice.
create unique index savings_once on savings (tenant_id, candidate_id, kind);

create table freezes (
    tenant_id text collate "C" not null primary key,
    reason text collate "C" not null,
    frozen_by text collate "C" not null,
    frozen_at bigint not null,
    thaw_by text collate "C",
    thaw_asked_at bigint
);
