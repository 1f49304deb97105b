use std::collections::BTreeMap;

use super::*;
use crate::directory::{OpenWord, Path, Via};
use crate::employment::EmploymentStatus;
use crate::ids::{GroupId, RuleId, SkuId};
use crate::rule::UseSignals;

fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().expect("a moment")
}

fn ago(days: i64) -> Timestamp {
    now().plus_days(-days)
}

fn rule() -> Rule {
    Rule::reseat_preset(RuleId::from_uuid(uuid::Uuid::nil()), UseSignals::SignInAndServices)
}

fn without_premium() -> Rule {
    Rule::reseat_preset(RuleId::from_uuid(uuid::Uuid::nil()), UseSignals::ServicesOverTwoRefreshes)
}

fn present<T>(value: T) -> Reading<T> {
    Reading::Present { value, as_of: now() }
}

fn path(via: Via, days: i64) -> Path {
    Path { via, disabled_plans: BTreeSet::new(), state: OpenWord("Active".into()), last_updated: Some(ago(days)) }
}

/// Mail and Teams, held directly for 400 days, nothing used for 200, no roster: idle.
fn idle_seat() -> SeatFacts {
    SeatFacts {
        seat: HeldSeat { sku_id: SkuId::from_uuid(uuid::Uuid::nil()), paths: vec![path(Via::Direct, 400)] },
        services: present(BTreeSet::from([Service::Exchange, Service::Teams])),
        account_enabled: present(true),
        account_created: Some(ago(2_000)),
        declared: None,
        sign_in: present(signed_in(200)),
        service_use: present(report(&[(Service::Exchange, 201), (Service::Teams, 205)])),
        reports: BTreeMap::new(),
        roster: RosterReading::NotConnected,
    }
}

fn signed_in(days: i64) -> SignIn {
    SignIn {
        last_successful: Some(ago(days)),
        last_interactive: Some(ago(days)),
        last_non_interactive: Some(ago(days + 1)),
    }
}

fn report(last: &[(Service, i64)]) -> ServiceUse {
    ServiceUse {
        refreshed: now().day(),
        refreshes: 2,
        last_activity: last.iter().map(|(service, days)| (*service, ago(*days).day())).collect(),
    }
}

/// The row of a report of one service.
fn row(last: Option<i64>) -> Reading<ReportUse> {
    present(ReportUse { refreshed: now().day(), refreshes: 2, last: last.map(|days| ago(days).day()) })
}

fn in_roster(status: EmploymentStatus, last_day: Option<i64>) -> RosterReading {
    let row = Employment { status, start: None, end: last_day.map(|days| ago(days).day()) };
    RosterReading::Connected(present(Some(row)))
}

/// A seat last used so many days ago, by sign-in and in Teams.
fn used(days: i64) -> SeatFacts {
    SeatFacts {
        sign_in: present(signed_in(days)),
        service_use: present(report(&[(Service::Teams, days), (Service::Exchange, days + 3)])),
        ..idle_seat()
    }
}

fn missing_signals(verdict: &Verdict) -> Vec<Signal> {
    verdict.missing.iter().map(|missing| missing.signal).collect()
}

/// Judged under the preset; the answer and its reasons.
fn judged(facts: &SeatFacts) -> (FindingKind, Vec<Justification>) {
    let verdict = judge(facts, &rule(), now());
    (verdict.kind, verdict.justifications)
}

const IDLE: FindingKind = FindingKind::Idle;
const IN_USE: FindingKind = FindingKind::InUse;
const INSUFFICIENT: FindingKind = FindingKind::InsufficientEvidence;
const NEEDS_PERSON: FindingKind = FindingKind::NeedsPerson;

#[test]
fn a_seat_is_idle_once_ninety_whole_days_lie_between_use_and_today() {
    // Used on day 0 and judged on day 91: days 1 to 90 are whole days without use (U12).
    for (days_ago, idle_days, kind) in [(90, 89, IN_USE), (91, 90, IDLE), (92, 91, IDLE)] {
        let verdict = judge(&used(days_ago), &rule(), now());
        assert_eq!((verdict.kind, verdict.idle_days), (kind, Some(idle_days)), "used {days_ago} days ago");
        assert_eq!(verdict.last_activity, Some(ago(days_ago).day()));
    }
}

