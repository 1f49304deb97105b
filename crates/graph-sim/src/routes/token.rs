//! The token endpoint and what clients read about it: discovery, errors in the identity platform's words.

use crate::apps::App;
use crate::caller::GRAPH_ID;
use crate::clock::{Millis, second_text, wall_now};
use crate::cloud::{Cloud, Door, host_of};
use crate::people::{DOMAIN, Kind};
use crate::request::{Reply, Request, parse_form};
use crate::roles;
use crate::routes::delegated::{redeem_code, refresh};
use crate::seed::Topic;
use crate::sim::{Sim, locked};
use crate::world::World;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use uuid::Uuid;

/// Seconds an access token lives, as the documented sample shows.
pub const TOKEN_LIFE: i64 = 3599;
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A refusal: HTTP status, OAuth error, AADSTS number, text.
pub struct Refusal(pub u16, pub &'static str, pub u64, pub String);

impl Refusal {
    pub fn new(status: u16, error: &'static str, number: u64, text: impl Into<String>) -> Self {
        Self(status, error, number, text.into())
    }
}

/// The fields of a token request.
pub struct Form(Vec<(String, String)>);

impl Form {
    /// A field that is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// A field that must be there.
    pub fn need(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| {
            Refusal::new(
                400,
                "invalid_request",
                900_144,
                format!("The request body must contain the following parameter: '{name}'."),
            )
        })
    }
}

/// How the application proved who it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    Nothing,
    Secret,
    Certificate,
}

/// Whether the tenant in a path is ours.
pub fn is_our_tenant(sim: &Sim, tenant: &str) -> bool {
    tenant.eq_ignore_ascii_case(&sim.tenant_id.to_string()) || tenant.eq_ignore_ascii_case(DOMAIN)
}

fn is_shared_endpoint(tenant: &str) -> bool {
    matches!(tenant, "common" | "organizations" | "consumers")
}

/// The error body of the identity platform.
pub fn refuse(sim: &Sim, request: &Request, status: u16, error: &str, number: u64, text: &str) -> Reply {
    let stamp = second_text(sim.now() / 1000).replace('T', " ");
    let correlation = request.header("client-request-id").unwrap_or(&request.request_id).to_owned();
    let description = format!(
        "AADSTS{number}: {text}\r\nTrace ID: {}\r\nCorrelation ID: {correlation}\r\nTimestamp: {stamp}",
        request.request_id
    );
    let mut body = json!({
        "error": error, "error_description": description, "error_codes": [number], "timestamp": stamp,
        "trace_id": request.request_id, "correlation_id": correlation,
        "error_uri": format!("{}/error?code={number}", request.base),
    });
    if number == 65_001 && sim.read_world().settings.consent_suberror {
        body["suberror"] = Value::from("consent_required");
    }
    Reply::json(status, &body).and_header("cache-control", "no-store, no-cache")
}

/// Refuses a tenant that is not ours, and an authority of another cloud (1.1).
pub fn check_tenant(sim: &Sim, request: &Request, tenant: &str) -> Result<(), Refusal> {
    let (cloud, redirects) = {
        let settings = &sim.read_world().settings;
        (settings.cloud, settings.wrong_cloud_redirects)
    };
    let elsewhere = match Cloud::door(host_of(&request.base)) {
        Door::Ours => false,
        Door::Authority(clouds) => !clouds.contains(&cloud),
        Door::Graph(_) => true,
    };
    if elsewhere && redirects {
        let text = "Confidential Client is not supported in Cross Cloud request.";
        return Err(Refusal::new(400, "invalid_request", 900_382, text));
    }
    if !elsewhere && (is_our_tenant(sim, tenant) || is_shared_endpoint(tenant)) {
        return Ok(());
    }
    let text = format!(
        "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant."
    );
    Err(Refusal::new(400, "invalid_request", 90_002, text))
}

