//! Rounds of people and their seats.

use std::collections::{BTreeMap, HashMap, HashSet};

use reseat_domain::directory::{HeldSeat, Person};
use reseat_domain::ids::{TenantId, UserId};
use reseat_domain::time::Timestamp;

use super::fold;
use crate::dialect::{recount, storable};
use crate::error::{StoreError, to_json};
use crate::pool::{Tx, on_either};

/// Forgets what an interrupted round left aside.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn clear_people_aside(tx: &mut Tx, tenant_id: TenantId) -> Result<(), StoreError> {
    run!(tx, tenant_id, "delete from people_aside where tenant_id = $1");
    run!(tx, tenant_id, "delete from seats_aside where tenant_id = $1");
    Ok(())
}

/// Writes one page of people aside. A person listed twice counts once, the later page wins (G49).
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn put_people_aside(tx: &mut Tx, tenant_id: TenantId, people: &[Person]) -> Result<(), StoreError> {
    let people: BTreeMap<UserId, &Person> = people.iter().map(|person| (person.user_id, person)).collect();
    let people: Vec<&Person> = people.into_values().collect();
    for chunk in people.chunks(500) {
        let new = insert_people_aside(tx, tenant_id, chunk).await?;
        let again: Vec<&Person> =
            chunk.iter().copied().filter(|person| !new.contains(&person.user_id.to_string())).collect();
        for person in &again {
            forget_person_aside(tx, tenant_id, person.user_id).await?;
        }
        if !again.is_empty() {
            insert_people_aside(tx, tenant_id, &again).await?;
        }
        let seats: Vec<_> =
            chunk.iter().flat_map(|person| person.seats.iter().map(|seat| (person.user_id, seat))).collect();
        for seats in seats.chunks(500) {
            insert_seats_aside(tx, tenant_id, seats).await?;
        }
    }
    Ok(())
}

/// Writes people aside who are not yet; gives who was not.
async fn insert_people_aside(
    tx: &mut Tx,
    tenant_id: TenantId,
    people: &[&Person],
) -> Result<HashSet<String>, StoreError> {
    let rows: Vec<(String,)> = on_either!(tx, conn => {
        let mut query = sqlx::QueryBuilder::new(
            "insert into people_aside (tenant_id, user_id, display_name, name_folded, user_principal_name, upn_folded,
                 mail, mail_folded, department, account_enabled, user_type, created_at, usage_location, manager_id,
                 seat_count, row_hash) ",
        );
        query.push_values(people, |mut row, person| {
            row.push_bind(tenant_id.to_string())
                .push_bind(person.user_id.to_string())
                .push_bind(storable(&person.display_name))
                .push_bind(fold(&person.display_name))
                .push_bind(storable(&person.user_principal_name))
                .push_bind(fold(&person.user_principal_name))
                .push_bind(person.mail.as_deref().map(storable))
                .push_bind(person.mail.as_deref().map(fold))
                .push_bind(person.department.as_deref().map(storable))
                .push_bind(person.account_enabled)
                .push_bind(person.user_type.as_str())
                .push_bind(person.created_at.map(Timestamp::as_micros))
                .push_bind(person.usage_location.as_deref().map(storable))
                .push_bind(person.manager.map(|id| id.to_string()))
                .push_bind(i64::try_from(person.seats.len()).unwrap_or(i64::MAX))
                .push_bind(person_hash(person));
        });
        query.push(" on conflict do nothing returning user_id");
        query.build_query_as().fetch_all(conn).await
    })?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// Takes back what an earlier page of the same round said about a person.
async fn forget_person_aside(tx: &mut Tx, tenant_id: TenantId, user_id: UserId) -> Result<(), StoreError> {
    let user_id = user_id.to_string();
    run!(tx, tenant_id, "delete from seats_aside where tenant_id = $1 and user_id = $2", user_id.clone());
    run!(tx, tenant_id, "delete from people_aside where tenant_id = $1 and user_id = $2", user_id.clone());
    Ok(())
}

async fn insert_seats_aside(tx: &mut Tx, tenant_id: TenantId, seats: &[(UserId, &HeldSeat)]) -> Result<(), StoreError> {
    on_either!(tx, conn => {
        let mut query = sqlx::QueryBuilder::new(
            "insert into seats_aside (tenant_id, user_id, sku_id, paths, has_direct, group_count, license_since,
                                      row_hash) ",
        );
        query.push_values(seats, |mut row, (user_id, seat)| {
            let paths = to_json(&seat.paths);
            row.push_bind(tenant_id.to_string())
                .push_bind(user_id.to_string())
                .push_bind(seat.sku_id.to_string())
                .push_bind(paths.clone())
                .push_bind(seat.direct().is_some())
                .push_bind(i64::try_from(seat.groups().count()).unwrap_or(i64::MAX))
                .push_bind(seat.license_since().map(Timestamp::as_micros))
                .push_bind(paths);
        });
        query.build().execute(conn).await.map(|_| ())
    })?;
    Ok(())
}

