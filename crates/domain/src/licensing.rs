//! Where seats come from: what was bought until when, and which groups hand it on.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::directory::OpenWord;
use crate::ids::{GroupId, ServicePlanId, SkuId};
use crate::time::Timestamp;

/// One purchase of a sku (graph-facts 3.2). A sku may be bought several times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Its id in the directory.
    pub subscription_id: String,
    /// Its id on the invoice.
    pub commerce_id: Option<String>,
    /// What was bought.
    pub sku_id: SkuId,
    /// `Enabled`, `Warning`, `Suspended`, `Deleted`, `LockedOut`, or a later word.
    pub status: OpenWord,
    /// Seats of this purchase.
    pub total_units: i64,
    /// Whether nothing is paid for it.
    pub is_trial: bool,
    /// When it was bought.
    pub created_at: Option<Timestamp>,
    /// When it is renewed or ends; `None` where Microsoft does not say.
    pub next_lifecycle_at: Option<Timestamp>,
    /// The tenant of the partner who sold it, if a partner did.
    pub sold_by_tenant: Option<String>,
}

/// A sku that a group gives to its members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupLicense {
    /// Which group.
    pub group_id: GroupId,
    /// What it gives.
    pub sku_id: SkuId,
    /// Service plans switched off on this path.
    pub disabled_plans: BTreeSet<ServicePlanId>,
}
