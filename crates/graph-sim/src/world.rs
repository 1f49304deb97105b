//! The simulated tenant: what the seed says, with a sparse overlay of what was changed since.

use crate::apps::AppState;
use crate::catalogue::{EXCHANGESTANDARD, FLOW_FREE, PROJECTPROFESSIONAL, SKUS, STORAGE, SkuIndex, VISIOCLIENT};
use crate::changes::{Change, Pending};
use crate::clock::Millis;
use crate::effects::Effects;
use crate::groups::{GROUPS, GroupIndex, GroupKind, nested_in};
use crate::holdings::{Direct, Holdings, Inherited, Membership};
use crate::people::{Kind, Population};
use crate::seed::Topic;
use crate::settings::Settings;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Days a deleted object can be restored.
pub const RESTORABLE: Millis = 30 * 86_400_000;

/// Seats of every license type.
pub type Pools = [i64; SKUS.len()];

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
    pub images: Vec<(Millis, Holdings)>,
    /// Seconds; no two assignments of one person carry the same `lastUpdatedDateTime`.
    pub stamp: i64,
}

/// What was changed about a user object.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    pub enabled: Option<bool>,
    /// Seconds; replaces the generated sign-ins and report days.
    pub last_sign_in: Option<i64>,
    /// When the object was deleted.
    pub deleted: Option<Millis>,
    /// Whether it was deleted for good.
    pub purged: bool,
    /// What a restored object gets back.
    pub kept: Option<(Vec<Direct>, Vec<Membership>)>,
    pub paths: Option<Paths>,
    pub usage_location: Option<String>,
    /// Seconds; refresh tokens made until then are revoked.
    pub sessions_valid_from: Option<i64>,
    /// Directory roles, by name.
    pub roles: Option<Vec<String>>,
    /// A rewritten mail address (9#37).
    pub mail: Option<String>,
    /// Whether the usage-location error of 9#18 was already told.
    pub hiccuped: bool,
}

