//! I no longer need it: the holder's own yes.

use reseat_domain::candidate::CandidateEvent;
use reseat_store::Tx;
use reseat_store::candidates::Move;

use crate::commands::act::Acting;
use crate::commands::{moved, record_approval};
use crate::error::CommandError;
use crate::moves::{By, Note, move_candidate};
use crate::planning::path_of;

pub(super) async fn release(acting: &Acting<'_>, tx: &mut Tx) -> Result<(), CommandError> {
    let by = By::Person(acting.caller);
    let path = match path_of(acting.engine, tx, acting.candidate.seat).await? {
        Ok(path) => path,
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
    let note = Note::with("The holder gives the license up.", serde_json::json!({ "approval": approval }))
        .because(acting.input.reason.clone());
    let event = CandidateEvent::HolderReleases { approval };
    move_candidate(acting.engine, tx, acting.candidate, &event, by, &note, Move::default()).await.map_err(moved)?;
    Ok(())
}
