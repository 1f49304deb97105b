//! The same action on many candidates. Each is its own transaction: one that cannot go on does not
//! hold the others back.

use std::collections::BTreeMap;

use reseat_domain::candidate::{Action, StateName};
use reseat_domain::ids::{CandidateId, SkuId};
use reseat_domain::role::{BULK_OVER_SEATS, is_bulk};
use reseat_store::{candidates, skus};

use crate::commands::act::{ActionInput, act_as};
use crate::engine::Engine;
use crate::error::CommandError;
use crate::moves::Caller;

/// Takes an action on many candidates; a bulk step needs the count typed, so that nobody takes two
/// thousand seats with one careless click (H15).
///
/// # Errors
/// [`CommandError::TypedCount`] for the whole step; what one candidate refuses is in its own place.
pub async fn act_on_many(
    engine: &Engine,
    caller: &Caller,
    ids: &[CandidateId],
    action: Action,
    input: &ActionInput,
    typed_count: Option<usize>,
) -> Result<Vec<(CandidateId, Result<StateName, CommandError>)>, CommandError> {
    let mut wanted: Vec<CandidateId> = Vec::with_capacity(ids.len());
    for id in ids {
        if !wanted.contains(id) {
            wanted.push(*id);
        }
    }
    let bulk = is_bulk_step(engine, &wanted).await?;
    if bulk && typed_count != Some(wanted.len()) {
        return Err(CommandError::TypedCount { expected: wanted.len() });
    }
    let mut done = Vec::with_capacity(wanted.len());
    for id in wanted {
        let result = match act_as(engine, caller, id, action, input, bulk).await {
            Ok(_) => state_of(engine, id).await,
            Err(error) => Err(error),
        };
        done.push((id, result));
    }
    Ok(done)
}

async fn state_of(engine: &Engine, id: CandidateId) -> Result<StateName, CommandError> {
    let mut tx = engine.store().read().await?;
    Ok(crate::commands::get_candidate(engine, &mut tx, id).await?.state.name())
}

/// Over ten seats in one step, or over one percent of a large sku.
async fn is_bulk_step(engine: &Engine, ids: &[CandidateId]) -> Result<bool, CommandError> {
    if ids.len() > BULK_OVER_SEATS {
        return Ok(true);
    }
    let tenant_id = engine.tenant_id();
    let mut tx = engine.store().read().await?;
    let mut by_sku: BTreeMap<SkuId, usize> = BTreeMap::new();
    for id in ids {
        if let Some(candidate) = candidates::find_candidate(&mut tx, tenant_id, *id).await? {
            *by_sku.entry(candidate.seat.sku_id).or_default() += 1;
        }
    }
    for (sku_id, seats) in by_sku {
        let holders = usize::try_from(skus::count_holders(&mut tx, tenant_id, sku_id).await?).unwrap_or(0);
        if is_bulk(seats, holders) {
            return Ok(true);
        }
    }
    Ok(false)
}
