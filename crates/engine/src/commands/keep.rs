//! Let them keep it, for a reason, and perhaps until a day. Keep wins every race before the write
//! (I12).

use reseat_domain::candidate::CandidateEvent;
use reseat_store::Tx;
use reseat_store::candidates::Move;

use crate::commands::act::Acting;
use crate::commands::{moved, required};
use crate::error::CommandError;
use crate::moves::{By, Note, move_candidate};

/// How far ahead a seat can be kept: longer is an exemption, not a keep.
const LONGEST_DAYS: i64 = 3 * 366;

pub(super) async fn keep(acting: &Acting<'_>, tx: &mut Tx) -> Result<(), CommandError> {
    let reason = required("reason", acting.input.reason.as_deref(), "a reason for keeping the license")?;
    let today = acting.engine.now().day();
    let until = match acting.input.until {
        None => None,
        Some(day) if day < today => return Err(bad_until("the day until which it is kept lies in the past")),
        Some(day) if day.days_since(today) > LONGEST_DAYS => {
            return Err(bad_until("a license can be kept for three years at most; it is looked at again after that"));
        }
        // The named day still counts.
        Some(day) => Some(day.end()),
    };
    let details = serde_json::json!({ "until": acting.input.until });
    let note = Note::with("Kept.", details).because(Some(reason.clone()));
    let event = CandidateEvent::Keep { reason, until };
    let by = By::Person(acting.caller);
    move_candidate(acting.engine, tx, acting.candidate, &event, by, &note, Move::default()).await.map_err(moved)?;
    Ok(())
}

fn bad_until(message: &str) -> CommandError {
    CommandError::Invalid { field: "until", message: message.to_owned() }
}
