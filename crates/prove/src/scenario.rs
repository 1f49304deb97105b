//! What the process does that is killed: one loop with everything in it. Started again it looks at
//! where things stand and goes on, as the product does; nothing but the database and the tenant
//! remembers anything.

use std::process::ExitCode;

use reseat_domain::candidate::{Action, CandidateState, StateName};
use reseat_domain::detect::FindingKind;
use reseat_domain::ids::{CandidateId, SeatKey};
use reseat_domain::rule::Justification;
use reseat_domain::usage_report::UsageReport;
use reseat_engine::Task;
use reseat_engine::commands::{freeze, thaw};
use reseat_store::read::candidates::{CandidateFilter, CandidateItem, list_candidates};
use reseat_store::read::seats::SeatItem;
use reseat_testkit::{Ready, Step, World};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Over what the scenario runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Work {
    /// The simulated tenant.
    pub ready: Ready,
    /// The database.
    pub store_url: String,
}

/// Candidates by their number, and what is done with each.
pub mod part {
    /// Taken back, and restored.
    pub const RESTORED: i64 = 1;
    /// Taken back while the answer gets lost.
    pub const LOST_ANSWER: i64 = 2;
    /// Taken back while the answer gets lost and the replicas lag.
    pub const LAGGING: i64 = 3;
    /// Kept.
    pub const KEPT: i64 = 4;
    /// Used again before the write.
    pub const USED_AGAIN: i64 = 5;
    /// Taken away by somebody else before the write.
    pub const GONE: i64 = 6;
    /// How many there are.
    pub const COUNT: i64 = 6;
}

/// How many user objects the tenant has: enough for six idle seats of six people.
pub const USERS: u64 = 120;

/// Most passes one phase may take.
const MOST_STEPS: usize = 2_000;

/// Runs the scenario to its end.
pub async fn work(work: Work) -> ExitCode {
    let world = World::builder().attached(work.ready, &work.store_url).unsynced().build().await;
    read_everything(&world).await;
    open_candidates(&world).await;
    plant_faults(&world).await;
    freeze_and_thaw(&world).await;
    let cast = &world.cast;
    use_again(&world).await;
    decide(&world, part::GONE, Action::Approve).await;
    for number in [part::RESTORED, part::LOST_ANSWER, part::LAGGING] {
        decide(&world, number, Action::Approve).await;
    }
    decide(&world, part::KEPT, Action::Keep).await;
    drain(&world).await;
    let (id, state, _) = candidate(&world, part::RESTORED).await;
    if state.name() == StateName::ClosedComplete {
        world.act(&cast.manager, id, Action::Restore).await.expect("a manager may restore");
    }
    drain(&world).await;
    world.engine().store().close().await;
    ExitCode::SUCCESS
}

/// Everything is due at the first pass; what was interrupted is due again once its lease is over.
async fn read_everything(world: &World) {
    for _ in 0..MOST_STEPS {
        world.tick().await.expect("a pass over a healthy tenant");
        if detected(world).await {
            return;
        }
        world.advance(5).await;
    }
    panic!("the tenant is not read");
}

async fn detected(world: &World) -> bool {
    let mut tx = world.engine().store().read().await.expect("the database answers");
    let tenant = reseat_store::integration::find_tenant(&mut tx, world.tenant_id()).await.expect("can be read");
    let sources = reseat_store::integration::list_sources(&mut tx, world.tenant_id()).await.expect("can be read");
    let active_users = UsageReport::ActiveUsers.as_str();
    let published = ["people", "skus", "sign_ins", "roster", active_users]
        .iter()
        .all(|wanted| sources.iter().any(|source| source.source == *wanted && source.as_of.is_some()));
    let now = world.engine().now().as_micros();
    let tasks = reseat_store::integration::list_tasks(&mut tx, world.tenant_id()).await.expect("can be read");
    let reads = |name: &str| Task::ALL.iter().any(|task| task.reads() && task.as_str() == name);
    let due = tasks.iter().any(|row| row.enabled && reads(&row.task) && row.next_due_at <= now);
    published && !due && tenant.is_some_and(|tenant| tenant.detected_at.is_some() && !tenant.detect_requested)
}

async fn candidates(world: &World) -> Vec<CandidateItem> {
    let mut tx = world.engine().store().read().await.expect("the database answers");
    let page = list_candidates(&mut tx, world.tenant_id(), &CandidateFilter::default(), None, 100).await;
    let mut items = page.expect("candidates can be read").items;
    items.sort_by_key(|item| item.number);
    items
}

async fn candidate(world: &World, number: i64) -> (CandidateId, CandidateState, SeatKey) {
    let item = candidates(world).await.into_iter().find(|item| item.number == number);
    let item = item.expect("the candidate was opened");
    let seat = SeatKey { user_id: item.person.user_id, sku_id: item.sku.sku_id };
    (item.id, item.state, seat)
}

