//! Random tenants, and everything that can go missing from them. A world is a value; the same seed
//! makes the same world. Facts are put together from it as the engine does from the store.

use std::collections::{BTreeMap, BTreeSet};

use reseat_domain::activity::{ServiceUse, SignIn};
use reseat_domain::detect::{RosterReading, SeatFacts, Verdict, judge};
use reseat_domain::directory::{HeldSeat, NonEmployee, OpenWord, Path, Service, Via};
use reseat_domain::employment::{Employment, EmploymentStatus};
use reseat_domain::evidence::Reading;
use reseat_domain::ids::{GroupId, RuleId, SeatKey, SkuId, UserId};
use reseat_domain::rule::{Rule, UseSignals};
use reseat_domain::time::{Day, Timestamp};
use reseat_domain::usage_report::{ReportUse, UsageReport};
use uuid::Uuid;

/// Chance from a seed (SplitMix64): small, and the same everywhere.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).expect("less than a usize")
    }

    fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.below(usize::try_from(high - low + 1).expect("high is not below low"))).expect("small")
    }

    fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

/// A person's row of the directory.
#[derive(Debug, Clone)]
pub struct PersonRow {
    pub enabled: bool,
    pub created: Option<Timestamp>,
    pub declared: Option<NonEmployee>,
    pub seats: BTreeMap<SkuId, Vec<Path>>,
}

/// A source with a row for each person it knows.
#[derive(Debug, Clone)]
pub struct Source<T> {
    pub as_of: Timestamp,
    pub rows: BTreeMap<UserId, T>,
}

/// The active-user report.
#[derive(Debug, Clone)]
pub struct Report {
    pub refreshed: Day,
    pub concealed: bool,
    pub rows: BTreeMap<UserId, ReportRow>,
}

/// A person's row of it.
#[derive(Debug, Clone)]
pub struct ReportRow {
    pub refreshes: u32,
    pub last: BTreeMap<Service, Day>,
}

/// The report of one service.
#[derive(Debug, Clone)]
pub struct OneReport {
    pub refreshed: Day,
    pub concealed: bool,
    /// Read now, or at some time: a report that failed is asked for still.
    pub lost: bool,
    pub rows: BTreeMap<UserId, (u32, Option<Day>)>,
}

/// A tenant with its sources.
#[derive(Debug, Clone)]
pub struct World {
    pub now: Timestamp,
    pub rule: Rule,
    pub directory_as_of: Option<Timestamp>,
    pub people: BTreeMap<UserId, PersonRow>,
    pub skus: BTreeMap<SkuId, BTreeSet<Service>>,
    pub sign_ins: Option<Source<SignIn>>,
    pub report: Option<Report>,
    /// Of single services, those that the tenant is offered.
    pub reports: BTreeMap<UsageReport, OneReport>,
    pub roster_connected: bool,
    /// Several rows for one person contradict each other (R5).
    pub roster: Option<Source<Vec<Employment>>>,
}

fn services(of: &[Service]) -> BTreeSet<Service> {
    of.iter().copied().collect()
}

