//! The facts that detection judges, and the findings it makes.

use std::collections::BTreeMap;

use reseat_domain::activity::{ServiceUse, SignIn};
use reseat_domain::detect::{FindingKind, Verdict};
use reseat_domain::directory::{HeldSeat, NonEmployee};
use reseat_domain::employment::Employment;
use reseat_domain::ids::{FindingId, SeatKey, TenantId, UserId};
use reseat_domain::rule::{Justification, Rule};
use reseat_domain::time::Timestamp;
use reseat_domain::usage_report::{ReportUse, UsageReport};
use sqlx::FromRow;

use crate::error::{StoreError, corrupt, parse, parse_json, parse_opt, to_json};
use crate::pool::{Tx, on_either};
use crate::rounds::list_report_rows;

/// Everything stored about one seat and its holder, ready to be judged.
#[derive(Debug, Clone)]
pub struct StoredFacts {
    /// The seat.
    pub user_id: UserId,
    /// With its paths.
    pub seat: HeldSeat,
    /// Whether sign-in is allowed.
    pub account_enabled: bool,
    /// When the account was made.
    pub account_created: Option<Timestamp>,
    /// What a person declared the account to be.
    pub declared: Option<NonEmployee>,
    /// Sign-in dates and when they were read.
    pub sign_in: Option<(SignIn, Timestamp)>,
    /// The row of the active-user report.
    pub service_use: Option<ServiceUse>,
    /// The rows of the reports of single services.
    pub reports: BTreeMap<UsageReport, ReportUse>,
    /// The roster rows that carry one of the person's addresses: none, one, or an ambiguity.
    pub roster_rows: Vec<Employment>,
    /// Whether somebody else carries the address of such a row too, so that it may be about them (R10).
    pub roster_shared: bool,
    /// Line and reason of a row of the roster that may be about this person and could not be used.
    pub roster_unknown: Option<(i64, String)>,
}

#[derive(FromRow)]
struct FactsRow {
    user_id: String,
    sku_id: String,
    paths: String,
    account_enabled: bool,
    created_at: Option<i64>,
    declared: Option<String>,
    last_successful: Option<i64>,
    last_interactive: Option<i64>,
    last_non_interactive: Option<i64>,
    sign_in_as_of: Option<i64>,
    refreshed: Option<String>,
    refreshes: Option<i64>,
    last_activity: Option<String>,
    mail_status: Option<String>,
    mail_start: Option<String>,
    mail_end: Option<String>,
    upn_status: Option<String>,
    upn_start: Option<String>,
    upn_end: Option<String>,
    same_address: bool,
    roster_shared: bool,
    unknown_line: Option<i64>,
    unknown_reason: Option<String>,
}

const FACTS: &str = "select s.user_id, s.sku_id, s.paths, p.account_enabled, p.created_at, p.declared,
        si.last_successful, si.last_interactive, si.last_non_interactive, si.as_of as sign_in_as_of,
        su.refreshed, su.refreshes, su.last_activity,
        rm.status as mail_status, rm.start_on as mail_start, rm.end_on as mail_end,
        ru.status as upn_status, ru.start_on as upn_start, ru.end_on as upn_end,
        coalesce(p.mail_folded = p.upn_folded, FALSE) as same_address,
        coalesce(rm.email_folded is not null and (
            exists (select 1 from people o where o.tenant_id = p.tenant_id and o.mail_folded = rm.email_folded
                      and o.user_id <> p.user_id)
            or exists (select 1 from people o where o.tenant_id = p.tenant_id and o.upn_folded = rm.email_folded
                         and o.user_id <> p.user_id))
          or ru.email_folded is not null and (
            exists (select 1 from people o where o.tenant_id = p.tenant_id and o.mail_folded = ru.email_folded
                      and o.user_id <> p.user_id)
            or exists (select 1 from people o where o.tenant_id = p.tenant_id and o.upn_folded = ru.email_folded
                         and o.user_id <> p.user_id)), FALSE) as roster_shared,
        coalesce(um.line, uu.line) as unknown_line, coalesce(um.reason, uu.reason) as unknown_reason
    from seats s
    join people p on p.tenant_id = s.tenant_id and p.user_id = s.user_id
    left join sign_ins si on si.tenant_id = s.tenant_id and si.user_id = s.user_id
    left join service_use su on su.tenant_id = s.tenant_id and su.user_id = s.user_id
    left join roster rm on rm.tenant_id = s.tenant_id and rm.email_folded = p.mail_folded
    left join roster ru on ru.tenant_id = s.tenant_id and ru.email_folded = p.upn_folded
    left join roster_unknown um on um.tenant_id = s.tenant_id and um.email_folded = p.mail_folded
    left join roster_unknown uu on uu.tenant_id = s.tenant_id and uu.email_folded = p.upn_folded";

