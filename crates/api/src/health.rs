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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http::Method;
    use reseat_testkit::World;

    use crate::tests::Api;

    #[tokio::test]
    async fn a_server_is_ready_only_while_its_loop_runs_and_alive_as_long_as_it_answers() {
        let world = World::builder().users(20).unsynced().build().await;
        let api = Api::with(world, |parts| parts.ready = Arc::new(|| Err("the engine's loop has ended".to_owned())));
        let nobody = api.nobody();
        assert_eq!(nobody.raw(Method::GET, "/healthz", None).await.status, 200);
        let not_ready = nobody.raw(Method::GET, "/readyz", None).await;
        assert_eq!((not_ready.status, &not_ready.body["reasons"][0]), (503, &"the engine's loop has ended".into()));
        let Api { world, .. } = api;
        let api = Api::over(world);
        assert_eq!(api.nobody().raw(Method::GET, "/readyz", None).await.status, 200);
        api.world.engine().store().close().await;
        let gone = api.nobody().raw(Method::GET, "/readyz", None).await;
        assert_eq!((gone.status, &gone.body["reasons"][0]), (503, &"the database does not answer".into()));
        api.world.abandon().await;
    }
}
