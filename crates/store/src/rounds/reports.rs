//! Usage reports: written aside in batches while they are read, swapped in whole. Who has no row in the
//! new one has none at all, which means nothing. A day with use that was known does not go away: a
//! report made anew from less, or an older one, makes nobody's last use older (I11).

use std::collections::{BTreeMap, HashMap};

use reseat_domain::directory::Service;
use reseat_domain::ids::{TenantId, UserId};
use reseat_domain::time::{Day, Timestamp};
use reseat_domain::usage_report::{ReportDetails, ReportUse, UsageReport};
use sqlx::FromRow;

use super::activity::keep_activity_days;
use crate::dialect::recount;
use crate::error::{StoreError, parse, parse_json, parse_opt, to_json};
use crate::pool::{Tx, on_either};

/// One person's row of a usage report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportRow {
    /// The last day by service, of the active-user report.
    pub by_service: BTreeMap<Service, Day>,
    /// The last day, of any other report.
    pub last: Option<Day>,
    /// What else it says.
    pub details: ReportDetails,
}

impl ReportRow {
    /// Both rows of one person together: of each day the later one, which is the kinder reading (U5).
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self = self.with_days(other.by_service, other.last);
        self.details = self.details.with(other.details);
        self
    }

    fn with_days(mut self, by_service: BTreeMap<Service, Day>, last: Option<Day>) -> Self {
        for (service, day) in by_service {
            self.by_service.entry(service).and_modify(|known| *known = (*known).max(day)).or_insert(day);
        }
        self.last = self.last.max(last);
        self
    }
}

/// The table that a report's rows lie aside in.
const fn aside(report: UsageReport) -> &'static str {
    if matches!(report, UsageReport::ActiveUsers) { "service_use_aside" } else { "report_rows_aside" }
}

/// The condition that finds a report's rows; the active-user report has a table of its own.
fn only(report: UsageReport) -> String {
    if report == UsageReport::ActiveUsers { String::new() } else { format!(" and report = '{report}'") }
}

/// Forgets what an interrupted reading of a report left aside.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn clear_report_aside(tx: &mut Tx, tenant_id: TenantId, report: UsageReport) -> Result<(), StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("delete from {} where tenant_id = $1{}", aside(report), only(report)));
    run!(tx, tenant_id, sql);
    Ok(())
}

/// Writes a batch of a report's rows aside. Who has one already, from this reading or as published,
/// keeps the later of each day.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn put_report_aside(
    tx: &mut Tx,
    tenant_id: TenantId,
    report: UsageReport,
    rows: &BTreeMap<UserId, ReportRow>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let rows: Vec<(UserId, &ReportRow)> = rows.iter().map(|(user_id, row)| (*user_id, row)).collect();
    for chunk in rows.chunks(500) {
        let ids: Vec<UserId> = chunk.iter().map(|(user_id, _)| *user_id).collect();
        let mut lying = find_rows(tx, tenant_id, report, &ids, true).await?;
        let mut known = find_rows(tx, tenant_id, report, &ids, false).await?;
        let chunk: Vec<(UserId, ReportRow)> = chunk
            .iter()
            .map(|(user_id, row)| {
                let mut row = (*row).clone();
                if let Some(earlier) = lying.remove(user_id) {
                    row = row.with(earlier);
                }
                if let Some(published) = known.remove(user_id) {
                    // A day in the future was no day, and does not stay.
                    let days = published.by_service.into_iter().filter(|(_, day)| *day <= now.day()).collect();
                    row = row.with_days(days, published.last.filter(|day| *day <= now.day()));
                }
                (*user_id, row)
            })
            .collect();
        if report == UsageReport::ActiveUsers {
            upsert_active_users(tx, tenant_id, &chunk).await?;
        } else {
            upsert_rows(tx, tenant_id, report, &chunk).await?;
        }
    }
    Ok(())
}

async fn upsert_active_users(tx: &mut Tx, tenant_id: TenantId, rows: &[(UserId, ReportRow)]) -> Result<(), StoreError> {
    on_either!(tx, conn => {
        let mut query = sqlx::QueryBuilder::new(
            "insert into service_use_aside (tenant_id, user_id, last_activity, last_day) ",
        );
        query.push_values(rows, |mut out, (user_id, row)| {
            out.push_bind(tenant_id.to_string())
                .push_bind(user_id.to_string())
                .push_bind(to_json(&row.by_service))
                .push_bind(row.by_service.values().max().map(Day::to_string));
        });
        query.push(
            " on conflict (tenant_id, user_id) do update set last_activity = excluded.last_activity,
                 last_day = excluded.last_day",
        );
        query.build().execute(conn).await.map(|_| ())
    })?;
    Ok(())
}

