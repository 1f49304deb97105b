//! The exact undo: its own approval and its own durable intent, made here; the verify stage sends
//! it as soon as writes may start, and proves it.

use reseat_domain::candidate::{CandidateEvent, CandidateState, Completion, Resume};
use reseat_domain::ids::IntentId;
use reseat_domain::plan::{IntentState, PlanItemKind, undo_writes, writes_binding};
use reseat_store::Tx;
use reseat_store::candidates::{self, Candidate, Move};
use reseat_store::intents::{self, Intent};

use crate::commands::act::Acting;
use crate::commands::{moved, record_approval};
use crate::error::CommandError;
use crate::moves::{By, Note, move_candidate};
use crate::write_back::taken;

pub(super) async fn restore(acting: &Acting<'_>, tx: &mut Tx) -> Result<(), CommandError> {
    let Acting { engine, caller, candidate, .. } = *acting;
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    let nothing = || CommandError::NotAllowed("There is no recorded state to restore.".to_owned());
    let undone = undoes(candidate).ok_or_else(nothing)?;
    let (before, written) = taken(engine, tx, candidate).await?.ok_or_else(nothing)?;
    if let Some(newer) = candidates::find_open_candidate(tx, tenant_id, candidate.seat).await?
        && newer.id != candidate.id
    {
        let words = format!("Candidate {} is about the same license, which is held again.", newer.number);
        return Err(CommandError::NotAllowed(words));
    }
    let undo = undo_writes(&before, written.iter()).map_err(|_| nothing())?;
    let write = undo.first().cloned().ok_or_else(nothing)?;
    let binding = writes_binding(&undo);
    let approval = record_approval(engine, tx, caller, candidate, "restore", binding).await?;
    let intent = Intent {
        id: IntentId::new(now, engine.random()),
        candidate_id: candidate.id,
        approval_id: approval,
        run_id: None,
        kind: PlanItemKind::Restore,
        seat: candidate.seat,
        write,
        before,
        fingerprint: candidate.fingerprint.clone(),
        state: IntentState::Intended,
        client_request_id: IntentId::new(now, engine.random()).as_uuid(),
        // Counted up, durably, before each sending.
        sends: 0,
        agreeing_reads: 0,
        last_reading: None,
        last_read_at: None,
        created_at: now,
        outcome_at: None,
        evidence_age_seconds: None,
    };
    intents::insert_intent(tx, tenant_id, &intent).await?;
    let details = serde_json::json!({
        "intent": intent.id, "approval": approval, "undoes": undone, "writes": undo.len(),
    });
    let note =
        Note::with("Restore: the license will be given back as it was.", details).because(acting.input.reason.clone());
    let event = CandidateEvent::Restore { intent: intent.id };
    let change = Move { next_due_at: Some(now), ..Move::default() };
    move_candidate(engine, tx, candidate, &event, By::Person(caller), &note, change).await.map_err(moved)?;
    Ok(())
}

/// What is undone, as the trail names it: the last write of the removal, or the undo that did not come about.
fn undoes(candidate: &Candidate) -> Option<IntentId> {
    match &candidate.state {
        CandidateState::ClosedComplete { completion: Completion::Proven { intent, .. } }
        | CandidateState::AttentionRequired {
            resume: Resume::Verifying { intent, .. } | Resume::Restoring { intent },
            ..
        } => Some(*intent),
        // Some of several writes are done.
        CandidateState::AwaitingRevocation { partly, .. }
        | CandidateState::AttentionRequired { resume: Resume::AwaitingRevocation { partly, .. }, .. } => *partly,
        CandidateState::ClosedComplete { completion: Completion::ByHand { .. } }
        | CandidateState::AttentionRequired {
            resume:
                Resume::Ready | Resume::AwaitingUser { .. } | Resume::AwaitingApproval { .. } | Resume::InReview { .. },
            ..
        }
        | CandidateState::Ready
        | CandidateState::AwaitingUser { .. }
        | CandidateState::AwaitingApproval { .. }
        | CandidateState::InReview { .. }
        | CandidateState::Revoking { .. }
        | CandidateState::Verifying { .. }
        | CandidateState::Restoring { .. }
        | CandidateState::ClosedRestored { .. }
        | CandidateState::ClosedSkipped { .. }
        | CandidateState::ClosedCanceled { .. } => None,
    }
}
