//! How a tenant wants its writes.

use reseat_domain::ids::TenantId;
use reseat_domain::window::Window;

use crate::error::{StoreError, parse_json, to_json};
use crate::pool::{Tx, on_either};

/// What may be written and when. Version 0 says that nobody has set anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteSettings {
    /// Whether people may be taken out of groups.
    pub group_removal: bool,
    /// The IANA zone that the windows are meant in.
    pub time_zone: String,
    /// When writes may start; none means at any time.
    pub windows: Vec<Window>,
    /// Counts up with each change.
    pub version: i64,
}

impl Default for WriteSettings {
    fn default() -> Self {
        Self { group_removal: false, time_zone: "UTC".to_owned(), windows: Vec::new(), version: 0 }
    }
}

/// The tenant's settings, or the defaults.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_write_settings(tx: &mut Tx, tenant_id: TenantId) -> Result<WriteSettings, StoreError> {
    let row: Option<(bool, String, String, i64)> = on_either!(tx, conn =>
        sqlx::query_as("select group_removal, time_zone, windows, version from write_settings where tenant_id = $1")
            .bind(tenant_id.to_string())
            .fetch_optional(conn)
            .await)?;
    let Some((group_removal, time_zone, windows, version)) = row else { return Ok(WriteSettings::default()) };
    Ok(WriteSettings { group_removal, time_zone, windows: parse_json("write_settings", "windows", &windows)?, version })
}

/// Replaces the settings, if they still are at `settings.version`.
///
/// # Errors
/// [`StoreError::Conflict`] when somebody changed them since.
pub async fn set_write_settings(tx: &mut Tx, tenant_id: TenantId, settings: &WriteSettings) -> Result<(), StoreError> {
    let done = on_either!(tx, conn =>
        sqlx::query(
            "insert into write_settings (tenant_id, group_removal, time_zone, windows, version)
             values ($1, $2, $3, $4, $5 + 1)
             on conflict (tenant_id) do update set group_removal = excluded.group_removal,
                 time_zone = excluded.time_zone, windows = excluded.windows, version = excluded.version
                 where write_settings.version = $5",
        )
        .bind(tenant_id.to_string())
        .bind(settings.group_removal)
        .bind(settings.time_zone.clone())
        .bind(to_json(&settings.windows))
        .bind(settings.version)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}
