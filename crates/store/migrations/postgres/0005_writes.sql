-- What an approval is bound to besides the seat: the writes, and the groups that are left with what they give.
alter table approvals add column binding text collate "C";

-- How a tenant wants its writes: whether groups may be left, and when anything may be written at all.
create table write_settings (
    tenant_id text collate "C" not null primary key,
    group_removal boolean not null,
    time_zone text collate "C" not null,
    windows text collate "C" not null,
    version bigint not null
);

-- The circuit breaker of writes. While it is open nothing is written; half-open lets one write through, the
-- canary. What was answered before it closed is counted no more.
create table write_circuits (
    tenant_id text collate "C" not null primary key,
    reason text collate "C" not null,
    opened_at bigint not null,
    retry_at bigint not null,
    canary_intent text collate "C",
    closed_at bigint
);
