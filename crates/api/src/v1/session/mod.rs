//! Signing in at the console, and who is signed in.

use reseat_domain::role::{Permission, grants};
use reseat_engine::Caller;
use reseat_store::integration::find_tenant;
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::scalar::{Moment, PermissionName, RoleName};
use crate::state::ApiState;

pub mod create;
pub mod read;
pub mod remove;

/// Who is signed in, what they may do, and where.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Session {
    /// Who.
    pub account: SessionAccount,
    /// To be sent as `X-CSRF-Token` with every change; null for a bearer token, which needs none.
    pub csrf_token: Option<String>,
    /// What the roles permit.
    pub permissions: Vec<PermissionName>,
    /// Where.
    pub tenant: SessionTenant,
    /// Set when the server follows a demo's clock.
    pub demo: Option<SessionDemo>,
}

/// The account that is signed in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SessionAccount {
    /// Its id.
    pub account_id: String,
    /// Shown name.
    pub name: String,
    /// What it may do.
    pub roles: Vec<RoleName>,
    /// Who it is in the tenant, if known.
    pub user_id: Option<String>,
}

/// The tenant in short.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SessionTenant {
    /// Its id.
    pub tenant_id: String,
    /// Shown name.
    pub name: String,
    /// Whether one person may propose and approve.
    pub single_operator: bool,
}

/// What the demo bar shows.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SessionDemo {
    /// Where the mail that was sent can be read.
    pub mail_url: String,
    /// The simulated tenant.
    pub sim_url: String,
    /// What time it is there.
    pub now: Moment,
}

impl Session {
    /// What a caller may do, and where.
    ///
    /// # Errors
    /// [`Problem`] when the database does not answer.
    pub async fn read(state: &ApiState, caller: &Caller, csrf_token: Option<String>) -> Result<Self, Problem> {
        let tenant_id = state.engine.tenant_id();
        let mut tx = state.engine.store().read().await?;
        let tenant = find_tenant(&mut tx, tenant_id).await?.ok_or_else(|| Problem::not_found("tenant"))?;
        let demo = state.demo.as_ref().map(|demo| SessionDemo {
            mail_url: demo.mail_url(),
            sim_url: demo.sim_url(),
            now: state.engine.now().into(),
        });
        let permitted = Permission::ALL.iter().copied().filter(|&permission| grants(&caller.roles, permission));
        Ok(Self {
            account: SessionAccount {
                account_id: caller.account_id.to_string(),
                name: caller.name.clone(),
                roles: caller.roles.iter().copied().map(RoleName::from).collect(),
                user_id: caller.user_id.map(|id| id.to_string()),
            },
            csrf_token,
            permissions: permitted
                .filter(|&permission| permission != Permission::MoveDemoClock || demo.is_some())
                .map(PermissionName::from)
                .collect(),
            tenant: SessionTenant {
                tenant_id: tenant_id.to_string(),
                name: tenant.name,
                single_operator: tenant.single_operator,
            },
            demo,
        })
    }
}