impl World {
    /// The world of a seed: two to five people with one to three seats each, most of them idle or
    /// nearly so, and now and then something missing from the start.
    pub fn random(dice: &mut Dice) -> Self {
        let noon: Timestamp = "2026-11-24T12:00:00Z".parse().expect("a moment");
        let now = noon.plus_seconds(dice.between(-13 * 3_600, 13 * 3_600)).plus_days(dice.between(-40, 40));
        let use_signals =
            if dice.percent(70) { UseSignals::SignInAndServices } else { UseSignals::ServicesOverTwoRefreshes };
        let skus = [
            services(&[Service::Exchange, Service::OneDrive, Service::SharePoint, Service::Teams, Service::Yammer]),
            services(&[Service::Exchange]),
            services(&[Service::Teams, Service::SkypeForBusiness]),
            services(&[]),
            services(&[Service::Copilot]),
            services(&[Service::Apps, Service::OneDrive]),
        ];
        let mut world = Self {
            now,
            rule: Rule::reseat_preset(RuleId::from_uuid(Uuid::nil()), use_signals),
            directory_as_of: Some(now.plus_seconds(-dice.between(0, 40 * 3_600))),
            people: BTreeMap::new(),
            skus: (1_u128..).map(|n| SkuId::from_uuid(Uuid::from_u128(n))).zip(skus).collect(),
            sign_ins: Some(Source { as_of: now.plus_seconds(-dice.between(0, 60 * 3_600)), rows: BTreeMap::new() }),
            report: Some(Report {
                refreshed: now.plus_days(-dice.between(1, 4)).day(),
                concealed: false,
                rows: BTreeMap::new(),
            }),
            reports: BTreeMap::new(),
            roster_connected: dice.percent(50),
            roster: None,
        };
        for report in UsageReport::ALL.iter().copied().filter(|report| report.shows_use_of().is_some()) {
            // The more of them there are, the fewer seats are idle.
            let offered = if report.shows_use_of().is_some_and(Service::in_active_users) { 30 } else { 90 };
            if dice.percent(offered) {
                let refreshed = now.plus_days(-dice.between(1, 4)).day();
                let one = OneReport { refreshed, concealed: false, lost: false, rows: BTreeMap::new() };
                world.reports.insert(report, one);
            }
        }
        if world.roster_connected {
            world.roster = Some(Source { as_of: now.plus_days(-dice.between(0, 6)), rows: BTreeMap::new() });
        }
        for person in 0..dice.between(2, 5) {
            let user = UserId::from_uuid(Uuid::from_u128(1_000 + u128::from(person.unsigned_abs())));
            world.add_person(dice, user);
        }
        if dice.percent(30) {
            for _ in 0..dice.between(1, 3) {
                if let Some(fault) = world.any_fault(dice) {
                    world.suffer(&fault);
                }
            }
        }
        world
    }

    fn add_person(&mut self, dice: &mut Dice, user: UserId) {
        let now = self.now;
        let created = now.plus_days(-dice.one(&[20, 31, 32, 400, 700, 2_500, 3_000]));
        let skus: Vec<SkuId> = self.skus.keys().copied().collect();
        let mut seats = BTreeMap::new();
        for _ in 0..dice.between(1, 3) {
            seats.insert(dice.one(&skus), paths(dice, now));
        }
        let declared = dice.percent(15).then(|| dice.one(NonEmployee::ALL));
        self.people.insert(user, PersonRow { enabled: dice.percent(75), created: Some(created), declared, seats });

        // A habit first, so that the sources agree as they do in a tenant.
        let last_use = match dice.below(10) {
            0 | 1 => None,
            2 | 3 => Some(now.plus_days(-dice.between(0, 40))),
            4 => Some(now.plus_days(-dice.between(86, 96))),
            5 => Some(now.plus_days(-dice.between(176, 190))),
            _ => Some(now.plus_days(-dice.between(100, 600))),
        };
        if let Some(source) = &mut self.sign_ins {
            source.rows.insert(user, sign_in(dice, last_use, created, now));
        }
        if let Some(report) = &mut self.report
            && dice.percent(92)
        {
            let mut last = BTreeMap::new();
            // Some sign in for things that no report shows.
            let shown = if dice.percent(25) { 0 } else { 60 };
            for &service in Service::ALL {
                if let Some(at) = last_use.filter(|_| dice.percent(shown)) {
                    last.insert(service, at.plus_days(-dice.between(0, 30)).day().min(report.refreshed));
                }
            }
            report.rows.insert(user, ReportRow { refreshes: dice.one(&[1, 2, 2, 2, 5]), last });
        }
        for one in self.reports.values_mut() {
            if dice.percent(94) {
                let used = last_use.filter(|_| dice.percent(50));
                let last = used.map(|at| at.plus_days(-dice.between(0, 30)).day().min(one.refreshed));
                one.rows.insert(user, (dice.one(&[1, 2, 2, 2]), last));
            }
        }
        if let Some(roster) = &mut self.roster
            && dice.percent(85)
        {
            let mut rows = vec![employment(dice, now)];
            if dice.percent(6) {
                rows.push(employment(dice, now));
            }
            roster.rows.insert(user, rows);
        }
    }