#[test]
fn the_hour_of_the_day_decides_nothing() {
    for seconds in [0, 1, 43_199, 86_399] {
        let facts = used(0);
        let midnight = now().day().start();
        let at = midnight.plus_days(91).plus_seconds(seconds);
        let facts = SeatFacts {
            account_enabled: Reading::Present { value: true, as_of: at },
            sign_in: match facts.sign_in {
                Reading::Present { value, .. } => Reading::Present { value, as_of: at },
                Reading::Missing(_) | Reading::Concealed => unreachable!("a used seat has sign-ins"),
            },
            service_use: Reading::Present {
                value: ServiceUse { refreshed: at.day(), ..report(&[(Service::Teams, 0)]) },
                as_of: at,
            },
            ..facts
        };
        assert_eq!(judge(&facts, &rule(), at).idle_days, Some(90), "{seconds} seconds into the day");
    }
}

#[test]
fn idle_days_count_only_to_the_day_that_the_slowest_source_knows() {
    let mut facts = used(93);
    assert_eq!(judged(&facts).0, IDLE);
    // The report knows up to four days ago; what happened since, nobody knows.
    let late = ServiceUse { refreshed: ago(4).day(), ..report(&[(Service::Teams, 93)]) };
    facts.service_use = Reading::Present { value: late, as_of: ago(3) };
    let verdict = judge(&facts, &rule(), now());
    assert_eq!((verdict.kind, verdict.idle_days), (IN_USE, Some(88)));
}

#[test]
fn a_license_or_an_account_younger_than_thirty_whole_days_is_left_alone() {
    for (days, kind) in [(30, IN_USE), (31, IDLE)] {
        let mut license = idle_seat();
        license.seat.paths = vec![path(Via::Direct, days)];
        assert_eq!(judged(&license).0, kind, "assigned {days} days ago");
        let account = SeatFacts { account_created: Some(ago(days)), sign_in: present(signed_in(days)), ..idle_seat() };
        let account = SeatFacts { account_enabled: present(false), ..account };
        assert_eq!(judged(&account).0, kind, "a disabled account made {days} days ago");
    }
}

#[test]
fn a_license_is_as_old_as_its_oldest_path() {
    let group = Via::Group { group_id: GroupId::from_uuid(uuid::Uuid::nil()) };
    let mut facts = idle_seat();
    facts.seat.paths = vec![path(Via::Direct, 5), path(group, 400)];
    assert_eq!(judged(&facts).0, IDLE, "held through the group all along");
    facts.seat.paths.pop();
    assert_eq!(judged(&facts).0, IN_USE);
    facts.seat.paths.clear();
    let verdict = judge(&facts, &rule(), now());
    assert_eq!((verdict.kind, missing_signals(&verdict)), (INSUFFICIENT, vec![Signal::LicenseAge]));
}

#[test]
fn a_leaver_is_idle_only_without_use_after_the_last_day() {
    let left = EmploymentStatus::Inactive;
    type Case = (&'static str, SeatFacts, Option<i64>, FindingKind, &'static [Justification]);
    let table: [Case; 8] = [
        ("used until the last day", used(50), Some(50), IDLE, &[Justification::Leaver]),
        ("used the day after, within the leeway for zones", used(49), Some(50), IDLE, &[Justification::Leaver]),
        ("used two days after", used(48), Some(50), IN_USE, &[]),
        ("used after, but not for ninety days", used(95), Some(120), IDLE, &[Justification::Inactive]),
        ("today is the last day", used(40), Some(0), IN_USE, &[]),
        ("leaves in a month", used(40), Some(-30), IN_USE, &[]),
        ("no last day, used within the grace", used(30), None, IN_USE, &[]),
        ("no last day, thirty whole days silent", used(31), None, IDLE, &[Justification::Leaver]),
    ];
    for (case, facts, last_day, kind, reasons) in table {
        let facts = SeatFacts { roster: in_roster(left, last_day), ..facts };
        assert_eq!(judged(&facts), (kind, reasons.to_vec()), "{case}");
    }
}

#[test]
fn a_leavers_earlier_use_does_not_speak_for_the_seat() {
    let facts = SeatFacts { roster: in_roster(EmploymentStatus::Inactive, Some(50)), ..used(52) };
    let verdict = judge(&facts, &rule(), now());
    assert_eq!(verdict.justifications, [Justification::Leaver]);
    assert!(verdict.evidence.iter().all(|item| item.status == SignalStatus::Idle), "{:#?}", verdict.evidence);
}

