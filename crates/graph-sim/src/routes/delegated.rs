//! Tokens for people: authorization codes with PKCE, refresh tokens, id tokens.

use crate::apps::App;
use crate::caller::GRAPH_ID;
use crate::clock::DAY;
use crate::request::Request;
use crate::routes::discovery::issuer;
use crate::routes::token::{
    Form, Proof, Refusal, TOKEN_LIFE, Token, access_token, audience, bearer, needs_proof, wrong_resource,
};
use crate::sim::{Grant, Sim, locked};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const REFRESH_LIFE: i64 = 90 * DAY;
/// Seconds a refresh token of a single-page application lives, whatever comes after.
const SPA_LIFE: i64 = DAY;

/// The `authorization_code` grant.
pub fn redeem_code(sim: &Sim, request: &Request, form: &Form, app: &App, proof: Proof) -> Result<Value, Refusal> {
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
    // A browser redeems for itself: its refresh token dies after a day.
    let until = request.header("origin").map(|_| sim.now() / 1000 + SPA_LIFE);
    delegated_answer(sim, request, app, proof, &Redeemed { grant: &grant, form, until })
}

/// A grant being redeemed.
struct Redeemed<'a> {
    grant: &'a Grant,
    form: &'a Form,
    /// Seconds; where the refresh token's life may not be renewed.
    until: Option<i64>,
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
fn refresh_token(sim: &Sim, grant: &Grant, until: Option<i64>) -> String {
    let now = sim.now() / 1000;
    let claims = json!({"typ": "refresh", "client": grant.client_id, "user": grant.user, "scope": grant.scope,
        "iat": now, "exp": until.unwrap_or(now + REFRESH_LIFE), "spa": until.is_some(), "jti": Uuid::new_v4()});
    format!("0.{}", sim.keys.sign(&claims))
}

/// The `refresh_token` grant.
pub fn refresh(sim: &Sim, request: &Request, form: &Form, app: &App, proof: Proof) -> Result<Value, Refusal> {
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
    let made = claims.get("iat").and_then(Value::as_i64).unwrap_or(0);
    let revoked = world.touched.get(&user).and_then(|touched| touched.sessions_valid_from);
    drop(world);
    if revoked.is_some_and(|from| made <= from) {
        let text = "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.";
        return Err(Refusal::new(400, "invalid_grant", 50_173, text));
    }
    let until = claims.get("exp").and_then(Value::as_i64).filter(|_| claims.get("spa") == Some(&Value::from(true)));
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
    delegated_answer(sim, request, app, proof, &Redeemed { grant: &grant, form, until })
}

fn delegated_answer(
    sim: &Sim,
    request: &Request,
    app: &App,
    proof: Proof,
    redeemed: &Redeemed<'_>,
) -> Result<Value, Refusal> {
    let grant = redeemed.grant;
    let asked: Vec<&str> = grant.scope.split_whitespace().collect();
    let scopes = granted_scopes(sim, app, &grant.scope)?;
    let scopes = scopes.join(" ");
    let cloud = sim.read_world().settings.cloud;
    let resource = asked.iter().find_map(|scope| scope.rsplit_once('/').map(|(resource, _)| resource));
    let what = Token {
        // A scope that names no resource means Graph, wherever the platform was reached.
        audience: audience(resource.unwrap_or(GRAPH_ID), cloud),
        answers: redeemed.form.get("claims").is_some(),
        delegated: Some((grant.user, &scopes)),
    };
    let mut body = bearer(sim, &access_token(sim, app, proof, &what));
    body["scope"] = Value::from(scopes.clone());
    if asked.contains(&"offline_access") {
        body["refresh_token"] = Value::from(refresh_token(sim, grant, redeemed.until));
    }
    if asked.contains(&"openid") {
        body["id_token"] = Value::from(id_token(sim, request, app, grant));
    }
    Ok(body)
}

/// An id token: who signed in, for whom.
pub fn id_token(sim: &Sim, request: &Request, app: &App, grant: &Grant) -> String {
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
    let cloud = sim.read_world().settings.cloud;
    let mut granted = Vec::new();
    for asked in scope.split_whitespace() {
        let (resource, name) = match asked.rsplit_once('/') {
            Some((resource, name)) => (Some(resource), name),
            None => (None, asked),
        };
        if resource.is_some_and(|resource| !sim.is_our_graph(resource, cloud)) {
            return Err(wrong_resource(asked));
        }
        match name {
            "openid" | "profile" | "offline_access" | "email" => {}
            ".default" => granted.extend(permissions.iter().cloned()),
            "User.Read" => granted.push(name.to_owned()),
            _ if crate::apps::covers(&permissions, name) => granted.push(name.to_owned()),
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
