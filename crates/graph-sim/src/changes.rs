//! What happens to the tenant: licenses, memberships and accounts change, and what follows later does so in time.

use crate::catalogue::{SKUS, SkuIndex};
use crate::clock::Millis;
use crate::effects::{Actor, EffectKind};
use crate::groups::{GROUPS, GroupIndex};
use crate::holdings::{Direct, Holdings, Inherited, InheritedState, LicenseFault, Membership};
use crate::people::DOMAIN;
use crate::world::{GroupLicense, Paths, World};
use std::collections::BTreeMap;
use uuid::Uuid;

/// How many before-images are kept: longer than any lag a test sets.
const KEPT_IMAGES: usize = 4;
const KEPT_POOLS: usize = 64;

/// A change as delta queries tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub user: u64,
    pub at: Millis,
    pub what: Changed,
}

/// What a change touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// Came, went or came back.
    Existence,
    Account,
    Licenses,
}

impl Changed {
    /// Whether a property belongs to it. States of assignment belong to none: they are not tracked (2.5).
    pub fn touches(self, property: &str) -> bool {
        match self {
            Self::Existence => true,
            Self::Account => matches!(property, "accountEnabled" | "usageLocation"),
            Self::Licenses => {
                matches!(
                    property,
                    "assignedLicenses" | "assignedPlans" | "provisionedPlans" | "mail" | "proxyAddresses"
                )
            }
        }
    }
}

/// Something that follows a change later.
#[derive(Clone, Debug)]
pub struct Pending {
    pub queued: Millis,
    pub due: Millis,
    pub actor: Actor,
    pub what: Later,
}

/// What follows.
#[derive(Clone, Debug)]
pub enum Later {
    /// A person's licenses follow their memberships.
    Follow(u64),
    /// A group's licenses reach its members.
    Process(GroupIndex),
    /// An auto-claim policy gives a license again.
    Claim(u64, SkuIndex, Vec<Uuid>),
}

type Path = (SkuIndex, Option<GroupIndex>);

/// Every path that gives something, with the plans it switches off.
fn given(holdings: &Holdings) -> BTreeMap<Path, Vec<Uuid>> {
    let direct = holdings.direct.iter().map(|path| ((path.sku, None), path.disabled.clone()));
    let inherited = holdings
        .inherited
        .iter()
        .filter(|path| path.state.gives())
        .map(|path| ((path.sku, Some(path.group)), path.disabled.clone()));
    direct.chain(inherited).collect()
}

/// Which paths came, went or changed.
fn differences(before: &Holdings, after: &Holdings) -> Vec<(EffectKind, Path)> {
    let (was, is) = (given(before), given(after));
    let mut found = Vec::new();
    for (path, disabled) in &was {
        match is.get(path) {
            None => found.push((EffectKind::LicenseRemoved, *path)),
            Some(now_disabled) if now_disabled != disabled => found.push((EffectKind::PlansChanged, *path)),
            Some(_) => {}
        }
    }
    found.extend(is.keys().filter(|path| !was.contains_key(path)).map(|path| (EffectKind::LicenseAdded, *path)));
    found
}

impl World {
    /// Something changed: whatever was rendered before is old.
    pub fn note_change(&mut self, now: Millis) {
        self.version += 1;
        self.changed = self.changed.max(now);
    }

    /// Lets delta queries know.
    pub fn tell(&mut self, user: u64, at: Millis, what: Changed) {
        self.changes.push(Change { user, at, what });
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
        self.count_seats_of(&before, &after, now);
        self.tell(index, now, Changed::Licenses);
        let user_id = self.user_id(index).to_string();
        for (kind, (sku, group)) in differences(&before, &after) {
            if kind == EffectKind::LicenseRemoved && group.is_none() {
                self.maybe_claim(index, sku, &before, now, actor);
            }
            let group = group.map(|group| self.group_id(group).to_string());
            self.effects.record(now, actor, user_id.clone(), kind, Some(SKUS[sku].id.to_string()), group);
        }
        if self.settings.licenses_rewrite_mail {
            self.rewrite_mail(index);
        }
    }

    fn count_seats_of(&mut self, before: &Holdings, after: &Holdings, now: Millis) {
        let (was, is) = (before.seats(), after.seats());
        if was == is {
            return;
        }
        self.pool_images.push((now, self.consumed));
        if self.pool_images.len() > KEPT_POOLS {
            self.pool_images.remove(0);
        }
        for (sku, consumed) in self.consumed.iter_mut().enumerate() {
            *consumed += i64::from(is >> sku & 1) - i64::from(was >> sku & 1);
        }
    }

