//! Seats that come through groups: left where that frees exactly the seat, refused where it would not, given back as
//! they were.

use reseat_domain::candidate::{Action, Attention, CandidateState, StateName};
use reseat_domain::directory::Via;
use reseat_domain::ids::{CandidateId, SeatKey, SkuId, UserId};
use reseat_engine::commands::{self, WriteSettingsChange};
use reseat_engine::planning::path_of;
use reseat_testkit::{Backend, World, on_each_store};
use serde_json::{Value, json};

const EMS: &str = "efccb6f7-5641-4e0e-bd10-b4976e1bf68e";
const E3: &str = "05e9a617-0261-4cee-bb44-138d3ef5d965";
const POWER_BI: &str = "f8a1db68-be16-40ed-86d5-cb42ce701560";
const VISIO: &str = "c5928f49-12ba-48f7-ada3-0d743a3601d5";

async fn world(store: Backend) -> World {
    World::builder().on(store).named("group_licensed").users(400).build().await
}

/// Switches the removal from groups on, as an administrator does.
async fn allow_groups(world: &World, on: bool) {
    let change = WriteSettingsChange { group_removal: Some(on), ..WriteSettingsChange::default() };
    let version = commands::read_write_settings(world.engine()).await.expect("settings can be read").version;
    commands::change_write_settings(world.engine(), &world.cast.admin, &change, version).await.expect("an admin may");
}

/// The truth about how a seat is held: the names of its groups, and whether it is held directly.
async fn truth(world: &World, seat: SeatKey) -> (Vec<Value>, Vec<Value>) {
    let person = world.sim.user(seat.user_id).await;
    let licenses = person["licenses"].as_array().cloned().unwrap_or_default();
    let of_sku = licenses.into_iter().filter(|path| path["sku_id"] == seat.sku_id.to_string()).collect();
    (of_sku, person["groups"].as_array().cloned().unwrap_or_default())
}

/// Everything a person holds besides one sku, by sku and plans that are off.
async fn others(world: &World, seat: SeatKey) -> Vec<String> {
    let person = world.sim.user(seat.user_id).await;
    let licenses = person["licenses"].as_array().cloned().unwrap_or_default();
    let mut found: Vec<String> = licenses
        .iter()
        .filter(|path| path["sku_id"] != seat.sku_id.to_string())
        .map(|path| format!("{} {} {}", path["sku_id"], path["group_id"], path["disabled_plans"]))
        .collect();
    found.sort();
    found
}

/// A seat of that sku which is found idle or needs a person, held in the way asked for.
async fn find(world: &World, sku: &str, fits: impl Fn(&[Via]) -> bool) -> SeatKey {
    let sku: SkuId = sku.parse().expect("a GUID");
    let found = world.all_seats().await.into_iter().find(|item| {
        let via: Vec<Via> = item.paths.iter().map(|path| path.path.via).collect();
        let idle = item.finding.as_ref().is_some_and(|finding| {
            matches!(
                finding.verdict.kind,
                reseat_domain::detect::FindingKind::Idle | reseat_domain::detect::FindingKind::NeedsPerson
            )
        });
        item.key().sku_id == sku && idle && fits(&via)
    });
    found.expect("this world has such a seat").key()
}

fn one_group(via: &[Via]) -> bool {
    matches!(via, [Via::Group { .. }])
}

async fn cause(world: &World, id: CandidateId) -> Attention {
    match world.state(id).await {
        CandidateState::AttentionRequired { cause, .. } => cause,
        other => panic!("{other:?}"),
    }
}

async fn start(world: &World, seat: SeatKey) -> CandidateId {
    let id = world.open(seat).await;
    world.act(&world.cast.manager, id, Action::Start).await.expect("a manager may start");
    id
}

#[tokio::test]
async fn switched_off_it_is_said_what_would_free_the_seat_and_nothing_is_written() {
    on_each_store(|store| async {
        let world = world(store).await;
        let seat = find(&world, EMS, one_group).await;
        let id = start(&world, seat).await;
        match cause(&world, id).await {
            Attention::HeldThroughGroup { groups, why } => {
                assert_eq!(groups, ["LIC-EMS"]);
                assert!(why[0].contains("would free it") && why[0].contains("switched off"), "{why:?}");
                assert!(why[1].contains("Membership of LIC-EMS"), "what else is lost: {why:?}");
            }
            other => panic!("{other:?}"),
        }
        world.drain().await;
        assert_eq!(world.finish().await.left_groups, 0);
    })
    .await;
}

