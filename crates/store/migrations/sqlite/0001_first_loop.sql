-- Installation tables: people who sign in, sessions, keys, settings. Everything else belongs to a
-- tenant and has (tenant_id, …) as its primary key.

create table settings (
    name text not null primary key,
    value text not null
) strict;

create table tenants (
    tenant_id text not null primary key,
    name text not null,
    single_operator integer not null,
    observe_until integer,
    detected_at integer,
    detect_requested integer not null,
    held_reason text,
    held_since integer,
    created_at integer not null,
    version integer not null
) strict;

create table accounts (
    account_id text not null primary key,
    name text not null,
    name_folded text not null unique,
    password_hash text,
    roles text not null,
    tenant_id text,
    user_id text,
    enabled integer not null,
    created_at integer not null,
    version integer not null
) strict;

create table sessions (
    token_hash text not null primary key,
    account_id text not null references accounts (account_id),
    csrf_token text not null,
    created_at integer not null,
    last_seen_at integer not null,
    expires_at integer not null
) strict;

create table api_tokens (
    token_id text not null primary key,
    token_hash text not null unique,
    account_id text not null references accounts (account_id),
    name text not null,
    created_at integer not null,
    expires_at integer,
    revoked_at integer
) strict;

create table bootstrap_codes (
    code_hash text not null primary key,
    created_at integer not null,
    expires_at integer not null,
    used_at integer
) strict;

create table idempotency_keys (
    account_id text not null,
    key text not null,
    request_hash text not null,
    status integer not null,
    body text not null,
    created_at integer not null,
    primary key (account_id, key)
) strict;

create table audit_heads (
    log text not null primary key,
    seq integer not null,
    chain_hash text not null,
    sealed_key text not null
) strict;

create table audit_entries (
    log text not null,
    seq integer not null,
    at integer not null,
    verb text not null,
    object_kind text not null,
    object_id text not null,
    bytes text not null,
    leaf_hash text not null,
    chain_hash text not null,
    primary key (log, seq)
) strict;
create index audit_entries_by_object on audit_entries (log, object_kind, object_id, seq);

-- What people read beside an entry. Erasable: the entry binds it by a keyed hash.
create table audit_readable (
    log text not null,
    seq integer not null,
    user_id text,
    actor_name text,
    text text not null,
    reason text,
    primary key (log, seq)
) strict;
create index audit_readable_by_user on audit_readable (log, user_id, seq);

create table subject_keys (
    tenant_id text not null,
    user_id text not null,
    sealed_key text not null,
    primary key (tenant_id, user_id)
) strict;

create table connections (
    tenant_id text not null,
    id text not null,
    purpose text not null check (purpose in ('reader', 'writer', 'mailer')),
    kind text not null check (kind in ('authorization_code', 'client_secret', 'certificate')),
    client_id text not null,
    graph_url text not null,
    authority_url text not null,
    status text not null,
    status_at integer,
    primary key (tenant_id, id)
) strict;

create table integration_tasks (
    tenant_id text not null,
    task text not null,
    enabled integer not null,
    interval_seconds integer not null,
    next_due_at integer not null,
    last_run_id text,
    lease_owner text,
    lease_until integer,
    epoch integer not null,
    version integer not null,
    primary key (tenant_id, task)
) strict;

create table sync_runs (
    tenant_id text not null,
    id text not null,
    task text not null,
    status text not null check (status in ('queued', 'running', 'succeeded', 'failed', 'held')),
    queued_at integer not null,
    started_at integer,
    finished_at integer,
    progress_done integer not null,
    progress_total integer,
    progress_unit text not null,
    progress_text text not null,
    counts text not null,
    error text,
    remedy text,
    primary key (tenant_id, id)
) strict;
create index sync_runs_by_task on sync_runs (tenant_id, task, queued_at);

-- One row per source that was ever published: how fresh, how large, what is wrong with it.
create table sources (
    tenant_id text not null,
    source text not null check (source in ('people', 'skus', 'sign_ins', 'usage_report', 'roster')),
    as_of integer,
    published_at integer,
    round integer not null,
    row_count integer not null,
    problem text,
    state text not null,
    primary key (tenant_id, source)
) strict;

create table people (
    tenant_id text not null,
    user_id text not null,
    display_name text not null,
    name_folded text not null,
    user_principal_name text not null,
    upn_folded text not null,
    mail text,
    mail_folded text,
    department text,
    account_enabled integer not null,
    user_type text not null,
    created_at integer,
    usage_location text,
    manager_id text,
    declared text check (declared in ('guest', 'service', 'shared')),
    seat_count integer not null,
    row_hash text not null,
    first_seen_at integer not null,
    primary key (tenant_id, user_id)
) strict;
create index people_by_name on people (tenant_id, name_folded, user_id);
create index people_by_upn on people (tenant_id, upn_folded);
create index people_by_mail on people (tenant_id, mail_folded);