    /// Every seat's facts, as the engine gathers them.
    fn facts(&self, user: UserId, sku: SkuId) -> SeatFacts {
        let person = &self.people[&user];
        let account_enabled = match self.directory_as_of {
            Some(as_of) => Reading::Present { value: person.enabled, as_of },
            None => Reading::missing("the directory has not been read yet"),
        };
        let services = match self.skus.get(&sku) {
            Some(services) => Reading::Present { value: services.clone(), as_of: self.now },
            None => Reading::missing("not in the list of license types"),
        };
        let sign_in = match self.sign_ins.as_ref().and_then(|source| Some((source.as_of, *source.rows.get(&user)?))) {
            Some((as_of, value)) => Reading::Present { value, as_of },
            None => Reading::missing("sign-in activity has not been read for this person yet"),
        };
        let service_use = match &self.report {
            None => Reading::missing("the report could not be read"),
            Some(report) if report.concealed => Reading::Concealed,
            Some(report) => match report.rows.get(&user) {
                None => Reading::missing("the report has no row for this person"),
                Some(row) => Reading::Present {
                    value: ServiceUse {
                        refreshed: report.refreshed,
                        refreshes: row.refreshes,
                        last_activity: row.last.clone(),
                    },
                    as_of: report.refreshed.end(),
                },
            },
        };
        SeatFacts {
            seat: HeldSeat { sku_id: sku, paths: person.seats[&sku].clone() },
            services,
            account_enabled,
            account_created: person.created,
            declared: person.declared,
            sign_in,
            reports: self.report_readings(user),
            service_use,
            roster: self.roster_reading(user),
        }
    }

    fn report_readings(&self, user: UserId) -> BTreeMap<UsageReport, Reading<ReportUse>> {
        let mut readings = BTreeMap::new();
        for (&report, one) in &self.reports {
            let reading = match one.rows.get(&user) {
                _ if one.lost => Reading::missing("the report could not be read"),
                _ if one.concealed => Reading::Concealed,
                Some(&(refreshes, last)) => Reading::Present {
                    value: ReportUse { refreshed: one.refreshed, refreshes, last },
                    as_of: one.refreshed.end(),
                },
                None => Reading::missing("the report has no row for this person"),
            };
            readings.insert(report, reading);
        }
        readings
    }

    fn roster_reading(&self, user: UserId) -> RosterReading {
        if !self.roster_connected {
            return RosterReading::NotConnected;
        }
        RosterReading::Connected(match &self.roster {
            None => Reading::missing("the HR roster has not been read yet"),
            Some(roster) => match roster.rows.get(&user).map_or(&[][..], Vec::as_slice) {
                [] => Reading::Present { value: None, as_of: roster.as_of },
                [row] => Reading::Present { value: Some(row.clone()), as_of: roster.as_of },
                _ => Reading::missing("two rows of the HR roster carry this person's addresses"),
            },
        })
    }

    /// Judges every seat. `bend` changes the facts first; the property itself passes them on as
    /// they are, its own check plants mistakes with it.
    pub fn judge_all(&self, bend: impl Fn(&mut SeatFacts, &mut Rule)) -> BTreeMap<SeatKey, Verdict> {
        let mut verdicts = BTreeMap::new();
        for (&user_id, person) in &self.people {
            for &sku_id in person.seats.keys() {
                let mut facts = self.facts(user_id, sku_id);
                let mut rule = self.rule.clone();
                bend(&mut facts, &mut rule);
                verdicts.insert(SeatKey { user_id, sku_id }, judge(&facts, &rule, self.now));
            }
        }
        verdicts
    }
}

fn paths(dice: &mut Dice, now: Timestamp) -> Vec<Path> {
    let path = |dice: &mut Dice, via| Path {
        via,
        disabled_plans: BTreeSet::new(),
        state: OpenWord("Active".to_owned()),
        last_updated: dice.percent(95).then(|| now.plus_days(-dice.one(&[5, 31, 32, 200, 400, 900]))),
    };
    let group = Via::Group { group_id: GroupId::from_uuid(Uuid::from_u128(7)) };
    match dice.below(8) {
        0 => vec![path(dice, group)],
        1 | 2 => vec![path(dice, Via::Direct), path(dice, group)],
        3 if dice.percent(20) => vec![],
        _ => vec![path(dice, Via::Direct)],
    }
}

