//! License types of the tenant and what they cost.

use reseat_domain::catalog;
use reseat_domain::ids::SkuId;
use reseat_domain::money::{self, Money};
use reseat_store::read as stored;
use reseat_store::read::skus::{SkuItem, find_sku};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::scalar::{Amounts, PaymentFrequencyName};
use crate::state::ApiState;

pub mod clear_price;
pub mod list;
pub mod read;
pub mod set_price;

/// A license type, named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SkuRef {
    /// Its id.
    pub sku_id: String,
    /// Friendly name, or the part number.
    pub name: String,
    /// Microsoft's part number.
    pub part_number: String,
}

/// A license type with its seats, its price and what was found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Sku {
    /// Its name.
    #[serde(flatten)]
    pub sku: SkuRef,
    /// Seats paid for that can be held now.
    pub purchased: i64,
    /// Seats held, as counted from people.
    pub assigned: i64,
    /// Seats nobody holds; negative when over-assigned.
    pub free: i64,
    /// Seats taken, as Microsoft counts.
    pub consumed_units: i64,
    /// Microsoft's word, such as `Enabled` or `Suspended`.
    pub capability_status: String,
    /// Whether people can hold it.
    pub assignable_to_people: bool,
    /// Whether Microsoft gives it away.
    pub is_free: bool,
    /// The services whose use is reported by person.
    pub services: Vec<String>,
    /// What one seat costs; null when nobody entered it.
    pub price: Option<SkuPrice>,
    /// What its held seats cost in a year; null without a price.
    pub annual_spend: Option<Amounts>,
    /// All evidence says idle.
    pub idle: i64,
    /// Some evidence speaks for keeping it.
    pub in_use: i64,
    /// A required signal is missing, stale or contradicts another.
    pub insufficient_evidence: i64,
    /// Only a person can tell.
    pub needs_person: i64,
    /// What its idle seats cost in a year; null without a price.
    pub recoverable: Option<Amounts>,
    /// Candidates not closed.
    pub open_candidates: i64,
}

/// What one seat costs each time it is paid.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SkuPrice {
    /// A decimal of up to six places.
    pub amount: String,
    /// Currency code.
    pub currency: String,
    /// How often it is paid.
    pub payment_frequency: PaymentFrequencyName,
}

/// License types.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SkuList {
    /// This page.
    pub items: Vec<Sku>,
    /// Where the next page begins; null on the last one.
    pub next_cursor: Option<String>,
}

impl From<stored::SkuRef> for SkuRef {
    fn from(sku: stored::SkuRef) -> Self {
        Self { sku_id: sku.sku_id.to_string(), name: sku.name, part_number: sku.part_number }
    }
}

impl Sku {
    /// Reads a license type.
    ///
    /// # Errors
    /// [`Problem`] 404.
    pub async fn read(state: &ApiState, sku_id: SkuId) -> Result<Self, Problem> {
        let mut tx = state.engine.store().read().await?;
        let found = find_sku(&mut tx, state.engine.tenant_id(), sku_id).await?;
        Ok(found.ok_or_else(|| Problem::not_found("license type"))?.into())
    }
}

impl From<SkuItem> for Sku {
    fn from(item: SkuItem) -> Self {
        let priced = |money: Option<Money>| item.price.map(|_| money.into_iter().collect::<money::Amounts>().into());
        Self {
            purchased: item.purchased(),
            assigned: item.assigned,
            free: item.free(),
            consumed_units: item.consumed_units,
            assignable_to_people: item.assignable_to_people,
            is_free: catalog::is_free(item.sku.sku_id),
            services: item.services.iter().map(ToString::to_string).collect(),
            annual_spend: priced(item.annual_spend),
            idle: item.findings.idle,
            in_use: item.findings.in_use,
            insufficient_evidence: item.findings.insufficient_evidence,
            needs_person: item.findings.needs_person,
            recoverable: priced(item.recoverable),
            open_candidates: item.open_candidates,
            price: item.price.map(|price| SkuPrice {
                amount: price.amount().to_string(),
                currency: price.currency.to_string(),
                payment_frequency: price.frequency.into(),
            }),
            capability_status: item.capability_status,
            sku: item.sku.into(),
        }
    }
}