create table seats (
    tenant_id text not null,
    user_id text not null,
    sku_id text not null,
    paths text not null,
    has_direct integer not null,
    group_count integer not null,
    license_since integer,
    row_hash text not null,
    first_seen_at integer not null,
    primary key (tenant_id, user_id, sku_id)
) strict;
create index seats_by_sku on seats (tenant_id, sku_id, user_id);

-- Rounds are written here first and swapped in only after the completeness checks.
create table people_aside (
    tenant_id text not null,
    user_id text not null,
    display_name text not null,
    name_folded text not null,
    user_principal_name text not null,
    upn_folded text not null,
    mail text,
    mail_folded text,
    department text,
    account_enabled integer not null,
    user_type text not null,
    created_at integer,
    usage_location text,
    manager_id text,
    seat_count integer not null,
    row_hash text not null,
    primary key (tenant_id, user_id)
) strict;

create table seats_aside (
    tenant_id text not null,
    user_id text not null,
    sku_id text not null,
    paths text not null,
    has_direct integer not null,
    group_count integer not null,
    license_since integer,
    row_hash text not null,
    primary key (tenant_id, user_id, sku_id)
) strict;

create table directory_groups (
    tenant_id text not null,
    group_id text not null,
    display_name text not null,
    kind text not null,
    primary key (tenant_id, group_id)
) strict;

create table skus (
    tenant_id text not null,
    sku_id text not null,
    part_number text not null,
    name text not null,
    assignable_to_people integer not null,
    capability_status text not null,
    enabled_units integer not null,
    warning_units integer not null,
    suspended_units integer not null,
    consumed_units integer not null,
    plans text not null,
    services text not null,
    primary key (tenant_id, sku_id)
) strict;

create table license_terms (
    tenant_id text not null,
    id text not null,
    sku_id text not null,
    price_millionths integer not null,
    currency text not null,
    payment_frequency text not null,
    quantity integer,
    purchase_id text,
    effective_on text,
    expires_on text,
    owner_mail text,
    created_at integer not null,
    version integer not null,
    primary key (tenant_id, id)
) strict;
create unique index license_terms_by_sku on license_terms (tenant_id, sku_id);

create table sign_ins (
    tenant_id text not null,
    user_id text not null,
    last_successful integer,
    last_interactive integer,
    last_non_interactive integer,
    last_day text,
    as_of integer not null,
    primary key (tenant_id, user_id)
) strict;

create table service_use (
    tenant_id text not null,
    user_id text not null,
    refreshed text not null,
    refreshes integer not null,
    last_activity text not null,
    last_day text,
    primary key (tenant_id, user_id)
) strict;

create table roster (
    tenant_id text not null,
    email_folded text not null,
    employee_id text,
    first_name text,
    last_name text,
    manager_email text,
    department text,
    status text not null check (status in ('active', 'inactive', 'on_leave')),
    start_on text,
    end_on text,
    primary key (tenant_id, email_folded)
) strict;

create table roster_aside (
    tenant_id text not null,
    email_folded text not null,
    employee_id text,
    first_name text,
    last_name text,
    manager_email text,
    department text,
    status text not null check (status in ('active', 'inactive', 'on_leave')),
    start_on text,
    end_on text,
    primary key (tenant_id, email_folded)
) strict;

-- Whose row of the roster in use could not be used: unknown, which is not the same as having none.
create table roster_unknown (
    tenant_id text not null,
    email_folded text not null,
    line integer not null,
    reason text not null,
    primary key (tenant_id, email_folded)
) strict;

create table quarantine (
    tenant_id text not null,
    id text not null,
    task text not null,
    run_id text not null,
    line integer not null,
    reason text not null,
    sample text not null,
    at integer not null,
    primary key (tenant_id, id)
) strict;
create index quarantine_by_run on quarantine (tenant_id, run_id, line);

-- Change-only history: a row per value with the time it held; nothing is written while nothing changes.
create table history (
    tenant_id text not null,
    kind text not null check (kind in ('seat', 'account', 'activity')),
    subject text not null,
    from_at integer not null,
    until_at integer,
    value text not null,
    primary key (tenant_id, kind, subject, from_at)
) strict;
create index history_open on history (tenant_id, kind, subject) where until_at is null;

create table rules (
    tenant_id text not null,
    id text not null,
    version integer not null,
    body text not null,
    active integer not null,
    created_at integer not null,
    primary key (tenant_id, id, version)
) strict;

