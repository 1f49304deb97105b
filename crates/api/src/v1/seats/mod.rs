//! Seats: one person holding one license type, through one or more paths.

use reseat_domain::directory;
use reseat_store::read::findings::FindingItem;
use reseat_store::read::seats;
use serde::Serialize;
use utoipa::ToSchema;

use crate::scalar::{Amounts, Day, FindingKindName, JustificationName, Moment};
use crate::v1::candidates::CandidateRef;
use crate::v1::findings::FindingDetail;
use crate::v1::people::PersonRef;
use crate::v1::skus::SkuRef;
use crate::words;

pub mod list;
pub mod read;

/// A seat.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Seat {
    /// `<user id>_<sku id>`.
    pub seat_id: String,
    /// Who holds it.
    pub person: PersonRef,
    /// What is held.
    pub sku: SkuRef,
    /// Through what. Empty when the directory lists the license without saying how.
    pub paths: Vec<SeatPath>,
    /// Since when, if every path says so.
    pub license_since: Option<Moment>,
    /// What the rule says about it now.
    pub finding: Option<SeatFinding>,
    /// Its newest candidate.
    pub candidate: Option<CandidateRef>,
    /// What it costs in a year; null without a price.
    pub annual_cost: Option<Amounts>,
}

/// How a seat is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// Assigned to the person.
    Direct,
    /// Inherited from membership of a group.
    Group,
}

/// One path of a seat.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SeatPath {
    /// Direct or through a group.
    pub via: Via,
    /// Which group.
    pub group_id: Option<String>,
    /// Its name.
    pub group_name: Option<String>,
    /// What kind of group it is.
    pub group_kind: Option<String>,
    /// Service plans switched off on this path.
    pub disabled_plans: Vec<String>,
    /// When this assignment last changed.
    pub last_updated: Option<Moment>,
}

/// What the rule says about a seat, in short.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SeatFinding {
    /// Its id.
    pub finding_id: String,
    /// The answer.
    pub kind: FindingKindName,
    /// Every reason that holds, the main one first.
    pub justifications: Vec<JustificationName>,
    /// The reasons in words, in the same order.
    pub justification_labels: Vec<String>,
    /// Whole days without use, when known.
    pub idle_days: Option<i64>,
    /// Last day with use.
    pub last_activity: Option<Day>,
    /// Why, in one sentence.
    pub why: String,
}

/// A seat with its finding in full.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SeatDetail {
    /// `<user id>_<sku id>`.
    pub seat_id: String,
    /// Who holds it.
    pub person: PersonRef,
    /// What is held.
    pub sku: SkuRef,
    /// Through what. Empty when the directory lists the license without saying how.
    pub paths: Vec<SeatPath>,
    /// Since when, if every path says so.
    pub license_since: Option<Moment>,
    /// What the rule says about it now, with the evidence.
    pub finding: Option<FindingDetail>,
    /// Its newest candidate.
    pub candidate: Option<CandidateRef>,
    /// What it costs in a year; null without a price.
    pub annual_cost: Option<Amounts>,
}

/// Seats under a filter.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SeatList {
    /// This page.
    pub items: Vec<Seat>,
    /// Where the next page begins; null on the last one.
    pub next_cursor: Option<String>,
    /// How many there are under this filter.
    pub total: i64,
    /// What those of them that are idle cost in a year, as far as prices are known.
    pub recoverable: Amounts,
}

impl From<seats::SeatPath> for SeatPath {
    fn from(found: seats::SeatPath) -> Self {
        let (via, group_id) = match found.path.via {
            directory::Via::Direct => (Via::Direct, None),
            directory::Via::Group { group_id } => (Via::Group, Some(group_id.to_string())),
        };
        let (group_name, group_kind) = found.group.map(|group| (group.name, group.kind)).unzip();
        Self {
            via,
            group_id,
            group_name,
            group_kind,
            disabled_plans: found.path.disabled_plans.iter().map(ToString::to_string).collect(),
            last_updated: found.path.last_updated.map(Moment),
        }
    }
}

impl From<seats::Finding> for SeatFinding {
    fn from(finding: seats::Finding) -> Self {
        let verdict = finding.verdict;
        Self {
            finding_id: finding.id.to_string(),
            kind: verdict.kind.into(),
            justification_labels: verdict
                .justifications
                .iter()
                .map(|&it| words::justification(it).to_owned())
                .collect(),
            idle_days: verdict.idle_days,
            last_activity: verdict.last_activity.map(Day),
            why: words::why(&verdict),
            justifications: verdict.justifications.into_iter().map(JustificationName).collect(),
        }
    }
}

impl From<seats::SeatItem> for Seat {
    fn from(item: seats::SeatItem) -> Self {
        Self {
            seat_id: item.key().to_string(),
            person: item.person.into(),
            sku: item.sku.into(),
            paths: item.paths.into_iter().map(SeatPath::from).collect(),
            license_since: item.license_since.map(Moment),
            finding: item.finding.map(SeatFinding::from),
            candidate: item.candidate.map(CandidateRef::from),
            annual_cost: item.annual.map(Amounts::from),
        }
    }
}

impl From<seats::SeatItem> for SeatDetail {
    fn from(item: seats::SeatItem) -> Self {
        let finding = item.finding.clone().map(|finding| FindingItem {
            finding,
            person: item.person.clone(),
            sku: item.sku.clone(),
            candidate: item.candidate.clone(),
            annual: item.annual,
        });
        let Seat { seat_id, person, sku, paths, license_since, finding: _, candidate, annual_cost } = item.into();
        let finding = finding.map(FindingDetail::from);
        Self { seat_id, person, sku, paths, license_since, finding, candidate, annual_cost }
    }
}
