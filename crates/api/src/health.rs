//! Whether the server is alive, and whether it is of use. Both are public and say nothing about anybody.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use reseat_store::integration::find_tenant;
use serde::Serialize;

use crate::state::ApiState;

#[derive(Serialize)]
struct Health {
    status: &'static str,
    reasons: Vec<String>,
}

/// `/healthz` and `/readyz`.
pub fn router() -> Router<ApiState> {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready))
}

/// Alive as long as it answers.
async fn alive() -> Response {
    axum::Json(Health { status: "ok", reasons: Vec::new() }).into_response()
}

/// Ready when the database answers and the engine's loop runs.
async fn ready(State(state): State<ApiState>) -> Response {
    let mut reasons = Vec::new();
    if let Err(error) = ask_database(&state).await {
        tracing::warn!(%error, "the database does not answer");
        reasons.push("the database does not answer".to_owned());
    }
    if let Err(reason) = (state.ready)() {
        reasons.push(reason);
    }
    if reasons.is_empty() {
        return axum::Json(Health { status: "ok", reasons }).into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, axum::Json(Health { status: "not_ready", reasons })).into_response()
}

async fn ask_database(state: &ApiState) -> Result<(), reseat_store::StoreError> {
    let mut tx = state.engine.store().read().await?;
    find_tenant(&mut tx, state.engine.tenant_id()).await.map(|_| ())
}
