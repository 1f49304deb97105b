//! `POST /accounts`

use axum::extract::State;
use http::StatusCode;
use reseat_domain::ids::UserId;
use reseat_engine::accounts;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::caller::Authenticated;
use crate::extract::Json;
use crate::problem::Problem;
use crate::scalar::RoleName;
use crate::state::ApiState;
use crate::v1::accounts::Account;

/// A new account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// The sign-in name.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// At least 12 characters.
    #[schema(min_length = 12, max_length = 256)]
    pub password: String,
    /// What it may do.
    #[schema(min_items = 1)]
    pub roles: Vec<RoleName>,
    /// Who it is in the tenant.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub user_id: Option<UserId>,
}

/// Makes an account.
///
/// A second License Manager or Approver ends single-operator mode.
#[utoipa::path(
    post,
    path = "/accounts",
    tag = "accounts",
    request_body = NewAccount,
    responses((status = 201, description = "Made.", body = Account)),
)]
pub async fn create_account(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Json(body): Json<NewAccount>,
) -> Result<(StatusCode, Json<Account>), Problem> {
    let hash = state.passwords.hash(&body.password, state.engine.random()).await?;
    let new = accounts::NewAccount {
        name: body.name,
        password_hash: Some(hash),
        roles: body.roles.into_iter().map(|role| role.0).collect(),
        user_id: body.user_id,
    };
    let made = accounts::create_account(&state.engine, &caller, new).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::tests::Api;

    #[tokio::test]
    async fn an_administrator_makes_an_account_once_however_often_the_request_is_repeated() {
        let api = Api::unsynced().await;
        let body = json!({"name": "Grace", "password": "a long enough one", "roles": ["auditor"]});
        let admin = api.admin().await;
        let first = admin.clone().keyed("k1").post("/accounts", body.clone()).await;
        assert_eq!((first.status, first.header("idempotency-replayed")), (201, ""));
        let again = admin.clone().keyed("k1").post("/accounts", body.clone()).await;
        assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"));
        assert_eq!(first.ok(), again.ok());
        let other = json!({"name": "Alan", "password": "a long enough one", "roles": ["auditor"]});
        admin.clone().keyed("k1").post("/accounts", other).await.refused(422, "idempotency_mismatch");
        let taken = admin.clone().keyed("k2").post("/accounts", body).await.refused(422, "invalid");
        assert_eq!(taken["field"], "name");
        let named = admin.get("/accounts?limit=200").await.ok();
        let names = named["items"].as_array().expect("items").iter().filter(|account| account["name"] == "Grace");
        assert_eq!(names.count(), 1);
        api.finish().await;
    }

    #[tokio::test]
    async fn a_refused_command_keeps_no_answer_so_that_it_can_be_tried_again() {
        let api = Api::unsynced().await;
        let admin = api.admin().await.keyed("k");
        let body = json!({"name": "Grace", "password": "short", "roles": ["auditor"]});
        assert_eq!(admin.post("/accounts", body.clone()).await.refused(422, "invalid")["field"], "password");
        let again = admin.post("/accounts", body).await;
        assert_eq!(again.header("idempotency-replayed"), "");
        again.refused(422, "invalid");
        api.finish().await;
    }
}
