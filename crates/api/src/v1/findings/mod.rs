//! What the rule says about each seat now, with the evidence frozen when it was said.

use reseat_domain::detect;
use reseat_domain::evidence;
use reseat_store::read::findings::FindingItem;
use serde::Serialize;
use utoipa::ToSchema;

use crate::scalar::{Amounts, Day, FindingKindName, JustificationName, Moment, SignalName, SignalStatusName};
use crate::v1::candidates::CandidateRef;
use crate::v1::people::PersonRef;
use crate::v1::skus::SkuRef;
use crate::words;

pub mod list;
pub mod read;

/// A finding.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Finding {
    /// Its id.
    pub finding_id: String,
    /// The seat it is about.
    pub seat_id: String,
    /// Who holds it.
    pub person: PersonRef,
    /// What is held.
    pub sku: SkuRef,
    /// The answer.
    pub kind: FindingKindName,
    /// The answer in words.
    pub kind_label: String,
    /// Every reason that holds, the main one first.
    pub justifications: Vec<JustificationName>,
    /// Why, in one sentence.
    pub why: String,
    /// Whole days without use, when known.
    pub idle_days: Option<i64>,
    /// Last day with use.
    pub last_activity: Option<Day>,
    /// When it was decided.
    pub decided_at: Moment,
    /// Under which rule.
    pub rule_id: String,
    /// In which version.
    pub rule_version: i64,
    /// What the seat costs in a year; null without a price.
    pub annual_cost: Option<Amounts>,
    /// The seat's newest candidate.
    pub candidate: Option<CandidateRef>,
}

/// A finding with its evidence.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FindingDetail {
    /// As in the list.
    #[serde(flatten)]
    pub finding: Finding,
    /// Every signal looked at.
    pub evidence: Vec<Evidence>,
    /// What kept the seat from being judged.
    pub missing: Vec<MissingSignal>,
}

/// One dated signal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Evidence {
    /// Which signal.
    pub signal: SignalName,
    /// In words.
    pub label: String,
    /// What it said; null when it was not there.
    pub value: Option<String>,
    /// Where it came from.
    pub source: String,
    /// Up to when the source knew.
    pub as_of: Option<Moment>,
    /// What it says about the seat.
    pub status: SignalStatusName,
    /// Why, where the status alone does not tell.
    pub note: Option<String>,
    /// How old the source may be, in hours.
    pub limit_hours: Option<u32>,
}

/// A required signal that was not there.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MissingSignal {
    /// Which.
    pub signal: SignalName,
    /// In words.
    pub label: String,
    /// Why it was not there.
    pub why: String,
}

/// Findings.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FindingList {
    /// This page.
    pub items: Vec<Finding>,
    /// Where the next page begins; null on the last one.
    pub next_cursor: Option<String>,
}

impl From<evidence::Evidence> for Evidence {
    fn from(item: evidence::Evidence) -> Self {
        Self {
            signal: item.signal.into(),
            label: words::signal(item.signal).to_owned(),
            value: item.value,
            source: item.source,
            as_of: item.as_of.map(Moment),
            status: item.status.into(),
            note: item.note,
            limit_hours: item.limit_hours,
        }
    }
}

impl From<detect::MissingSignal> for MissingSignal {
    fn from(missing: detect::MissingSignal) -> Self {
        let label = words::signal(missing.signal).to_owned();
        Self { signal: missing.signal.into(), label, why: missing.why }
    }
}

impl From<FindingItem> for Finding {
    fn from(item: FindingItem) -> Self {
        let seat_id = item.key().to_string();
        let verdict = item.finding.verdict;
        Self {
            finding_id: item.finding.id.to_string(),
            seat_id,
            person: item.person.into(),
            sku: item.sku.into(),
            kind: verdict.kind.into(),
            kind_label: words::finding_kind(verdict.kind).to_owned(),
            why: words::why(&verdict),
            idle_days: verdict.idle_days,
            last_activity: verdict.last_activity.map(Day),
            justifications: verdict.justifications.into_iter().map(JustificationName).collect(),
            decided_at: item.finding.decided_at.into(),
            rule_id: item.finding.rule_id,
            rule_version: item.finding.rule_version,
            annual_cost: item.annual.map(Amounts::from),
            candidate: item.candidate.map(CandidateRef::from),
        }
    }
}

impl From<FindingItem> for FindingDetail {
    fn from(item: FindingItem) -> Self {
        let evidence = item.finding.verdict.evidence.clone().into_iter().map(Evidence::from).collect();
        let missing = item.finding.verdict.missing.clone().into_iter().map(MissingSignal::from).collect();
        Self { finding: item.into(), evidence, missing }
    }
}
