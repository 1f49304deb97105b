//! Rounds of reading: written aside, then swapped in whole after the completeness checks. What did
//! not change is not written; what changed leaves a row of history.

use std::collections::{BTreeMap, HashMap};

use reseat_domain::activity::{ServiceUse, SignIn};
use reseat_domain::directory::Person;
use reseat_domain::employment::Employment;
use reseat_domain::ids::{TenantId, UserId};
use reseat_domain::time::{Day, Timestamp};

use crate::error::{StoreError, to_json};
use crate::pool::{Tx, on_either};

/// Runs SQL that binds the tenant as `$1` and a moment as `$2` (bound only where it is used).
macro_rules! run {
    ($tx:expr, $tenant:expr, $sql:expr $(, $bind:expr)*) => {
        on_either!(&mut *$tx, conn =>
            sqlx::query($sql).bind($tenant.to_string())$(.bind($bind))*.execute(conn).await.map(|done| done.rows_affected()))?
    };
}

/// Forgets what an interrupted round left aside.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn clear_people_aside(tx: &mut Tx, tenant_id: TenantId) -> Result<(), StoreError> {
    run!(tx, tenant_id, "delete from people_aside where tenant_id = $1");
    run!(tx, tenant_id, "delete from seats_aside where tenant_id = $1");
    Ok(())
}

/// Folds a name or address for comparison: Unicode lower case.
pub fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Writes one page of people aside. A person listed twice counts once, the later page wins (G49).
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn put_people_aside(tx: &mut Tx, tenant_id: TenantId, people: &[Person]) -> Result<(), StoreError> {
    let people: BTreeMap<UserId, &Person> = people.iter().map(|person| (person.user_id, person)).collect();
    let people: Vec<&Person> = people.into_values().collect();
    for chunk in people.chunks(500) {
        on_either!(&mut *tx, conn => {
            let mut query = sqlx::QueryBuilder::new("delete from seats_aside where tenant_id = ");
            query.push_bind(tenant_id.to_string());
            query.push(" and user_id in (");
            let mut ids = query.separated(", ");
            for person in chunk {
                ids.push_bind(person.user_id.to_string());
            }
            query.push(")");
            query.build().execute(conn).await.map(|_| ())
        })?;
        on_either!(&mut *tx, conn => {
            let mut query = sqlx::QueryBuilder::new(
                "insert into people_aside (tenant_id, user_id, display_name, name_folded, user_principal_name, upn_folded,
                     mail, mail_folded, department, account_enabled, user_type, created_at, usage_location, manager_id,
                     seat_count, row_hash) ",
            );
            query.push_values(chunk, |mut row, person| {
                row.push_bind(tenant_id.to_string())
                    .push_bind(person.user_id.to_string())
                    .push_bind(person.display_name.clone())
                    .push_bind(fold(&person.display_name))
                    .push_bind(person.user_principal_name.clone())
                    .push_bind(fold(&person.user_principal_name))
                    .push_bind(person.mail.clone())
                    .push_bind(person.mail.as_deref().map(fold))
                    .push_bind(person.department.clone())
                    .push_bind(person.account_enabled)
                    .push_bind(person.user_type.as_str())
                    .push_bind(person.created_at.map(Timestamp::as_micros))
                    .push_bind(person.usage_location.clone())
                    .push_bind(person.manager.map(|id| id.to_string()))
                    .push_bind(i64::try_from(person.seats.len()).unwrap_or(i64::MAX))
                    .push_bind(person_hash(person));
            });
            query.push(
                " on conflict (tenant_id, user_id) do update set display_name = excluded.display_name,
                     name_folded = excluded.name_folded, user_principal_name = excluded.user_principal_name,
                     upn_folded = excluded.upn_folded, mail = excluded.mail, mail_folded = excluded.mail_folded,
                     department = excluded.department, account_enabled = excluded.account_enabled,
                     user_type = excluded.user_type, created_at = excluded.created_at,
                     usage_location = excluded.usage_location, manager_id = excluded.manager_id,
                     seat_count = excluded.seat_count, row_hash = excluded.row_hash",
            );
            query.build().execute(conn).await.map(|_| ())
        })?;
        let seats: Vec<_> =
            chunk.iter().flat_map(|person| person.seats.iter().map(|seat| (person.user_id, seat))).collect();
        for seats in seats.chunks(500) {
            on_either!(&mut *tx, conn => {
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
        }
    }
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
    clear_people_aside(tx, tenant_id).await
}

/// Keeps a page of sign-in dates, each as of its own reading.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn upsert_sign_ins(
    tx: &mut Tx,
    tenant_id: TenantId,
    rows: &[(UserId, SignIn)],
    as_of: Timestamp,
) -> Result<(), StoreError> {
    let rows: BTreeMap<UserId, SignIn> = rows.iter().copied().collect();
    let rows: Vec<(UserId, SignIn)> = rows.into_iter().collect();
    for chunk in rows.chunks(500) {
        on_either!(&mut *tx, conn => {
            let mut query = sqlx::QueryBuilder::new(
                "insert into sign_ins (tenant_id, user_id, last_successful, last_interactive, last_non_interactive,
                                       last_day, as_of) ",
            );
            query.push_values(chunk, |mut row, (user_id, sign_in)| {
                let last = sign_in.last_successful.max(sign_in.last_interactive).max(sign_in.last_non_interactive);
                row.push_bind(tenant_id.to_string())
                    .push_bind(user_id.to_string())
                    .push_bind(sign_in.last_successful.map(Timestamp::as_micros))
                    .push_bind(sign_in.last_interactive.map(Timestamp::as_micros))
                    .push_bind(sign_in.last_non_interactive.map(Timestamp::as_micros))
                    .push_bind(last.map(|moment| moment.day().to_string()))
                    .push_bind(as_of.as_micros());
            });
            query.push(
                " on conflict (tenant_id, user_id) do update set last_successful = excluded.last_successful,
                     last_interactive = excluded.last_interactive, last_non_interactive = excluded.last_non_interactive,
                     last_day = excluded.last_day, as_of = excluded.as_of",
            );
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// Ends a sweep of the slow lane: keeps changed days as history and forgets people who are gone.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn publish_sign_ins(tx: &mut Tx, tenant_id: TenantId, now: Timestamp) -> Result<i64, StoreError> {
    run!(
        tx,
        tenant_id,
        "delete from sign_ins where tenant_id = $1 and not exists
             (select 1 from people p where p.tenant_id = $1 and p.user_id = sign_ins.user_id)"
    );
    keep_activity_days(tx, tenant_id, "sign_ins", now).await?;
    count_rows(tx, tenant_id, "sign_ins").await
}

/// Change-only history of a table's `last_day`: one row per person and day that was the last.
async fn keep_activity_days(
    tx: &mut Tx,
    tenant_id: TenantId,
    table: &'static str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let close = sqlx::AssertSqlSafe(format!(
        "update history set until_at = $2 where tenant_id = $1 and kind = 'activity' and until_at is null
           and substr(subject, 38) = '{table}'
           and exists (select 1 from {table} t where t.tenant_id = $1 and t.user_id = substr(history.subject, 1, 36)
                         and t.last_day is not null and t.last_day <> history.value)"
    ));
    run!(tx, tenant_id, close, now.as_micros());
    let open = sqlx::AssertSqlSafe(format!(
        "insert into history (tenant_id, kind, subject, from_at, until_at, value)
         select t.tenant_id, 'activity', t.user_id || '/{table}', $2, null, t.last_day
         from {table} t
         where t.tenant_id = $1 and t.last_day is not null
           and not exists (select 1 from history h where h.tenant_id = $1 and h.kind = 'activity'
                             and h.subject = t.user_id || '/{table}' and h.until_at is null)
         on conflict (tenant_id, kind, subject, from_at) do update set until_at = null, value = excluded.value"
    ));
    run!(tx, tenant_id, open, now.as_micros());
    Ok(())
}

