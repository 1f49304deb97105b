use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use uuid::Uuid;

use super::diagram::{events, events_with, samples};
use super::*;
use crate::ids::{ApprovalId, CampaignId, IntentId};
use crate::role::Role;
use crate::time::Timestamp;

use CandidateEvent as Event;
use CandidateState as State;

const NOW: Timestamp = Timestamp::from_micros(5_000_000);

/// Ids of samples and events as letters, so that a table shows where each came from.
fn readable(text: &str) -> String {
    let mut text = text.to_owned();
    for (number, name) in [(1, "a"), (2, "i"), (3, "c"), (11, "A"), (12, "I"), (13, "C")] {
        let id = Uuid::from_u128(number);
        for kind in ["ApprovalId", "IntentId", "CampaignId"] {
            text = text.replace(&format!("{kind}({id})"), name);
        }
    }
    text.replace("Timestamp(0)", "t0").replace("Timestamp(5000000)", "now")
}

#[test]
fn the_whole_state_table() {
    let mut table = String::from(
        "Every state and every event. Ids of the state are small letters, ids the event brings are capitals.\n",
    );
    for state in samples() {
        let _ = writeln!(table, "\n{}", readable(&format!("{state:?}")));
        let mut illegal = Vec::new();
        for event in events() {
            match transition(&state, &event, NOW) {
                Ok((next, effects)) => {
                    let moved = readable(&format!("{next:?} {effects:?}"));
                    let _ = writeln!(table, "    {} -> {moved}", event.name());
                }
                Err(refused) => {
                    assert_eq!(refused, Illegal { from: state.name(), event: event.name() });
                    illegal.push(event.name().as_str());
                }
            }
        }
        let _ = writeln!(
            table,
            "    illegal: {}",
            if illegal.is_empty() { "nothing".to_owned() } else { illegal.join(" ") }
        );
    }
    insta::assert_snapshot!("state_table", table);
}

#[test]
fn every_state_and_every_event_is_in_the_table() {
    let states: BTreeSet<StateName> = samples().iter().map(State::name).collect();
    assert_eq!(states.len(), StateName::ALL.len());
    let names: Vec<EventName> = events().iter().map(Event::name).collect();
    assert_eq!(names, EventName::ALL);
}

#[test]
fn the_drawn_diagram_is_the_table() {
    let drawn: BTreeSet<(StateName, StateName)> = edges().iter().map(|edge| (edge.from, edge.to)).collect();
    let mut tried = BTreeSet::new();
    for state in samples() {
        for event in events() {
            if let Ok((next, _)) = transition(&state, &event, NOW) {
                tried.insert((state.name(), next.name()));
            }
        }
    }
    assert_eq!(drawn, tried);
    assert_eq!(nodes().len(), StateName::ALL.len());
}

#[test]
fn a_closed_candidate_never_moves_except_to_undo_a_proven_removal() {
    for state in samples().into_iter().filter(|state| state.name().is_closed()) {
        for event in events() {
            let undo = matches!(
                (&state, &event),
                (State::ClosedComplete { completion: Completion::Proven { .. } }, Event::Restore { .. })
            );
            assert_eq!(transition(&state, &event, NOW).is_ok(), undo, "{state:?} {event:?}");
        }
    }
}

#[test]
fn before_the_write_a_candidate_is_canceled_whatever_it_waits_for_and_never_after() {
    for state in samples() {
        let canceled = transition(&state, &Event::Canceled { why: CancelReason::ActivityReturned }, NOW);
        assert_eq!(canceled.is_ok(), state.before_write(), "{state:?}");
        if let Ok((next, _)) = canceled {
            assert_eq!(next, State::ClosedCanceled { why: CancelReason::ActivityReturned });
        }
    }
    let after: BTreeSet<StateName> = samples()
        .iter()
        .filter(|state| !state.before_write())
        .map(State::name)
        .filter(|name| !name.is_closed())
        .collect();
    let expected = [
        StateName::AttentionRequired,
        StateName::AwaitingRevocation,
        StateName::Revoking,
        StateName::Verifying,
        StateName::Restoring,
    ];
    assert_eq!(after, BTreeSet::from(expected), "attention after a write, and what is done halfway");
}