#[test]
fn a_leaver_whose_use_is_not_known_is_kept() {
    let roster = in_roster(EmploymentStatus::Inactive, Some(100));
    let facts = SeatFacts { roster, service_use: Reading::missing("no row"), ..idle_seat() };
    let verdict = judge(&facts, &rule(), now());
    assert_eq!(verdict.kind, INSUFFICIENT);
    assert_eq!(missing_signals(&verdict), [Signal::Exchange, Signal::Teams]);
}

#[test]
fn somebody_on_leave_keeps_every_seat() {
    for enabled in [true, false] {
        let roster = in_roster(EmploymentStatus::OnLeave, None);
        let facts = SeatFacts { roster, account_enabled: present(enabled), ..idle_seat() };
        assert_eq!(judged(&facts), (IN_USE, vec![]), "U13, account enabled: {enabled}");
    }
}

#[test]
fn somebody_without_a_roster_row_is_for_a_person_to_decide() {
    let nobody = || RosterReading::Connected(present(None));
    let enabled = SeatFacts { roster: nobody(), ..idle_seat() };
    assert_eq!(judged(&enabled), (NEEDS_PERSON, vec![Justification::NotInRoster]));
    let disabled = SeatFacts { roster: nobody(), account_enabled: present(false), ..idle_seat() };
    let both = vec![Justification::NotInRoster, Justification::DisabledAccount];
    assert_eq!(judged(&disabled), (NEEDS_PERSON, both));
    let active = SeatFacts { roster: nobody(), ..used(1) };
    assert_eq!(judged(&active).0, NEEDS_PERSON);
}

#[test]
fn a_disabled_account_is_idle_by_its_own_signals_unless_the_roster_speaks_against_it() {
    let disabled = |roster| SeatFacts { roster, account_enabled: present(false), ..used(3) };
    let only = vec![Justification::DisabledAccount];
    assert_eq!(judged(&disabled(RosterReading::NotConnected)), (IDLE, only.clone()));
    assert_eq!(judged(&disabled(in_roster(EmploymentStatus::Active, None))), (IDLE, only.clone()));
    let unread = disabled(RosterReading::Connected(Reading::missing("not read yet")));
    let verdict = judge(&unread, &rule(), now());
    assert_eq!(verdict.kind, IN_USE, "used three days ago");
    let unread = SeatFacts { roster: unread.roster, account_enabled: present(false), ..idle_seat() };
    let verdict = judge(&unread, &rule(), now());
    assert_eq!((verdict.kind, missing_signals(&verdict)), (INSUFFICIENT, vec![Signal::EmploymentStatus]));

    // Use is not asked for, so losing it changes nothing and it is no part of the evidence.
    let facts = SeatFacts { sign_in: Reading::missing("no right"), ..disabled(RosterReading::NotConnected) };
    let verdict = judge(&facts, &rule(), now());
    assert_eq!((verdict.kind, verdict.justifications), (IDLE, only));
    let signals: Vec<Signal> = verdict.evidence.iter().map(|item| item.signal).collect();
    assert_eq!(signals, [Signal::AccountState, Signal::LicenseAge, Signal::AccountAge]);
}

#[test]
fn every_reason_is_kept_and_the_main_one_comes_first() {
    let roster = in_roster(EmploymentStatus::Inactive, Some(150));
    let facts = SeatFacts { roster, account_enabled: present(false), ..idle_seat() };
    let all = vec![Justification::Leaver, Justification::DisabledAccount, Justification::Inactive];
    assert_eq!(judged(&facts), (IDLE, all), "F5");
}

#[test]
fn failed_sign_ins_are_no_use() {
    // A password spray yesterday, the last success 200 days ago (U10).
    let sprayed = SignIn { last_interactive: Some(ago(1)), ..signed_in(200) };
    let facts = SeatFacts { sign_in: present(sprayed), ..idle_seat() };
    let verdict = judge(&facts, &rule(), now());
    assert_eq!((verdict.kind, verdict.justifications), (IDLE, vec![Justification::Inactive]));
    assert_eq!(verdict.last_activity, Some(ago(200).day()));
}

#[test]
fn an_unattended_sign_in_is_use_when_it_succeeded() {
    let program = SignIn { last_successful: Some(ago(2)), last_interactive: None, last_non_interactive: Some(ago(2)) };
    assert_eq!(judged(&SeatFacts { sign_in: present(program), ..idle_seat() }).0, IN_USE);
}

