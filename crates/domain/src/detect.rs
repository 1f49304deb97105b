//! From the facts about one seat to one finding. Pure, and bound by one law (I11): a seat is
//! `idle` only if every signal the rule asks for is present, fresh and does not speak for keeping
//! it. So deleting any signal from any input never adds an `idle` finding.
//!
//! `docs/adr/0005-evidence-law.md` says what counts as deleting; `tests/monotony.rs` tries it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::activity::{ServiceUse, SignIn};
use crate::directory::{HeldSeat, NonEmployee, Service, words};
use crate::employment::{Employment, Standing};
use crate::evidence::{Evidence, Reading, Signal, SignalStatus};
use crate::rule::{Justification, Rule};
use crate::time::{Day, Timestamp, idle_days};
use crate::usage_report::{ReportUse, UsageReport};

mod signals;

use signals::{
    EmploymentView, Use, account_evidence, age_evidence, employment_evidence, reports_nothing, use_evidence,
};

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
    /// The person's row of each report of a single service that the tenant is offered. What is not in
    /// here is not asked, so a report that could not be read is in here as missing.
    pub reports: BTreeMap<UsageReport, Reading<ReportUse>>,
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

/// Everything looked at for one seat.
struct Looked {
    account: Evidence,
    license: Evidence,
    account_age: Evidence,
    employment: EmploymentView,
    used: Use,
}

impl Looked {
    /// Whether sign-in is known to be off.
    fn disabled(&self) -> bool {
        passes(&self.account) && self.account.value.as_deref() == Some("disabled")
    }

    fn on_leave(&self) -> bool {
        self.employment.standing == Some(Standing::OnLeave)
    }

    fn too_young(&self) -> bool {
        self.license.status == SignalStatus::InUse || self.account_age.status == SignalStatus::InUse
    }
}

/// Judges one seat under one rule at one moment.
pub fn judge(facts: &SeatFacts, rule: &Rule, now: Timestamp) -> Verdict {
    let looked = Looked {
        account: account_evidence(facts, rule, now),
        license: age_evidence(Signal::LicenseAge, facts.seat.license_since(), rule, now),
        account_age: age_evidence(Signal::AccountAge, facts.account_created, rule, now),
        employment: employment_evidence(facts, rule, now),
        used: use_evidence(facts, rule, now),
    };
    let mut evidence = vec![looked.account.clone(), looked.license.clone(), looked.account_age.clone()];
    evidence.extend(looked.employment.evidence.clone());
    evidence.extend(looked.used.marked(rule.threshold_days));
    let mut verdict = Verdict {
        kind: FindingKind::InUse,
        justifications: Vec::new(),
        missing: Vec::new(),
        evidence,
        idle_days: looked.used.idle_days(),
        last_activity: looked.used.last,
    };
    if looked.employment.no_row {
        verdict.kind = FindingKind::NeedsPerson;
        verdict.justifications.push(Justification::NotInRoster);
        if looked.disabled() {
            verdict.justifications.push(Justification::DisabledAccount);
        }
        return verdict;
    }
    verdict.justifications = reasons(&looked, rule);
    if verdict.justifications.is_empty() {
        explain_why_not_idle(&mut verdict, looked, facts, rule, now);
    } else {
        verdict.kind = FindingKind::Idle;
        settle_use_evidence(&mut verdict);
    }
    verdict
}

/// Every reason that proves the seat idle, the main one first; none when nothing does.
fn reasons(looked: &Looked, rule: &Rule) -> Vec<Justification> {
    let mut reasons = Vec::new();
    let complete = passes(&looked.account)
        && passes(&looked.license)
        && passes(&looked.account_age)
        && looked.employment.missing.is_none();
    if !complete || looked.on_leave() {
        return reasons;
    }
    let use_known = looked.used.missing.is_empty();
    if let Some(Standing::Left { last_day }) = looked.employment.standing
        && use_known
        && left_and_silent(last_day, &looked.used, rule)
    {
        reasons.push(Justification::Leaver);
    }
    if looked.disabled() {
        reasons.push(Justification::DisabledAccount);
    }
    let threshold = i64::from(rule.threshold_days);
    if use_known && looked.used.idle_days().is_none_or(|days| days >= threshold) {
        let never = looked.used.last.is_none();
        reasons.push(if never { Justification::NeverUsed } else { Justification::Inactive });
    }
    reasons
}

/// Makes the use signals of an idle seat say what they meant for the reasons found.
fn settle_use_evidence(verdict: &mut Verdict) {
    if verdict.justifications == [Justification::DisabledAccount] {
        // Use is not asked for here, so it is no part of what the finding rests on.
        verdict.evidence.retain(|item| !item.signal.is_use() && item.signal != Signal::ServicePlans);
        return;
    }
    for item in &mut verdict.evidence {
        if item.signal.is_use() && item.status == SignalStatus::InUse {
            item.status = SignalStatus::Idle;
            item.note = Some("used while employed, not since".to_owned());
        }
    }
}

/// Nothing proves the seat idle: says whether something speaks for keeping it, or what is missing.
fn explain_why_not_idle(verdict: &mut Verdict, looked: Looked, facts: &SeatFacts, rule: &Rule, now: Timestamp) {
    let threshold = i64::from(rule.threshold_days);
    let recently_used = verdict.idle_days.is_some_and(|days| days < threshold)
        || looked.used.last.is_some_and(|last| idle_days(last, now.day()) < threshold);
    if looked.on_leave() || looked.too_young() {
        return;
    }
    if recently_used {
        if reports_nothing(&facts.services) && looked.used.missing.is_empty() {
            verdict.kind = FindingKind::InsufficientEvidence;
            verdict.missing.push(MissingSignal {
                signal: Signal::SignIn,
                why:
                    "Microsoft reports no use of this license by person; a sign-in proves only that the account is used"
                        .to_owned(),
            });
        }
        return;
    }
    verdict.kind = FindingKind::InsufficientEvidence;
    for item in [looked.account, looked.license, looked.account_age] {
        if !passes(&item) {
            let why = item.note.unwrap_or_else(|| "not known".to_owned());
            verdict.missing.push(MissingSignal { signal: item.signal, why });
        }
    }
    verdict.missing.extend(looked.employment.missing);
    verdict.missing.extend(looked.used.missing);
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

#[cfg(test)]
mod tests;