/// Three dates as Microsoft keeps them: a success is an attempt too, so some attempt is as late.
fn sign_in(dice: &mut Dice, last_use: Option<Timestamp>, created: Timestamp, now: Timestamp) -> SignIn {
    let record_begins: Timestamp = "2023-12-01T00:00:00Z".parse().expect("a moment");
    let Some(used) = last_use.filter(|used| *used >= created) else {
        // Never used; failed attempts, such as a password spray, may still be recorded.
        let attempt = dice.percent(20).then(|| now.plus_days(-dice.between(0, 300)));
        return SignIn { last_successful: None, last_interactive: attempt, last_non_interactive: None };
    };
    // Older accounts may have been used last before successes were recorded.
    let dormant = created < record_begins && dice.percent(20);
    let used = if dormant { record_begins.plus_days(-dice.between(1, 200)) } else { used };
    let earlier = used.plus_days(-dice.between(0, 200));
    let (interactive, non_interactive) =
        dice.one(&[(Some(used), Some(earlier)), (Some(earlier), Some(used)), (None, Some(used)), (Some(used), None)]);
    let sprayed = dice.percent(15).then(|| now.plus_days(-dice.between(0, 20)));
    SignIn {
        last_successful: (!dormant).then_some(used),
        last_interactive: sprayed.max(interactive),
        last_non_interactive: non_interactive,
    }
}

fn employment(dice: &mut Dice, now: Timestamp) -> Employment {
    let end = now.plus_days(dice.one(&[-400, -150, -60, -1, 0, 30])).day();
    let (status, end) = match dice.below(10) {
        0..6 => (EmploymentStatus::Active, None),
        6 => (EmploymentStatus::OnLeave, None),
        7 => (EmploymentStatus::Inactive, None),
        _ => (EmploymentStatus::Inactive, Some(end)),
    };
    Employment { status, start: None, end }
}

/// One thing that goes missing: a row, a page, a whole source, a signal of a row, or freshness.
#[derive(Debug, Clone)]
pub enum Fault {
    Person(UserId),
    Seat(UserId, SkuId),
    Path(UserId, SkuId, usize),
    PathDate(UserId, SkuId, usize),
    AccountDate(UserId),
    Sku(SkuId),
    SkuList,
    Directory,
    DirectoryAges(i64),
    SignInRow(UserId),
    /// 0 the success, 1 the interactive attempt, 2 the other. The last one left takes the row along.
    SignInDate(UserId, usize),
    SignIns,
    SignInsAge(i64),
    ReportRow(UserId),
    ReportRefresh(UserId),
    ReportPage(usize),
    Report,
    ReportConcealed,
    ReportAges(i64),
    OneReportRow(UsageReport, UserId),
    OneReportRefresh(UsageReport, UserId),
    OneReport(UsageReport),
    OneReportConcealed(UsageReport),
    OneReportAges(UsageReport, i64),
    /// Every row of the person: half of a contradiction cannot be told from a plain row.
    RosterRow(UserId),
    RosterPage(usize),
    Roster,
    RosterAges(i64),
}

impl Fault {
    /// How many kinds there are.
    pub const KINDS: usize = 28;

