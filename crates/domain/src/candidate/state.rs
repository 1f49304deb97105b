//! The states of a candidate, each carrying what is true in it.

use serde::{Deserialize, Serialize};

use crate::directory::words;
use crate::ids::{ApprovalId, CampaignId, IntentId};
use crate::time::Timestamp;

/// Where a candidate stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CandidateState {
    /// Found, evidence attached, waits for someone to start.
    Ready,
    /// Cannot go on by itself.
    AttentionRequired {
        /// Why.
        cause: Attention,
        /// Where it goes back to once that is fixed.
        resume: Resume,
    },
    /// The holder was asked.
    AwaitingUser {
        /// When silence counts as an answer.
        deadline: Timestamp,
    },
    /// An approver decides.
    AwaitingApproval {
        /// What the approver is asked about.
        wish: Wish,
    },
    /// Item of a certification campaign.
    InReview {
        /// Which campaign.
        campaign: CampaignId,
    },
    /// Approved; the write has not begun.
    AwaitingRevocation {
        /// The yes it rests on.
        approval: ApprovalId,
        /// Whether a person removes it by hand.
        manual: bool,
        /// Of several writes, the last one that is proven. What is done halfway is undone or finished, and
        /// never dropped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        partly: Option<IntentId>,
    },
    /// The intent is durable; the request may or may not have happened.
    Revoking {
        /// The yes it rests on.
        approval: ApprovalId,
        /// The durable intent.
        intent: IntentId,
        /// Since when.
        since: Timestamp,
        /// Of several writes, the last one that is proven.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        partly: Option<IntentId>,
    },
    /// Graph accepted, or the seat was seen gone; two agreeing reads are wanted.
    Verifying {
        /// The yes it rests on.
        approval: ApprovalId,
        /// The durable intent.
        intent: IntentId,
        /// Since when.
        since: Timestamp,
        /// Of several writes, the last one that is proven.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        partly: Option<IntentId>,
    },
    /// The seat is free.
    ClosedComplete {
        /// How that is known.
        completion: Completion,
    },
    /// The undo's intent is durable, its outcome not yet proven.
    Restoring {
        /// The undo's own intent.
        intent: IntentId,
        /// Since when.
        since: Timestamp,
    },
    /// The person holds exactly what they held before.
    ClosedRestored {
        /// The undo's own intent.
        intent: IntentId,
    },
    /// Kept.
    ClosedSkipped {
        /// Why.
        reason: String,
        /// Until when no new candidate is opened for this seat.
        until: Option<Timestamp>,
    },
    /// Nothing to take back any more.
    ClosedCanceled {
        /// Why.
        why: CancelReason,
    },
}

/// The state without its data: the word in the database, REST, console and docs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateName {
    /// See [`CandidateState::Ready`].
    Ready,
    /// See [`CandidateState::AttentionRequired`].
    AttentionRequired,
    /// See [`CandidateState::AwaitingUser`].
    AwaitingUser,
    /// See [`CandidateState::AwaitingApproval`].
    AwaitingApproval,
    /// See [`CandidateState::InReview`].
    InReview,
    /// See [`CandidateState::AwaitingRevocation`].
    AwaitingRevocation,
    /// See [`CandidateState::Revoking`].
    Revoking,
    /// See [`CandidateState::Verifying`].
    Verifying,
    /// See [`CandidateState::ClosedComplete`].
    ClosedComplete,
    /// See [`CandidateState::Restoring`].
    Restoring,
    /// See [`CandidateState::ClosedRestored`].
    ClosedRestored,
    /// See [`CandidateState::ClosedSkipped`].
    ClosedSkipped,
    /// See [`CandidateState::ClosedCanceled`].
    ClosedCanceled,
}
words!(StateName {
    Ready => "ready",
    AttentionRequired => "attention_required",
    AwaitingUser => "awaiting_user",
    AwaitingApproval => "awaiting_approval",
    InReview => "in_review",
    AwaitingRevocation => "awaiting_revocation",
    Revoking => "revoking",
    Verifying => "verifying",
    ClosedComplete => "closed_complete",
    Restoring => "restoring",
    ClosedRestored => "closed_restored",
    ClosedSkipped => "closed_skipped",
    ClosedCanceled => "closed_canceled",
});

