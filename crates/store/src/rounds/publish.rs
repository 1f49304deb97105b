//! A round of people is swapped in: who changed is written, who is gone is taken out, everybody else
//! stays untouched, and what changed leaves a row of history.

use reseat_domain::ids::TenantId;
use reseat_domain::time::Timestamp;

use super::clear_people_aside;
use crate::dialect::recount;
use crate::error::StoreError;
use crate::pool::{Tx, on_either};

/// What is aside, what is in use, and what will be once the round is swapped in.
#[derive(Debug, Clone, Copy)]
pub struct RoundCounts {
    /// People written aside: new, or changed.
    pub people_aside: i64,
    /// Seats of those.
    pub seats_aside: i64,
    /// People in use now.
    pub people: i64,
    /// Seats in use now.
    pub seats: i64,
    /// People in use after the swap.
    pub people_after: i64,
    /// Seats in use after the swap.
    pub seats_after: i64,
}

/// Counts both sides of a round.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn count_round(tx: &mut Tx, tenant_id: TenantId) -> Result<RoundCounts, StoreError> {
    recount(tx, "people_aside, seats_aside, people_gone_aside").await?;
    let row: (i64, i64, i64, i64, i64, i64, i64) = on_either!(tx, conn =>
        sqlx::query_as(
            "select (select count(*) from people_aside where tenant_id = $1),
                    (select count(*) from seats_aside where tenant_id = $1),
                    (select count(*) from people where tenant_id = $1),
                    (select count(*) from seats where tenant_id = $1),
                    (select count(*) from people_aside a
                     join people p on p.tenant_id = a.tenant_id and p.user_id = a.user_id where a.tenant_id = $1),
                    (select count(*) from people_gone_aside g
                     join people p on p.tenant_id = g.tenant_id and p.user_id = g.user_id where g.tenant_id = $1),
                    (select count(*)
                     from (select user_id from people_aside where tenant_id = $1
                           union select user_id from people_gone_aside where tenant_id = $1) touched
                     join seats s on s.tenant_id = $1 and s.user_id = touched.user_id)",
        )
        .bind(tenant_id.to_string())
        .fetch_one(conn)
        .await)?;
    let (people_aside, seats_aside, people, seats, known, gone, touched_seats) = row;
    Ok(RoundCounts {
        people_aside,
        seats_aside,
        people,
        seats,
        people_after: people - gone + people_aside - known,
        seats_after: seats - touched_seats + seats_aside,
    })
}

/// Swaps a round in: who lies aside as they lie there, who is marked as gone out, everybody else as
/// before. Keeps what changed as history.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn publish_people(tx: &mut Tx, tenant_id: TenantId, now: Timestamp) -> Result<(), StoreError> {
    recount(tx, "people_aside, seats_aside, people_gone_aside").await?;
    close_history(tx, tenant_id, now).await?;
    open_history(tx, tenant_id, now).await?;
    take_out(tx, tenant_id).await?;
    put_in(tx, tenant_id, now).await?;
    recount(tx, "history, people, seats").await?;
    clear_people_aside(tx, tenant_id).await
}

async fn close_history(tx: &mut Tx, tenant_id: TenantId, now: Timestamp) -> Result<(), StoreError> {
    let at = now.as_micros();
    run!(
        tx,
        tenant_id,
        "update history set until_at = $2 where tenant_id = $1 and kind = 'account' and until_at is null
           and subject in (select user_id from people_aside where tenant_id = $1
                           union all select user_id from people_gone_aside where tenant_id = $1)
           and not exists (select 1 from people_aside a where a.tenant_id = $1 and a.user_id = history.subject
                             and history.value = case when a.account_enabled = TRUE then 'enabled' else 'disabled' end)",
        at
    );
    // A seat's subject is its person's id, '_' and its sku's id; '`' is the letter after '_'. The cross
    // join keeps SQLite from going through all of the history for a handful of people.
    run!(
        tx,
        tenant_id,
        "update history set until_at = $2 where (tenant_id, kind, subject, from_at) in (
             select h.tenant_id, h.kind, h.subject, h.from_at
             from (select user_id from people_aside where tenant_id = $1
                   union select user_id from people_gone_aside where tenant_id = $1) touched
             cross join history h
             where h.tenant_id = $1 and h.kind = 'seat' and h.until_at is null
               and h.subject > touched.user_id || '_' and h.subject < touched.user_id || '`'
               and not exists (select 1 from seats_aside a where a.tenant_id = $1 and a.user_id = touched.user_id
                                 and a.sku_id = substr(h.subject, 38)
                                 and h.value = case when a.has_direct = TRUE and a.group_count > 0 then 'direct+group'
                                                    when a.has_direct = TRUE then 'direct'
                                                    when a.group_count > 0 then 'group' else 'unknown' end))",
        at
    );
    Ok(())
}

