//! The pages a browser is sent to: sign-in for the authorization code, and consent by an administrator. Nobody has a
//! password here; whoever is picked is signed in.

use crate::commands::Command;
use crate::people::Kind;
use crate::request::{Reply, Request, encode};
use crate::routes::delegated::{granted_scopes, id_token};
use crate::routes::token::{Refusal, check_tenant, refuse};
use crate::sim::{Grant, Sim, locked};
use std::fmt::Write as _;
use uuid::Uuid;

/// Simulated milliseconds a code lives.
const CODE_LIFE: i64 = 600_000;

/// People offered on the sign-in page.
const OFFERED: usize = 12;

/// A redirect target the platform accepts: https anywhere, http on this machine only.
fn is_good_redirect(target: &str) -> bool {
    let local = ["http://localhost", "http://127.0.0.1", "http://[::1]"];
    target.starts_with("https://")
        || local.iter().any(|root| {
            target
                .strip_prefix(root)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(':') || rest.starts_with('/'))
        })
}

fn error_page(number: u64, text: &str) -> Reply {
    page(
        400,
        "Sign in",
        &format!("<p>Sorry, but we’re having trouble signing you in.</p><p>AADSTS{number}: {}</p>", escape(text)),
    )
}

fn page(status: u16, title: &str, body: &str) -> Reply {
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>"
    );
    Reply::with_type(status, "text/html; charset=utf-8", html.into_bytes())
}

