//! The exact undo.

use reseat_domain::candidate::{Action, Attention, CandidateState, StateName};
use reseat_engine::commands::freeze;
use reseat_testkit::{World, on_each_store};
use serde_json::{Value, json};

/// The direct path of a seat as it is in truth.
async fn direct(world: &World, seat: reseat_domain::ids::SeatKey) -> Option<Value> {
    let person = world.sim.user(seat.user_id).await;
    let licenses = person["licenses"].as_array().cloned().unwrap_or_default();
    licenses.into_iter().find(|path| path["sku_id"] == seat.sku_id.to_string() && path["group_id"].is_null())
}

/// An idle direct seat on which an administrator switched a plan off.
async fn with_a_plan_off(world: &World) -> reseat_domain::ids::SeatKey {
    const E3: &str = "05e9a617-0261-4cee-bb44-138d3ef5d965";
    const YAMMER: &str = "7547a3fe-08ee-4ccb-b430-5077c5041653";
    let seats = world.idle_seats().await;
    let seat = *seats.iter().find(|seat| seat.sku_id.to_string() == E3).expect("an idle direct seat of that sku");
    let person = world.sim.user(seat.user_id).await;
    let paths = person["licenses"].as_array().cloned().unwrap_or_default();
    let licenses: Vec<Value> = paths
        .iter()
        .filter(|path| path["group_id"].is_null())
        .map(|path| {
            let mut disabled = path["disabled_plans"].as_array().cloned().unwrap_or_default();
            if path["sku_id"] == E3 && !disabled.contains(&json!(YAMMER)) {
                disabled.push(json!(YAMMER));
            }
            json!({ "sku_id": path["sku_id"], "disabled_plans": disabled })
        })
        .collect();
    world.sim.give(seat.user_id, json!(licenses)).await;
    // The change made the license young again; it has to grow old before it is found.
    world.advance(31 * 86_400).await;
    world.roster.put(world.sim.roster().await);
    world.sync().await;
    seat
}

#[tokio::test]
async fn a_restore_gives_back_the_license_with_exactly_the_plans_that_were_off() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = with_a_plan_off(&world).await;
        let before = direct(&world, seat).await.expect("held before");
        assert!(!before["disabled_plans"].as_array().expect("a list").is_empty());
        let id = world.reclaim(seat).await;
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::ClosedComplete);
        assert_eq!(direct(&world, seat).await, None);

        world.act(&world.cast.manager, id, Action::Restore).await.expect("a manager may restore");
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::ClosedRestored);
        let after = direct(&world, seat).await.expect("held again");
        assert_eq!(after["disabled_plans"], before["disabled_plans"], "I6");
        let kinds: Vec<String> = world.candidate(id).await.savings.iter().map(|line| line.kind.clone()).collect();
        assert_eq!(kinds, ["freed", "reversed"]);
        let again = reseat_engine::commands::open(world.engine(), &world.cast.manager, &[seat]).await.expect("asked");
        assert!(again[0].result.is_err(), "what was given back is left alone for a while");
        let judgement = world.finish().await;
        assert_eq!((judgement.removals, judgement.restores), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_restore_without_a_free_seat_says_so_and_goes_on_once_one_is_free() {
    const VISIO: &str = "c5928f49-12ba-48f7-ada3-0d743a3601d5";
    on_each_store(|store| async {
        let world = World::builder().on(store).users(400).build().await;
        let seats = world.idle_seats().await;
        let seat = seats.into_iter().find(|seat| seat.sku_id.to_string() == VISIO);
        let seat = seat.expect("an idle seat of the license type that is used up");
        let id = world.reclaim(seat).await;
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::ClosedComplete);
        // Somebody else gets the one free seat.
        let holders = world.all_seats().await;
        let other = holders
            .iter()
            .map(|item| item.person.clone())
            .find(|person| {
                let key = reseat_domain::ids::SeatKey { user_id: person.user_id, sku_id: seat.sku_id };
                person.account_enabled
                    && !holders.iter().any(|item| item.key() == key)
                    && person.user_id != seat.user_id
            })
            .expect("somebody without that license");
        let person = world.sim.user(other.user_id).await;
        let paths = person["licenses"].as_array().cloned().unwrap_or_default();
        let mut licenses: Vec<Value> = paths
            .iter()
            .filter(|path| path["group_id"].is_null())
            .map(|path| json!({ "sku_id": path["sku_id"], "disabled_plans": path["disabled_plans"] }))
            .collect();
        let without = licenses.clone();
        licenses.push(json!(VISIO));
        world.sim.give(other.user_id, json!(licenses)).await;

        world.act(&world.cast.manager, id, Action::Restore).await.expect("a manager may restore");
        world.drain().await;
        match world.state(id).await {
            CandidateState::AttentionRequired { cause: Attention::NoFreeSeat, .. } => {}
            other => panic!("G44: {other:?}"),
        }
        assert_eq!(world.restores_of(seat).await, 0);
        world.sim.give(other.user_id, json!(without)).await;
        world.act(&world.cast.manager, id, Action::Retry).await.expect("a manager may try again");
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::ClosedRestored);
        let judgement = world.finish().await;
        assert_eq!((judgement.removals, judgement.restores), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_freeze_holds_restores_too() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        world.drain().await;
        freeze(world.engine(), &world.cast.auditor, "something looks wrong").await.expect("anyone may freeze");
        world.act(&world.cast.manager, id, Action::Restore).await.expect("wishing for it is no write");
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::Restoring);
        assert_eq!(world.restores_of(seat).await, 0, "I9");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_license_that_somebody_gave_back_already_is_not_given_twice() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let person = world.sim.user(seat.user_id).await;
        let paths = person["licenses"].as_array().cloned().unwrap_or_default();
        let licenses: Vec<Value> = paths
            .iter()
            .filter(|path| path["group_id"].is_null())
            .map(|path| json!({ "sku_id": path["sku_id"], "disabled_plans": path["disabled_plans"] }))
            .collect();
        let id = world.reclaim(seat).await;
        world.drain().await;
        world.sim.give(seat.user_id, json!(licenses)).await;
        world.advance(10).await;
        world.act(&world.cast.manager, id, Action::Restore).await.expect("a manager may restore");
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::ClosedRestored, "the person holds what they held");
        assert_eq!(world.restores_of(seat).await, 0, "nothing of ours was written");
        world.finish().await;
    })
    .await;
}
