//! Removal candidates: findings that became records with a state, an owner and a history.

use reseat_domain::candidate::{self, CandidateState, StateName, label};
use reseat_domain::time::Timestamp;
use reseat_store::read as stored;
use reseat_store::read::candidates::CandidateItem;
use serde::Serialize;
use utoipa::ToSchema;

use crate::scalar::{
    ActionName, Amounts, CancelReasonName, CandidateStateName, Day, IntentStateName, JustificationName, Moment,
    PlanItemKindName,
};
use crate::v1::audit::AuditItem;
use crate::v1::findings::{Evidence, MissingSignal};
use crate::v1::people::PersonRef;
use crate::v1::plans::PlanRequest;
use crate::v1::seats::SeatPath;
use crate::v1::skus::SkuRef;
use crate::words;

pub mod act;
pub mod act_on_many;
pub mod create;
mod detail;
pub mod list;
pub mod read;

/// A candidate, named.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CandidateRef {
    /// Its id.
    pub candidate_id: String,
    /// The number people say.
    pub number: i64,
    /// Where it stands.
    pub state: CandidateStateName,
    /// In words.
    pub state_label: String,
}

/// A candidate.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Candidate {
    /// Its id.
    pub candidate_id: String,
    /// The number people say.
    pub number: i64,
    /// The seat it is about.
    pub seat_id: String,
    /// Who holds or held it.
    pub person: PersonRef,
    /// What is or was held.
    pub sku: SkuRef,
    /// Where it stands.
    pub state: CandidateStateName,
    /// In words.
    pub state_label: String,
    /// The main reason.
    pub justification: JustificationName,
    /// Every reason that held when it was opened, the main one first.
    pub justifications: Vec<JustificationName>,
    /// Why, in one sentence, as of when it was opened.
    pub why: String,
    /// Whole days without use, when known.
    pub idle_days: Option<i64>,
    /// Last day with use.
    pub last_activity: Option<Day>,
    /// What the seat costs in a year; null without a price.
    pub annual_savings: Option<Amounts>,
    /// When it was opened.
    pub opened_at: Moment,
    /// When it last moved.
    pub updated_at: Moment,
    /// When it was closed.
    pub closed_at: Option<Moment>,
    /// When the engine looks at it again.
    pub next_due_at: Option<Moment>,
    /// Who started it, by name.
    pub proposed_by: Option<String>,
    /// Whether it was started together with many.
    pub bulk: bool,
    /// Why it cannot go on by itself.
    pub attention: Option<Attention>,
    /// That it is kept, and until when.
    pub keep: Option<Keep>,
    /// Why there was nothing to take back any more.
    pub canceled: Option<Canceled>,
    /// Counts up with each change.
    pub version: i64,
}

/// Why a candidate cannot go on by itself.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Attention {
    /// The cause's word, such as `held_through_group`.
    pub cause: String,
    /// In one sentence.
    pub text: String,
    /// What a person can do about it.
    pub remedy: String,
}

/// That a seat is kept.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Keep {
    /// Why.
    pub reason: String,
    /// Until when no new candidate is opened for it.
    pub until: Option<Day>,
}

/// Why there was nothing to take back any more.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Canceled {
    /// Its word.
    pub why: CancelReasonName,
    /// In one sentence.
    pub text: String,
}

/// Candidates under a filter.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CandidateList {
    /// This page.
    pub items: Vec<Candidate>,
    /// Where the next page begins; null on the last one.
    pub next_cursor: Option<String>,
    /// How many there are under this filter.
    pub total: i64,
}

/// A candidate with its evidence, what it leads to, what may be done, and its history.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CandidateDetail {
    /// As in the list.
    #[serde(flatten)]
    pub candidate: Candidate,
    /// The evidence, frozen when it was opened.
    pub evidence: Vec<Evidence>,
    /// Signals that were missing then.
    pub missing: Vec<MissingSignal>,
    /// Under which rule.
    pub rule: CandidateRule,
    /// How the seat is held now.
    pub paths: Vec<SeatPath>,
    /// What the person loses.
    pub will_be_removed: Vec<SkuRef>,
    /// What the person keeps.
    pub will_stay: Vec<SkuRef>,
    /// What would free the seat now, or why nothing does; null once something was sent.
    pub removal: Option<Removal>,
    /// What whoever asks may do now, and why not.
    pub allowed_actions: Vec<AllowedAction>,
    /// The yes it rests on.
    pub approval: Option<Approval>,
    /// Why it is approved and not written now; null while nothing stands in the way.
    pub waits_because: Option<String>,
    /// Every write that was prepared or sent for it, newest first.
    pub writes: Vec<CandidateWrite>,
    /// The states it went through, oldest first.
    pub travelled: Vec<TravelledState>,
    /// Its entries in the trail, newest first.
    pub history: Vec<AuditItem>,
    /// The seat's candidate before this one.
    pub previous: Option<CandidateRef>,
    /// Whether it was decided in single-operator mode.
    pub sign_off: bool,
}

