//! The tenant of the model: who holds a seat since which assignment, and what a reading shows of it.

use std::collections::{BTreeMap, BTreeSet};

use reseat_domain::directory::{LicenseState, OpenWord, Path, Via};
use reseat_domain::ids::{SkuId, UserId};
use reseat_domain::plan::Fingerprint;
use reseat_domain::time::Timestamp;
use uuid::Uuid;

/// Stale readings that a seat may give, in all.
const STALE_READINGS: u8 = 2;

/// Which assignment of a seat; every new one has another.
pub type Assignment = u8;

/// A seat in truth.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Seat {
    /// Held since this assignment, or not at all.
    pub held: Option<Assignment>,
    /// What replicas that lag still show.
    before: Option<Assignment>,
    stale_left: u8,
    /// Whether somebody assigned it again.
    pub assigned_again: bool,
    /// How often a request of ours took it.
    pub taken: u8,
    /// Whether a request took it after somebody had kept it.
    pub taken_after_keep: bool,
}

impl Seat {
    pub const fn new() -> Self {
        Self {
            held: Some(0),
            before: Some(0),
            stale_left: STALE_READINGS,
            assigned_again: false,
            taken: 0,
            taken_after_keep: false,
        }
    }

    /// Everything a reading may show, with what is left of the lag after it.
    pub fn readings(&self) -> Vec<(Self, Option<Assignment>)> {
        let mut all = vec![(self.clone(), self.held)];
        if self.stale_left > 0 && self.before != self.held {
            all.push((Self { stale_left: self.stale_left - 1, ..self.clone() }, self.before));
        }
        all
    }

    /// A request of ours arrives; gives whether it took anything.
    pub const fn take(&mut self) -> bool {
        if self.held.is_none() {
            return false;
        }
        self.before = self.held;
        self.held = None;
        self.taken += 1;
        true
    }

    /// Somebody assigns it anew.
    pub const fn assign_again(&mut self) {
        self.before = self.held;
        self.held = Some(1);
        self.assigned_again = true;
    }
}

fn user_id() -> UserId {
    UserId::from_uuid(Uuid::from_u128(7))
}

/// The license of the model.
pub fn sku_id() -> SkuId {
    SkuId::from_uuid(Uuid::from_u128(9))
}

/// A reading as the product gets it.
pub fn reading(held: Option<Assignment>) -> LicenseState {
    let (mut assigned, mut paths) = (BTreeMap::new(), BTreeMap::new());
    if let Some(assignment) = held {
        assigned.insert(sku_id(), BTreeSet::new());
        let path = Path {
            via: Via::Direct,
            disabled_plans: BTreeSet::new(),
            state: OpenWord("Active".to_owned()),
            last_updated: Some(Timestamp::from_micros(i64::from(assignment) * 1_000_000)),
        };
        paths.insert(sku_id(), vec![path]);
    }
    LicenseState { user_id: user_id(), account_enabled: true, usage_location: None, assigned, paths, groups: None }
}

/// What was approved: the seat as it was first assigned.
pub fn approved() -> Fingerprint {
    let state = reading(Some(0));
    let seat = state.seat(sku_id()).expect("held at first");
    Fingerprint::of(user_id(), &seat)
}
