//! What has to be known about the last round of people to go on from it: kept with the round itself.

use reseat_domain::time::Timestamp;
use reseat_store::integration;
use reseat_store::{StoreError, Tx};
use serde::{Deserialize, Serialize};

use crate::sync::{Running, SyncError};

/// The state of the source `people`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct PeopleState {
    /// When everybody was read last, microseconds.
    pub full_at: Option<i64>,
    /// How many people that round had: what goes away since then is counted against it, however many
    /// small steps it goes away in.
    pub people: i64,
    /// How many seats.
    pub seats: i64,
    /// Where the changes since the last publication are found.
    pub since: Option<String>,
}

impl PeopleState {
    pub(super) async fn load(running: &Running<'_>) -> Result<Self, SyncError> {
        let engine = running.engine;
        let mut tx = engine.store().read().await?;
        let sources = integration::list_sources(&mut tx, engine.tenant_id()).await?;
        let text = sources.iter().find(|row| row.source == "people").map_or("{}", |row| row.state.as_str());
        Ok(serde_json::from_str(text).unwrap_or_default())
    }

    /// Keeps it, in the transaction of the round it belongs to.
    pub(super) async fn keep(&self, running: &Running<'_>, tx: &mut Tx) -> Result<(), StoreError> {
        let text = serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned());
        integration::set_source_state(tx, running.engine.tenant_id(), "people", &text).await
    }

    /// Where the changes are, if the last whole round is young enough to go on from.
    pub(super) fn usable_since(&self, running: &Running<'_>) -> Option<&str> {
        let age = running.engine.now().seconds_since(Timestamp::from_micros(self.full_at?));
        let young = (0..running.engine.settings().full_round_seconds).contains(&age);
        self.since.as_deref().filter(|_| young)
    }
}
