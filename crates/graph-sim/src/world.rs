//! The simulated tenant: what the seed says, with a sparse overlay of what was changed since.

use crate::catalogue::{EXCHANGESTANDARD, FLOW_FREE, PROJECTPROFESSIONAL, SKUS, STORAGE, SkuIndex, VISIOCLIENT};
use crate::clock::Millis;
use crate::effects::{Actor, EffectKind, Effects};
use crate::groups::{GROUPS, GroupIndex, GroupKind};
use crate::holdings::{Direct, Holdings, Inherited, InheritedState, Membership};
use crate::people::{Kind, Population};
use crate::seed::Topic;
use crate::settings::Settings;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// How long before-images are kept: longer than any lag a test sets.
const KEPT_IMAGES: usize = 4;

/// A license a group carries now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupLicense {
    pub sku: SkuIndex,
    pub disabled: Vec<Uuid>,
    /// Seconds; 0 while unchanged since the epoch.
    pub since: i64,
}

/// The license paths and memberships of a person somebody touched.
#[derive(Clone, Debug)]
pub struct Paths {
    pub holdings: Holdings,
    pub groups: Vec<Membership>,
    /// Before-images, oldest first: what a lagging replica still shows.
    images: Vec<(Millis, Holdings)>,
    /// Seconds; no two assignments of one person carry the same `lastUpdatedDateTime`.
    stamp: i64,
}

/// What was changed about a user object.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    pub enabled: Option<bool>,
    /// Seconds; replaces the generated sign-ins and report days.
    pub last_sign_in: Option<i64>,
    /// When the object was deleted.
    pub deleted: Option<Millis>,
    pub paths: Option<Paths>,
}

/// A membership change whose licenses follow later.
#[derive(Clone, Debug)]
struct Pending {
    due: Millis,
    user: u64,
    actor: Actor,
}

/// The tenant.
pub struct World {
    pub population: Population,
    pub group_share: u64,
    pub settings: Settings,
    pub effects: Effects,
    pub mail: Vec<Value>,
    /// Client ids an administrator consented to since the start: all they declare.
    pub consented: BTreeSet<String>,
    /// User indexes in the order they changed, for delta queries.
    pub changes: Vec<u64>,
    pub consumed: [i64; SKUS.len()],
    pub prepaid: [i64; SKUS.len()],
    pub group_licenses: Vec<Vec<GroupLicense>>,
    touched: HashMap<u64, Touched>,
    pending: Vec<Pending>,
}

impl World {
    /// Builds the tenant; walks all people once to count seats.
    pub fn new(population: Population, group_share: u64, settings: Settings) -> Self {
        let group_licenses = GROUPS
            .iter()
            .map(|group| {
                group.skus.iter().map(|sku| GroupLicense { sku: *sku, disabled: Vec::new(), since: 0 }).collect()
            })
            .collect();
        let mut world = Self {
            population,
            group_share,
            settings,
            effects: Effects::default(),
            mail: Vec::new(),
            consented: BTreeSet::new(),
            changes: Vec::new(),
            consumed: [0; SKUS.len()],
            prepaid: [0; SKUS.len()],
            group_licenses,
            touched: HashMap::new(),
            pending: Vec::new(),
        };
        world.consumed = world.count_seats();
        for (sku, prepaid) in world.prepaid.iter_mut().enumerate() {
            let consumed = world.consumed[sku];
            *prepaid = match sku {
                // Bought less after a reduction: more consumed than paid for.
                EXCHANGESTANDARD => (consumed - 3).max(0),
                // Exhausted: a restore finds no seat once somebody else took it.
                VISIOCLIENT => consumed,
                FLOW_FREE => consumed + 10_000,
                STORAGE => 500,
                _ => consumed + consumed / 12 + 3,
            };
        }
        world
    }

    /// Counts holders of every license type, on all processors: a million people must not take long.
    fn count_seats(&self) -> [i64; SKUS.len()] {
        let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
        let users = self.population.users;
        let part = |worker: u64| {
            let mut consumed = [0; SKUS.len()];
            for index in (users * worker / workers)..(users * (worker + 1) / workers) {
                let seats = self.holdings(index).seats();
                for (sku, count) in consumed.iter_mut().enumerate() {
                    *count += i64::from(seats >> sku & 1);
                }
            }
            consumed
        };
        let mut total = [0; SKUS.len()];
        std::thread::scope(|scope| {
            let running: Vec<_> = (0..workers).map(|worker| scope.spawn(move || part(worker))).collect();
            for counted in running {
                let counted = counted.join().expect("counting does not panic");
                for (sum, count) in total.iter_mut().zip(counted) {
                    *sum += count;
                }
            }
        });
        total
    }

