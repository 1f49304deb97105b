//! The figures of the first page.

use std::collections::BTreeMap;

use reseat_domain::candidate::StateName;
use reseat_domain::ids::TenantId;
use reseat_domain::money::{Amounts, Money};
use reseat_domain::rule::Justification;
use reseat_domain::time::Timestamp;
use sqlx::FromRow;

use super::prices::list_prices;
use super::query::Query;
use super::skus::{KindCounts, SkuItem, list_skus};
use crate::error::{StoreError, parse};
use crate::pool::Tx;

/// The figures of the first page. Amounts are over seats with a price only.
#[derive(Debug, Clone)]
pub struct Overview {
    /// People in the directory.
    pub people: i64,
    /// Seats held.
    pub seats: i64,
    /// Seats by what their finding says.
    pub findings: KindCounts,
    /// What the purchased seats cost in a year.
    pub annual_spend: Amounts,
    /// What the idle seats cost in a year.
    pub recoverable: Amounts,
    /// What the seats that need a person cost in a year.
    pub needs_person_value: Amounts,
    /// What was proven free, less what was given back.
    pub proven_savings: Amounts,
    /// Every license type, those with the most idle seats first.
    pub skus: Vec<SkuItem>,
    /// Idle seats by their main reason.
    pub by_justification: Vec<JustificationFigures>,
    /// Candidates by state; a state with none is not listed.
    pub candidates: BTreeMap<StateName, i64>,
    /// Writes whose outcome is not known: how many, and since when the oldest.
    pub undecided_writes: (i64, Option<Timestamp>),
    /// Removals started in the last 24 hours, for the budget.
    pub started_today: i64,
    /// When the next candidate is due.
    pub next_candidate_due_at: Option<Timestamp>,
    /// When the next enabled task is due.
    pub next_task_due_at: Option<Timestamp>,
}

/// Idle seats with one main reason.
#[derive(Debug, Clone)]
pub struct JustificationFigures {
    /// The reason.
    pub justification: Justification,
    /// How many seats.
    pub seats: i64,
    /// What they cost in a year.
    pub recoverable: Amounts,
}

#[derive(FromRow)]
struct Figures {
    people: i64,
    seats: i64,
    undecided: i64,
    undecided_since: Option<i64>,
    started_today: i64,
    next_candidate_due_at: Option<i64>,
    next_task_due_at: Option<i64>,
}

/// The figures of the first page.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn read_overview(tx: &mut Tx, tenant_id: TenantId, now: Timestamp) -> Result<Overview, StoreError> {
    let figures = figures(tx, tenant_id, now).await?;
    let skus = list_skus(tx, tenant_id).await?;
    let mut findings = KindCounts::default();
    for item in &skus {
        findings.idle += item.findings.idle;
        findings.in_use += item.findings.in_use;
        findings.insufficient_evidence += item.findings.insufficient_evidence;
        findings.needs_person += item.findings.needs_person;
    }
    Ok(Overview {
        people: figures.people,
        seats: figures.seats,
        findings,
        annual_spend: skus.iter().filter_map(|item| item.annual_spend).collect(),
        recoverable: skus.iter().filter_map(|item| item.recoverable).collect(),
        needs_person_value: skus.iter().filter_map(|item| item.needs_person_value).collect(),
        proven_savings: proven_savings(tx, tenant_id).await?,
        by_justification: by_justification(tx, tenant_id).await?,
        candidates: count_candidates(tx, tenant_id).await?,
        undecided_writes: (figures.undecided, figures.undecided_since.map(Timestamp::from_micros)),
        started_today: figures.started_today,
        next_candidate_due_at: figures.next_candidate_due_at.map(Timestamp::from_micros),
        next_task_due_at: figures.next_task_due_at.map(Timestamp::from_micros),
        skus,
    })
}

async fn figures(tx: &mut Tx, tenant_id: TenantId, now: Timestamp) -> Result<Figures, StoreError> {
    let tenant = || tenant_id.to_string().into();
    let mut query = Query::new("select");
    query.push(
        " (select count(*) from people where tenant_id = ?) as people,
          (select count(*) from seats where tenant_id = ?) as seats,
          (select count(*) from candidates where tenant_id = ? and state in ('revoking', 'restoring')) as undecided,
          (select min(updated_at) from candidates where tenant_id = ? and state in ('revoking', 'restoring'))
              as undecided_since,
          (select count(*) from intents where tenant_id = ? and kind <> 'restore' and state <> 'not_sent'
              and created_at > ?) as started_today,
          (select min(next_due_at) from candidates where tenant_id = ? and next_due_at is not null)
              as next_candidate_due_at,
          (select min(next_due_at) from integration_tasks where tenant_id = ? and enabled = TRUE) as next_task_due_at",
        [tenant(), tenant(), tenant(), tenant(), tenant(), now.plus_days(-1).as_micros().into(), tenant(), tenant()],
    );
    Ok(query.fetch_one(tx).await?.expect("a select of scalars has one row"))
}

/// Candidates by state.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn count_candidates(tx: &mut Tx, tenant_id: TenantId) -> Result<BTreeMap<StateName, i64>, StoreError> {
    let mut query = Query::new("select state, count(*) from candidates");
    query.push(" where tenant_id = ? group by state", [tenant_id.to_string().into()]);
    let rows: Vec<(String, i64)> = query.fetch(tx).await?;
    rows.into_iter().map(|(state, count)| Ok((parse("candidates", "state", &state)?, count))).collect()
}

async fn by_justification(tx: &mut Tx, tenant_id: TenantId) -> Result<Vec<JustificationFigures>, StoreError> {
    let prices = list_prices(tx, tenant_id).await?;
    let mut query = Query::new("select justification, sku_id, count(*) from findings");
    query.push(
        " where tenant_id = ? and kind = 'idle' and justification is not null group by justification, sku_id",
        [tenant_id.to_string().into()],
    );
    let rows: Vec<(String, String, i64)> = query.fetch(tx).await?;
    let mut figures: BTreeMap<Justification, (i64, Amounts)> = BTreeMap::new();
    for (justification, sku_id, count) in rows {
        let entry = figures.entry(parse("findings", "justification", &justification)?).or_default();
        entry.0 += count;
        if let Some(money) = prices.annual(parse("findings", "sku_id", &sku_id)?, count) {
            entry.1.add(money);
        }
    }
    Ok(figures
        .into_iter()
        .map(|(justification, (seats, recoverable))| JustificationFigures { justification, seats, recoverable })
        .collect())
}

/// What was proven free in a year's cost, less what was given back.
async fn proven_savings(tx: &mut Tx, tenant_id: TenantId) -> Result<Amounts, StoreError> {
    let mut query = Query::new(
        "select currency, cast(sum(case when kind = 'freed' then annual_minor else -annual_minor end) as bigint)
         from savings",
    );
    query.push(
        " where tenant_id = ? and annual_minor is not null and currency is not null group by currency",
        [tenant_id.to_string().into()],
    );
    let rows: Vec<(String, i64)> = query.fetch(tx).await?;
    rows.into_iter()
        .map(|(currency, minor)| Ok(Money { minor, currency: parse("savings", "currency", &currency)? }))
        .collect()
}
