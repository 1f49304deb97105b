//! The trail tells everything, and shows where it was touched.

use reseat_domain::audit::{Actor, Draft, Object, Readable, SubjectKey};
use reseat_engine::commands::verify_trail;
use reseat_engine::sealing::Sealer;
use reseat_store::trail::{Log, append};
use reseat_testkit::{World, on_each_store};

fn draft(world: &World, user_id: Option<String>) -> Draft {
    Draft {
        at: world.engine().now(),
        actor: Actor { kind: "system".to_owned(), id: "story".to_owned() },
        verb: "candidate.opened".to_owned(),
        object: Object { kind: "candidate".to_owned(), id: "none".to_owned() },
        from: None,
        to: None,
        details: serde_json::json!({}),
        readable: Readable { actor_name: None, user_id, text: "told by nobody".to_owned(), reason: None },
    }
}

#[tokio::test]
async fn every_step_of_a_loop_has_its_entry_and_the_whole_trail_holds() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        world.drain().await;
        let mut tx = world.engine().store().read().await.expect("the database answers");
        let filter = reseat_store::read::audit::AuditFilter {
            object_kind: Some("candidate".to_owned()),
            object_id: Some(id.to_string()),
            ..Default::default()
        };
        let log = Log::Tenant(world.tenant_id());
        let page = reseat_store::read::audit::list_entries(&mut tx, log, &filter, None, 100).await.expect("read");
        let mut verbs: Vec<String> = page.items.iter().map(|item| item.entry.verb.clone()).collect();
        verbs.reverse();
        assert_eq!(
            verbs,
            [
                "candidate.opened",
                "candidate.start_proposed",
                "candidate.take_back",
                "candidate.write_starts",
                "candidate.write_happened",
                "candidate.proven_gone",
            ]
        );
        let hashed = serde_json::to_string(&page.items.iter().map(|item| &item.entry).collect::<Vec<_>>());
        let hashed = hashed.expect("entries are JSON");
        assert!(!hashed.contains(&seat.user_id.to_string()), "no person stands in the hashed part");
        drop(tx);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_readable_part_that_its_entry_does_not_bind_is_named() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let log = Log::Tenant(world.tenant_id());
        let sealer = Sealer::from_key([7; 32]);
        let before = verify_trail(world.engine().store(), Some(&sealer)).await.expect("read");
        assert_eq!(before.broken, None);
        let mut tx = world.engine().store().write().await.expect("the database answers");
        // Written by somebody who does not have the key.
        let forged = append(&mut tx, log, &draft(&world, None), &SubjectKey::new([0; 32])).await.expect("appended");
        tx.commit().await.expect("committed");
        let after = verify_trail(world.engine().store(), Some(&sealer)).await.expect("read");
        let broken = after.broken.expect("the forged entry is found");
        assert_eq!((broken.log, broken.seq), (log.name(), forged));
        let chains = verify_trail(world.engine().store(), None).await.expect("read");
        assert_eq!(chains.broken, None, "without the keys only the chain can be judged, and it holds");
        world.abandon().await;
    })
    .await;
}
