//! The ways into the tenant as an administrator sets them up: entered, authorized, checked, removed. What is a secret
//! is sealed before it is stored and never comes back out, not in an answer, not in the trail, not in the log.

mod authorize;
mod check;
mod consent;
mod finish;
mod remove;
mod save;

use reseat_connectors::ConnectorError;
use reseat_store::integration::{self, ConnectionRow};
use reseat_store::trail::Log;
use reseat_store::{StoreError, Tx};

pub use authorize::{Authorize, begin_authorization};
pub use check::check_connection;
pub use consent::{ConsentLink, consent_link};
pub use finish::{Finished, ReturnedBrowser, finish_authorization};
pub use remove::remove_connection;
pub use save::{EnteredProof, NewConnection, save_connection};

use crate::connections::Purpose;
use crate::engine::Engine;
use crate::error::CommandError;
use crate::moves::{By, Note, entry};

/// The connection of a purpose.
async fn get(engine: &Engine, tx: &mut Tx, purpose: Purpose) -> Result<ConnectionRow, CommandError> {
    integration::find_connection(tx, engine.tenant_id(), purpose.as_str())
        .await?
        .ok_or_else(|| CommandError::NotFound(format!("There is no {purpose} connection yet.")))
}

/// Refuses to change what the configuration file gives.
fn refuse_configured(row: Option<&ConnectionRow>, purpose: Purpose) -> Result<(), CommandError> {
    if row.is_some_and(|row| row.origin == "configuration") {
        return Err(CommandError::NotAllowed(format!(
            "The {purpose} connection is given by the configuration file; change it there and restart, or take it out \
             of the file to set it up here."
        )));
    }
    Ok(())
}

/// What the sign-in service or Graph says no to, for whoever asked.
fn refused(error: &ConnectorError) -> CommandError {
    let text = match error.remedy() {
        Some(remedy) => format!("{error} {remedy}"),
        None => error.to_string(),
    };
    match error {
        ConnectorError::Throttled { .. } | ConnectorError::Transient(_) => CommandError::Unavailable(text),
        ConnectorError::MissingPermission { .. }
        | ConnectorError::SignIn { .. }
        | ConnectorError::WrongTenant { .. }
        | ConnectorError::Premium
        | ConnectorError::NotFound
        | ConnectorError::RestartListing
        | ConnectorError::Malformed(_)
        | ConnectorError::Configuration(_)
        | ConnectorError::File(_) => CommandError::NotAllowed(text),
    }
}

async fn tell(
    engine: &Engine,
    tx: &mut Tx,
    by: By<'_>,
    verb: &str,
    purpose: Purpose,
    note: &Note,
) -> Result<(), CommandError> {
    let draft = entry(engine, by, verb, ("connection", purpose.as_str()), note);
    engine.append_audit(tx, Log::Tenant(engine.tenant_id()), &draft).await?;
    Ok(())
}

/// A row that changed meanwhile is somebody else's doing.
fn changed(error: StoreError, purpose: Purpose) -> CommandError {
    match error {
        StoreError::Conflict => {
            CommandError::NotAllowed(format!("The {purpose} connection was changed meanwhile; begin again."))
        }
        other => other.into(),
    }
}
