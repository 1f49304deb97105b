//! The HR roster.

use reseat_domain::employment::Employment;
use reseat_domain::ids::TenantId;

use crate::dialect::{recount, storable};
use crate::error::StoreError;
use crate::pool::{Tx, on_either};

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
                    .push_bind(storable(&item.email))
                    .push_bind(item.employee_id.as_deref().map(storable))
                    .push_bind(item.first_name.as_deref().map(storable))
                    .push_bind(item.last_name.as_deref().map(storable))
                    .push_bind(item.manager_email.as_deref().map(storable))
                    .push_bind(item.department.as_deref().map(storable))
                    .push_bind(item.employment.status.as_str())
                    .push_bind(item.employment.start.map(|day| day.to_string()))
                    .push_bind(item.employment.end.map(|day| day.to_string()));
            });
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    recount(tx, "roster_aside").await
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
    recount(tx, "roster").await
}

/// A row of the roster that could not be used, under an address that it may be about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRow {
    /// Folded mail address.
    pub email: String,
    /// Line in the file, from 1.
    pub line: i64,
    /// Why it could not be used.
    pub reason: String,
}

/// Replaces what is kept of the rows that could not be used. An address on several lines keeps the
/// first.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn replace_roster_unknown(tx: &mut Tx, tenant_id: TenantId, rows: &[UnknownRow]) -> Result<(), StoreError> {
    run!(tx, tenant_id, "delete from roster_unknown where tenant_id = $1");
    for chunk in rows.chunks(500) {
        on_either!(&mut *tx, conn => {
            let mut query =
                sqlx::QueryBuilder::new("insert into roster_unknown (tenant_id, email_folded, line, reason) ");
            query.push_values(chunk, |mut row, item| {
                row.push_bind(tenant_id.to_string())
                    .push_bind(storable(&item.email))
                    .push_bind(item.line)
                    .push_bind(storable(&item.reason));
            });
            query.push(" on conflict do nothing");
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    recount(tx, "roster_unknown").await
}
