//! Sign-in dates: a slow lane of its own, which can be interrupted and goes on where it was.

use std::collections::BTreeSet;

use reseat_connectors::{ConnectorError, Cursor};
use reseat_store::integration::{self, Progress};
use reseat_store::rounds;
use serde::{Deserialize, Serialize};

use super::activity::{is_missing_capability, set_problem};
use crate::crash::crash_point;
use crate::sync::{NO_PREMIUM, Outcome, Running, SyncError};

/// How often a lane whose page token ran out is begun again in one run (G45, G47).
const RESTARTS: usize = 2;

/// Where the slow lane stands.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Lane {
    cursor: Option<String>,
    done: i64,
}

pub(super) async fn read_sign_ins(running: &Running<'_>, outcome: &mut Outcome) -> Result<(), SyncError> {
    let engine = running.engine;
    let tenant_id = engine.tenant_id();
    let mut tx = engine.store().read().await?;
    let sources = integration::list_sources(&mut tx, tenant_id).await?;
    drop(tx);
    let state = sources.iter().find(|row| row.source == "sign_ins").map_or("{}", |row| row.state.as_str());
    let mut lane: Lane = serde_json::from_str(state).unwrap_or_default();
    let mut seen = BTreeSet::new();
    let mut restarts = 0;
    loop {
        let cursor = lane.cursor.as_deref().map(Cursor::from_stored);
        let read_at = engine.now();
        let page = match engine.parts().reader.sign_ins_page(cursor.as_ref()).await {
            Ok(page) => page,
            Err(ConnectorError::RestartListing) if lane.cursor.is_some() && restarts < RESTARTS => {
                // The page token ran out while the lane rested: begin again, nothing is lost.
                restarts += 1;
                lane = Lane::default();
                seen.clear();
                continue;
            }
            Err(ConnectorError::Premium) => {
                set_problem(running, "sign_ins", NO_PREMIUM).await?;
                outcome.counts.insert("sign_ins".to_owned(), 0.into());
                return Ok(());
            }
            Err(error) if is_missing_capability(&error) => {
                set_problem(running, "sign_ins", &error.to_string()).await?;
                return Err(error.into());
            }
            Err(error) => return Err(error.into()),
        };
        lane.done += i64::try_from(page.items.len()).unwrap_or(0);
        lane.cursor = page.next.as_ref().map(|next| next.as_str().to_owned());
        let repeated = lane.cursor.as_ref().is_some_and(|next| !seen.insert(next.clone()));
        if repeated {
            return Err(ConnectorError::RestartListing.into());
        }
        let mut tx = engine.store().write().await?;
        running.keep_lease(&mut tx).await?;
        rounds::upsert_sign_ins(&mut tx, tenant_id, &page.items, read_at).await?;
        let text = serde_json::to_string(&lane).unwrap_or_else(|_| "{}".to_owned());
        integration::set_source_state(&mut tx, tenant_id, "sign_ins", &text).await?;
        tx.commit().await?;
        crash_point("sign_ins_page");
        let done = lane.done;
        running
            .progress(Progress {
                done,
                total: None,
                unit: "people",
                text: format!("Read the sign-in dates of {done} people"),
            })
            .await?;
        if lane.cursor.is_none() {
            let mut tx = engine.store().write().await?;
            running.keep_lease(&mut tx).await?;
            let rows = rounds::publish_sign_ins(&mut tx, tenant_id, engine.now()).await?;
            integration::publish_source(&mut tx, tenant_id, "sign_ins", read_at, rows, engine.now()).await?;
            integration::set_source_state(&mut tx, tenant_id, "sign_ins", "{}").await?;
            tx.commit().await?;
            outcome.counts.insert("sign_ins".to_owned(), rows.into());
            outcome.text = format!("{}; read the sign-in dates of {rows} people", outcome.text);
            return Ok(());
        }
    }
}
