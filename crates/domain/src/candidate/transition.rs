//! The state table as code: one function, no input, no output, no clock of its own.

use crate::candidate::event::{CandidateEvent as Event, EventName};
use crate::candidate::state::{CandidateState as State, Completion, Resume, StateName, Wish};
use crate::ids::{ApprovalId, IntentId};
use crate::time::Timestamp;

/// What has to be done because a candidate moved. Data; the engine does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Ask the holder, and look again at the deadline.
    AskHolder {
        /// When silence counts as an answer.
        deadline: Timestamp,
    },
    /// Ask an approver.
    AskApprover {
        /// What about.
        wish: Wish,
    },
    /// Write as soon as budget and change window allow.
    ScheduleWrite {
        /// The yes it rests on.
        approval: ApprovalId,
    },
    /// Hand the removal to a person.
    AssignManualTask,
    /// Look whether the write happened, once things have settled.
    SettleThenRead {
        /// Whose outcome is looked for.
        intent: IntentId,
    },
    /// Show it on the list that needs a person.
    TellPerson,
    /// Count the seat as freed.
    PostSavings {
        /// The write that freed it; none when a person did.
        intent: Option<IntentId>,
    },
    /// Take the saving back: the seat is held again.
    ReverseSavings {
        /// The undo that gave it back.
        intent: IntentId,
    },
    /// Open no new candidate for this seat before then.
    CoolDown {
        /// Until when; `None` for the rule's own cool-down.
        until: Option<Timestamp>,
    },
    /// Give back what was reserved for a write that will not come.
    DropPlanItem,
}

/// The event does not fit the state. Nothing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{event} does not apply to a candidate that is {from}")]
pub struct Illegal {
    /// Where the candidate stands.
    pub from: StateName,
    /// What was tried.
    pub event: EventName,
}

type Moved = (State, Vec<Effect>);

