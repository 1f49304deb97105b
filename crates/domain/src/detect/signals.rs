//! What each source says about a seat, one signal at a time: there, fresh, and for or against.

use std::collections::BTreeSet;

use crate::activity::LastSignIn;
use crate::detect::{MissingSignal, RosterReading, SeatFacts};
use crate::directory::Service;
use crate::employment::{Employment, Standing};
use crate::evidence::{Evidence, Reading, Signal, SignalStatus};
use crate::rule::{Rule, UseSignals};
use crate::time::{Day, Timestamp, idle_days};
use crate::usage_report::{ReportUse, UsageReport};

const DIRECTORY: &str = "directory";
const SIGN_INS: &str = "sign-in activity";
const REPORT: &str = "active-user report";
const ROSTER: &str = "HR roster";
const SKUS: &str = "list of license types";

/// What the use signals say together.
pub(super) struct Use {
    pub(super) evidence: Vec<Evidence>,
    pub(super) missing: Vec<MissingSignal>,
    pub(super) last: Option<Day>,
    /// The least any source knows up to: idle days count to here.
    pub(super) known_until: Option<Day>,
}

impl Use {
    /// A signal that is there, fresh, and knows up to a day.
    fn saw(&mut self, mut evidence: Evidence, last: Option<Day>, known_until: Day) {
        self.last = self.last.max(last);
        self.known_until = Some(self.known_until.map_or(known_until, |known| known.min(known_until)));
        evidence.status = SignalStatus::Idle;
        self.evidence.push(evidence);
    }

    /// A signal that cannot be counted on. Its last day still counts: even an old reading can show
    /// use; it can never show idleness.
    fn lacks(&mut self, mut evidence: Evidence, last: Option<Day>, status: SignalStatus, why: String) {
        self.last = self.last.max(last);
        self.missing.push(MissingSignal { signal: evidence.signal, why: why.clone() });
        evidence.status = status;
        evidence.note = Some(why);
        self.evidence.push(evidence);
    }

    fn lacks_signal(&mut self, signal: Signal, why: impl Into<String>) {
        self.missing.push(MissingSignal { signal, why: why.into() });
    }

    /// Whole days without use, when every source is there and any use was ever seen.
    pub(super) fn idle_days(&self) -> Option<i64> {
        let until = self.known_until.filter(|_| self.missing.is_empty())?;
        self.last.map(|last| idle_days(last, until))
    }

    /// The evidence, with each signal that lies within the threshold speaking for the seat.
    pub(super) fn marked(&self, threshold_days: u16) -> Vec<Evidence> {
        let mut evidence = self.evidence.clone();
        for item in &mut evidence {
            let last: Option<Day> = item.value.as_deref().and_then(|text| text.parse().ok());
            if item.status == SignalStatus::Idle
                && let (Some(last), Some(until)) = (last, self.known_until)
                && idle_days(last, until) < i64::from(threshold_days)
            {
                item.status = SignalStatus::InUse;
            }
        }
        evidence
    }
}

/// Whether the sku is known, and known to contain nothing whose use is reported by person.
pub(super) fn reports_nothing(services: &Reading<BTreeSet<Service>>) -> bool {
    matches!(services, Reading::Present { value, .. } if value.is_empty())
}

/// What keeps a source known up to `as_of` from being believed; `None` while it is fresh.
fn age_problem(source: &str, as_of: Timestamp, limit_hours: u32, now: Timestamp) -> Option<(SignalStatus, String)> {
    let age = now.seconds_since(as_of);
    if age > i64::from(limit_hours) * 3_600 {
        return Some((SignalStatus::Stale, format!("the {source} is older than its limit of {limit_hours} hours")));
    }
    // A report that knows today knows it up to midnight; what claims to know more knows nothing.
    (age < -86_400).then(|| (SignalStatus::Missing, format!("the {source} is dated in the future")))
}

/// Why a day cannot be meant; `None` when it can.
fn impossible(day: Day, now: Timestamp) -> Option<&'static str> {
    if day > now.day() {
        Some("gives a day in the future")
    } else if day.is_placeholder() {
        Some("gives a day long before Microsoft 365")
    } else {
        None
    }
}

fn unseen(signal: Signal, source: &str, limit_hours: Option<u32>) -> Evidence {
    Evidence {
        signal,
        value: None,
        source: source.to_owned(),
        as_of: None,
        status: SignalStatus::Missing,
        note: None,
        limit_hours,
    }
}