/// What a policy or the state of the tenant answers every token request with (1.6).
fn check_policy(sim: &Sim) -> Result<(), Refusal> {
    let settings = sim.read_world().settings.clone();
    let Some(number) = settings.token_refusal else { return Ok(()) };
    let policy = if settings.policy_invalid_grant { "invalid_grant" } else { "interaction_required" };
    let throttled = if settings.tenant_throttled_429 { 429 } else { 400 };
    let (status, error, text) = match number {
        70_002 => (401, "invalid_client", "Error validating credentials."),
        700_011 => (400, "unauthorized_client", "The application with this identifier was not found in the directory."),
        50_012 => (401, "invalid_client", "Authentication failed."),
        650_052 => (
            400,
            "invalid_resource",
            "The app needs access to a service that your organization has not subscribed to or enabled.",
        ),
        650_056 => (400, "invalid_client", "Misconfigured application."),
        650_057 => (
            400,
            "invalid_resource",
            "Invalid resource. The client has requested access to a resource which is not listed in the requested permissions in the client's application registration.",
        ),
        50_173 => (
            400,
            "invalid_grant",
            "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
        ),
        70_043 => (
            400,
            "invalid_grant",
            "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access.",
        ),
        50_076 => (
            400,
            policy,
            "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication.",
        ),
        50_079 => (
            400,
            policy,
            "Due to a configuration change made by your administrator, you must enroll in multi-factor authentication.",
        ),
        53_003 => (
            400,
            policy,
            "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
        ),
        53_000 => (400, policy, "Device is not in required device state: compliant."),
        53_001 => (400, policy, "Device is not in required device state: domain_joined."),
        50_196 => {
            (400, "invalid_grant", "The server terminated an operation because it encountered a client request loop.")
        }
        90_055 => {
            (throttled, "temporarily_unavailable", "Server is terminating request due to excessive request rate.")
        }
        90_006 => (503, "server_error", "External Server Retryable Error."),
        90_024 => (503, "temporarily_unavailable", "Request Budget Exceeded Error. A transient error has occurred."),
        90_033 => (503, "temporarily_unavailable", "A transient error has occurred. Please try again."),
        90_090 => (500, "server_error", "Graph returned a server busy or retryable error."),
        _ => (400, "invalid_request", "The request was refused."),
    };
    Err(Refusal::new(status, error, number, text))
}

/// What became of the registration.
fn check_app(sim: &Sim, app: &App, tenant: &str, sends_credential: bool) -> Result<(), Refusal> {
    let state = sim.read_world().apps.get(&app.client_id).cloned().unwrap_or_default();
    if state.disabled {
        let text = format!("Application with identifier '{}' is disabled.", app.client_id);
        return Err(Refusal::new(400, "unauthorized_client", 70_001, text));
    }
    if state.single_tenant && is_shared_endpoint(tenant) {
        let text = format!(
            "Application '{}' is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps created after '10/15/2018'. Use a tenant-specific endpoint or configure the application to be multi-tenant.",
            app.client_id
        );
        return Err(Refusal::new(400, "invalid_request", 50_194, text));
    }
    if state.public && sends_credential {
        let text = "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.";
        return Err(Refusal::new(401, "invalid_client", 700_025, text));
    }
    Ok(())
}

/// `POST /{tenant}/oauth2/v2.0/token`.
pub fn issue(sim: &Sim, request: &Request, tenant: &str) -> Reply {
    match answer(sim, request, tenant) {
        Ok(body) => {
            Reply::json(200, &body).and_header("cache-control", "no-store, no-cache").and_header("pragma", "no-cache")
        }
        Err(Refusal(status, error, number, text)) => refuse(sim, request, status, error, number, &text),
    }
}

fn answer(sim: &Sim, request: &Request, tenant: &str) -> Result<Value, Refusal> {
    let is_form = request
        .header("content-type")
        .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded"));
    let text = String::from_utf8_lossy(&request.body);
    let form = Form(if is_form { parse_form(&text) } else { Vec::new() });
    let grant = form.need("grant_type")?;
    if grant == "client_credentials" && is_shared_endpoint(tenant) {
        let text = "The grant type 'client_credentials' is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.";
        return Err(Refusal::new(400, "invalid_request", 9_001_023, text));
    }
    check_tenant(sim, request, tenant)?;
    check_policy(sim)?;
    let (client_id, basic_secret) = client(request, &form)?;
    let app = sim.apps.iter().find(|app| app.client_id.eq_ignore_ascii_case(&client_id)).ok_or_else(|| {
        let text = format!(
            "Application with identifier '{client_id}' was not found in the directory 'Contoso'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant."
        );
        let status = if sim.read_world().settings.unknown_app_401 { 401 } else { 400 };
        Refusal::new(status, "unauthorized_client", 700_016, text)
    })?;
    let credential =
        basic_secret.is_some() || form.get("client_secret").is_some() || form.get("client_assertion").is_some();
    check_app(sim, app, tenant, credential)?;
    let proof = prove(sim, request, &form, app, basic_secret.as_deref())?;
    match grant {
        "client_credentials" => client_credentials(sim, &form, app, proof),
        "authorization_code" => redeem_code(sim, request, &form, app, proof),
        "refresh_token" => refresh(sim, request, &form, app, proof),
        other => Err(Refusal::new(
            400,
            "unsupported_grant_type",
            70_003,
            format!("The app requested an unsupported grant type '{other}'."),
        )),
    }
}

