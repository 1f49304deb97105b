//! `GET /rules`

use axum::extract::State;
use reseat_store::read::rules;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::extract::{Json, Limit, Page, Query};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::rules::Rule;
use crate::v1::rules::RuleList;

/// Which rules.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RuleQuery {
    /// How many, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200, default = 50, value_type = Option<u32>)]
    pub limit: Option<Limit>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Rules, each in its newest version.
#[utoipa::path(
    get,
    path = "/rules",
    tag = "rules",
    params(RuleQuery),
    responses((status = 200, description = "Rules.", body = RuleList)),
)]
pub async fn list_rules(
    State(state): State<ApiState>,
    Query(query): Query<RuleQuery>,
) -> Result<Json<RuleList>, Problem> {
    let mut tx = state.engine.store().read().await?;
    let all = rules::list_rules(&mut tx, state.engine.tenant_id()).await?;
    let page = Page::new(query.limit, query.cursor);
    let (items, next_cursor) = page.cut(all, |item| item.rule.id.to_string())?;
    Ok(Json(RuleList { items: items.into_iter().map(Rule::from).collect(), next_cursor }))
}