/// Whether sign-in is allowed.
pub(super) fn account_evidence(facts: &SeatFacts, rule: &Rule, now: Timestamp) -> Evidence {
    let limit = rule.limits.directory;
    let mut evidence = unseen(Signal::AccountState, DIRECTORY, Some(limit));
    match &facts.account_enabled {
        Reading::Present { value, as_of } => {
            evidence.value = Some(if *value { "enabled" } else { "disabled" }.to_owned());
            evidence.as_of = Some(*as_of);
            if let Some((status, note)) = age_problem(DIRECTORY, *as_of, limit, now) {
                evidence.status = status;
                evidence.note = Some(note);
            } else {
                // An enabled account does not speak for keeping a seat by itself; its use does.
                evidence.status = SignalStatus::Idle;
                evidence.note = value.then(|| "sign-in is allowed; use decides".to_owned());
            }
        }
        Reading::Missing(why) => evidence.note = Some(why.clone()),
        Reading::Concealed => evidence.status = SignalStatus::Concealed,
    }
    evidence
}

/// How long a license is held, or an account exists.
pub(super) fn age_evidence(signal: Signal, since: Option<Timestamp>, rule: &Rule, now: Timestamp) -> Evidence {
    let grace = i64::from(rule.grace_days);
    let mut evidence = unseen(signal, DIRECTORY, None);
    evidence.as_of = Some(now);
    match since.map(Timestamp::day).filter(|day| !day.is_placeholder()) {
        None => evidence.note = Some("the directory does not say since when".to_owned()),
        Some(day) => {
            let young = idle_days(day, now.day()) < grace;
            evidence.value = Some(day.to_string());
            evidence.status = if young { SignalStatus::InUse } else { SignalStatus::Idle };
            evidence.note = young.then(|| format!("younger than the grace of {grace} days"));
        }
    }
    evidence
}

/// What the roster says, and whether that is enough to go on.
pub(super) struct EmploymentView {
    pub(super) evidence: Option<Evidence>,
    pub(super) missing: Option<MissingSignal>,
    pub(super) standing: Option<Standing>,
    pub(super) no_row: bool,
}

/// What the roster says about the holder.
pub(super) fn employment_evidence(facts: &SeatFacts, rule: &Rule, now: Timestamp) -> EmploymentView {
    let limit = rule.limits.roster;
    let mut view = EmploymentView { evidence: None, missing: None, standing: None, no_row: false };
    let RosterReading::Connected(reading) = &facts.roster else {
        return view;
    };
    let mut evidence = unseen(Signal::EmploymentStatus, ROSTER, Some(limit));
    if let Some(kind) = facts.declared {
        // A person said that this is nobody's employment, so the roster is not asked.
        evidence.value = Some(format!("declared {kind} account"));
        evidence.status = SignalStatus::Idle;
        view.evidence = Some(evidence);
        return view;
    }
    match reading {
        Reading::Present { value, as_of } => {
            evidence.as_of = Some(*as_of);
            if let Some((status, note)) = age_problem(ROSTER, *as_of, limit, now) {
                evidence.status = status;
                evidence.note = Some(note);
            } else if let Some(row) = value {
                let standing = row.standing(now.day());
                describe_standing(&mut evidence, row, standing);
                view.standing = Some(standing);
            } else {
                evidence.note = Some("not in the HR roster; only a person can tell".to_owned());
                view.no_row = true;
            }
        }
        Reading::Missing(why) => evidence.note = Some(why.clone()),
        Reading::Concealed => evidence.status = SignalStatus::Concealed,
    }
    if view.standing.is_none() && !view.no_row {
        let why = evidence.note.clone().unwrap_or_else(|| "the HR roster gives no answer".to_owned());
        view.missing = Some(MissingSignal { signal: Signal::EmploymentStatus, why });
    }
    view.evidence = Some(evidence);
    view
}

fn describe_standing(evidence: &mut Evidence, row: &Employment, standing: Standing) {
    evidence.value = Some(match row.end {
        Some(end) => format!("{}, last day {end}", row.status),
        None => row.status.to_string(),
    });
    (evidence.status, evidence.note) = match standing {
        Standing::OnLeave => (SignalStatus::InUse, Some("on leave: every seat is kept".to_owned())),
        Standing::Employed => (SignalStatus::Idle, Some("employed; use decides".to_owned())),
        Standing::Left { .. } => (SignalStatus::Idle, None),
    };
}

