//! License types and purchased quantities, what was bought until when, and which groups hand it on.

use reseat_connectors::ConnectorError;
use reseat_domain::catalog;
use reseat_store::integration;
use reseat_store::skus::{LicensedGroup, NamedSku, replace_licensed_groups, replace_skus};
use reseat_store::subscriptions::replace_subscriptions;

use super::activity::{is_missing_capability, set_problem};
use crate::sync::{Outcome, Running, SyncError};

pub(super) async fn run(running: &Running<'_>) -> Result<Outcome, SyncError> {
    let mut outcome = read_skus(running).await?;
    // Neither is needed to judge a seat, so what is missing there is its own matter.
    let subscriptions = read_subscriptions(running, &mut outcome).await;
    settle(running, "subscriptions", subscriptions).await?;
    let groups = read_groups(running, &mut outcome).await;
    settle(running, "groups", groups).await?;
    Ok(outcome)
}

async fn read_skus(running: &Running<'_>) -> Result<Outcome, SyncError> {
    let engine = running.engine;
    let read_at = engine.now();
    let reader = engine.reader()?;
    let skus: Vec<NamedSku> = running
        .alive(reader.skus())
        .await??
        .into_iter()
        .map(|sku| NamedSku {
            name: catalog::product_name(sku.sku_id).map_or_else(|| sku.part_number.clone(), str::to_owned),
            sku,
        })
        .collect();
    reseat_domain::gate::check_listing("the list of license types", 0, skus.len() as u64)?;
    let mut tx = engine.store().write().await?;
    running.keep_lease(&mut tx).await?;
    replace_skus(&mut tx, engine.tenant_id(), &skus).await?;
    let count = i64::try_from(skus.len()).unwrap_or(i64::MAX);
    integration::publish_source(&mut tx, engine.tenant_id(), "skus", read_at, count, engine.now()).await?;
    tx.commit().await?;
    let mut outcome = Outcome { text: format!("Read {count} license types"), ..Outcome::default() };
    outcome.counts.insert("license_types".to_owned(), count.into());
    Ok(outcome)
}

async fn read_subscriptions(running: &Running<'_>, outcome: &mut Outcome) -> Result<(), SyncError> {
    let engine = running.engine;
    let read_at = engine.now();
    let reader = engine.reader()?;
    let subscriptions = running.alive(reader.subscriptions()).await??;
    let mut tx = engine.store().write().await?;
    running.keep_lease(&mut tx).await?;
    replace_subscriptions(&mut tx, engine.tenant_id(), &subscriptions).await?;
    let count = i64::try_from(subscriptions.len()).unwrap_or(i64::MAX);
    integration::publish_source(&mut tx, engine.tenant_id(), "subscriptions", read_at, count, engine.now()).await?;
    tx.commit().await?;
    outcome.counts.insert("subscriptions".to_owned(), count.into());
    Ok(())
}

async fn read_groups(running: &Running<'_>, outcome: &mut Outcome) -> Result<(), SyncError> {
    let engine = running.engine;
    let read_at = engine.now();
    let reader = engine.reader()?;
    let groups: Vec<LicensedGroup> = running
        .alive(reader.groups_with_licenses())
        .await??
        .into_iter()
        .map(|read| LicensedGroup {
            group_id: read.group.group_id,
            display_name: read.group.display_name.clone(),
            kind: read.group.kind_words(),
            membership_rule: read.membership_rule,
            licenses: read.licenses,
        })
        .collect();
    let mut tx = engine.store().write().await?;
    running.keep_lease(&mut tx).await?;
    replace_licensed_groups(&mut tx, engine.tenant_id(), &groups).await?;
    let count = i64::try_from(groups.len()).unwrap_or(i64::MAX);
    integration::publish_source(&mut tx, engine.tenant_id(), "groups", read_at, count, engine.now()).await?;
    tx.commit().await?;
    outcome.counts.insert("licensed_groups".to_owned(), count.into());
    Ok(())
}

/// A source this tenant or connection cannot deliver is named and no failure of the run.
async fn settle(running: &Running<'_>, source: &'static str, result: Result<(), SyncError>) -> Result<(), SyncError> {
    let Err(SyncError::Source(error)) = &result else { return result };
    if !is_missing_capability(error) && !matches!(error, ConnectorError::Malformed(_)) {
        return result;
    }
    let text = match error.remedy() {
        Some(remedy) => format!("{error}. {remedy}"),
        None => error.to_string(),
    };
    set_problem(running, source, &text).await
}