impl StateName {
    /// Whether the candidate has ended (a restore may still follow [`StateName::ClosedComplete`]).
    pub const fn is_closed(self) -> bool {
        match self {
            Self::ClosedComplete | Self::ClosedRestored | Self::ClosedSkipped | Self::ClosedCanceled => true,
            Self::Ready
            | Self::AttentionRequired
            | Self::AwaitingUser
            | Self::AwaitingApproval
            | Self::InReview
            | Self::AwaitingRevocation
            | Self::Revoking
            | Self::Verifying
            | Self::Restoring => false,
        }
    }
}

/// What an approver is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wish {
    /// Somebody proposes to take the seat back.
    Reclaim,
    /// The holder wants to keep it.
    HolderKeeps,
    /// The holder did not answer.
    Silence,
}
words!(Wish { Reclaim => "reclaim", HolderKeeps => "holder_keeps", Silence => "silence" });

/// Where a candidate goes once the obstacle is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "resume", rename_all = "snake_case")]
pub enum Resume {
    /// Back to waiting for a start.
    Ready,
    /// Back to asking the holder.
    AwaitingUser {
        /// The deadline that was running.
        deadline: Timestamp,
    },
    /// Back to the approver.
    AwaitingApproval {
        /// What the approver was asked about.
        wish: Wish,
    },
    /// Back to the campaign.
    InReview {
        /// Which campaign.
        campaign: CampaignId,
    },
    /// Back to the write; nothing was sent, or what was sent provably did nothing.
    AwaitingRevocation {
        /// The yes it rests on.
        approval: ApprovalId,
        /// Whether a person removes it by hand; what a person was to do never becomes a write.
        manual: bool,
        /// Of several writes, the last one that is proven.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        partly: Option<IntentId>,
    },
    /// Back to reading; a write was sent and may have happened.
    Verifying {
        /// The yes it rests on.
        approval: ApprovalId,
        /// The intent whose outcome is looked for.
        intent: IntentId,
        /// Of several writes, the last one that is proven.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        partly: Option<IntentId>,
    },
    /// Back to looking whether the undo happened.
    Restoring {
        /// The undo's intent.
        intent: IntentId,
    },
}

impl Resume {
    /// Whether a write was sent, so that skipping would hide what may have happened.
    pub const fn write_sent(&self) -> bool {
        match self {
            Self::Verifying { .. } | Self::Restoring { .. } => true,
            Self::AwaitingRevocation { partly, .. } => partly.is_some(),
            Self::Ready | Self::AwaitingUser { .. } | Self::AwaitingApproval { .. } | Self::InReview { .. } => false,
        }
    }
}

/// Why a candidate cannot go on by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum Attention {
    /// The seat comes through groups only; nothing direct to remove.
    HeldThroughGroup {
        /// Names of the groups.
        groups: Vec<String>,
        /// Why they are not left, a sentence for each reason.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        why: Vec<String>,
    },
    /// Removing the direct license would not free the seat: a group gives it too.
    AlsoHeldThroughGroup {
        /// Names of the groups.
        groups: Vec<String>,
        /// Why they are not left, a sentence for each reason.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        why: Vec<String>,
    },
    /// Other licenses of the person need this one (G30).
    NeededByOthers {
        /// Their names.
        skus: Vec<String>,
    },
    /// The mailbox is on hold and this license is the last one that keeps the hold.
    KeepsHold,
    /// Some of the writes are done and the rest cannot go on.
    PartlyDone {
        /// What is done, a sentence each.
        done: Vec<String>,
        /// Why the rest waits.
        why: String,
    },
    /// The sku to change to has no seat free.
    NoTargetSeat {
        /// Its name.
        sku: String,
    },
    /// The directory lists the sku without saying how, or since when, it is held.
    PathUnknown,
    /// Nobody who could be asked.
    NoHolderAddress,
    /// Nobody who could approve.
    NoApprover,
    /// Microsoft refused the write.
    WriteRefused {
        /// Their words.
        message: String,
    },
    /// The account is protected from this program.
    Protected {
        /// By what.
        why: String,
    },
    /// The seat came back after it was removed: somebody assigned it again. Never removed again
    /// under the same approval (G25).
    ReassignedByOther,
    /// Something else about the person's licenses changed with the write.
    SomethingElseChanged {
        /// What.
        difference: String,
    },
    /// The reads did not agree within the limit (G22, G23).
    NotProven,
    /// The undo found no free seat (G44).
    NoFreeSeat,
    /// The undo could not restore the exact state.
    RestoreIncomplete {
        /// What differs.
        difference: String,
    },
}

