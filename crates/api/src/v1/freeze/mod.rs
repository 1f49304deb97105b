//! The stop: no new write starts until it is thawed.

use reseat_domain::ids::TenantId;
use reseat_store::freezes::{FreezeRow, find_freeze};
use reseat_store::installation::accounts::find_account;
use reseat_store::{StoreError, Tx};
use serde::Serialize;
use utoipa::ToSchema;

use crate::scalar::Moment;

pub mod create;
pub mod read;
pub mod thaw;

/// A freeze in force.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Freeze {
    /// Why.
    pub reason: String,
    /// Who, by name.
    pub frozen_by: String,
    /// When.
    pub frozen_at: Moment,
    /// Who asked to go on, by name; another person has to agree.
    pub thaw_asked_by: Option<String>,
    /// When they asked.
    pub thaw_asked_at: Option<Moment>,
}

/// Whether writes are frozen.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FreezeState {
    /// The freeze in force; null when writes go on.
    pub freeze: Option<Freeze>,
}

impl FreezeState {
    /// Whether writes of a tenant are frozen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn read(tx: &mut Tx, tenant_id: TenantId) -> Result<Self, StoreError> {
        let Some(row) = find_freeze(tx, tenant_id).await? else { return Ok(Self { freeze: None }) };
        let FreezeRow { reason, frozen_by, frozen_at, thaw_by, thaw_asked_at } = row;
        let thaw_asked_by = match thaw_by {
            Some(id) => Some(name_of(tx, &id).await?),
            None => None,
        };
        Ok(Self {
            freeze: Some(Freeze {
                reason,
                frozen_by: name_of(tx, &frozen_by).await?,
                frozen_at: Moment::from_micros(frozen_at),
                thaw_asked_by,
                thaw_asked_at: thaw_asked_at.map(Moment::from_micros),
            }),
        })
    }
}

/// The name of an account; what is no account froze from the command line of the host.
async fn name_of(tx: &mut Tx, id: &str) -> Result<String, StoreError> {
    let account = match id.parse() {
        Ok(id) => find_account(tx, id).await?,
        Err(_) => None,
    };
    Ok(account.map_or_else(|| id.to_owned(), |account| account.name))
}