impl FactsRow {
    fn into_facts(self) -> Result<StoredFacts, StoreError> {
        let mut roster_rows = Vec::new();
        roster_rows.extend(employment(
            self.mail_status.as_deref(),
            self.mail_start.as_deref(),
            self.mail_end.as_deref(),
        )?);
        if !self.same_address {
            roster_rows.extend(employment(
                self.upn_status.as_deref(),
                self.upn_start.as_deref(),
                self.upn_end.as_deref(),
            )?);
        }
        let service_use = match (&self.refreshed, self.refreshes, &self.last_activity) {
            (Some(refreshed), Some(refreshes), Some(activity)) => {
                Some(crate::rounds::service_use(refreshed, refreshes, activity)?)
            }
            _ => None,
        };
        Ok(StoredFacts {
            user_id: parse("seats", "user_id", &self.user_id)?,
            seat: HeldSeat {
                sku_id: parse("seats", "sku_id", &self.sku_id)?,
                paths: parse_json("seats", "paths", &self.paths)?,
            },
            account_enabled: self.account_enabled,
            account_created: self.created_at.map(Timestamp::from_micros),
            declared: parse_opt("people", "declared", self.declared.as_deref())?,
            sign_in: self.sign_in_as_of.map(|as_of| {
                let sign_in = SignIn {
                    last_successful: self.last_successful.map(Timestamp::from_micros),
                    last_interactive: self.last_interactive.map(Timestamp::from_micros),
                    last_non_interactive: self.last_non_interactive.map(Timestamp::from_micros),
                };
                (sign_in, Timestamp::from_micros(as_of))
            }),
            service_use,
            reports: BTreeMap::new(),
            roster_rows,
            roster_shared: self.roster_shared,
            roster_unknown: self.unknown_line.zip(self.unknown_reason),
        })
    }
}

fn employment(status: Option<&str>, start: Option<&str>, end: Option<&str>) -> Result<Option<Employment>, StoreError> {
    let Some(status) = status else { return Ok(None) };
    Ok(Some(Employment {
        status: parse("roster", "status", status)?,
        start: parse_opt("roster", "start_on", start)?,
        end: parse_opt("roster", "end_on", end)?,
    }))
}

/// A page of seats with their facts, after `after` in the order of their keys.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_facts(
    tx: &mut Tx,
    tenant_id: TenantId,
    after: Option<SeatKey>,
    limit: i64,
) -> Result<Vec<StoredFacts>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{FACTS} where s.tenant_id = $1 and (s.user_id, s.sku_id) > ($2, $3) order by s.user_id, s.sku_id limit $4"
    ));
    let rows: Vec<FactsRow> = on_either!(tx, conn =>
        sqlx::query_as(sql)
            .bind(tenant_id.to_string())
            .bind(after.map_or_else(String::new, |key| key.user_id.to_string()))
            .bind(after.map_or_else(String::new, |key| key.sku_id.to_string()))
            .bind(limit)
            .fetch_all(conn)
            .await)?;
    let mut facts = rows.into_iter().map(FactsRow::into_facts).collect::<Result<Vec<_>, _>>()?;
    add_reports(tx, tenant_id, &mut facts).await?;
    Ok(facts)
}

