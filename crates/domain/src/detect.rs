//! From the facts about one seat to one finding. Pure, and bound by one law (I11): a seat is
//! `idle` only if every signal the rule asks for is present, fresh and does not speak for keeping
//! it. So deleting any signal from any input never adds an `idle` finding.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::activity::{ServiceUse, SignIn};
use crate::directory::{HeldSeat, NonEmployee, Service, words};
use crate::employment::{Employment, Standing};
use crate::evidence::{Evidence, Reading, Signal, SignalStatus};
use crate::rule::{Justification, Rule, UseSignals};
use crate::time::{Day, Timestamp, idle_days};

/// What a finding says about a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingKind {
    /// All evidence says idle.
    Idle,
    /// Some evidence speaks for keeping it.
    InUse,
    /// A required signal is not there, not fresh, or contradicts another.
    InsufficientEvidence,
    /// Only a person can tell.
    NeedsPerson,
}
words!(FindingKind {
    Idle => "idle",
    InUse => "in_use",
    InsufficientEvidence => "insufficient_evidence",
    NeedsPerson => "needs_person",
});

/// What the HR side says about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RosterReading {
    /// No roster is connected: employment is not asked for.
    NotConnected,
    /// A roster is connected and this is what it says: a row, or none.
    Connected(Reading<Option<Employment>>),
}

/// Everything known about one seat and its holder.
#[derive(Debug, Clone)]
pub struct SeatFacts {
    /// The seat with its paths.
    pub seat: HeldSeat,
    /// The services its sku licenses and the report can show. Missing when the tenant's list of
    /// license types does not say what the sku contains: "nothing to ask for" is a claim too (I11).
    pub services: Reading<BTreeSet<Service>>,
    /// Whether sign-in is allowed, as of the last published round.
    pub account_enabled: Reading<bool>,
    /// When the account was made.
    pub account_created: Option<Timestamp>,
    /// What a person declared the account to be.
    pub declared: Option<NonEmployee>,
    /// Sign-in dates.
    pub sign_in: Reading<SignIn>,
    /// The person's row of the active-user report.
    pub service_use: Reading<ServiceUse>,
    /// The HR roster.
    pub roster: RosterReading,
}

/// A required signal that kept a seat from being judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingSignal {
    /// Which.
    pub signal: Signal,
    /// Why, in words for a person.
    pub why: String,
}

/// What a rule says about a seat now, with the evidence frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The answer.
    pub kind: FindingKind,
    /// Every reason that holds, the main one first (F5).
    pub justifications: Vec<Justification>,
    /// What kept the seat from being judged.
    pub missing: Vec<MissingSignal>,
    /// Every signal looked at.
    pub evidence: Vec<Evidence>,
    /// Whole days without use, when the use signals are complete.
    pub idle_days: Option<i64>,
    /// The last day with use, over all signals.
    pub last_activity: Option<Day>,
}

/// What the use signals say together.
struct Use {
    evidence: Vec<Evidence>,
    missing: Vec<MissingSignal>,
    last: Option<Day>,
    /// The least any source knows up to: idle days count to here.
    known_until: Option<Day>,
}