#[test]
fn an_obstacle_leads_back_to_exactly_where_it_was_met() {
    let mut met = 0;
    for state in samples() {
        let Ok((blocked, _)) = transition(&state, &Event::Obstacle { cause: Attention::NoApprover }, NOW) else {
            continue;
        };
        met += 1;
        let (back, _) = transition(&blocked, &Event::Fixed, NOW).expect("what is fixed goes on");
        assert_eq!(back, state);
    }
    assert_eq!(met, 9, "every sample before the write but attention itself");
}

#[test]
fn what_a_person_was_to_remove_never_becomes_a_write() {
    let approval = ApprovalId::from_uuid(Uuid::from_u128(1));
    let manual = State::AwaitingRevocation { approval, manual: true, partly: None };
    for event in events() {
        if let Ok((next, _)) = transition(&manual, &event, NOW) {
            assert!(
                !matches!(next, State::Revoking { .. } | State::AwaitingRevocation { manual: false, .. }),
                "{event:?}"
            );
        }
    }
}

#[test]
fn a_refused_write_may_be_skipped_and_a_sent_one_may_not() {
    let approval = ApprovalId::from_uuid(Uuid::from_u128(1));
    let intent = IntentId::from_uuid(Uuid::from_u128(2));
    let revoking = State::Revoking { approval, intent, since: NOW, partly: None };
    let skip = Event::Skip { reason: "not worth it".to_owned() };
    let refused = Event::WriteFailed { cause: Attention::WriteRefused { message: "no".to_owned() } };
    let (state, _) = transition(&revoking, &refused, NOW).expect("a refusal ends the write");
    assert!(transition(&state, &skip, NOW).is_ok());
    let unproven = Event::ProofFailed { cause: Attention::ReassignedByOther };
    let (state, _) = transition(&revoking, &unproven, NOW).expect("evidence ends the wait");
    assert!(transition(&state, &skip, NOW).is_err());
    // G25: once it was seen given back, looking again is all that can be done under this approval.
    let (state, _) = transition(&state, &Event::Fixed, NOW).expect("look again");
    assert!(matches!(state, State::Verifying { .. }));
}

#[test]
fn what_is_done_halfway_is_finished_or_undone_and_never_dropped() {
    let halfway: Vec<State> = samples()
        .into_iter()
        .filter(|state| match state {
            State::AwaitingRevocation { partly, .. }
            | State::AttentionRequired { resume: Resume::AwaitingRevocation { partly, .. }, .. } => partly.is_some(),
            _ => false,
        })
        .collect();
    assert_eq!(halfway.len(), 2);
    for state in halfway {
        let may: Vec<EventName> =
            events().iter().filter(|event| transition(&state, event, NOW).is_ok()).map(Event::name).collect();
        for never in [EventName::Keep, EventName::Skip, EventName::Canceled, EventName::ApprovalLapses] {
            assert!(!may.contains(&never), "{state:?} {never}");
        }
        assert!(may.contains(&EventName::Restore) && may.contains(&EventName::CompletedByHand), "{state:?}: {may:?}");
    }
}

