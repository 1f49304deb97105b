//! `GET /audit/verify`

use axum::extract::State;
use reseat_domain::audit::Broken;
use reseat_engine::commands::{self, LogReport};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::Json;
use crate::problem::Problem;
use crate::state::ApiState;

/// Whether the trail holds.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TrailReport {
    /// Whether every entry of every log holds.
    pub ok: bool,
    /// Every log that was checked.
    pub logs: Vec<CheckedLog>,
    /// The first entry that does not hold.
    pub broken: Option<BrokenEntry>,
}

/// A log that was checked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CheckedLog {
    /// Which.
    pub log: String,
    /// Entries that hold.
    pub entries: u64,
    /// The chain hash after the last of them.
    pub head: String,
}

/// An entry that does not hold.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BrokenEntry {
    /// In which log.
    pub log: String,
    /// Which entry.
    pub seq: u64,
    /// What is wrong.
    pub why: String,
}

/// Checks every entry of the trail against its hash, its chain and its readable part.
#[utoipa::path(
    get,
    path = "/audit/verify",
    tag = "audit",
    responses((status = 200, description = "Whether the trail holds; if not, the first entry that does not.", body = TrailReport)),
)]
pub async fn verify_audit(State(state): State<ApiState>) -> Result<Json<TrailReport>, Problem> {
    let report = commands::verify_trail(state.engine.store(), Some(state.engine.sealer())).await?;
    let logs = report.logs.into_iter();
    Ok(Json(TrailReport {
        ok: report.broken.is_none(),
        logs: logs.map(|LogReport { log, entries, head }| CheckedLog { log, entries, head }).collect(),
        broken: report.broken.map(|Broken { log, seq, why }| BrokenEntry { log, seq, why }),
    }))
}
