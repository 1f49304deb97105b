//! Sign-in dates, which come in slowly, and the history of days with use.

use std::collections::{BTreeMap, HashMap};

use reseat_domain::activity::{ServiceUse, SignIn};
use reseat_domain::ids::{TenantId, UserId};
use reseat_domain::time::Timestamp;
use sqlx::FromRow;

use crate::dialect::recount;
use crate::error::StoreError;
use crate::pool::{Tx, on_either};

/// Keeps a page of sign-in dates, each as of its own reading. A date that was known does not go away:
/// an empty or older one on a sweep is no proof.
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
        let known = known_sign_ins(tx, tenant_id, chunk).await?;
        let chunk = chunk.iter().map(|(user_id, read)| match known.get(&user_id.to_string()) {
            Some(known) => (user_id, read.with_known(*known, as_of)),
            None => (user_id, *read),
        });
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

#[derive(FromRow)]
struct SignInRow {
    user_id: String,
    last_successful: Option<i64>,
    last_interactive: Option<i64>,
    last_non_interactive: Option<i64>,
}

/// What is known of the people of a page.
async fn known_sign_ins(
    tx: &mut Tx,
    tenant_id: TenantId,
    page: &[(UserId, SignIn)],
) -> Result<HashMap<String, SignIn>, StoreError> {
    let rows: Vec<SignInRow> = on_either!(tx, conn => {
        let mut query = sqlx::QueryBuilder::new(
            "select user_id, last_successful, last_interactive, last_non_interactive from sign_ins where tenant_id = ",
        );
        query.push_bind(tenant_id.to_string());
        query.push(" and user_id in (");
        let mut ids = query.separated(", ");
        for (user_id, _) in page {
            ids.push_bind(user_id.to_string());
        }
        query.push(")");
        query.build_query_as().fetch_all(conn).await
    })?;
    let moment = |micros: Option<i64>| micros.map(Timestamp::from_micros);
    let known = rows.into_iter().map(|row| {
        let sign_in = SignIn {
            last_successful: moment(row.last_successful),
            last_interactive: moment(row.last_interactive),
            last_non_interactive: moment(row.last_non_interactive),
        };
        (row.user_id, sign_in)
    });
    Ok(known.collect())
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
pub(super) async fn keep_activity_days(
    tx: &mut Tx,
    tenant_id: TenantId,
    table: &'static str,
    now: Timestamp,
) -> Result<(), StoreError> {
    recount(tx, "history, service_use, sign_ins").await?;
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

/// The service use of a stored row.
pub(crate) fn service_use(refreshed: &str, refreshes: i64, last_activity: &str) -> Result<ServiceUse, StoreError> {
    Ok(ServiceUse {
        refreshed: crate::error::parse("service_use", "refreshed", refreshed)?,
        refreshes: u32::try_from(refreshes).unwrap_or(u32::MAX),
        last_activity: crate::error::parse_json("service_use", "last_activity", last_activity)?,
    })
}
