//! When nobody knows whether a request happened, only reading tells.

use reseat_domain::candidate::StateName;
use reseat_testkit::{World, on_each_store};
use serde_json::json;

/// Runs one removal per fault, each on a seat of its own in one world; all end proven with exactly
/// one removal and `intents` intents.
async fn ends_proven_with_one_removal(faults: &'static [(&'static str, usize)]) {
    on_each_store(|store| async move {
        let world = World::builder().on(store).users(300).build().await;
        let seats = world.idle_seats().await;
        assert!(seats.len() > faults.len(), "this story needs a seat a fault");
        for (at, (fault, intents)) in faults.iter().enumerate() {
            let seat = seats[at];
            let id = world.reclaim(seat).await;
            let path = format!("users/{}/assignLicense", seat.user_id);
            world.sim.plant(fault, json!({ "path_contains": path, "seed": at })).await;
            world.drain().await;
            assert_eq!(world.sim.bitten(fault).await, 1, "{fault} has to bite");
            assert_eq!(world.state_name(id).await, StateName::ClosedComplete, "{fault}");
            assert_eq!(world.removals_of(seat).await, 1, "{fault}: exactly one effect (I2)");
            let writes = world.candidate(id).await.writes;
            assert_eq!(writes.len(), *intents, "{fault}: {writes:#?}");
            assert_eq!(world.candidate(id).await.savings.len(), 1, "{fault}");
            world.sim.clear_faults().await;
        }
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn what_happened_although_the_answer_says_otherwise_is_proven_without_a_second_removal() {
    ends_proven_with_one_removal(&[
        ("5xx-after-effect", 1),
        ("reset-after-effect", 1),
        ("truncated-answer", 1),
        ("429-after-effect", 1),
    ])
    .await;
}

#[tokio::test]
async fn what_did_not_happen_is_tried_again_only_after_reading_shows_it() {
    ends_proven_with_one_removal(&[("5xx-before-effect", 2), ("reset-before-first-byte", 2), ("html-from-proxy", 2)])
        .await;
}

#[tokio::test]
async fn a_token_that_ran_out_is_renewed_and_the_write_planned_anew() {
    ends_proven_with_one_removal(&[("token-expired", 2)]).await;
}

#[tokio::test]
async fn an_answer_slower_than_its_deadline_is_unknown_and_settled_by_reading() {
    on_each_store(|store| async {
        let world = World::builder().on(store).settings(|settings| settings.write_deadline_seconds = 1).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        world.sim.plant("slow", json!({ "path_contains": "assignLicense", "delay_ms": 2_500 })).await;
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::ClosedComplete, "G20");
        assert_eq!(world.removals_of(seat).await, 1);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn stale_and_flickering_reads_neither_prove_nor_undo_anything() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seats = world.idle_seats().await;
        for (seat, fault, times) in [(seats[0], "stale-read", 3), (seats[1], "flickering-read", 9)] {
            let id = world.reclaim(seat).await;
            world.tick().await.expect("the write is sent");
            assert_eq!(world.removals_of(seat).await, 1);
            let path = format!("users/{}", seat.user_id);
            world.sim.plant(fault, json!({ "method": "GET", "path_contains": path, "times": times, "seed": 4 })).await;
            world.drain().await;
            assert!(world.sim.bitten(fault).await >= 2, "{fault} has to bite");
            assert_eq!(world.state_name(id).await, StateName::ClosedComplete, "G22, G23: {fault}");
            assert_eq!(world.removals_of(seat).await, 1, "{fault}");
            world.sim.clear_faults().await;
        }
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_lost_answer_and_lagging_replicas_together_still_end_proven_with_one_removal() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        world.sim.plant("5xx-after-effect", json!({ "path_contains": "assignLicense" })).await;
        world.tick().await.expect("a pass");
        assert_eq!(world.state_name(id).await, StateName::Revoking);
        // Two readings agree on what is no longer so.
        let path = format!("users/{}", seat.user_id);
        world.sim.plant("stale-read", json!({ "method": "GET", "path_contains": path, "times": 2 })).await;
        world.drain().await;
        assert_eq!(world.sim.bitten("stale-read").await, 2);
        assert_eq!(world.state_name(id).await, StateName::ClosedComplete, "it can be undone, so it is ours");
        assert_eq!(world.removals_of(seat).await, 1, "I2");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn not_knowing_stays_and_moves_on_only_by_evidence() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        world.sim.plant("reset-after-effect", json!({ "path_contains": "assignLicense" })).await;
        world.tick().await.expect("a pass");
        let path = format!("users/{}", seat.user_id);
        world.sim.plant("5xx-before-effect", json!({ "method": "GET", "path_contains": path, "times": 100_000 })).await;
        for _ in 0..5 {
            world.advance(600).await;
            let _ = world.tick().await;
        }
        assert_eq!(world.state_name(id).await, StateName::Revoking, "nobody can tell, and nothing is guessed");
        assert_eq!(world.removals_of(seat).await, 1);
        world.sim.clear_faults().await;
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::ClosedComplete);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn an_engine_that_is_stopped_between_write_and_proof_goes_on_where_it_was() {
    let mut world = World::builder().build().await;
    let seat = world.idle_seats().await[0];
    let id = world.reclaim(seat).await;
    world.tick().await.expect("the write is sent");
    world.restart().await;
    world.drain().await;
    assert_eq!(world.state_name(id).await, StateName::ClosedComplete);
    assert_eq!(world.finish().await.removals, 1);
}
