//! What clients read about the identity platform before they use it.

use crate::cloud::{Cloud, Door, host_of};
use crate::request::{Reply, Request};
use crate::routes::token::{Refusal, check_tenant, refuse};
use crate::sim::Sim;
use serde_json::json;

pub fn issuer(sim: &Sim, request: &Request) -> String {
    format!("{}/{}/v2.0", request.base, sim.tenant_id)
}

/// `/.well-known/openid-configuration`.
pub fn discovery(sim: &Sim, request: &Request, tenant: &str) -> Reply {
    if let Err(Refusal(status, _, number, text)) = check_tenant(sim, request, tenant) {
        return refuse(sim, request, status, "invalid_tenant", number, &text);
    }
    let root = format!("{}/{tenant}", request.base);
    Reply::json(
        200,
        &json!({
            "issuer": issuer(sim, request),
            "authorization_endpoint": format!("{root}/oauth2/v2.0/authorize"),
            "token_endpoint": format!("{root}/oauth2/v2.0/token"),
            "jwks_uri": format!("{root}/discovery/v2.0/keys"),
            "end_session_endpoint": format!("{root}/oauth2/v2.0/logout"),
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "response_types_supported": ["code", "id_token", "code id_token"],
            "userinfo_endpoint": format!("{}/oidc/userinfo", request.base),
            "tenant_region_scope": "NA", "cloud_instance_name": host_of(&request.base),
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name", "tid", "oid", "ver", "email"],
            "msgraph_host": request.base.split("://").nth(1),
        }),
    )
}

/// What Microsoft's libraries ask before they trust an authority.
pub fn instance_discovery(request: &Request) -> Reply {
    let host = host_of(&request.base);
    let endpoint = request
        .option("authorization_endpoint")
        .and_then(|endpoint| endpoint.split("://").nth(1)?.split('/').nth(1).map(ToOwned::to_owned))
        .unwrap_or_else(|| "common".to_owned());
    // Behind a cloud's own name the whole family of its names is told, as the real one does.
    let aliases: Vec<&str> = match Cloud::door(host) {
        Door::Authority([Cloud::Global]) => {
            vec!["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"]
        }
        Door::Authority([Cloud::China]) => vec!["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
        Door::Authority(_) | Door::Graph(_) | Door::Ours => vec![host],
    };
    Reply::json(
        200,
        &json!({
            "tenant_discovery_endpoint": format!("{}/{endpoint}/v2.0/.well-known/openid-configuration", request.base),
            "api-version": "1.1",
            "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": aliases}],
        }),
    )
}

/// `GET /oidc/userinfo`: who is signed in.
pub fn user_info(sim: &Sim, request: &Request) -> Reply {
    let caller = sim.caller(request, sim.now(), None).ok().and_then(|caller| caller.user);
    let Some(user) = caller else {
        return Reply::json(
            401,
            &json!({"error": {"code": "InvalidAuthenticationToken", "message": "Access token is empty."}}),
        );
    };
    let person = sim.read_world().population.person(user);
    Reply::json(
        200,
        &json!({"sub": person.id.simple().to_string(), "name": person.display, "given_name": person.given,
            "family_name": person.surname, "email": person.mail()}),
    )
}
