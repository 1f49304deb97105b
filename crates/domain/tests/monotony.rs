//! Promise I11 as a property: whatever goes missing, no seat becomes idle that was not.
//!
//! Units of loss are rows, pages, files, sources, single signals of a row, and freshness. What
//! cannot be a unit, because its absence is itself a statement of the source, is named in
//! `docs/adr/0005-evidence-law.md`: a blank date inside a report row, a blank last day inside a
//! roster row, half of two contradicting roster rows, and a person's own declaration.
//!
//! `RESEAT_MONOTONY_CASES` and `RESEAT_MONOTONY_SEED` run more worlds, or others.

mod worlds;

use std::collections::{BTreeMap, BTreeSet};

use reseat_domain::activity::{ServiceUse, SignIn};
use reseat_domain::detect::{FindingKind, RosterReading, SeatFacts, Verdict};
use reseat_domain::evidence::Reading;
use reseat_domain::ids::SeatKey;
use reseat_domain::rule::{FreshnessLimits, Rule};
use reseat_domain::time::Timestamp;

use worlds::{Dice, Fault, World};

fn from_environment(name: &str, otherwise: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text:?}")),
        Err(_) => otherwise,
    }
}

fn of_kind(verdicts: &BTreeMap<SeatKey, Verdict>, kind: FindingKind) -> BTreeSet<SeatKey> {
    verdicts.iter().filter(|(_, verdict)| verdict.kind == kind).map(|(seat, _)| *seat).collect()
}

/// What the worlds went through, so that nobody believes a property that was never tried.
#[derive(Debug, Default)]
struct Seen {
    worlds: u64,
    seats: u64,
    missing_before: u64,
    missing_after: u64,
    idle_before: u64,
    idle_after: u64,
    /// By kind of fault: how often it happened, how often it took an idle finding away.
    faults: BTreeMap<&'static str, (u64, u64)>,
}

/// Runs worlds through faults, one after the other. `Err` is the first seat that became idle by losing something.
fn run(cases: u64, seed: u64, bend: impl Fn(&mut SeatFacts, &mut Rule) + Copy) -> Result<Seen, String> {
    let mut seen = Seen::default();
    for case in 0..cases {
        let mut dice = Dice::new(seed.wrapping_add(case));
        let mut world = World::random(&mut dice);
        let mut verdicts = world.judge_all(bend);
        seen.worlds += 1;
        seen.seats += verdicts.len() as u64;
        seen.missing_before += u64::from(verdicts.values().any(|verdict| !verdict.missing.is_empty()));
        seen.idle_before += u64::from(!of_kind(&verdicts, FindingKind::Idle).is_empty());
        for _ in 0..=dice.below(6) {
            let Some(fault) = world.any_fault(&mut dice) else { break };
            let before = world.clone();
            world.suffer(&fault);
            let after = world.judge_all(bend);
            let was_idle = of_kind(&verdicts, FindingKind::Idle);
            let is_idle = of_kind(&after, FindingKind::Idle);
            if let Some(seat) = is_idle.difference(&was_idle).next() {
                return Err(format!(
                    "seed {} made {seat} idle by losing {fault:?}\nworld before: {before:#?}\nverdict before: {:#?}\nverdict after: {:#?}",
                    seed.wrapping_add(case),
                    verdicts.get(seat),
                    after.get(seat),
                ));
            }
            let (times, bites) = seen.faults.entry(fault.kind()).or_default();
            *times += 1;
            *bites += u64::from(is_idle.len() < was_idle.len());
            verdicts = after;
        }
        seen.missing_after += u64::from(verdicts.values().any(|verdict| !verdict.missing.is_empty()));
        seen.idle_after += u64::from(!of_kind(&verdicts, FindingKind::Idle).is_empty());
    }
    Ok(seen)
}

#[test]
fn losing_anything_never_makes_a_seat_idle() {
    let cases = from_environment("RESEAT_MONOTONY_CASES", 6_000);
    let seed = from_environment("RESEAT_MONOTONY_SEED", 11);
    let seen = run(cases, seed, |_, _| {}).unwrap_or_else(|broken| panic!("I11 is broken: {broken}"));

    println!("I11: {} worlds with {} seats, seed {seed}", seen.worlds, seen.seats);
    println!("     worlds with missing data: {} before, {} after losing more", seen.missing_before, seen.missing_after);
    println!("     worlds with idle findings: {} before, {} after", seen.idle_before, seen.idle_after);
    for (kind, (times, bites)) in &seen.faults {
        println!("     lost {kind}: {times} times, {bites} times an idle finding with it");
    }
    assert!(seen.worlds >= 4_000, "too few worlds to mean anything");
    for (what, count) in [
        ("with missing data before", seen.missing_before),
        ("with missing data after", seen.missing_after),
        ("with idle findings before", seen.idle_before),
        ("with idle findings after", seen.idle_after),
    ] {
        assert!(count > 0, "no world {what}: the property was not tried");
    }
    assert_eq!(seen.faults.len(), Fault::KINDS, "some kind of loss never happened");
    for (kind, (_, bites)) in &seen.faults {
        assert!(*bites > 0, "losing {kind} never took an idle finding away: the property was not tried on it");
    }
}