/// Adds what the reports of single services say about the holders.
async fn add_reports(tx: &mut Tx, tenant_id: TenantId, facts: &mut [StoredFacts]) -> Result<(), StoreError> {
    // Seats of one person follow each other.
    let mut ids: Vec<UserId> = facts.iter().map(|item| item.user_id).collect();
    ids.dedup();
    let rows = list_report_rows(tx, tenant_id, &ids).await?;
    for item in facts {
        let Some(reports) = rows.get(&item.user_id) else { continue };
        item.reports = reports.iter().map(|(report, row)| (*report, row.used)).collect();
    }
    Ok(())
}

/// The facts of one seat, if it is held as of the last published round.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_facts(tx: &mut Tx, tenant_id: TenantId, key: SeatKey) -> Result<Option<StoredFacts>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{FACTS} where s.tenant_id = $1 and s.user_id = $2 and s.sku_id = $3"));
    let row: Option<FactsRow> = on_either!(tx, conn =>
        sqlx::query_as(sql)
            .bind(tenant_id.to_string())
            .bind(key.user_id.to_string())
            .bind(key.sku_id.to_string())
            .fetch_optional(conn)
            .await)?;
    let mut facts: Vec<StoredFacts> = row.map(FactsRow::into_facts).transpose()?.into_iter().collect();
    add_reports(tx, tenant_id, &mut facts).await?;
    Ok(facts.pop())
}

/// A finding about to be kept.
#[derive(Debug, Clone)]
pub struct NewFinding {
    /// Its id, if the seat has none yet.
    pub id: FindingId,
    /// Which seat.
    pub seat: SeatKey,
    /// Whether sign-in is allowed.
    pub account_enabled: bool,
    /// What the rule says.
    pub verdict: Verdict,
}

/// The order of lists: never used before the longest idle, and what is not known last.
fn idle_rank(verdict: &Verdict) -> i64 {
    let never_used = verdict.justifications.contains(&Justification::NeverUsed);
    if never_used { 1_000_000 } else { verdict.idle_days.unwrap_or(-1) }
}

