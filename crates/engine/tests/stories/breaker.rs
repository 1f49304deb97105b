//! Writes stop by themselves when something is wrong with more than one person, and go on by themselves once one is
//! proven; and they keep to the hours of the tenant.

use reseat_domain::candidate::{Action, StateName};
use reseat_domain::window::{DayOfWeek, Window};
use reseat_engine::commands::{self, WriteSettingsChange};
use reseat_engine::write_back::why_no_write;
use reseat_testkit::{World, on_each_store};
use serde_json::json;

async fn why(world: &World) -> Option<String> {
    let mut tx = world.engine().store().read().await.expect("the database answers");
    why_no_write(world.engine(), &mut tx).await.expect("can be read")
}

async fn verbs(world: &World) -> Vec<String> {
    use reseat_store::read::audit::{AuditFilter, list_entries};
    let mut tx = world.engine().store().read().await.expect("the database answers");
    let log = reseat_store::trail::Log::Tenant(world.tenant_id());
    let page = list_entries(&mut tx, log, &AuditFilter::default(), None, 500).await.expect("the trail can be read");
    let found = page.items.into_iter().map(|item| item.entry.verb);
    found.filter(|verb| verb.starts_with("writes.circuit")).collect()
}

#[tokio::test]
async fn after_three_refusals_one_write_tries_again_and_its_proof_lets_the_others_go_on() {
    on_each_store(|store| async {
        let world = World::builder()
            .on(store)
            .settings(|settings| {
                settings.circuit_retry_seconds = 600;
                // The budget's own canary is told elsewhere.
                settings.budget.first_run = 5;
            })
            .build()
            .await;
        let mut ids = Vec::new();
        for seat in world.idle_seats().await.into_iter().take(5) {
            ids.push(world.reclaim(seat).await);
        }
        world.sim.plant("403-on-one", json!({ "path_contains": "assignLicense", "times": 3 })).await;
        for _ in 0..5 {
            world.tick().await.expect("a pass");
        }
        assert_eq!(world.sim.bitten("403-on-one").await, 3);
        assert!(why(&world).await.expect("stopped").contains("in a row"), "D.3");
        assert_eq!(world.judge().await.removals, 0);

        world.advance(601).await;
        assert_eq!(why(&world).await, None, "half-open: one may try");
        for _ in 0..5 {
            world.tick().await.expect("a pass");
        }
        assert_eq!(world.judge().await.removals, 1, "one, and the other waits for its proof");
        assert!(why(&world).await.expect("still").contains("being proven"));
        world.drain().await;
        assert_eq!(why(&world).await, None);
        let mut closed = 0;
        for id in ids {
            closed += usize::from(world.state_name(id).await == StateName::ClosedComplete);
        }
        assert_eq!(closed, 2, "those that were not refused");
        assert_eq!(verbs(&world).await, ["writes.circuit_closed", "writes.circuit_opened"], "newest first");
        assert_eq!(world.finish().await.removals, 2);
    })
    .await;
}

#[tokio::test]
async fn a_canary_that_is_refused_keeps_the_breaker_open() {
    on_each_store(|store| async {
        let world = World::builder().on(store).settings(|settings| settings.circuit_retry_seconds = 600).build().await;
        for seat in world.idle_seats().await.into_iter().take(6) {
            world.reclaim(seat).await;
        }
        world.sim.plant("403-on-one", json!({ "path_contains": "assignLicense", "times": 4 })).await;
        for _ in 0..5 {
            world.tick().await.expect("a pass");
        }
        assert_eq!(world.sim.bitten("403-on-one").await, 3);
        world.advance(601).await;
        for _ in 0..5 {
            world.tick().await.expect("a pass");
        }
        assert_eq!(world.sim.bitten("403-on-one").await, 4, "one write, not two");
        assert!(why(&world).await.expect("open again").contains("tried again at"));
        world.advance(601).await;
        world.drain().await;
        assert_eq!(world.finish().await.removals, 2);
    })
    .await;
}

#[tokio::test]
async fn the_breaker_survives_a_restart() {
    on_each_store(|store| async {
        let mut world = World::builder().on(store).build().await;
        for seat in world.idle_seats().await.into_iter().take(5) {
            world.reclaim(seat).await;
        }
        world.sim.plant("403-on-one", json!({ "path_contains": "assignLicense", "times": 100 })).await;
        world.drain().await;
        world.restart().await;
        assert!(why(&world).await.expect("durable").contains("in a row"));
        world.drain().await;
        assert_eq!(world.sim.bitten("403-on-one").await, 3);
        assert_eq!(world.finish().await.removals, 0);
    })
    .await;
}

#[tokio::test]
async fn outside_the_change_windows_nothing_is_written_and_within_them_it_goes_on_by_itself() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let now = world.engine().now();
        let tomorrow: jiff::civil::Date = now.plus_days(1).day().to_string().parse().expect("a day");
        let all = DayOfWeek::ALL;
        let day = all[usize::try_from(tomorrow.weekday().to_monday_zero_offset()).expect("a day of the week")];
        let window = Window { days: vec![day], from: "00:00".to_owned(), until: "24:00".to_owned() };
        let change = WriteSettingsChange { windows: Some(vec![window]), ..WriteSettingsChange::default() };
        commands::change_write_settings(world.engine(), &world.cast.admin, &change, 0).await.expect("an admin may");
        let id = world.reclaim(world.idle_seats().await[0]).await;
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::AwaitingRevocation);
        let told = why(&world).await.expect("shut");
        assert!(told.contains(&format!("opens at {tomorrow} 00:00")), "{told}");
        assert_eq!(world.judge().await.removals, 0);
        world.advance(86_400).await;
        world.sync().await;
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::ClosedComplete);
        assert_eq!(world.finish().await.removals, 1);
    })
    .await;
}

#[tokio::test]
async fn many_are_given_back_in_one_step() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let mut ids = Vec::new();
        for seat in world.idle_seats().await.into_iter().take(4) {
            ids.push(world.reclaim(seat).await);
        }
        world.drain().await;
        let input = commands::ActionInput::default();
        let manager = &world.cast.manager;
        let done = commands::act_on_many(world.engine(), manager, &ids, Action::Restore, &input, None).await;
        assert!(done.expect("a manager may").iter().all(|(_, result)| result.is_ok()));
        world.drain().await;
        for id in ids {
            assert_eq!(world.state_name(id).await, StateName::ClosedRestored);
        }
        let judgement = world.finish().await;
        assert_eq!((judgement.removals, judgement.restores), (4, 4));
    })
    .await;
}