/// What every use signal the rule asks for says.
pub(super) fn use_evidence(facts: &SeatFacts, rule: &Rule, now: Timestamp) -> Use {
    let mut used = Use { evidence: Vec::new(), missing: Vec::new(), last: None, known_until: None };
    match rule.use_signals {
        UseSignals::SignInAndServices => sign_in_evidence(facts, rule, now, &mut used),
        UseSignals::ServicesOverTwoRefreshes => {
            if reports_nothing(&facts.services) {
                used.lacks_signal(Signal::SignIn, "Microsoft reports no use of this license by person");
            }
        }
    }
    let plans = unseen(Signal::ServicePlans, SKUS, None);
    match &facts.services {
        Reading::Present { value, .. } => {
            for &service in value {
                service_evidence(service, facts, rule, now, &mut used);
            }
        }
        Reading::Missing(why) => used.lacks(plans, None, SignalStatus::Missing, why.clone()),
        Reading::Concealed => {
            let why = "the list of license types hides what the license contains".to_owned();
            used.lacks(plans, None, SignalStatus::Concealed, why);
        }
    }
    used
}

fn sign_in_evidence(facts: &SeatFacts, rule: &Rule, now: Timestamp, used: &mut Use) {
    let limit = rule.limits.sign_ins;
    let mut evidence = unseen(Signal::SignIn, SIGN_INS, Some(limit));
    let (sign_in, as_of) = match &facts.sign_in {
        Reading::Present { value, as_of } => (value, *as_of),
        Reading::Missing(why) => return used.lacks(evidence, None, SignalStatus::Missing, why.clone()),
        Reading::Concealed => {
            return used.lacks(evidence, None, SignalStatus::Concealed, "the source hides who is who".to_owned());
        }
    };
    evidence.as_of = Some(as_of);
    let (last, problem) = match sign_in.last_use(facts.account_created) {
        LastSignIn::At(at) => (Some(at.day()), None),
        LastSignIn::NoneRecorded => (None, contradicts_no_sign_in(facts, rule, now)),
        LastSignIn::Unclear { at_least, why } => (at_least.map(Timestamp::day), Some(why.to_owned())),
    };
    evidence.value = last.map(|day| day.to_string());
    if let Some(why) = last.and_then(|day| impossible(day, now)) {
        evidence.value = None;
        used.lacks(evidence, None, SignalStatus::Missing, format!("{SIGN_INS} {why}"));
    } else if let Some((status, why)) = age_problem(SIGN_INS, as_of, limit, now) {
        used.lacks(evidence, last, status, why);
    } else if let Some(why) = problem {
        used.lacks(evidence, last, SignalStatus::Missing, why);
    } else {
        evidence.note = last.is_none().then(|| "no successful sign-in is recorded".to_owned());
        used.saw(evidence, last, as_of.day().min(now.day()));
    }
}

/// Why "no sign-in was ever recorded" is not believed; `None` when it is. Microsoft leaves the
/// dates out for somebody who never signed in, and has left them out for people who did, so the
/// report has to agree: nobody uses a service without signing in.
fn contradicts_no_sign_in(facts: &SeatFacts, rule: &Rule, now: Timestamp) -> Option<String> {
    let because = |why: &str| Some(format!("no sign-in is recorded, and {why}"));
    match &facts.service_use {
        Reading::Missing(_) => because("there is no row of the active-user report to agree"),
        Reading::Concealed => because("the active-user report, which would have to agree, is concealed"),
        Reading::Present { value, .. } => {
            if age_problem(REPORT, value.refreshed.end(), rule.limits.usage_report, now).is_some() {
                return because("the active-user report, which would have to agree, is not fresh");
            }
            if !value.last_activity.is_empty() {
                return because("the active-user report shows use");
            }
            // Each that is asked has to agree, so that losing one proves nothing. Reports of services that
            // only some are licensed for have no row of the others, and are not asked here.
            for (&report, reading) in &facts.reports {
                if !report.shows_use_of().is_some_and(Service::in_active_users) {
                    continue;
                }
                let seen = Seen::read(report, reading.clone(), rule, now);
                if seen.last.is_some() {
                    return because(&format!("the {} shows use", report.label()));
                }
                if let Some((_, why)) = seen.problem {
                    return because(&why);
                }
            }
            None
        }
    }
}