/// The writes that would free a seat, or why there are none.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Removal {
    /// What else the person would lose, the gravest first.
    pub also_lost: Vec<String>,
    /// The requests, in order; each is sent once the one before is proven.
    pub requests: Vec<PlanRequest>,
    /// Why there are none.
    pub why_not: Option<String>,
}

/// The rule a candidate was opened under.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CandidateRule {
    /// Its id.
    pub rule_id: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: i64,
}

/// What may be done.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AllowedAction {
    /// Which.
    pub action: ActionName,
    /// The button's words.
    pub label: String,
    /// Whether whoever asks may do it now.
    pub allowed: bool,
    /// Why not.
    pub why_not: Option<String>,
}

/// A recorded yes.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Approval {
    /// Its id.
    pub approval_id: String,
    /// Who gave it, by name.
    pub by: String,
    /// When.
    pub at: Moment,
    /// Whether in single-operator mode.
    pub single_operator: bool,
}

/// One write with its intent, its outcome and the readings after it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CandidateWrite {
    /// The durable intent.
    pub intent_id: String,
    /// What it does.
    pub kind: PlanItemKindName,
    /// How far it came.
    pub state: IntentStateName,
    /// When the intent was made durable.
    pub created_at: Moment,
    /// What the answer was, in words.
    pub outcome: Option<String>,
    /// When it was known.
    pub outcome_at: Option<Moment>,
    /// How often the request was sent.
    pub sends: i64,
    /// Readings in a row that agree; two prove it.
    pub agreeing_reads: i64,
    /// What the last reading said.
    pub last_reading: Option<String>,
    /// When.
    pub last_read_at: Option<Moment>,
    /// How old the sign-in sweep behind it was, in seconds.
    pub evidence_age_seconds: Option<i64>,
    /// Our id of the request.
    pub client_request_id: String,
    /// Microsoft's id of the request.
    pub request_id: Option<String>,
}

/// A state a candidate went through.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TravelledState {
    /// Which.
    pub state: CandidateStateName,
    /// Since when.
    pub at: Moment,
}

impl CandidateRef {
    fn new(candidate_id: String, number: i64, state: StateName) -> Self {
        Self { candidate_id, number, state: state.into(), state_label: label(state).to_owned() }
    }
}

impl From<stored::CandidateRef> for CandidateRef {
    fn from(found: stored::CandidateRef) -> Self {
        Self::new(found.candidate_id.to_string(), found.number, found.state)
    }
}

impl From<reseat_store::candidates::Candidate> for CandidateRef {
    fn from(found: reseat_store::candidates::Candidate) -> Self {
        Self::new(found.id.to_string(), found.number, found.state.name())
    }
}

impl From<candidate::AllowedAction> for AllowedAction {
    fn from(answer: candidate::AllowedAction) -> Self {
        let candidate::AllowedAction { action, label, allowed, why_not } = answer;
        Self { action: action.into(), label: label.to_owned(), allowed, why_not }
    }
}

impl From<CandidateItem> for Candidate {
    fn from(item: CandidateItem) -> Self {
        let state = item.state.name();
        Self {
            candidate_id: item.id.to_string(),
            number: item.number,
            seat_id: item.key().to_string(),
            state: state.into(),
            state_label: label(state).to_owned(),
            justification: item.justification.into(),
            justifications: item.verdict.justifications.iter().copied().map(JustificationName).collect(),
            why: words::why(&item.verdict),
            idle_days: item.verdict.idle_days,
            last_activity: item.verdict.last_activity.map(Day),
            annual_savings: item.annual.map(Amounts::from),
            opened_at: item.opened_at.into(),
            updated_at: item.updated_at.into(),
            closed_at: item.closed_at.map(Moment),
            next_due_at: item.next_due_at.map(Moment),
            proposed_by: item.proposed_by_name.clone(),
            bulk: item.bulk,
            attention: Attention::of(&item.state),
            keep: Keep::of(&item.state, item.keep_until),
            canceled: Canceled::of(&item.state),
            version: item.version,
            person: item.person.into(),
            sku: item.sku.into(),
        }
    }
}

impl Attention {
    fn of(state: &CandidateState) -> Option<Self> {
        let CandidateState::AttentionRequired { cause, .. } = state else { return None };
        let (text, remedy) = cause.explain();
        let word = serde_json::to_value(cause).expect("a cause is plain JSON");
        Some(Self { cause: word["cause"].as_str().unwrap_or_default().to_owned(), text, remedy })
    }
}

impl Keep {
    fn of(state: &CandidateState, keep_until: Option<Timestamp>) -> Option<Self> {
        let CandidateState::ClosedSkipped { reason, until } = state else { return None };
        // A time that ends at midnight is named by the day it ends.
        let last_day = until.or(keep_until).map(|until| until.plus_seconds(-1).day());
        Some(Self { reason: reason.clone(), until: last_day.map(Day) })
    }
}

impl Canceled {
    fn of(state: &CandidateState) -> Option<Self> {
        let CandidateState::ClosedCanceled { why } = state else { return None };
        Some(Self { why: (*why).into(), text: words::cancel_reason(*why).to_owned() })
    }
}