#[test]
fn attempts_without_a_recorded_success_are_not_never() {
    let attempts = |days| SignIn {
        last_successful: None,
        last_interactive: Some(ago(days)),
        last_non_interactive: Some(ago(days + 9)),
    };
    // Older than the record of successes: the attempt may have been one (U9).
    let old = |days| SeatFacts { sign_in: present(attempts(days)), ..idle_seat() };
    assert_eq!(judged(&old(10)), (IN_USE, vec![]));
    assert_eq!(judged(&old(1_200)).1, [Justification::Inactive]);
    // Younger: every success would be on record. They all failed, or the date went missing.
    let young = SeatFacts { account_created: Some(ago(400)), ..old(10) };
    let verdict = judge(&young, &rule(), now());
    assert_eq!((verdict.kind, missing_signals(&verdict)), (INSUFFICIENT, vec![Signal::SignIn]));
}

#[test]
fn taking_dates_out_of_a_sign_in_record_never_shows_idleness() {
    let complete =
        SignIn { last_successful: Some(ago(2)), last_interactive: Some(ago(200)), last_non_interactive: Some(ago(2)) };
    for created in [Some(ago(2_000)), Some(ago(400)), None] {
        for taken in 1..7_u8 {
            let keep = |bit: u8, date: Option<Timestamp>| date.filter(|_| taken & bit == 0);
            let sign_in = SignIn {
                last_successful: keep(1, complete.last_successful),
                last_interactive: keep(2, complete.last_interactive),
                last_non_interactive: keep(4, complete.last_non_interactive),
            };
            let facts = SeatFacts { sign_in: present(sign_in), account_created: created, ..idle_seat() };
            assert_ne!(judged(&facts).0, IDLE, "created {created:?}, left {sign_in:?}");
        }
    }
}

#[test]
fn no_recorded_sign_in_is_believed_only_if_the_report_agrees() {
    let never = |service_use| SeatFacts { sign_in: present(SignIn::default()), service_use, ..idle_seat() };
    assert_eq!(judged(&never(present(report(&[])))), (IDLE, vec![Justification::NeverUsed]), "F3");

    // Microsoft once answered without these dates for people who did sign in; a use of any service,
    // licensed by this sku or not, shows that.
    let disagreeing = [
        ("shows use", present(report(&[(Service::Yammer, 170)]))),
        ("has no row", Reading::missing("no row")),
        ("is concealed", Reading::Concealed),
        ("is stale", Reading::Present { value: ServiceUse { refreshed: ago(7).day(), ..report(&[]) }, as_of: ago(6) }),
    ];
    for (why, service_use) in disagreeing {
        for services in [BTreeSet::from([Service::Exchange]), BTreeSet::new()] {
            let facts = SeatFacts { services: present(services.clone()), ..never(service_use.clone()) };
            let verdict = judge(&facts, &rule(), now());
            assert_eq!(verdict.kind, INSUFFICIENT, "the report {why}, services {services:?}");
            assert!(missing_signals(&verdict).contains(&Signal::SignIn), "the report {why}");
        }
    }
}

#[test]
fn a_blank_date_is_no_use_seen_and_a_missing_row_is_nothing() {
    let blank = SeatFacts { service_use: present(report(&[])), ..idle_seat() };
    let verdict = judge(&blank, &rule(), now());
    assert_eq!((verdict.kind, verdict.justifications), (IDLE, vec![Justification::Inactive]));
    assert!(verdict.evidence.iter().any(|item| item.note.as_deref() == Some("no use seen in the report's window")));
    let no_row = SeatFacts { service_use: Reading::missing("the report has no row"), ..idle_seat() };
    assert_eq!(judged(&no_row).0, INSUFFICIENT);
}