#[test]
fn of_several_writes_each_remembers_what_was_proven_before_it() {
    let approval = ApprovalId::from_uuid(Uuid::from_u128(1));
    let [first, second] = [2, 3].map(|number| IntentId::from_uuid(Uuid::from_u128(number)));
    let go = |state: &State, event: &Event| transition(state, event, NOW).expect("it goes on").0;
    let mut state = State::AwaitingRevocation { approval, manual: false, partly: None };
    for event in [Event::WriteStarts { intent: first }, Event::WriteHappened, Event::StepProven] {
        state = go(&state, &event);
    }
    let waiting = State::AwaitingRevocation { approval, manual: false, partly: Some(first) };
    assert_eq!(state, waiting);
    let sent = go(&state, &Event::WriteStarts { intent: second });
    assert_eq!(go(&sent, &Event::WriteDidNotHappen), waiting, "the first one stays done");
    let refused = go(&sent, &Event::WriteFailed { cause: Attention::NotProven });
    assert_eq!(go(&refused, &Event::Fixed), waiting);
    let done = go(&go(&sent, &Event::WriteHappened), &Event::ProvenGone);
    assert!(matches!(done, State::ClosedComplete { .. }));
}

/// One step of a walk: a legal event most of the time, and mostly one that does not end it.
#[derive(Debug, Clone)]
struct Step {
    pick: usize,
    legal: bool,
    goes_on: bool,
}

fn walk() -> impl Strategy<Value = Vec<Step>> {
    let step = (any::<usize>(), prop::bool::weighted(0.9), prop::bool::weighted(0.95))
        .prop_map(|(pick, legal, goes_on)| Step { pick, legal, goes_on });
    prop::collection::vec(step, 1..40)
}

/// The events of one moment, each with ids nobody else has.
fn events_at(moment: usize) -> Vec<Event> {
    let id = |kind: u128| Uuid::from_u128(1_000 * (moment as u128 + 1) + kind);
    events_with(ApprovalId::from_uuid(id(1)), IntentId::from_uuid(id(2)), CampaignId::from_uuid(id(3)))
}

/// Takes a walk; `look` sees each accepted event with the state before and after.
fn take(steps: &[Step], mut look: impl FnMut(&State, &Event, &State)) -> State {
    let mut state = State::Ready;
    for (moment, step) in steps.iter().enumerate() {
        let fits = |event: &Event| match transition(&state, event, NOW) {
            Ok((next, _)) => !step.goes_on || !next.name().is_closed() || event.name() == EventName::ProvenGone,
            Err(_) => !step.legal,
        };
        let choices: Vec<Event> = events_at(moment).into_iter().filter(fits).collect();
        let Some(event) = choices.get(step.pick % choices.len().max(1)) else { break };
        if let Ok((next, _)) = transition(&state, event, NOW) {
            look(&state, event, &next);
            state = next;
        }
    }
    state
}

fn carried(event: &Event) -> Option<ApprovalId> {
    match event {
        Event::StartApproved { approval }
        | Event::TakeBack { approval }
        | Event::HolderReleases { approval }
        | Event::SilenceTakesBack { approval } => Some(*approval),
        Event::StartProposed
        | Event::Notify { .. }
        | Event::SendToCampaign { .. }
        | Event::Keep { .. }
        | Event::HolderKeeps
        | Event::HolderKeepsFinally { .. }
        | Event::SilenceEscalates
        | Event::SilenceKeeps { .. }
        | Event::Escalate
        | Event::CampaignLeavesUndecided
        | Event::Obstacle { .. }
        | Event::Fixed
        | Event::Skip { .. }
        | Event::CompletedByHand { .. }
        | Event::Canceled { .. }
        | Event::ApprovalLapses
        | Event::WriteStarts { .. }
        | Event::WriteHappened
        | Event::WriteDidNotHappen
        | Event::WriteFailed { .. }
        | Event::StepProven
        | Event::ProvenGone
        | Event::ProofFailed { .. }
        | Event::Restore { .. }
        | Event::RestoreStepProven { .. }
        | Event::ProvenRestored
        | Event::RestoreFailed { .. } => None,
    }
}

