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
    pub name: String,
    /// At least 12 characters.
    pub password: String,
    /// What it may do.
    pub roles: Vec<RoleName>,
    /// Who it is in the tenant.
    #[schema(value_type = Option<String>)]
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