    /// Seats of the whole tenant: one per person and license type.
    pub fn seats(&self) -> i64 {
        self.consumed.iter().sum()
    }

    /// Units in the warning state (past expiry, still usable).
    pub fn warning_units(sku: SkuIndex) -> i64 {
        if sku == PROJECTPROFESSIONAL { 5 } else { 0 }
    }

    /// The index behind an object id or user principal name, if the object exists and is not deleted.
    pub fn find_user(&self, key: &str) -> Option<u64> {
        let index = match key.parse::<Uuid>() {
            Ok(id) => self.population.seed.index_of(id, Topic::UserId)?,
            Err(_) => {
                (0..self.population.users).find(|index| self.population.person(*index).upn.eq_ignore_ascii_case(key))?
            }
        };
        (index < self.population.users && !self.is_deleted(index)).then_some(index)
    }

    /// The group behind an object id.
    pub fn find_group(&self, key: &str) -> Option<GroupIndex> {
        let id = key.parse::<Uuid>().ok()?;
        let index = usize::try_from(self.population.seed.index_of(id, Topic::GroupId)?).ok()?;
        (index < GROUPS.len()).then_some(index)
    }

    /// A group's object id.
    pub fn group_id(&self, group: GroupIndex) -> Uuid {
        self.population.seed.guid(group as u64, Topic::GroupId)
    }

    /// A person's object id.
    pub fn user_id(&self, index: u64) -> Uuid {
        self.population.seed.guid(index, Topic::UserId)
    }

    /// User objects that exist now, of every kind.
    pub fn user_objects(&self) -> u64 {
        self.population.users - self.touched.values().filter(|touched| touched.deleted.is_some()).count() as u64
    }

    /// Deleted objects with the moment of their end, in the order of their indexes.
    pub fn deleted(&self) -> Vec<(u64, Millis)> {
        let mut deleted: Vec<(u64, Millis)> =
            self.touched.iter().filter_map(|(index, touched)| touched.deleted.map(|at| (*index, at))).collect();
        deleted.sort_unstable();
        deleted
    }

    /// The index behind the object id of a deleted object.
    pub fn find_deleted(&self, key: &str) -> Option<u64> {
        let index = self.population.seed.index_of(key.parse().ok()?, Topic::UserId)?;
        self.is_deleted(index).then_some(index)
    }

    pub fn is_deleted(&self, index: u64) -> bool {
        self.touched.get(&index).is_some_and(|touched| touched.deleted.is_some())
    }

    /// Whether the account can sign in; a departing person's account stays enabled, as happens.
    pub fn is_enabled(&self, index: u64) -> bool {
        self.touched
            .get(&index)
            .and_then(|touched| touched.enabled)
            .unwrap_or_else(|| self.population.kind(index).is_enabled())
    }

    /// The last sign-in somebody set by hand, in seconds.
    pub fn set_sign_in(&self, index: u64) -> Option<i64> {
        self.touched.get(&index).and_then(|touched| touched.last_sign_in)
    }

