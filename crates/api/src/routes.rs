//! How a route is registered: with its handler and with who may use it. There is no other way in, so
//! a route without a rule does not build.

use reseat_domain::role::{Permission, grants};
use utoipa_axum::router::UtoipaMethodRouter;

use crate::caller::Authenticated;
use crate::problem::Problem;
use crate::state::ApiState;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody, signed in or not.
    Public,
    /// Whoever is signed in; what they may do there the command decides, by person and by state.
    SignedIn,
    /// Whoever has a role that permits it.
    Needs(Permission),
}

impl Access {
    /// Lets a caller in or says why not.
    ///
    /// # Errors
    /// [`Problem`] when nobody is signed in, or no role permits it.
    pub fn check(self, caller: Option<&Authenticated>) -> Result<(), Problem> {
        match (self, caller) {
            (Self::Public, _) | (Self::SignedIn, Some(_)) => Ok(()),
            (Self::SignedIn | Self::Needs(_), None) => Err(Problem::unauthenticated("Nobody is signed in.")),
            (Self::Needs(permission), Some(caller)) => {
                let granted = grants(&caller.caller.roles, permission);
                tracing::debug!(account = %caller.caller.account_id, %permission, granted, "authorization");
                if granted {
                    return Ok(());
                }
                Err(Problem::forbidden(format!("Your roles do not permit this; it needs {permission}.")))
            }
        }
    }
}

/// Whether a repeated request with the same `Idempotency-Key` gets the first one's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// A reading or an edit: repeating it changes nothing more.
    Harmless,
    /// A command: the first answer is kept and given again.
    Answered,
    /// The answer carries a secret, so it is never kept.
    Secret,
}

/// A registered route.
pub struct Route {
    /// Who may use it.
    pub access: Access,
    /// What a repeat means.
    pub repeat: Repeat,
    /// Its method, address, document and handler.
    pub router: UtoipaMethodRouter<ApiState>,
}

/// A reading, or an edit that can be repeated.
pub fn route(access: Access, router: UtoipaMethodRouter<ApiState>) -> Route {
    Route { access, repeat: Repeat::Harmless, router }
}

/// A command: takes `Idempotency-Key`.
pub fn command(access: Access, router: UtoipaMethodRouter<ApiState>) -> Route {
    Route { access, repeat: Repeat::Answered, router }
}

/// A command whose answer carries a secret that is shown once.
pub fn secret(access: Access, router: UtoipaMethodRouter<ApiState>) -> Route {
    Route { access, repeat: Repeat::Secret, router }
}
