//! Take it back: the approver's yes to exactly this seat.

use reseat_domain::candidate::CandidateEvent;
use reseat_store::Tx;
use reseat_store::candidates::Move;

use crate::commands::act::Acting;
use crate::commands::{moved, record_approval};
use crate::error::CommandError;
use crate::moves::{By, Note, move_candidate};

pub(super) async fn approve(acting: &Acting<'_>, tx: &mut Tx) -> Result<(), CommandError> {
    let approval = record_approval(acting.engine, tx, acting.caller, acting.candidate, "remove").await?;
    let details = serde_json::json!({ "approval": approval, "single_operator": acting.single_operator });
    let note = Note::with("Approved: the license will be taken back.", details).because(acting.input.reason.clone());
    let event = CandidateEvent::TakeBack { approval };
    let by = By::Person(acting.caller);
    move_candidate(acting.engine, tx, acting.candidate, &event, by, &note, Move::default()).await.map_err(moved)?;
    Ok(())
}
