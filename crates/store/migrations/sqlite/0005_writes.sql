-- What an approval is bound to besides the seat: the writes, and the groups that are left with what they give.
alter table approvals add column binding text;

-- How a tenant wants its writes: whether groups may be left, and when anything may be written at all.
create table write_settings (
    tenant_id text not null primary key,
    group_removal integer not null,
    time_zone text not null,
    windows text not null,
    version integer not null
) strict;

-- The circuit breaker of writes. While it is open nothing is written; half-open lets one write through, the
-- canary. What was answered before it closed is counted no more.
create table write_circuits (
    tenant_id text not null primary key,
    reason text not null,
    opened_at integer not null,
    retry_at integer not null,
    canary_intent text,
    closed_at integer
) strict;