/// Rows of a tenant in one of this module's tables.
async fn count_rows(tx: &mut Tx, tenant_id: TenantId, table: &'static str) -> Result<i64, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("select count(*) from {table} where tenant_id = $1"));
    let (count,): (i64,) =
        on_either!(tx, conn => sqlx::query_as(sql).bind(tenant_id.to_string()).fetch_one(conn).await)?;
    Ok(count)
}

/// The people of a tenant that a report or a roster may speak of: folded sign-in name and mail to
/// person. A name that two people share leads to nobody (R10).
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn people_by_name(tx: &mut Tx, tenant_id: TenantId) -> Result<HashMap<String, Option<UserId>>, StoreError> {
    let rows: Vec<(String, String, Option<String>)> = on_either!(tx, conn =>
        sqlx::query_as("select user_id, upn_folded, mail_folded from people where tenant_id = $1")
            .bind(tenant_id.to_string())
            .fetch_all(conn)
            .await)?;
    let mut names: HashMap<String, Option<UserId>> = HashMap::with_capacity(rows.len() * 2);
    for (user_id, upn, mail) in rows {
        let user_id: UserId = crate::error::parse("people", "user_id", &user_id)?;
        for name in std::iter::once(upn).chain(mail) {
            names
                .entry(name)
                .and_modify(|known| {
                    if *known != Some(user_id) {
                        *known = None;
                    }
                })
                .or_insert(Some(user_id));
        }
    }
    Ok(names)
}

