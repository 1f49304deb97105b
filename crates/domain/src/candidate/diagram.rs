//! The state diagram, drawn from the transition function itself: every state and event is tried,
//! so the picture cannot say anything the code does not do.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use uuid::Uuid;

use crate::candidate::attention::Attention;
use crate::candidate::event::{CandidateEvent as Event, EventName};
use crate::candidate::state::{CancelReason, CandidateState as State, Completion, Resume, StateName, Wish};
use crate::candidate::transition::transition;
use crate::ids::{ApprovalId, CampaignId, IntentId};
use crate::time::Timestamp;

/// A state, as drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Which.
    pub state: StateName,
    /// Its words.
    pub label: &'static str,
}

/// A way from one state to another, with the events that take it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edge {
    /// From where.
    pub from: StateName,
    /// To where.
    pub to: StateName,
    /// What takes it there.
    pub label: String,
}

/// The words of a state for people.
pub const fn label(state: StateName) -> &'static str {
    match state {
        StateName::Ready => "Ready",
        StateName::AttentionRequired => "Attention required",
        StateName::AwaitingUser => "Waiting for the holder",
        StateName::AwaitingApproval => "Waiting for an approver",
        StateName::InReview => "In review",
        StateName::AwaitingRevocation => "Approved, waiting for removal",
        StateName::Revoking => "Being removed",
        StateName::Verifying => "Being verified",
        StateName::ClosedComplete => "Taken back",
        StateName::Restoring => "Being restored",
        StateName::ClosedRestored => "Restored",
        StateName::ClosedSkipped => "Kept",
        StateName::ClosedCanceled => "Canceled",
    }
}

/// All states, in the order of the table.
pub fn nodes() -> Vec<Node> {
    StateName::ALL.iter().map(|&state| Node { state, label: label(state) }).collect()
}

/// All ways, found by trying every event on every state.
pub fn edges() -> Vec<Edge> {
    let mut ways: BTreeMap<(StateName, StateName), Vec<EventName>> = BTreeMap::new();
    for state in samples() {
        for event in events() {
            if let Ok((next, _)) = transition(&state, &event, Timestamp::from_micros(0)) {
                let labels = ways.entry((state.name(), next.name())).or_default();
                if !labels.contains(&event.name()) {
                    labels.push(event.name());
                }
            }
        }
    }
    ways.into_iter()
        .map(|((from, to), labels)| {
            let words: Vec<String> = labels.iter().map(|name| name.as_str().replace('_', " ")).collect();
            Edge { from, to, label: words.join(", ") }
        })
        .collect()
}

/// The page `docs/state-machine.md`.
pub fn state_machine_page() -> String {
    let mut page = String::from(
        "# Candidate states\n\nGenerated from `domain::candidate`; do not edit. Run `make gen`.\n\n```mermaid\nstateDiagram-v2\n",
    );
    for edge in edges() {
        let _ = writeln!(page, "    {} --> {}: {}", edge.from, edge.to, edge.label);
    }
    page.push_str("```\n\n| state | words | event | next |\n|---|---|---|---|\n");
    for edge in edges() {
        let _ = writeln!(page, "| `{}` | {} | {} | `{}` |", edge.from, label(edge.from), edge.label, edge.to);
    }
    page
}

/// One value for every state, several where the data decides what may follow.
pub(crate) fn samples() -> Vec<State> {
    let approval = ApprovalId::from_uuid(Uuid::from_u128(1));
    let intent = IntentId::from_uuid(Uuid::from_u128(2));
    let campaign = CampaignId::from_uuid(Uuid::from_u128(3));
    let since = Timestamp::from_micros(0);
    let cause = Attention::PathUnknown;
    vec![
        State::Ready,
        State::AttentionRequired { cause: cause.clone(), resume: Resume::Ready },
        State::AttentionRequired { cause: cause.clone(), resume: Resume::AwaitingUser { deadline: since } },
        State::AttentionRequired { cause: cause.clone(), resume: Resume::AwaitingApproval { wish: Wish::Reclaim } },
        State::AttentionRequired { cause: cause.clone(), resume: Resume::InReview { campaign } },
        State::AttentionRequired {
            cause: cause.clone(),
            resume: Resume::AwaitingRevocation { approval, manual: false, partly: None },
        },
        State::AttentionRequired {
            cause: cause.clone(),
            resume: Resume::AwaitingRevocation { approval, manual: false, partly: Some(intent) },
        },
        State::AttentionRequired {
            cause: cause.clone(),
            resume: Resume::AwaitingRevocation { approval, manual: true, partly: None },
        },
        State::AttentionRequired { cause: cause.clone(), resume: Resume::Verifying { approval, intent, partly: None } },
        State::AttentionRequired { cause, resume: Resume::Restoring { intent } },
        State::AwaitingUser { deadline: since },
        State::AwaitingApproval { wish: Wish::Reclaim },
        State::AwaitingApproval { wish: Wish::HolderKeeps },
        State::AwaitingApproval { wish: Wish::Silence },
        State::InReview { campaign },
        State::AwaitingRevocation { approval, manual: false, partly: None },
        State::AwaitingRevocation { approval, manual: false, partly: Some(intent) },
        State::AwaitingRevocation { approval, manual: true, partly: None },
        State::Revoking { approval, intent, since, partly: None },
        State::Verifying { approval, intent, since, partly: None },
        State::ClosedComplete { completion: Completion::Proven { approval, intent } },
        State::ClosedComplete { completion: Completion::ByHand { note: String::new() } },
        State::Restoring { intent, since },
        State::ClosedRestored { intent },
        State::ClosedSkipped { reason: String::new(), until: None },
        State::ClosedCanceled { why: CancelReason::ActivityReturned },
    ]
}

/// One value for every event, with ids of its own.
pub(crate) fn events() -> Vec<Event> {
    events_with(
        ApprovalId::from_uuid(Uuid::from_u128(11)),
        IntentId::from_uuid(Uuid::from_u128(12)),
        CampaignId::from_uuid(Uuid::from_u128(13)),
    )
}

/// One value for every event, carrying these ids.
pub(crate) fn events_with(approval: ApprovalId, intent: IntentId, campaign: CampaignId) -> Vec<Event> {
    let deadline = Timestamp::from_micros(0);
    let cause = Attention::NotProven;
    vec![
        Event::StartApproved { approval },
        Event::StartProposed,
        Event::Notify { deadline },
        Event::SendToCampaign { campaign },
        Event::Keep { reason: String::new(), until: None },
        Event::TakeBack { approval },
        Event::HolderKeeps,
        Event::HolderKeepsFinally { reason: String::new(), until: None },
        Event::HolderReleases { approval },
        Event::SilenceEscalates,
        Event::SilenceKeeps { until: None },
        Event::SilenceTakesBack { approval },
        Event::Escalate,
        Event::CampaignLeavesUndecided,
        Event::Obstacle { cause: cause.clone() },
        Event::Fixed,
        Event::Skip { reason: String::new() },
        Event::CompletedByHand { note: String::new() },
        Event::Canceled { why: CancelReason::ActivityReturned },
        Event::ApprovalLapses,
        Event::WriteStarts { intent },
        Event::WriteHappened,
        Event::WriteDidNotHappen,
        Event::WriteFailed { cause: cause.clone() },
        Event::StepProven,
        Event::ProvenGone,
        Event::ProofFailed { cause: cause.clone() },
        Event::Restore { intent },
        Event::RestoreStepProven { next: intent },
        Event::ProvenRestored,
        Event::RestoreFailed { cause },
    ]
}