/// The client id, and the secret when HTTP Basic carries both.
fn client(request: &Request, form: &Form) -> Result<(String, Option<String>), Refusal> {
    let basic = request
        .header("authorization")
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(|encoded| STANDARD.decode(encoded).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some((id, secret)) = basic.as_deref().and_then(|pair| pair.split_once(':')) {
        return Ok((crate::request::decode(id, true), Some(crate::request::decode(secret, true))));
    }
    Ok((form.need("client_id")?.to_owned(), None))
}

fn prove(sim: &Sim, request: &Request, form: &Form, app: &App, basic_secret: Option<&str>) -> Result<Proof, Refusal> {
    if let Some(secret) = basic_secret.or_else(|| form.get("client_secret")) {
        let expired = sim.read_world().apps.get(&app.client_id).is_some_and(|state| state.secret_expired);
        if secret == app.secret && expired {
            let text = format!("The provided client secret keys for app '{}' are expired.", app.client_id);
            return Err(Refusal::new(401, "invalid_client", 7_000_222, text));
        }
        if secret == app.secret {
            return Ok(Proof::Secret);
        }
        let text = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{}'.",
            app.client_id
        );
        return Err(Refusal::new(401, "invalid_client", 7_000_215, text));
    }
    let Some(assertion) = form.get("client_assertion") else { return Ok(Proof::Nothing) };
    if form.get("client_assertion_type") != Some(JWT_BEARER) {
        let text = format!("Client assertion type must be '{JWT_BEARER}'.");
        return Err(Refusal::new(400, "invalid_request", 9_002_313, text));
    }
    let removed = sim.read_world().apps.get(&app.client_id).is_some_and(|state| state.certificate_removed);
    let claims = sim.keys.read_assertion(&app.client_id, assertion).filter(|_| !removed).ok_or_else(|| {
        let text =
            "Client assertion contains an invalid signature. [Reason - The key was not found., Please check the certificate of the application.]";
        Refusal::new(401, "invalid_client", 700_027, text)
    })?;
    check_assertion(sim, request, app, &claims)?;
    Ok(Proof::Certificate)
}

/// Issuer, subject, audience and lifetime of a client assertion.
fn check_assertion(sim: &Sim, request: &Request, app: &App, claims: &Value) -> Result<(), Refusal> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("iss") != app.client_id || text("sub") != app.client_id {
        let text = "Client assertion issuer and subject must both be the application's client id.";
        return Err(Refusal::new(401, "invalid_client", 50_012, text));
    }
    // Only the path is compared: a client may reach us over http, https, by name or by address.
    let path_of = |address: &str| {
        address.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map(|(_, path)| path.to_owned())
    };
    let audience = path_of(text("aud")).unwrap_or_default();
    let ours = [sim.tenant_id.to_string(), DOMAIN.to_owned()]
        .iter()
        .any(|tenant| audience.eq_ignore_ascii_case(&format!("{tenant}/oauth2/v2.0/token")));
    if !ours {
        let text = format!("Client assertion audience must be '{}{}'.", request.base, request.path);
        return Err(Refusal::new(401, "invalid_client", 50_012, text));
    }
    let number = |name: &str| claims.get(name).and_then(numeric_date);
    // A client may follow the simulated clock or its machine's; the assertion must be in time by one of them.
    let (skew, code) = {
        let settings = &sim.read_world().settings;
        (settings.assertion_skew_s, settings.assertion_time_code)
    };
    let in_time = |now: Millis| {
        let now = now / 1000;
        number("exp").is_some_and(|until| until > now - skew) && number("nbf").is_none_or(|from| from < now + skew)
    };
    if in_time(sim.now()) || in_time(wall_now()) {
        return Ok(());
    }
    let text = "Client assertion is not within its valid time range.";
    Err(Refusal::new(401, "invalid_client", code, text))
}

/// A moment in a token, which may have a fraction (RFC 7519, 2): Microsoft's library for Python writes one.
#[expect(clippy::cast_possible_truncation, reason = "checked to be a moment an i64 holds exactly")]
fn numeric_date(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_f64().filter(|seconds| seconds.abs() < 1e12).map(|seconds| seconds as i64))
}

/// Refuses a confidential client that proved nothing.
pub fn needs_proof(proof: Proof) -> Result<(), Refusal> {
    if proof != Proof::Nothing {
        return Ok(());
    }
    let text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
    Err(Refusal::new(401, "invalid_client", 7_000_218, text))
}

