//! Every seat under the safe preset, without a roster: employment is not asked for.

use std::collections::BTreeMap;

use reseat_domain::detect::{FindingKind, RosterReading, SeatFacts, Verdict, judge};
use reseat_domain::directory::{HeldSeat, Service};
use reseat_domain::evidence::Reading;
use reseat_domain::ids::{RuleId, SeatKey, SkuId};
use reseat_domain::money::Amounts;
use reseat_domain::rule::{Rule, UseSignals};

use crate::commands::scan::price::SkuPrice;
use crate::commands::scan::read::{Holder, Source, Tenant, fold};

/// A seat with what the rule says about it.
pub struct Found {
    /// Which seat.
    pub seat: SeatKey,
    /// What the rule says.
    pub verdict: Verdict,
}

/// One sku's counts.
#[derive(Default)]
pub struct SkuCounts {
    /// Seats held.
    pub seats: u64,
    /// All evidence says idle.
    pub idle: u64,
    /// Something required is missing.
    pub insufficient: u64,
    /// Only a person can tell.
    pub needs_person: u64,
    /// What the idle ones cost in a year, where a price was given.
    pub recoverable: Option<Amounts>,
}

/// What the scan found.
pub struct ScanResult {
    /// The rule in force.
    pub rule: Rule,
    /// Seats of every kind.
    pub seats: u64,
    /// Idle, longest first.
    pub idle: Vec<Found>,
    /// Something required is missing.
    pub insufficient: Vec<Found>,
    /// Only a person can tell.
    pub needs_person: Vec<Found>,
    /// By sku.
    pub by_sku: BTreeMap<SkuId, SkuCounts>,
    /// What all idle seats cost in a year, as far as prices were given.
    pub recoverable: Amounts,
}

/// Judges them.
pub fn every_seat(tenant: &Tenant, prices: &[SkuPrice]) -> ScanResult {
    let use_signals = match tenant.sign_ins {
        Source::NoPremium => UseSignals::ServicesOverTwoRefreshes,
        Source::Read(_) | Source::Concealed | Source::Missing(_) => UseSignals::SignInAndServices,
    };
    let rule = Rule::reseat_preset(RuleId::new(tenant.now, [0; 10]), use_signals);
    let mut result = ScanResult {
        rule,
        seats: 0,
        idle: Vec::new(),
        insufficient: Vec::new(),
        needs_person: Vec::new(),
        by_sku: BTreeMap::new(),
        recoverable: Amounts::default(),
    };
    let skus: BTreeMap<SkuId, _> = tenant.skus.iter().map(|sku| (sku.sku_id, sku)).collect();
    for (&user_id, holder) in &tenant.people {
        for held in &holder.seats {
            let sku = skus.get(&held.sku_id);
            let counts = result.by_sku.entry(held.sku_id).or_default();
            counts.seats += 1;
            result.seats += 1;
            if sku.is_some_and(|sku| !sku.assignable_to_people) {
                continue;
            }
            let services = match sku {
                Some(sku) if !sku.plans.is_empty() => {
                    Reading::Present { value: Service::of_sku(&sku.plans), as_of: tenant.now }
                }
                Some(_) | None => Reading::missing("the tenant does not say what this license contains"),
            };
            let verdict = judge(&facts(tenant, user_id, holder, held, services), &result.rule, tenant.now);
            let list = match verdict.kind {
                FindingKind::Idle => {
                    counts.idle += 1;
                    &mut result.idle
                }
                FindingKind::InsufficientEvidence => {
                    counts.insufficient += 1;
                    &mut result.insufficient
                }
                FindingKind::NeedsPerson => {
                    counts.needs_person += 1;
                    &mut result.needs_person
                }
                FindingKind::InUse => continue,
            };
            list.push(Found { seat: SeatKey { user_id, sku_id: held.sku_id }, verdict });
        }
    }
    for sku in &tenant.skus {
        let Some(counts) = result.by_sku.get_mut(&sku.sku_id) else { continue };
        let price = prices.iter().find(|price| price.is_for(sku));
        if let Some(line) = price.and_then(|price| price.price.annual(counts.idle, None)) {
            counts.recoverable = Some(std::iter::once(line).collect());
            result.recoverable.add(line);
        }
    }
    // The longest unused first; who was never seen to use it stands on top.
    result.idle.sort_by_key(|found| (found.verdict.last_activity, found.seat));
    result.insufficient.sort_by_key(|found| found.seat);
    result.needs_person.sort_by_key(|found| found.seat);
    result
}

fn facts(
    tenant: &Tenant,
    user_id: reseat_domain::ids::UserId,
    holder: &Holder,
    held: &HeldSeat,
    services: Reading<std::collections::BTreeSet<Service>>,
) -> SeatFacts {
    let name = fold(&holder.user_principal_name);
    let service_use = tenant.reports.service_use(&name);
    SeatFacts {
        seat: held.clone(),
        services,
        account_enabled: Reading::Present { value: holder.account_enabled, as_of: tenant.now },
        account_created: holder.created_at,
        declared: None,
        sign_in: tenant.sign_in(user_id),
        reports: tenant.reports.of(&name),
        service_use,
        roster: RosterReading::NotConnected,
    }
}