/// Judges one seat under one rule at one moment.
pub fn judge(facts: &SeatFacts, rule: &Rule, now: Timestamp) -> Verdict {
    let account = account_evidence(facts, rule, now);
    let license = age_evidence(Signal::LicenseAge, facts.seat.license_since(), rule, now);
    let account_age = age_evidence(Signal::AccountAge, facts.account_created, rule, now);
    let employment = employment_evidence(facts, rule, now);
    let used = use_evidence(facts, rule, now);

    let idle_days = used
        .known_until
        .filter(|_| used.missing.is_empty())
        .and_then(|until| used.last.map(|last| idle_days(last, until)));
    let threshold = i64::from(rule.threshold_days);
    let use_idle = used.missing.is_empty() && idle_days.is_none_or(|days| days >= threshold);
    let standing = employment.standing;
    let ages_pass = passes(&license) && passes(&account_age);

    let mut evidence = vec![account.clone(), license.clone(), account_age.clone()];
    evidence.extend(employment.evidence.clone());
    evidence.extend(mark_use(used.evidence.clone(), rule.threshold_days));

    let mut verdict = Verdict {
        kind: FindingKind::InUse,
        justifications: Vec::new(),
        missing: Vec::new(),
        evidence,
        idle_days,
        last_activity: used.last,
    };

    if employment.no_row {
        verdict.kind = FindingKind::NeedsPerson;
        verdict.justifications.push(Justification::NotInRoster);
        return verdict;
    }

    let directory_fresh = account.status == SignalStatus::Idle;
    let disabled = directory_fresh && account.value.as_deref() == Some("disabled");
    let employment_allows = employment.missing.is_none() && standing != Some(Standing::OnLeave);
    if directory_fresh && ages_pass && employment_allows {
        if let Some(Standing::Left { last_day }) = standing
            && used.missing.is_empty()
            && left_and_silent(last_day, &used, rule)
        {
            verdict.justifications.push(Justification::Leaver);
        }
        if disabled {
            verdict.justifications.push(Justification::DisabledAccount);
        }
        if use_idle {
            let never = used.last.is_none();
            verdict.justifications.push(if never { Justification::NeverUsed } else { Justification::Inactive });
        }
    }
    if !verdict.justifications.is_empty() {
        verdict.kind = FindingKind::Idle;
        if verdict.justifications == [Justification::DisabledAccount] {
            // Use is not asked for here, so it is no part of what the finding rests on.
            verdict.evidence.retain(|item| !is_use(item.signal));
        }
        return verdict;
    }

    // Nothing proves the seat idle. Say whether something speaks for keeping it, or what is missing.
    let kept_by_employment = standing == Some(Standing::OnLeave);
    let recently_used = idle_days.is_some_and(|days| days < threshold)
        || used.last.is_some_and(|last| idle_days_to(last, now) < threshold);
    let too_young = license.status == SignalStatus::InUse || account_age.status == SignalStatus::InUse;
    if recently_used && reports_nothing(&facts.services) && used.missing.is_empty() && !kept_by_employment && !too_young {
        verdict.kind = FindingKind::InsufficientEvidence;
        verdict.missing.push(MissingSignal {
            signal: Signal::SignIn,
            why: "Microsoft reports no use of this license by person; a sign-in proves only that the account is used"
                .to_owned(),
        });
        return verdict;
    }
    if kept_by_employment || recently_used || too_young {
        return verdict;
    }
    verdict.kind = FindingKind::InsufficientEvidence;
    for item in [&account, &license, &account_age] {
        if !matches!(item.status, SignalStatus::Idle | SignalStatus::InUse) {
            verdict.missing.push(MissingSignal {
                signal: item.signal,
                why: item.note.clone().unwrap_or_else(|| "not known".to_owned()),
            });
        }
    }
    verdict.missing.extend(employment.missing);
    verdict.missing.extend(used.missing);
    verdict
}

const fn is_use(signal: Signal) -> bool {
    match signal {
        Signal::SignIn
        | Signal::Exchange
        | Signal::OneDrive
        | Signal::SharePoint
        | Signal::SkypeForBusiness
        | Signal::Yammer
        | Signal::Teams => true,
        Signal::ServicePlans | Signal::EmploymentStatus | Signal::AccountState | Signal::LicenseAge | Signal::AccountAge => false,
    }
}

fn idle_days_to(last: Day, now: Timestamp) -> i64 {
    idle_days(last, now.day())
}

fn passes(evidence: &Evidence) -> bool {
    evidence.status == SignalStatus::Idle
}

/// A leaver's seat is taken only if nothing was used after the last day (a day of leeway for zones
/// and lag). Without a last day, use within the grace contradicts the roster.
fn left_and_silent(last_day: Option<Day>, used: &Use, rule: &Rule) -> bool {
    let (Some(last_use), Some(until)) = (used.last, used.known_until) else {
        return true;
    };
    match last_day {
        Some(last_day) => last_use.days_since(last_day) <= 1,
        None => idle_days(last_use, until) >= i64::from(rule.grace_days),
    }
}

/// Whether a source known up to `as_of` is still within its limit.
fn fresh(as_of: Timestamp, limit_hours: u32, now: Timestamp) -> bool {
    now.seconds_since(as_of) <= i64::from(limit_hours) * 3_600
}

fn stale_note(source: &str, limit_hours: u32) -> String {
    format!("{source} is older than its limit of {limit_hours} hours")
}