/// Moves a candidate.
///
/// # Errors
/// [`Illegal`] when the event does not fit the state; keep wins a race because every later event
/// then meets a closed state.
pub fn transition(state: &State, event: &Event, now: Timestamp) -> Result<Moved, Illegal> {
    let illegal = Illegal { from: state.name(), event: event.name() };
    match event {
        Event::StartApproved { approval } => match state {
            State::Ready => Ok(approved(*approval)),
            other => refuse(other, illegal),
        },
        Event::StartProposed => match state {
            State::Ready => Ok(ask_approver(Wish::Reclaim)),
            other => refuse(other, illegal),
        },
        Event::Notify { deadline } => match state {
            State::Ready => {
                Ok((State::AwaitingUser { deadline: *deadline }, vec![Effect::AskHolder { deadline: *deadline }]))
            }
            other => refuse(other, illegal),
        },
        Event::SendToCampaign { campaign } => match state {
            State::Ready => Ok((State::InReview { campaign: *campaign }, vec![])),
            other => refuse(other, illegal),
        },
        Event::Keep { reason, until } => match state {
            State::Ready | State::AwaitingUser { .. } | State::AwaitingApproval { .. } | State::InReview { .. } => {
                Ok(kept(reason, *until))
            }
            // A keep that arrives before the write wins (I12); what was reserved is given back. What is done
            // halfway is restored instead, so that nothing taken is forgotten.
            State::AwaitingRevocation { partly: None, .. } => {
                let (next, mut effects) = kept(reason, *until);
                effects.push(Effect::DropPlanItem);
                Ok((next, effects))
            }
            other => refuse(other, illegal),
        },
        Event::TakeBack { approval } => match state {
            State::AwaitingApproval { .. } | State::InReview { .. } => Ok(approved(*approval)),
            other => refuse(other, illegal),
        },
        Event::HolderKeeps => match state {
            State::AwaitingUser { .. } => Ok(ask_approver(Wish::HolderKeeps)),
            other => refuse(other, illegal),
        },
        Event::HolderKeepsFinally { reason, until } => match state {
            State::AwaitingUser { .. } => Ok(kept(reason, *until)),
            other => refuse(other, illegal),
        },
        Event::HolderReleases { approval } => match state {
            State::AwaitingUser { .. } => Ok(approved(*approval)),
            other => refuse(other, illegal),
        },
        Event::SilenceEscalates => match state {
            State::AwaitingUser { .. } => Ok(ask_approver(Wish::Silence)),
            other => refuse(other, illegal),
        },
        Event::SilenceKeeps { until } => match state {
            State::AwaitingUser { .. } | State::AwaitingApproval { wish: Wish::Silence } => {
                Ok(kept("nobody answered", *until))
            }
            other => refuse(other, illegal),
        },
        Event::SilenceTakesBack { approval } => match state {
            State::AwaitingUser { .. } => Ok(approved(*approval)),
            other => refuse(other, illegal),
        },
        Event::Escalate => match state {
            State::AwaitingApproval { wish } => Ok(ask_approver(*wish)),
            other => refuse(other, illegal),
        },
        Event::CampaignLeavesUndecided => match state {
            State::InReview { .. } => Ok((State::Ready, vec![])),
            other => refuse(other, illegal),
        },
        Event::Obstacle { cause } => match resume_before_write(state) {
            Some(resume) => {
                let dropped = matches!(resume, Resume::AwaitingRevocation { .. });
                let mut effects = vec![Effect::TellPerson];
                if dropped {
                    effects.push(Effect::DropPlanItem);
                }
                Ok((State::AttentionRequired { cause: cause.clone(), resume }, effects))
            }
            None => Err(illegal),
        },
        Event::Fixed => match state {
            State::AttentionRequired { resume, .. } => Ok(resumed(resume, now)),
            other => refuse(other, illegal),
        },
        Event::Skip { reason } => match state {
            State::AttentionRequired { resume, .. } if !resume.write_sent() => Ok(kept(reason, None)),
            other => refuse(other, illegal),
        },
        Event::CompletedByHand { note } => match state {
            State::AwaitingRevocation { .. } => {
                let (next, mut effects) = by_hand(note);
                effects.push(Effect::DropPlanItem);
                Ok((next, effects))
            }
            // An undo that did not come about is no removal: only reading the seat back ends it.
            State::AttentionRequired { resume: Resume::Restoring { .. }, .. } => Err(illegal),
            State::AttentionRequired { .. } => Ok(by_hand(note)),
            other => refuse(other, illegal),
        },
        Event::Canceled { why } => {
            if !state.before_write() {
                return Err(illegal);
            }
            let dropped = matches!(state, State::AwaitingRevocation { .. });
            let effects = if dropped { vec![Effect::DropPlanItem] } else { vec![] };
            Ok((State::ClosedCanceled { why: *why }, effects))
        }
        Event::ApprovalLapses => match state {
            State::AwaitingRevocation { manual: false, partly: None, .. } => {
                let (next, mut effects) = ask_approver(Wish::Reclaim);
                effects.push(Effect::DropPlanItem);
                Ok((next, effects))
            }
            other => refuse(other, illegal),
        },
        Event::WriteStarts { intent } => match state {
            State::AwaitingRevocation { approval, manual: false, partly } => Ok((
                State::Revoking { approval: *approval, intent: *intent, since: now, partly: *partly },
                vec![Effect::SettleThenRead { intent: *intent }],
            )),
            other => refuse(other, illegal),
        },
        Event::WriteHappened => match state {
            State::Revoking { approval, intent, partly, .. } => Ok((
                State::Verifying { approval: *approval, intent: *intent, since: now, partly: *partly },
                vec![Effect::SettleThenRead { intent: *intent }],
            )),
            other => refuse(other, illegal),
        },
        Event::WriteDidNotHappen => match state {
            State::Revoking { approval, partly, .. } => Ok(write_on(*approval, *partly)),
            other => refuse(other, illegal),
        },
        Event::WriteFailed { cause } => match state {
            State::Revoking { approval, partly, .. } => Ok((
                State::AttentionRequired {
                    cause: cause.clone(),
                    resume: Resume::AwaitingRevocation { approval: *approval, manual: false, partly: *partly },
                },
                vec![Effect::TellPerson, Effect::DropPlanItem],
            )),
            other => refuse(other, illegal),
        },
        Event::StepProven => match state {
            State::Verifying { approval, intent, .. } => Ok(write_on(*approval, Some(*intent))),
            other => refuse(other, illegal),
        },
        Event::ProvenGone => match state {
            State::Verifying { approval, intent, .. } => Ok((
                State::ClosedComplete { completion: Completion::Proven { approval: *approval, intent: *intent } },
                vec![Effect::PostSavings { intent: Some(*intent) }],
            )),
            other => refuse(other, illegal),
        },
        Event::ProofFailed { cause } => match state {
            State::Revoking { approval, intent, partly, .. } | State::Verifying { approval, intent, partly, .. } => {
                Ok((
                    State::AttentionRequired {
                        cause: cause.clone(),
                        resume: Resume::Verifying { approval: *approval, intent: *intent, partly: *partly },
                    },
                    vec![Effect::TellPerson],
                ))
            }
            other => refuse(other, illegal),
        },
        Event::Restore { intent } => match state {
            State::ClosedComplete { completion: Completion::Proven { .. } } => Ok(restoring(*intent, now)),
            State::AttentionRequired { resume, .. } if resume.write_sent() => Ok(restoring(*intent, now)),
            State::AwaitingRevocation { partly: Some(_), .. } => {
                let (next, mut effects) = restoring(*intent, now);
                effects.push(Effect::DropPlanItem);
                Ok((next, effects))
            }
            other => refuse(other, illegal),
        },
        Event::RestoreStepProven { next } => match state {
            State::Restoring { .. } => Ok(restoring(*next, now)),
            other => refuse(other, illegal),
        },
        Event::ProvenRestored => match state {
            State::Restoring { intent, .. } => {
                Ok((State::ClosedRestored { intent: *intent }, vec![Effect::ReverseSavings { intent: *intent }]))
            }
            other => refuse(other, illegal),
        },
        Event::RestoreFailed { cause } => match state {
            State::Restoring { intent, .. } => Ok((
                State::AttentionRequired { cause: cause.clone(), resume: Resume::Restoring { intent: *intent } },
                vec![Effect::TellPerson],
            )),
            other => refuse(other, illegal),
        },
    }
}

