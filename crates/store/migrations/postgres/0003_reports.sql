-- Every usage report is a source of its own, so the list of sources is open now.

alter table sources drop constraint if exists sources_source_check;

create table service_use_aside (
    tenant_id text collate "C" not null,
    user_id text collate "C" not null,
    last_activity text collate "C" not null,
    last_day text collate "C",
    primary key (tenant_id, user_id)
);

-- One row for each person in each other usage report. `first_refreshed` is the day of the first refresh that had
-- it, so that a row that is merely there again is not written again.
create table report_rows (
    tenant_id text collate "C" not null,
    report text collate "C" not null,
    user_id text collate "C" not null,
    last_day text collate "C",
    details text collate "C" not null,
    first_refreshed text collate "C" not null,
    primary key (tenant_id, report, user_id)
);

create table report_rows_aside (
    tenant_id text collate "C" not null,
    report text collate "C" not null,
    user_id text collate "C" not null,
    last_day text collate "C",
    details text collate "C" not null,
    primary key (tenant_id, report, user_id)
);

-- What was bought, one row a purchase.
create table subscriptions (
    tenant_id text collate "C" not null,
    subscription_id text collate "C" not null,
    commerce_id text collate "C",
    sku_id text collate "C" not null,
    status text collate "C" not null,
    total_units bigint not null,
    is_trial boolean not null,
    created_at bigint,
    next_lifecycle_at bigint,
    sold_by_tenant text collate "C",
    primary key (tenant_id, subscription_id)
);
create index subscriptions_by_sku on subscriptions (tenant_id, sku_id, next_lifecycle_at);

-- The rule that fills a dynamic group.
alter table directory_groups add column membership_rule text collate "C";

-- Which skus a group gives to its members.
create table group_licenses (
    tenant_id text collate "C" not null,
    group_id text collate "C" not null,
    sku_id text collate "C" not null,
    disabled_plans text collate "C" not null,
    primary key (tenant_id, group_id, sku_id)
);
create index group_licenses_by_sku on group_licenses (tenant_id, sku_id, group_id);
