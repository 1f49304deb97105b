//! Completed by hand: a person removed the seat and says so. It is marked as such for good.

use reseat_domain::candidate::CandidateEvent;
use reseat_store::Tx;
use reseat_store::candidates::Move;

use crate::commands::act::Acting;
use crate::commands::{moved, required};
use crate::error::CommandError;
use crate::moves::{By, Note, move_candidate};

pub(super) async fn complete(acting: &Acting<'_>, tx: &mut Tx) -> Result<(), CommandError> {
    let text = required("note", acting.input.note.as_deref(), "a note on what was done by hand")?;
    let note = Note::text("Completed by hand.").because(Some(text.clone()));
    let event = CandidateEvent::CompletedByHand { note: text };
    let by = By::Person(acting.caller);
    move_candidate(acting.engine, tx, acting.candidate, &event, by, &note, Move::default()).await.map_err(moved)?;
    Ok(())
}
