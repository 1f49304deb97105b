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

#[cfg(test)]
mod tests {
    use crate::tests::Api;

    #[tokio::test]
    async fn the_trail_is_listed_read_and_verified() {
        let api = Api::synced().await;
        api.world.propose(api.world.idle_seats().await[0]).await;
        let auditor = api.auditor().await;
        let report = auditor.get("/audit/verify").await.ok();
        assert_eq!((&report["ok"], report["logs"].as_array().map(Vec::len)), (&true.into(), Some(2)));
        let listed = auditor.get("/audit?limit=1").await.ok();
        let newest = &listed["items"][0];
        assert_eq!(newest["verb"], "candidate.start_proposed", "{newest:#}");
        assert_eq!(newest["actor"]["name"], "manager");
        let entry = auditor.get(&format!("/audit/{}", newest["seq"])).await.ok();
        assert_eq!(entry["leaf_hash"].as_str().map(str::len), Some(64));
        let older =
            auditor.get(&format!("/audit?limit=1&cursor={}", listed["next_cursor"].as_str().expect("more"))).await;
        assert_ne!(older.ok()["items"][0]["seq"], newest["seq"]);
        let accounts = auditor.get("/audit?log=installation&object_kind=account").await.ok();
        assert!(accounts["items"].as_array().is_some_and(|items| items.len() >= 5));
        auditor.get("/audit/999999").await.refused(404, "not_found");
        api.someone("reviewer", &[reseat_domain::role::Role::Reviewer])
            .await
            .get("/audit")
            .await
            .refused(403, "forbidden");
        api.finish().await;
    }
}
