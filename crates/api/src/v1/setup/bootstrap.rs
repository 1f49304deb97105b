//! `POST /setup/bootstrap`

use axum::extract::State;
use http::header::SET_COOKIE;
use http::{HeaderName, HeaderValue, StatusCode};
use reseat_engine::CallerKind;
use reseat_engine::accounts as engine_accounts;
use reseat_store::installation::accounts;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::auth::{cookie, sign_in};
use crate::caller::caller_of;
use crate::extract::Json;
use crate::problem::{Problem, ProblemBody};
use crate::state::ApiState;
use crate::v1::session::Session;

/// Wrong codes slow down under one name: there is only one code.
const ATTEMPTS: &str = "one-time code";

/// The first administrator.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Bootstrap {
    /// The one-time code the server printed.
    pub code: String,
    /// The sign-in name.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// At least 12 characters.
    #[schema(min_length = 12, max_length = 256)]
    pub password: String,
    /// Whether one person does everything: then the account also is License Manager and Approver, and every
    /// record says so.
    pub single_operator: bool,
}

/// Makes the first administrator with the one-time code the server printed, and signs them in.
#[utoipa::path(
    post,
    path = "/setup/bootstrap",
    tag = "session",
    request_body = Bootstrap,
    responses(
        (status = 201, description = "Made and signed in; the session cookie is set.", body = Session),
        (status = 409, description = "There is an administrator already.", body = ProblemBody),
        (status = 429, description = "Too many attempts.", body = ProblemBody),
    ),
)]
pub async fn bootstrap(
    State(state): State<ApiState>,
    Json(body): Json<Bootstrap>,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1], Json<Session>), Problem> {
    let now = state.clock.now();
    if let Some(seconds) = state.attempts.wait_seconds(ATTEMPTS, now) {
        return Err(Problem::rate_limited(seconds));
    }
    let mut tx = state.engine.store().read().await?;
    if accounts::count_accounts(&mut tx).await? > 0 {
        return Err(Problem::not_allowed("There is an administrator already; sign in."));
    }
    drop(tx);
    let hash = state.passwords.hash(&body.password, state.engine.random()).await?;
    let made = engine_accounts::bootstrap(&state.engine, &body.code, &body.name, hash, body.single_operator).await;
    let account = made.inspect_err(|_| state.attempts.failed(ATTEMPTS, now))?;
    let begun = sign_in::begin(&state, &account, None).await?;
    let cookie = cookie::set(&begun.token, state.is_https());
    let caller = caller_of(&state, account, CallerKind::Session);
    let session = Session::read(&state, &caller, Some(begun.csrf_token)).await?;
    Ok((StatusCode::CREATED, [(SET_COOKIE, cookie)], Json(session)))
}

#[cfg(test)]
mod tests {
    use reseat_engine::accounts::make_bootstrap_code;
    use reseat_testkit::World;
    use serde_json::json;

    use crate::tests::Api;

    #[tokio::test]
    async fn the_one_time_code_makes_the_first_administrator_and_nobody_else() {
        let api = Api::over(World::builder().users(20).unsynced().without_cast().build().await);
        let nobody = api.nobody();
        assert_eq!(nobody.get("/setup").await.ok()["needs_bootstrap"], true);
        let code = make_bootstrap_code(api.world.engine()).await.expect("made").expect("nobody is there yet");
        let body =
            |code: &str| json!({"code": code, "name": "ada", "password": "a long enough one", "single_operator": true});
        nobody.post("/setup/bootstrap", body("AAAA-AAAA-AAAA-AAAA")).await.refused(403, "forbidden");
        let answer = nobody.post("/setup/bootstrap", body(&code)).await;
        let cookie = answer.header("set-cookie").to_owned();
        assert!(cookie.starts_with("reseat_session=") && cookie.contains("HttpOnly"), "{cookie}");
        let session = answer.ok();
        assert_eq!(session["account"]["roles"], json!(["license_manager", "approver", "admin"]));
        assert_eq!(session["tenant"]["single_operator"], true);
        assert_eq!(nobody.get("/setup").await.ok()["needs_bootstrap"], false);
        nobody.post("/setup/bootstrap", body(&code)).await.refused(409, "not_allowed");
        api.finish().await;
    }

    #[tokio::test]
    async fn guessing_the_code_is_slowed_down() {
        let api = Api::over(World::builder().users(20).unsynced().without_cast().build().await);
        let body = json!({"code": "wrong", "name": "ada", "password": "a long enough one", "single_operator": false});
        for _ in 0..3 {
            api.nobody().post("/setup/bootstrap", body.clone()).await.refused(403, "forbidden");
        }
        let answer = api.nobody().post("/setup/bootstrap", body).await;
        assert_eq!(answer.header("retry-after"), "1");
        answer.refused(429, "rate_limited");
        api.world.abandon().await;
    }
}
