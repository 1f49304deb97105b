//! Accounts that sign in to Reseat.

use reseat_store::installation;
use serde::Serialize;
use utoipa::ToSchema;

use crate::scalar::{Moment, RoleName};

pub mod change;
pub mod create;
pub mod list;

/// An account that signs in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Account {
    /// Its id.
    pub account_id: String,
    /// Shown name, also the sign-in name.
    pub name: String,
    /// What it may do.
    pub roles: Vec<RoleName>,
    /// Who it is in the tenant, if known.
    pub user_id: Option<String>,
    /// Whether it may sign in.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Moment,
    /// For `If-Match`.
    pub version: i64,
}

impl From<installation::Account> for Account {
    fn from(account: installation::Account) -> Self {
        Self {
            account_id: account.id.to_string(),
            name: account.name,
            roles: account.roles.into_iter().map(RoleName).collect(),
            user_id: account.user_id.map(|id| id.to_string()),
            enabled: account.enabled,
            created_at: account.created_at.into(),
            version: account.version,
        }
    }
}
