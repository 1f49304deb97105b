//! The usage reports of single services: each is its own source, all of them only ever keep seats, and
//! none of them is used while names are concealed.

use std::collections::{BTreeMap, BTreeSet};

use reseat_domain::detect::FindingKind;
use reseat_domain::ids::SeatKey;
use reseat_domain::usage_report::UsageReport;
use reseat_engine::{Task, commands};
use reseat_store::integration::{self, SourceRow};
use reseat_store::read;
use reseat_testkit::{World, on_each_store};
use serde_json::json;

async fn idle(world: &World) -> BTreeSet<SeatKey> {
    world.seats(FindingKind::Idle).await.iter().map(|item| item.key()).collect()
}

async fn sources(world: &World) -> BTreeMap<String, SourceRow> {
    let mut tx = world.engine().store().read().await.expect("the database answers");
    let rows = integration::list_sources(&mut tx, world.tenant_id()).await.expect("can be read");
    rows.into_iter().map(|row| (row.source.clone(), row)).collect()
}

/// What the simulator offers.
const OFFERED: [UsageReport; 8] = [
    UsageReport::ActiveUsers,
    UsageReport::Email,
    UsageReport::Mailboxes,
    UsageReport::Teams,
    UsageReport::OneDrive,
    UsageReport::Apps,
    UsageReport::Activations,
    UsageReport::Copilot,
];

#[tokio::test]
async fn each_report_is_a_source_with_its_own_refresh_date_and_rows() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let sources = sources(&world).await;
        for report in UsageReport::ALL {
            let row = &sources[report.as_str()];
            if OFFERED.contains(report) {
                assert_eq!(row.problem, None, "5.2: {report}");
                assert!(row.row_count > 0 && row.as_of.is_some(), "5.2: {report}");
            } else {
                assert_eq!(row.problem.as_deref(), Some(reseat_engine::sync::NOT_OFFERED), "5.1, F37: {report}");
            }
        }
        assert!(sources["subscriptions"].row_count > 0, "3.2");
        assert_eq!(sources["subscriptions"].problem, None);
        assert_eq!(sources["groups"].problem, None, "2.6");
        assert!(!idle(&world).await.is_empty(), "reports that are not offered here are not waited for");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_report_that_fails_names_itself_and_makes_nobody_idle() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let before = idle(&world).await;
        let refused = json!({ "path_contains": "getTeamsUserActivityUserDetail", "times": 1_000 });
        world.sim.plant("403-on-one", refused).await;
        let (status, error, _) = world.sync_task(Task::ApplicationAccess).await;
        assert_eq!(status, "succeeded", "the others are used: {error:?}");
        let sources = sources(&world).await;
        let problem = sources["teams_report"].problem.clone().expect("it says what is wrong");
        assert!(problem.contains("Reports.Read.All"), "F37: {problem}");
        assert_eq!(sources["email_report"].problem, None, "each is its own source");
        let after = idle(&world).await;
        assert!(after.is_subset(&before) && after.len() < before.len(), "I11: what needs Teams is not judged");
        let told = world.seats(FindingKind::InsufficientEvidence).await.into_iter().any(|item| {
            item.finding.is_some_and(|finding| {
                finding.verdict.missing.iter().any(|missing| missing.why.contains("Teams report"))
            })
        });
        assert!(told, "the missing signal is named");
        world.sim.clear_faults().await;
        world.sync().await;
        assert_eq!(idle(&world).await, before, "and it comes back by itself");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_report_that_passes_with_a_storm_is_tried_again_and_its_last_round_stays() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let before = idle(&world).await;
        let storm = json!({ "path_contains": "getEmailActivityUserDetail", "times": 100_000 });
        world.sim.plant("429-storm", storm).await;
        let (status, error, _) = world.sync_task(Task::ApplicationAccess).await;
        assert_eq!(status, "failed", "6.1: it is tried again soon");
        assert!(error.is_some_and(|error| error.contains("throttling")));
        assert_eq!(sources(&world).await["email_report"].problem, None, "what passes is no problem of the source");
        assert_eq!(idle(&world).await, before);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn names_concealed_in_the_middle_of_a_reading_discard_the_whole_set() {
    on_each_store(|store| async {
        let world = World::builder().on(store).unsynced().build().await;
        world.sync().await;
        let before = sources(&world).await;
        world.sim.settings(json!({ "conceal_names": true })).await;
        let runs = commands::sync_now(world.engine(), &world.cast.admin, Some(Task::ApplicationAccess)).await;
        world.tick().await.expect("the pass ends");
        let mut tx = world.engine().store().read().await.expect("the database answers");
        let run = read::syncs::find_run(&mut tx, world.tenant_id(), runs.expect("it can run")[0]).await;
        drop(tx);
        let run = run.expect("can be read").expect("there");
        assert!(
            run.progress_text.contains("Display concealed user, group, and site names"),
            "F47, F49: the remedy is told: {}",
            run.progress_text
        );
        let after = sources(&world).await;
        for report in UsageReport::ALL {
            let row = &after[report.as_str()];
            assert_eq!(row.problem.as_deref(), Some(reseat_engine::sync::CONCEALED), "F48, U1: {report}");
            assert_eq!(row.round, before[report.as_str()].round, "nothing got in: {report}");
        }
        let reader = world.engine().reader().expect("a connection");
        assert_eq!(reader.names_concealed().await, Ok(true), "F49: the switch is the tenant's, and nobody turned it");
        world.sim.settings(json!({ "conceal_names": false })).await;
        world.sync().await;
        assert_eq!(sources(&world).await["teams_report"].problem, None, "clear again, read again");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn copilot_seats_are_judged_by_the_copilot_report() {
    on_each_store(|store| async {
        let world = World::builder().on(store).users(1_500).build().await;
        let copilot = world.engine().store();
        let mut tx = copilot.read().await.expect("the database answers");
        let skus = reseat_store::skus::list_skus(&mut tx, world.tenant_id()).await.expect("can be read");
        drop(tx);
        let sku_id =
            skus.iter().find(|named| named.sku.part_number == "Microsoft_365_Copilot").expect("sold").sku.sku_id;
        let mut kinds = BTreeSet::new();
        for kind in [FindingKind::Idle, FindingKind::InUse] {
            for item in world.seats(kind).await.into_iter().filter(|item| item.key().sku_id == sku_id) {
                let verdict = item.finding.expect("judged").verdict;
                if verdict.evidence.iter().any(|seen| seen.source == "Copilot report") {
                    kinds.insert(kind.as_str());
                }
            }
        }
        assert_eq!(kinds, BTreeSet::from(["idle", "in_use"]), "5.4");
        world.finish().await;
    })
    .await;
}
