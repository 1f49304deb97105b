use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::directory::{OpenWord, Path, Via};
use crate::ids::{GroupId, ServicePlanId, UserId};
use crate::plan::{removal_path, restore_write};
use crate::time::Timestamp;

fn id(number: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(number)
}

fn user() -> UserId {
    UserId::from_uuid(id(1))
}

fn sku(number: u128) -> SkuId {
    SkuId::from_uuid(id(number))
}

fn plans(numbers: &[u128]) -> BTreeSet<ServicePlanId> {
    numbers.iter().map(|number| ServicePlanId::from_uuid(id(*number))).collect()
}

fn path(via: Via, disabled: &[u128], at: i64) -> Path {
    Path {
        via,
        disabled_plans: plans(disabled),
        state: OpenWord("Active".into()),
        last_updated: Some(Timestamp::from_micros(at)),
    }
}

fn group() -> Via {
    Via::Group { group_id: GroupId::from_uuid(id(9)) }
}

/// A person with these skus assigned directly: number, switched-off plans, last change.
fn holding(skus: &[(u128, &[u128], i64)]) -> LicenseState {
    LicenseState {
        user_id: user(),
        account_enabled: true,
        usage_location: Some("DE".into()),
        assigned: skus.iter().map(|(number, off, _)| (sku(*number), plans(off))).collect(),
        paths: skus.iter().map(|(number, off, at)| (sku(*number), vec![path(Via::Direct, off, *at)])).collect(),
    }
}

fn fingerprint(state: &LicenseState, number: u128) -> Fingerprint {
    Fingerprint::of(state.user_id, &state.seat(sku(number)).expect("held"))
}

/// Before: sku 10 with plan 100 switched off, and sku 20. Sku 10 was approved to go.
fn before() -> LicenseState {
    holding(&[(10, &[100], 5), (20, &[], 6)])
}

fn removal(now: &LicenseState) -> RemovalReading {
    read_removal(&before(), sku(10), &fingerprint(&before(), 10), now)
}

#[test]
fn gone_is_gone_only_when_nothing_else_differs() {
    assert_eq!(removal(&holding(&[(20, &[], 6)])), RemovalReading::Gone);
    let table: [(&str, LicenseState, &str); 3] = [
        ("another license went too", holding(&[]), "is gone"),
        ("another license came", holding(&[(20, &[], 6), (30, &[], 7)]), "was added"),
        ("another license's plans changed", holding(&[(20, &[200], 7)]), "switched-off plans"),
    ];
    for (case, now, words) in table {
        match removal(&now) {
            RemovalReading::GoneAndMore(what) => assert!(what.contains(words), "{case}: {what}"),
            other => panic!("{case}: {other:?}"),
        }
    }
}

#[test]
fn a_lagging_reading_shows_the_seat_as_it_was_approved() {
    assert_eq!(removal(&before()), RemovalReading::StillThere, "G22");
    let mut errored = before();
    errored.paths.get_mut(&sku(10)).expect("held")[0].state = OpenWord("ActiveWithError".into());
    assert_eq!(removal(&errored), RemovalReading::StillThere, "a state word is no new assignment");
}

#[test]
fn a_seat_given_again_is_not_the_seat_that_was_approved() {
    assert_eq!(removal(&holding(&[(10, &[100], 99), (20, &[], 6)])), RemovalReading::Reassigned, "G25");
    assert_eq!(removal(&holding(&[(10, &[], 5), (20, &[], 6)])), RemovalReading::Reassigned, "G40");
    let mut through_a_group = before();
    through_a_group.paths.insert(sku(10), vec![path(group(), &[100], 5)]);
    assert_eq!(removal(&through_a_group), RemovalReading::Reassigned, "G27");
}

#[test]
fn half_a_seat_is_between_two_states() {
    let mut in_effect_without_a_path = before();
    in_effect_without_a_path.paths.remove(&sku(10));
    assert_eq!(removal(&in_effect_without_a_path), RemovalReading::Between, "G23");
    let mut a_path_without_effect = before();
    a_path_without_effect.assigned.remove(&sku(10));
    assert_eq!(removal(&a_path_without_effect), RemovalReading::Between, "G23");
}

fn restored(now: &LicenseState) -> RestoreReading {
    read_restore(&before(), sku(10), now)
}

#[test]
fn restored_means_the_exact_same_plans_switched_off() {
    assert_eq!(
        restored(&holding(&[(10, &[100], 77), (20, &[], 6)])),
        RestoreReading::Restored,
        "I6: a later date is fine"
    );
    assert_eq!(restored(&holding(&[(20, &[], 6)])), RestoreReading::StillGone);
    let table: [(&str, LicenseState, &str); 4] = [
        ("all plans on", holding(&[(10, &[], 77), (20, &[], 6)]), "switched-off plans"),
        ("one plan more off", holding(&[(10, &[100, 101], 77), (20, &[], 6)]), "switched-off plans"),
        ("another license lost", holding(&[(10, &[100], 77)]), "is gone"),
        ("another license more", holding(&[(10, &[100], 77), (20, &[], 6), (30, &[], 1)]), "was added"),
    ];
    for (case, now, words) in table {
        match restored(&now) {
            RestoreReading::Differs(what) => assert!(what.contains(words), "{case}: {what}"),
            other => panic!("{case}: {other:?}"),
        }
    }
}

