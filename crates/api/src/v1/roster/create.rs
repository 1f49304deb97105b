//! `POST /roster`

use axum::extract::State;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::{StatusCode, header};
use reseat_engine::commands;
use serde::Serialize;
use utoipa::ToSchema;

use crate::ROSTER_LIMIT;
use crate::caller::Authenticated;
use crate::extract::Json;
use crate::problem::{Problem, ProblemBody};
use crate::state::ApiState;

/// What became of a roster.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ImportedRoster {
    /// Rows in use.
    pub accepted: u64,
    /// Rows that could not be used.
    pub quarantined: Vec<QuarantinedLine>,
}

/// A row that could not be used.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QuarantinedLine {
    /// Line in the file, from 1.
    pub line: u64,
    /// Why it could not be used.
    pub reason: String,
}

/// Imports an HR roster: CSV with id, e-mail, name, manager, department, status, start and end.
///
/// It is taken whole or not at all; rows that cannot be used are quarantined. A roster that looks wrong (empty, another
/// company's, nearly everybody gone) is held and the last good one stays in use.
#[utoipa::path(
    post,
    path = "/roster",
    tag = "syncs",
    request_body(content = String, content_type = "text/csv", description = "The file, UTF-8, up to 64 MiB."),
    responses(
        (status = 200, description = "In use.", body = ImportedRoster),
        (status = 422, description = "It cannot be read (`invalid`), or is not believed (`held`); nothing of it is used.", body = ProblemBody),
    ),
)]
pub async fn import_roster(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Csv(bytes): Csv,
) -> Result<Json<ImportedRoster>, Problem> {
    let imported = commands::import_roster(&state.engine, &caller, &bytes).await?;
    let quarantined = imported.quarantined.into_iter().map(|(line, reason)| QuarantinedLine { line, reason }).collect();
    Ok(Json(ImportedRoster { accepted: imported.accepted, quarantined }))
}

/// A body of `text/csv`.
pub struct Csv(Bytes);

impl<S: Send + Sync> FromRequest<S> for Csv {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/csv")) {
            return Err(Problem::unsupported_media_type("text/csv"));
        }
        let bytes = Bytes::from_request(request, state).await;
        bytes.map(Self).map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(ROSTER_LIMIT),
            _ => Problem::unreadable("The file could not be read to its end."),
        })
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use crate::tests::Api;

    #[tokio::test]
    async fn a_roster_is_taken_whole_with_bad_rows_set_apart_or_not_at_all() {
        let api = Api::synced().await;
        let manager = api.manager().await;
        let post = async |kind: &'static str, bytes: Vec<u8>| {
            manager.raw(Method::POST, "/api/v1/roster", Some((kind, bytes))).await
        };
        let good = api.world.sim.roster().await;
        let imported = post("text/csv; charset=utf-8", good.clone()).await.ok();
        assert!(imported["accepted"].as_i64().is_some_and(|rows| rows > 50), "{imported}");
        let held = post("text/csv", Vec::new()).await.refused(422, "held");
        assert!(held["remedy"].as_str().is_some_and(|remedy| !remedy.is_empty()), "R1: {held}");
        post("text/csv", b"who,what\n1,2\n".to_vec()).await.refused(422, "invalid");
        post("application/json", good.clone()).await.refused(415, "unsupported_media_type");
        let auditor = api.auditor().await;
        let refused = auditor.raw(Method::POST, "/api/v1/roster", Some(("text/csv", good))).await;
        refused.refused(403, "forbidden");
        api.finish().await;
    }

    #[tokio::test]
    async fn a_roster_may_be_larger_than_other_bodies_and_still_has_a_limit() {
        let api = Api::unsynced().await;
        let manager = api.manager().await;
        let line = b"x,".repeat(1024 * 1024);
        let large = manager.raw(Method::POST, "/api/v1/roster", Some(("text/csv", line.clone()))).await;
        large.refused(422, "invalid");
        let body = format!("{{\"reason\": \"{}\"}}", "x".repeat(crate::BODY_LIMIT)).into_bytes();
        let freeze = manager.raw(Method::POST, "/api/v1/freeze", Some(("application/json", body))).await;
        freeze.refused(413, "too_large");
        let larger = line.repeat(33);
        let larger = manager.raw(Method::POST, "/api/v1/roster", Some(("text/csv", larger))).await;
        larger.refused(413, "too_large");
        api.finish().await;
    }
}
