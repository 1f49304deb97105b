-- Every usage report is a source of its own, so the list of sources is open now.

create table sources_open (
    tenant_id text not null,
    source text not null,
    as_of integer,
    published_at integer,
    round integer not null,
    row_count integer not null,
    problem text,
    state text not null,
    primary key (tenant_id, source)
) strict;
insert into sources_open (tenant_id, source, as_of, published_at, round, row_count, problem, state)
select tenant_id, source, as_of, published_at, round, row_count, problem, state from sources;
drop table sources;
alter table sources_open rename to sources;

create table service_use_aside (
    tenant_id text not null,
    user_id text not null,
    last_activity text not null,
    last_day text,
    primary key (tenant_id, user_id)
) strict;

-- One row for each person in each other usage report. `first_refreshed` is the day of the first refresh that had
-- it, so that a row that is merely there again is not written again.
create table report_rows (
    tenant_id text not null,
    report text not null,
    user_id text not null,
    last_day text,
    details text not null,
    first_refreshed text not null,
    primary key (tenant_id, report, user_id)
) strict;

create table report_rows_aside (
    tenant_id text not null,
    report text not null,
    user_id text not null,
    last_day text,
    details text not null,
    primary key (tenant_id, report, user_id)
) strict;

-- What was bought, one row a purchase.
create table subscriptions (
    tenant_id text not null,
    subscription_id text not null,
    commerce_id text,
    sku_id text not null,
    status text not null,
    total_units integer not null,
    is_trial integer not null,
    created_at integer,
    next_lifecycle_at integer,
    sold_by_tenant text,
    primary key (tenant_id, subscription_id)
) strict;
create index subscriptions_by_sku on subscriptions (tenant_id, sku_id, next_lifecycle_at);

-- The rule that fills a dynamic group.
alter table directory_groups add column membership_rule text;

-- Which skus a group gives to its members.
create table group_licenses (
    tenant_id text not null,
    group_id text not null,
    sku_id text not null,
    disabled_plans text not null,
    primary key (tenant_id, group_id, sku_id)
) strict;
create index group_licenses_by_sku on group_licenses (tenant_id, sku_id, group_id);