#[tokio::test]
async fn a_seat_is_freed_by_leaving_its_group_and_given_back_by_joining_it_again() {
    on_each_store(|store| async {
        let world = world(store).await;
        allow_groups(&world, true).await;
        let seat = find(&world, EMS, one_group).await;
        let kept = others(&world, seat).await;
        let (before, groups_before) = truth(&world, seat).await;
        let id = world.reclaim(seat).await;
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::ClosedComplete);
        let (after, groups_after) = truth(&world, seat).await;
        assert!(after.is_empty(), "the seat is free");
        assert_eq!(groups_after.len() + 1, groups_before.len(), "one membership is gone");
        assert_eq!(others(&world, seat).await, kept, "nothing else changed");

        world.act(&world.cast.manager, id, Action::Restore).await.expect("a manager may restore");
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::ClosedRestored);
        let (back, groups_back) = truth(&world, seat).await;
        assert_eq!((back.len(), groups_back.len()), (before.len(), groups_before.len()));
        assert_eq!(back[0]["group_id"], before[0]["group_id"], "I6: the same way");
        assert_eq!(back[0]["disabled_plans"], before[0]["disabled_plans"], "I6: the same plans");
        let judgement = world.finish().await;
        assert_eq!((judgement.left_groups, judgement.joined_groups, judgement.removals), (1, 1, 0));
    })
    .await;
}

#[tokio::test]
async fn a_seat_held_directly_and_through_a_group_takes_two_writes_each_proven_before_the_next() {
    on_each_store(|store| async {
        let world = world(store).await;
        allow_groups(&world, true).await;
        let seat = find(&world, E3, |via| via.len() == 2 && via.contains(&Via::Direct)).await;
        let kept = others(&world, seat).await;
        let id = world.reclaim(seat).await;
        // The first write is sent, and nothing else before its proof.
        for _ in 0..5 {
            world.tick().await.expect("a pass");
        }
        let judgement = world.judge().await;
        assert_eq!((judgement.left_groups, judgement.removals), (1, 0), "4.4: groups first");
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::ClosedComplete);
        assert!(truth(&world, seat).await.0.is_empty());
        assert_eq!(others(&world, seat).await, kept);
        let kinds: Vec<String> = world.candidate(id).await.writes.iter().map(|write| write.kind.to_string()).collect();
        assert_eq!(kinds.len(), 2, "an intent for each request: {kinds:?}");

        world.act(&world.cast.manager, id, Action::Restore).await.expect("a manager may restore");
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::ClosedRestored);
        assert_eq!(truth(&world, seat).await.0.len(), 2, "both ways are back");
        let judgement = world.finish().await;
        assert_eq!((judgement.left_groups, judgement.removals), (1, 1));
        assert_eq!((judgement.joined_groups, judgement.restores), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_refusal_halfway_comes_before_a_person_with_what_is_done_and_can_be_undone_exactly() {
    on_each_store(|store| async {
        let world = world(store).await;
        allow_groups(&world, true).await;
        let seat = find(&world, E3, |via| via.len() == 2 && via.contains(&Via::Direct)).await;
        let before = truth(&world, seat).await;
        let id = world.reclaim(seat).await;
        world.sim.plant("403-on-one", json!({ "path_contains": "assignLicense" })).await;
        world.drain().await;
        assert_eq!(world.sim.bitten("403-on-one").await, 1);
        match cause(&world, id).await {
            Attention::PartlyDone { done, .. } => assert!(done[0].contains("LIC-M365-E3"), "{done:?}"),
            other => panic!("{other:?}"),
        }
        assert!(world.act(&world.cast.manager, id, Action::Skip).await.is_err(), "what was taken is not forgotten");
        world.act(&world.cast.manager, id, Action::Restore).await.expect("a manager may restore");
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::ClosedRestored);
        let after = truth(&world, seat).await;
        assert_eq!((after.0.len(), after.1.len()), (before.0.len(), before.1.len()));
        let judgement = world.finish().await;
        assert_eq!((judgement.left_groups, judgement.joined_groups), (1, 1));
        assert_eq!((judgement.removals, judgement.restores), (0, 0), "only what happened is undone");
    })
    .await;
}

#[tokio::test]
async fn what_is_done_halfway_is_finished_once_the_cause_is_gone() {
    on_each_store(|store| async {
        let world = world(store).await;
        allow_groups(&world, true).await;
        let seat = find(&world, E3, |via| via.len() == 2 && via.contains(&Via::Direct)).await;
        let id = world.reclaim(seat).await;
        world.sim.plant("403-on-one", json!({ "path_contains": "assignLicense" })).await;
        world.drain().await;
        world.act(&world.cast.manager, id, Action::Retry).await.expect("a manager may try again");
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::ClosedComplete);
        let judgement = world.finish().await;
        assert_eq!((judgement.left_groups, judgement.removals), (1, 1), "I2: the membership is left once");
    })
    .await;
}