/// The tenant.
pub struct World {
    pub population: Population,
    pub group_share: u64,
    pub settings: Settings,
    pub effects: Effects,
    pub mail: Vec<Value>,
    /// What became of app registrations since the start, by client id.
    pub apps: BTreeMap<String, AppState>,
    /// What changed, in order, for delta queries.
    pub changes: Vec<Change>,
    pub consumed: Pools,
    /// Paid and live units.
    pub prepaid: Pools,
    /// Units past expiry, still usable.
    pub warning: Pools,
    /// Units whose grace is over: they cannot be assigned.
    pub suspended: Pools,
    pub group_licenses: Vec<Vec<GroupLicense>>,
    /// Counts changes, so that what was rendered before is known to be old.
    pub version: u64,
    /// When the latest change was.
    pub changed: Millis,
    /// Earlier values of the switch that conceals names, with the moments they ended.
    pub concealment: Vec<(Millis, bool)>,
    pub touched: HashMap<u64, Touched>,
    pub pending: Vec<Pending>,
    /// Before-images of the pools, oldest first.
    pub pool_images: Vec<(Millis, Pools)>,
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
            apps: BTreeMap::new(),
            changes: Vec::new(),
            consumed: [0; SKUS.len()],
            prepaid: [0; SKUS.len()],
            warning: [0; SKUS.len()],
            suspended: [0; SKUS.len()],
            group_licenses,
            version: 0,
            changed: Millis::MIN,
            concealment: Vec::new(),
            touched: HashMap::new(),
            pending: Vec::new(),
            pool_images: Vec::new(),
        };
        world.warning[PROJECTPROFESSIONAL] = 5;
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
    pub fn count_seats(&self) -> Pools {
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

    /// The index behind an object id or user principal name, if the object exists and is not deleted.
    pub fn find_user(&self, key: &str) -> Option<u64> {
        let index = match key.parse::<Uuid>() {
            Ok(id) => self.population.seed.index_of(id, Topic::UserId)?,
            Err(_) => {
                let mut upn = String::new();
                (0..self.population.users).find(|index| {
                    upn.clear();
                    self.population.names(*index, self.population.kind(*index)).write_upn(&mut upn);
                    upn.eq_ignore_ascii_case(key)
                })?
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

    /// Deleted objects that can still be restored, with the moment of their end, in the order of their indexes.
    pub fn restorable(&self, now: Millis) -> Vec<(u64, Millis)> {
        let mut deleted: Vec<(u64, Millis)> = self
            .touched
            .iter()
            .filter(|(_, touched)| !touched.purged)
            .filter_map(|(index, touched)| touched.deleted.map(|at| (*index, at)))
            .filter(|(_, at)| now - at < RESTORABLE)
            .collect();
        deleted.sort_unstable();
        deleted
    }

    /// When the object was deleted, and whether for good by `now`.
    pub fn deletion(&self, index: u64, now: Millis) -> Option<(Millis, bool)> {
        let touched = self.touched.get(&index)?;
        touched.deleted.map(|at| (at, touched.purged || now - at >= RESTORABLE))
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
    pub fn usage_location(&self, index: u64) -> Option<Cow<'_, str>> {
        if let Some(set) = self.touched.get(&index).and_then(|touched| touched.usage_location.as_ref()) {
            return (!set.is_empty()).then_some(Cow::Borrowed(set.as_str()));
        }
        self.base_location(index).map(Cow::Borrowed)
    }

    fn base_location(&self, index: u64) -> Option<&'static str> {
        let kind = self.population.kind(index);
        if kind == Kind::Guest || (index > 40 && self.population.seed.below(index, Topic::Location, 300) == 3) {
            return None;
        }
        // Where the group's license is prohibited, the place is why.
        if self.population.planted(index) == Some(2) {
            return Some("CU");
        }
        Some(self.population.country(index).0)
    }

    /// A mail address that a license change rewrote.
    pub fn mail_of(&self, index: u64) -> Option<String> {
        if self.touched.is_empty() {
            return None;
        }
        self.touched.get(&index).and_then(|touched| touched.mail.clone())
    }

    /// Whether the states do not mention a direct license (9#7): until somebody assigns again.
    pub fn is_stateless(&self, index: u64, sku: SkuIndex) -> bool {
        let untouched = self.touched.get(&index).is_none_or(|touched| touched.paths.is_none());
        index >= 300
            && untouched
            && self.population.base_stateless(index)
            && self.population.base_paths(index, self.group_share).0.first().is_some_and(|path| path.sku == sku)
    }

    /// The directory roles of a person, by name: a few of the first people administer the tenant.
    pub fn roles(&self, index: u64) -> Vec<String> {
        if let Some(roles) = self.touched.get(&index).and_then(|touched| touched.roles.clone()) {
            return roles;
        }
        crate::roles::at_the_epoch(index).iter().map(ToString::to_string).collect()
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

    /// What a person holds, or held until the object was deleted.
    pub fn holdings_or_kept(&self, index: u64) -> Holdings {
        match self.touched.get(&index).and_then(|touched| touched.kept.as_ref()) {
            Some((direct, groups)) => Holdings { direct: direct.clone(), inherited: self.inherited_by(index, groups) },
            None => self.holdings(index),
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

    /// The groups whose licenses a membership brings: its own, and where nesting counts those it lies in.
    pub fn licensing_groups(&self, group: GroupIndex) -> impl Iterator<Item = GroupIndex> + '_ {
        let outer =
            (0..GROUPS.len()).filter(move |outer| self.settings.nested_licenses && nested_in(*outer).contains(&group));
        std::iter::once(group).chain(outer)
    }

    fn inherited_by(&self, index: u64, groups: &[Membership]) -> Vec<Inherited> {
        let mut inherited = Vec::new();
        for member in groups {
            for group in self.licensing_groups(member.group) {
                for license in &self.group_licenses[group] {
                    inherited.push(Inherited {
                        sku: license.sku,
                        group,
                        disabled: license.disabled.clone(),
                        updated: (member.joined + 60).max(license.since),
                        state: member.base_state(license.sku),
                    });
                }
            }
        }
        inherited.extend(self.population.base_stuck_paths(index, groups));
        inherited
    }

    /// What `subscribedSkus` shows as consumed at `now`.
    pub fn consumed_as_read(&self, now: Millis) -> &Pools {
        let lag = self.settings.consumed_lag_ms;
        self.pool_images.iter().find(|(changed, _)| *changed > now - lag).map_or(&self.consumed, |(_, image)| image)
    }

    /// Whether reports conceal names at `now`.
    pub fn is_concealed(&self, now: Millis) -> bool {
        let delay = self.settings.conceal_delay_ms;
        self.concealment
            .iter()
            .find(|(ended, _)| *ended > now - delay)
            .map_or(self.settings.conceal_names, |found| found.1)
    }

    /// Members of a group from an index on.
    pub fn members(&self, group: GroupIndex, from: u64) -> impl Iterator<Item = u64> + '_ {
        (from..self.population.users).filter(move |index| {
            !self.is_deleted(*index) && self.memberships(*index).iter().any(|member| member.group == group)
        })
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
