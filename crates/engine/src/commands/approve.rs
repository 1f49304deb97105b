//! Take it back: the approver's yes to exactly this seat, the writes that free it, and the groups that are left.

use reseat_domain::candidate::CandidateEvent;
use reseat_store::Tx;
use reseat_store::candidates::Move;

use crate::commands::act::Acting;
use crate::commands::{moved, record_approval};
use crate::error::CommandError;
use crate::moves::{By, Note, move_candidate};
use crate::planning::path_of;

pub(super) async fn approve(acting: &Acting<'_>, tx: &mut Tx) -> Result<(), CommandError> {
    let by = By::Person(acting.caller);
    let path = match path_of(acting.engine, tx, acting.candidate.seat).await? {
        Ok(path) => path,
        // Since it was proposed, something came into the way: there is nothing to say yes to.
        Err(cause) => {
            let note = Note::text(cause.explain().0).because(acting.input.reason.clone());
            let event = CandidateEvent::Obstacle { cause };
            let change = Move::default();
            move_candidate(acting.engine, tx, acting.candidate, &event, by, &note, change).await.map_err(moved)?;
            return Ok(());
        }
    };
    let approval =
        record_approval(acting.engine, tx, acting.caller, acting.candidate, "remove", path.binding()).await?;
    let details = serde_json::json!({ "approval": approval, "single_operator": acting.single_operator });
    let note = Note::with("Approved: the license will be taken back.", details).because(acting.input.reason.clone());
    let event = CandidateEvent::TakeBack { approval };
    move_candidate(acting.engine, tx, acting.candidate, &event, by, &note, Move::default()).await.map_err(moved)?;
    Ok(())
}