    /// `usageLocation`: guests and a few people have none.
    pub fn usage_location(&self, index: u64) -> Option<&'static str> {
        let kind = self.population.kind(index);
        if kind == Kind::Guest || (index > 40 && self.population.seed.below(index, Topic::Location, 300) == 3) {
            return None;
        }
        Some(self.population.person(index).country.0)
    }

    /// Direct memberships now.
    pub fn memberships(&self, index: u64) -> Vec<Membership> {
        match self.touched.get(&index).and_then(|touched| touched.paths.as_ref()) {
            Some(paths) => paths.groups.clone(),
            None => self.population.base_paths(index, self.group_share).1,
        }
    }

    /// What the person holds in truth.
    pub fn holdings(&self, index: u64) -> Holdings {
        match self.touched.get(&index).and_then(|touched| touched.paths.as_ref()) {
            Some(paths) => paths.holdings.clone(),
            None => {
                let (direct, groups) = self.population.base_paths(index, self.group_share);
                Holdings { inherited: self.inherited_by(index, &groups), direct }
            }
        }
    }

    /// What a read at `now` shows: writes younger than the read lag are not visible yet (G22).
    pub fn holdings_as_read(&self, index: u64, now: Millis) -> Holdings {
        let lag = self.settings.read_lag_ms;
        self.touched
            .get(&index)
            .and_then(|touched| touched.paths.as_ref())
            .and_then(|paths| paths.images.iter().find(|(changed, _)| *changed > now - lag))
            .map_or_else(|| self.holdings(index), |(_, image)| image.clone())
    }

    /// What the person held before the latest change, for stale and flickering reads (G22, G23).
    pub fn holdings_before(&self, index: u64) -> Option<Holdings> {
        let paths = self.touched.get(&index)?.paths.as_ref()?;
        paths.images.last().map(|(_, image)| image.clone())
    }

    /// A change somebody else made is visible at once: the race it plays is lost or won at the write.
    pub fn forget_images(&mut self, index: u64) {
        if let Some(paths) = self.touched.get_mut(&index).and_then(|touched| touched.paths.as_mut()) {
            paths.images.clear();
        }
    }

    fn inherited_by(&self, index: u64, groups: &[Membership]) -> Vec<Inherited> {
        let mut inherited = Vec::new();
        for member in groups {
            for license in &self.group_licenses[member.group] {
                inherited.push(Inherited {
                    sku: license.sku,
                    group: member.group,
                    disabled: license.disabled.clone(),
                    updated: (member.joined + 60).max(license.since),
                    state: InheritedState::Active,
                });
            }
        }
        if let Some(group) = self.population.base_stuck(index, groups) {
            let stuck = self.population.base_inherited(index, groups);
            inherited
                .extend(stuck.into_iter().filter(|path| path.group == group && path.state == InheritedState::Stuck));
        }
        inherited
    }

    /// The overlay entry, made from the seed at the first change.
    fn paths_mut(&mut self, index: u64) -> &mut Paths {
        if self.touched.get(&index).is_none_or(|touched| touched.paths.is_none()) {
            let paths =
                Paths { holdings: self.holdings(index), groups: self.memberships(index), images: Vec::new(), stamp: 0 };
            self.touched.entry(index).or_default().paths = Some(paths);
        }
        self.touched.get_mut(&index).and_then(|touched| touched.paths.as_mut()).expect("made above")
    }

    /// Replaces what a person holds: counts seats, keeps the before-image, records every path that came or went.
    pub fn set_holdings(&mut self, index: u64, mut after: Holdings, now: Millis, actor: &Actor) {
        let paths = self.paths_mut(index);
        let before = paths.holdings.clone();
        for path in after.direct.iter_mut().filter(|path| !before.direct.contains(path)) {
            paths.stamp = (paths.stamp + 1).max(now / 1000);
            path.updated = paths.stamp;
        }
        if before == after {
            return;
        }
        paths.images.push((now, before.clone()));
        if paths.images.len() > KEPT_IMAGES {
            paths.images.remove(0);
        }
        paths.holdings = after.clone();
        let (was, is) = (before.seats(), after.seats());
        for (sku, consumed) in self.consumed.iter_mut().enumerate() {
            *consumed += i64::from(is >> sku & 1) - i64::from(was >> sku & 1);
        }
        self.changes.push(index);
        let user_id = self.user_id(index).to_string();
        let flat = |holdings: &Holdings| -> BTreeMap<(SkuIndex, Option<GroupIndex>), Vec<Uuid>> {
            let direct = holdings.direct.iter().map(|path| ((path.sku, None), path.disabled.clone()));
            direct
                .chain(holdings.inherited.iter().map(|path| ((path.sku, Some(path.group)), path.disabled.clone())))
                .collect()
        };
        let (was, is) = (flat(&before), flat(&after));
        let mut found: Vec<(EffectKind, SkuIndex, Option<GroupIndex>)> = Vec::new();
        for ((sku, group), disabled) in &was {
            match is.get(&(*sku, *group)) {
                None => found.push((EffectKind::LicenseRemoved, *sku, *group)),
                Some(now_disabled) if now_disabled != disabled => found.push((EffectKind::PlansChanged, *sku, *group)),
                Some(_) => {}
            }
        }
        found.extend(
            is.keys()
                .filter(|path| !was.contains_key(path))
                .map(|(sku, group)| (EffectKind::LicenseAdded, *sku, *group)),
        );
        for (kind, sku, group) in found {
            let group = group.map(|group| self.group_id(group).to_string());
            self.effects.record(now, actor, user_id.clone(), kind, Some(SKUS[sku].id.to_string()), group);
        }
    }

    /// Adds or removes a direct membership; the licenses follow after the group delay.
    pub fn set_membership(&mut self, index: u64, group: GroupIndex, member: bool, now: Millis, actor: &Actor) {
        let due = now + self.settings.group_delay_ms;
        let paths = self.paths_mut(index);
        let had = paths.groups.iter().any(|membership| membership.group == group);
        if had == member {
            return;
        }
        if member {
            paths.groups.push(Membership { group, joined: now / 1000 });
        } else {
            paths.groups.retain(|membership| membership.group != group);
        }
        let kind = if member { EffectKind::GroupMemberAdded } else { EffectKind::GroupMemberRemoved };
        let (user_id, group_id) = (self.user_id(index).to_string(), self.group_id(group).to_string());
        self.effects.record(now, actor, user_id, kind, None, Some(group_id));
        self.changes.push(index);
        self.pending.push(Pending { due, user: index, actor: actor.clone() });
        self.settle(now);
    }

    /// Whether something waits to happen before `now`.
    pub fn has_due(&self, now: Millis) -> bool {
        self.pending.iter().any(|pending| pending.due <= now)
    }

    /// Lets licenses follow memberships whose delay has passed, in the order they fell due.
    pub fn settle(&mut self, now: Millis) {
        let mut due: Vec<Pending> = Vec::new();
        self.pending.retain(|pending| {
            let ready = pending.due <= now;
            if ready {
                due.push(pending.clone());
            }
            !ready
        });
        due.sort_by_key(|pending| pending.due);
        for pending in due {
            self.follow_memberships(pending.user, pending.due, &pending.actor);
        }
    }

    /// Recomputes what the person inherits. Unchanged paths keep their dates; stuck ones stay.
    pub fn follow_memberships(&mut self, index: u64, now: Millis, actor: &Actor) {
        let mut holdings = self.holdings(index);
        let groups = self.memberships(index);
        let mut inherited: Vec<Inherited> =
            holdings.inherited.iter().filter(|path| path.state == InheritedState::Stuck).cloned().collect();
        for member in &groups {
            for license in &self.group_licenses[member.group] {
                let kept = holdings.inherited.iter().find(|path| {
                    path.group == member.group
                        && path.sku == license.sku
                        && path.disabled == license.disabled
                        && path.state == InheritedState::Active
                });
                inherited.push(kept.cloned().unwrap_or_else(|| Inherited {
                    sku: license.sku,
                    group: member.group,
                    disabled: license.disabled.clone(),
                    updated: now / 1000,
                    state: InheritedState::Active,
                }));
            }
        }
        holdings.inherited = inherited;
        self.set_holdings(index, holdings, now, actor);
    }

    /// Changes what a group carries and lets every member follow.
    pub fn set_group_licenses(&mut self, group: GroupIndex, licenses: Vec<GroupLicense>, now: Millis, actor: &Actor) {
        let members: Vec<u64> = self.members(group, 0).collect();
        // Freeze what members hold before the group changes: untouched people are derived from the group.
        for index in &members {
            self.paths_mut(*index);
        }
        self.group_licenses[group] = licenses;
        for index in members {
            self.follow_memberships(index, now, actor);
        }
    }

    /// Members of a group from an index on.
    pub fn members(&self, group: GroupIndex, from: u64) -> impl Iterator<Item = u64> + '_ {
        (from..self.population.users).filter(move |index| {
            !self.is_deleted(*index) && self.memberships(*index).iter().any(|member| member.group == group)
        })
    }

    /// Deletes a user object: every seat is free at once.
    pub fn delete_user(&mut self, index: u64, now: Millis, actor: &Actor) {
        self.set_holdings(index, Holdings::default(), now, actor);
        let touched = self.touched.entry(index).or_default();
        touched.deleted = Some(now);
        if let Some(paths) = touched.paths.as_mut() {
            paths.groups.clear();
        }
        self.changes.push(index);
        let user_id = self.user_id(index).to_string();
        self.effects.record(now, actor, user_id, EffectKind::UserDeleted, None, None);
    }

    /// Another actor changes the account.
    pub fn patch_account(&mut self, index: u64, enabled: Option<bool>, last_sign_in: Option<i64>) {
        let touched = self.touched.entry(index).or_default();
        touched.enabled = enabled.or(touched.enabled);
        touched.last_sign_in = last_sign_in.or(touched.last_sign_in);
        self.changes.push(index);
    }

    /// Another actor takes the direct license away and lets a group give the same type (G27).
    pub fn become_inherited(&mut self, index: u64, sku: SkuIndex, now: Millis) {
        let Some(group) =
            (0..GROUPS.len()).find(|group| self.group_licenses[*group].iter().any(|license| license.sku == sku))
        else {
            return;
        };
        let actor = Actor::default();
        self.set_membership(index, group, true, now, &actor);
        self.pending.retain(|pending| pending.user != index);
        self.follow_memberships(index, now, &actor);
        let mut holdings = self.holdings(index);
        holdings.direct.retain(|path| path.sku != sku);
        self.set_holdings(index, holdings, now, &actor);
        self.forget_images(index);
    }

    /// A direct assignment as another actor would make it now.
    pub fn direct(sku: SkuIndex, disabled: Vec<Uuid>) -> Direct {
        Direct { sku, disabled, updated: 0 }
    }

    /// The kind of a group.
    pub fn group_kind(group: GroupIndex) -> GroupKind {
        GROUPS[group].kind
    }
}
