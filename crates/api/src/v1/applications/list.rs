//! `GET /applications`

use axum::extract::State;
use reseat_store::read::applications::find_application;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::extract::{Json, Limit, Page, Query};
use crate::problem::Problem;
use crate::state::ApiState;
use crate::v1::applications::Application;
use crate::v1::applications::ApplicationList;

/// Which applications.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ApplicationQuery {
    /// How many, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200, default = 50, value_type = Option<u32>)]
    pub limit: Option<Limit>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// The tenants that are managed.
#[utoipa::path(
    get,
    path = "/applications",
    tag = "applications",
    params(ApplicationQuery),
    responses((status = 200, description = "Applications.", body = ApplicationList)),
)]
pub async fn list_applications(
    State(state): State<ApiState>,
    Query(query): Query<ApplicationQuery>,
) -> Result<Json<ApplicationList>, Problem> {
    let mut tx = state.engine.store().read().await?;
    let found = find_application(&mut tx, state.engine.tenant_id()).await?;
    let all: Vec<Application> = found.iter().map(Application::from).collect();
    let page = Page::new(query.limit, query.cursor);
    let (items, next_cursor) = page.cut(all, |application| application.application_id.clone())?;
    Ok(Json(ApplicationList { items, next_cursor }))
}
