//! One person as they are this moment, with whatever a write or its proof is about: licenses always, memberships
//! and groups where a membership changes.

use std::collections::BTreeMap;

use reseat_domain::directory::LicenseState;
use reseat_domain::ids::{GroupId, SeatKey};
use reseat_domain::plan::Write;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::planning::Terms;

/// Reads a person; `None` when the account is gone. Memberships come along if one of `writes` changes one.
///
/// # Errors
/// [`EngineError::Connector`]: nothing is concluded from half a reading.
pub(crate) async fn read_person<'a>(
    engine: &Engine,
    seat: SeatKey,
    mut writes: impl Iterator<Item = &'a Write>,
) -> Result<Option<LicenseState>, EngineError> {
    let reader = engine.reader()?;
    let Some(mut state) = reader.license_state(seat.user_id).await? else { return Ok(None) };
    if writes.any(|write| write.group_id().is_some()) {
        let Some(groups) = reader.memberships(seat.user_id).await? else { return Ok(None) };
        state.groups = Some(groups);
    }
    Ok(Some(state))
}

/// Reads every group that gives a seat. One that is gone is left out.
///
/// # Errors
/// [`EngineError::Connector`].
pub(super) async fn read_terms(engine: &Engine, state: &LicenseState, seat: SeatKey) -> Result<Terms, EngineError> {
    let mut terms = BTreeMap::new();
    let groups: Vec<GroupId> = state.seat(seat.sku_id).iter().flat_map(|seat| seat.groups()).collect();
    if groups.is_empty() {
        return Ok(terms);
    }
    let reader = engine.reader()?;
    for id in groups {
        match reader.group_terms(id).await {
            Ok(Some(group)) => {
                terms.insert(id, group);
            }
            // What may not be read stands in the way like what is gone, and is said.
            Ok(None) | Err(reseat_connectors::ConnectorError::MissingPermission { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(terms)
}