/// Text that may stand in HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// Sends the browser back with parameters, in the way it asked for.
fn back(request: &Request, target: &str, mode: &str, pairs: &[(&str, &str)]) -> Reply {
    let mut pairs: Vec<(&str, &str)> = pairs.to_vec();
    if let Some(state) = request.option("state") {
        pairs.push(("state", state));
    }
    if mode == "form_post" {
        let mut fields = String::new();
        for (name, value) in &pairs {
            let _ = write!(fields, "<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escape(value));
        }
        let form = format!(
            "<form method=\"post\" action=\"{}\">{fields}<button>Continue</button></form><script>document.forms[0].submit()</script>",
            escape(target)
        );
        return page(200, "Working…", &form);
    }
    let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    let sign = match (mode, target.contains('?')) {
        ("fragment", _) => '#',
        (_, true) => '&',
        (_, false) => '?',
    };
    Reply::empty(302).and_header("location", format!("{target}{sign}{}", query.join("&")))
}

/// `GET /{tenant}/oauth2/v2.0/authorize`.
pub fn authorize(sim: &Sim, request: &Request, tenant: &str) -> Reply {
    if let Err(Refusal(_, _, number, text)) = check_tenant(sim, request, tenant) {
        return error_page(number, &text);
    }
    let option = |name: &str| request.option(name).unwrap_or_default();
    let client_id = option("client_id");
    let Some(app) = sim.apps.iter().find(|app| app.client_id.eq_ignore_ascii_case(client_id)) else {
        return error_page(
            700_016,
            &format!("Application with identifier '{client_id}' was not found in the directory 'Contoso'."),
        );
    };
    let target = option("redirect_uri");
    if !is_good_redirect(target) {
        return error_page(
            50_011,
            &format!(
                "The redirect URI '{target}' specified in the request does not match the redirect URIs configured for the application '{client_id}'."
            ),
        );
    }
    let mode = request.option("response_mode").unwrap_or("query");
    let fail = |error: &str, text: &str| back(request, target, mode, &[("error", error), ("error_description", text)]);
    let wanted: Vec<&str> = option("response_type").split_whitespace().collect();
    if wanted.is_empty() || !wanted.iter().all(|kind| matches!(*kind, "code" | "id_token")) {
        return fail("unsupported_response_type", "AADSTS700051: response_type is not enabled for the application.");
    }
    if wanted.contains(&"id_token") && option("nonce").is_empty() {
        return fail("invalid_request", "AADSTS90014: The required field 'nonce' is missing from the credential.");
    }
    // Tokens never travel in a query.
    let mode = if wanted.contains(&"id_token") && mode == "query" { "fragment" } else { mode };
    if option("scope").is_empty() {
        return fail(
            "invalid_request",
            "AADSTS900144: The request body must contain the following parameter: 'scope'.",
        );
    }
    if let Err(refusal) = granted_scopes(sim, app, option("scope")) {
        return fail("consent_required", &format!("AADSTS{}: {}", refusal.2, refusal.3));
    }
    let challenge = request
        .option("code_challenge")
        .map(|text| (text.to_owned(), option("code_challenge_method").eq_ignore_ascii_case("S256")));
    if challenge.as_ref().is_some_and(|(text, _)| !(43..=128).contains(&text.len())) {
        return fail("invalid_request", "AADSTS501491: Invalid size of Code_Challenge parameter.");
    }
    if request.option("login_hint").is_none() && option("prompt") != "none" {
        return sign_in_page(sim, request);
    }
    let world = sim.read_world();
    let user = match (request.option("login_hint"), option("prompt")) {
        (Some(hint), _) => match world.find_user(hint).filter(|user| world.is_enabled(*user)) {
            Some(user) => user,
            None => {
                return fail(
                    "access_denied",
                    &format!("AADSTS50034: The user account {hint} does not exist in the tenant or is disabled."),
                );
            }
        },
        (None, _) => {
            return fail("login_required", "AADSTS50058: A silent sign-in request was sent but no user is signed in.");
        }
    };
    drop(world);
    let code = format!("1.{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let grant = Grant {
        client_id: app.client_id.clone(),
        user,
        scope: option("scope").to_owned(),
        nonce: request.option("nonce").map(ToOwned::to_owned),
        redirect_uri: target.to_owned(),
        challenge,
        until: sim.now() + CODE_LIFE,
        used: false,
    };
    let session = Uuid::new_v4().to_string();
    let mut pairs = vec![("session_state", session.as_str())];
    let signed = wanted.contains(&"id_token").then(|| id_token(sim, request, app, &grant));
    if let Some(signed) = &signed {
        pairs.push(("id_token", signed));
    }
    if wanted.contains(&"code") {
        locked(&sim.grants).insert(code.clone(), grant);
        pairs.push(("code", &code));
    }
    back(request, target, mode, &pairs)
}

/// Offers some people; picking one repeats the request with that person as the hint.
fn sign_in_page(sim: &Sim, request: &Request) -> Reply {
    let world = sim.read_world();
    let people = (0..world.population.users)
        .filter(|index| world.is_enabled(*index) && !world.is_deleted(*index))
        .filter(|index| {
            !matches!(world.population.kind(*index), Kind::Guest | Kind::Service | Kind::Shared | Kind::Room)
        })
        .take(OFFERED);
    let query: Vec<String> =
        request.query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let mut list = String::from("<p>A simulated tenant: pick who you are.</p><ul>");
    for index in people {
        let person = world.population.person(index);
        let link = format!("{}?{}&login_hint={}", request.path, query.join("&"), encode(&person.upn));
        let _ = write!(
            list,
            "<li><a href=\"{}\">{} ({})</a></li>",
            escape(&link),
            escape(&person.display),
            escape(&person.upn)
        );
    }
    list.push_str("</ul>");
    page(200, "Sign in", &list)
}

/// `GET /{tenant}/adminconsent`: every declared application permission at once. `prompt=deny` plays the refusal.
pub fn admin_consent(sim: &Sim, request: &Request, tenant: &str) -> Reply {
    if let Err(Refusal(status, error, number, text)) = check_tenant(sim, request, tenant) {
        return refuse(sim, request, status, error, number, &text);
    }
    let client_id = request.option("client_id").unwrap_or_default();
    let Some(app) = sim.apps.iter().find(|app| app.client_id.eq_ignore_ascii_case(client_id)) else {
        return error_page(
            700_016,
            &format!("Application with identifier '{client_id}' was not found in the directory 'Contoso'."),
        );
    };
    let target = request.option("redirect_uri").unwrap_or_default();
    if !is_good_redirect(target) {
        return error_page(
            50_011,
            "The redirect URI specified in the request does not match the redirect URIs configured for the application.",
        );
    }
    if request.option("prompt") == Some("deny") {
        return back(
            request,
            target,
            "query",
            &[
                ("error", "permission_denied"),
                ("error_description", "AADSTS65004: User declined to consent to access the app."),
            ],
        );
    }
    let consent = Command::Consent { client_id: app.client_id.clone() };
    if let Err(error) = sim.change(|_| Ok(consent)) {
        return back(request, target, "query", &[("error", "server_error"), ("error_description", &error.message)]);
    }
    let tenant = sim.tenant_id.to_string();
    let mut pairs = vec![("tenant", tenant.as_str()), ("admin_consent", "True")];
    if let Some(scope) = request.option("scope") {
        pairs.push(("scope", scope));
    }
    back(request, target, "query", &pairs)
}