#[test]
fn each_signal_that_is_missing_stale_or_concealed_is_named() {
    let hours = |hours: i64| now().plus_seconds(-hours * 3_600);
    let employed = || Some(Employment { status: EmploymentStatus::Active, start: None, end: None });
    let both = [Signal::Exchange, Signal::Teams];
    let stale_report = Reading::Present { value: ServiceUse { refreshed: ago(6).day(), ..report(&[]) }, as_of: ago(5) };
    let table: Vec<(&str, SeatFacts, &[Signal])> = vec![
        (
            "account missing",
            SeatFacts { account_enabled: Reading::missing("x"), ..idle_seat() },
            &[Signal::AccountState],
        ),
        (
            "account concealed",
            SeatFacts { account_enabled: Reading::Concealed, ..idle_seat() },
            &[Signal::AccountState],
        ),
        (
            "directory stale",
            SeatFacts { account_enabled: Reading::Present { value: true, as_of: hours(49) }, ..idle_seat() },
            &[Signal::AccountState],
        ),
        ("account date missing", SeatFacts { account_created: None, ..idle_seat() }, &[Signal::AccountAge]),
        ("sign-ins missing", SeatFacts { sign_in: Reading::missing("no right"), ..idle_seat() }, &[Signal::SignIn]),
        ("sign-ins concealed", SeatFacts { sign_in: Reading::Concealed, ..idle_seat() }, &[Signal::SignIn]),
        (
            "sign-ins stale",
            SeatFacts { sign_in: Reading::Present { value: signed_in(200), as_of: hours(73) }, ..idle_seat() },
            &[Signal::SignIn],
        ),
        ("report missing", SeatFacts { service_use: Reading::missing("403"), ..idle_seat() }, &both),
        ("report concealed", SeatFacts { service_use: Reading::Concealed, ..idle_seat() }, &both),
        ("report stale", SeatFacts { service_use: stale_report, ..idle_seat() }, &both),
        ("sku unknown", SeatFacts { services: Reading::missing("not listed"), ..idle_seat() }, &[Signal::ServicePlans]),
        ("sku concealed", SeatFacts { services: Reading::Concealed, ..idle_seat() }, &[Signal::ServicePlans]),
        (
            "roster missing",
            SeatFacts { roster: RosterReading::Connected(Reading::missing("not read")), ..idle_seat() },
            &[Signal::EmploymentStatus],
        ),
        (
            "roster concealed",
            SeatFacts { roster: RosterReading::Connected(Reading::Concealed), ..idle_seat() },
            &[Signal::EmploymentStatus],
        ),
        (
            "roster stale",
            SeatFacts {
                roster: RosterReading::Connected(Reading::Present { value: employed(), as_of: hours(169) }),
                ..idle_seat()
            },
            &[Signal::EmploymentStatus],
        ),
        (
            "two roster rows",
            SeatFacts {
                roster: RosterReading::Connected(Reading::missing("two rows carry this person's addresses")),
                ..idle_seat()
            },
            &[Signal::EmploymentStatus],
        ),
    ];
    assert_eq!(judged(&idle_seat()).0, IDLE);
    for (case, facts, signals) in table {
        let verdict = judge(&facts, &rule(), now());
        assert_eq!(verdict.kind, INSUFFICIENT, "{case}");
        assert_eq!(missing_signals(&verdict), signals, "{case}");
        assert!(verdict.missing.iter().all(|missing| !missing.why.is_empty()), "{case}");
        assert!(verdict.justifications.is_empty(), "{case}");
    }
}

#[test]
fn a_source_is_fresh_up_to_its_limit_and_not_a_second_longer() {
    let directory = |seconds: i64| SeatFacts {
        account_enabled: Reading::Present { value: true, as_of: now().plus_seconds(-seconds) },
        ..idle_seat()
    };
    assert_eq!(judged(&directory(48 * 3_600)).0, IDLE);
    assert_eq!(judged(&directory(48 * 3_600 + 1)).0, INSUFFICIENT);
}

#[test]
fn recent_use_in_a_stale_source_still_keeps_the_seat() {
    let stale = Reading::Present { value: signed_in(10), as_of: ago(8) };
    assert_eq!(judged(&SeatFacts { sign_in: stale, ..idle_seat() }).0, IN_USE);
}

#[test]
fn an_active_service_keeps_the_seat_whatever_the_others_say() {
    let one_active = SeatFacts { service_use: present(report(&[(Service::Teams, 2)])), ..idle_seat() };
    let verdict = judge(&one_active, &rule(), now());
    assert_eq!(verdict.kind, IN_USE, "U11");
    let speaking: Vec<Signal> =
        verdict.evidence.iter().filter(|item| item.status == SignalStatus::InUse).map(|item| item.signal).collect();
    assert_eq!(speaking, [Signal::Teams]);
}

