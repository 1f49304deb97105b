//! What a source does not say, or says wrongly, keeps every seat (I11), and the message is clear.

use std::collections::BTreeSet;

use reseat_domain::detect::FindingKind;
use reseat_domain::ids::SeatKey;
use reseat_engine::Task;
use reseat_testkit::{World, on_each_store};
use serde_json::json;

async fn idle(world: &World) -> BTreeSet<SeatKey> {
    world.seats(FindingKind::Idle).await.iter().map(|item| item.key()).collect()
}

async fn people(world: &World) -> i64 {
    let mut tx = world.engine().store().read().await.expect("the database answers");
    let found = reseat_store::read::applications::find_application(&mut tx, world.tenant_id()).await;
    found.expect("can be read").expect("the tenant is there").people
}

#[tokio::test]
async fn a_truncated_report_is_not_used_and_the_last_good_one_stays() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let before = idle(&world).await;
        for seed in 0..6 {
            let cut = json!({ "path_contains": "download", "times": 1_000, "seed": seed });
            world.sim.plant("truncated-answer", cut).await;
            let (status, error, _) = world.sync_task(Task::ApplicationAccess).await;
            assert_ne!(status, "succeeded", "U3, seed {seed}");
            assert!(error.is_some_and(|error| !error.is_empty()), "U3, seed {seed}");
            world.sim.clear_faults().await;
            assert_eq!(idle(&world).await, before, "U3, seed {seed}");
        }
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_report_cut_off_from_the_start_makes_nobody_idle_by_it() {
    on_each_store(|store| async {
        let whole = World::builder().on(store.clone()).build().await;
        let with_report = idle(&whole).await;
        whole.finish().await;
        let world = World::builder().on(store).unsynced().build().await;
        world.sim.plant("truncated-answer", json!({ "path_contains": "download", "times": 1_000, "seed": 3 })).await;
        world.sync().await;
        let without = idle(&world).await;
        assert!(without.is_subset(&with_report), "I11: {:?}", without.difference(&with_report));
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn concealed_names_make_service_use_a_missing_signal() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let before = idle(&world).await;
        world.sim.settings(json!({ "conceal_names": true })).await;
        world.sync().await;
        let after = idle(&world).await;
        assert!(after.is_subset(&before), "U1");
        assert!(after.len() < before.len(), "what rested on the report is insufficient now");
        let seats = world.seats(FindingKind::InsufficientEvidence).await;
        let told = seats
            .iter()
            .filter_map(|item| item.finding.as_ref())
            .any(|finding| finding.verdict.missing.iter().any(|missing| missing.why.contains("concealed")));
        assert!(told, "the missing signal is named");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_throttling_storm_ends_the_run_with_a_clear_message_and_changes_nothing() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let (before, people_before) = (idle(&world).await, people(&world).await);
        world.sim.plant("429-storm", json!({ "times": 100_000 })).await;
        for task in [Task::ApplicationRoster, Task::ApplicationAccess, Task::LicenseInformation] {
            let (status, error, _) = world.sync_task(task).await;
            assert_eq!(status, "failed", "G3");
            assert!(error.clone().is_some_and(|error| error.contains("throttling")), "G3: {error:?}");
        }
        assert_eq!((idle(&world).await, people(&world).await), (before, people_before));
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn an_interrupted_listing_publishes_nothing_and_begins_again() {
    on_each_store(|store| async {
        let world = World::builder().on(store).users(1_200).build().await;
        let (before, people_before) = (idle(&world).await, people(&world).await);
        // The first page comes, the next ones do not.
        let lost = json!({ "method": "GET", "path_contains": "/users", "skip": 1, "times": 100_000 });
        world.sim.plant("5xx-before-effect", lost).await;
        let (status, error, _) = world.sync_task(Task::ApplicationRoster).await;
        assert_eq!(status, "failed");
        assert!(error.is_some());
        assert_eq!((idle(&world).await, people(&world).await), (before.clone(), people_before));
        world.sim.clear_faults().await;
        // A page token that ran out throws the whole listing away (G45).
        world.sim.plant("next-link-expired-or-looping", json!({})).await;
        let (status, error, _) = world.sync_task(Task::ApplicationRoster).await;
        assert_eq!(status, "succeeded", "G45, G47: {error:?}");
        assert_eq!((idle(&world).await, people(&world).await), (before, people_before));
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_tenant_without_entra_p1_gets_a_rule_that_says_so_and_needs_two_refreshes() {
    on_each_store(|store| async {
        let world = World::builder().on(store).unsynced().build().await;
        world.sim.settings(json!({ "premium": false })).await;
        world.sync().await;
        let by_use = |items: Vec<reseat_store::read::seats::SeatItem>| {
            use reseat_domain::rule::Justification;
            let used = |item: &reseat_store::read::seats::SeatItem| {
                item.finding.as_ref().is_some_and(|finding| {
                    let reasons = &finding.verdict.justifications;
                    reasons.contains(&Justification::Inactive) || reasons.contains(&Justification::NeverUsed)
                })
            };
            items.iter().filter(|item| used(item)).count()
        };
        assert_eq!(by_use(world.seats(FindingKind::Idle).await), 0, "one refresh of the report proves no idleness");
        let mut tx = world.engine().store().read().await.expect("the database answers");
        let rule = reseat_store::rules::find_active_rule(&mut tx, world.tenant_id()).await.expect("can be read");
        assert_eq!(rule.expect("a rule is in force").threshold_days, 180);
        drop(tx);
        world.advance(86_400).await;
        world.roster.put(world.sim.roster().await);
        world.sync().await;
        assert!(by_use(world.seats(FindingKind::Idle).await) > 0, "two refreshes agree");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_license_type_without_its_plans_makes_no_seat_idle_by_use() {
    use reseat_store::skus::{list_skus, replace_skus};
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let before = idle(&world).await;
        let tenant_id = world.tenant_id();
        let mut tx = world.engine().store().write().await.expect("the database answers");
        let mut skus = list_skus(&mut tx, tenant_id).await.expect("skus can be read");
        for named in &mut skus {
            named.sku.plans.clear();
        }
        replace_skus(&mut tx, tenant_id, &skus).await.expect("skus can be written");
        reseat_store::integration::request_detection(&mut tx, tenant_id).await.expect("asked");
        tx.commit().await.expect("committed");
        world.tick().await.expect("a pass");
        let after = idle(&world).await;
        assert!(after.is_subset(&before), "I11");
        for item in world.seats(FindingKind::Idle).await {
            let reasons = item.finding.expect("found").verdict.justifications;
            assert!(
                reasons.iter().all(|reason| reason.as_str() == "disabled_account"),
                "only what does not rest on use stays: {reasons:?}"
            );
        }
        world.finish().await;
    })
    .await;
}
