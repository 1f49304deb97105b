use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::directory::{OpenWord, Path, Via};
use crate::ids::{GroupId, ServicePlanId, UserId};
use crate::plan::undo_writes;
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
        groups: None,
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
    assert!(unchanged_since_approval(sku(10), &approved, &before()));
    let elsewhere = LicenseState { user_id: UserId::from_uuid(id(2)), ..before() };
    for (case, now) in [
        ("gone", holding(&[(20, &[], 6)])),
        ("given again", holding(&[(10, &[100], 9), (20, &[], 6)])),
        ("plans changed", holding(&[(10, &[], 5), (20, &[], 6)])),
        ("somebody else", elsewhere),
    ] {
        assert!(!unchanged_since_approval(sku(10), &approved, &now), "{case}");
    }
    // What else the person holds may change meanwhile; the approval was about this seat.
    assert!(unchanged_since_approval(sku(10), &approved, &holding(&[(10, &[100], 5), (30, &[], 1)])));
}

fn removal_write(sku_id: SkuId) -> Write {
    Write::RemoveLicense { user_id: user(), sku_id }
}

fn undo(before: &LicenseState, write: &Write) -> Write {
    undo_writes(before, std::iter::once(write)).expect("was held directly").remove(0)
}

#[test]
fn nothing_is_restored_onto_a_seat_that_is_there_again() {
    let write = undo(&before(), &removal_write(sku(10)));
    assert!(!given_already(&write, &holding(&[(20, &[], 6)])));
    assert!(given_already(&write, &before()));
}

/// Sku 10 through group 9, whose member the person is; group 8 gives no license.
fn grouped() -> LicenseState {
    let mut state = holding(&[(20, &[], 6)]);
    state.assigned.insert(sku(10), plans(&[]));
    state.paths.insert(sku(10), vec![path(group(), &[], 5)]);
    state.groups = Some([9, 8].map(|number| GroupId::from_uuid(id(number))).into());
    state
}

fn leaving() -> Write {
    Write::LeaveGroup { user_id: user(), group_id: GroupId::from_uuid(id(9)) }
}

fn left() -> LicenseState {
    after_write(&grouped(), &leaving(), &grouped())
}

fn leave_reading(now: &LicenseState) -> RemovalReading {
    read_taking(&grouped(), sku(10), &leaving(), now)
}

#[test]
fn a_membership_is_gone_only_when_its_license_followed_and_nothing_else_differs() {
    assert_eq!(leave_reading(&left()), RemovalReading::Gone);
    assert_eq!(leave_reading(&grouped()), RemovalReading::StillThere, "G22");
    let mut following = grouped();
    following.groups = left().groups;
    assert_eq!(leave_reading(&following), RemovalReading::Following, "4.4: the license follows, and is waited for");
    let mut another = left();
    another.groups.as_mut().expect("read").remove(&GroupId::from_uuid(id(8)));
    assert!(matches!(leave_reading(&another), RemovalReading::GoneAndMore(what) if what.contains("is gone")));
    let mut joined = left();
    joined.groups.as_mut().expect("read").insert(GroupId::from_uuid(id(7)));
    assert!(matches!(leave_reading(&joined), RemovalReading::GoneAndMore(what) if what.contains("was added")));
    let mut lost = left();
    lost.assigned.remove(&sku(20));
    lost.paths.remove(&sku(20));
    assert!(matches!(leave_reading(&lost), RemovalReading::GoneAndMore(_)));
}

#[test]
fn a_license_that_came_back_after_leaving_a_group_is_somebody_elses_doing() {
    let mut direct = left();
    direct.assigned.insert(sku(10), plans(&[]));
    direct.paths.insert(sku(10), vec![path(Via::Direct, &[], 70)]);
    assert_eq!(leave_reading(&direct), RemovalReading::Reassigned, "G28: inherited became direct");
    let mut again = grouped();
    again.paths.insert(sku(10), vec![path(group(), &[], 70)]);
    assert_eq!(leave_reading(&again), RemovalReading::Reassigned, "G25: made a member again");
}

#[test]
fn without_the_memberships_nothing_is_concluded_about_a_membership() {
    let unread = LicenseState { groups: None, ..left() };
    assert_eq!(leave_reading(&unread), RemovalReading::Between);
}

#[test]
fn a_membership_given_back_counts_once_its_license_is_there() {
    let write = undo(&grouped(), &leaving());
    assert_eq!(write, Write::JoinGroup { user_id: user(), group_id: GroupId::from_uuid(id(9)) });
    let expected = after_write(&left(), &write, &grouped());
    let reading = |now: &LicenseState| read_giving(&expected, sku(10), &write, now);
    assert_eq!(reading(&grouped()), RestoreReading::Restored, "I6");
    assert_eq!(reading(&left()), RestoreReading::StillGone);
    let following = LicenseState { groups: grouped().groups, ..left() };
    assert_eq!(reading(&following), RestoreReading::Following);
    assert!(given_already(&write, &following) && !given_already(&write, &left()));
}

#[test]
fn a_swap_happened_when_one_is_gone_and_the_other_is_there_and_half_of_it_proves_nothing() {
    let write = Write::SwapLicense { user_id: user(), remove: sku(10), add: sku(30), disabled_plans: plans(&[]) };
    let reading = |now: &LicenseState| read_taking(&before(), sku(10), &write, now);
    assert_eq!(reading(&holding(&[(20, &[], 6), (30, &[], 9)])), RemovalReading::Gone);
    assert_eq!(reading(&before()), RemovalReading::StillThere);
    assert_eq!(reading(&holding(&[(20, &[], 6)])), RemovalReading::Between, "only gone");
    let both = holding(&[(10, &[100], 5), (20, &[], 6), (30, &[], 9)]);
    assert_eq!(reading(&both), RemovalReading::Between, "only there");
    assert!(matches!(reading(&holding(&[(30, &[], 9)])), RemovalReading::GoneAndMore(_)));
    assert_eq!(reading(&holding(&[(10, &[], 99), (20, &[], 6)])), RemovalReading::Reassigned, "G25");
    let back = undo(&before(), &write);
    let expected = after_write(&holding(&[(20, &[], 6), (30, &[], 9)]), &back, &before());
    assert_eq!(read_giving(&expected, sku(10), &back, &before()), RestoreReading::Restored, "I6");
}

#[test]
fn plans_are_off_when_exactly_they_are_off() {
    let write = Write::SetPlans { user_id: user(), sku_id: sku(10), disabled_plans: plans(&[100, 101]) };
    let reading = |now: &LicenseState| read_taking(&before(), sku(10), &write, now);
    assert_eq!(reading(&holding(&[(10, &[100, 101], 9), (20, &[], 6)])), RemovalReading::Gone);
    assert_eq!(reading(&before()), RemovalReading::StillThere);
    assert_eq!(reading(&holding(&[(10, &[101], 9), (20, &[], 6)])), RemovalReading::Reassigned, "G40");
    assert!(matches!(reading(&holding(&[(10, &[100, 101], 9)])), RemovalReading::GoneAndMore(_)));
}

/// What a correct tenant does with a write.
fn after(state: &LicenseState, write: &Write) -> LicenseState {
    let mut next = after_write(state, write, state);
    for path in next.paths.values_mut().flatten() {
        path.last_updated = path.last_updated.or(Some(Timestamp::from_micros(1_000)));
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
        let removed = after(&before, &removal_write(target));
        prop_assert_eq!(read_removal(&before, target, &approved, &removed), RemovalReading::Gone);
        let back = after(&removed, &undo(&before, &removal_write(target)));
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
