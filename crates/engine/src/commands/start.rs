//! Reclaim: a found seat is proposed, or approved at once by whoever may decide.

use reseat_domain::candidate::CandidateEvent;
use reseat_domain::role::{Permission, grants};
use reseat_store::Tx;
use reseat_store::candidates::Move;

use crate::commands::act::Acting;
use crate::commands::{moved, record_approval};
use crate::error::CommandError;
use crate::moves::{By, Note, move_candidate};
use crate::planning::path_of;

/// A seat that no write would free needs a person, and nothing is proposed. Otherwise the
/// starter's own yes is enough if they may decide, and not in bulk; a single operator may do both.
pub(super) async fn start(acting: &Acting<'_>, tx: &mut Tx) -> Result<(), CommandError> {
    let Acting { engine, caller, candidate, bulk, single_operator, .. } = *acting;
    let by = By::Person(caller);
    let path = match path_of(engine, tx, candidate.seat).await? {
        Ok(path) => path,
        Err(cause) => {
            let note = Note::text(cause.explain().0);
            let event = CandidateEvent::Obstacle { cause };
            move_candidate(engine, tx, candidate, &event, by, &note, Move::default()).await.map_err(moved)?;
            return Ok(());
        }
    };
    let decides = grants(&caller.roles, Permission::Decide) && !bulk;
    let (event, text) = if single_operator || decides {
        let approval = record_approval(engine, tx, caller, candidate, "remove", path.binding()).await?;
        (CandidateEvent::StartApproved { approval }, "Started and approved: the license will be taken back.")
    } else {
        (CandidateEvent::StartProposed, "Proposed: an approver decides.")
    };
    let details = serde_json::json!({ "bulk": bulk, "single_operator": single_operator });
    let note = Note::with(text, details).because(acting.input.reason.clone());
    let change = Move { proposed_by: Some(caller.account_id), bulk: Some(bulk), ..Move::default() };
    move_candidate(engine, tx, candidate, &event, by, &note, change).await.map_err(moved)?;
    Ok(())
}