/// The approval a state says it rests on.
fn rests_on(state: &State) -> Option<ApprovalId> {
    match state {
        State::AwaitingRevocation { approval, .. }
        | State::Revoking { approval, .. }
        | State::Verifying { approval, .. }
        | State::ClosedComplete { completion: Completion::Proven { approval, .. } }
        | State::AttentionRequired {
            resume: Resume::AwaitingRevocation { approval, .. } | Resume::Verifying { approval, .. },
            ..
        } => Some(*approval),
        State::AttentionRequired {
            resume:
                Resume::Ready
                | Resume::AwaitingUser { .. }
                | Resume::AwaitingApproval { .. }
                | Resume::InReview { .. }
                | Resume::Restoring { .. },
            ..
        }
        | State::Ready
        | State::AwaitingUser { .. }
        | State::AwaitingApproval { .. }
        | State::InReview { .. }
        | State::ClosedComplete { completion: Completion::ByHand { .. } }
        | State::Restoring { .. }
        | State::ClosedRestored { .. }
        | State::ClosedSkipped { .. }
        | State::ClosedCanceled { .. } => None,
    }
}

fn long() -> Config {
    Config { cases: 4_000, failure_persistence: None, ..Config::default() }
}

#[test]
fn no_path_reaches_a_write_without_an_approval_that_an_event_brought() {
    let visited = RefCell::new(BTreeMap::<StateName, u32>::new());
    let property = |steps: Vec<Step>| {
        let mut approvals = BTreeSet::new();
        let mut last = None;
        take(&steps, |before, event, after| {
            if let Some(approval) = carried(event) {
                approvals.insert(approval);
                last = Some(approval);
            }
            *visited.borrow_mut().entry(after.name()).or_default() += 1;
            if let Some(approval) = rests_on(after) {
                assert!(approvals.contains(&approval), "{after:?} rests on an approval nobody gave");
                assert_eq!(Some(approval), last, "the newest approval counts");
            }
            if let State::Revoking { approval, .. } = after {
                assert_eq!(rests_on(before), Some(*approval), "I1: the write rests on what was waiting for it");
            }
        });
        Ok(())
    };
    TestRunner::new(long()).run(&walk(), property).expect("I1 holds");
    let visited = visited.into_inner();
    println!("states visited: {visited:?}");
    for state in StateName::ALL {
        assert!(*state == StateName::Ready || visited.contains_key(state), "no walk came to {state}");
    }
}

#[test]
fn one_candidate_causes_at_most_one_removal() {
    let removals = RefCell::new(0_u32);
    let property = |steps: Vec<Step>| {
        let mut happened = false;
        take(&steps, |_, event, after| {
            let again = matches!(after, State::Revoking { .. } | State::AwaitingRevocation { .. });
            assert!(!(happened && again && !matches!(event, Event::StepProven)), "I2");
            if matches!(event, Event::WriteHappened) {
                happened = true;
                *removals.borrow_mut() += 1;
            }
            // The next of several writes, each of which happens once.
            happened &= !matches!(event, Event::StepProven);
        });
        Ok(())
    };
    TestRunner::new(long()).run(&walk(), property).expect("I2 holds");
    assert!(removals.into_inner() > 100, "hardly any walk came to a removal");
}

#[test]
fn a_kept_seat_stays_kept_whatever_comes_later() {
    let kept = RefCell::new(0_u32);
    let property = |(before, after): (Vec<Step>, Vec<usize>)| {
        let state = take(&before, |_, _, _| {});
        let keep = Event::Keep { reason: "needed".to_owned(), until: None };
        let Ok((closed, _)) = transition(&state, &keep, NOW) else { return Ok(()) };
        *kept.borrow_mut() += 1;
        assert!(matches!(closed, State::ClosedSkipped { .. }), "{closed:?}");
        for (moment, pick) in after.iter().enumerate() {
            let late = events_at(100 + moment);
            prop_assert!(transition(&closed, &late[pick % late.len()], NOW).is_err(), "I12");
        }
        Ok(())
    };
    let strategy = (
        prop::collection::vec(
            (any::<usize>(), Just(true)).prop_map(|(pick, legal)| Step { pick, legal, goes_on: true }),
            0..4,
        ),
        prop::collection::vec(any::<usize>(), 1..30),
    );
    TestRunner::new(long()).run(&strategy, property).expect("I12 holds");
    assert!(kept.into_inner() > 500, "hardly any walk could be kept");
}

