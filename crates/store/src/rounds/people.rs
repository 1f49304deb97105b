//! A round of people and their seats while it is read: what changed is written aside.

use std::collections::{BTreeMap, HashMap, HashSet};

use reseat_domain::directory::{HeldSeat, Person};
use reseat_domain::ids::{TenantId, UserId};
use reseat_domain::time::Timestamp;

use super::content::row_hash;
use super::fold;
use crate::dialect::storable;
use crate::error::{StoreError, parse, to_json};
use crate::pool::{Tx, on_either};

/// Forgets what an interrupted round left aside.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn clear_people_aside(tx: &mut Tx, tenant_id: TenantId) -> Result<(), StoreError> {
    run!(tx, tenant_id, "delete from people_aside where tenant_id = $1");
    run!(tx, tenant_id, "delete from seats_aside where tenant_id = $1");
    run!(tx, tenant_id, "delete from people_gone_aside where tenant_id = $1");
    Ok(())
}

/// The hashes under which these people are in use, for whoever wants to know who changed. Somebody
/// without one is new.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_row_hashes(
    tx: &mut Tx,
    tenant_id: TenantId,
    ids: &[UserId],
) -> Result<HashMap<UserId, String>, StoreError> {
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(1_000) {
        let rows: Vec<(String, String)> = on_either!(&mut *tx, conn => {
            let mut query = sqlx::QueryBuilder::new("select user_id, row_hash from people where tenant_id = ");
            query.push_bind(tenant_id.to_string());
            push_ids(&mut query, chunk);
            query.build_query_as().fetch_all(conn).await
        })?;
        for (user_id, row_hash) in rows {
            found.insert(parse("people", "user_id", &user_id)?, row_hash);
        }
    }
    Ok(found)
}

/// Which of these people lie aside already, because an earlier page of the round had them.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_aside(tx: &mut Tx, tenant_id: TenantId, ids: &[UserId]) -> Result<HashSet<UserId>, StoreError> {
    let mut found = HashSet::new();
    for chunk in ids.chunks(1_000) {
        let rows: Vec<(String,)> = on_either!(&mut *tx, conn => {
            let mut query = sqlx::QueryBuilder::new("select user_id from people_aside where tenant_id = ");
            query.push_bind(tenant_id.to_string());
            push_ids(&mut query, chunk);
            query.build_query_as().fetch_all(conn).await
        })?;
        for (user_id,) in rows {
            found.insert(parse("people_aside", "user_id", &user_id)?);
        }
    }
    Ok(found)
}

fn push_ids<'a, DB: sqlx::Database>(query: &mut sqlx::QueryBuilder<DB>, ids: &[UserId])
where
    String: sqlx::Encode<'a, DB> + sqlx::Type<DB>,
{
    query.push(" and user_id in (");
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(id.to_string());
    }
    query.push(")");
}

/// People in use by their ids, in order, after one of them: for comparing with who was read.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_user_ids(
    tx: &mut Tx,
    tenant_id: TenantId,
    after: Option<UserId>,
    limit: i64,
) -> Result<Vec<UserId>, StoreError> {
    let rows: Vec<(String,)> = on_either!(tx, conn =>
        sqlx::query_as("select user_id from people where tenant_id = $1 and user_id > $2 order by user_id limit $3")
            .bind(tenant_id.to_string())
            .bind(after.map_or_else(String::new, |id| id.to_string()))
            .bind(limit)
            .fetch_all(conn)
            .await)?;
    rows.iter().map(|row| parse("people", "user_id", &row.0)).collect()
}

/// The folded sign-in names that cut the people in use into this many parts of about the same size.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn list_name_marks(tx: &mut Tx, tenant_id: TenantId, parts: i64) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String,)> = on_either!(tx, conn =>
        sqlx::query_as(
            "select upn_folded
             from (select upn_folded, row_number() over (order by upn_folded) as place, count(*) over () as people
                   from people where tenant_id = $1) marks
             where place * $2 / people <> (place - 1) * $2 / people and place < people
             order by upn_folded",
        )
        .bind(tenant_id.to_string())
        .bind(parts)
        .fetch_all(conn)
        .await)?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// Marks people as gone in the round that is being written.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn put_gone_aside(tx: &mut Tx, tenant_id: TenantId, ids: &[UserId]) -> Result<(), StoreError> {
    for chunk in ids.chunks(1_000) {
        on_either!(&mut *tx, conn => {
            let mut query = sqlx::QueryBuilder::new("insert into people_gone_aside (tenant_id, user_id) ");
            query.push_values(chunk, |mut row, id| {
                row.push_bind(tenant_id.to_string()).push_bind(id.to_string());
            });
            query.push(" on conflict do nothing");
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
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
                .push_bind(row_hash(person));
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

/// The people behind these folded sign-in names, each name with its one owner. A name that nobody or
/// that several people carry leads to nobody (R10); mail addresses are left out, because one may have
/// been the sign-in name of somebody who is gone (I11).
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_people_by_upn(
    tx: &mut Tx,
    tenant_id: TenantId,
    folded: &[String],
) -> Result<HashMap<String, UserId>, StoreError> {
    let mut found: HashMap<String, Option<UserId>> = HashMap::with_capacity(folded.len());
    // Every chunk has other names, or a name that two people share could be met twice as one.
    let mut names: Vec<&String> = folded.iter().collect();
    names.sort_unstable();
    names.dedup();
    for chunk in names.chunks(1_000) {
        let rows: Vec<(String, String)> = on_either!(&mut *tx, conn => {
            let mut query = sqlx::QueryBuilder::new("select user_id, upn_folded from people where tenant_id = ");
            query.push_bind(tenant_id.to_string());
            query.push(" and upn_folded in (");
            let mut list = query.separated(", ");
            for name in chunk {
                list.push_bind((*name).clone());
            }
            query.push(")");
            query.build_query_as().fetch_all(conn).await
        })?;
        for (user_id, upn) in rows {
            let user_id = parse("people", "user_id", &user_id)?;
            found.entry(upn).and_modify(|known| *known = None).or_insert(Some(user_id));
        }
    }
    Ok(found.into_iter().filter_map(|(name, user_id)| Some((name, user_id?))).collect())
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