impl Attention {
    /// The cause in one sentence, and what a person can do about it.
    pub fn explain(&self) -> (String, String) {
        match self {
            Self::HeldThroughGroup { groups, why } => (
                with_reasons(format!("Held through {}, not assigned directly.", list_groups(groups)), why),
                "Take the person out of the group, or skip this candidate. Nothing was written.".to_owned(),
            ),
            Self::AlsoHeldThroughGroup { groups, why } => (
                with_reasons(
                    format!(
                        "Also held through {}; removing the direct license would free nothing.",
                        list_groups(groups)
                    ),
                    why,
                ),
                "Take the person out of the group first, or skip this candidate. Nothing was written.".to_owned(),
            ),
            Self::NeededByOthers { skus } => (
                format!("Other licenses of this person need it: {}.", skus.join(", ")),
                "Take those back first if they are not used either, or skip. Nothing was written.".to_owned(),
            ),
            Self::KeepsHold => (
                "The mailbox is on hold, and no other license would keep the hold.".to_owned(),
                "Preserve the mailbox first, or skip. Nothing was written.".to_owned(),
            ),
            Self::PartlyDone { done, why } => (
                format!("Not finished: {why}. Done so far: {}", done.join(" ")),
                "Restore gives back exactly what was taken; try again once the cause is gone, or finish by hand."
                    .to_owned(),
            ),
            Self::NoTargetSeat { sku } => (
                format!("No seat of {sku} is free to change to."),
                "Free or buy a seat, then try again. The license is unchanged.".to_owned(),
            ),
            Self::PathUnknown => (
                "The directory lists the license without saying how, or since when, it is assigned.".to_owned(),
                "Sync again; if it stays so, look at the person in the Microsoft 365 admin center.".to_owned(),
            ),
            Self::NoHolderAddress => {
                ("The holder has no mail address to ask.".to_owned(), "Decide without asking, or skip.".to_owned())
            }
            Self::NoApprover => {
                ("Nobody is entitled to approve this.".to_owned(), "Give somebody else the Approver role.".to_owned())
            }
            Self::WriteRefused { message } => (
                format!("Microsoft refused the removal: {message}"),
                "Fix the cause and try again, or skip. The license is unchanged.".to_owned(),
            ),
            Self::Protected { why } => {
                (format!("This account is protected: {why}."), "Lift the protection, or skip.".to_owned())
            }
            Self::ReassignedByOther => (
                "The license was removed and then assigned again by somebody else.".to_owned(),
                "Talk to whoever assigned it. It is never removed again under the same approval.".to_owned(),
            ),
            Self::SomethingElseChanged { difference } => (
                format!("Something else changed with the removal: {difference}."),
                "Look at the person's licenses, restore if needed, then look again.".to_owned(),
            ),
            Self::NotProven => (
                "The readings did not agree that the license is gone.".to_owned(),
                "Look again later, or check the person in the Microsoft 365 admin center.".to_owned(),
            ),
            Self::NoFreeSeat => {
                ("No seat is free to give back.".to_owned(), "Free or buy a seat, then try again.".to_owned())
            }
            Self::RestoreIncomplete { difference } => (
                format!("The person does not hold exactly what they held before: {difference}."),
                "Compare with the recorded state and try again.".to_owned(),
            ),
        }
    }
}

fn with_reasons(first: String, why: &[String]) -> String {
    std::iter::once(first).chain(why.iter().cloned()).collect::<Vec<_>>().join(" ")
}

fn list_groups(groups: &[String]) -> String {
    match groups {
        [] => "a group".to_owned(),
        [one] => format!("group {one}"),
        several => format!("groups {}", several.join(", ")),
    }
}

