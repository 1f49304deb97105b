//! How the tenant wants its writes: whether groups may be left, and when anything may be written.

use reseat_domain::role::Permission;
use reseat_domain::window::Window;
use reseat_store::trail::Log;
use reseat_store::write_settings::{self, WriteSettings};

use crate::commands::permit;
use crate::engine::Engine;
use crate::error::CommandError;
use crate::moves::{By, Caller, Note, entry};

/// What is to change; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteSettingsChange {
    /// Whether people may be taken out of groups.
    pub group_removal: Option<bool>,
    /// The IANA zone of the windows.
    pub time_zone: Option<String>,
    /// When writes may start; none means at any time.
    pub windows: Option<Vec<Window>>,
}

/// The settings as they are.
///
/// # Errors
/// [`CommandError::Unavailable`].
pub async fn read_write_settings(engine: &Engine) -> Result<WriteSettings, CommandError> {
    let mut tx = engine.store().read().await?;
    Ok(write_settings::find_write_settings(&mut tx, engine.tenant_id()).await?)
}

/// Changes the settings, if they still are at `version`.
///
/// # Errors
/// [`CommandError::Conflict`] when somebody changed them since; [`CommandError::Invalid`] names the field.
pub async fn change_write_settings(
    engine: &Engine,
    caller: &Caller,
    change: &WriteSettingsChange,
    version: i64,
) -> Result<WriteSettings, CommandError> {
    permit(caller, Permission::Administer)?;
    let tenant_id = engine.tenant_id();
    let mut tx = engine.store().write().await?;
    let before = write_settings::find_write_settings(&mut tx, tenant_id).await?;
    if before.version != version {
        return Err(CommandError::Conflict);
    }
    let wanted = WriteSettings {
        group_removal: change.group_removal.unwrap_or(before.group_removal),
        time_zone: change.time_zone.clone().unwrap_or_else(|| before.time_zone.clone()),
        windows: change.windows.clone().unwrap_or_else(|| before.windows.clone()),
        version,
    };
    check(&wanted)?;
    write_settings::set_write_settings(&mut tx, tenant_id, &wanted).await?;
    let details = serde_json::json!({
        "group_removal": wanted.group_removal, "time_zone": wanted.time_zone, "windows": wanted.windows,
    });
    let note = Note::with(told(&before, &wanted), details);
    let draft = entry(engine, By::Person(caller), "write_settings.changed", ("tenant", &tenant_id.to_string()), &note);
    engine.append_audit(&mut tx, Log::Tenant(tenant_id), &draft).await?;
    let after = write_settings::find_write_settings(&mut tx, tenant_id).await?;
    tx.commit().await?;
    engine.nudge();
    Ok(after)
}

fn check(wanted: &WriteSettings) -> Result<(), CommandError> {
    if jiff::tz::TimeZone::get(&wanted.time_zone).is_err() {
        let message = format!("{:?} is no time zone; one is named like Europe/Berlin", wanted.time_zone);
        return Err(CommandError::Invalid { field: "time_zone", message });
    }
    if wanted.windows.len() > 50 {
        let message = "there may be 50 windows at most".to_owned();
        return Err(CommandError::Invalid { field: "windows", message });
    }
    for window in &wanted.windows {
        window.check().map_err(|bad| CommandError::Invalid { field: "windows", message: bad.to_string() })?;
    }
    Ok(())
}

fn told(before: &WriteSettings, after: &WriteSettings) -> String {
    match (before.group_removal, after.group_removal) {
        (false, true) => "Taking people out of groups is switched on".to_owned(),
        (true, false) => "Taking people out of groups is switched off".to_owned(),
        (false, false) | (true, true) => "The change windows were set".to_owned(),
    }
}
