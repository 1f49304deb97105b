//! Another tenant's ids find nothing.

use reseat_domain::candidate::Action;
use reseat_domain::ids::{CandidateId, PlanId, SeatKey, TenantId};
use reseat_engine::CommandError;
use reseat_engine::commands::{apply_plan, open};
use reseat_store::{approvals, candidates, findings, freezes, integration, intents, plans, rules};
use reseat_testkit::{World, on_each_store};

#[tokio::test]
async fn rows_of_one_tenant_do_not_exist_for_another() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        world.drain().await;
        let detail = world.candidate(id).await;
        let intent = detail.writes[0].id.parse().expect("an intent has an id");
        let approval = detail.approvals[0].id.parse().expect("an approval has an id");
        let other: TenantId = "99999999-9999-4999-8999-999999999999".parse().expect("a GUID");
        let mut reading = world.engine().store().read().await.expect("the database answers");
        let tx = &mut reading;
        assert!(candidates::find_candidate(tx, other, id).await.expect("read").is_none());
        assert!(candidates::find_last_of_seat(tx, other, seat).await.expect("read").is_none());
        assert!(intents::find_intent(tx, other, intent).await.expect("read").is_none());
        assert!(approvals::find_approval(tx, other, approval).await.expect("read").is_none());
        assert!(findings::find_finding(tx, other, seat).await.expect("read").is_none());
        assert!(findings::find_facts(tx, other, seat).await.expect("read").is_none());
        assert!(plans::find_applied_item(tx, other, id, approval).await.expect("read").is_none());
        assert!(rules::find_active_rule(tx, other).await.expect("read").is_none());
        assert!(freezes::find_freeze(tx, other).await.expect("read").is_none());
        assert!(integration::find_tenant(tx, other).await.expect("read").is_none());
        assert!(integration::list_sources(tx, other).await.expect("read").is_empty());
        drop(reading);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn ids_that_are_not_there_are_not_found() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let nowhere: CandidateId = "99999999-9999-4999-8999-999999999999".parse().expect("a GUID");
        let acted = world.act(&world.cast.manager, nowhere, Action::Start).await;
        assert!(matches!(acted, Err(CommandError::NotFound(_))), "{acted:?}");
        let plan: PlanId = "99999999-9999-4999-8999-999999999999".parse().expect("a GUID");
        let applied = apply_plan(world.engine(), &world.cast.manager, plan, "x").await;
        assert!(matches!(applied, Err(CommandError::NotFound(_))), "{applied:?}");
        let seat = world.idle_seats().await[0];
        let strange = SeatKey { user_id: "99999999-9999-4999-8999-999999999999".parse().expect("a GUID"), ..seat };
        let opened = open(world.engine(), &world.cast.manager, &[strange]).await.expect("a manager may ask");
        assert!(opened[0].result.is_err());
        world.finish().await;
    })
    .await;
}