async fn open_candidates(world: &World) {
    loop {
        let opened = candidates(world).await;
        let number = i64::try_from(opened.len()).expect("a handful") + 1;
        if number > part::COUNT {
            return;
        }
        let people: Vec<_> = opened.iter().map(|item| item.person.user_id).collect();
        let inactive = inactive_seats(world).await;
        let fits = |seat: &SeatKey| {
            // Only a seat that rests on use alone is kept by use.
            !people.contains(&seat.user_id) && (number != part::USED_AGAIN || inactive.contains(seat))
        };
        let seat = world.idle_seats().await.into_iter().find(fits);
        world.open(seat.expect("the tenant has enough idle seats")).await;
    }
}

async fn inactive_seats(world: &World) -> Vec<SeatKey> {
    let seats = world.seats(FindingKind::Idle).await;
    let by_use = |item: &&SeatItem| {
        item.finding.as_ref().is_some_and(|finding| finding.verdict.justifications == [Justification::Inactive])
    };
    seats.iter().filter(by_use).map(SeatItem::key).collect()
}

/// Answers that get lost on the way back.
async fn plant_faults(world: &World) {
    for (number, fault) in [(part::LOST_ANSWER, "5xx-after-effect"), (part::LAGGING, "reset-after-effect")] {
        if world.sim.planted(fault).await.is_empty() {
            let (_, _, seat) = candidate(world, number).await;
            let path = format!("users/{}/assignLicense", seat.user_id);
            world.sim.plant(fault, json!({ "path_contains": path })).await;
        }
    }
}

/// A stop before anything is written, and two people who let it go on.
async fn freeze_and_thaw(world: &World) {
    let (_, state, _) = candidate(world, part::RESTORED).await;
    if state.name() == StateName::Ready {
        freeze(world.engine(), &world.cast.auditor, "a look before the first write").await.expect("anyone may freeze");
        world.tick().await.expect("a pass while frozen");
    }
    for caller in [&world.cast.approver, &world.cast.admin] {
        // Refused when it is thawed already, or this one asked before the kill.
        let _ = thaw(world.engine(), caller, None).await;
    }
}

/// Proposes and decides, whatever of it is not done yet.
async fn decide(world: &World, number: i64, action: Action) {
    start(world, number).await;
    let (id, state, seat) = candidate(world, number).await;
    if state.name() != StateName::AwaitingApproval {
        return;
    }
    if number == part::GONE {
        take_away(world, seat).await;
    }
    world.act(&world.cast.approver, id, action).await.expect("an approver may decide");
}

async fn start(world: &World, number: i64) {
    let (id, state, _) = candidate(world, number).await;
    if state.name() == StateName::Ready {
        world.act(&world.cast.manager, id, Action::Start).await.expect("a manager may start");
    }
}

/// The holder works again while an approver is asked; the next sweep sees it.
async fn use_again(world: &World) {
    start(world, part::USED_AGAIN).await;
    for _ in 0..MOST_STEPS {
        let (_, state, seat) = candidate(world, part::USED_AGAIN).await;
        if state.name() != StateName::AwaitingApproval {
            return;
        }
        let now = world.engine().now().to_string();
        world.sim.patch_user(seat.user_id, json!({ "last_sign_in": now })).await;
        let runs = reseat_engine::commands::sync_now(world.engine(), &world.cast.admin, None).await;
        runs.expect("a sync can be asked for");
        world.tick().await.expect("a pass over a healthy tenant");
        world.advance(5).await;
    }
    panic!("the sweep does not see that the license is used again");
}

/// An administrator takes a direct license away, long enough ago for every replica to show it: a
/// request of ours that got lost at the very same moment could be told apart by nobody.
async fn take_away(world: &World, seat: SeatKey) {
    let person = world.sim.user(seat.user_id).await;
    let paths: Vec<Value> = person["licenses"].as_array().cloned().unwrap_or_default();
    let rest: Vec<Value> = paths
        .iter()
        .filter(|path| path["group_id"].is_null() && path["sku_id"] != seat.sku_id.to_string())
        .map(|path| json!({ "sku_id": path["sku_id"], "disabled_plans": path["disabled_plans"] }))
        .collect();
    world.sim.give(seat.user_id, json!(rest)).await;
    world.advance(5).await;
}

async fn drain(world: &World) {
    let mut idle = 0;
    for _ in 0..MOST_STEPS {
        let (_, state, seat) = candidate(world, part::LAGGING).await;
        if state.name() == StateName::Revoking && world.sim.planted("stale-read").await.is_empty() {
            // Two readings agree on what is no longer so.
            let path = format!("users/{}", seat.user_id);
            world.sim.plant("stale-read", json!({ "method": "GET", "path_contains": path, "times": 2 })).await;
        }
        match world.step().await {
            Step::Worked => idle = 0,
            Step::Waited if idle < 150 => idle += 1,
            Step::Waited | Step::Quiet => return,
        }
    }
    panic!("not quiet after {MOST_STEPS} steps");
}
