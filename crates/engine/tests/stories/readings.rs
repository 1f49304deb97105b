//! What stories about reading look at: runs, requests, and everything that is held.

use std::collections::BTreeSet;

use reseat_domain::directory::Via;
use reseat_domain::ids::{SeatKey, UserId};
use reseat_engine::Task;
use reseat_store::integration::RunRow;
use reseat_store::{findings, integration, read, rounds};
use reseat_testkit::World;
use serde_json::Value;

/// The last run of a task.
pub async fn last_run(world: &World, task: Task) -> RunRow {
    let mut tx = world.engine().store().read().await.expect("the database answers");
    let tasks = integration::list_tasks(&mut tx, world.tenant_id()).await.expect("tasks can be read");
    let row = tasks.into_iter().find(|row| row.task == task.as_str()).expect("the task is there");
    let id = row.last_run_id.expect("the task ran").parse().expect("an id");
    read::syncs::find_run(&mut tx, world.tenant_id(), id).await.expect("runs can be read").expect("the run is there")
}

/// Switches a task on or off, as an administrator does.
pub async fn enable(world: &World, task: Task, enabled: bool) {
    let mut tx = world.engine().store().write().await.expect("the database answers");
    let done = integration::set_task_enabled(&mut tx, world.tenant_id(), task.as_str(), enabled).await;
    assert!(done.expect("tasks can be changed"));
    tx.commit().await.expect("committed");
}

/// One of the counts of a run.
pub fn count(run: &RunRow, name: &str) -> Option<i64> {
    let counts: Value = serde_json::from_str(&run.counts).expect("counts are JSON");
    counts[name].as_i64()
}

/// How many requests of an operation the tenant has had.
pub async fn requests(world: &World, operation: &str) -> u64 {
    world.sim.stats().await["operations"][operation]["requests"].as_u64().unwrap_or(0)
}

/// The directory lists a license and does not say how it is held (9#7).
const UNSAID: &str = "unsaid";

/// Every path of every seat, as it is kept.
pub async fn digest(world: &World) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut tx = world.engine().store().read().await.expect("the database answers");
    let mut after = None;
    loop {
        let page = findings::list_facts(&mut tx, world.tenant_id(), after, 500).await.expect("seats can be read");
        let Some(last) = page.last() else { return found };
        after = Some(SeatKey { user_id: last.user_id, sku_id: last.seat.sku_id });
        for facts in &page {
            if facts.seat.paths.is_empty() {
                found.insert(format!("{} {} {UNSAID}", facts.user_id, facts.seat.sku_id));
            }
            for path in &facts.seat.paths {
                let via = match path.via {
                    Via::Direct => "direct".to_owned(),
                    Via::Group { group_id } => group_id.to_string(),
                };
                found.insert(format!("{} {} {via}", facts.user_id, facts.seat.sku_id));
            }
        }
    }
}

/// Everybody's id, as it is kept.
pub async fn user_ids(world: &World) -> Vec<UserId> {
    let mut tx = world.engine().store().read().await.expect("the database answers");
    rounds::list_user_ids(&mut tx, world.tenant_id(), None, 1_000_000).await.expect("ids can be read")
}

/// Every path of every seat, as it really is. Whoever the tenant has and we do not makes no difference
/// here, so the number of people is compared as well.
pub async fn truth(world: &World) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for user_id in user_ids(world).await {
        let person = world.sim.user(user_id).await;
        assert_eq!(person["deleted"], false, "{user_id} is gone");
        let licenses = person["licenses"].as_array().expect("licenses").iter();
        // A group that could not give its license gives no seat.
        for license in licenses.filter(|license| license["state"] != "Error") {
            let via = license["group_id"].as_str().unwrap_or("direct");
            found.insert(format!("{user_id} {} {via}", license["sku_id"].as_str().expect("a sku")));
        }
    }
    found
}

/// What is kept is what is true: as many people as the tenant has, and every path of every seat.
pub async fn assert_true(world: &World) {
    let stats = world.sim.stats().await;
    assert_eq!(Some(user_ids(world).await.len() as u64), stats["users"].as_u64());
    let (kept, mut real) = (digest(world).await, truth(world).await);
    for seat in kept.iter().filter_map(|line| line.strip_suffix(UNSAID)) {
        let paths = real.len();
        real.retain(|line| !line.starts_with(seat));
        assert!(real.len() < paths, "{seat} is held");
        real.insert(format!("{seat}{UNSAID}"));
    }
    assert_eq!(kept.difference(&real).collect::<Vec<_>>(), Vec::<&String>::new(), "kept and not true");
    assert_eq!(real.difference(&kept).collect::<Vec<_>>(), Vec::<&String>::new(), "true and not kept");
}
