//! `GET /setup`

use axum::extract::State;
use reseat_store::installation::accounts;
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::Json;
use crate::problem::Problem;
use crate::state::ApiState;

/// What the sign-in page has to know before anybody is signed in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Setup {
    /// Whether the first administrator still has to be made with the one-time code.
    pub needs_bootstrap: bool,
    /// Whether this is the demo.
    pub demo: bool,
    /// The server's version.
    pub version: &'static str,
}

/// Whether the installation has its first administrator.
#[utoipa::path(
    get,
    path = "/setup",
    tag = "session",
    responses((status = 200, description = "What the sign-in page has to know.", body = Setup)),
)]
pub async fn read_setup(State(state): State<ApiState>) -> Result<Json<Setup>, Problem> {
    let mut tx = state.engine.store().read().await?;
    let needs_bootstrap = accounts::count_accounts(&mut tx).await? == 0;
    Ok(Json(Setup { needs_bootstrap, demo: state.demo.is_some(), version: env!("CARGO_PKG_VERSION") }))
}