    /// An auto-claim policy gives a license again to whoever still uses it.
    fn maybe_claim(&mut self, index: u64, sku: SkuIndex, before: &Holdings, now: Millis, actor: &Actor) {
        let wait = self.settings.auto_claim_after_ms;
        if wait <= 0 || actor.app_id.is_none() || !self.is_enabled(index) {
            return;
        }
        let disabled = before.direct.iter().find(|path| path.sku == sku).map(|path| path.disabled.clone());
        let what = Later::Claim(index, sku, disabled.unwrap_or_default());
        self.pending.push(Pending { queued: now, due: now + wait, actor: Actor::default(), what });
    }

    /// License changes recompute addresses and may alter them.
    fn rewrite_mail(&mut self, index: u64) {
        let person = self.population.person(index);
        let local = person.upn.split('@').next().unwrap_or_default().to_owned();
        let name = DOMAIN.split('.').next().unwrap_or_default();
        self.touched.entry(index).or_default().mail = Some(format!("{local}@{name}.onmicrosoft.example"));
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
            paths.groups.push(Membership { group, joined: now / 1000, fails: None });
        } else {
            paths.groups.retain(|membership| membership.group != group);
        }
        let kind = if member { EffectKind::GroupMemberAdded } else { EffectKind::GroupMemberRemoved };
        let (user_id, group_id) = (self.user_id(index).to_string(), self.group_id(group).to_string());
        self.effects.record(now, actor, user_id, kind, None, Some(group_id));
        self.pending.push(Pending { queued: now, due, actor: actor.clone(), what: Later::Follow(index) });
        self.settle(now);
    }

    /// Whether something waits to happen before `now`.
    pub fn has_due(&self, now: Millis) -> bool {
        self.pending.iter().any(|pending| pending.due <= now)
    }

    /// Lets follow what has fallen due, in that order.
    pub fn settle(&mut self, now: Millis) {
        let (mut due, later): (Vec<Pending>, Vec<Pending>) =
            std::mem::take(&mut self.pending).into_iter().partition(|pending| pending.due <= now);
        self.pending = later;
        due.sort_by_key(|pending| pending.due);
        for pending in due {
            self.note_change(pending.due);
            match pending.what {
                Later::Follow(user) => self.follow_memberships(user, pending.due, &pending.actor),
                Later::Process(group) => self.process_group(group, pending.due, &pending.actor),
                Later::Claim(user, sku, disabled) => self.claim(user, sku, disabled, pending.due),
            }
        }
    }

    fn claim(&mut self, index: u64, sku: SkuIndex, disabled: Vec<Uuid>, at: Millis) {
        let mut holdings = self.holdings(index);
        if self.is_deleted(index) || holdings.direct.iter().any(|path| path.sku == sku) {
            return;
        }
        holdings.direct.push(Self::direct(sku, disabled));
        self.set_holdings(index, holdings, at, &Actor::default());
    }

    /// What a group is doing with its licenses, as `licenseProcessingState` says it.
    pub fn processing_state(&self, group: GroupIndex, now: Millis) -> &'static str {
        let job = self.pending.iter().find(|pending| matches!(pending.what, Later::Process(busy) if busy == group));
        match job {
            None => "ProcessingComplete",
            Some(job) if now < job.queued + (job.due - job.queued) / 2 => "QueuedForProcessing",
            Some(_) => "ProcessingInProgress",
        }
    }

    /// Recomputes what the person inherits: unchanged paths keep their dates, what is lost goes, sticks or becomes
    /// direct, what is new arrives or fails.
    pub fn follow_memberships(&mut self, index: u64, now: Millis, actor: &Actor) {
        if self.is_deleted(index) {
            return;
        }
        let before = self.holdings(index);
        let wanted = self.carried_by(&self.memberships(index));
        let carried =
            |path: &Inherited| wanted.iter().find(|(group, license)| *group == path.group && license.sku == path.sku);
        let mut after = Holdings { direct: before.direct.clone(), inherited: Vec::new() };
        let (mut lost, mut kept): (Vec<Inherited>, Vec<Inherited>) = (Vec::new(), Vec::new());
        for path in &before.inherited {
            match carried(path) {
                Some((_, license)) if license.disabled != path.disabled => {
                    kept.push(Inherited { disabled: license.disabled.clone(), updated: now / 1000, ..path.clone() });
                }
                Some(_) => kept.push(path.clone()),
                None if path.state == InheritedState::Stuck => kept.push(path.clone()),
                None => lost.push(path.clone()),
            }
        }
        after.inherited = kept;
        self.let_go(&before, &mut after, lost, now);
        for group in 0..GROUPS.len() {
            let fresh: Vec<GroupLicense> = wanted
                .iter()
                .filter(|(of, license)| {
                    *of == group && !after.inherited.iter().any(|path| path.group == group && path.sku == license.sku)
                })
                .map(|(_, license)| license.clone())
                .collect();
            self.arrive(index, group, &fresh, &mut after, now);
        }
        self.set_holdings(index, after, now, actor);
    }

    /// Every license the memberships bring, with the group that carries it.
    fn carried_by(&self, groups: &[Membership]) -> Vec<(GroupIndex, GroupLicense)> {
        let groups = groups.iter().flat_map(|member| self.licensing_groups(member.group));
        groups
            .flat_map(|group| self.group_licenses[group].iter().map(move |license| (group, license.clone())))
            .collect()
    }

    /// Inherited licenses the person no longer inherits.
    fn let_go(&self, before: &Holdings, after: &mut Holdings, lost: Vec<Inherited>, now: Millis) {
        let needed = self.would_orphan(before, after);
        for mut path in lost.into_iter().filter(|path| path.state.gives()) {
            if self.settings.inherited_becomes_direct && !after.direct.iter().any(|direct| direct.sku == path.sku) {
                after.direct.push(Direct { sku: path.sku, disabled: path.disabled, updated: now / 1000 });
            } else if needed || self.settings.leaving_sticks {
                path.state = InheritedState::Stuck;
                path.updated = now / 1000;
                after.inherited.push(path);
            }
        }
    }

    /// Licenses of one group that are new to the person: where one fails, the others fail with it.
    fn arrive(&self, index: u64, group: GroupIndex, fresh: &[GroupLicense], after: &mut Holdings, now: Millis) {
        let mut arrived: Vec<Inherited> = Vec::new();
        let mut held = after.clone();
        for license in fresh {
            let state = self.inherited_state(index, &held, license.sku, &license.disabled);
            let path =
                Inherited { sku: license.sku, group, disabled: license.disabled.clone(), updated: now / 1000, state };
            held.inherited.push(path.clone());
            arrived.push(path);
        }
        if arrived.iter().any(|path| !path.state.gives()) {
            for path in arrived.iter_mut().filter(|path| path.state.gives()) {
                path.state = InheritedState::Failed(LicenseFault::Other);
            }
        }
        after.inherited.extend(arrived);
    }

    /// Changes what a group carries; its members follow after the group delay.
    pub fn set_group_licenses(&mut self, group: GroupIndex, licenses: Vec<GroupLicense>, now: Millis, actor: &Actor) {
        // Freeze what members hold before the group changes: untouched people are derived from the group.
        let members: Vec<u64> = self.members(group, 0).collect();
        for index in members {
            self.paths_mut(index);
        }
        self.group_licenses[group] = licenses;
        let due = now + self.settings.group_delay_ms;
        self.pending.push(Pending { queued: now, due, actor: actor.clone(), what: Later::Process(group) });
        self.settle(now);
    }

    fn process_group(&mut self, group: GroupIndex, at: Millis, actor: &Actor) {
        let members: Vec<u64> = self.members(group, 0).collect();
        for index in members {
            self.follow_memberships(index, at, actor);
        }
    }

    /// Deletes a user object: every seat is free at once.
    pub fn delete_user(&mut self, index: u64, now: Millis, actor: &Actor) {
        let kept = (self.holdings(index).direct, self.memberships(index));
        self.set_holdings(index, Holdings::default(), now, actor);
        let touched = self.touched.entry(index).or_default();
        touched.deleted = Some(now);
        touched.kept = Some(kept);
        if let Some(paths) = touched.paths.as_mut() {
            paths.groups.clear();
        }
        self.tell(index, now, Changed::Existence);
        let user_id = self.user_id(index).to_string();
        self.effects.record(now, actor, user_id, EffectKind::UserDeleted, None, None);
    }

    /// Brings a deleted object back with its memberships, and its direct licenses as far as there are seats.
    pub fn restore_user(&mut self, index: u64, now: Millis, actor: &Actor) {
        let touched = self.touched.entry(index).or_default();
        touched.deleted = None;
        let (direct, groups) = touched.kept.take().unwrap_or_default();
        if let Some(paths) = touched.paths.as_mut() {
            paths.groups = groups;
        }
        let direct = direct.into_iter().filter(|path| self.consumed[path.sku] < self.prepaid[path.sku]).collect();
        self.tell(index, now, Changed::Existence);
        self.set_holdings(index, Holdings { direct, inherited: Vec::new() }, now, actor);
        self.follow_memberships(index, now, actor);
    }

    /// Deletes a deleted object for good.
    pub fn purge_user(&mut self, index: u64, now: Millis) {
        self.touched.entry(index).or_default().purged = true;
        self.tell(index, now, Changed::Existence);
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
        self.pending.retain(|pending| !matches!(pending.what, Later::Follow(user) if user == index));
        self.follow_memberships(index, now, &actor);
        let mut holdings = self.holdings(index);
        holdings.direct.retain(|path| path.sku != sku);
        self.set_holdings(index, holdings, now, &actor);
        self.forget_images(index);
    }
}
