//! `POST /session`

use axum::extract::State;
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue};
use reseat_engine::CallerKind;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::auth::{self, cookie};
use crate::caller::caller_of;
use crate::extract::Json;
use crate::problem::{Problem, ProblemBody};
use crate::state::ApiState;
use crate::v1::session::Session;

/// A local account's name and password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInRequest {
    /// The sign-in name.
    pub name: String,
    /// The password.
    pub password: String,
}

/// Signs in: a new session with a new id, in a cookie.
#[utoipa::path(
    post,
    path = "/session",
    tag = "session",
    request_body = SignInRequest,
    responses(
        (status = 200, description = "Signed in; the session cookie is set.", body = Session),
        (status = 401, description = "Name or password is wrong, or the account is disabled.", body = ProblemBody),
        (status = 429, description = "Too many failed attempts for this name.", body = ProblemBody),
    ),
)]
pub async fn sign_in(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Json(body): Json<SignInRequest>,
) -> Result<([(HeaderName, HeaderValue); 1], Json<Session>), Problem> {
    let before = cookie::read(&headers, state.is_https());
    let (account, begun) = auth::sign_in::sign_in(&state, &body.name, &body.password, before).await?;
    let cookie = cookie::set(&begun.token, state.is_https());
    let caller = caller_of(&state, account, CallerKind::Session);
    let session = Session::read(&state, &caller, Some(begun.csrf_token)).await?;
    Ok(([(SET_COOKIE, cookie)], Json(session)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use http::header;
    use reseat_domain::role::Role;
    use reseat_engine::accounts::{NewAccount, create_account_on_host};
    use serde_json::{Value, json};

    use crate::auth::csrf::CSRF_HEADER;
    use crate::auth::password;
    use crate::tests::{Api, Client};

    const PASSWORD: &str = "correct horse battery";

    async fn with_ada() -> Api {
        let api = Api::unsynced().await;
        let new = NewAccount {
            name: "Ada".to_owned(),
            password_hash: Some(password::hash(PASSWORD, [1; 16])),
            roles: BTreeSet::from([Role::LicenseManager]),
            user_id: None,
        };
        create_account_on_host(api.world.engine(), new).await.expect("made");
        api
    }

    /// Signs Ada in; gives the browser and its answer.
    async fn sign_in(api: &Api) -> (Client<'_>, Value) {
        let answer = api.nobody().post("/session", json!({"name": "ada", "password": PASSWORD})).await;
        let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
        (api.nobody().with(header::COOKIE, &cookie), answer.ok())
    }

    #[tokio::test]
    async fn a_name_and_its_password_open_a_session_that_signing_out_ends() {
        let api = with_ada().await;
        let (browser, session) = sign_in(&api).await;
        assert_eq!(session["account"]["name"], "Ada");
        assert!(session["permissions"].as_array().is_some_and(|all| all.contains(&json!("manage_candidates"))));
        assert!(session["permissions"].as_array().is_some_and(|all| !all.contains(&json!("move_demo_clock"))));
        assert_eq!(browser.get("/session").await.ok()["csrf_token"], session["csrf_token"]);
        let csrf = session["csrf_token"].as_str().expect("a token");
        let answer = browser.clone().with(CSRF_HEADER.parse().expect("a name"), csrf).delete("/session").await;
        assert!(answer.header("set-cookie").contains("Max-Age=0"));
        answer.ok();
        browser.get("/session").await.refused(401, "unauthenticated");
        api.finish().await;
    }

    #[tokio::test]
    async fn a_sign_in_gives_a_new_session_and_ends_the_one_the_browser_had() {
        let api = with_ada().await;
        let (browser, _) = sign_in(&api).await;
        let again = browser.post("/session", json!({"name": "ada", "password": PASSWORD})).await;
        assert!(again.header("set-cookie").starts_with("reseat_session="));
        again.ok();
        browser.get("/session").await.refused(401, "unauthenticated");
        api.finish().await;
    }

    #[tokio::test]
    async fn a_wrong_password_and_an_unknown_name_get_the_same_answer_and_guessing_has_to_wait() {
        let api = with_ada().await;
        let attempt =
            async |name: &str| api.nobody().post("/session", json!({"name": name, "password": "wrong"})).await;
        let known = attempt("ada").await.refused(401, "unauthenticated");
        let unknown = attempt("grace").await.refused(401, "unauthenticated");
        assert_eq!(known["detail"], unknown["detail"]);
        attempt("ada").await.refused(401, "unauthenticated");
        attempt("ada").await.refused(401, "unauthenticated");
        let right = json!({"name": "ADA", "password": PASSWORD});
        api.nobody().post("/session", right.clone()).await.refused(429, "rate_limited");
        api.clock.advance_seconds(1);
        api.nobody().post("/session", right).await.ok();
        api.finish().await;
    }

    #[tokio::test]
    async fn a_session_ends_after_half_an_hour_without_use_and_after_twelve_hours_in_any_case() {
        let api = with_ada().await;
        let (browser, _) = sign_in(&api).await;
        for _ in 0..24 {
            api.clock.advance_seconds(29 * 60);
            browser.get("/session").await.ok();
        }
        api.clock.advance_seconds(29 * 60);
        browser.get("/session").await.refused(401, "unauthenticated");
        let (browser, _) = sign_in(&api).await;
        api.clock.advance_seconds(30 * 60);
        browser.get("/session").await.refused(401, "unauthenticated");
        api.finish().await;
    }

    #[tokio::test]
    async fn a_change_needs_the_sessions_own_token_and_the_consoles_own_pages() {
        let api = with_ada().await;
        let (browser, session) = sign_in(&api).await;
        let body = json!({"reason": "a test"});
        browser.post("/freeze", body.clone()).await.refused(403, "forbidden");
        let name = || CSRF_HEADER.parse().expect("a name");
        browser.clone().with(name(), "guessed").post("/freeze", body.clone()).await.refused(403, "forbidden");
        let browser = browser.with(name(), session["csrf_token"].as_str().expect("a token"));
        let elsewhere = browser.clone().with(header::ORIGIN, "https://evil.example");
        elsewhere.post("/freeze", body.clone()).await.refused(403, "forbidden");
        let cross = browser.clone().with("sec-fetch-site".parse().expect("a name"), "cross-site");
        cross.post("/freeze", body.clone()).await.refused(403, "forbidden");
        assert_eq!(browser.get("/freeze").await.ok()["freeze"], Value::Null, "nothing of this froze");
        let frozen = browser.with(header::ORIGIN, crate::tests::PUBLIC_URL).post("/freeze", body).await.ok();
        assert_eq!(frozen["freeze"]["frozen_by"], "Ada");
        api.finish().await;
    }

    #[tokio::test]
    async fn roles_and_the_account_itself_are_looked_at_anew_with_each_request() {
        let api = with_ada().await;
        let (browser, session) = sign_in(&api).await;
        browser.get("/overview").await.ok();
        let admin = api.admin().await;
        let path = format!("/accounts/{}", session["account"]["account_id"].as_str().expect("an id"));
        let changed = admin.clone().if_match(&json!(1)).patch(&path, json!({"roles": ["reviewer"]})).await.ok();
        browser.get("/overview").await.refused(403, "forbidden");
        admin.if_match(&changed["version"]).patch(&path, json!({"enabled": false})).await.ok();
        browser.get("/session").await.refused(401, "unauthenticated");
        let again = api.nobody().post("/session", json!({"name": "ada", "password": PASSWORD})).await;
        again.refused(401, "unauthenticated");
        api.finish().await;
    }
}
