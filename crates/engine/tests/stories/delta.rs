//! Between two whole rounds only what changed is read; nobody is gone for not being named.

use reseat_domain::ids::UserId;
use reseat_engine::Task;
use reseat_store::integration::RunRow;
use reseat_testkit::{Backend, World, on_each_store};
use serde_json::json;

use crate::readings::{assert_true, count, digest, last_run, requests, user_ids};

/// Until people are due again.
const INTERVAL: i64 = 6 * 3_600;

async fn world_of(users: u64, store: Backend) -> World {
    World::builder().on(store).users(users).without_roster().build().await
}

/// The scheduled run of people that is due after the interval.
async fn scheduled(world: &World) -> RunRow {
    let before = last_run(world, Task::ApplicationRoster).await.id;
    world.advance(INTERVAL + 1).await;
    world.tick().await.expect("a pass");
    let run = last_run(world, Task::ApplicationRoster).await;
    assert_ne!(run.id, before, "people were due");
    run
}

async fn delete(world: &World, people: &[UserId]) {
    for user_id in people {
        world.sim.delete_user(*user_id).await;
    }
}

#[tokio::test]
async fn between_whole_rounds_only_who_changed_is_read() {
    on_each_store(|store| async {
        let world = world_of(1_200, store).await;
        let people = user_ids(&world).await;
        let (changed, gone) = (people[10], people[20]);
        world.sim.give(changed, json!(["SPE_E5", "VISIOCLIENT"])).await;
        world.sim.patch_user(changed, json!({ "account_enabled": false })).await;
        delete(&world, &[gone]).await;
        let before = requests(&world, "GET /users").await;
        let run = scheduled(&world).await;
        assert_eq!(run.status, "succeeded", "{:?}", run.error);
        assert!(run.progress_text.starts_with("Read what changed"), "{}", run.progress_text);
        assert_eq!((count(&run, "changed"), count(&run, "gone")), (Some(2), Some(1)));
        assert_eq!(requests(&world, "GET /users").await, before + 1, "the two were read together, nobody else");
        assert_true(&world).await;
        let kept = digest(&world).await;
        assert_eq!(kept.iter().filter(|line| line.starts_with(&changed.to_string())).count(), 2);
        let run = scheduled(&world).await;
        assert_eq!((run.status.as_str(), count(&run, "changed")), ("succeeded", Some(0)), "{}", run.progress_text);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn everybody_is_read_after_a_day_and_when_somebody_asks() {
    on_each_store(|store| async {
        let world = world_of(150, store).await;
        assert!(count(&scheduled(&world).await, "changed").is_some());
        let (status, _, _) = world.sync_task(Task::ApplicationRoster).await;
        assert_eq!(status, "succeeded");
        let run = last_run(&world, Task::ApplicationRoster).await;
        assert_eq!(count(&run, "streams"), Some(1), "who asks gets everybody");
        for _ in 0..3 {
            assert!(count(&scheduled(&world).await, "changed").is_some(), "9#6");
        }
        assert_eq!(count(&scheduled(&world).await, "streams"), Some(1), "a day has passed");
        assert_true(&world).await;
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_change_token_that_ran_out_falls_back_to_everybody_and_says_so() {
    on_each_store(|store| async {
        let world = world_of(150, store).await;
        for status_400 in [false, true] {
            world.sim.settings(json!({ "delta_expired_400": status_400 })).await;
            // The first try after hours finds its own access token expired, and that is a bite as well.
            world.sim.plant("delta-expired", json!({ "times": 2 })).await;
            let gone = user_ids(&world).await[7];
            delete(&world, &[gone]).await;
            let run = scheduled(&world).await;
            assert_eq!(run.status, "succeeded", "G48: {:?}", run.error);
            assert!(run.progress_text.contains("had run out"), "G48: {}", run.progress_text);
            world.sim.clear_faults().await;
            assert_true(&world).await;
            assert!(count(&scheduled(&world).await, "changed").is_some(), "followed again from there");
        }
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn what_changed_is_not_lost_by_a_run_that_fails() {
    on_each_store(|store| async {
        let world = world_of(600, store).await;
        let people = user_ids(&world).await;
        world.sim.give(people[3], json!(["SPE_E5"])).await;
        delete(&world, &[people[4]]).await;
        let before = digest(&world).await;
        for (path, fault) in [("/users/delta", "5xx-before-effect"), ("/v1.0/users", "429-storm")] {
            let skip = u64::from(path != "/users/delta");
            world.sim.plant(fault, json!({ "path_contains": path, "skip": skip, "times": 100_000 })).await;
            let run = scheduled(&world).await;
            assert_eq!(run.status, "failed", "{fault}");
            world.sim.clear_faults().await;
            assert_eq!(digest(&world).await, before, "nothing is concluded from half of it");
        }
        let run = scheduled(&world).await;
        assert_eq!((run.status.as_str(), count(&run, "gone")), ("succeeded", Some(1)));
        assert_true(&world).await;
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_removal_that_is_only_told_takes_nobody_out_who_still_answers() {
    on_each_store(|store| async {
        let world = world_of(150, store).await;
        let people = user_ids(&world).await;
        // Everybody named comes twice and in one row more; the last state wins, whatever the order (G49).
        for plan in [json!(["SPE_E5"]), json!(["VISIOCLIENT"]), json!(["SPE_E5", "VISIOCLIENT"])] {
            world.sim.give(people[5], plan).await;
        }
        world.sim.give(people[6], json!(["SPE_E5"])).await;
        delete(&world, &[people[6]]).await;
        let run = scheduled(&world).await;
        assert_eq!((count(&run, "changed"), count(&run, "gone")), (Some(2), Some(1)), "{}", run.progress_text);
        assert_true(&world).await;
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_mass_deletion_is_held_in_one_step_and_in_several() {
    on_each_store(|store| async {
        let world = world_of(200, store.clone()).await;
        let people = user_ids(&world).await;
        delete(&world, &people[..40]).await;
        let run = scheduled(&world).await;
        assert_eq!(run.status, "held", "G50, 9#41: {:?}", run.error);
        assert_eq!(user_ids(&world).await, people, "the last good round stays");
        let run = scheduled(&world).await;
        assert_eq!(run.status, "held", "read whole it is no different");
        world.finish().await;

        let world = world_of(200, store).await;
        let people = user_ids(&world).await;
        delete(&world, &people[..16]).await;
        assert_eq!(scheduled(&world).await.status, "succeeded");
        delete(&world, &people[16..32]).await;
        let run = scheduled(&world).await;
        assert_eq!(run.status, "held", "9#41: two small steps make a large one: {:?}", run.progress_text);
        assert_eq!(user_ids(&world).await.len(), 184);
        world.finish().await;
    })
    .await;
}
