//! Try again: the obstacle is said to be gone, and the candidate goes back to where it came from.
//! What was approved stays what it was; the write compares with it again.

use reseat_domain::candidate::CandidateEvent;
use reseat_store::Tx;
use reseat_store::candidates::Move;

use crate::commands::act::Acting;
use crate::commands::moved;
use crate::error::CommandError;
use crate::moves::{By, Note, move_candidate};

pub(super) async fn retry(acting: &Acting<'_>, tx: &mut Tx) -> Result<(), CommandError> {
    let note = Note::text("Tried again.").because(acting.input.reason.clone());
    let by = By::Person(acting.caller);
    let event = CandidateEvent::Fixed;
    move_candidate(acting.engine, tx, acting.candidate, &event, by, &note, Move::default()).await.map_err(moved)?;
    Ok(())
}