/// What decides whether a person's row has to be written again. The texts themselves, joined: a
/// hash would only make it shorter.
fn person_hash(person: &Person) -> String {
    to_json(&(
        &person.display_name,
        &person.user_principal_name,
        &person.mail,
        &person.department,
        person.account_enabled,
        person.user_type,
        person.created_at,
        &person.usage_location,
        person.manager,
        person.seats.len(),
    ))
}

/// How many people and seats are aside, and how many are in use.
#[derive(Debug, Clone, Copy)]
pub struct RoundCounts {
    /// People read.
    pub people_aside: i64,
    /// Seats read.
    pub seats_aside: i64,
    /// People in use now.
    pub people: i64,
    /// Seats in use now.
    pub seats: i64,
}

/// Counts both sides of a round.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn count_round(tx: &mut Tx, tenant_id: TenantId) -> Result<RoundCounts, StoreError> {
    let (people_aside, seats_aside, people, seats): (i64, i64, i64, i64) = on_either!(tx, conn =>
        sqlx::query_as(
            "select (select count(*) from people_aside where tenant_id = $1),
                    (select count(*) from seats_aside where tenant_id = $1),
                    (select count(*) from people where tenant_id = $1),
                    (select count(*) from seats where tenant_id = $1)",
        )
        .bind(tenant_id.to_string())
        .fetch_one(conn)
        .await)?;
    Ok(RoundCounts { people_aside, seats_aside, people, seats })
}

/// Swaps a complete round of people and seats in, and keeps what changed as history.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn publish_people(tx: &mut Tx, tenant_id: TenantId, now: Timestamp) -> Result<(), StoreError> {
    let at = now.as_micros();
    recount(tx, "people_aside, seats_aside").await?;
    run!(tx, tenant_id,
        "update history set until_at = $2 where tenant_id = $1 and kind = 'account' and until_at is null
           and not exists (select 1 from people_aside a where a.tenant_id = $1 and a.user_id = history.subject
                             and history.value = case when a.account_enabled = TRUE then 'enabled' else 'disabled' end)",
        at);
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
        "update history set until_at = $2 where tenant_id = $1 and kind = 'seat' and until_at is null
           and not exists (select 1 from seats_aside a where a.tenant_id = $1
                             and a.user_id = substr(history.subject, 1, 36) and a.sku_id = substr(history.subject, 38)
                             and history.value = case when a.has_direct = TRUE and a.group_count > 0 then 'direct+group'
                                                      when a.has_direct = TRUE then 'direct'
                                                      when a.group_count > 0 then 'group' else 'unknown' end)",
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
    run!(
        tx,
        tenant_id,
        "delete from seats where tenant_id = $1 and not exists
             (select 1 from seats_aside a where a.tenant_id = seats.tenant_id and a.user_id = seats.user_id
                and a.sku_id = seats.sku_id)"
    );
    run!(
        tx,
        tenant_id,
        "delete from people where tenant_id = $1 and not exists
             (select 1 from people_aside a where a.tenant_id = people.tenant_id and a.user_id = people.user_id)"
    );
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
    recount(tx, "history, people, seats").await?;
    clear_people_aside(tx, tenant_id).await
}

/// The people of a tenant by their folded sign-in name, the only key a usage report gives. Mail
/// addresses are left out: one may have been the sign-in name of somebody who is gone, whose row is
/// nobody else's (I11). A name that two people share leads to nobody (R10).
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn people_by_upn(tx: &mut Tx, tenant_id: TenantId) -> Result<HashMap<String, Option<UserId>>, StoreError> {
    let rows: Vec<(String, String)> = on_either!(tx, conn =>
        sqlx::query_as("select user_id, upn_folded from people where tenant_id = $1")
            .bind(tenant_id.to_string())
            .fetch_all(conn)
            .await)?;
    let mut names: HashMap<String, Option<UserId>> = HashMap::with_capacity(rows.len());
    for (user_id, upn) in rows {
        let user_id: UserId = crate::error::parse("people", "user_id", &user_id)?;
        names.entry(upn).and_modify(|known| *known = None).or_insert(Some(user_id));
    }
    Ok(names)
}

/// How many people hold at least one seat.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn count_licensed_people(tx: &mut Tx, tenant_id: TenantId) -> Result<i64, StoreError> {
    let (count,): (i64,) = on_either!(tx, conn =>
        sqlx::query_as("select count(*) from people where tenant_id = $1 and seat_count > 0")
            .bind(tenant_id.to_string())
            .fetch_one(conn)
            .await)?;
    Ok(count)
}
