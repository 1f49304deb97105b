//! License types with their seats counted and priced.

use std::collections::{BTreeMap, BTreeSet};

use reseat_domain::candidate::StateName;
use reseat_domain::detect::FindingKind;
use reseat_domain::directory::Service;
use reseat_domain::ids::{GroupId, ServicePlanId, SkuId, TenantId};
use reseat_domain::money::{Money, Price};
use sqlx::FromRow;

use super::prices::{Prices, list_prices};
use super::query::Query;
use super::{SKU, SkuCols, SkuRef};
use crate::error::{StoreError, parse, parse_json};
use crate::pool::Tx;

/// A license type as its page shows it.
#[derive(Debug, Clone)]
pub struct SkuItem {
    /// Which.
    pub sku: SkuRef,
    /// Whether the tenant lists it; a sku that is only held has no units.
    pub listed: bool,
    /// Whether people can hold it.
    pub assignable_to_people: bool,
    /// Microsoft's word for its subscription.
    pub capability_status: String,
    /// Paid and live.
    pub enabled_units: i64,
    /// Past expiry, still usable.
    pub warning_units: i64,
    /// Blocked, data kept.
    pub suspended_units: i64,
    /// Taken, as the tenant counts.
    pub consumed_units: i64,
    /// Services whose use Microsoft reports.
    pub services: Vec<Service>,
    /// What a seat costs.
    pub price: Option<Price>,
    /// What the purchased seats cost in a year.
    pub annual_spend: Option<Money>,
    /// Seats held, as of the last published round.
    pub assigned: i64,
    /// Seats by what their finding says.
    pub findings: KindCounts,
    /// What the idle seats cost in a year.
    pub recoverable: Option<Money>,
    /// What the seats that need a person cost in a year.
    pub needs_person_value: Option<Money>,
    /// Candidates that are not closed.
    pub open_candidates: i64,
}

impl SkuItem {
    /// Seats paid for that can be held now.
    pub const fn purchased(&self) -> i64 {
        self.enabled_units + self.warning_units
    }

    /// Seats nobody holds; negative when over-assigned.
    pub const fn free(&self) -> i64 {
        self.purchased() - self.consumed_units
    }
}

/// Seats by what their finding says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KindCounts {
    /// All evidence says idle.
    pub idle: i64,
    /// Something speaks for keeping it.
    pub in_use: i64,
    /// A signal is missing or stale.
    pub insufficient_evidence: i64,
    /// Only a person can tell.
    pub needs_person: i64,
}

impl KindCounts {
    pub(super) fn add(&mut self, kind: FindingKind, count: i64) {
        match kind {
            FindingKind::Idle => self.idle += count,
            FindingKind::InUse => self.in_use += count,
            FindingKind::InsufficientEvidence => self.insufficient_evidence += count,
            FindingKind::NeedsPerson => self.needs_person += count,
        }
    }
}

#[derive(FromRow)]
struct Row {
    #[sqlx(flatten)]
    sku: SkuCols,
    assignable_to_people: bool,
    capability_status: String,
    enabled_units: i64,
    warning_units: i64,
    suspended_units: i64,
    consumed_units: i64,
    services: String,
}

/// Counts by sku, which come from the tables of seats, findings and candidates.
#[derive(Clone, Copy, Default)]
struct Counts {
    assigned: i64,
    findings: KindCounts,
    open_candidates: i64,
}

/// All license types, those with the most idle seats first.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_skus(tx: &mut Tx, tenant_id: TenantId) -> Result<Vec<SkuItem>, StoreError> {
    read_skus(tx, tenant_id, None).await
}

/// One license type.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_sku(tx: &mut Tx, tenant_id: TenantId, sku_id: SkuId) -> Result<Option<SkuItem>, StoreError> {
    Ok(read_skus(tx, tenant_id, Some(sku_id)).await?.into_iter().next())
}

async fn read_skus(tx: &mut Tx, tenant_id: TenantId, only: Option<SkuId>) -> Result<Vec<SkuItem>, StoreError> {
    let mut query = Query::new(format!(
        "select k.sku_id as held_sku_id, {SKU}, k.assignable_to_people, k.capability_status, k.enabled_units,
                k.warning_units, k.suspended_units, k.consumed_units, k.services from skus k"
    ));
    query.push(" where k.tenant_id = ?", [tenant_id.to_string().into()]);
    query.filter("k.sku_id = ?", only.map(|id| id.to_string()));
    let rows: Vec<Row> = query.fetch(tx).await?;
    let prices = list_prices(tx, tenant_id).await?;
    let mut counts = count_by_sku(tx, tenant_id, only).await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let sku = row.sku.into_ref()?;
        let counted = counts.remove(&sku.sku_id).unwrap_or_default();
        items.push(SkuItem {
            listed: true,
            assignable_to_people: row.assignable_to_people,
            capability_status: row.capability_status,
            enabled_units: row.enabled_units,
            warning_units: row.warning_units,
            suspended_units: row.suspended_units,
            consumed_units: row.consumed_units,
            services: parse_json("skus", "services", &row.services)?,
            ..unlisted(sku, counted)
        });
    }
    for (sku_id, counted) in counts {
        let held = SkuCols { held_sku_id: sku_id.to_string(), sku_name: None, part_number: None };
        items.push(unlisted(held.into_ref()?, counted));
    }
    for item in &mut items {
        price(item, &prices);
    }
    items.sort_by(|a, b| {
        (b.findings.idle, &a.sku.name, a.sku.sku_id).cmp(&(a.findings.idle, &b.sku.name, b.sku.sku_id))
    });
    Ok(items)
}