#[test]
fn a_license_without_reported_services_is_judged_by_sign_in_and_kept_on_any_sign_in() {
    let power_bi =
        |facts| SeatFacts { services: present(BTreeSet::new()), service_use: Reading::missing("no row"), ..facts };
    assert_eq!(judged(&power_bi(idle_seat())), (IDLE, vec![Justification::Inactive]));
    let active = judge(&power_bi(used(2)), &rule(), now());
    assert_eq!((active.kind, missing_signals(&active)), (INSUFFICIENT, vec![Signal::SignIn]));
    let blind = judge(&power_bi(idle_seat()), &without_premium(), now());
    assert_eq!((blind.kind, missing_signals(&blind)), (INSUFFICIENT, vec![Signal::SignIn]));
}

#[test]
fn a_date_that_cannot_be_is_no_date() {
    let future_use = SeatFacts { service_use: present(report(&[(Service::Teams, -2)])), ..idle_seat() };
    let mut ancient = report(&[]);
    ancient.last_activity.insert(Service::Teams, "1601-01-01".parse().expect("a day"));
    let ancient_use = SeatFacts { service_use: present(ancient), ..idle_seat() };
    let zero: Timestamp = "0001-01-01T00:00:00Z".parse().expect("a moment");
    let sign_in =
        |at| SeatFacts { sign_in: present(SignIn { last_successful: Some(at), ..signed_in(200) }), ..idle_seat() };
    let next_year = ServiceUse { refreshed: ago(-300).day(), ..report(&[(Service::Teams, 5)]) };
    let table: [(&str, SeatFacts, &[Signal]); 7] = [
        ("use in the future", future_use, &[Signal::Teams]),
        ("use in 1601", ancient_use, &[Signal::Teams]),
        ("sign-in in the future", sign_in(ago(-2)), &[Signal::SignIn]),
        ("sign-in in the year 1", sign_in(zero), &[Signal::SignIn]),
        (
            "a report of next year",
            SeatFacts {
                service_use: present(ServiceUse { last_activity: BTreeMap::new(), ..next_year }),
                ..idle_seat()
            },
            &[Signal::Exchange, Signal::Teams],
        ),
        (
            "a directory of tomorrow",
            SeatFacts { account_enabled: Reading::Present { value: true, as_of: ago(-2) }, ..idle_seat() },
            &[Signal::AccountState],
        ),
        ("an account of the year 1", SeatFacts { account_created: Some(zero), ..idle_seat() }, &[Signal::AccountAge]),
    ];
    for (case, facts, signals) in table {
        let verdict = judge(&facts, &rule(), now());
        assert_eq!((verdict.kind, missing_signals(&verdict)), (INSUFFICIENT, signals.to_vec()), "U7: {case}");
    }
    let mut assigned_tomorrow = idle_seat();
    assigned_tomorrow.seat.paths = vec![path(Via::Direct, -1)];
    assert_eq!(judged(&assigned_tomorrow).0, IN_USE);
}

#[test]
fn without_premium_a_seat_needs_two_refreshes_and_a_hundred_and_eighty_days() {
    let facts = |days: i64, refreshes| SeatFacts {
        sign_in: Reading::missing("the tenant has no Entra P1"),
        service_use: present(ServiceUse { refreshes, ..report(&[(Service::Teams, days)]) }),
        ..idle_seat()
    };
    let kind = |facts: &SeatFacts| judge(facts, &without_premium(), now()).kind;
    assert_eq!(kind(&facts(180, 2)), IN_USE);
    assert_eq!(kind(&facts(181, 2)), IDLE);
    let once = judge(&facts(181, 1), &without_premium(), now());
    assert_eq!((once.kind, missing_signals(&once)), (INSUFFICIENT, vec![Signal::Exchange, Signal::Teams]));
    // The same tenant under the rule that asks for sign-ins: nothing falls back silently.
    assert_eq!(judge(&facts(400, 5), &rule(), now()).kind, INSUFFICIENT);
}

#[test]
fn an_account_that_a_person_declared_nobodys_employment_is_judged_by_use_alone() {
    for roster in [RosterReading::Connected(present(None)), RosterReading::Connected(Reading::missing("not read"))] {
        let shared = SeatFacts { declared: Some(NonEmployee::Shared), roster, ..idle_seat() };
        let verdict = judge(&shared, &rule(), now());
        assert_eq!((verdict.kind, verdict.justifications), (IDLE, vec![Justification::Inactive]));
        let employment = verdict.evidence.iter().find(|item| item.signal == Signal::EmploymentStatus).expect("shown");
        assert_eq!(employment.value.as_deref(), Some("declared shared account"));
        let active = SeatFacts { declared: Some(NonEmployee::Service), roster: shared.roster, ..used(1) };
        assert_eq!(judged(&active).0, IN_USE);
    }
}