/// A scope of a resource that is not this Graph.
pub fn wrong_resource(scope: &str) -> Refusal {
    let text = format!(
        "The resource principal named {scope} was not found in the tenant named Contoso. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant."
    );
    Refusal::new(400, "invalid_resource", 500_011, text)
}

fn client_credentials(sim: &Sim, form: &Form, app: &App, proof: Proof) -> Result<Value, Refusal> {
    needs_proof(proof)?;
    let scope = form.need("scope")?;
    let Some(resource) = scope.strip_suffix("/.default") else {
        let text = format!(
            "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid."
        );
        return Err(Refusal::new(400, "invalid_scope", 70_011, text));
    };
    let cloud = sim.read_world().settings.cloud;
    if !sim.is_our_graph(resource, cloud) {
        return Err(wrong_resource(resource));
    }
    let what = Token { audience: audience(resource, cloud), answers: form.get("claims").is_some(), delegated: None };
    Ok(bearer(sim, &access_token(sim, app, proof, &what)))
}

/// The resource a token is for: an id stands for the address.
pub fn audience(resource: &str, cloud: Cloud) -> String {
    let resource = resource.trim_end_matches('/');
    if resource == GRAPH_ID { format!("https://{}", cloud.graph()) } else { resource.to_owned() }
}

/// What an access token is about.
pub struct Token<'a> {
    pub audience: String,
    /// Whether the request answers a claims challenge.
    pub answers: bool,
    /// The person and the scopes.
    pub delegated: Option<(u64, &'a str)>,
}

/// The answer's beginning: the token and how long it lives.
pub fn bearer(sim: &Sim, token: &str) -> Value {
    let mut body = json!({"token_type": "Bearer", "expires_in": TOKEN_LIFE, "access_token": token});
    if sim.read_world().settings.token_ext_expires_in {
        body["ext_expires_in"] = Value::from(TOKEN_LIFE);
    }
    body
}

/// An access token for the application, or for a person through it.
pub fn access_token(sim: &Sim, app: &App, proof: Proof, what: &Token<'_>) -> String {
    let now = sim.now() / 1000;
    let tenant = sim.tenant_id.to_string();
    let position = sim.apps.iter().position(|other| other.client_id == app.client_id).unwrap_or(0) as u64;
    let permissions = sim.permissions(app);
    let world = sim.read_world();
    let seed = world.population.seed;
    let mut claims = json!({
        "aud": what.audience, "iss": world.settings.cloud.issuer(sim.tenant_id), "iat": now, "nbf": now, "exp": now + TOKEN_LIFE + 1,
        "appid": app.client_id, "app_displayname": format!("reseat {}", app.purpose),
        "appidacr": match proof { Proof::Certificate => "2", Proof::Secret => "1", Proof::Nothing => "0" },
        "idp": world.settings.cloud.issuer(sim.tenant_id), "tid": tenant, "uti": Uuid::new_v4().simple().to_string(), "ver": "1.0",
    });
    if what.answers {
        claims["xms_cc_met"] = Value::from(true);
    }
    match what.delegated {
        Some((user, scopes)) => {
            let person = world.population.person(user);
            claims["wids"] = Value::from(wids(&world, user));
            claims["scp"] = Value::from(scopes);
            claims["oid"] = Value::from(person.id.to_string());
            claims["sub"] = claims["oid"].clone();
            claims["upn"] = Value::from(person.upn);
            claims["name"] = Value::from(person.display);
        }
        None => {
            // Behind the registrations lie their service principals, with ids of their own.
            claims["oid"] = Value::from(seed.guid(1000 + position, Topic::AppId).to_string());
            claims["sub"] = claims["oid"].clone();
            claims["idtyp"] = Value::from("app");
            if !permissions.is_empty() {
                claims["roles"] = Value::from(permissions);
            }
        }
    }
    let signed = sim.keys.sign(&claims);
    if !world.settings.opaque_tokens {
        return signed;
    }
    let handle = format!("EwB{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    locked(&sim.opaque).insert(handle.clone(), signed);
    handle
}

/// Template ids of the directory roles of a person; everybody has a plain one.
fn wids(world: &World, user: u64) -> Vec<String> {
    let guest = world.population.kind(user) == Kind::Guest;
    let plain = if guest { roles::PLAIN_GUEST } else { roles::PLAIN_MEMBER };
    let held = world.roles(user);
    let held = held.iter().filter_map(|name| roles::named(name)).map(|role| role.template.to_string());
    held.chain([plain.to_string()]).collect()
}
