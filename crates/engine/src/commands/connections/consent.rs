//! Where an administrator of the tenant consents.

use reseat_connectors::graph::authorization::consent_url;
use reseat_domain::permission::{Access, Capability};
use reseat_domain::role::Permission;

use super::get;
use crate::commands::permit;
use crate::connections::{Purpose, least};
use crate::engine::Engine;
use crate::error::CommandError;
use crate::moves::Caller;

/// What an administrator of the tenant is sent.
#[derive(Debug, Clone)]
pub struct ConsentLink {
    /// Where they consent to every application permission the app registration declares.
    pub url: String,
    /// What the app registration has to declare for this purpose, each with what it is for.
    pub permissions: Vec<(&'static str, String)>,
    /// Whether these are delegated permissions, for a connection that acts for a person.
    pub delegated: bool,
}

/// Makes the link for a saved connection; `redirect_uri` is where Microsoft sends the browser afterward.
///
/// # Errors
/// [`CommandError::NotFound`] when there is no such connection yet.
pub async fn consent_link(
    engine: &Engine,
    caller: &Caller,
    purpose: Purpose,
    redirect_uri: &str,
) -> Result<ConsentLink, CommandError> {
    permit(caller, Permission::Administer)?;
    let mut tx = engine.store().read().await?;
    let row = get(engine, &mut tx, purpose).await?;
    let delegated = row.kind == "authorization_code";
    let access = if delegated { Access::Delegated } else { Access::Application };
    // Nothing hangs on this state: what comes back is shown and changes nothing.
    let state = format!("consent-{purpose}");
    let url = consent_url(&engine.parts().graph.cloud, engine.tenant_id(), &row.client_id, redirect_uri, &state);
    let permissions = least(purpose, access).into_iter().map(|name| (name, used_for(purpose, access, name))).collect();
    Ok(ConsentLink { url, permissions, delegated })
}

/// What a permission is for, in words.
fn used_for(purpose: Purpose, access: Access, permission: &str) -> String {
    let needs = purpose.works().iter().flat_map(|work| work.needs());
    let mut words: Vec<&str> = needs
        .filter(|need| need.capability.least(access) == Some(permission))
        .map(|need| Capability::words(need.capability))
        .collect();
    words.dedup();
    words.join(", ")
}
