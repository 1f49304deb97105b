//! What can happen to a candidate.

use crate::candidate::attention::Attention;
use crate::candidate::state::CancelReason;
use crate::directory::words;
use crate::ids::{ApprovalId, CampaignId, IntentId};
use crate::time::Timestamp;

/// Something that happened, with what it brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CandidateEvent {
    /// Somebody started the reclaim, and that alone approves it.
    StartApproved {
        /// The recorded approval.
        approval: ApprovalId,
    },
    /// Somebody started the reclaim; another person must approve.
    StartProposed,
    /// The holder is to be asked.
    Notify {
        /// When silence counts as an answer.
        deadline: Timestamp,
    },
    /// It became an item of a campaign.
    SendToCampaign {
        /// Which.
        campaign: CampaignId,
    },
    /// Somebody entitled decided that the seat stays.
    Keep {
        /// Why.
        reason: String,
        /// Until when it is left alone.
        until: Option<Timestamp>,
    },
    /// Somebody entitled decided to take it back.
    TakeBack {
        /// The recorded approval.
        approval: ApprovalId,
    },
    /// The holder wants to keep it and an approver decides on that.
    HolderKeeps,
    /// The holder wants to keep it and the rule says that this is final.
    HolderKeepsFinally {
        /// Why.
        reason: String,
        /// Until when it is left alone.
        until: Option<Timestamp>,
    },
    /// The holder gives it up.
    HolderReleases {
        /// The recorded approval.
        approval: ApprovalId,
    },
    /// The holder did not answer; somebody decides.
    SilenceEscalates,
    /// The holder did not answer; the rule keeps the seat.
    SilenceKeeps {
        /// Until when it is left alone.
        until: Option<Timestamp>,
    },
    /// The holder did not answer; the rule, approved by two for exactly this class, takes it back.
    SilenceTakesBack {
        /// The rule's recorded approval.
        approval: ApprovalId,
    },
    /// The approver did not answer; the next one is asked.
    Escalate,
    /// The campaign closed with the item undecided, and the campaign keeps such items.
    CampaignLeavesUndecided,
    /// It cannot go on by itself.
    Obstacle {
        /// Why.
        cause: Attention,
    },
    /// The obstacle is gone.
    Fixed,
    /// Somebody gives up on it.
    Skip {
        /// Why.
        reason: String,
    },
    /// A person removed it.
    CompletedByHand {
        /// Their note.
        note: String,
    },
    /// Activity returned, the seat or the person is gone, or the evidence changed.
    Canceled {
        /// Which.
        why: CancelReason,
    },
    /// Whoever approved may no longer approve: left, disabled, or without the role (H7).
    ApprovalLapses,
    /// The intent is durable; the request is about to be sent.
    WriteStarts {
        /// The durable intent.
        intent: IntentId,
    },
    /// Graph accepted the write, or evidence shows that it happened.
    WriteHappened,
    /// Evidence shows that the write did not happen, the fingerprint being the same.
    WriteDidNotHappen,
    /// Graph refused the write, or evidence shows that it can no longer be right.
    WriteFailed {
        /// Why.
        cause: Attention,
    },
    /// Two agreeing reads: one of several writes happened and nothing else changed; the next one is due.
    StepProven,
    /// Two agreeing reads: the seat is gone and nothing else changed.
    ProvenGone,
    /// Reading showed something that a person must see.
    ProofFailed {
        /// Why.
        cause: Attention,
    },
    /// Somebody undoes it; the undo's intent is durable.
    Restore {
        /// The undo's own intent.
        intent: IntentId,
    },
    /// Two agreeing reads: one of several writes of the undo happened; the next one's intent is durable.
    RestoreStepProven {
        /// The next intent.
        next: IntentId,
    },
    /// Two agreeing reads: the person holds exactly what they held before.
    ProvenRestored,
    /// The undo did not come about.
    RestoreFailed {
        /// Why.
        cause: Attention,
    },
}