fn account_evidence(facts: &SeatFacts, rule: &Rule, now: Timestamp) -> Evidence {
    let limit = rule.limits.directory;
    let mut evidence = Evidence {
        signal: Signal::AccountState,
        value: None,
        source: "directory".to_owned(),
        as_of: None,
        status: SignalStatus::Missing,
        note: None,
        limit_hours: Some(limit),
    };
    match &facts.account_enabled {
        Reading::Present { value, as_of } => {
            evidence.value = Some(if *value { "enabled" } else { "disabled" }.to_owned());
            evidence.as_of = Some(*as_of);
            if !fresh(*as_of, limit, now) {
                evidence.status = SignalStatus::Stale;
                evidence.note = Some(stale_note("the directory", limit));
            } else {
                // An enabled account does not speak for keeping a seat by itself; its use does.
                evidence.status = SignalStatus::Idle;
                if *value {
                    evidence.note = Some("sign-in is allowed; use decides".to_owned());
                }
            }
        }
        Reading::Missing(why) => evidence.note = Some(why.clone()),
        Reading::Concealed => evidence.status = SignalStatus::Concealed,
    }
    evidence
}

fn age_evidence(signal: Signal, since: Option<Timestamp>, rule: &Rule, now: Timestamp) -> Evidence {
    let grace = i64::from(rule.grace_days);
    let (status, value, note) = match since {
        None => (SignalStatus::Missing, None, Some("the directory does not say since when".to_owned())),
        Some(since) => {
            let days = idle_days(since.day(), now.day());
            let young = days < grace;
            let status = if young { SignalStatus::InUse } else { SignalStatus::Idle };
            (status, Some(since.day().to_string()), young.then(|| format!("younger than the grace of {grace} days")))
        }
    };
    Evidence { signal, value, source: "directory".to_owned(), as_of: Some(now), status, note, limit_hours: None }
}

/// What the roster says, and whether that is enough to go on.
struct EmploymentView {
    evidence: Option<Evidence>,
    missing: Option<MissingSignal>,
    standing: Option<Standing>,
    no_row: bool,
}

fn employment_evidence(facts: &SeatFacts, rule: &Rule, now: Timestamp) -> EmploymentView {
    let limit = rule.limits.roster;
    let mut view = EmploymentView { evidence: None, missing: None, standing: None, no_row: false };
    let RosterReading::Connected(reading) = &facts.roster else {
        return view;
    };
    let mut evidence = Evidence {
        signal: Signal::EmploymentStatus,
        value: None,
        source: "HR roster".to_owned(),
        as_of: None,
        status: SignalStatus::Missing,
        note: None,
        limit_hours: Some(limit),
    };
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
            if !fresh(*as_of, limit, now) {
                evidence.status = SignalStatus::Stale;
                evidence.note = Some(stale_note("the HR roster", limit));
            } else if let Some(row) = value {
                evidence.value = Some(describe_employment(row));
                let standing = row.standing(now.day());
                evidence.status = match standing {
                    Standing::OnLeave => SignalStatus::InUse,
                    Standing::Employed | Standing::Left { .. } => SignalStatus::Idle,
                };
                evidence.note = match standing {
                    Standing::OnLeave => Some("on leave: every seat is kept".to_owned()),
                    Standing::Employed => Some("employed; use decides".to_owned()),
                    Standing::Left { .. } => None,
                };
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
        view.missing = Some(MissingSignal {
            signal: Signal::EmploymentStatus,
            why: evidence.note.clone().unwrap_or_else(|| "the HR roster gives no answer".to_owned()),
        });
    }
    view.evidence = Some(evidence);
    view
}

fn describe_employment(row: &Employment) -> String {
    match row.end {
        Some(end) => format!("{}, last day {end}", row.status),
        None => row.status.to_string(),
    }
}

fn use_evidence(facts: &SeatFacts, rule: &Rule, now: Timestamp) -> Use {
    let mut used = Use { evidence: Vec::new(), missing: Vec::new(), last: None, known_until: None };
    match rule.use_signals {
        UseSignals::SignInAndServices => sign_in_evidence(facts, rule, now, &mut used),
        UseSignals::ServicesOverTwoRefreshes => {
            if reports_nothing(&facts.services) {
                used.missing.push(MissingSignal {
                    signal: Signal::SignIn,
                    why: "Microsoft reports no use of this license by person".to_owned(),
                });
            }
        }
    }
    match &facts.services {
        Reading::Present { value, .. } => {
            for &service in value {
                service_evidence(service, facts, rule, now, &mut used);
            }
        }
        Reading::Missing(why) => {
            used.missing.push(MissingSignal { signal: Signal::ServicePlans, why: why.clone() });
        }
        Reading::Concealed => used.missing.push(MissingSignal {
            signal: Signal::ServicePlans,
            why: "the list of license types hides what the license contains".to_owned(),
        }),
    }
    used
}

