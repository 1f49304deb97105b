//! Give up on a candidate that cannot go on; possible only while nothing was sent.

use reseat_domain::candidate::CandidateEvent;
use reseat_store::Tx;
use reseat_store::candidates::Move;

use crate::commands::act::Acting;
use crate::commands::{moved, required};
use crate::error::CommandError;
use crate::moves::{By, Note, move_candidate};

pub(super) async fn skip(acting: &Acting<'_>, tx: &mut Tx) -> Result<(), CommandError> {
    let reason = required("reason", acting.input.reason.as_deref(), "a reason for skipping the candidate")?;
    let note = Note::text("Skipped.").because(Some(reason.clone()));
    let event = CandidateEvent::Skip { reason };
    let by = By::Person(acting.caller);
    move_candidate(acting.engine, tx, acting.candidate, &event, by, &note, Move::default()).await.map_err(moved)?;
    Ok(())
}