/// The event without its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is documented at the event of the same name")]
pub enum EventName {
    StartApproved,
    StartProposed,
    Notify,
    SendToCampaign,
    Keep,
    TakeBack,
    HolderKeeps,
    HolderKeepsFinally,
    HolderReleases,
    SilenceEscalates,
    SilenceKeeps,
    SilenceTakesBack,
    Escalate,
    CampaignLeavesUndecided,
    Obstacle,
    Fixed,
    Skip,
    CompletedByHand,
    Canceled,
    ApprovalLapses,
    WriteStarts,
    WriteHappened,
    WriteDidNotHappen,
    WriteFailed,
    StepProven,
    ProvenGone,
    ProofFailed,
    Restore,
    RestoreStepProven,
    ProvenRestored,
    RestoreFailed,
}
words!(EventName {
    StartApproved => "start_approved",
    StartProposed => "start_proposed",
    Notify => "notify",
    SendToCampaign => "send_to_campaign",
    Keep => "keep",
    TakeBack => "take_back",
    HolderKeeps => "holder_keeps",
    HolderKeepsFinally => "holder_keeps_finally",
    HolderReleases => "holder_releases",
    SilenceEscalates => "silence_escalates",
    SilenceKeeps => "silence_keeps",
    SilenceTakesBack => "silence_takes_back",
    Escalate => "escalate",
    CampaignLeavesUndecided => "campaign_leaves_undecided",
    Obstacle => "obstacle",
    Fixed => "fixed",
    Skip => "skip",
    CompletedByHand => "completed_by_hand",
    Canceled => "canceled",
    ApprovalLapses => "approval_lapses",
    WriteStarts => "write_starts",
    WriteHappened => "write_happened",
    WriteDidNotHappen => "write_did_not_happen",
    WriteFailed => "write_failed",
    StepProven => "step_proven",
    ProvenGone => "proven_gone",
    ProofFailed => "proof_failed",
    Restore => "restore",
    RestoreStepProven => "restore_step_proven",
    ProvenRestored => "proven_restored",
    RestoreFailed => "restore_failed",
});

impl CandidateEvent {
    /// The event's word.
    pub const fn name(&self) -> EventName {
        match self {
            Self::StartApproved { .. } => EventName::StartApproved,
            Self::StartProposed => EventName::StartProposed,
            Self::Notify { .. } => EventName::Notify,
            Self::SendToCampaign { .. } => EventName::SendToCampaign,
            Self::Keep { .. } => EventName::Keep,
            Self::TakeBack { .. } => EventName::TakeBack,
            Self::HolderKeeps => EventName::HolderKeeps,
            Self::HolderKeepsFinally { .. } => EventName::HolderKeepsFinally,
            Self::HolderReleases { .. } => EventName::HolderReleases,
            Self::SilenceEscalates => EventName::SilenceEscalates,
            Self::SilenceKeeps { .. } => EventName::SilenceKeeps,
            Self::SilenceTakesBack { .. } => EventName::SilenceTakesBack,
            Self::Escalate => EventName::Escalate,
            Self::CampaignLeavesUndecided => EventName::CampaignLeavesUndecided,
            Self::Obstacle { .. } => EventName::Obstacle,
            Self::Fixed => EventName::Fixed,
            Self::Skip { .. } => EventName::Skip,
            Self::CompletedByHand { .. } => EventName::CompletedByHand,
            Self::Canceled { .. } => EventName::Canceled,
            Self::ApprovalLapses => EventName::ApprovalLapses,
            Self::WriteStarts { .. } => EventName::WriteStarts,
            Self::WriteHappened => EventName::WriteHappened,
            Self::WriteDidNotHappen => EventName::WriteDidNotHappen,
            Self::WriteFailed { .. } => EventName::WriteFailed,
            Self::StepProven => EventName::StepProven,
            Self::ProvenGone => EventName::ProvenGone,
            Self::ProofFailed { .. } => EventName::ProofFailed,
            Self::Restore { .. } => EventName::Restore,
            Self::RestoreStepProven { .. } => EventName::RestoreStepProven,
            Self::ProvenRestored => EventName::ProvenRestored,
            Self::RestoreFailed { .. } => EventName::RestoreFailed,
        }
    }
}
