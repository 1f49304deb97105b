//! Who calls Graph: the token, whether it is good here, and what it allows.

use crate::apps::covers;
use crate::clock::Millis;
use crate::cloud::{Cloud, Door, host_of, is_loopback};
use crate::errors::GraphError;
use crate::faults::{Bite, Fault};
use crate::people::Kind;
use crate::request::Request;
use crate::roles;
use crate::sim::{Sim, locked};
use crate::world::World;
use serde_json::Value;

/// Who calls Graph.
#[derive(Clone, Debug)]
pub struct Caller {
    pub app_id: String,
    pub permissions: Vec<String>,
    /// The signed-in person of a delegated token.
    pub user: Option<u64>,
    /// Their directory roles as of the token.
    pub roles: Vec<String>,
}

/// Graph's well-known application id, which may stand for its address.
pub const GRAPH_ID: &str = "00000003-0000-0000-c000-000000000000";

fn unauthorized(text: &str) -> GraphError {
    GraphError::new(401, "InvalidAuthenticationToken", text)
}

/// Why a request was not let in, and what `WWW-Authenticate` adds.
pub struct Unauthorized {
    pub error: GraphError,
    pub challenge: Option<String>,
}

impl From<GraphError> for Unauthorized {
    fn from(error: GraphError) -> Self {
        Self { error, challenge: None }
    }
}

impl Sim {
    /// Whether an audience is the Graph of the tenant's cloud.
    pub fn is_our_graph(&self, resource: &str, cloud: Cloud) -> bool {
        let host = host_of(resource.trim_end_matches('/'));
        let port = host.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        host.eq_ignore_ascii_case(cloud.graph())
            || host == GRAPH_ID
            || is_loopback(host)
            || port.is_some_and(|port| self.ports.contains(&port))
    }

    /// Reads and judges the token of a request.
    pub fn caller(&self, request: &Request, now: Millis, bite: Option<Bite>) -> Result<Caller, Unauthorized> {
        let token = request
            .header("authorization")
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .filter(|token| !token.is_empty())
            .ok_or_else(|| unauthorized("Access token is empty."))?;
        let claims = self
            .claims_of(token)
            .ok_or_else(|| unauthorized("IDX14100: JWT is not well formed or its signature is not valid."))?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (cloud, challenged) = {
            let settings = &self.read_world().settings;
            (settings.cloud, settings.claims_challenge)
        };
        self.check_origin(request, cloud, &text("tid"), &text("iss"), &text("aud"))?;
        let token_id = text("uti");
        if bite.is_some_and(|bite| matches!(bite.fault, Fault::TokenExpired | Fault::TokenRevoked)) {
            locked(&self.dead_tokens).insert(token_id.clone());
        }
        let expires = claims.get("exp").and_then(Value::as_i64).unwrap_or(0);
        if expires <= now / 1000 || locked(&self.dead_tokens).contains(&token_id) {
            return Err(unauthorized("Lifetime validation failed, the token is expired.").into());
        }
        if challenged && claims.get("xms_cc_met").is_none() {
            return Err(challenge(now));
        }
        Ok(self.allowed(&claims))
    }

    fn claims_of(&self, token: &str) -> Option<Value> {
        let known = locked(&self.opaque).get(token).cloned();
        self.keys.read(known.as_deref().unwrap_or(token))
    }

    /// A token of another tenant, cloud or resource is worth nothing here (1.1).
    fn check_origin(&self, request: &Request, cloud: Cloud, tid: &str, iss: &str, aud: &str) -> Result<(), GraphError> {
        if let Door::Graph(named) = Cloud::door(host_of(&request.base))
            && named != cloud
        {
            return Err(unauthorized("Access token validation failure. Invalid audience."));
        }
        if tid != self.tenant_id.to_string() || iss != cloud.issuer(self.tenant_id) {
            return Err(unauthorized("Access token validation failure. Invalid issuer."));
        }
        if !self.is_our_graph(aud, cloud) {
            return Err(unauthorized("Access token validation failure. Invalid audience."));
        }
        Ok(())
    }

    fn allowed(&self, claims: &Value) -> Caller {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let list = |name: &str| {
            let values = claims.get(name).and_then(Value::as_array).into_iter().flatten();
            values.filter_map(Value::as_str).map(ToOwned::to_owned).collect::<Vec<_>>()
        };
        let mut permissions = list("roles");
        permissions.extend(text("scp").split(' ').filter(|scope| !scope.is_empty()).map(ToOwned::to_owned));
        let delegated = claims.get("scp").is_some();
        let user = delegated.then(|| self.read_world().find_user(text("oid"))).flatten();
        // Roles are those of now: taking one away does not wait for the next token.
        let roles = user.map(|user| self.read_world().roles(user)).unwrap_or_default();
        Caller { app_id: text("appid").to_owned(), permissions, user, roles }
    }
}

/// Asks for a token that proves more (continuous access evaluation, 1.7).
fn challenge(now: Millis) -> Unauthorized {
    use base64::Engine as _;
    let claims = format!("{{\"access_token\":{{\"nbf\":{{\"essential\":true,\"value\":\"{}\"}}}}}}", now / 1000);
    let packed = base64::engine::general_purpose::STANDARD.encode(claims);
    Unauthorized {
        error: unauthorized("Continuous access evaluation resulted in challenge with result: InteractionRequired"),
        challenge: Some(format!(", error=\"insufficient_claims\", claims=\"{packed}\"")),
    }
}

impl Caller {
    /// Refuses unless one of the permissions was granted.
    pub fn needs(&self, any_of: &[&str]) -> Result<(), GraphError> {
        if any_of.iter().any(|wanted| covers(&self.permissions, wanted)) { Ok(()) } else { Err(GraphError::denied()) }
    }

    /// Refuses a signed-in person without one of these directory roles; an app acting for itself needs none.
    pub fn needs_role(&self, any_of: &[&str]) -> Result<(), GraphError> {
        if self.user.is_some() { roles::needs(&self.roles, any_of) } else { Ok(()) }
    }

    /// Whether a guest is signed in.
    pub fn is_guest(&self, world: &World) -> bool {
        self.user.is_some_and(|user| world.population.kind(user) == Kind::Guest)
    }
}