async fn upsert_rows(
    tx: &mut Tx,
    tenant_id: TenantId,
    report: UsageReport,
    rows: &[(UserId, ReportRow)],
) -> Result<(), StoreError> {
    on_either!(tx, conn => {
        let mut query = sqlx::QueryBuilder::new(
            "insert into report_rows_aside (tenant_id, report, user_id, last_day, details) ",
        );
        query.push_values(rows, |mut out, (user_id, row)| {
            out.push_bind(tenant_id.to_string())
                .push_bind(report.as_str())
                .push_bind(user_id.to_string())
                .push_bind(row.last.map(|day| day.to_string()))
                .push_bind(to_json(&row.details));
        });
        query.push(
            " on conflict (tenant_id, report, user_id) do update set last_day = excluded.last_day,
                 details = excluded.details",
        );
        query.build().execute(conn).await.map(|_| ())
    })?;
    Ok(())
}

#[derive(FromRow)]
struct Row {
    user_id: String,
    last_day: Option<String>,
    details: String,
}

/// Rows of these people, lying aside or published.
async fn find_rows(
    tx: &mut Tx,
    tenant_id: TenantId,
    report: UsageReport,
    ids: &[UserId],
    lying: bool,
) -> Result<HashMap<UserId, ReportRow>, StoreError> {
    const T: &str = "report_rows";
    let by_service = report == UsageReport::ActiveUsers;
    let columns = if by_service {
        "user_id, cast(null as text) as last_day, last_activity as details"
    } else {
        "user_id, last_day, details"
    };
    let table = if lying { aside(report) } else { aside(report).trim_end_matches("_aside") };
    let rows: Vec<Row> = on_either!(tx, conn => {
        let mut query = sqlx::QueryBuilder::new(format!("select {columns} from {table} where tenant_id = "));
        query.push_bind(tenant_id.to_string());
        query.push(only(report));
        query.push(" and user_id in (");
        let mut list = query.separated(", ");
        for id in ids {
            list.push_bind(id.to_string());
        }
        query.push(")");
        query.build_query_as().fetch_all(conn).await
    })?;
    rows.into_iter()
        .map(|row| {
            let mut read =
                ReportRow { last: parse_opt(T, "last_day", row.last_day.as_deref())?, ..ReportRow::default() };
            if by_service {
                read.by_service = parse_json(T, "last_activity", &row.details)?;
            } else {
                read.details = parse_json(T, "details", &row.details)?;
            }
            Ok((parse(T, "user_id", &row.user_id)?, read))
        })
        .collect()
}

