//! `PATCH /accounts/{account_id}`

use axum::extract::State;
use reseat_domain::ids::AccountId;
use reseat_engine::accounts;
use reseat_store::installation::accounts as rows;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::caller::Authenticated;
use crate::extract::{IfMatch, Json, Path};
use crate::problem::{Problem, ProblemBody};
use crate::scalar::RoleName;
use crate::state::ApiState;
use crate::v1::accounts::Account;

/// What changes; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountChange {
    /// What it may do from now on.
    pub roles: Option<Vec<RoleName>>,
    /// Whether it may sign in. Disabling ends its sessions at once.
    pub enabled: Option<bool>,
}

/// Changes the roles of an account, or whether it may sign in.
///
/// Nobody changes their own roles. A second License Manager or Approver ends single-operator mode.
#[utoipa::path(
    patch,
    path = "/accounts/{account_id}",
    tag = "accounts",
    params(("account_id" = String, Path, description = "Which account."), IfMatch),
    request_body = AccountChange,
    responses(
        (status = 200, description = "Changed.", body = Account),
        (status = 409, description = "Nobody changes their own roles.", body = ProblemBody),
    ),
)]
pub async fn change_account(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Path(id): Path<AccountId>,
    if_match: IfMatch,
    Json(body): Json<AccountChange>,
) -> Result<Json<Account>, Problem> {
    let mut tx = state.engine.store().read().await?;
    let read = rows::find_account(&mut tx, id).await?.ok_or_else(|| Problem::not_found("account"))?;
    drop(tx);
    let version = if_match.check(read.version)?;
    let change = accounts::AccountChange {
        roles: body.roles.map(|roles| roles.into_iter().map(|role| role.0).collect()),
        enabled: body.enabled,
    };
    Ok(Json(accounts::change_account(&state.engine, &caller, id, change, version).await?.into()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::tests::Api;

    #[tokio::test]
    async fn an_edit_rests_on_the_version_that_was_read() {
        let api = Api::unsynced().await;
        let admin = api.admin().await;
        let path = format!("/accounts/{}", api.world.cast.auditor.account_id);
        let body = json!({"roles": ["auditor", "reviewer"]});
        admin.patch(&path, body.clone()).await.refused(428, "precondition_required");
        admin.clone().if_match(&json!(7)).patch(&path, body.clone()).await.refused(412, "precondition_failed");
        let changed = admin.clone().if_match(&json!(1)).patch(&path, body.clone()).await.ok();
        assert_eq!((&changed["version"], &changed["roles"]), (&json!(2), &json!(["reviewer", "auditor"])));
        admin.clone().if_match(&json!(1)).patch(&path, body).await.refused(412, "precondition_failed");
        api.finish().await;
    }

    #[tokio::test]
    async fn nobody_changes_their_own_roles_and_an_unknown_account_is_not_found() {
        let api = Api::unsynced().await;
        let admin = api.admin().await.if_match(&json!(1));
        let own = format!("/accounts/{}", api.world.cast.admin.account_id);
        admin.patch(&own, json!({"roles": ["admin", "approver"]})).await.refused(409, "not_allowed");
        let unknown = "/accounts/00000000-0000-4000-8000-000000000000";
        admin.patch(unknown, json!({"enabled": false})).await.refused(404, "not_found");
        admin.patch("/accounts/nonsense", json!({"enabled": false})).await.refused(404, "not_found");
        api.finish().await;
    }
}
