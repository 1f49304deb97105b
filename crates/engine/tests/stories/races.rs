//! Somebody else was faster.

use reseat_domain::candidate::{Action, Attention, CancelReason, CandidateState, StateName};
use reseat_domain::ids::SeatKey;
use reseat_testkit::{World, on_each_store};
use serde_json::{Value, json};

/// The direct licenses of a person, as an administrator would give them again.
async fn direct_licenses(world: &World, seat: SeatKey) -> Vec<Value> {
    let person = world.sim.user(seat.user_id).await;
    let paths = person["licenses"].as_array().cloned().unwrap_or_default();
    paths
        .iter()
        .filter(|path| path["group_id"].is_null())
        .map(|path| json!({ "sku_id": path["sku_id"], "disabled_plans": path["disabled_plans"] }))
        .collect()
}

fn without(licenses: &[Value], seat: SeatKey) -> Vec<Value> {
    licenses.iter().filter(|license| license["sku_id"] != seat.sku_id.to_string()).cloned().collect()
}

#[tokio::test]
async fn a_seat_that_was_assigned_again_before_the_write_is_another_seat() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        let licenses = direct_licenses(&world, seat).await;
        world.sim.give(seat.user_id, json!(without(&licenses, seat))).await;
        world.advance(5).await;
        world.sim.give(seat.user_id, json!(licenses)).await;
        world.advance(5).await;
        world.drain().await;
        let state = world.state(id).await;
        assert_eq!(state, CandidateState::ClosedCanceled { why: CancelReason::EvidenceChanged }, "G25");
        assert_eq!(world.finish().await.removals, 0);
    })
    .await;
}

#[tokio::test]
async fn a_seat_that_was_assigned_again_after_the_write_is_never_removed_again() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        world.sim.plant("re-assigned-by-another", json!({ "path_contains": "assignLicense" })).await;
        world.drain().await;
        let check = |state: CandidateState| {
            let cause = Attention::ReassignedByOther;
            let told = matches!(&state, CandidateState::AttentionRequired { cause: found, .. } if *found == cause);
            assert!(told, "G25: {state:?}");
        };
        check(world.state(id).await);
        world.act(&world.cast.manager, id, Action::Retry).await.expect("a manager may look again");
        world.drain().await;
        check(world.state(id).await);
        assert_eq!(world.removals_of(seat).await, 1, "never removed again under the same approval");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_license_that_became_inherited_is_refused_and_never_forced() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        // The simulator's other actor takes a person's first direct license.
        let mut seats = Vec::new();
        for seat in world.idle_seats().await {
            let person = world.sim.user(seat.user_id).await;
            let first = person["licenses"].as_array().into_iter().flatten().find(|path| path["group_id"].is_null());
            if first.is_some_and(|path| path["sku_id"] == seat.sku_id.to_string()) {
                seats.push(seat);
            }
        }
        // Once seen by the fresh read, once only by the write itself.
        for (seat, request) in [(seats[0], "GET"), (seats[1], "POST")] {
            let id = world.reclaim(seat).await;
            let path = format!("users/{}", seat.user_id);
            world.sim.plant("became-inherited", json!({ "method": request, "path_contains": path })).await;
            world.drain().await;
            let state = world.state(id).await;
            let stopped = matches!(state.name(), StateName::AttentionRequired | StateName::ClosedCanceled);
            assert!(stopped, "G27 at {request}: {state:?}");
            assert_eq!(world.removals_of(seat).await, 0, "G27 at {request}");
        }
        assert_eq!(world.sim.bitten("became-inherited").await, 2);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_license_that_is_gone_already_counts_neither_as_ours_nor_as_an_error() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seats = world.idle_seats().await;
        let before = world.reclaim(seats[0]).await;
        let licenses = direct_licenses(&world, seats[0]).await;
        world.sim.give(seats[0].user_id, json!(without(&licenses, seats[0]))).await;
        world.advance(5).await;
        let at = world.reclaim(seats[1]).await;
        let path = format!("users/{}/assignLicense", seats[1].user_id);
        world.sim.plant("already-gone", json!({ "path_contains": path })).await;
        world.drain().await;
        for id in [before, at] {
            let state = world.state(id).await;
            assert_eq!(state, CandidateState::ClosedCanceled { why: CancelReason::SeatGone }, "G37");
            assert!(world.candidate(id).await.savings.is_empty(), "no saving of ours");
        }
        assert_eq!(world.sim.bitten("already-gone").await, 1);
        assert_eq!(world.finish().await.removals, 0);
    })
    .await;
}

#[tokio::test]
async fn plans_that_changed_since_the_approval_make_it_void() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        let mut licenses = direct_licenses(&world, seat).await;
        let skus = world.all_seats().await;
        assert!(skus.iter().any(|item| item.key() == seat));
        for license in &mut licenses {
            if license["sku_id"] == seat.sku_id.to_string() {
                // An administrator gives it anew with every plan on, or with one more off.
                let off = license["disabled_plans"].as_array().is_some_and(|plans| !plans.is_empty());
                license["disabled_plans"] = if off { json!([]) } else { json!([first_plan(&world, seat).await]) };
            }
        }
        world.sim.give(seat.user_id, json!(licenses)).await;
        world.advance(5).await;
        world.drain().await;
        let state = world.state(id).await;
        assert_eq!(state, CandidateState::ClosedCanceled { why: CancelReason::EvidenceChanged }, "G40");
        assert_eq!(world.finish().await.removals, 0);
    })
    .await;
}

async fn first_plan(world: &World, seat: SeatKey) -> String {
    let mut tx = world.engine().store().read().await.expect("the database answers");
    let skus = reseat_store::skus::list_skus(&mut tx, world.tenant_id()).await.expect("skus can be read");
    let sku = skus.into_iter().find(|named| named.sku.sku_id == seat.sku_id).expect("the sku is known");
    sku.sku.plans.first().expect("a sku has plans").plan_id.to_string()
}

#[tokio::test]
async fn a_person_who_is_gone_ends_the_candidate() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        world.sim.delete_user(seat.user_id).await;
        world.advance(5).await;
        world.drain().await;
        let state = world.state(id).await;
        assert_eq!(state, CandidateState::ClosedCanceled { why: CancelReason::PersonGone }, "G34");
        world.finish().await;
    })
    .await;
}