/// One source's word about one service.
struct Seen {
    report: UsageReport,
    /// The day up to which it knows.
    refreshed: Option<Day>,
    last: Option<Day>,
    /// What keeps it from being counted on.
    problem: Option<(SignalStatus, String)>,
}

impl Seen {
    fn missing(report: UsageReport, status: SignalStatus, why: String) -> Self {
        Self { report, refreshed: None, last: None, problem: Some((status, why)) }
    }

    /// A row that is there, held against the calendar, its age and the rule.
    fn row(report: UsageReport, row: ReportUse, rule: &Rule, now: Timestamp) -> Self {
        let mut seen = Self { report, refreshed: Some(row.refreshed), last: row.last, problem: None };
        let label = report.label();
        if let Some(why) = row.last.and_then(|day| impossible(day, now)) {
            seen.last = None;
            seen.problem = Some((SignalStatus::Missing, format!("the {label} {why}")));
        } else if let Some(problem) = age_problem(label, row.refreshed.end(), rule.limits.usage_report, now) {
            seen.problem = Some(problem);
        } else if rule.use_signals == UseSignals::ServicesOverTwoRefreshes && row.refreshes < 2 {
            let why = format!("seen in one refresh of the {label} only; two are needed");
            seen.problem = Some((SignalStatus::Missing, why));
        }
        seen
    }

    fn read(report: UsageReport, reading: Reading<ReportUse>, rule: &Rule, now: Timestamp) -> Self {
        match reading {
            Reading::Present { value, .. } => Self::row(report, value, rule, now),
            Reading::Missing(why) => Self::missing(report, SignalStatus::Missing, why),
            Reading::Concealed => {
                let why = "names in the usage reports are concealed".to_owned();
                Self::missing(report, SignalStatus::Concealed, why)
            }
        }
    }
}

/// Everything the reports say about one service: the active-user report, where it has a column, and
/// every report of that service alone.
fn sources_of(service: Service, facts: &SeatFacts, rule: &Rule, now: Timestamp) -> Vec<Seen> {
    let mut sources = Vec::new();
    if service.in_active_users() {
        let reading = match &facts.service_use {
            Reading::Present { value, as_of } => Reading::Present {
                value: ReportUse {
                    refreshed: value.refreshed,
                    refreshes: value.refreshes,
                    last: value.last_activity.get(&service).copied(),
                },
                as_of: *as_of,
            },
            Reading::Missing(why) => Reading::Missing(why.clone()),
            Reading::Concealed => Reading::Concealed,
        };
        sources.push(Seen::read(UsageReport::ActiveUsers, reading, rule, now));
    }
    for report in UsageReport::showing(service) {
        match facts.reports.get(&report) {
            Some(reading) => sources.push(Seen::read(report, reading.clone(), rule, now)),
            // Whoever sees the service in the active-user report can do without the other one.
            None if service.in_active_users() => {}
            None => {
                let why = format!("the {} is not read in this tenant", report.label());
                sources.push(Seen::missing(report, SignalStatus::Missing, why));
            }
        }
    }
    sources
}

/// What the reports together say about the use of one service. The latest day of any of them counts,
/// even of one that is too old: it can show use. Idleness needs every one of them, so that none of
/// them can be lost in the person's disfavor (I11); they know only up to the slowest.
fn service_evidence(service: Service, facts: &SeatFacts, rule: &Rule, now: Timestamp, used: &mut Use) {
    let sources = sources_of(service, facts, rule, now);
    let last = sources.iter().filter_map(|source| source.last).max();
    // The first is the one to name when none of them shows use.
    let teller = sources.iter().find(|source| source.last == last).or(sources.first());
    let label = teller.map_or("usage report", |source| source.report.label());
    let mut evidence = unseen(service.into(), label, Some(rule.limits.usage_report));
    let known_until = sources.iter().filter_map(|source| source.refreshed).min();
    evidence.as_of = known_until.map(Day::end);
    evidence.value = last.map(|day| day.to_string());
    match (sources.into_iter().find_map(|source| source.problem), known_until) {
        (Some((status, why)), _) => used.lacks(evidence, last, status, why),
        (None, Some(known_until)) => {
            evidence.note = last.is_none().then(|| "no use seen in the report's window".to_owned());
            used.saw(evidence, last, known_until);
        }
        (None, None) => {
            used.lacks(evidence, last, SignalStatus::Missing, "no report shows the use of this service".to_owned());
        }
    }
}
