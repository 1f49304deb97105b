//! The words people read: labels of every list, and why a finding says what it says, in one sentence.
//! Pure; nothing here decides anything.

use jiff::civil::Date;
use reseat_domain::candidate::CancelReason;
use reseat_domain::detect::{FindingKind, Verdict};
use reseat_domain::evidence::{Evidence, Signal, SignalStatus};
use reseat_domain::rule::{Justification, Rule, UseSignals};
use reseat_domain::time::Day;
use reseat_domain::usage_report::UsageReport;

/// Why a seat can be taken back, in a few words.
pub const fn justification(justification: Justification) -> &'static str {
    match justification {
        Justification::Leaver => "Employment ended",
        Justification::DisabledAccount => "Account disabled",
        Justification::NotInRoster => "Not in the HR roster",
        Justification::NeverUsed => "Never used",
        Justification::Inactive => "Not used lately",
        Justification::Overlapping => "Covered by another license",
        Justification::Downgrade => "A smaller license is enough",
        Justification::Consolidate => "One license covers several",
        Justification::SharedMailbox => "Shared mailbox",
        Justification::Manual => "Asked for by a person",
    }
}

/// What a finding says, in a few words.
pub const fn finding_kind(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::Idle => "Idle",
        FindingKind::InUse => "In use",
        FindingKind::InsufficientEvidence => "Not enough evidence",
        FindingKind::NeedsPerson => "Needs a person",
    }
}

/// A signal's name.
pub const fn signal(signal: Signal) -> &'static str {
    match signal {
        Signal::SignIn => "Sign-in",
        Signal::Exchange => "Exchange",
        Signal::OneDrive => "OneDrive",
        Signal::SharePoint => "SharePoint",
        Signal::SkypeForBusiness => "Skype for Business",
        Signal::Yammer => "Viva Engage",
        Signal::Teams => "Teams",
        Signal::Apps => "Microsoft 365 Apps",
        Signal::Copilot => "Copilot",
        Signal::ServicePlans => "License contents",
        Signal::EmploymentStatus => "Employment",
        Signal::AccountState => "Account state",
        Signal::LicenseAge => "Held since",
        Signal::AccountAge => "Account made",
    }
}

/// Why there was nothing to take back any more, in one sentence.
pub const fn cancel_reason(why: CancelReason) -> &'static str {
    match why {
        CancelReason::ActivityReturned => "The person used it again.",
        CancelReason::SeatGone => "The license was gone already; it counts neither as our removal nor as an error.",
        CancelReason::PersonGone => "The account is gone.",
        CancelReason::EvidenceChanged => "What this rested on is no longer so.",
    }
}

/// A source's name.
pub fn source(source: &str) -> &str {
    match source {
        "people" => "People and licenses",
        "skus" => "License types",
        "sign_ins" => "Sign-in activity",
        "subscriptions" => "Subscriptions",
        "groups" => "Licensed groups",
        "roster" => "HR roster",
        other => match other.parse() {
            Ok(UsageReport::ActiveUsers) => "Usage report",
            Ok(UsageReport::Email) => "E-mail report",
            Ok(UsageReport::Mailboxes) => "Mailbox report",
            Ok(UsageReport::Activations) => "Activations report",
            Ok(report) => report.label(),
            Err(_) => other,
        },
    }
}

/// A day for people to read, such as `2 July 2026`.
pub fn day(day: Day) -> String {
    day_text(&day.to_string())
}

/// The same from `YYYY-MM-DD`; anything else stays as it is.
fn day_text(text: &str) -> String {
    text.parse::<Date>().map_or_else(|_| text.to_owned(), |date| date.strftime("%-d %B %Y").to_string())
}

