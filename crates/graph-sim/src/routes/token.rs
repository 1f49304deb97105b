//! The token endpoint and what clients read about it: discovery, errors in the identity platform's words.

use crate::apps::App;
use crate::clock::{DAY, Millis, second_text, wall_now};
use crate::people::DOMAIN;
use crate::request::{Reply, Request, parse_form};
use crate::seed::Topic;
use crate::sim::{Grant, Sim, locked};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Seconds an access token lives, as the documented sample shows.
const TOKEN_LIFE: i64 = 3599;
const REFRESH_LIFE: i64 = 90 * DAY;
/// Seconds the clocks of client and platform may differ.
const SKEW: i64 = 300;
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Graph's well-known application id, which may stand for its address.
const GRAPH_ID: &str = "00000003-0000-0000-c000-000000000000";

/// A refusal: HTTP status, OAuth error, AADSTS number, text.
pub struct Refusal(pub u16, pub &'static str, pub u64, pub String);

impl Refusal {
    fn new(status: u16, error: &'static str, number: u64, text: impl Into<String>) -> Self {
        Self(status, error, number, text.into())
    }
}

/// The fields of a token request.
struct Form(Vec<(String, String)>);

impl Form {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    fn need(&self, name: &str) -> Result<&str, Refusal> {
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
enum Proof {
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
    if number == 65_001 {
        body["suberror"] = Value::from("consent_required");
    }
    Reply::json(status, &body).and_header("cache-control", "no-store, no-cache")
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
    if !is_our_tenant(sim, tenant) && !is_shared_endpoint(tenant) {
        let text = format!(
            "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant."
        );
        return Err(Refusal::new(400, "invalid_request", 90_002, text));
    }
    let (client_id, basic_secret) = client(request, &form)?;
    let app = sim.apps.iter().find(|app| app.client_id.eq_ignore_ascii_case(&client_id)).ok_or_else(|| {
        let text = format!(
            "Application with identifier '{client_id}' was not found in the directory 'Contoso'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant."
        );
        Refusal::new(400, "unauthorized_client", 700_016, text)
    })?;
    let proof = prove(sim, request, &form, app, basic_secret.as_deref())?;
    match grant {
        "client_credentials" => client_credentials(sim, request, &form, app, proof),
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
    let claims = sim.keys.read_assertion(&app.client_id, assertion).ok_or_else(|| {
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
    let in_time = |now: Millis| {
        let now = now / 1000;
        number("exp").is_some_and(|until| until > now - SKEW) && number("nbf").is_none_or(|from| from < now + SKEW)
    };
    if in_time(sim.now()) || in_time(wall_now()) {
        return Ok(());
    }
    let text = "Client assertion is not within its valid time range.";
    Err(Refusal::new(401, "invalid_client", 700_024, text))
}

/// A moment in a token, which may have a fraction (RFC 7519, 2): Microsoft's library for Python writes one.
#[expect(clippy::cast_possible_truncation, reason = "checked to be a moment an i64 holds exactly")]
fn numeric_date(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_f64().filter(|seconds| seconds.abs() < 1e12).map(|seconds| seconds as i64))
}

fn needs_proof(proof: Proof) -> Result<(), Refusal> {
    if proof != Proof::Nothing {
        return Ok(());
    }
    let text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
    Err(Refusal::new(401, "invalid_client", 7_000_218, text))
}

/// Whether a scope's resource is this Graph. http and https are two doors of one house; another port is another house.
fn is_our_graph(sim: &Sim, resource: &str) -> bool {
    let host = resource.split_once("://").map_or(resource, |(_, rest)| rest).trim_end_matches('/');
    let port = host.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    host.eq_ignore_ascii_case("graph.microsoft.com")
        || host == GRAPH_ID
        || port.is_some_and(|port| sim.ports.contains(&port))
}

fn wrong_resource(scope: &str) -> Refusal {
    let text = format!(
        "The resource principal named {scope} was not found in the tenant named Contoso. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant."
    );
    Refusal::new(400, "invalid_resource", 500_011, text)
}

fn client_credentials(sim: &Sim, request: &Request, form: &Form, app: &App, proof: Proof) -> Result<Value, Refusal> {
    needs_proof(proof)?;
    let scope = form.need("scope")?;
    let Some(resource) = scope.strip_suffix("/.default") else {
        let text = format!(
            "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid."
        );
        return Err(Refusal::new(400, "invalid_scope", 70_011, text));
    };
    if !is_our_graph(sim, resource) {
        return Err(wrong_resource(resource));
    }
    let token = access_token(sim, request, app, proof, None);
    Ok(json!({"token_type": "Bearer", "expires_in": TOKEN_LIFE, "ext_expires_in": TOKEN_LIFE, "access_token": token}))
}

/// An access token for the application, or for a person through it.
fn access_token(sim: &Sim, request: &Request, app: &App, proof: Proof, delegated: Option<(u64, &str)>) -> String {
    let now = sim.now() / 1000;
    let tenant = sim.tenant_id.to_string();
    let position = sim.apps.iter().position(|other| other.client_id == app.client_id).unwrap_or(0) as u64;
    let permissions = sim.permissions(app);
    let world = sim.read_world();
    let seed = world.population.seed;
    let mut claims = json!({
        "aud": request.base, "iss": format!("https://sts.windows.net/{tenant}/"), "iat": now, "nbf": now, "exp": now + TOKEN_LIFE + 1,
        "appid": app.client_id, "app_displayname": format!("reseat {}", app.purpose),
        "appidacr": match proof { Proof::Certificate => "2", Proof::Secret => "1", Proof::Nothing => "0" },
        "idp": format!("https://sts.windows.net/{tenant}/"), "tid": tenant, "uti": Uuid::new_v4().simple().to_string(), "ver": "1.0",
    });
    match delegated {
        Some((user, scopes)) => {
            let person = world.population.person(user);
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
                claims["roles"] = Value::from(permissions.to_vec());
            }
        }
    }
    sim.keys.sign(&claims)
}

fn redeem_code(sim: &Sim, request: &Request, form: &Form, app: &App, proof: Proof) -> Result<Value, Refusal> {
    let code = form.need("code")?;
    let redirect_uri = form.need("redirect_uri")?;
    let grant = {
        let mut grants = locked(&sim.grants);
        let grant = grants.get_mut(code).filter(|grant| grant.client_id == app.client_id).ok_or_else(|| {
            Refusal::new(400, "invalid_grant", 9_002_313, "Invalid request. Request is malformed or invalid.")
        })?;
        if grant.used {
            let text = "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.";
            return Err(Refusal::new(400, "invalid_grant", 54_005, text));
        }
        grant.used = true;
        grant.clone()
    };
    if grant.until < sim.now() {
        let text = "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.";
        return Err(Refusal::new(400, "invalid_grant", 70_008, text));
    }
    if grant.redirect_uri != redirect_uri {
        let text = format!("The redirect URI '{redirect_uri}' does not match the one of the authorization request.");
        return Err(Refusal::new(400, "invalid_grant", 500_112, text));
    }
    check_verifier(&grant, form.get("code_verifier"))?;
    if grant.challenge.is_none() || form.get("client_secret").is_some() {
        needs_proof(proof)?;
    }
    delegated_answer(sim, request, app, proof, &grant)
}

fn check_verifier(grant: &Grant, verifier: Option<&str>) -> Result<(), Refusal> {
    let Some((challenge, hashed)) = &grant.challenge else { return Ok(()) };
    let verifier = verifier.unwrap_or_default();
    if !(43..=128).contains(&verifier.len()) {
        let text = "The size of Code_Verifier parameter must be between 43 and 128 characters.";
        return Err(Refusal::new(400, "invalid_grant", 501_491, text));
    }
    let shown = if *hashed { URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) } else { verifier.to_owned() };
    if shown == *challenge {
        return Ok(());
    }
    let text = "The Code_Verifier does not match the code_challenge supplied in the authorization request.";
    Err(Refusal::new(400, "invalid_grant", 501_481, text))
}

/// Refresh tokens are signed and carry what they stand for, so they outlive a restart; the platform does not revoke
/// the old one when it hands out the next.
fn refresh_token(sim: &Sim, grant: &Grant) -> String {
    let now = sim.now() / 1000;
    let claims = json!({"typ": "refresh", "client": grant.client_id, "user": grant.user, "scope": grant.scope,
        "iat": now, "exp": now + REFRESH_LIFE, "jti": Uuid::new_v4()});
    format!("0.{}", sim.keys.sign(&claims))
}

fn refresh(sim: &Sim, request: &Request, form: &Form, app: &App, proof: Proof) -> Result<Value, Refusal> {
    let malformed = || {
        let text = "The refresh token is malformed or was not issued by this tenant.";
        Refusal::new(400, "invalid_grant", 9_002_313, text)
    };
    let token = form.need("refresh_token")?;
    let claims = token.strip_prefix("0.").and_then(|token| sim.keys.read(token)).ok_or_else(malformed)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    if text("typ") != "refresh" || text("client") != app.client_id {
        return Err(malformed());
    }
    if claims.get("exp").and_then(Value::as_i64).is_none_or(|until| until * 1000 < sim.now()) {
        let text = "The refresh token has expired due to inactivity. The token was issued earlier and was inactive for 90.00:00:00.";
        return Err(Refusal::new(400, "invalid_grant", 700_082, text));
    }
    let user = claims.get("user").and_then(Value::as_u64).ok_or_else(malformed)?;
    let world = sim.read_world();
    if world.is_deleted(user) || !world.is_enabled(user) {
        return Err(Refusal::new(400, "invalid_grant", 50_057, "The user account is disabled."));
    }
    drop(world);
    let grant = Grant {
        client_id: app.client_id.clone(),
        user,
        scope: text("scope"),
        nonce: None,
        redirect_uri: String::new(),
        challenge: None,
        until: 0,
        used: true,
    };
    delegated_answer(sim, request, app, proof, &grant)
}

fn delegated_answer(sim: &Sim, request: &Request, app: &App, proof: Proof, grant: &Grant) -> Result<Value, Refusal> {
    let asked: Vec<&str> = grant.scope.split_whitespace().collect();
    let scopes = granted_scopes(sim, app, &grant.scope)?;
    let scopes = scopes.join(" ");
    let token = access_token(sim, request, app, proof, Some((grant.user, &scopes)));
    let mut body = json!({"token_type": "Bearer", "expires_in": TOKEN_LIFE, "ext_expires_in": TOKEN_LIFE, "scope": scopes, "access_token": token});
    if asked.contains(&"offline_access") {
        body["refresh_token"] = Value::from(refresh_token(sim, grant));
    }
    if asked.contains(&"openid") {
        body["id_token"] = Value::from(id_token(sim, request, app, grant));
    }
    Ok(body)
}

fn id_token(sim: &Sim, request: &Request, app: &App, grant: &Grant) -> String {
    let now = sim.now() / 1000;
    let person = sim.read_world().population.person(grant.user);
    sim.keys.sign(&json!({
        "aud": app.client_id, "iss": issuer(sim, request), "iat": now, "nbf": now, "exp": now + TOKEN_LIFE, "tid": sim.tenant_id,
        "oid": person.id, "sub": person.id.simple().to_string(), "name": person.display, "preferred_username": person.upn,
        "email": person.mail(), "nonce": grant.nonce, "ver": "2.0",
    }))
}

/// The Graph permissions behind the asked scopes; one that nobody consented to refuses the whole request.
pub fn granted_scopes(sim: &Sim, app: &App, scope: &str) -> Result<Vec<String>, Refusal> {
    let permissions = sim.permissions(app);
    let mut granted = Vec::new();
    for asked in scope.split_whitespace() {
        let (resource, name) = match asked.rsplit_once('/') {
            Some((resource, name)) => (Some(resource), name),
            None => (None, asked),
        };
        if resource.is_some_and(|resource| !is_our_graph(sim, resource)) {
            return Err(wrong_resource(asked));
        }
        match name {
            "openid" | "profile" | "offline_access" | "email" => {}
            ".default" => granted.extend(permissions.iter().cloned()),
            "User.Read" => granted.push(name.to_owned()),
            _ if crate::apps::covers(permissions, name) => granted.push(name.to_owned()),
            _ => {
                let text = format!(
                    "The user or administrator has not consented to use the application with ID '{}' named 'reseat {}'. Send an interactive authorization request for this user and resource.",
                    app.client_id, app.purpose
                );
                return Err(Refusal::new(400, "invalid_grant", 65_001, text));
            }
        }
    }
    Ok(granted)
}

fn issuer(sim: &Sim, request: &Request) -> String {
    format!("{}/{}/v2.0", request.base, sim.tenant_id)
}

/// `/.well-known/openid-configuration`.
pub fn discovery(sim: &Sim, request: &Request, tenant: &str) -> Reply {
    if !is_our_tenant(sim, tenant) && !is_shared_endpoint(tenant) {
        return refuse(sim, request, 400, "invalid_tenant", 90_002, &format!("Tenant '{tenant}' not found."));
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
            "response_types_supported": ["code"],
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
    let host = request.base.split("://").nth(1).unwrap_or_default();
    let endpoint = request
        .option("authorization_endpoint")
        .and_then(|endpoint| endpoint.split("://").nth(1)?.split('/').nth(1).map(ToOwned::to_owned))
        .unwrap_or_else(|| "common".to_owned());
    Reply::json(
        200,
        &json!({
            "tenant_discovery_endpoint": format!("{}/{endpoint}/v2.0/.well-known/openid-configuration", request.base),
            "api-version": "1.1",
            "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
        }),
    )
}
