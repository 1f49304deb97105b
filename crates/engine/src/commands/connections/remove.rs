//! Taking a connection away, with everything sealed for it.

use reseat_domain::role::Permission;
use reseat_store::integration;

use super::{get, refuse_configured, tell};
use crate::commands::permit;
use crate::connections::Purpose;
use crate::engine::Engine;
use crate::error::CommandError;
use crate::moves::{By, Caller, Note};

/// Removes a connection that was entered. Without a reader nothing is read any more, without a writer nothing is
/// written; what is approved waits.
///
/// # Errors
/// [`CommandError::NotFound`] when there is none, [`CommandError::NotAllowed`] where the configuration file gives it.
pub async fn remove_connection(engine: &Engine, caller: &Caller, purpose: Purpose) -> Result<(), CommandError> {
    permit(caller, Permission::Administer)?;
    let mut tx = engine.store().write().await?;
    let row = get(engine, &mut tx, purpose).await?;
    refuse_configured(Some(&row), purpose)?;
    integration::remove_connection(&mut tx, engine.tenant_id(), purpose.as_str(), "console").await?;
    let details = serde_json::json!({ "purpose": purpose.as_str(), "kind": row.kind, "client_id": row.client_id });
    let note = Note::with(format!("Connection {purpose} removed"), details);
    tell(engine, &mut tx, By::Person(caller), "connection.removed", purpose, &note).await?;
    tx.commit().await?;
    engine.refresh_connections().await?;
    engine.nudge();
    Ok(())
}