#[tokio::test]
async fn a_person_who_is_back_halfway_keeps_what_is_left_and_a_person_decides() {
    on_each_store(|store| async {
        let world = world(store).await;
        allow_groups(&world, true).await;
        let seat = find(&world, E3, |via| via.len() == 2 && via.contains(&Via::Direct)).await;
        let id = world.reclaim(seat).await;
        world.tick().await.expect("a pass");
        let now = world.engine().now();
        world.sim.settings(json!({ "sign_in_lag_hours": 0 })).await;
        world.sim.patch_user(seat.user_id, json!({ "last_sign_in": now.to_string() })).await;
        world.advance(60).await;
        world.drain().await;
        match cause(&world, id).await {
            Attention::PartlyDone { why, .. } => assert!(why.contains("used again"), "{why}"),
            other => panic!("{other:?}"),
        }
        let judgement = world.finish().await;
        assert_eq!((judgement.left_groups, judgement.removals), (1, 0));
    })
    .await;
}

#[tokio::test]
async fn groups_that_cannot_be_left_are_refused_with_their_reason() {
    on_each_store(|store| async {
        let world = World::builder().on(store).named("group_licensed").users(1_500).build().await;
        allow_groups(&world, true).await;
        const E5: &str = "06ebc4ee-1bb5-47dd-8120-11324bc54e06";
        const F3: &str = "66b55226-6b4f-492c-910c-a3b7a3c9d993";
        const O365_E3: &str = "6fd2c87f-b296-42f0-b197-1e91e994b900";
        let seats = world.all_seats().await;
        for (sku, words) in [
            (E5, "follows a rule"),
            (E5, "directory role"),
            (F3, "on-premises"),
            (O365_E3, "in Exchange only"),
            (VISIO, "would also take Microsoft Copilot"),
        ] {
            let mut told = Vec::new();
            for item in seats.iter().filter(|item| item.key().sku_id.to_string() == sku) {
                let via: Vec<Via> = item.paths.iter().map(|path| path.path.via).collect();
                if one_group(&via) {
                    let mut tx = world.engine().store().read().await.expect("the database answers");
                    let path = path_of(world.engine(), &mut tx, item.key()).await.expect("it can be solved");
                    match path {
                        Err(Attention::HeldThroughGroup { why, .. }) => told.extend(why),
                        // The other licenses of this bundle are held otherwise.
                        Ok(path) => assert!(sku == VISIO && path.leaves_groups(), "{path:?}"),
                        Err(other) => panic!("{words}: {other:?}"),
                    }
                }
            }
            assert!(told.iter().any(|why| why.contains(words)), "4.4: {words}: {told:?}");
        }
        world.drain().await;
        assert_eq!(world.finish().await.left_groups, 0);
    })
    .await;
}