async fn open_history(tx: &mut Tx, tenant_id: TenantId, now: Timestamp) -> Result<(), StoreError> {
    let at = now.as_micros();
    run!(
        tx,
        tenant_id,
        "insert into history (tenant_id, kind, subject, from_at, until_at, value)
         select a.tenant_id, 'account', a.user_id, $2, null,
                case when a.account_enabled = TRUE then 'enabled' else 'disabled' end
         from people_aside a
         where a.tenant_id = $1 and not exists (select 1 from history h where h.tenant_id = $1 and h.kind = 'account'
                                                  and h.subject = a.user_id and h.until_at is null)
         on conflict (tenant_id, kind, subject, from_at) do update set until_at = null, value = excluded.value",
        at
    );
    run!(
        tx,
        tenant_id,
        "insert into history (tenant_id, kind, subject, from_at, until_at, value)
         select a.tenant_id, 'seat', a.user_id || '_' || a.sku_id, $2, null,
                case when a.has_direct = TRUE and a.group_count > 0 then 'direct+group'
                     when a.has_direct = TRUE then 'direct'
                     when a.group_count > 0 then 'group' else 'unknown' end
         from seats_aside a
         where a.tenant_id = $1 and not exists (select 1 from history h where h.tenant_id = $1 and h.kind = 'seat'
                                                  and h.subject = a.user_id || '_' || a.sku_id and h.until_at is null)
         on conflict (tenant_id, kind, subject, from_at) do update set until_at = null, value = excluded.value",
        at
    );
    Ok(())
}

async fn take_out(tx: &mut Tx, tenant_id: TenantId) -> Result<(), StoreError> {
    run!(
        tx,
        tenant_id,
        "delete from seats where tenant_id = $1
           and user_id in (select user_id from people_aside where tenant_id = $1
                           union all select user_id from people_gone_aside where tenant_id = $1)
           and not exists (select 1 from seats_aside a where a.tenant_id = seats.tenant_id
                             and a.user_id = seats.user_id and a.sku_id = seats.sku_id)"
    );
    run!(
        tx,
        tenant_id,
        "delete from people where tenant_id = $1
           and user_id in (select user_id from people_gone_aside where tenant_id = $1)"
    );
    Ok(())
}

async fn put_in(tx: &mut Tx, tenant_id: TenantId, now: Timestamp) -> Result<(), StoreError> {
    let at = now.as_micros();
    run!(
        tx,
        tenant_id,
        "insert into people (tenant_id, user_id, display_name, name_folded, user_principal_name, upn_folded, mail,
                             mail_folded, department, account_enabled, user_type, created_at, usage_location,
                             manager_id, declared, seat_count, row_hash, first_seen_at)
         select a.tenant_id, a.user_id, a.display_name, a.name_folded, a.user_principal_name, a.upn_folded, a.mail,
                a.mail_folded, a.department, a.account_enabled, a.user_type, a.created_at, a.usage_location,
                a.manager_id, null, a.seat_count, a.row_hash, $2
         from people_aside a
         where a.tenant_id = $1 and not exists (select 1 from people p where p.tenant_id = a.tenant_id
                                                  and p.user_id = a.user_id and p.row_hash = a.row_hash)
         on conflict (tenant_id, user_id) do update set display_name = excluded.display_name,
             name_folded = excluded.name_folded, user_principal_name = excluded.user_principal_name,
             upn_folded = excluded.upn_folded, mail = excluded.mail, mail_folded = excluded.mail_folded,
             department = excluded.department, account_enabled = excluded.account_enabled,
             user_type = excluded.user_type, created_at = excluded.created_at,
             usage_location = excluded.usage_location, manager_id = excluded.manager_id,
             seat_count = excluded.seat_count, row_hash = excluded.row_hash",
        at
    );
    run!(
        tx,
        tenant_id,
        "insert into seats (tenant_id, user_id, sku_id, paths, has_direct, group_count, license_since, row_hash,
                            first_seen_at)
         select a.tenant_id, a.user_id, a.sku_id, a.paths, a.has_direct, a.group_count, a.license_since, a.row_hash, $2
         from seats_aside a
         where a.tenant_id = $1 and not exists (select 1 from seats s where s.tenant_id = a.tenant_id
                                                  and s.user_id = a.user_id and s.sku_id = a.sku_id
                                                  and s.row_hash = a.row_hash)
         on conflict (tenant_id, user_id, sku_id) do update set paths = excluded.paths,
             has_direct = excluded.has_direct, group_count = excluded.group_count,
             license_since = excluded.license_since, row_hash = excluded.row_hash",
        at
    );
    Ok(())
}