    /// The kind's word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Person(_) => "person",
            Self::Seat(..) => "seat",
            Self::Path(..) => "path",
            Self::PathDate(..) => "path date",
            Self::AccountDate(_) => "account date",
            Self::Sku(_) => "sku",
            Self::SkuList => "sku list",
            Self::Directory => "directory",
            Self::DirectoryAges(_) => "directory ages",
            Self::SignInRow(_) => "sign-in row",
            Self::SignInDate(..) => "sign-in date",
            Self::SignIns => "sign-ins",
            Self::SignInsAge(_) => "sign-ins age",
            Self::ReportRow(_) => "report row",
            Self::ReportRefresh(_) => "report refresh",
            Self::ReportPage(_) => "report page",
            Self::Report => "report",
            Self::ReportConcealed => "report concealed",
            Self::ReportAges(_) => "report ages",
            Self::OneReportRow(..) => "row of the report of one service",
            Self::OneReportRefresh(..) => "refresh of the report of one service",
            Self::OneReport(_) => "report of one service",
            Self::OneReportConcealed(_) => "report of one service concealed",
            Self::OneReportAges(..) => "report of one service ages",
            Self::RosterRow(_) => "roster row",
            Self::RosterPage(_) => "roster page",
            Self::Roster => "roster",
            Self::RosterAges(_) => "roster ages",
        }
    }
}

impl World {
    /// A fault that can happen in this world; `None` when nobody is left.
    pub fn any_fault(&self, dice: &mut Dice) -> Option<Fault> {
        let users: Vec<UserId> = self.people.keys().copied().collect();
        if users.is_empty() {
            return None;
        }
        let user = dice.one(&users);
        let skus: Vec<SkuId> = self.people[&user].seats.keys().copied().collect();
        let sku = if skus.is_empty() { SkuId::from_uuid(Uuid::nil()) } else { dice.one(&skus) };
        let path = dice.below(2);
        let hours = dice.between(1, 240);
        let offered: Vec<UsageReport> = self.reports.keys().copied().collect();
        let report = if offered.is_empty() { UsageReport::Copilot } else { dice.one(&offered) };
        if dice.percent(20) {
            // Dates of one record go missing one by one: the subtlest loss, so it is tried most.
            return Some(Fault::SignInDate(users[0], dice.below(3)));
        }
        Some(match dice.below(Fault::KINDS) {
            0 => Fault::Person(user),
            1 => Fault::Seat(user, sku),
            2 => Fault::Path(user, sku, path),
            3 => Fault::PathDate(user, sku, path),
            4 => Fault::AccountDate(user),
            5 => Fault::Sku(sku),
            6 => Fault::SkuList,
            7 => Fault::Directory,
            8 => Fault::DirectoryAges(hours),
            9 => Fault::SignInRow(user),
            10 => Fault::SignInDate(user, dice.below(3)),
            11 => Fault::SignIns,
            12 => Fault::SignInsAge(hours),
            13 => Fault::ReportRow(user),
            14 => Fault::ReportRefresh(user),
            15 => Fault::ReportPage(dice.below(2)),
            16 => Fault::Report,
            17 => Fault::ReportConcealed,
            18 => Fault::ReportAges(hours / 24 + 1),
            19 => Fault::RosterRow(user),
            20 => Fault::RosterPage(dice.below(2)),
            21 => Fault::Roster,
            22 => Fault::RosterAges(hours),
            23 => Fault::OneReportRow(report, user),
            24 => Fault::OneReportRefresh(report, user),
            25 => Fault::OneReport(report),
            26 => Fault::OneReportConcealed(report),
            _ => Fault::OneReportAges(report, hours / 24 + 1),
        })
    }