/// Mistakes that take absence for an answer. Each must be found, or the property finds nothing.
#[test]
fn the_property_finds_a_judge_that_takes_absence_for_an_answer() {
    fn no_sign_in_row_means_never(facts: &mut SeatFacts, _: &mut Rule) {
        if let Reading::Missing(_) = facts.sign_in {
            let as_of = fresh_moment(facts);
            facts.sign_in = Reading::Present { value: SignIn::default(), as_of };
        }
    }
    fn no_report_row_means_no_use(facts: &mut SeatFacts, _: &mut Rule) {
        if let (Reading::Missing(_), Reading::Present { as_of, .. }) = (&facts.service_use, &facts.sign_in) {
            let value = ServiceUse { refreshed: as_of.day(), refreshes: 2, last_activity: BTreeMap::new() };
            facts.service_use = Reading::Present { value, as_of: *as_of };
        }
    }
    fn no_roster_means_not_connected(facts: &mut SeatFacts, _: &mut Rule) {
        if let RosterReading::Connected(Reading::Missing(_) | Reading::Present { value: None, .. }) = facts.roster {
            facts.roster = RosterReading::NotConnected;
        }
    }
    fn an_unknown_sku_has_no_services(facts: &mut SeatFacts, _: &mut Rule) {
        if let Reading::Missing(_) = facts.services {
            facts.services = Reading::Present { value: BTreeSet::new(), as_of: fresh_moment(facts) };
        }
    }
    fn one_date_is_as_good_as_three(facts: &mut SeatFacts, _: &mut Rule) {
        if let Reading::Present { value, .. } = &mut facts.sign_in {
            let any = value.last_successful.or(value.last_interactive.max(value.last_non_interactive));
            value.last_successful = any;
        }
    }
    fn no_recorded_success_means_never(facts: &mut SeatFacts, _: &mut Rule) {
        if let Reading::Present { value, .. } = &mut facts.sign_in
            && value.last_successful.is_none()
        {
            *value = SignIn::default();
        }
    }
    fn a_path_without_a_date_hides_the_age(facts: &mut SeatFacts, _: &mut Rule) {
        if facts.seat.paths.iter().any(|path| path.last_updated.is_none()) {
            facts.seat.paths.clear();
        }
    }
    fn a_concealed_report_says_nothing_against(facts: &mut SeatFacts, _: &mut Rule) {
        if facts.service_use == Reading::Concealed {
            facts.services = Reading::Present { value: BTreeSet::new(), as_of: fresh_moment(facts) };
        }
    }
    fn only_what_is_there_is_asked_for(facts: &mut SeatFacts, rule: &mut Rule) {
        rule.limits = FreshnessLimits { usage_report: 48, ..rule.limits };
        let stale = matches!(&facts.service_use, Reading::Present { as_of, .. }
            if fresh_moment(facts).seconds_since(*as_of) > 48 * 3_600);
        if stale {
            facts.services = Reading::Present { value: BTreeSet::new(), as_of: fresh_moment(facts) };
        }
    }
    fn a_report_that_is_not_there_is_not_asked(facts: &mut SeatFacts, _: &mut Rule) {
        facts.reports.retain(|_, reading| matches!(reading, Reading::Present { .. }));
        if let Reading::Present { value, .. } = &mut facts.services {
            let asked: BTreeSet<_> = facts.reports.keys().filter_map(|report| report.shows_use_of()).collect();
            value.retain(|service| service.in_active_users() || asked.contains(service));
        }
    }
    /// Some moment that counts as fresh: the directory's own.
    fn fresh_moment(facts: &SeatFacts) -> Timestamp {
        match &facts.account_enabled {
            Reading::Present { as_of, .. } => *as_of,
            Reading::Missing(_) | Reading::Concealed => Timestamp::from_micros(0),
        }
    }
    type Bend = fn(&mut SeatFacts, &mut Rule);
    let mistakes: [(&str, Bend); 10] = [
        ("no sign-in row means never", no_sign_in_row_means_never),
        ("no report row means no use", no_report_row_means_no_use),
        ("no roster means not connected", no_roster_means_not_connected),
        ("an unknown sku has no services", an_unknown_sku_has_no_services),
        ("one date is as good as three", one_date_is_as_good_as_three),
        ("no recorded success means never", no_recorded_success_means_never),
        ("a path without a date hides the age", a_path_without_a_date_hides_the_age),
        ("a concealed report says nothing against", a_concealed_report_says_nothing_against),
        ("only what is there is asked for", only_what_is_there_is_asked_for),
        ("a report that is not there is not asked", a_report_that_is_not_there_is_not_asked),
    ];
    for (mistake, bend) in mistakes {
        // Stops at the first find; the rarest needs some thousands of worlds.
        assert!(run(60_000, 11, bend).is_err(), "not found: {mistake}");
    }
}