/// Whether the sku is known, and known to contain nothing whose use is reported by person.
fn reports_nothing(services: &Reading<BTreeSet<Service>>) -> bool {
    matches!(services, Reading::Present { value, .. } if value.is_empty())
}

impl Use {
    fn saw(&mut self, last: Option<Day>, known_until: Day) {
        self.last = self.last.max(last);
        self.known_until = Some(self.known_until.map_or(known_until, |known| known.min(known_until)));
    }

    fn lacks(&mut self, evidence: Evidence, why: String) {
        self.missing.push(MissingSignal { signal: evidence.signal, why });
        self.evidence.push(evidence);
    }
}

fn sign_in_evidence(facts: &SeatFacts, rule: &Rule, now: Timestamp, used: &mut Use) {
    let limit = rule.limits.sign_ins;
    let mut evidence = Evidence {
        signal: Signal::SignIn,
        value: None,
        source: "sign-in activity".to_owned(),
        as_of: None,
        status: SignalStatus::Missing,
        note: None,
        limit_hours: Some(limit),
    };
    match &facts.sign_in {
        Reading::Present { value, as_of } => {
            evidence.as_of = Some(*as_of);
            let last = value.last_use(facts.account_created).map(Timestamp::day);
            evidence.value = last.map(|day| day.to_string());
            if fresh(*as_of, limit, now) {
                evidence.status = SignalStatus::Idle;
                if last.is_none() {
                    evidence.note = Some("no successful sign-in is recorded".to_owned());
                }
                used.saw(last, as_of.day());
                used.evidence.push(evidence);
            } else {
                // Even an old reading can show recent use; it can never show idleness.
                used.last = used.last.max(last);
                evidence.status = SignalStatus::Stale;
                used.lacks(evidence, stale_note("sign-in activity", limit));
            }
        }
        Reading::Missing(why) => {
            evidence.note = Some(why.clone());
            used.lacks(evidence, why.clone());
        }
        Reading::Concealed => {
            evidence.status = SignalStatus::Concealed;
            used.lacks(evidence, "the source hides who is who".to_owned());
        }
    }
}

fn service_evidence(service: Service, facts: &SeatFacts, rule: &Rule, now: Timestamp, used: &mut Use) {
    let limit = rule.limits.usage_report;
    let mut evidence = Evidence {
        signal: service.into(),
        value: None,
        source: "active-user report".to_owned(),
        as_of: None,
        status: SignalStatus::Missing,
        note: None,
        limit_hours: Some(limit),
    };
    match &facts.service_use {
        Reading::Present { value, .. } => {
            let as_of = value.refreshed.end();
            let last = value.last_activity.get(&service).copied();
            evidence.as_of = Some(as_of);
            evidence.value = last.map(|day| day.to_string());
            let too_few = rule.use_signals == UseSignals::ServicesOverTwoRefreshes && value.refreshes < 2;
            if last.is_some_and(|day| day > now.day()) {
                // A date in the future is no date (U7).
                evidence.value = None;
                used.lacks(evidence, "the report gives a day in the future".to_owned());
            } else if !fresh(as_of, limit, now) {
                used.last = used.last.max(last);
                evidence.status = SignalStatus::Stale;
                used.lacks(evidence, stale_note("the active-user report", limit));
            } else if too_few {
                used.last = used.last.max(last);
                used.lacks(evidence, "seen in one refresh of the report only; two are needed".to_owned());
            } else {
                evidence.status = SignalStatus::Idle;
                if last.is_none() {
                    evidence.note = Some("no use seen in the report's window".to_owned());
                }
                used.saw(last, value.refreshed);
                used.evidence.push(evidence);
            }
        }
        Reading::Missing(why) => {
            evidence.note = Some(why.clone());
            used.lacks(evidence, why.clone());
        }
        Reading::Concealed => {
            evidence.status = SignalStatus::Concealed;
            used.lacks(evidence, "names in the usage reports are concealed".to_owned());
        }
    }
}

/// Marks each use signal that lies within the threshold as speaking for the seat.
fn mark_use(mut evidence: Vec<Evidence>, threshold_days: u16) -> Vec<Evidence> {
    for item in &mut evidence {
        if item.status != SignalStatus::Idle {
            continue;
        }
        let last: Option<Day> = item.value.as_deref().and_then(|text| text.parse().ok());
        if let (Some(last), Some(until)) = (last, item.as_of)
            && idle_days(last, until.plus_seconds(-1).day()) < i64::from(threshold_days)
        {
            item.status = SignalStatus::InUse;
        }
    }
    evidence
}

#[cfg(test)]
mod tests;
