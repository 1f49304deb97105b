//! The first page: what there is, what it costs, what waits.

use reseat_domain::budget::BudgetLimits;
use reseat_domain::candidate::StateName;
use reseat_domain::catalog;
use reseat_domain::money;
use reseat_domain::time::Timestamp;
use reseat_store::integration::TenantRow;
use reseat_store::read::overview::{JustificationFigures, Overview as Figures};
use reseat_store::read::skus::{KindCounts, SkuItem};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

use crate::scalar::{Amounts, JustificationName, Moment};
use crate::v1::applications::Source;
use crate::v1::applications::connections::ExpiryWarning;
use crate::v1::audit::AuditItem;
use crate::v1::freeze::Freeze;
use crate::words;

pub mod read;

/// The whole picture in one answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Overview {
    /// What time it is for the engine.
    pub now: Moment,
    /// The tenant.
    pub tenant: OverviewTenant,
    /// The freeze in force, if one is.
    pub freeze: Option<Freeze>,
    /// People known.
    pub people: i64,
    /// Seats held: one person holding one sku.
    pub seats: i64,
    /// Findings by kind.
    pub findings: FindingCounts,
    /// What all seats cost in a year.
    pub annual_spend: Amounts,
    /// What idle seats cost in a year.
    pub recoverable: Amounts,
    /// What seats proven free no longer cost in a year.
    pub proven_savings: Amounts,
    /// What seats that only a person can judge cost in a year.
    pub needs_person_value: Amounts,
    /// License types with idle seats and no price: they are in no amount above.
    pub unpriced: Vec<UnpricedSku>,
    /// Candidates by state, every state present.
    #[schema(value_type = BTreeMap<String, i64>)]
    pub candidates: BTreeMap<String, i64>,
    /// Candidates that need a person.
    pub attention: i64,
    /// Writes whose outcome is not known yet.
    pub undecided_writes: UndecidedWrites,
    /// Findings by license type.
    pub by_sku: Vec<SkuFindings>,
    /// Idle seats by reason.
    pub by_justification: Vec<JustificationSeats>,
    /// How fresh what was read is.
    pub sources: Vec<Source>,
    /// Secrets and certificates that end soon, or have ended.
    pub warnings: Vec<ExpiryWarning>,
    /// The last ten entries of the trail.
    pub recent: Vec<AuditItem>,
    /// Why nothing that is approved is written now (frozen, stopped by itself, outside the change windows, …); null
    /// while nothing stands in the way.
    pub waits_because: Option<String>,
    /// When the engine next has something to do.
    pub next_due_at: Option<Moment>,
    /// How many removals may start.
    pub budget: Budget,
}

/// The tenant, and whether it writes.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OverviewTenant {
    /// Its id.
    pub tenant_id: String,
    /// Shown name.
    pub name: String,
    /// Whether one person may propose and approve.
    pub single_operator: bool,
    /// Until when nothing is written, only observed.
    pub observing_until: Option<Moment>,
    /// Why runs are held back, if they are.
    pub held: Option<Hold>,
}

/// Why runs are held back.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Hold {
    /// In one sentence.
    pub reason: String,
    /// Since when.
    pub since: Moment,
}

/// Findings by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct FindingCounts {
    /// All evidence says idle.
    pub idle: i64,
    /// Some evidence speaks for keeping it.
    pub in_use: i64,
    /// A required signal is missing, stale or contradicts another.
    pub insufficient_evidence: i64,
    /// Only a person can tell.
    pub needs_person: i64,
}

/// A license type without a price.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UnpricedSku {
    /// Its id.
    pub sku_id: String,
    /// Friendly name.
    pub name: String,
    /// Idle seats, whose worth is not known.
    pub idle_seats: i64,
}

/// Writes that were or may have been sent and whose outcome is not known.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UndecidedWrites {
    /// How many.
    pub count: i64,
    /// Since when the oldest one waits.
    pub oldest_since: Option<Moment>,
}

/// A license type with its findings.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SkuFindings {
    /// Its id.
    pub sku_id: String,
    /// Friendly name.
    pub name: String,
    /// Microsoft's part number.
    pub part_number: String,
    /// All evidence says idle.
    pub idle: i64,
    /// A required signal is missing, stale or contradicts another.
    pub insufficient_evidence: i64,
    /// Only a person can tell.
    pub needs_person: i64,
    /// What the idle seats cost in a year; null without a price.
    pub recoverable: Option<Amounts>,
}

