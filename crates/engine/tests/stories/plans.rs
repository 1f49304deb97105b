//! A plan is a document with nothing left to choose, and refuses what is no longer so.

use reseat_domain::candidate::{Action, StateName};
use reseat_engine::CommandError;
use reseat_engine::commands::{apply_plan, draft_plan, freeze};
use reseat_testkit::{World, on_each_store};

#[tokio::test]
async fn a_plan_is_applied_only_approved_unfrozen_unchanged_and_once() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let (engine, manager) = (world.engine(), &world.cast.manager);
        let seat = world.idle_seats().await[0];
        let id = world.propose(seat).await;
        let early = draft_plan(engine, manager, &[id]).await.expect("a draft may come before the approval");
        let refused = apply_plan(engine, manager, early.id, &early.hash).await;
        assert!(matches!(refused, Err(CommandError::NotApproved(_))), "{refused:?}");
        world.act(&world.cast.approver, id, Action::Approve).await.expect("an approver may approve");
        let stale = apply_plan(engine, manager, early.id, &early.hash).await;
        assert!(matches!(stale, Err(CommandError::StalePlan(_))), "X8: approved after the plan: {stale:?}");

        let plan = draft_plan(engine, manager, &[id]).await.expect("a draft of what is approved");
        let same = draft_plan(engine, manager, &[id]).await.expect("the same draft");
        assert_eq!(plan.hash, same.hash, "E16: the same plan has the same hash");
        let other = apply_plan(engine, manager, plan.id, &early.hash).await;
        assert!(matches!(other, Err(CommandError::StalePlan(_))), "{other:?}");
        let looker = apply_plan(engine, &world.cast.auditor, plan.id, &plan.hash).await;
        assert!(matches!(looker, Err(CommandError::Forbidden(_))), "{looker:?}");
        freeze(engine, manager, "wait").await.expect("anyone may freeze");
        let frozen = apply_plan(engine, manager, plan.id, &plan.hash).await;
        assert!(matches!(frozen, Err(CommandError::Frozen(_))), "{frozen:?}");
        for caller in [&world.cast.approver, &world.cast.admin] {
            reseat_engine::commands::thaw(engine, caller, None).await.expect("two people thaw");
        }
        apply_plan(engine, manager, plan.id, &plan.hash).await.expect("now it is right");
        let twice = apply_plan(engine, manager, plan.id, &plan.hash).await;
        assert!(matches!(twice, Err(CommandError::NotAllowed(_))), "{twice:?}");
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::ClosedComplete);
        let late = apply_plan(engine, manager, same.id, &same.hash).await;
        assert!(matches!(late, Err(CommandError::StalePlan(_))), "{late:?}");
        assert_eq!(world.finish().await.removals, 1);
    })
    .await;
}
