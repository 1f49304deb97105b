//! The slow lane of sign-in dates: paced, interrupted and gone on with, the likely idle first.

use std::collections::BTreeSet;

use reseat_domain::activity::SignIn;
use reseat_domain::detect::FindingKind;
use reseat_domain::ids::{SeatKey, UserId};
use reseat_domain::time::Timestamp;
use reseat_engine::Task;
use reseat_testkit::{Backend, World, on_each_store};
use serde_json::json;

use crate::readings::{count, enable, last_run, requests, user_ids};

const USERS: u64 = 2_600;

/// Requests a minute in these stories: so few that a sweep of everybody takes several minutes.
const PERMITTED: u32 = 1;

/// Pages of 500 of everybody.
const PAGES: u64 = 6;

/// A world whose people are read, and whose slow lane begins with the next pass.
async fn in_the_lane(store: Backend) -> World {
    let world = World::builder().on(store).users(USERS).without_roster().unsynced();
    let world = world.settings(|it| it.sign_in_requests_per_minute = PERMITTED).build().await;
    // The listing first, so that what follows counts the lane alone.
    enable(&world, Task::ApplicationAccess, false).await;
    let (status, error, _) = world.sync_task(Task::ApplicationRoster).await;
    assert_eq!((status.as_str(), error), ("succeeded", None));
    enable(&world, Task::ApplicationAccess, true).await;
    world
}

async fn idle(world: &World) -> BTreeSet<SeatKey> {
    world.seats(FindingKind::Idle).await.iter().map(|item| item.key()).collect()
}

/// The dates that are kept.
async fn dates(world: &World) -> Vec<(UserId, SignIn)> {
    let mut found = Vec::new();
    let mut tx = world.engine().store().read().await.expect("the database answers");
    for user_id in user_ids(world).await {
        let person = reseat_store::read::people::find_person(&mut tx, world.tenant_id(), user_id).await;
        let person = person.expect("people can be read").expect("the person is there");
        found.extend(person.item.sign_in.map(|(sign_in, _)| (user_id, sign_in)));
    }
    found
}

/// Minute after minute until the run of the lane is at its end; gives how many minutes it took.
async fn to_the_end(world: &World) -> u64 {
    for minute in 0..40 {
        if last_run(world, Task::ApplicationAccess).await.status != "running" {
            return minute;
        }
        world.advance(61).await;
        world.tick().await.expect("a pass");
    }
    panic!("the lane does not come to its end");
}

async fn likely_idle(world: &World, before: Timestamp) -> u64 {
    let found = dates(world).await;
    found.iter().filter(|(_, dates)| dates.last_interactive.is_some_and(|at| at <= before)).count() as u64
}

