//! What cannot go on by itself comes before a person, with nothing written.

use reseat_domain::candidate::{Action, Attention, CandidateState, StateName};
use reseat_domain::detect::FindingKind;
use reseat_domain::directory::Via;
use reseat_engine::commands::ActionInput;
use reseat_testkit::{World, on_each_store};
use serde_json::json;

#[tokio::test]
async fn a_write_that_microsoft_refuses_needs_a_person_and_goes_on_when_tried_again() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        world.sim.plant("403-on-one", json!({ "path_contains": "assignLicense" })).await;
        world.drain().await;
        match world.state(id).await {
            CandidateState::AttentionRequired { cause: Attention::Protected { .. }, .. } => {}
            other => panic!("G14: {other:?}"),
        }
        assert_eq!(world.removals_of(seat).await, 0);
        world.act(&world.cast.manager, id, Action::Retry).await.expect("a manager may try again");
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::ClosedComplete);
        assert_eq!(world.finish().await.removals, 1);
    })
    .await;
}

#[tokio::test]
async fn a_license_held_through_a_group_needs_a_person_and_nothing_is_written() {
    on_each_store(|store| async {
        let world = World::builder().on(store).users(250).build().await;
        let seats = world.seats(FindingKind::Idle).await;
        let grouped =
            |item: &&reseat_store::read::seats::SeatItem| item.paths.iter().all(|path| path.path.via != Via::Direct);
        let seat = seats.iter().find(grouped).expect("some idle seat comes through a group").key();
        let id = world.open(seat).await;
        world.act(&world.cast.manager, id, Action::Start).await.expect("a manager may start");
        match world.state(id).await {
            CandidateState::AttentionRequired { cause: Attention::HeldThroughGroup { groups, .. }, .. } => {
                assert!(!groups.is_empty(), "the group is named");
            }
            other => panic!("{other:?}"),
        }
        world.drain().await;
        let input = ActionInput { reason: Some("the group owner takes care".to_owned()), ..ActionInput::default() };
        world.act_with(&world.cast.manager, id, Action::Skip, &input).await.expect("nothing was sent");
        assert_eq!(world.state_name(id).await, StateName::ClosedSkipped);
        assert_eq!(world.finish().await.removals, 0);
    })
    .await;
}

#[tokio::test]
async fn a_direct_license_beside_a_group_is_never_removed_because_that_would_free_nothing() {
    on_each_store(|store| async {
        let world = World::builder().on(store).users(250).build().await;
        let seats = world.seats(FindingKind::Idle).await;
        let grouped =
            |item: &&reseat_store::read::seats::SeatItem| item.paths.iter().all(|path| path.path.via != Via::Direct);
        let seat = seats.iter().find(grouped).expect("some idle seat comes through a group").key();
        // An administrator assigns the same license directly as well.
        let held = world.sim.user(seat.user_id).await;
        let mut direct: Vec<String> = Vec::new();
        for license in held["licenses"].as_array().into_iter().flatten().filter(|path| path["group_id"].is_null()) {
            direct.push(license["sku_id"].as_str().unwrap_or_default().to_owned());
        }
        direct.push(seat.sku_id.to_string());
        world.sim.give(seat.user_id, json!(direct)).await;
        world.advance(10).await;
        world.sync().await;
        let id = world.open(seat).await;
        world.act(&world.cast.manager, id, Action::Start).await.expect("a manager may start");
        let state = world.state(id).await;
        let also =
            matches!(&state, CandidateState::AttentionRequired { cause: Attention::AlsoHeldThroughGroup { .. }, .. });
        assert!(also, "G26: {state:?}");
        world.drain().await;
        assert_eq!(world.finish().await.removals, 0);
    })
    .await;
}

#[tokio::test]
async fn a_seat_removed_by_hand_is_marked_so_and_cannot_be_restored() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        let note = ActionInput { note: Some("taken back in the admin center".to_owned()), ..ActionInput::default() };
        world.act_with(&world.cast.manager, id, Action::Complete, &note).await.expect("a manager may complete");
        assert_eq!(world.state_name(id).await, StateName::ClosedComplete);
        assert!(world.act(&world.cast.manager, id, Action::Restore).await.is_err());
        world.drain().await;
        assert_eq!(world.finish().await.removals, 0, "nothing of ours was written");
    })
    .await;
}

#[tokio::test]
async fn three_refusals_in_a_row_stop_every_write() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let mut ids = Vec::new();
        for seat in world.idle_seats().await.into_iter().take(5) {
            ids.push(world.reclaim(seat).await);
        }
        world.sim.plant("403-on-one", json!({ "path_contains": "assignLicense", "times": 100 })).await;
        world.drain().await;
        assert_eq!(world.sim.bitten("403-on-one").await, 3, "G15: the fourth is not tried");
        let mut tx = world.engine().store().read().await.expect("the database answers");
        let why = reseat_engine::write_back::why_no_write(world.engine(), &mut tx).await.expect("can be read");
        assert!(why.expect("stopped").contains("in a row"));
        drop(tx);
        assert_eq!(world.finish().await.removals, 0);
    })
    .await;
}
