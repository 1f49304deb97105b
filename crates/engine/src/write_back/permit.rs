//! Whether a write may start at all, and what stands in its way.

use reseat_domain::time::Timestamp;
use reseat_store::{Tx, freezes, integration};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::task::Task;

/// Whether any new write may start at all: enabled, live, not frozen, not held.
///
/// # Errors
/// [`EngineError::Store`].
pub async fn may_write(engine: &Engine, now: Timestamp) -> Result<bool, EngineError> {
    let mut tx = engine.store().read().await?;
    may_write_in(engine, &mut tx, now).await
}

/// Why nothing that is approved is written now, in one sentence; `None` when nothing stands in the
/// way. For the pages that show what waits.
///
/// # Errors
/// [`EngineError::Store`].
pub async fn why_no_write(engine: &Engine, tx: &mut Tx) -> Result<Option<String>, EngineError> {
    held_back_in(engine, tx, engine.now()).await
}

pub(crate) async fn may_write_in(engine: &Engine, tx: &mut Tx, now: Timestamp) -> Result<bool, EngineError> {
    Ok(held_back_in(engine, tx, now).await?.is_none())
}

async fn held_back_in(engine: &Engine, tx: &mut Tx, now: Timestamp) -> Result<Option<String>, EngineError> {
    let tenant_id = engine.tenant_id();
    let Some(tenant) = integration::find_tenant(tx, tenant_id).await? else {
        return Ok(Some("this tenant is not set up yet".to_owned()));
    };
    if let Some(reason) = engine.freeze_file() {
        return Ok(Some(format!("writes are frozen by a file on the host: {reason}")));
    }
    if let Some(freeze) = freezes::find_freeze(tx, tenant_id).await? {
        return Ok(Some(format!("writes are frozen: {}", freeze.reason)));
    }
    if let Some(reason) = tenant.held_reason {
        return Ok(Some(format!("runs are held: {reason}")));
    }
    if !engine.parts().writer.is_configured() {
        return Ok(Some("no writer connection is configured".to_owned()));
    }
    if let Some(until) = tenant.observe_until.map(Timestamp::from_micros).filter(|until| *until > now) {
        return Ok(Some(format!("this tenant is only observed until {until}")));
    }
    let enabled = integration::list_tasks(tx, tenant_id)
        .await?
        .iter()
        .any(|row| row.task == Task::Reclamation.as_str() && row.enabled);
    Ok((!enabled).then(|| "the task reclamation is switched off".to_owned()))
}