/// Why a finding says what it says, in one sentence, the main reason only.
pub fn why(verdict: &Verdict) -> String {
    match verdict.kind {
        FindingKind::Idle | FindingKind::NeedsPerson => match verdict.justifications.first() {
            Some(&main) => reason(main, verdict),
            None => "No reason is recorded".to_owned(),
        },
        FindingKind::InUse => kept(verdict),
        FindingKind::InsufficientEvidence => match verdict.missing.first() {
            Some(missing) => format!("Not enough evidence: {}: {}", signal(missing.signal), missing.why),
            None => "Not enough evidence".to_owned(),
        },
    }
}

fn reason(main: Justification, verdict: &Verdict) -> String {
    match main {
        Justification::Leaver => match last_day(verdict) {
            Some(day) => format!("Employment ended on {}", day_text(&day)),
            None => "Employment ended; the HR roster gives no last day".to_owned(),
        },
        Justification::DisabledAccount => "Account is disabled".to_owned(),
        Justification::NotInRoster => "Not in the HR roster; only a person can tell".to_owned(),
        Justification::NeverUsed => match value(verdict, Signal::LicenseAge) {
            Some(since) => format!("Never used since assigned on {}", day_text(since)),
            None => "Never used".to_owned(),
        },
        Justification::Inactive => not_used(verdict),
        Justification::Overlapping
        | Justification::Downgrade
        | Justification::Consolidate
        | Justification::SharedMailbox
        | Justification::Manual => justification(main).to_owned(),
    }
}

fn not_used(verdict: &Verdict) -> String {
    let last = match (verdict.last_activity, last_used(verdict)) {
        (Some(last), Some(where_used)) => format!(" (last use {}, {where_used})", day(last)),
        (Some(last), None) => format!(" (last use {})", day(last)),
        (None, _) => String::new(),
    };
    match verdict.idle_days {
        Some(1) => format!("Not used for 1 day{last}"),
        Some(days) => format!("Not used for {days} days{last}"),
        None => format!("Not used lately{last}"),
    }
}

/// Why a seat is kept: what speaks for it.
fn kept(verdict: &Verdict) -> String {
    let speaks = |wanted: Signal| {
        verdict.evidence.iter().find(|item| item.signal == wanted && item.status == SignalStatus::InUse)
    };
    if speaks(Signal::EmploymentStatus).is_some() {
        return "On leave; every seat is kept".to_owned();
    }
    if let Some(age) = speaks(Signal::LicenseAge) {
        return format!("Assigned only on {}", day_text(age.value.as_deref().unwrap_or("an unknown day")));
    }
    if let Some(age) = speaks(Signal::AccountAge) {
        return format!("The account was made only on {}", day_text(age.value.as_deref().unwrap_or("an unknown day")));
    }
    match (verdict.last_activity, last_used(verdict)) {
        (Some(last), Some(where_used)) => format!("Used on {} ({where_used})", day(last)),
        (Some(last), None) => format!("Used on {}", day(last)),
        (None, _) => "Something speaks for keeping it".to_owned(),
    }
}

/// The last day of employment, from the roster's evidence.
fn last_day(verdict: &Verdict) -> Option<String> {
    let text = value(verdict, Signal::EmploymentStatus)?;
    text.split_once("last day ").map(|(_, day)| day.to_owned())
}

fn value(verdict: &Verdict, wanted: Signal) -> Option<&str> {
    verdict.evidence.iter().find(|item| item.signal == wanted)?.value.as_deref()
}

/// Where the last use was seen; a service says more than a sign-in.
fn last_used(verdict: &Verdict) -> Option<&'static str> {
    let day = verdict.last_activity?.to_string();
    let on_that_day = |item: &&Evidence| item.value.as_deref() == Some(day.as_str());
    let mut seen: Vec<Signal> = verdict
        .evidence
        .iter()
        .filter(|item| item.signal.is_use())
        .filter(on_that_day)
        .map(|item| item.signal)
        .collect();
    seen.sort_by_key(|&seen| seen == Signal::SignIn);
    seen.first().map(|&first| signal(first))
}

