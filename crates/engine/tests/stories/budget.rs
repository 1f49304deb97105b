//! A budget paces and never cuts.

use reseat_domain::candidate::StateName;
use reseat_testkit::{World, on_each_store};
use serde_json::json;

#[tokio::test]
async fn the_first_five_are_a_canary_and_the_rest_waits_for_their_proof() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let mut ids = Vec::new();
        for seat in world.idle_seats().await.into_iter().take(8) {
            ids.push(world.reclaim(seat).await);
        }
        assert_eq!(ids.len(), 8, "this story needs eight idle seats");
        for _ in 0..5 {
            world.tick().await.expect("a pass");
        }
        assert_eq!(world.judge().await.removals, 5, "I5: the first run is at most five");
        world.drain().await;
        for id in &ids {
            assert_eq!(world.state_name(*id).await, StateName::ClosedComplete, "what waited goes on by itself");
        }
        assert_eq!(world.finish().await.removals, 8);
    })
    .await;
}

#[tokio::test]
async fn a_canary_without_proof_holds_the_rest() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        for seat in world.idle_seats().await.into_iter().take(8) {
            world.reclaim(seat).await;
        }
        // The replicas show the old state, again and again.
        world.tick().await.expect("a pass");
        world.sim.settings(json!({ "read_lag_ms": 86_400_000 })).await;
        for _ in 0..40 {
            world.advance(30).await;
            world.tick().await.expect("a pass");
        }
        assert_eq!(world.judge().await.removals, 5);
        world.sim.settings(json!({ "read_lag_ms": 1_000 })).await;
        world.drain().await;
        assert_eq!(world.finish().await.removals, 8);
    })
    .await;
}

#[tokio::test]
async fn no_run_and_no_day_is_ever_passed_and_the_rest_follows_later() {
    on_each_store(|store| async {
        let world = World::builder()
            .on(store)
            .settings(|settings| {
                settings.budget.first_run = 1;
                settings.budget.per_run = 2;
                settings.budget.per_day = 4;
                settings.budget.run_interval_seconds = 600;
            })
            .build()
            .await;
        let mut ids = Vec::new();
        for seat in world.idle_seats().await.into_iter().take(7) {
            ids.push(world.reclaim(seat).await);
        }
        assert_eq!(ids.len(), 7, "this story needs seven idle seats");
        let began = world.engine().now();
        let mut most_in_run = 0;
        let mut before = 0;
        while world.engine().now().seconds_since(began) < 20 * 3_600 {
            world.tick().await.expect("a pass");
            let removals = world.judge().await.removals;
            most_in_run = most_in_run.max(removals - before);
            before = removals;
            world.advance(599).await;
        }
        assert!(most_in_run <= 2, "I5: {most_in_run} in ten minutes");
        assert_eq!(before, 4, "I5: four in a day");
        world.advance(5 * 3_600).await;
        for _ in 0..30 {
            world.tick().await.expect("a pass");
            world.advance(601).await;
        }
        world.drain().await;
        assert_eq!(world.judge().await.removals, 7);
        for id in ids {
            assert_eq!(world.state_name(id).await, StateName::ClosedComplete);
        }
        world.finish().await;
    })
    .await;
}