create table findings (
    tenant_id text not null,
    id text not null,
    user_id text not null,
    sku_id text not null,
    kind text not null check (kind in ('idle', 'in_use', 'insufficient_evidence', 'needs_person')),
    justification text,
    justifications text not null,
    idle_days integer,
    idle_rank integer not null,
    last_activity text,
    account_enabled integer not null,
    verdict text not null,
    rule_id text not null,
    rule_version integer not null,
    decided_at integer not null,
    primary key (tenant_id, id)
) strict;
create unique index findings_by_seat on findings (tenant_id, user_id, sku_id);
create index findings_by_sku_kind on findings (tenant_id, sku_id, kind, idle_rank desc, user_id);
create index findings_by_kind on findings (tenant_id, kind, idle_rank desc, user_id, sku_id);
create index findings_by_idle on findings (tenant_id, idle_rank desc, user_id, sku_id);

create table candidates (
    tenant_id text not null,
    id text not null,
    number integer not null,
    user_id text not null,
    sku_id text not null,
    state text not null,
    state_data text not null,
    justification text not null,
    justifications text not null,
    verdict text not null,
    rule_id text not null,
    rule_version integer not null,
    fingerprint text not null,
    bulk integer not null,
    proposed_by text,
    assigned_to text,
    approval_id text,
    idle_days integer,
    last_activity text,
    annual_minor integer,
    currency text,
    previous_id text,
    keep_until integer,
    opened_at integer not null,
    updated_at integer not null,
    closed_at integer,
    next_due_at integer,
    lease_owner text,
    lease_until integer,
    epoch integer not null,
    version integer not null,
    primary key (tenant_id, id)
) strict;
create unique index candidates_open_seat on candidates (tenant_id, user_id, sku_id) where closed_at is null;
create unique index candidates_by_number on candidates (tenant_id, number);
create index candidates_by_state on candidates (tenant_id, state, id);
create index candidates_due on candidates (next_due_at) where next_due_at is not null;
create index candidates_by_seat on candidates (tenant_id, user_id, sku_id, opened_at);

-- Immutable: what was approved, by whom, when. The hash covers the content (X8).
create table approvals (
    tenant_id text not null,
    id text not null,
    candidate_id text not null,
    kind text not null check (kind in ('remove', 'restore')),
    account_id text not null,
    given_at integer not null,
    user_id text not null,
    sku_id text not null,
    fingerprint text not null,
    rule_id text not null,
    rule_version integer not null,
    single_operator integer not null,
    content_hash text not null,
    primary key (tenant_id, id)
) strict;
create index approvals_by_candidate on approvals (tenant_id, candidate_id);

create table plans (
    tenant_id text not null,
    id text not null,
    hash text not null,
    origin text not null check (origin in ('automatic', 'person')),
    items text not null,
    created_at integer not null,
    created_by text,
    applied_at integer,
    primary key (tenant_id, id)
) strict;

create table plan_items (
    tenant_id text not null,
    id text not null,
    plan_id text not null,
    candidate_id text not null,
    approval_id text,
    body text not null,
    primary key (tenant_id, id)
) strict;
create index plan_items_by_candidate on plan_items (tenant_id, candidate_id);
create index plan_items_by_plan on plan_items (tenant_id, plan_id);

create table write_runs (
    tenant_id text not null,
    id text not null,
    number integer not null,
    began_at integer not null,
    canary integer not null,
    finished_at integer,
    primary key (tenant_id, id)
) strict;

create table intents (
    tenant_id text not null,
    id text not null,
    candidate_id text not null,
    approval_id text not null,
    run_id text,
    kind text not null check (kind in ('remove', 'leave_group', 'swap', 'disable_plan', 'restore', 'assign')),
    user_id text not null,
    sku_id text not null,
    write text not null,
    before text not null,
    fingerprint text not null,
    state text not null check (state in ('intended', 'accepted', 'unknown', 'refused', 'not_sent', 'proven', 'settled_otherwise')),
    client_request_id text not null,
    request_id text,
    outcome text,
    evidence_age_seconds integer,
    sends integer not null,
    agreeing_reads integer not null,
    last_reading text,
    created_at integer not null,
    outcome_at integer,
    last_read_at integer,
    primary key (tenant_id, id)
) strict;
create unique index intents_open_seat on intents (tenant_id, user_id, sku_id) where state in ('intended', 'accepted', 'unknown');
create index intents_by_candidate on intents (tenant_id, candidate_id, created_at);
create index intents_by_time on intents (tenant_id, created_at);

create table savings (
    tenant_id text not null,
    id text not null,
    candidate_id text not null,
    intent_id text,
    kind text not null check (kind in ('freed', 'reversed')),
    user_id text not null,
    sku_id text not null,
    annual_minor integer,
    currency text,
    at integer not null,
    primary key (tenant_id, id)
) strict;
-- A seat is freed once and given back once: no saving counts twice.
create unique index savings_once on savings (tenant_id, candidate_id, kind);

create table freezes (
    tenant_id text not null primary key,
    reason text not null,
    frozen_by text not null,
    frozen_at integer not null,
    thaw_by text,
    thaw_asked_at integer
) strict;