#[test]
fn keep_is_possible_everywhere_a_person_or_the_write_is_waited_for() {
    let keep = Event::Keep { reason: "needed".to_owned(), until: None };
    let can: BTreeSet<StateName> =
        samples().iter().filter(|state| transition(state, &keep, NOW).is_ok()).map(State::name).collect();
    let expected = [
        StateName::Ready,
        StateName::AwaitingUser,
        StateName::AwaitingApproval,
        StateName::InReview,
        StateName::AwaitingRevocation,
    ];
    assert_eq!(can, BTreeSet::from(expected));
}

#[test]
fn nothing_is_skipped_while_a_write_may_have_happened() {
    let tried = RefCell::new(0_u32);
    let property = |steps: Vec<Step>| {
        let mut sent = false;
        let mut partly = false;
        take(&steps, |_, event, after| {
            sent |= matches!(event, Event::WriteStarts { .. } | Event::Restore { .. });
            sent &= !matches!(event, Event::WriteDidNotHappen | Event::WriteFailed { .. });
            partly |= matches!(event, Event::StepProven);
            if sent || partly {
                *tried.borrow_mut() += 1;
                assert!(transition(after, &Event::Skip { reason: String::new() }, NOW).is_err(), "{after:?}");
            }
        });
        Ok(())
    };
    TestRunner::new(long()).run(&walk(), property).expect("a sent write is never hidden");
    assert!(tried.into_inner() > 500, "hardly any walk sent a write");
}

/// Who looks, in words, with roles, holder, proposer, bulk, single operator.
fn lookers() -> Vec<(&'static str, Vec<Role>, [bool; 4])> {
    let plain = [false; 4];
    vec![
        ("nobody's role", vec![], plain),
        ("license manager", vec![Role::LicenseManager], plain),
        ("approver", vec![Role::Approver], plain),
        ("license manager and approver", vec![Role::LicenseManager, Role::Approver], plain),
        ("admin", vec![Role::Admin], plain),
        ("reviewer", vec![Role::Reviewer], plain),
        ("auditor", vec![Role::Auditor], plain),
        (
            "license manager and approver, holder",
            vec![Role::LicenseManager, Role::Approver],
            [true, false, false, false],
        ),
        ("holder without a role", vec![], [true, false, false, false]),
        (
            "license manager and approver, proposed one seat",
            vec![Role::LicenseManager, Role::Approver],
            [false, true, false, false],
        ),
        (
            "license manager and approver, proposed in bulk",
            vec![Role::LicenseManager, Role::Approver],
            [false, true, true, false],
        ),
        ("another approver, bulk", vec![Role::Approver], [false, false, true, false]),
        ("single operator, license manager, proposed in bulk", vec![Role::LicenseManager], [false, true, true, true]),
        ("single operator, holder", vec![Role::LicenseManager, Role::Approver], [true, true, false, true]),
        ("single operator, admin only", vec![Role::Admin], [false, false, false, true]),
    ]
}

fn answers(
    state: &State,
    roles: &BTreeSet<Role>,
    [is_holder, is_proposer, bulk, single_operator]: [bool; 4],
) -> Vec<AllowedAction> {
    allowed_actions(&Situation { state, roles, is_holder, is_proposer, bulk, single_operator })
}

#[test]
fn who_may_do_what_where() {
    let mut table = String::from(
        "What each looker may do in each state; in brackets what the state allows and the person may not.\n",
    );
    let mut seen: Vec<(String, &str)> = Vec::new();
    for (who, roles, flags) in lookers() {
        let lines = lines_of(&roles.into_iter().collect(), flags);
        let _ = writeln!(table, "\n{who}");
        if let Some((_, same)) = seen.iter().find(|(earlier, _)| *earlier == lines) {
            let _ = writeln!(table, "    as: {same}");
        } else {
            table.push_str(&lines);
            seen.push((lines, who));
        }
    }
    insta::assert_snapshot!("allowed_actions", table);
}