/// A rule in words, for whoever wants to know why a seat was or was not found.
pub fn rule(rule: &Rule) -> String {
    let asked = match rule.use_signals {
        UseSignals::SignInAndServices => "the last successful sign-in and every service the license contains",
        UseSignals::ServicesOverTwoRefreshes => {
            "every service the license contains, over two refreshes of the usage report"
        }
    };
    format!(
        "A seat is idle when it was not used for {} whole days. Asked are {asked}. With an HR roster connected, \
         employment is asked too. Nothing is found in the first {} days after a license was assigned or an account was \
         made. A signal that is missing or too old keeps the seat.",
        rule.threshold_days, rule.grace_days
    )
}

#[cfg(test)]
mod tests {
    use reseat_domain::detect::MissingSignal;

    use super::*;

    fn evidence(signal: Signal, value: &str, status: SignalStatus) -> Evidence {
        Evidence {
            signal,
            value: Some(value.to_owned()),
            source: "test".to_owned(),
            as_of: None,
            status,
            note: None,
            limit_hours: None,
        }
    }

    fn idle(main: Justification, evidence: Vec<Evidence>) -> Verdict {
        Verdict {
            kind: FindingKind::Idle,
            justifications: vec![main],
            missing: Vec::new(),
            evidence,
            idle_days: None,
            last_activity: None,
        }
    }

    #[test]
    fn an_inactive_seat_says_how_long_since_when_and_where() {
        let mut verdict = idle(
            Justification::Inactive,
            vec![
                evidence(Signal::SignIn, "2026-07-02", SignalStatus::Idle),
                evidence(Signal::Exchange, "2026-07-02", SignalStatus::Idle),
                evidence(Signal::Teams, "2026-03-01", SignalStatus::Idle),
            ],
        );
        verdict.idle_days = Some(143);
        verdict.last_activity = Some("2026-07-02".parse().expect("a day"));
        assert_eq!(why(&verdict), "Not used for 143 days (last use 2 July 2026, Exchange)");
        verdict.kind = FindingKind::InUse;
        assert_eq!(why(&verdict), "Used on 2 July 2026 (Exchange)");
    }

    #[test]
    fn every_reason_has_its_sentence() {
        let leaver = evidence(Signal::EmploymentStatus, "inactive, last day 2026-08-31", SignalStatus::Idle);
        assert_eq!(why(&idle(Justification::Leaver, vec![leaver])), "Employment ended on 31 August 2026");
        let held = evidence(Signal::LicenseAge, "2025-11-03", SignalStatus::Idle);
        assert_eq!(why(&idle(Justification::NeverUsed, vec![held])), "Never used since assigned on 3 November 2025");
        assert_eq!(why(&idle(Justification::DisabledAccount, vec![])), "Account is disabled");
        let mut absent = idle(Justification::NotInRoster, vec![]);
        absent.kind = FindingKind::NeedsPerson;
        assert_eq!(why(&absent), "Not in the HR roster; only a person can tell");
    }

    #[test]
    fn a_seat_that_cannot_be_judged_names_what_is_missing() {
        let mut verdict = idle(Justification::Inactive, vec![]);
        verdict.kind = FindingKind::InsufficientEvidence;
        verdict.justifications.clear();
        verdict.missing.push(MissingSignal { signal: Signal::Teams, why: "the report is too old".to_owned() });
        assert_eq!(why(&verdict), "Not enough evidence: Teams: the report is too old");
    }

    #[test]
    fn a_kept_seat_says_what_speaks_for_it() {
        let mut verdict = idle(Justification::Inactive, vec![]);
        verdict.kind = FindingKind::InUse;
        verdict.evidence = vec![evidence(Signal::EmploymentStatus, "on_leave", SignalStatus::InUse)];
        assert_eq!(why(&verdict), "On leave; every seat is kept");
        verdict.evidence = vec![evidence(Signal::LicenseAge, "2026-11-20", SignalStatus::InUse)];
        assert_eq!(why(&verdict), "Assigned only on 20 November 2026");
    }
}