fn unlisted(sku: SkuRef, counts: Counts) -> SkuItem {
    SkuItem {
        sku,
        listed: false,
        assignable_to_people: true,
        capability_status: String::new(),
        enabled_units: 0,
        warning_units: 0,
        suspended_units: 0,
        consumed_units: counts.assigned,
        services: Vec::new(),
        price: None,
        annual_spend: None,
        assigned: counts.assigned,
        findings: counts.findings,
        recoverable: None,
        needs_person_value: None,
        open_candidates: counts.open_candidates,
    }
}

fn price(item: &mut SkuItem, prices: &Prices) {
    let sku_id = item.sku.sku_id;
    // What the tenant does not list any more was not bought as far as we know.
    let paid = if item.listed { item.purchased() } else { item.assigned };
    item.price = prices.price(sku_id);
    item.annual_spend = prices.annual(sku_id, paid);
    item.recoverable = prices.annual(sku_id, item.findings.idle);
    item.needs_person_value = prices.annual(sku_id, item.findings.needs_person);
}

async fn count_by_sku(
    tx: &mut Tx,
    tenant_id: TenantId,
    only: Option<SkuId>,
) -> Result<BTreeMap<SkuId, Counts>, StoreError> {
    let only = only.map(|id| id.to_string());
    let counted = |sql: &str, group: &str| {
        let mut query = Query::new(sql);
        query.push(" where tenant_id = ?", [tenant_id.to_string().into()]).filter("sku_id = ?", only.clone());
        query.push(group, []);
        query
    };
    let mut counts: BTreeMap<SkuId, Counts> = BTreeMap::new();
    let seats: Vec<(String, i64)> = counted("select sku_id, count(*) from seats", " group by sku_id").fetch(tx).await?;
    for (sku_id, count) in seats {
        counts.entry(parse("seats", "sku_id", &sku_id)?).or_default().assigned = count;
    }
    let findings: Vec<(String, String, i64)> =
        counted("select sku_id, kind, count(*) from findings", " group by sku_id, kind").fetch(tx).await?;
    for (sku_id, kind, count) in findings {
        let kind = parse("findings", "kind", &kind)?;
        counts.entry(parse("findings", "sku_id", &sku_id)?).or_default().findings.add(kind, count);
    }
    let candidates: Vec<(String, String, i64)> =
        counted("select sku_id, state, count(*) from candidates", " group by sku_id, state").fetch(tx).await?;
    for (sku_id, state, count) in candidates {
        let state: StateName = parse("candidates", "state", &state)?;
        if !state.is_closed() {
            counts.entry(parse("candidates", "sku_id", &sku_id)?).or_default().open_candidates += count;
        }
    }
    Ok(counts)
}

/// A group that gives a license type to its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarryingGroup {
    /// Its id.
    pub group_id: GroupId,
    /// Shown name.
    pub display_name: String,
    /// What kind of group it is, in one word: who may change its membership.
    pub kind: String,
    /// The rule that fills it, for a dynamic one.
    pub membership_rule: Option<String>,
    /// Service plans switched off on this path.
    pub disabled_plans: BTreeSet<ServicePlanId>,
}

#[derive(FromRow)]
struct GroupRow {
    group_id: String,
    display_name: String,
    kind: String,
    membership_rule: Option<String>,
    disabled_plans: String,
}

/// The groups that give a license type to their members, by name.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_carrying_groups(
    tx: &mut Tx,
    tenant_id: TenantId,
    sku_id: SkuId,
) -> Result<Vec<CarryingGroup>, StoreError> {
    let mut query = Query::new(
        "select l.group_id, g.display_name, g.kind, g.membership_rule, l.disabled_plans
         from group_licenses l join directory_groups g on g.tenant_id = l.tenant_id and g.group_id = l.group_id",
    );
    query.push(" where l.tenant_id = ? and l.sku_id = ?", [tenant_id.to_string().into(), sku_id.to_string().into()]);
    query.push(" order by g.display_name, l.group_id", []);
    let rows: Vec<GroupRow> = query.fetch(tx).await?;
    rows.into_iter()
        .map(|row| {
            Ok(CarryingGroup {
                group_id: parse("group_licenses", "group_id", &row.group_id)?,
                display_name: row.display_name,
                kind: row.kind,
                membership_rule: row.membership_rule,
                disabled_plans: parse_json("group_licenses", "disabled_plans", &row.disabled_plans)?,
            })
        })
        .collect()
}
