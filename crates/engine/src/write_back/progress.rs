//! How far several writes under one approval have come: which are proven, what comes next, and what to tell
//! when the rest cannot go on.

use reseat_domain::candidate::{Attention, CandidateEvent, CandidateState, Resume};
use reseat_domain::directory::LicenseState;
use reseat_domain::ids::{ApprovalId, WriteRunId};
use reseat_domain::plan::{Fingerprint, IntentState, PlanItem, PlanItemKind, Write, after_write};
use reseat_store::candidates::Candidate;
use reseat_store::intents::{self, Intent};
use reseat_store::{Tx, skus};

use crate::engine::Engine;
use crate::error::EngineError;

/// What is proven of an item.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress {
    /// The proven intents, in the order of the item's writes.
    pub(crate) done: Vec<Intent>,
}

impl Progress {
    /// Reads what is proven under an approval. The proven writes must be the first ones of the item, or nothing
    /// goes on.
    pub(crate) async fn of(
        engine: &Engine,
        tx: &mut Tx,
        candidate: &Candidate,
        item: &PlanItem,
        approval: ApprovalId,
    ) -> Result<Self, EngineError> {
        let done = proven(engine, tx, candidate, approval).await?;
        if !done.iter().map(|intent| &intent.write).eq(item.writes().take(done.len())) {
            let words = format!("candidate {}: what was done is not what its plan says", candidate.number);
            return Err(EngineError::Inconsistent(words));
        }
        Ok(Self { done })
    }

    /// What is to be written next.
    pub(super) fn next<'a>(&self, item: &'a PlanItem) -> Option<&'a Write> {
        item.writes().nth(self.done.len())
    }

    /// What remains, next write included.
    pub(super) fn left<'a>(&self, item: &'a PlanItem) -> impl Iterator<Item = &'a Write> {
        item.writes().skip(self.done.len())
    }

    /// The seat as it must be right before the next write: as approved, without what was taken since.
    pub(super) fn expected(&self, candidate: &Candidate) -> Fingerprint {
        let Some(first) = self.done.first() else { return candidate.fingerprint.clone() };
        let writes = self.done.iter().map(|intent| &intent.write);
        let state = writes.fold(first.before.clone(), |state, write| after_write(&state, write, &first.before));
        match state.seat(candidate.seat.sku_id) {
            Some(seat) => Fingerprint::of(candidate.seat.user_id, &seat),
            // Nothing is left to be taken, so nothing matches.
            None => Fingerprint::from_text("nothing"),
        }
    }

    /// The run that the first write was counted in: the others are about the same seat.
    pub(super) fn run_id(&self) -> Option<WriteRunId> {
        self.done.first().and_then(|intent| intent.run_id)
    }
}

async fn proven(
    engine: &Engine,
    tx: &mut Tx,
    candidate: &Candidate,
    approval: ApprovalId,
) -> Result<Vec<Intent>, EngineError> {
    let all = intents::list_of_candidate(tx, engine.tenant_id(), candidate.id).await?;
    let taken = |intent: &Intent| intent.kind != PlanItemKind::Restore && intent.approval_id == approval;
    Ok(all.into_iter().filter(|intent| taken(intent) && intent.state == IntentState::Proven).collect())
}

/// What a removal took so far, and the state before it: everything that an undo has to give back. Writes that may
/// have happened count; giving back what is held already changes nothing.
pub(crate) async fn taken(
    engine: &Engine,
    tx: &mut Tx,
    candidate: &Candidate,
) -> Result<Option<(LicenseState, Vec<Write>)>, EngineError> {
    let all = intents::list_of_candidate(tx, engine.tenant_id(), candidate.id).await?;
    let taking = |intent: &&Intent| {
        intent.kind != PlanItemKind::Restore
            && match intent.state {
                IntentState::Intended
                | IntentState::Accepted
                | IntentState::Unknown
                | IntentState::Proven
                | IntentState::SettledOtherwise => true,
                IntentState::Refused | IntentState::NotSent => false,
            }
    };
    let Some(approval) = all.iter().rfind(|intent| taking(intent)).map(|intent| intent.approval_id) else {
        return Ok(None);
    };
    let under: Vec<&Intent> = all.iter().filter(|intent| taking(intent) && intent.approval_id == approval).collect();
    let mut writes: Vec<Write> = Vec::with_capacity(under.len());
    for intent in &under {
        // A write that was sent again is one write.
        if !writes.contains(&intent.write) {
            writes.push(intent.write.clone());
        }
    }
    Ok(under.first().map(|first| (first.before.clone(), writes)))
}

/// Whether something of this candidate is done already while the rest waits.
pub(super) const fn is_partly(state: &CandidateState) -> bool {
    match state {
        CandidateState::AwaitingRevocation { partly, .. }
        | CandidateState::Revoking { partly, .. }
        | CandidateState::Verifying { partly, .. }
        | CandidateState::AttentionRequired {
            resume: Resume::AwaitingRevocation { partly, .. } | Resume::Verifying { partly, .. },
            ..
        } => partly.is_some(),
        CandidateState::Ready
        | CandidateState::AttentionRequired { .. }
        | CandidateState::AwaitingUser { .. }
        | CandidateState::AwaitingApproval { .. }
        | CandidateState::InReview { .. }
        | CandidateState::ClosedComplete { .. }
        | CandidateState::Restoring { .. }
        | CandidateState::ClosedRestored { .. }
        | CandidateState::ClosedSkipped { .. }
        | CandidateState::ClosedCanceled { .. } => false,
    }
}

/// The event that stops a candidate; halfway it never closes but comes before a person, with what is done.
pub(super) async fn stop(
    engine: &Engine,
    tx: &mut Tx,
    candidate: &Candidate,
    event: CandidateEvent,
    why: &str,
) -> Result<(CandidateEvent, String), EngineError> {
    if !is_partly(&candidate.state) {
        return Ok((event, why.to_owned()));
    }
    let Some(approval) = candidate.state.approval() else { return Ok((event, why.to_owned())) };
    let mut done = Vec::new();
    for intent in proven(engine, tx, candidate, approval).await? {
        done.push(told(engine, tx, &intent.write).await?);
    }
    let why = why.trim_end_matches('.').to_owned();
    let cause = Attention::PartlyDone { done, why };
    let text = cause.explain().0;
    let event = if let CandidateEvent::WriteFailed { .. } = event {
        CandidateEvent::WriteFailed { cause }
    } else {
        CandidateEvent::Obstacle { cause }
    };
    Ok((event, text))
}

/// A write that happened, in one sentence.
async fn told(engine: &Engine, tx: &mut Tx, write: &Write) -> Result<String, EngineError> {
    Ok(match write {
        Write::LeaveGroup { group_id, .. } => {
            let names = skus::group_names(tx, engine.tenant_id(), &[*group_id]).await?;
            format!("Taken out of {}.", names.concat())
        }
        Write::RemoveLicense { .. } => "The direct license was removed.".to_owned(),
        Write::SwapLicense { .. } => "The license was replaced.".to_owned(),
        Write::SetPlans { .. } => "Service plans were switched off.".to_owned(),
        Write::AssignLicense { .. } | Write::JoinGroup { .. } => "Something was given back.".to_owned(),
    })
}
