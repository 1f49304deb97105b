//! Stop means stop.

use reseat_domain::candidate::StateName;
use reseat_engine::CommandError;
use reseat_engine::commands::{Thaw, freeze, freeze_on_host, place_freeze_file, thaw};
use reseat_testkit::{World, on_each_store};

#[tokio::test]
async fn a_freeze_stops_the_next_write_and_only_two_people_thaw() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        let silent = freeze(world.engine(), &world.cast.auditor, " ").await;
        assert!(matches!(silent, Err(CommandError::Invalid { field: "reason", .. })));
        freeze(world.engine(), &world.cast.auditor, "the roster looks wrong").await.expect("anyone may freeze");
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::AwaitingRevocation, "a freeze is no transition");
        assert_eq!(world.removals_of(seat).await, 0, "I9");

        let looker = thaw(world.engine(), &world.cast.auditor, None).await;
        assert!(matches!(looker, Err(CommandError::Forbidden(_))), "{looker:?}");
        let first = thaw(world.engine(), &world.cast.approver, None).await.expect("the first of two");
        assert_eq!(first, Thaw::Asked);
        let same = thaw(world.engine(), &world.cast.approver, None).await;
        assert!(matches!(same, Err(CommandError::NotAllowed(_))), "one person is not two: {same:?}");
        world.drain().await;
        assert_eq!(world.removals_of(seat).await, 0, "asking alone moves nothing");
        let second = thaw(world.engine(), &world.cast.admin, None).await.expect("the second of two");
        assert_eq!(second, Thaw::Thawed);
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::ClosedComplete, "it goes on by itself");
        assert_eq!(world.finish().await.removals, 1);
    })
    .await;
}

#[tokio::test]
async fn a_new_freeze_takes_back_the_wish_to_thaw() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        freeze(world.engine(), &world.cast.manager, "one").await.expect("anyone may freeze");
        thaw(world.engine(), &world.cast.approver, None).await.expect("asked");
        freeze_on_host(world.engine(), "two").await.expect("the host may freeze");
        let after = thaw(world.engine(), &world.cast.admin, None).await.expect("asked anew");
        assert_eq!(after, Thaw::Asked);
        world.finish().await;
    })
    .await;
}

#[tokio::test]
async fn a_file_on_the_host_stops_writes_whatever_the_database_says() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.reclaim(seat).await;
        place_freeze_file(world.freeze_file(), "the database is not reachable").expect("the folder is ours");
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::AwaitingRevocation);
        assert_eq!(world.removals_of(seat).await, 0);
        std::fs::remove_file(world.freeze_file()).expect("taken away by hand");
        world.drain().await;
        assert_eq!(world.state_name(id).await, StateName::ClosedComplete);
        assert_eq!(world.finish().await.removals, 1);
    })
    .await;
}