/// Replaces the usage report: a person without a row in the new one has no row at all, which means
/// nothing; a row seen in a later refresh counts one refresh more.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn replace_service_use(
    tx: &mut Tx,
    tenant_id: TenantId,
    refreshed: Day,
    rows: &BTreeMap<UserId, BTreeMap<reseat_domain::directory::Service, Day>>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let known: Vec<(String, String, i64)> = on_either!(&mut *tx, conn =>
        sqlx::query_as("select user_id, refreshed, refreshes from service_use where tenant_id = $1")
            .bind(tenant_id.to_string())
            .fetch_all(conn)
            .await)?;
    let known: HashMap<String, (String, i64)> = known.into_iter().map(|row| (row.0, (row.1, row.2))).collect();
    run!(tx, tenant_id, "delete from service_use where tenant_id = $1");
    let all: Vec<_> = rows.iter().collect();
    for chunk in all.chunks(500) {
        on_either!(&mut *tx, conn => {
            let mut query = sqlx::QueryBuilder::new(
                "insert into service_use (tenant_id, user_id, refreshed, refreshes, last_activity, last_day) ",
            );
            query.push_values(chunk, |mut row, (user_id, activity)| {
                let text = refreshed.to_string();
                let refreshes = match known.get(&user_id.to_string()) {
                    Some((before, count)) if *before < text => count + 1,
                    Some((_, count)) => *count,
                    None => 1,
                };
                row.push_bind(tenant_id.to_string())
                    .push_bind(user_id.to_string())
                    .push_bind(text)
                    .push_bind(refreshes)
                    .push_bind(to_json(activity))
                    .push_bind(activity.values().max().map(Day::to_string));
            });
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    keep_activity_days(tx, tenant_id, "service_use", now).await
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

/// A roster row ready to be kept.
#[derive(Debug, Clone)]
pub struct RosterEntry {
    /// Folded mail address.
    pub email: String,
    /// The HR system's own number.
    pub employee_id: Option<String>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// The manager's mail address.
    pub manager_email: Option<String>,
    /// Department.
    pub department: Option<String>,
    /// Status and dates.
    pub employment: Employment,
}

/// Writes a whole roster aside.
///
/// # Errors
/// [`StoreError::Conflict`] when an address stands twice; the caller quarantines such rows first.
pub async fn put_roster_aside(tx: &mut Tx, tenant_id: TenantId, rows: &[RosterEntry]) -> Result<(), StoreError> {
    run!(tx, tenant_id, "delete from roster_aside where tenant_id = $1");
    for chunk in rows.chunks(500) {
        on_either!(&mut *tx, conn => {
            let mut query = sqlx::QueryBuilder::new(
                "insert into roster_aside (tenant_id, email_folded, employee_id, first_name, last_name, manager_email,
                                           department, status, start_on, end_on) ",
            );
            query.push_values(chunk, |mut row, item| {
                row.push_bind(tenant_id.to_string())
                    .push_bind(item.email.clone())
                    .push_bind(item.employee_id.clone())
                    .push_bind(item.first_name.clone())
                    .push_bind(item.last_name.clone())
                    .push_bind(item.manager_email.clone())
                    .push_bind(item.department.clone())
                    .push_bind(item.employment.status.as_str())
                    .push_bind(item.employment.start.map(|day| day.to_string()))
                    .push_bind(item.employment.end.map(|day| day.to_string()));
            });
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// What the gate asks about a roster that lies aside.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn count_roster(tx: &mut Tx, tenant_id: TenantId) -> Result<reseat_domain::gate::RosterCounts, StoreError> {
    let (rows, inactive, matched, before, flipped): (i64, i64, i64, i64, i64) = on_either!(tx, conn =>
        sqlx::query_as(
            "select (select count(*) from roster_aside where tenant_id = $1),
                    (select count(*) from roster_aside where tenant_id = $1 and status = 'inactive'),
                    (select count(*) from roster_aside a where a.tenant_id = $1 and (
                        exists (select 1 from people p where p.tenant_id = $1 and p.mail_folded = a.email_folded)
                        or exists (select 1 from people p where p.tenant_id = $1 and p.upn_folded = a.email_folded))),
                    (select count(*) from roster where tenant_id = $1),
                    (select count(*) from roster_aside a join roster r on r.tenant_id = a.tenant_id
                        and r.email_folded = a.email_folded
                     where a.tenant_id = $1 and a.status = 'inactive' and r.status <> 'inactive')",
        )
        .bind(tenant_id.to_string())
        .fetch_one(conn)
        .await)?;
    let count = |value: i64| u64::try_from(value).unwrap_or(0);
    Ok(reseat_domain::gate::RosterCounts {
        rows: count(rows),
        bad: 0,
        inactive: count(inactive),
        matched: count(matched),
        before: count(before),
        flipped: count(flipped),
    })
}

/// Swaps the roster that lies aside in.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn publish_roster(tx: &mut Tx, tenant_id: TenantId) -> Result<(), StoreError> {
    run!(tx, tenant_id, "delete from roster where tenant_id = $1");
    run!(
        tx,
        tenant_id,
        "insert into roster (tenant_id, email_folded, employee_id, first_name, last_name, manager_email, department,
                             status, start_on, end_on)
         select tenant_id, email_folded, employee_id, first_name, last_name, manager_email, department, status,
                start_on, end_on
         from roster_aside where tenant_id = $1"
    );
    run!(tx, tenant_id, "delete from roster_aside where tenant_id = $1");
    Ok(())
}

/// The service use of a stored row.
pub(crate) fn service_use(refreshed: &str, refreshes: i64, last_activity: &str) -> Result<ServiceUse, StoreError> {
    Ok(ServiceUse {
        refreshed: crate::error::parse("service_use", "refreshed", refreshed)?,
        refreshes: u32::try_from(refreshes).unwrap_or(u32::MAX),
        last_activity: crate::error::parse_json("service_use", "last_activity", last_activity)?,
    })
}
