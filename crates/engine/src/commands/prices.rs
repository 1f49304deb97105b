//! What a seat costs, entered by whoever pays for it. A sku without a price is shown as such, never
//! as zero.

use reseat_domain::ids::{PlanItemId, SkuId};
use reseat_domain::money::Price;
use reseat_domain::role::Permission;
use reseat_store::trail::Log;
use reseat_store::{Tx, skus};

use crate::commands::permit;
use crate::engine::Engine;
use crate::error::CommandError;
use crate::moves::{By, Caller, Note, entry};

/// Enters what a seat of a sku costs.
///
/// # Errors
/// [`CommandError::NotFound`] for a sku this tenant does not have.
pub async fn set_price(engine: &Engine, caller: &Caller, sku_id: SkuId, price: Price) -> Result<(), CommandError> {
    permit(caller, Permission::ManagePrices)?;
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    let mut tx = engine.store().write().await?;
    let name = sku_name(engine, &mut tx, sku_id).await?;
    let id = PlanItemId::new(now, engine.random()).to_string();
    skus::set_price(&mut tx, tenant_id, &id, sku_id, price, now).await?;
    let details = serde_json::json!({
        "amount": price.amount().to_string(), "currency": price.currency.to_string(),
        "payment_frequency": price.frequency.as_str(),
    });
    let (amount, currency) = (price.amount(), price.currency);
    let text =
        format!("Price of {name} entered: {amount} {currency}, paid {}", price.frequency.as_str().replace('_', " "));
    let note = Note::with(text, details);
    let draft = entry(engine, By::Person(caller), "price.set", ("sku", &sku_id.to_string()), &note);
    engine.append_audit(&mut tx, Log::Tenant(tenant_id), &draft).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a price away: the sku is unpriced again.
///
/// # Errors
/// [`CommandError::NotFound`] for a sku this tenant does not have.
pub async fn clear_price(engine: &Engine, caller: &Caller, sku_id: SkuId) -> Result<(), CommandError> {
    permit(caller, Permission::ManagePrices)?;
    let tenant_id = engine.tenant_id();
    let mut tx = engine.store().write().await?;
    let name = sku_name(engine, &mut tx, sku_id).await?;
    skus::delete_price(&mut tx, tenant_id, sku_id).await?;
    let note = Note::text(format!("Price of {name} taken away"));
    let draft = entry(engine, By::Person(caller), "price.cleared", ("sku", &sku_id.to_string()), &note);
    engine.append_audit(&mut tx, Log::Tenant(tenant_id), &draft).await?;
    tx.commit().await?;
    Ok(())
}

/// The name of a sku of this tenant.
async fn sku_name(engine: &Engine, tx: &mut Tx, sku_id: SkuId) -> Result<String, CommandError> {
    let known = skus::list_skus(tx, engine.tenant_id()).await?.into_iter().find(|named| named.sku.sku_id == sku_id);
    let missing = || CommandError::NotFound(format!("This tenant has no license type {sku_id}."));
    known.map(|named| named.name).ok_or_else(missing)
}
