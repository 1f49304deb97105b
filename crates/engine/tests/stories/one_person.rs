//! Several seats of one person: one write at a time, so that our own writes never look like
//! somebody else's.

use std::collections::BTreeMap;

use reseat_domain::candidate::{Action, StateName};
use reseat_domain::detect::FindingKind;
use reseat_domain::directory::Via;
use reseat_domain::ids::{SeatKey, UserId};
use reseat_testkit::{World, on_each_store};

async fn two_idle_seats_of_one_person(world: &World) -> [SeatKey; 2] {
    let mut by_person: BTreeMap<UserId, Vec<SeatKey>> = BTreeMap::new();
    for item in world.seats(FindingKind::Idle).await {
        if matches!(item.paths.as_slice(), [only] if only.path.via == Via::Direct) {
            by_person.entry(item.key().user_id).or_default().push(item.key());
        }
    }
    let seats = by_person.into_values().find(|seats| seats.len() >= 2).expect("somebody with two idle seats");
    [seats[0], seats[1]]
}

#[tokio::test]
async fn two_seats_of_one_person_are_taken_back_one_after_the_other_and_one_is_restored_alone() {
    on_each_store(|store| async {
        let world = World::builder().on(store).users(400).build().await;
        let [first, second] = two_idle_seats_of_one_person(&world).await;
        let ids = [world.reclaim(first).await, world.reclaim(second).await];
        world.drain().await;
        for id in ids {
            assert_eq!(world.state_name(id).await, StateName::ClosedComplete, "our own other removal is no alarm");
        }
        let left: Vec<SeatKey> = world.seats(FindingKind::Idle).await.iter().map(|item| item.key()).collect();
        assert!(!left.contains(&first) && !left.contains(&second), "what is proven gone is idle no more (C29)");
        world.act(&world.cast.manager, ids[0], Action::Restore).await.expect("a manager may restore");
        world.drain().await;
        assert_eq!(world.state_name(ids[0]).await, StateName::ClosedRestored, "the other seat stays taken back");
        assert_eq!(world.state_name(ids[1]).await, StateName::ClosedComplete);
        let judgement = world.finish().await;
        assert_eq!((judgement.removals, judgement.restores), (2, 1));
    })
    .await;
}
