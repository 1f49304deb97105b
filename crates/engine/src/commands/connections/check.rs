//! Trying a connection now.

use reseat_domain::role::Permission;
use reseat_store::integration::ConnectionRow;

use super::{get, tell};
use crate::commands::permit;
use crate::connections::{Checked, Purpose, look_at};
use crate::engine::Engine;
use crate::error::CommandError;
use crate::moves::{By, Caller, Note};

/// Signs in anew, compares the tenant and reads what is granted. Nothing is changed in the tenant.
///
/// # Errors
/// [`CommandError::NotFound`] when there is no such connection. That it does not work is no error: the answer says it.
pub async fn check_connection(
    engine: &Engine,
    caller: &Caller,
    purpose: Purpose,
) -> Result<(ConnectionRow, Checked), CommandError> {
    permit(caller, Permission::Administer)?;
    let mut tx = engine.store().read().await?;
    let row = get(engine, &mut tx, purpose).await?;
    drop(tx);
    let checked = look_at(engine, purpose, &row).await?;
    let mut tx = engine.store().write().await?;
    let row = get(engine, &mut tx, purpose).await?;
    let details = serde_json::json!({ "purpose": purpose.as_str(), "status": row.status });
    let text = match &checked.problem {
        Some(problem) => format!("Connection {purpose} checked: {problem}"),
        None => format!("Connection {purpose} checked: it signs in"),
    };
    tell(engine, &mut tx, By::Person(caller), "connection.checked", purpose, &Note::with(text, details)).await?;
    tx.commit().await?;
    engine.nudge();
    Ok((row, checked))
}