fn refuse(_state: &State, illegal: Illegal) -> Result<Moved, Illegal> {
    Err(illegal)
}

fn approved(approval: ApprovalId) -> Moved {
    write_on(approval, None)
}

/// The write, or the next of several, is due.
fn write_on(approval: ApprovalId, partly: Option<IntentId>) -> Moved {
    (State::AwaitingRevocation { approval, manual: false, partly }, vec![Effect::ScheduleWrite { approval }])
}

fn ask_approver(wish: Wish) -> Moved {
    (State::AwaitingApproval { wish }, vec![Effect::AskApprover { wish }])
}

fn kept(reason: &str, until: Option<Timestamp>) -> Moved {
    (State::ClosedSkipped { reason: reason.to_owned(), until }, vec![Effect::CoolDown { until }])
}

fn by_hand(note: &str) -> Moved {
    (
        State::ClosedComplete { completion: Completion::ByHand { note: note.to_owned() } },
        vec![Effect::PostSavings { intent: None }],
    )
}

fn restoring(intent: IntentId, now: Timestamp) -> Moved {
    (State::Restoring { intent, since: now }, vec![Effect::SettleThenRead { intent }])
}

fn resumed(resume: &Resume, now: Timestamp) -> Moved {
    match resume {
        Resume::Ready => (State::Ready, vec![]),
        Resume::AwaitingUser { deadline } => {
            (State::AwaitingUser { deadline: *deadline }, vec![Effect::AskHolder { deadline: *deadline }])
        }
        Resume::AwaitingApproval { wish } => ask_approver(*wish),
        Resume::InReview { campaign } => (State::InReview { campaign: *campaign }, vec![]),
        Resume::AwaitingRevocation { approval, manual: false, partly } => write_on(*approval, *partly),
        Resume::AwaitingRevocation { approval, manual: true, partly } => (
            State::AwaitingRevocation { approval: *approval, manual: true, partly: *partly },
            vec![Effect::AssignManualTask],
        ),
        Resume::Verifying { approval, intent, partly } => (
            State::Verifying { approval: *approval, intent: *intent, since: now, partly: *partly },
            vec![Effect::SettleThenRead { intent: *intent }],
        ),
        Resume::Restoring { intent } => restoring(*intent, now),
    }
}

/// Where an obstacle met before a write leads back to; `None` while one may be on its way.
fn resume_before_write(state: &State) -> Option<Resume> {
    match state {
        State::Ready => Some(Resume::Ready),
        State::AwaitingUser { deadline } => Some(Resume::AwaitingUser { deadline: *deadline }),
        State::AwaitingApproval { wish } => Some(Resume::AwaitingApproval { wish: *wish }),
        State::AwaitingRevocation { approval, manual, partly } => {
            Some(Resume::AwaitingRevocation { approval: *approval, manual: *manual, partly: *partly })
        }
        State::InReview { campaign } => Some(Resume::InReview { campaign: *campaign }),
        State::AttentionRequired { .. }
        | State::Revoking { .. }
        | State::Verifying { .. }
        | State::ClosedComplete { .. }
        | State::Restoring { .. }
        | State::ClosedRestored { .. }
        | State::ClosedSkipped { .. }
        | State::ClosedCanceled { .. } => None,
    }
}
