//! `GET /rules/{rule_id}`

use axum::extract::State;
use reseat_domain::ids::RuleId;
use reseat_store::read::rules::find_newest_rule;

use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::rules::Rule;

/// A rule in its newest version.
#[utoipa::path(
    get,
    path = "/rules/{rule_id}",
    tag = "rules",
    params(("rule_id" = String, Path, description = "Which rule.")),
    responses((status = 200, description = "The rule.", body = Rule)),
)]
pub async fn read_rule(State(state): State<ApiState>, Path(id): Path<RuleId>) -> Result<Json<Rule>, Problem> {
    let mut tx = state.engine.store().read().await?;
    let found = find_newest_rule(&mut tx, state.engine.tenant_id(), id).await?;
    Ok(Json(found.ok_or_else(|| Problem::not_found("rule"))?.into()))
}

#[cfg(test)]
mod tests {
    use crate::tests::Api;

    #[tokio::test]
    async fn the_rule_in_force_explains_itself() {
        let api = Api::synced().await;
        let auditor = api.auditor().await;
        let listed = auditor.get("/rules").await.ok();
        let rule = &listed["items"][0];
        assert!(rule["explanation"].as_str().is_some_and(|text| text.contains("whole days")), "{rule:#}");
        let path = format!("/rules/{}", rule["rule_id"].as_str().expect("an id"));
        assert_eq!(&auditor.get(&path).await.ok(), rule);
        auditor.get("/rules/00000000-0000-4000-8000-000000000000").await.refused(404, "not_found");
        api.finish().await;
    }
}