/// Idle seats with one main reason.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct JustificationSeats {
    /// The reason.
    pub justification: JustificationName,
    /// In words.
    pub label: String,
    /// How many.
    pub seats: i64,
    /// What they cost in a year, as far as prices are known.
    pub recoverable: Amounts,
}

/// How many removals may start.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Budget {
    /// In the very first run.
    pub first_run: u32,
    /// In a run.
    pub per_run: u32,
    /// In 24 hours.
    pub per_day: u32,
    /// Started in the last 24 hours.
    pub started_today: i64,
}

impl Overview {
    /// From the figures; what comes from elsewhere is still empty.
    pub fn new(now: Timestamp, tenant: &TenantRow, figures: Figures, budget: &BudgetLimits) -> Self {
        let count = |state| figures.candidates.get(&state).copied().unwrap_or(0);
        let (undecided, oldest_since) = figures.undecided_writes;
        Self {
            now: now.into(),
            tenant: OverviewTenant::new(tenant, now),
            freeze: None,
            people: figures.people,
            seats: figures.seats,
            findings: figures.findings.into(),
            candidates: StateName::ALL.iter().map(|&state| (state.to_string(), count(state))).collect(),
            attention: count(StateName::AttentionRequired),
            undecided_writes: UndecidedWrites { count: undecided, oldest_since: oldest_since.map(Moment) },
            unpriced: figures.skus.iter().filter_map(UnpricedSku::of).collect(),
            by_sku: figures.skus.iter().filter(|item| item.assigned > 0).map(SkuFindings::from).collect(),
            by_justification: figures.by_justification.into_iter().map(JustificationSeats::from).collect(),
            annual_spend: figures.annual_spend.into(),
            recoverable: figures.recoverable.into(),
            proven_savings: figures.proven_savings.into(),
            needs_person_value: figures.needs_person_value.into(),
            sources: Vec::new(),
            warnings: Vec::new(),
            recent: Vec::new(),
            waits_because: None,
            next_due_at: None,
            budget: Budget {
                first_run: budget.first_run,
                per_run: budget.per_run,
                per_day: budget.per_day,
                started_today: figures.started_today,
            },
        }
    }
}

impl OverviewTenant {
    fn new(row: &TenantRow, now: Timestamp) -> Self {
        let held = row.held_reason.clone().zip(row.held_since);
        let observing = row.observe_until.map(Timestamp::from_micros).filter(|&until| until > now);
        Self {
            tenant_id: row.tenant_id.clone(),
            name: row.name.clone(),
            single_operator: row.single_operator,
            observing_until: observing.map(Moment),
            held: held.map(|(reason, since)| Hold { reason, since: Moment::from_micros(since) }),
        }
    }
}

impl From<KindCounts> for FindingCounts {
    fn from(counts: KindCounts) -> Self {
        let KindCounts { idle, in_use, insufficient_evidence, needs_person } = counts;
        Self { idle, in_use, insufficient_evidence, needs_person }
    }
}

impl UnpricedSku {
    /// A license type whose idle seats have a worth that nobody entered.
    fn of(item: &SkuItem) -> Option<Self> {
        let gap = item.findings.idle > 0 && item.price.is_none() && !catalog::is_free(item.sku.sku_id);
        gap.then(|| Self {
            sku_id: item.sku.sku_id.to_string(),
            name: item.sku.name.clone(),
            idle_seats: item.findings.idle,
        })
    }
}

impl From<&SkuItem> for SkuFindings {
    fn from(item: &SkuItem) -> Self {
        Self {
            sku_id: item.sku.sku_id.to_string(),
            name: item.sku.name.clone(),
            part_number: item.sku.part_number.clone(),
            idle: item.findings.idle,
            insufficient_evidence: item.findings.insufficient_evidence,
            needs_person: item.findings.needs_person,
            recoverable: item.price.map(|_| item.recoverable.into_iter().collect::<money::Amounts>().into()),
        }
    }
}

impl From<JustificationFigures> for JustificationSeats {
    fn from(figures: JustificationFigures) -> Self {
        Self {
            justification: figures.justification.into(),
            label: words::justification(figures.justification).to_owned(),
            seats: figures.seats,
            recoverable: figures.recoverable.into(),
        }
    }
}
