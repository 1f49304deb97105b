//! The stop. Anyone with a role freezes; two people thaw, or a declared single operator who types
//! the word. The frozen row is looked at inside the transaction of every intent (I9).

use std::path::Path;

use reseat_domain::candidate::StateName;
use reseat_domain::ids::AccountId;
use reseat_domain::role::Permission;
use reseat_store::trail::Log;
use reseat_store::{candidates, dialect, freezes};

use crate::commands::{get_tenant, permit, required};
use crate::engine::Engine;
use crate::entitlement::{is_same_person, still_may};
use crate::error::CommandError;
use crate::moves::{By, Caller, Note, entry};

/// What a wish to thaw came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thaw {
    /// Recorded; another person has to confirm.
    Asked,
    /// Writes may start again.
    Thawed,
}

/// Stops every new write of this tenant.
///
/// # Errors
/// [`CommandError::Invalid`] without a reason.
pub async fn freeze(engine: &Engine, caller: &Caller, reason: &str) -> Result<(), CommandError> {
    permit(caller, Permission::Freeze)?;
    freeze_as(engine, By::Person(caller), &caller.account_id.to_string(), reason).await
}

/// Stops every new write from the host's command line, where no account is needed: whoever is there
/// could also stop the program.
///
/// # Errors
/// [`CommandError::Invalid`] without a reason.
pub async fn freeze_on_host(engine: &Engine, reason: &str) -> Result<(), CommandError> {
    freeze_as(engine, By::Stage("host"), "host", reason).await
}

async fn freeze_as(engine: &Engine, by: By<'_>, frozen_by: &str, reason: &str) -> Result<(), CommandError> {
    let reason = required("reason", Some(reason), "a reason for the freeze")?;
    let tenant_id = engine.tenant_id();
    let mut tx = engine.store().write().await?;
    // Behind an intent that is being recorded, before the next one: after the commit none starts.
    dialect::lock_tenant_writes(&mut tx, tenant_id).await?;
    freezes::freeze(&mut tx, tenant_id, &reason, frozen_by, engine.now()).await?;
    let note = Note::text("All new writes are stopped.").because(Some(reason));
    let draft = entry(engine, by, "writes.frozen", ("tenant", &tenant_id.to_string()), &note);
    engine.append_audit(&mut tx, Log::Tenant(tenant_id), &draft).await?;
    tx.commit().await?;
    crate::crash::crash_point("frozen");
    Ok(())
}

/// Makes the file that stops all writes even where the database cannot be reached. It is taken away
/// by hand.
///
/// # Errors
/// [`CommandError::Unavailable`] when the file cannot be made.
pub fn place_freeze_file(path: &Path, reason: &str) -> Result<(), CommandError> {
    let reason = required("reason", Some(reason), "a reason for the freeze")?;
    std::fs::write(path, format!("{reason}\n"))
        .map_err(|error| CommandError::Unavailable(format!("{} cannot be written: {error}", path.display())))
}

/// Asks for writes to go on, or confirms another person's asking.
///
/// # Errors
/// [`CommandError::NotAllowed`] when nothing is frozen, or the same person asks twice.
pub async fn thaw(engine: &Engine, caller: &Caller, typed: Option<&str>) -> Result<Thaw, CommandError> {
    permit(caller, Permission::Thaw)?;
    let tenant_id = engine.tenant_id();
    let mut tx = engine.store().write().await?;
    dialect::lock_tenant_writes(&mut tx, tenant_id).await?;
    let Some(row) = freezes::find_freeze(&mut tx, tenant_id).await? else {
        return Err(CommandError::NotAllowed("Nothing is frozen.".to_owned()));
    };
    let single_operator = get_tenant(engine, &mut tx).await?.single_operator;
    let mut asked_by: Option<AccountId> = row.thaw_by.as_deref().and_then(|id| id.parse().ok());
    if let Some(first) = asked_by
        && !still_may(&mut tx, first, Permission::Thaw).await?
    {
        // Whoever asked may no longer do so: it takes two again.
        asked_by = None;
    }
    let done = if single_operator {
        if typed != Some("thaw") {
            let message = "type the word thaw to let writes go on".to_owned();
            return Err(CommandError::Invalid { field: "typed", message });
        }
        Thaw::Thawed
    } else {
        match asked_by {
            None => Thaw::Asked,
            Some(first) if is_same_person(&mut tx, first, caller).await? => {
                return Err(CommandError::NotAllowed("You asked already; another person has to confirm.".to_owned()));
            }
            Some(_) => Thaw::Thawed,
        }
    };
    let (verb, text) = match done {
        Thaw::Asked => {
            freezes::ask_thaw(&mut tx, tenant_id, caller.account_id, engine.now()).await?;
            ("writes.thaw_asked", "Asked for writes to go on; another person has to confirm.")
        }
        Thaw::Thawed => {
            freezes::thaw(&mut tx, tenant_id).await?;
            candidates::make_due(&mut tx, tenant_id, StateName::AwaitingRevocation, engine.now()).await?;
            ("writes.thawed", "Writes may start again.")
        }
    };
    let details = serde_json::json!({ "single_operator": single_operator, "first": asked_by });
    let object = tenant_id.to_string();
    let draft = entry(engine, By::Person(caller), verb, ("tenant", &object), &Note::with(text, details));
    engine.append_audit(&mut tx, Log::Tenant(tenant_id), &draft).await?;
    tx.commit().await?;
    engine.nudge();
    Ok(done)
}