#[tokio::test]
async fn the_likely_idle_come_first_and_findings_with_them() {
    on_each_store(|store| async {
        let world = in_the_lane(store).await;
        let before = world.engine().now().plus_days(-90);
        let sent = requests(&world, "GET /users").await;
        world.tick().await.expect("a pass");
        let run = last_run(&world, Task::ApplicationAccess).await;
        assert_eq!(run.status, "running", "{:?}", run.error);
        assert!(run.progress_text.contains("the next request may go out in"), "{}", run.progress_text);
        assert_eq!(requests(&world, "GET /users").await - sent, u64::from(PERMITTED), "a minute's worth");
        world.tick().await.expect("a pass");
        assert_eq!(requests(&world, "GET /users").await - sent, u64::from(PERMITTED), "and no more in it");
        let first = dates(&world).await;
        assert!(
            !first.is_empty() && first.iter().all(|(_, dates)| dates.last_interactive.is_some_and(|at| at <= before))
        );
        let found = idle(&world).await;
        assert!(!found.is_empty(), "what arrived is judged");
        assert!(
            !world.seats(FindingKind::InsufficientEvidence).await.is_empty(),
            "who was not read is not judged idle"
        );

        to_the_end(&world).await;
        assert_eq!(last_run(&world, Task::ApplicationAccess).await.status, "succeeded");
        assert_eq!(dates(&world).await.len() as u64, USERS);
        assert!(found.is_subset(&idle(&world).await), "I11: what came later added findings, and took none back");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_restart_reads_no_page_again_and_sends_nothing_early() {
    on_each_store(|store| async {
        let mut world = in_the_lane(store).await;
        let before = world.engine().now().plus_days(-90);
        let sent = requests(&world, "GET /users").await;
        for _ in 0..12 {
            world.tick().await.expect("a pass");
            if last_run(&world, Task::ApplicationAccess).await.status != "running" {
                break;
            }
            world.restart().await;
            let so_far = requests(&world, "GET /users").await;
            world.tick().await.expect("a pass");
            assert_eq!(requests(&world, "GET /users").await, so_far, "what was sent is remembered");
            world.advance(61).await;
        }
        let run = last_run(&world, Task::ApplicationAccess).await;
        assert_eq!((run.status.as_str(), count(&run, "sign_ins")), ("succeeded", Some(USERS.cast_signed())));
        assert_eq!(count(&run, "sign_ins_began_again"), None);
        assert!(count(&run, "report_rows_matched").is_some_and(|rows| rows > 0), "the report is told as well");
        let pages = likely_idle(&world, before).await.div_ceil(500) + PAGES;
        assert_eq!(requests(&world, "GET /users").await - sent, pages, "every page once");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_failed_run_goes_on_where_it_was() {
    on_each_store(|store| async {
        let world = in_the_lane(store).await;
        let before = world.engine().now().plus_days(-90);
        let sent = requests(&world, "GET /users").await;
        world.tick().await.expect("a pass");
        let mut lost = 0;
        for (fault, refused) in [("429-storm", true), ("truncated-answer", true), ("5xx-before-effect", true)] {
            let so_far = requests(&world, "GET /users").await;
            world.sim.plant(fault, json!({ "path_contains": "/v1.0/users", "times": 100_000 })).await;
            world.advance(61).await;
            world.tick().await.expect("a source that fails ends its run, not the pass");
            assert_eq!(last_run(&world, Task::ApplicationAccess).await.status == "failed", refused, "{fault}");
            world.sim.clear_faults().await;
            lost += requests(&world, "GET /users").await - so_far;
            world.advance(301).await;
            world.tick().await.expect("a pass");
        }
        to_the_end(&world).await;
        let run = last_run(&world, Task::ApplicationAccess).await;
        assert_eq!(run.status, "succeeded", "{:?}", run.error);
        let pages = likely_idle(&world, before).await.div_ceil(500) + PAGES;
        assert_eq!(requests(&world, "GET /users").await - sent - lost, pages, "every page once, whatever failed");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_page_token_that_ran_out_while_the_lane_rested_begins_the_sweep_again_and_says_so() {
    on_each_store(|store| async {
        let world = in_the_lane(store).await;
        world.tick().await.expect("a pass");
        while !last_run(&world, Task::ApplicationAccess).await.progress_text.contains("dates of 500 people") {
            world.advance(61).await;
            world.tick().await.expect("a pass");
        }
        let kept = dates(&world).await.len();
        // Page tokens live eight hours here.
        world.advance(9 * 3_600).await;
        world.tick().await.expect("a pass");
        assert!(dates(&world).await.len() >= kept, "what was read stays read");
        to_the_end(&world).await;
        let run = last_run(&world, Task::ApplicationAccess).await;
        assert_eq!((run.status.as_str(), count(&run, "sign_ins_began_again")), ("succeeded", Some(1)), "G45");
        assert!(run.progress_text.contains("began again"), "{}", run.progress_text);
        assert_eq!(count(&run, "sign_ins"), Some(USERS.cast_signed()));
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn pages_in_a_circle_do_not_hold_the_lane() {
    on_each_store(|store| async {
        let world = World::builder().on(store).users(USERS).without_roster().build().await;
        for seed in 0..4 {
            let with = json!({ "path_contains": "/v1.0/users", "times": 1, "seed": seed });
            world.sim.plant("next-link-expired-or-looping", with).await;
            let (status, error, _) = world.sync_task(Task::ApplicationAccess).await;
            assert_eq!((status.as_str(), error), ("succeeded", None), "G47, seed {seed}");
            let run = last_run(&world, Task::ApplicationAccess).await;
            assert_eq!(count(&run, "sign_ins_began_again"), Some(1), "seed {seed}");
            world.sim.clear_faults().await;
        }
        world.finish().await;
    })
    .await;
}
