//! The states of a candidate, each carrying what is true in it.

use serde::{Deserialize, Serialize};

use crate::candidate::attention::Attention;
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