/// Takes people out of what lies aside: one of their rows could not be used, and it may have been the
/// one that showed use.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn forget_report_aside(
    tx: &mut Tx,
    tenant_id: TenantId,
    report: UsageReport,
    ids: &[UserId],
) -> Result<(), StoreError> {
    for chunk in ids.chunks(500) {
        on_either!(&mut *tx, conn => {
            let mut query = sqlx::QueryBuilder::new(format!("delete from {} where tenant_id = ", aside(report)));
            query.push_bind(tenant_id.to_string());
            query.push(only(report));
            query.push(" and user_id in (");
            let mut list = query.separated(", ");
            for id in chunk {
                list.push_bind(id.to_string());
            }
            query.push(")");
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// For how many people a report has rows aside.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn count_report_aside(tx: &mut Tx, tenant_id: TenantId, report: UsageReport) -> Result<i64, StoreError> {
    let sql =
        sqlx::AssertSqlSafe(format!("select count(*) from {} where tenant_id = $1{}", aside(report), only(report)));
    let (count,): (i64,) =
        on_either!(tx, conn => sqlx::query_as(sql).bind(tenant_id.to_string()).fetch_one(conn).await)?;
    Ok(count)
}

/// Swaps what lies aside of a report in. `refreshed` is the day up to which it knows; a row seen in a
/// later refresh counts one refresh more.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn publish_report(
    tx: &mut Tx,
    tenant_id: TenantId,
    report: UsageReport,
    refreshed: Day,
    now: Timestamp,
) -> Result<(), StoreError> {
    if report == UsageReport::ActiveUsers {
        publish_active_users(tx, tenant_id, refreshed, now).await?;
    } else {
        publish_rows(tx, tenant_id, report, refreshed).await?;
    }
    clear_report_aside(tx, tenant_id, report).await
}

async fn publish_active_users(
    tx: &mut Tx,
    tenant_id: TenantId,
    refreshed: Day,
    now: Timestamp,
) -> Result<(), StoreError> {
    recount(tx, "service_use_aside, service_use").await?;
    run!(
        tx,
        tenant_id,
        "delete from service_use where tenant_id = $1 and not exists
             (select 1 from service_use_aside a where a.tenant_id = $1 and a.user_id = service_use.user_id)"
    );
    run!(
        tx,
        tenant_id,
        "insert into service_use (tenant_id, user_id, refreshed, refreshes, last_activity, last_day)
         select a.tenant_id, a.user_id, $2, 1, a.last_activity, a.last_day
         from service_use_aside a where a.tenant_id = $1
         on conflict (tenant_id, user_id) do update set
             refreshes = case when service_use.refreshed < excluded.refreshed then service_use.refreshes + 1
                              else service_use.refreshes end,
             refreshed = excluded.refreshed, last_activity = excluded.last_activity, last_day = excluded.last_day",
        refreshed.to_string()
    );
    keep_activity_days(tx, tenant_id, "service_use", now).await
}

async fn publish_rows(tx: &mut Tx, tenant_id: TenantId, report: UsageReport, refreshed: Day) -> Result<(), StoreError> {
    recount(tx, "report_rows_aside, report_rows").await?;
    run!(
        tx,
        tenant_id,
        "delete from report_rows where tenant_id = $1 and report = $2 and not exists
             (select 1 from report_rows_aside a where a.tenant_id = $1 and a.report = $2
                and a.user_id = report_rows.user_id)",
        report.as_str()
    );
    run!(
        tx,
        tenant_id,
        "insert into report_rows (tenant_id, report, user_id, last_day, details, first_refreshed)
         select a.tenant_id, a.report, a.user_id, a.last_day, a.details, $3
         from report_rows_aside a
         where a.tenant_id = $1 and a.report = $2
           and not exists (select 1 from report_rows r where r.tenant_id = $1 and r.report = $2
                             and r.user_id = a.user_id and r.last_day is not distinct from a.last_day
                             and r.details = a.details)
         on conflict (tenant_id, report, user_id) do update set last_day = excluded.last_day,
             details = excluded.details",
        report.as_str(),
        refreshed.to_string()
    );
    Ok(())
}

#[derive(FromRow)]
struct UseRow {
    report: String,
    user_id: String,
    last_day: Option<String>,
    details: String,
    first_refreshed: String,
    as_of: i64,
}

/// One person's row of a published report of one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedRow {
    /// When the person's service was used last, as far as the report knows.
    pub used: ReportUse,
    /// What else the row says.
    pub details: ReportDetails,
}

/// What the published reports of single services say about these people.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_report_rows(
    tx: &mut Tx,
    tenant_id: TenantId,
    ids: &[UserId],
) -> Result<HashMap<UserId, BTreeMap<UsageReport, PublishedRow>>, StoreError> {
    const T: &str = "report_rows";
    let mut found: HashMap<UserId, BTreeMap<UsageReport, PublishedRow>> = HashMap::new();
    for chunk in ids.chunks(500) {
        let rows: Vec<UseRow> = on_either!(&mut *tx, conn => {
            let mut query = sqlx::QueryBuilder::new(
                "select r.report, r.user_id, r.last_day, r.details, r.first_refreshed, s.as_of
                 from report_rows r join sources s on s.tenant_id = r.tenant_id and s.source = r.report
                 where s.as_of is not null and r.tenant_id = ",
            );
            query.push_bind(tenant_id.to_string());
            query.push(" and r.report in (");
            let mut list = query.separated(", ");
            for report in UsageReport::ALL {
                list.push_bind(report.as_str());
            }
            query.push(") and r.user_id in (");
            let mut list = query.separated(", ");
            for id in chunk {
                list.push_bind(id.to_string());
            }
            query.push(")");
            query.build_query_as().fetch_all(conn).await
        })?;
        for row in rows {
            // The source is known up to the end of the day of its refresh.
            let refreshed = Timestamp::from_micros(row.as_of - 1).day();
            let first: Day = parse(T, "first_refreshed", &row.first_refreshed)?;
            let used = ReportUse {
                refreshed,
                refreshes: if first < refreshed { 2 } else { 1 },
                last: parse_opt(T, "last_day", row.last_day.as_deref())?,
            };
            let details = parse_json(T, "details", &row.details)?;
            found
                .entry(parse(T, "user_id", &row.user_id)?)
                .or_default()
                .insert(parse(T, "report", &row.report)?, PublishedRow { used, details });
        }
    }
    Ok(found)
}
