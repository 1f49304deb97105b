-- Connections become whole rows: where they were entered, what is sealed for them, when it ends, how the last
-- check went. A sealed value opens only in its own column of its own row.

alter table connections add column origin text collate "C" not null default 'configuration'
    check (origin in ('configuration', 'console'));
alter table connections add column sealed_secret text collate "C";
alter table connections add column certificate_algorithm text collate "C"
    check (certificate_algorithm in ('PS256', 'RS256'));
alter table connections add column certificate_thumbprint text collate "C";
alter table connections add column expires_at bigint;
alter table connections add column sealed_refresh_token text collate "C";
alter table connections add column sealed_previous_token text collate "C";
alter table connections add column signed_in_as text collate "C";
alter table connections add column signed_in_at bigint;
alter table connections add column problem text collate "C";
alter table connections add column remedy text collate "C";
alter table connections add column last_check text collate "C";
alter table connections add column last_check_at bigint;
alter table connections add column version bigint not null default 1;

-- Sign-ins at Microsoft that were begun and have not come back yet. The id is a hash of the state the browser
-- carries; a row is used once, by taking it away.

create table authorizations (
    tenant_id text collate "C" not null,
    id text collate "C" not null,
    purpose text collate "C" not null check (purpose in ('reader', 'writer', 'mailer')),
    connection_version bigint not null,
    account_id text collate "C" not null,
    session_hash text collate "C",
    sealed_verifier text collate "C" not null,
    sealed_nonce text collate "C" not null,
    redirect_uri text collate "C" not null,
    created_at bigint not null,
    expires_at bigint not null,
    primary key (tenant_id, id)
);