    /// Lets it happen.
    pub fn suffer(&mut self, fault: &Fault) {
        match fault {
            Fault::Person(user) => drop(self.people.remove(user)),
            Fault::Seat(user, sku) => self.on_person(*user, |person| drop(person.seats.remove(sku))),
            Fault::Path(user, sku, at) => self.on_paths(*user, *sku, |paths| {
                if *at < paths.len() {
                    paths.remove(*at);
                }
            }),
            Fault::PathDate(user, sku, at) => self.on_paths(*user, *sku, |paths| {
                if let Some(path) = paths.get_mut(*at) {
                    path.last_updated = None;
                }
            }),
            Fault::AccountDate(user) => self.on_person(*user, |person| person.created = None),
            Fault::Sku(sku) => drop(self.skus.remove(sku)),
            Fault::SkuList => self.skus.clear(),
            Fault::Directory => self.directory_as_of = None,
            Fault::DirectoryAges(hours) => {
                self.directory_as_of = self.directory_as_of.map(|as_of| older(as_of, *hours));
            }
            Fault::SignInRow(user) => self.on_sign_ins(|source| source.rows.retain(|known, _| known != user)),
            Fault::SignInDate(user, which) => self.on_sign_ins(|source| lose_date(source, *user, *which)),
            Fault::SignIns => self.sign_ins = None,
            Fault::SignInsAge(hours) => self.on_sign_ins(|source| source.as_of = older(source.as_of, *hours)),
            Fault::ReportRow(user) => self.on_report(|report| drop(report.rows.remove(user))),
            Fault::ReportRefresh(user) => self.on_report(|report| {
                if let Some(row) = report.rows.get_mut(user) {
                    row.refreshes = row.refreshes.saturating_sub(1);
                }
            }),
            Fault::ReportPage(half) => self.on_report(|report| lose_page(&mut report.rows, *half)),
            Fault::Report => self.report = None,
            Fault::ReportConcealed => self.on_report(|report| report.concealed = true),
            Fault::ReportAges(days) => self.on_report(|report| {
                report.refreshed = Day::from_days_since_1970(report.refreshed.days_since_1970() - days);
            }),
            Fault::OneReportRow(report, user) => self.on_one(*report, |one| one.rows.retain(|known, _| known != user)),
            Fault::OneReportRefresh(report, user) => self.on_one(*report, |one| {
                if let Some((refreshes, _)) = one.rows.get_mut(user) {
                    *refreshes = refreshes.saturating_sub(1);
                }
            }),
            Fault::OneReport(report) => self.on_one(*report, |one| one.lost = true),
            Fault::OneReportConcealed(report) => self.on_one(*report, |one| one.concealed = true),
            Fault::OneReportAges(report, days) => self.on_one(*report, |one| {
                one.refreshed = Day::from_days_since_1970(one.refreshed.days_since_1970() - days);
            }),
            Fault::RosterRow(user) => self.on_roster(|roster| drop(roster.rows.remove(user))),
            Fault::RosterPage(half) => self.on_roster(|roster| lose_page(&mut roster.rows, *half)),
            Fault::Roster => self.roster = None,
            Fault::RosterAges(hours) => self.on_roster(|roster| roster.as_of = older(roster.as_of, *hours)),
        }
    }

    fn on_one(&mut self, report: UsageReport, change: impl FnOnce(&mut OneReport)) {
        if let Some(one) = self.reports.get_mut(&report) {
            change(one);
        }
    }

    fn on_person(&mut self, user: UserId, change: impl FnOnce(&mut PersonRow)) {
        if let Some(person) = self.people.get_mut(&user) {
            change(person);
        }
    }

    fn on_paths(&mut self, user: UserId, sku: SkuId, change: impl FnOnce(&mut Vec<Path>)) {
        self.on_person(user, |person| {
            if let Some(paths) = person.seats.get_mut(&sku) {
                change(paths);
            }
        });
    }

    fn on_sign_ins(&mut self, change: impl FnOnce(&mut Source<SignIn>)) {
        if let Some(source) = &mut self.sign_ins {
            change(source);
        }
    }

    fn on_report(&mut self, change: impl FnOnce(&mut Report)) {
        if let Some(report) = &mut self.report {
            change(report);
        }
    }

    fn on_roster(&mut self, change: impl FnOnce(&mut Source<Vec<Employment>>)) {
        if let Some(roster) = &mut self.roster {
            change(roster);
        }
    }
}

fn older(as_of: Timestamp, hours: i64) -> Timestamp {
    as_of.plus_seconds(-hours * 3_600)
}

fn lose_date(source: &mut Source<SignIn>, user: UserId, which: usize) {
    let Some(row) = source.rows.get_mut(&user) else { return };
    let before = *row;
    match which {
        0 => row.last_successful = None,
        1 => row.last_interactive = None,
        _ => row.last_non_interactive = None,
    }
    if before != SignIn::default() && *row == SignIn::default() {
        source.rows.remove(&user);
    }
}

/// Every second row.
fn lose_page<T>(rows: &mut BTreeMap<UserId, T>, half: usize) {
    let mut at = 0;
    rows.retain(|_, _| {
        at += 1;
        at % 2 == half
    });
}
