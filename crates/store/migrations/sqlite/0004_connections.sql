-- Connections become whole rows: where they were entered, what is sealed for them, when it ends, how the last
-- check went. A sealed value opens only in its own column of its own row.

alter table connections add column origin text not null default 'configuration'
    check (origin in ('configuration', 'console'));
alter table connections add column sealed_secret text;
alter table connections add column certificate_algorithm text
    check (certificate_algorithm in ('PS256', 'RS256'));
alter table connections add column certificate_thumbprint text;
alter table connections add column expires_at integer;
alter table connections add column sealed_refresh_token text;
alter table connections add column sealed_previous_token text;
alter table connections add column signed_in_as text;
alter table connections add column signed_in_at integer;
alter table connections add column problem text;
alter table connections add column remedy text;
alter table connections add column last_check text;
alter table connections add column last_check_at integer;
alter table connections add column version integer not null default 1;

-- Sign-ins at Microsoft that were begun and have not come back yet. The id is a hash of the state the browser
-- carries; a row is used once, by taking it away.

create table authorizations (
    tenant_id text not null,
    id text not null,
    purpose text not null check (purpose in ('reader', 'writer', 'mailer')),
    connection_version integer not null,
    account_id text not null,
    session_hash text,
    sealed_verifier text not null,
    sealed_nonce text not null,
    redirect_uri text not null,
    created_at integer not null,
    expires_at integer not null,
    primary key (tenant_id, id)
) strict;
