//! People, their accounts, their licenses with every path: read page by page, written aside, and
//! swapped in whole.

use std::collections::BTreeSet;

use reseat_connectors::ConnectorError;
use reseat_domain::gate::check_listing;
use reseat_domain::ids::GroupId;
use reseat_store::integration::{self, Progress};
use reseat_store::skus::{GroupName, upsert_groups};
use reseat_store::{StoreError, rounds};

use crate::crash::crash_point;
use crate::sync::{Outcome, Running, SyncError};

/// How often a listing whose page token ran out is begun again in one run (G45).
const RESTARTS: usize = 2;

pub(super) async fn run(running: &Running<'_>) -> Result<Outcome, SyncError> {
    let engine = running.engine;
    let tenant_id = engine.tenant_id();
    let read_at = engine.now();
    let mut groups = None;
    for attempt in 0..=RESTARTS {
        match read_aside(running).await {
            Ok(found) => {
                groups = Some(found);
                break;
            }
            Err(SyncError::Source(ConnectorError::RestartListing)) if attempt < RESTARTS => {}
            Err(error) => return Err(error),
        }
    }
    let groups = groups.unwrap_or_default();
    let names = group_names(running, &groups).await;

    let mut tx = engine.store().write().await?;
    // What lies aside may be another server's half-read listing by now.
    running.keep_lease(&mut tx).await?;
    let counts = rounds::count_round(&mut tx, tenant_id).await?;
    let unsigned = |value: i64| u64::try_from(value).unwrap_or(0);
    let believed = check_listing("the list of people", unsigned(counts.people), unsigned(counts.people_aside))
        .and_then(|()| {
            if counts.seats == 0 {
                Ok(())
            } else {
                check_listing("the list of seats", unsigned(counts.seats), unsigned(counts.seats_aside))
            }
        });
    if let Err(hold) = believed {
        let reason = hold.to_string();
        rounds::clear_people_aside(&mut tx, tenant_id).await?;
        integration::set_held(&mut tx, tenant_id, Some((&reason, engine.now()))).await?;
        tx.commit().await?;
        return Err(hold.into());
    }
    rounds::publish_people(&mut tx, tenant_id, engine.now()).await?;
    upsert_groups(&mut tx, tenant_id, &names).await?;
    integration::publish_source(&mut tx, tenant_id, "people", read_at, counts.people_aside, engine.now()).await?;
    integration::set_held(&mut tx, tenant_id, None).await?;
    integration::set_connection_status(&mut tx, tenant_id, "reader", "working", engine.now()).await?;
    tx.commit().await?;
    crash_point("people_published");
    let mut outcome = Outcome {
        text: format!("Read {} people with {} seats", counts.people_aside, counts.seats_aside),
        ..Outcome::default()
    };
    outcome.counts.insert("people".to_owned(), counts.people_aside.into());
    outcome.counts.insert("seats".to_owned(), counts.seats_aside.into());
    Ok(outcome)
}

/// Reads the whole listing aside; gives the groups that seats come through.
async fn read_aside(running: &Running<'_>) -> Result<BTreeSet<GroupId>, SyncError> {
    let engine = running.engine;
    let tenant_id = engine.tenant_id();
    let mut tx = engine.store().write().await?;
    running.keep_lease(&mut tx).await?;
    rounds::clear_people_aside(&mut tx, tenant_id).await?;
    tx.commit().await?;
    let mut cursor = None;
    let mut groups = BTreeSet::new();
    let mut seen_cursors = BTreeSet::new();
    let mut read: i64 = 0;
    loop {
        let page = engine.parts().reader.people_page(cursor.as_ref()).await?;
        read += i64::try_from(page.items.len()).unwrap_or(0);
        groups.extend(page.items.iter().flat_map(|person| person.seats.iter().flat_map(|seat| seat.groups())));
        let mut tx = engine.store().write().await?;
        running.keep_lease(&mut tx).await?;
        rounds::put_people_aside(&mut tx, tenant_id, &page.items).await.map_err(|error: StoreError| error)?;
        tx.commit().await?;
        crash_point("people_page");
        running
            .progress(Progress { done: read, total: None, unit: "people", text: format!("Read {read} people") })
            .await?;
        let Some(next) = page.next else { return Ok(groups) };
        if !seen_cursors.insert(next.as_str().to_owned()) {
            // The same page again and again (G47): what was read so far is not a listing.
            return Err(ConnectorError::RestartListing.into());
        }
        cursor = Some(next);
    }
}

/// Names are for people only: a group that cannot be read keeps its id as its name.
async fn group_names(running: &Running<'_>, ids: &BTreeSet<GroupId>) -> Vec<GroupName> {
    let ids: Vec<GroupId> = ids.iter().copied().collect();
    match running.engine.parts().reader.groups(&ids).await {
        Ok(groups) => groups
            .into_iter()
            .map(|group| GroupName {
                group_id: group.group_id,
                display_name: group.display_name.clone(),
                kind: group.kind_words(),
            })
            .collect(),
        Err(error) => {
            tracing::info!(error = %error, "group names could not be read; ids are shown instead");
            Vec::new()
        }
    }
}