#[test]
fn a_verdict_carries_its_evidence_with_dates_and_sources() {
    let roster = in_roster(EmploymentStatus::Inactive, Some(150));
    let idle = judge(&SeatFacts { roster, ..idle_seat() }, &rule(), now());
    insta::assert_snapshot!("idle_leaver", serde_json::to_string_pretty(&idle).expect("plain data"));
    let facts = SeatFacts { service_use: Reading::Concealed, account_created: None, ..idle_seat() };
    let insufficient = judge(&facts, &rule(), now());
    insta::assert_snapshot!("insufficient", serde_json::to_string_pretty(&insufficient).expect("plain data"));
}

fn with_report(report: UsageReport, reading: Reading<ReportUse>) -> SeatFacts {
    SeatFacts { reports: BTreeMap::from([(report, reading)]), ..idle_seat() }
}

#[test]
fn of_several_reports_of_a_service_the_latest_day_counts_and_names_its_source() {
    let verdict = judge(&with_report(UsageReport::Teams, row(Some(3))), &rule(), now());
    assert_eq!((verdict.kind, verdict.last_activity), (IN_USE, Some(ago(3).day())), "5.4");
    let teams = verdict.evidence.iter().find(|item| item.signal == Signal::Teams).expect("looked at");
    assert_eq!((teams.source.as_str(), teams.status), ("Teams report", SignalStatus::InUse));
    let verdict = judge(&with_report(UsageReport::Teams, row(Some(300))), &rule(), now());
    assert_eq!(verdict.kind, IDLE);
    let teams = verdict.evidence.iter().find(|item| item.signal == Signal::Teams).expect("looked at");
    assert_eq!((teams.source.as_str(), teams.value.clone()), ("active-user report", Some(ago(205).day().to_string())));
}

#[test]
fn one_more_report_takes_a_seat_out_of_idle_and_never_puts_one_in() {
    let stale =
        Reading::Present { value: ReportUse { refreshed: ago(9).day(), refreshes: 2, last: None }, as_of: ago(9) };
    for (reading, kind) in [
        (row(None), IDLE),
        (row(Some(1)), IN_USE),
        (stale, INSUFFICIENT),
        (Reading::missing("no row"), INSUFFICIENT),
        (Reading::Concealed, INSUFFICIENT),
        (row(Some(-3)), INSUFFICIENT),
    ] {
        assert_eq!(judged(&with_report(UsageReport::Email, reading.clone())).0, kind, "I11: {reading:?}");
        let mut unknown = with_report(UsageReport::Email, reading);
        unknown.service_use = Reading::missing("no row");
        assert_ne!(judged(&unknown).0, IDLE, "the report of one service does not stand for the other");
    }
}

#[test]
fn copilot_is_judged_by_its_own_report_and_by_nothing_else() {
    let copilot = |reading: Option<Reading<ReportUse>>| SeatFacts {
        services: present(BTreeSet::from([Service::Copilot])),
        reports: reading.map(|reading| (UsageReport::Copilot, reading)).into_iter().collect(),
        ..idle_seat()
    };
    assert_eq!(judged(&copilot(Some(row(None)))).0, IDLE, "5.4");
    assert_eq!(judged(&copilot(Some(row(Some(2))))).0, IN_USE, "5.4");
    for reading in [None, Some(Reading::missing("not offered in this cloud")), Some(Reading::Concealed)] {
        let verdict = judge(&copilot(reading), &rule(), now());
        assert_eq!((verdict.kind, missing_signals(&verdict)), (INSUFFICIENT, vec![Signal::Copilot]), "F37");
    }
}

#[test]
fn never_signed_in_needs_every_report_to_agree() {
    let never = |reading| SeatFacts {
        sign_in: present(SignIn::default()),
        service_use: present(report(&[])),
        services: present(BTreeSet::from([Service::Exchange])),
        ..with_report(UsageReport::Yammer, reading)
    };
    assert_eq!(judged(&never(row(None))), (IDLE, vec![Justification::NeverUsed]));
    for reading in [row(Some(100)), Reading::missing("cut off"), Reading::Concealed] {
        assert_eq!(judged(&never(reading)).0, INSUFFICIENT, "I11");
    }
}