#[tokio::test]
async fn leaving_a_team_is_told_first() {
    on_each_store(|store| async {
        let world = world(store).await;
        let seat = find(&world, POWER_BI, one_group).await;
        let id = start(&world, seat).await;
        match cause(&world, id).await {
            Attention::HeldThroughGroup { why, .. } => {
                assert!(why.iter().any(|why| why.contains("The Team, the mailbox and the site of Analytics Team")));
            }
            other => panic!("{other:?}"),
        }
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_group_that_gives_more_by_now_is_not_left_under_an_approval_of_less() {
    on_each_store(|store| async {
        let world = world(store).await;
        allow_groups(&world, true).await;
        let seat = find(&world, EMS, one_group).await;
        let id = world.reclaim(seat).await;
        // Before the write, an administrator lets the group give Visio as well.
        let group = truth(&world, seat).await.0[0]["group_id"].as_str().expect("a group").to_owned();
        world.sim.assign_to_group(&group, &[VISIO], &[]).await;
        world.advance(60).await;
        world.drain().await;
        match world.state(id).await {
            CandidateState::AttentionRequired { cause: Attention::HeldThroughGroup { why, .. }, .. } => {
                assert!(why.iter().any(|why| why.contains("would also take")), "{why:?}");
            }
            other => panic!("stale: {other:?}"),
        }
        assert_eq!(world.finish().await.left_groups, 0);
    })
    .await;
}

#[tokio::test]
async fn switched_off_after_the_approval_no_group_is_left() {
    on_each_store(|store| async {
        let world = world(store).await;
        allow_groups(&world, true).await;
        let seat = find(&world, EMS, one_group).await;
        let id = world.reclaim(seat).await;
        allow_groups(&world, false).await;
        world.drain().await;
        assert!(matches!(cause(&world, id).await, Attention::HeldThroughGroup { .. }));
        assert_eq!(world.finish().await.left_groups, 0);
    })
    .await;
}

#[tokio::test]
async fn a_license_that_follows_late_is_waited_for_and_the_membership_is_removed_once() {
    on_each_store(|store| async {
        let world = world(store).await;
        allow_groups(&world, true).await;
        world.sim.settings(json!({ "group_delay_ms": 1_800_000 })).await;
        let seat = find(&world, EMS, one_group).await;
        let id = world.reclaim(seat).await;
        for _ in 0..20 {
            world.tick().await.expect("a pass");
            world.advance(60).await;
        }
        assert_eq!(world.state_name(id).await, StateName::Verifying, "4.4: still on its way");
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::ClosedComplete);
        assert_eq!(world.finish().await.left_groups, 1);
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_was_lost_after_the_membership_was_removed_is_settled_by_reading() {
    on_each_store(|store| async {
        let world = world(store).await;
        allow_groups(&world, true).await;
        for fault in ["reset-after-effect", "5xx-after-effect", "429-after-effect"] {
            let seat = find(&world, EMS, one_group).await;
            world.sim.plant(fault, json!({ "path_contains": "/members/", "method": "DELETE" })).await;
            let id = world.reclaim(seat).await;
            world.drain().await;
            assert_eq!(world.sim.bitten(fault).await, 1, "{fault}");
            assert_eq!(world.state_name(id).await, StateName::ClosedComplete, "G9, G10: {fault}");
            world.sim.clear_faults().await;
        }
        assert_eq!(world.finish().await.left_groups, 3, "I2");
    })
    .await;
}

#[tokio::test]
async fn a_restore_into_a_group_without_a_free_seat_says_so_and_joins_nothing() {
    on_each_store(|store| async {
        let world = world(store).await;
        allow_groups(&world, true).await;
        let seat = find(&world, EMS, one_group).await;
        let id = world.reclaim(seat).await;
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::ClosedComplete);
        // Everybody else takes what is free, until nothing is.
        let mut taken: Vec<UserId> = Vec::new();
        for item in world.all_seats().await {
            let person = item.key().user_id;
            if person != seat.user_id && !taken.contains(&person) {
                taken.push(person);
                let held = world.sim.user(person).await;
                let mut licenses: Vec<Value> = held["licenses"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter(|path| path["group_id"].is_null())
                    .map(|path| json!({ "sku_id": path["sku_id"], "disabled_plans": path["disabled_plans"] }))
                    .collect();
                if licenses.iter().all(|license| license["sku_id"] != EMS) {
                    licenses.push(json!(EMS));
                    world.sim.give(person, json!(licenses)).await;
                }
            }
        }
        world.advance(10).await;
        world.act(&world.cast.manager, id, Action::Restore).await.expect("a manager may restore");
        world.drain().await;
        assert!(matches!(cause(&world, id).await, Attention::NoFreeSeat), "G44");
        assert_eq!(world.finish().await.joined_groups, 0);
    })
    .await;
}
