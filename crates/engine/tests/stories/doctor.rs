//! What the doctor says of connections and tasks.

use reseat_engine::connections::ways_of;
use reseat_engine::doctor::{Report, Severity, TaskHealth, TaskState, examine};
use reseat_engine::{Purpose, Task};
use reseat_testkit::{World, on_each_store};
use serde_json::json;

async fn report(world: &World) -> Report {
    examine(&ways_of(world.engine())).await.expect("the database answers")
}

fn task(report: &Report, task: Task) -> &TaskHealth {
    report.tasks.iter().find(|found| found.task == task.as_str()).expect("every task is there")
}

fn says(report: &Report, severity: Severity, text: &str) -> bool {
    report.findings.iter().any(|finding| finding.severity == severity && finding.message.contains(text))
}

#[tokio::test]
async fn a_tenant_in_which_all_is_granted_needs_nobody() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let report = report(&world).await;
        assert!(report.healthy, "{:#?}", report.findings);
        assert!(report.tasks.iter().all(|task| task.state == TaskState::Ready), "{:#?}", report.tasks);
        assert_eq!(report.names_concealed, Some(false));
        assert!(says(&report, Severity::Note, "nothing here uses"), "C2: superfluous is listed");
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_right_that_is_gone_is_named_with_its_task_and_what_to_do() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let rights = ["User.Read.All", "GroupMember.Read.All", "LicenseAssignment.Read.All", "Directory.Read.All"];
        world.sim.patch_app("reader", json!({ "permissions": rights })).await;
        world.sim.patch_app("writer", json!({ "permissions": ["Directory.ReadWrite.All"] })).await;
        let report = report(&world).await;
        assert!(!report.healthy);
        let access = task(&report, Task::ApplicationAccess);
        assert_eq!(access.state, TaskState::Stopped);
        assert!(says(&report, Severity::Problem, "Application Access is stopped: the permission Reports.Read.All"));
        assert!(says(&report, Severity::Warning, "AuditLog.Read.All"), "C2: a signal is missing");
        assert!(says(&report, Severity::Note, "Directory.Read.All is broader than needed"), "X8");
        assert!(says(&report, Severity::Warning, "Directory.ReadWrite.All, which reaches far"), "C2");
        assert_eq!(task(&report, Task::ApplicationRoster).state, TaskState::Limited);
        assert_eq!(task(&report, Task::Reclamation).state, TaskState::Ready);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn without_connections_the_doctor_says_so_and_looks_at_the_rest() {
    on_each_store(|store| async {
        let world = World::builder().on(store).configured(&[Purpose::Reader]).build().await;
        world.sim.patch_app("reader", json!({ "secret_expired": true })).await;
        let report = report(&world).await;
        assert!(!report.healthy);
        assert!(says(&report, Severity::Problem, "The reader connection does not work: The client secret has expired"));
        assert!(says(&report, Severity::Problem, "No connection writes licenses"), "Reclamation is switched on");
        assert!(says(&report, Severity::Note, "No connection sends mail"));
        assert_eq!(task(&report, Task::Reclamation).state, TaskState::NoConnection);
        assert_eq!(task(&report, Task::ApplicationRoster).state, TaskState::Stopped);
        world.sim.patch_app("reader", json!({ "secret_expired": false })).await;
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_task_whose_right_is_gone_stops_with_its_name() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let rights = ["Reports.Read.All", "ReportSettings.Read.All", "AuditLog.Read.All"];
        world.sim.patch_app("reader", json!({ "permissions": rights })).await;
        // A token that was made before keeps what it says; the next one does not.
        world.advance(4_000).await;
        for (task, permission) in
            [(Task::ApplicationRoster, "User.Read.All"), (Task::LicenseInformation, "LicenseAssignment.Read.All")]
        {
            let (status, error, remedy) = world.sync_task(task).await;
            let error = error.unwrap_or_default();
            assert_eq!(status, "failed");
            assert!(
                error.contains(&format!("{} is stopped", task.label())) && error.contains(permission),
                "C2: {error}"
            );
            assert!(remedy.is_some_and(|remedy| remedy.contains(permission)));
        }
        let report = report(&world).await;
        assert!(
            says(&report, Severity::Problem, "Application Roster failed last time"),
            "the last failure, with its remedy"
        );
        world.finish().await;
    })
    .await;
}
