//! `POST /tokens`

use axum::extract::State;
use http::StatusCode;
use reseat_domain::ids::ApiTokenId;
use reseat_domain::time::Timestamp;
use reseat_store::installation::api_tokens::{self, ApiToken};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::{api_token, secret_hash, sign_in};
use crate::caller::Authenticated;
use crate::extract::Json;
use crate::problem::Problem;
use crate::scalar::Moment;
use crate::state::ApiState;
use crate::v1::tokens::Token;

/// A new token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What to call it.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// When it ends by itself, in the future; never when left out.
    pub expires_at: Option<Moment>,
}

/// A token with its secret, shown once.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IssuedToken {
    /// To be sent as `Authorization: Bearer …`. Not shown again.
    pub token: String,
    /// The token.
    #[serde(flatten)]
    pub about: Token,
}

/// Makes a bearer token that acts as whoever asks, with their roles at the time of each request.
#[utoipa::path(
    post,
    path = "/tokens",
    tag = "accounts",
    request_body = NewToken,
    responses((status = 201, description = "Made; the secret is shown this once.", body = IssuedToken)),
)]
pub async fn create_token(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Json(body): Json<NewToken>,
) -> Result<(StatusCode, Json<IssuedToken>), Problem> {
    let now = state.clock.now();
    let (name, expires_at) = body.check(now)?;
    let secret = api_token::new_token(state.engine.random());
    let token = ApiToken {
        id: ApiTokenId::new(now, state.engine.random()),
        account_id: caller.account_id,
        name,
        created_at: now,
        expires_at,
        revoked_at: None,
    };
    let mut tx = state.engine.store().write().await?;
    api_tokens::insert_token(&mut tx, &token, &secret_hash(&secret)).await?;
    sign_in::record(&state, &mut tx, caller.account_id, Some(&caller.name), "token.issued", "API token made").await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(IssuedToken { token: secret, about: token.into() })))
}

impl NewToken {
    fn check(self, now: Timestamp) -> Result<(String, Option<Timestamp>), Problem> {
        let name = self.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 100 {
            return Err(Problem::invalid("name", "A name has 1 to 100 characters."));
        }
        let expires_at = self.expires_at.map(|at| at.0);
        if expires_at.is_some_and(|at| at <= now) {
            return Err(Problem::invalid("expires_at", "This moment is over already."));
        }
        Ok((name, expires_at))
    }
}

#[cfg(test)]
mod tests {
    use http::header;
    use serde_json::json;

    use crate::tests::Api;

    #[tokio::test]
    async fn a_token_acts_as_its_owner_until_it_ends_or_is_revoked_and_is_shown_once() {
        let api = Api::unsynced().await;
        let auditor = api.auditor().await;
        let ends = api.world.engine().now().plus_seconds(3_600);
        let made = auditor.post("/tokens", json!({"name": "script", "expires_at": ends})).await.ok();
        let secret = made["token"].as_str().expect("a secret");
        assert!(secret.starts_with("rst_") && secret.len() == 47, "{secret}");
        let script = api.nobody().with(header::AUTHORIZATION, &format!("Bearer {secret}"));
        let session = script.get("/session").await.ok();
        assert_eq!((&session["account"]["name"], &session["csrf_token"]), (&json!("auditor"), &json!(null)));
        let listed = auditor.get("/tokens").await;
        assert!(!listed.text.contains(secret), "a list shows no secret");
        let listed = listed.ok();
        assert!(listed["items"].as_array().is_some_and(|items| items.iter().any(|token| token["name"] == "script")));
        let path = format!("/tokens/{}", made["token_id"].as_str().expect("an id"));
        api.manager().await.delete(&path).await.refused(404, "not_found");
        auditor.delete(&path).await.ok();
        script.get("/session").await.refused(401, "unauthenticated");
        let other = auditor.post("/tokens", json!({"name": "short-lived", "expires_at": ends})).await.ok();
        let script =
            api.nobody().with(header::AUTHORIZATION, &format!("Bearer {}", other["token"].as_str().expect("one")));
        script.get("/session").await.ok();
        api.clock.advance_seconds(3_600);
        script.get("/session").await.refused(401, "unauthenticated");
        api.finish().await;
    }

    #[tokio::test]
    async fn a_secret_is_never_kept_for_a_repeat() {
        let api = Api::unsynced().await;
        let auditor = api.auditor().await.keyed("once");
        let first = auditor.post("/tokens", json!({"name": "a"})).await.ok();
        let second = auditor.post("/tokens", json!({"name": "a"})).await.ok();
        assert_ne!(first["token"], second["token"]);
        api.finish().await;
    }

    #[tokio::test]
    async fn a_token_that_would_be_over_already_is_refused() {
        let api = Api::unsynced().await;
        let past = json!({"name": "late", "expires_at": api.world.engine().now()});
        assert_eq!(api.auditor().await.post("/tokens", past).await.refused(422, "invalid")["field"], "expires_at");
        api.finish().await;
    }
}
