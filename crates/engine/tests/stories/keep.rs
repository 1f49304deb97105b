//! Letting people keep their license.

use reseat_domain::candidate::{Action, CandidateState, StateName};
use reseat_engine::CommandError;
use reseat_engine::commands::{ActionInput, open};
use reseat_testkit::{World, on_each_store};

fn reason(text: &str) -> ActionInput {
    ActionInput { reason: Some(text.to_owned()), ..ActionInput::default() }
}

#[tokio::test]
async fn a_kept_seat_has_a_reason_and_a_day_and_is_found_again_only_after_it() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.propose(seat).await;
        let approver = &world.cast.approver;
        let silent = world.act_with(approver, id, Action::Keep, &reason("  ")).await;
        assert!(matches!(silent, Err(CommandError::Invalid { field: "reason", .. })), "{silent:?}");
        let today = world.engine().now().day();
        let yesterday = world.engine().now().plus_days(-1).day();
        let past = ActionInput { until: Some(yesterday), ..reason("parental leave") };
        let past = world.act_with(approver, id, Action::Keep, &past).await;
        assert!(matches!(past, Err(CommandError::Invalid { field: "until", .. })), "{past:?}");

        let input = ActionInput { until: Some(today), ..reason("parental leave") };
        world.act_with(approver, id, Action::Keep, &input).await.expect("an approver may keep");
        match world.state(id).await {
            CandidateState::ClosedSkipped { reason, until } => {
                assert_eq!(reason, "parental leave");
                assert_eq!(until, Some(today.end()), "the named day still counts");
            }
            other => panic!("{other:?}"),
        }
        let again = open(world.engine(), &world.cast.manager, &[seat]).await.expect("a manager may ask");
        let why = again[0].result.clone().expect_err("it was decided to leave the seat alone");
        assert!(why.contains(&today.to_string()), "{why}");

        world.advance(86_400).await;
        world.sync().await;
        let next = world.open(seat).await;
        assert_ne!(next, id, "a closed candidate never reopens");
        assert_eq!(world.candidate(next).await.previous.map(|previous| previous.candidate_id), Some(id));
        world.drain().await;
        assert_eq!(world.finish().await.removals, 0);
    })
    .await;
}

#[tokio::test]
async fn keep_wins_against_a_pending_write() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        assert_eq!(world.state_name(id).await, StateName::AwaitingRevocation);
        world.act(&world.cast.manager, id, Action::Keep).await.expect("keeping is open to both");
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::ClosedSkipped, "I12");
        assert_eq!(world.finish().await.removals, 0);
    })
    .await;
}

#[tokio::test]
async fn keep_wins_even_when_the_write_has_been_claimed_already() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        // The answer to the fresh read takes its time; the keep arrives meanwhile.
        let path = format!("users/{}", seat.user_id);
        world.sim.plant("slow", serde_json::json!({ "method": "GET", "path_contains": path, "delay_ms": 1_500 })).await;
        let keep = async {
            while world.sim.bitten("slow").await == 0 {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            world.act(&world.cast.approver, id, Action::Keep).await.expect("the write has not begun");
        };
        let (pass, ()) = tokio::join!(world.tick(), keep);
        pass.expect("losing this race is no failure");
        assert_eq!(world.state_name(id).await, StateName::ClosedSkipped, "I12");
        world.drain().await;
        assert_eq!(world.finish().await.removals, 0);
    })
    .await;
}