#[test]
fn half_a_restored_seat_is_still_gone() {
    let mut without_a_path = before();
    without_a_path.paths.remove(&sku(10));
    assert_eq!(restored(&without_a_path), RestoreReading::StillGone);
    let mut without_effect = before();
    without_effect.assigned.remove(&sku(10));
    assert_eq!(restored(&without_effect), RestoreReading::StillGone);
}

#[test]
fn right_before_a_write_the_seat_must_be_the_one_that_was_approved() {
    let approved = fingerprint(&before(), 10);
    let write = removal_path(user(), before().seat(sku(10)).as_ref()).expect("held directly");
    assert!(unchanged_since_approval(&write, &approved, &before()));
    let elsewhere = LicenseState { user_id: UserId::from_uuid(id(2)), ..before() };
    for (case, now) in [
        ("gone", holding(&[(20, &[], 6)])),
        ("given again", holding(&[(10, &[100], 9), (20, &[], 6)])),
        ("plans changed", holding(&[(10, &[], 5), (20, &[], 6)])),
        ("somebody else", elsewhere),
    ] {
        assert!(!unchanged_since_approval(&write, &approved, &now), "{case}");
    }
    // What else the person holds may change meanwhile; the approval was about this seat.
    assert!(unchanged_since_approval(&write, &approved, &holding(&[(10, &[100], 5), (30, &[], 1)])));
}

#[test]
fn nothing_is_restored_onto_a_seat_that_is_there_again() {
    let write = restore_write(&before(), sku(10)).expect("was held directly");
    let any = Fingerprint::from_text("of the removal");
    assert!(unchanged_since_approval(&write, &any, &holding(&[(20, &[], 6)])));
    assert!(!unchanged_since_approval(&write, &any, &before()));
}

/// What a correct tenant does with a write.
fn after(state: &LicenseState, write: &Write) -> LicenseState {
    let mut next = state.clone();
    match write {
        Write::RemoveLicense { sku_id, .. } => {
            next.assigned.remove(sku_id);
            next.paths.remove(sku_id);
        }
        Write::AssignLicense { sku_id, disabled_plans, .. } => {
            next.assigned.insert(*sku_id, disabled_plans.clone());
            let direct = Path { disabled_plans: disabled_plans.clone(), ..path(Via::Direct, &[], 1_000) };
            next.paths.insert(*sku_id, vec![direct]);
        }
    }
    next
}

fn holdings() -> impl Strategy<Value = LicenseState> {
    let off = prop::collection::btree_set(100_u128..106, 0..4);
    prop::collection::btree_map(10_u128..18, (off, 0_i64..50), 1..6).prop_map(|skus| {
        let rows: Vec<(u128, Vec<u128>, i64)> =
            skus.into_iter().map(|(number, (off, at))| (number, off.into_iter().collect(), at)).collect();
        let rows: Vec<(u128, &[u128], i64)> =
            rows.iter().map(|(number, off, at)| (*number, off.as_slice(), *at)).collect();
        holding(&rows)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_a_removal_takes_a_restore_gives_back_exactly(before in holdings(), pick in any::<prop::sample::Index>()) {
        let target = *pick.get(&before.assigned.keys().copied().collect::<Vec<_>>());
        let seat = before.seat(target);
        let approved = Fingerprint::of(user(), seat.as_ref().expect("held"));
        let removed = after(&before, &removal_path(user(), seat.as_ref()).expect("held directly"));
        prop_assert_eq!(read_removal(&before, target, &approved, &removed), RemovalReading::Gone);
        let back = after(&removed, &restore_write(&before, target).expect("was held directly"));
        prop_assert_eq!(read_restore(&before, target, &back), RestoreReading::Restored);
        prop_assert_eq!(&back.assigned, &before.assigned, "I6");
    }

    #[test]
    fn no_other_change_passes_for_a_removal(before in holdings(), now in holdings(), pick in any::<prop::sample::Index>()) {
        let target = *pick.get(&before.assigned.keys().copied().collect::<Vec<_>>());
        let approved = Fingerprint::of(user(), &before.seat(target).expect("held"));
        let mut expected: BTreeMap<_, _> = before.assigned.clone();
        expected.remove(&target);
        let reading = read_removal(&before, target, &approved, &now);
        prop_assert_eq!(reading == RemovalReading::Gone, now.assigned == expected);
    }
}

#[test]
fn a_difference_names_every_change_and_equal_holdings_have_none() {
    let held = |state: LicenseState| state.assigned;
    assert_eq!(difference(&held(before()), &held(before())), None);
    let what = difference(&held(before()), &held(holding(&[(10, &[], 5), (30, &[], 6)]))).expect("differs");
    insta::assert_snapshot!("difference", what.replace("; ", "\n"));
}
