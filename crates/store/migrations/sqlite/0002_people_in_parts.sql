-- Who is gone in the round that is being written aside: the rest of it is only what changed.
create table people_gone_aside (
    tenant_id text not null,
    user_id text not null,
    primary key (tenant_id, user_id)
) strict;
