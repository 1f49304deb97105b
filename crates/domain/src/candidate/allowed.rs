//! Which actions a given person may take on a given candidate, and why not. Computed here only,
//! so that no client re-implements the rules.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::candidate::state::{CandidateState as State, Completion, Resume};
use crate::directory::words;
use crate::role::{Permission, Role, grants};

/// What a person can do with a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Propose to take the seat back.
    Start,
    /// Ask the holder.
    Notify,
    /// Take it back.
    Approve,
    /// Let them keep it.
    Keep,
    /// The holder gives it up.
    Release,
    /// Give up on a candidate that cannot go on.
    Skip,
    /// Say that it was removed by hand.
    Complete,
    /// Try again.
    Retry,
    /// Undo.
    Restore,
}
words!(Action {
    Start => "start",
    Notify => "notify",
    Approve => "approve",
    Keep => "keep",
    Release => "release",
    Skip => "skip",
    Complete => "complete",
    Retry => "retry",
    Restore => "restore",
});

impl Action {
    /// The button's words: never yes, no, approve or reject alone (X6).
    pub const fn label(self) -> &'static str {
        match self {
            Self::Start => "Reclaim",
            Self::Notify => "Ask the holder",
            Self::Approve => "Take it back",
            Self::Keep => "Let them keep it",
            Self::Release => "I no longer need it",
            Self::Skip => "Skip",
            Self::Complete => "Completed by hand",
            Self::Retry => "Try again",
            Self::Restore => "Restore",
        }
    }
}

/// Who looks at which candidate.
#[derive(Debug, Clone)]
pub struct Situation<'a> {
    /// Where the candidate stands.
    pub state: &'a State,
    /// The roles of who looks.
    pub roles: &'a BTreeSet<Role>,
    /// Whether who looks is the holder of the seat.
    pub is_holder: bool,
    /// Whether who looks proposed the reclaim.
    pub is_proposer: bool,
    /// Whether it was proposed in bulk.
    pub bulk: bool,
    /// Whether the tenant is in declared single-operator mode.
    pub single_operator: bool,
}

/// An action with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AllowedAction {
    /// Which.
    pub action: Action,
    /// The button's words.
    pub label: &'static str,
    /// Whether it may be taken now.
    pub allowed: bool,
    /// Why not.
    pub why_not: Option<String>,
}

/// Every action with its answer, in the order of the list.
pub fn allowed_actions(situation: &Situation<'_>) -> Vec<AllowedAction> {
    Action::ALL
        .iter()
        .map(|&action| {
            let why_not = why_not(action, situation);
            AllowedAction {
                action,
                label: action.label(),
                allowed: why_not.is_none(),
                why_not: why_not.map(str::to_owned),
            }
        })
        .collect()
}

const STATE: &str = "Not possible where this candidate stands.";

const PARTLY: &str = "A part of it is done already; restore gives back exactly what was taken.";

/// Why an action may not be taken now, `None` when it may. The state is looked at first, then the
/// role, then the person.
fn why_not(action: Action, it: &Situation<'_>) -> Option<&'static str> {
    let state_allows = match action {
        Action::Start => matches!(it.state, State::Ready),
        Action::Notify => matches!(it.state, State::Ready),
        Action::Approve => matches!(it.state, State::AwaitingApproval { .. }),
        Action::Keep => match it.state {
            State::AwaitingRevocation { partly: Some(_), .. } => return Some(PARTLY),
            state => matches!(
                state,
                State::Ready
                    | State::AwaitingUser { .. }
                    | State::AwaitingApproval { .. }
                    | State::AwaitingRevocation { .. }
            ),
        },
        Action::Release => matches!(it.state, State::AwaitingUser { .. }),
        Action::Skip => matches!(it.state, State::AttentionRequired { resume, .. } if !resume.write_sent()),
        Action::Complete => match it.state {
            State::AttentionRequired { resume, .. } => !matches!(resume, Resume::Restoring { .. }),
            state => matches!(state, State::AwaitingRevocation { .. }),
        },
        Action::Retry => matches!(it.state, State::AttentionRequired { .. }),
        Action::Restore => match it.state {
            State::ClosedComplete { completion: Completion::Proven { .. } } => true,
            State::ClosedComplete { completion: Completion::ByHand { .. } } => {
                return Some("It was removed by hand, so there is no recorded state to restore.");
            }
            State::AttentionRequired { resume, .. } => resume.write_sent(),
            State::AwaitingRevocation { partly, .. } => partly.is_some(),
            State::Ready
            | State::AwaitingUser { .. }
            | State::AwaitingApproval { .. }
            | State::InReview { .. }
            | State::Revoking { .. }
            | State::Verifying { .. }
            | State::Restoring { .. }
            | State::ClosedRestored { .. }
            | State::ClosedSkipped { .. }
            | State::ClosedCanceled { .. } => false,
        },
    };
    if !state_allows {
        return Some(STATE);
    }
    let (needed, missing_role) = match action {
        Action::Start | Action::Skip | Action::Complete | Action::Retry => {
            (Permission::ManageCandidates, "Needs the License Manager role.")
        }
        Action::Restore => (Permission::ManagePlans, "Needs the License Manager role."),
        Action::Approve => (Permission::Decide, "Needs the Approver role."),
        Action::Keep => (Permission::Decide, "Needs the Approver or the License Manager role."),
        Action::Notify => return Some("No way to ask the holder is set up for this tenant."),
        Action::Release => {
            return if it.is_holder { None } else { Some("Only the holder can give it up.") };
        }
    };
    let manager = grants(it.roles, Permission::ManageCandidates);
    let has_role = match action {
        // Keeping is the safe direction, so the License Manager may do it too.
        Action::Keep => grants(it.roles, needed) || manager,
        // In declared single-operator mode one person proposes and approves.
        Action::Approve => grants(it.roles, needed) || (it.single_operator && manager),
        Action::Start | Action::Skip | Action::Complete | Action::Retry | Action::Restore => grants(it.roles, needed),
        Action::Notify | Action::Release => false,
    };
    if !has_role {
        return Some(missing_role);
    }
    if it.is_holder {
        return Some("Nobody decides about their own license.");
    }
    if action == Action::Approve && it.bulk && it.is_proposer && !it.single_operator {
        return Some("You proposed this together with others; another person has to decide.");
    }
    None
}