/// How a seat is known to be free.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "completion", rename_all = "snake_case")]
pub enum Completion {
    /// Two agreeing reads after our write.
    Proven {
        /// The approval the write rested on.
        approval: ApprovalId,
        /// The write's intent, which holds the undo snapshot.
        intent: IntentId,
    },
    /// A person removed it and said so.
    ByHand {
        /// Their note.
        note: String,
    },
}

/// Why there is nothing to take back any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CancelReason {
    /// The person used it again.
    ActivityReturned,
    /// The license is gone already; counted neither as our removal nor as an error (G37).
    SeatGone,
    /// The account is gone (G34).
    PersonGone,
    /// What the approval or the finding rested on is no longer so.
    EvidenceChanged,
}
words!(CancelReason {
    ActivityReturned => "activity_returned",
    SeatGone => "seat_gone",
    PersonGone => "person_gone",
    EvidenceChanged => "evidence_changed",
});

impl CandidateState {
    /// The yes that a write which waits, or is on its way, rests on.
    pub const fn approval(&self) -> Option<ApprovalId> {
        match self {
            Self::AwaitingRevocation { approval, .. }
            | Self::Revoking { approval, .. }
            | Self::Verifying { approval, .. } => Some(*approval),
            Self::Ready
            | Self::AttentionRequired { .. }
            | Self::AwaitingUser { .. }
            | Self::AwaitingApproval { .. }
            | Self::InReview { .. }
            | Self::ClosedComplete { .. }
            | Self::Restoring { .. }
            | Self::ClosedRestored { .. }
            | Self::ClosedSkipped { .. }
            | Self::ClosedCanceled { .. } => None,
        }
    }

    /// The intent whose outcome is waited for.
    pub const fn intent(&self) -> Option<IntentId> {
        match self {
            Self::Revoking { intent, .. } | Self::Verifying { intent, .. } | Self::Restoring { intent, .. } => {
                Some(*intent)
            }
            Self::Ready
            | Self::AttentionRequired { .. }
            | Self::AwaitingUser { .. }
            | Self::AwaitingApproval { .. }
            | Self::InReview { .. }
            | Self::AwaitingRevocation { .. }
            | Self::ClosedComplete { .. }
            | Self::ClosedRestored { .. }
            | Self::ClosedSkipped { .. }
            | Self::ClosedCanceled { .. } => None,
        }
    }

    /// The state's word.
    pub const fn name(&self) -> StateName {
        match self {
            Self::Ready => StateName::Ready,
            Self::AttentionRequired { .. } => StateName::AttentionRequired,
            Self::AwaitingUser { .. } => StateName::AwaitingUser,
            Self::AwaitingApproval { .. } => StateName::AwaitingApproval,
            Self::InReview { .. } => StateName::InReview,
            Self::AwaitingRevocation { .. } => StateName::AwaitingRevocation,
            Self::Revoking { .. } => StateName::Revoking,
            Self::Verifying { .. } => StateName::Verifying,
            Self::ClosedComplete { .. } => StateName::ClosedComplete,
            Self::Restoring { .. } => StateName::Restoring,
            Self::ClosedRestored { .. } => StateName::ClosedRestored,
            Self::ClosedSkipped { .. } => StateName::ClosedSkipped,
            Self::ClosedCanceled { .. } => StateName::ClosedCanceled,
        }
    }

    /// Whether no write can have been sent for this candidate yet, so that it may still be
    /// canceled when activity returns or the seat vanishes.
    pub const fn before_write(&self) -> bool {
        match self {
            Self::Ready | Self::AwaitingUser { .. } | Self::AwaitingApproval { .. } | Self::InReview { .. } => true,
            Self::AwaitingRevocation { partly, .. } => partly.is_none(),
            Self::AttentionRequired { resume, .. } => !resume.write_sent(),
            Self::Revoking { .. }
            | Self::Verifying { .. }
            | Self::ClosedComplete { .. }
            | Self::Restoring { .. }
            | Self::ClosedRestored { .. }
            | Self::ClosedSkipped { .. }
            | Self::ClosedCanceled { .. } => false,
        }
    }
}