fn lines_of(roles: &BTreeSet<Role>, flags: [bool; 4]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for state in samples() {
        let (mut may, mut may_not) = (Vec::new(), Vec::new());
        for answer in answers(&state, roles, flags) {
            match answer.why_not {
                None => may.push(answer.action.as_str().to_owned()),
                Some(why) if why.starts_with("Not possible where") => {}
                Some(why) => may_not.push(format!("{}: {why}", answer.action)),
            }
        }
        let mut place = state.name().to_string();
        if let State::AttentionRequired { resume, .. } = &state {
            let _ = write!(place, " from {}", word(resume));
        } else if let State::ClosedComplete { completion: Completion::ByHand { .. } } = &state {
            place.push_str(" by hand");
        }
        let line = match (may.is_empty(), may_not.is_empty()) {
            (true, true) => continue,
            (_, true) => format!("    {place}: {}\n", may.join(" ")),
            (true, false) => format!("    {place}: nothing [{}]\n", may_not.join(" ")),
            (false, false) => format!("    {place}: {} [{}]\n", may.join(" "), may_not.join(" ")),
        };
        if lines.last() != Some(&line) {
            lines.push(line);
        }
    }
    lines.concat()
}

fn word(resume: &Resume) -> String {
    let value = serde_json::to_value(resume).expect("plain data");
    value["resume"].as_str().expect("tagged").to_owned()
}

#[test]
fn an_allowed_action_always_has_a_legal_event() {
    let everybody = BTreeSet::from([Role::LicenseManager, Role::Approver]);
    let mut offered = BTreeSet::new();
    for state in samples() {
        for holder in [false, true] {
            for answer in
                answers(&state, &everybody, [holder, false, false, false]).into_iter().filter(|answer| answer.allowed)
            {
                offered.insert(answer.action);
                let name = match answer.action {
                    Action::Start => EventName::StartProposed,
                    Action::Notify => EventName::Notify,
                    Action::Approve => EventName::TakeBack,
                    Action::Keep => EventName::Keep,
                    Action::Release => EventName::HolderReleases,
                    Action::Skip => EventName::Skip,
                    Action::Complete => EventName::CompletedByHand,
                    Action::Retry => EventName::Fixed,
                    Action::Restore => EventName::Restore,
                };
                let event = events().into_iter().find(|event| event.name() == name).expect("every event has a sample");
                assert!(transition(&state, &event, NOW).is_ok(), "{} offered on {state:?}", answer.action);
            }
        }
    }
    let never = BTreeSet::from([Action::Notify]);
    let all: BTreeSet<Action> = Action::ALL.iter().copied().collect();
    assert_eq!(all.difference(&offered).copied().collect::<BTreeSet<_>>(), never, "asking is not set up yet");
}

#[test]
fn nobody_decides_about_their_own_license_in_any_mode() {
    let everything: BTreeSet<Role> = Role::ALL.iter().copied().collect();
    for state in samples() {
        for single_operator in [false, true] {
            for answer in answers(&state, &everything, [true, true, false, single_operator]) {
                assert!(!answer.allowed || answer.action == Action::Release, "{state:?} {}", answer.action);
            }
        }
    }
}

#[test]
fn every_refusal_says_why_and_no_label_is_a_bare_yes_or_no() {
    for state in samples() {
        for answer in answers(&state, &BTreeSet::new(), [false; 4]) {
            assert_eq!(answer.allowed, answer.why_not.is_none());
            let label = answer.label.to_lowercase();
            assert!(!["yes", "no", "approve", "reject"].contains(&label.as_str()), "X6");
        }
    }
}
