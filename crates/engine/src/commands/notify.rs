//! Ask the holder. Needs a way to reach people, which this tenant has none of yet; `domain` says so
//! before this is reached.

use crate::commands::act::Acting;
use crate::error::CommandError;

pub(super) fn notify(acting: &Acting<'_>) -> Result<(), CommandError> {
    Err(CommandError::NotAllowed(format!(
        "No way to ask the holder of candidate {} is set up for this tenant.",
        acting.candidate.number
    )))
}
