//! Somebody who works again keeps the license, however late that shows.

use reseat_domain::candidate::{CancelReason, CandidateState};
use reseat_testkit::{World, on_each_store};
use serde_json::json;

#[tokio::test]
async fn activity_that_returns_after_the_approval_cancels_before_the_write() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        world.sim.patch_user(seat.user_id, json!({ "last_sign_in": world.engine().now().to_string() })).await;
        // The sweep sees it, and detection runs before the write has its turn.
        world.sync().await;
        let state = world.state(id).await;
        assert_eq!(state, CandidateState::ClosedCanceled { why: CancelReason::ActivityReturned });
        world.drain().await;
        assert_eq!(world.finish().await.removals, 0);
    })
    .await;
}

#[tokio::test]
async fn activity_that_shows_only_right_at_the_write_still_cancels() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        world.sim.patch_user(seat.user_id, json!({ "last_sign_in": world.engine().now().to_string() })).await;
        world.tick().await.expect("a pass without any sync");
        let state = world.state(id).await;
        assert_eq!(state, CandidateState::ClosedCanceled { why: CancelReason::ActivityReturned }, "H11");
        world.drain().await;
        assert_eq!(world.finish().await.removals, 0);
    })
    .await;
}

#[tokio::test]
async fn no_write_starts_on_a_sweep_that_is_too_old() {
    on_each_store(|store| async {
        // Twenty and more approved seats are judged by the sweep, not one by one.
        let builder = World::builder().on(store).settings(|settings| settings.single_reads_below = 0);
        let world = builder.build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        let storm = json!({ "method": "GET", "path_contains": "/users", "times": 100_000 });
        world.advance(25 * 3_600).await;
        world.sim.plant("5xx-before-effect", storm).await;
        let _ = world.tick().await;
        world.sim.clear_faults().await;
        // The people are read again by hand, the sign-in dates are not.
        let state = world.state(id).await;
        assert!(matches!(state, CandidateState::AwaitingRevocation { .. }), "I10: {state:?}");
        assert_eq!(world.removals_of(seat).await, 0);
        world.finish().await;
    })
    .await;
}