/// Keeps findings; a seat keeps its finding's id as long as it is held.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn upsert_findings(
    tx: &mut Tx,
    tenant_id: TenantId,
    rule: &Rule,
    findings: &[NewFinding],
    now: Timestamp,
) -> Result<(), StoreError> {
    for chunk in findings.chunks(500) {
        on_either!(&mut *tx, conn => {
            let mut query = sqlx::QueryBuilder::new(
                "insert into findings (tenant_id, id, user_id, sku_id, kind, justification, justifications, idle_days,
                     idle_rank, last_activity, account_enabled, verdict, rule_id, rule_version, decided_at) ",
            );
            query.push_values(chunk, |mut row, item| {
                let main = item.verdict.justifications.first().map(|it| it.as_str());
                row.push_bind(tenant_id.to_string())
                    .push_bind(item.id.to_string())
                    .push_bind(item.seat.user_id.to_string())
                    .push_bind(item.seat.sku_id.to_string())
                    .push_bind(item.verdict.kind.as_str())
                    .push_bind(main)
                    .push_bind(to_json(&item.verdict.justifications))
                    .push_bind(item.verdict.idle_days)
                    .push_bind(idle_rank(&item.verdict))
                    .push_bind(item.verdict.last_activity.map(|day| day.to_string()))
                    .push_bind(item.account_enabled)
                    .push_bind(to_json(&item.verdict))
                    .push_bind(rule.id.to_string())
                    .push_bind(i64::from(rule.version))
                    .push_bind(now.as_micros());
            });
            query.push(
                " on conflict (tenant_id, user_id, sku_id) do update set kind = excluded.kind,
                     justification = excluded.justification, justifications = excluded.justifications,
                     idle_days = excluded.idle_days, idle_rank = excluded.idle_rank,
                     last_activity = excluded.last_activity,
                     account_enabled = excluded.account_enabled, verdict = excluded.verdict,
                     rule_id = excluded.rule_id, rule_version = excluded.rule_version, decided_at = excluded.decided_at",
            );
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// Forgets a seat that is proven gone, with its finding, so that no figure counts it any more (C29).
/// The next round of people says the same.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn delete_seat(tx: &mut Tx, tenant_id: TenantId, key: SeatKey) -> Result<(), StoreError> {
    for sql in [
        "delete from findings where tenant_id = $1 and user_id = $2 and sku_id = $3",
        "delete from seats where tenant_id = $1 and user_id = $2 and sku_id = $3",
    ] {
        on_either!(&mut *tx, conn =>
            sqlx::query(sql)
                .bind(tenant_id.to_string())
                .bind(key.user_id.to_string())
                .bind(key.sku_id.to_string())
                .execute(conn)
                .await
                .map(|_| ()))?;
    }
    on_either!(&mut *tx, conn =>
        sqlx::query(
            // Without its hash the row is written again by the next round, whatever that reads.
            "update people set row_hash = '',
                 seat_count = (select count(*) from seats s where s.tenant_id = $1 and s.user_id = $2)
             where tenant_id = $1 and user_id = $2",
        )
        .bind(tenant_id.to_string())
        .bind(key.user_id.to_string())
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Forgets findings about seats that are no longer held.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn delete_stale_findings(tx: &mut Tx, tenant_id: TenantId) -> Result<(), StoreError> {
    crate::dialect::recount(tx, "findings").await?;
    on_either!(tx, conn =>
        sqlx::query(
            "delete from findings where tenant_id = $1 and not exists
                 (select 1 from seats s where s.tenant_id = findings.tenant_id and s.user_id = findings.user_id
                    and s.sku_id = findings.sku_id)",
        )
        .bind(tenant_id.to_string())
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// A finding as the engine needs it.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Its id.
    pub id: FindingId,
    /// What the rule says.
    pub verdict: Verdict,
    /// Under which rule.
    pub rule_id: String,
    /// In which version.
    pub rule_version: i64,
}

/// The finding about a seat.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_finding(tx: &mut Tx, tenant_id: TenantId, key: SeatKey) -> Result<Option<Finding>, StoreError> {
    let row: Option<(String, String, String, i64)> = on_either!(tx, conn =>
        sqlx::query_as(
            "select id, verdict, rule_id, rule_version from findings
             where tenant_id = $1 and user_id = $2 and sku_id = $3",
        )
        .bind(tenant_id.to_string())
        .bind(key.user_id.to_string())
        .bind(key.sku_id.to_string())
        .fetch_optional(conn)
        .await)?;
    row.map(|(id, verdict, rule_id, rule_version)| {
        Ok(Finding {
            id: parse("findings", "id", &id)?,
            verdict: parse_json("findings", "verdict", &verdict)?,
            rule_id,
            rule_version,
        })
    })
    .transpose()
}

/// How many findings of each kind there are.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn count_by_kind(tx: &mut Tx, tenant_id: TenantId) -> Result<Vec<(FindingKind, i64)>, StoreError> {
    let rows: Vec<(String, i64)> = on_either!(tx, conn =>
        sqlx::query_as("select kind, count(*) from findings where tenant_id = $1 group by kind order by kind")
            .bind(tenant_id.to_string())
            .fetch_all(conn)
            .await)?;
    rows.into_iter()
        .map(|(kind, count)| Ok((kind.parse().map_err(|_| corrupt("findings", "kind", &kind))?, count)))
        .collect()
}

/// The skus a person holds, as of the last published round.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_skus_of(
    tx: &mut Tx,
    tenant_id: TenantId,
    user_id: UserId,
) -> Result<Vec<reseat_domain::ids::SkuId>, StoreError> {
    let rows: Vec<(String,)> = on_either!(tx, conn =>
        sqlx::query_as("select sku_id from seats where tenant_id = $1 and user_id = $2 order by sku_id")
            .bind(tenant_id.to_string())
            .bind(user_id.to_string())
            .fetch_all(conn)
            .await)?;
    rows.iter().map(|row| parse("seats", "sku_id", &row.0)).collect()
}
