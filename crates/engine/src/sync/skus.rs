//! License types and purchased quantities.

use reseat_domain::catalog;
use reseat_store::integration;
use reseat_store::skus::{NamedSku, replace_skus};

use crate::sync::{Outcome, Running, SyncError};

pub(super) async fn run(running: &Running<'_>) -> Result<Outcome, SyncError> {
    let engine = running.engine;
    let read_at = engine.now();
    let skus: Vec<NamedSku> = engine
        .parts()
        .reader
        .skus()
        .await?
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
