//! License types of the tenant and what they cost.

use reseat_domain::catalog;
use reseat_domain::ids::SkuId;
use reseat_domain::money::{self, Money};
use reseat_store::read as stored;
use reseat_store::read::skus::{SkuItem, find_sku, list_carrying_groups};
use reseat_store::subscriptions::list_subscriptions;
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::scalar::{Amounts, Moment, PaymentFrequencyName};
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

/// A license type with where its seats come from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SkuDetail {
    /// As in the list.
    #[serde(flatten)]
    pub sku: Sku,
    /// What was bought, the next to be renewed or to end first.
    pub subscriptions: Vec<Subscription>,
    /// When the next of them that Microsoft gives a date for is renewed or ends.
    pub next_lifecycle_at: Option<Moment>,
    /// The groups that give it to their members.
    pub groups: Vec<CarryingGroup>,
}

/// One purchase.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Subscription {
    /// Its id in the directory.
    pub subscription_id: String,
    /// Its id on the invoice.
    pub commerce_id: Option<String>,
    /// Microsoft's word, such as `Enabled` or `Suspended`.
    pub status: String,
    /// Seats of this purchase.
    pub total_units: i64,
    /// Whether nothing is paid for it.
    pub is_trial: bool,
    /// When it was bought.
    pub created_at: Option<Moment>,
    /// When it is renewed or ends.
    pub next_lifecycle_at: Option<Moment>,
}

/// A group that gives a license type to its members.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CarryingGroup {
    /// Its id.
    pub group_id: String,
    /// Shown name.
    pub display_name: String,
    /// `static`, `microsoft_365`, `dynamic`, `synced`, `mail_enabled` or `role_assignable`.
    pub kind: String,
    /// The rule that fills it, for a dynamic one.
    pub membership_rule: Option<String>,
    /// How many service plans are switched off on this path.
    pub plans_off: i64,
}

impl SkuDetail {
    /// Reads a license type with its purchases and groups.
    ///
    /// # Errors
    /// [`Problem`] 404.
    pub async fn read(state: &ApiState, sku_id: SkuId) -> Result<Self, Problem> {
        let sku = Sku::read(state, sku_id).await?;
        let tenant_id = state.engine.tenant_id();
        let mut tx = state.engine.store().read().await?;
        let bought = list_subscriptions(&mut tx, tenant_id, sku_id).await?;
        let groups = list_carrying_groups(&mut tx, tenant_id, sku_id).await?;
        Ok(Self {
            sku,
            next_lifecycle_at: bought.iter().find_map(|one| one.next_lifecycle_at).map(Moment),
            subscriptions: bought
                .into_iter()
                .map(|one| Subscription {
                    subscription_id: one.subscription_id,
                    commerce_id: one.commerce_id,
                    status: one.status.0,
                    total_units: one.total_units,
                    is_trial: one.is_trial,
                    created_at: one.created_at.map(Moment),
                    next_lifecycle_at: one.next_lifecycle_at.map(Moment),
                })
                .collect(),
            groups: groups
                .into_iter()
                .map(|group| CarryingGroup {
                    group_id: group.group_id.to_string(),
                    display_name: group.display_name,
                    kind: group.kind,
                    membership_rule: group.membership_rule,
                    plans_off: i64::try_from(group.disabled_plans.len()).unwrap_or(i64::MAX),
                })
                .collect(),
        })
    }
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
