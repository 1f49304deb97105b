//! People are read in several streams at once, and what comes out is what one listing gives.

use reseat_engine::Task;
use reseat_testkit::{World, on_each_store};
use serde_json::json;

use crate::readings::{assert_true, count, digest, last_run, requests};

const USERS: u64 = 2_100;

async fn read(world: &World) -> (String, Option<i64>) {
    let (status, error, _) = world.sync_task(Task::ApplicationRoster).await;
    assert_eq!(error, None);
    (status, count(&last_run(world, Task::ApplicationRoster).await, "streams"))
}

#[tokio::test]
async fn several_streams_read_exactly_what_one_reads() {
    on_each_store(|store| async {
        let one = World::builder().on(store.clone()).users(USERS).unsynced().settings(|it| it.people_streams = 1);
        let one = one.build().await;
        assert_eq!(read(&one).await, ("succeeded".to_owned(), Some(1)));
        let several = World::builder().on(store).users(USERS).unsynced().build().await;
        assert_eq!(read(&several).await, ("succeeded".to_owned(), Some(8)), "cut at letters, as nobody is known");
        assert_eq!(digest(&several).await, digest(&one).await);
        assert_true(&several).await;
        // Who is known says where to cut; who did not change is not written.
        assert_eq!(read(&several).await, ("succeeded".to_owned(), Some(4)));
        assert_eq!(count(&last_run(&several, Task::ApplicationRoster).await, "written"), Some(0));
        assert_eq!(digest(&several).await, digest(&one).await);
        one.finish().await;
        several.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_tenant_that_counts_nobody_is_read_in_one_stream() {
    on_each_store(|store| async {
        let world = World::builder().on(store).users(USERS).unsynced().build().await;
        world.sim.plant("403-on-one", json!({ "path_contains": "/$count", "times": 100 })).await;
        assert_eq!(read(&world).await, ("succeeded".to_owned(), Some(1)));
        assert_true(&world).await;
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn streams_that_do_not_add_up_are_read_again_as_one() {
    on_each_store(|store| async {
        let world = World::builder().on(store).users(USERS).unsynced().build().await;
        // Only the second count fails: nothing shows then that the streams were everybody.
        world.sim.plant("403-on-one", json!({ "path_contains": "/$count", "skip": 1, "times": 100 })).await;
        assert_eq!(read(&world).await, ("succeeded".to_owned(), Some(1)));
        assert!(requests(&world, "GET /users").await > 8, "the streams came first");
        assert_true(&world).await;
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_disturbed_stream_spoils_nothing() {
    on_each_store(|store| async {
        let world = World::builder().on(store).users(USERS).build().await;
        for (fault, times) in [
            ("429-without-retry-after", 2),
            ("truncated-answer", 2),
            ("5xx-before-effect", 2),
            ("reset-before-first-byte", 2),
            ("html-from-proxy", 1),
            ("token-expired", 1),
        ] {
            let with =
                json!({ "method": "GET", "path_contains": "/v1.0/users", "skip": 2, "times": times, "seed": times });
            world.sim.plant(fault, with).await;
            assert_eq!(read(&world).await.0, "succeeded", "{fault}");
            assert!(world.sim.bitten(fault).await > 0, "{fault}");
            world.sim.clear_faults().await;
        }
        assert_true(&world).await;
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_page_token_that_ran_out_or_loops_in_one_stream_throws_the_whole_listing_away() {
    on_each_store(|store| async {
        let world = World::builder().on(store).users(USERS).settings(|it| it.people_streams = 2).build().await;
        let mut thrown_away = 0;
        for seed in 0..4 {
            world.sim.plant("next-link-expired-or-looping", json!({ "times": 1, "seed": seed })).await;
            let (status, streams) = read(&world).await;
            assert_eq!(status, "succeeded", "G45, G47: {seed}");
            // A last page has no next one to loop to.
            thrown_away += usize::from(streams == Some(1));
            world.sim.clear_faults().await;
        }
        assert!(thrown_away > 0, "G45");
        assert_true(&world).await;
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_stream_that_does_not_come_to_its_end_publishes_nothing() {
    on_each_store(|store| async {
        let world = World::builder().on(store).users(USERS).build().await;
        let before = digest(&world).await;
        let lost = json!({ "method": "GET", "path_contains": "/v1.0/users", "skip": 4, "times": 100_000 });
        world.sim.plant("5xx-before-effect", lost).await;
        let (status, error, _) = world.sync_task(Task::ApplicationRoster).await;
        assert_eq!(status, "failed", "G45");
        assert!(error.is_some());
        world.sim.clear_faults().await;
        assert_eq!(digest(&world).await, before);
        assert_eq!(read(&world).await.0, "succeeded");
        assert_true(&world).await;
        world.finish().await;
    })
    .await;
}
