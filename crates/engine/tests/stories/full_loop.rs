//! Found, proposed, approved, taken back, proven; and undone.

use reseat_domain::candidate::{Action, CandidateState, Completion, StateName};
use reseat_testkit::{World, on_each_store};

#[tokio::test]
async fn a_found_seat_is_proposed_approved_taken_back_and_proven_gone() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let id = world.open(seat).await;
        assert_eq!(world.state_name(id).await, StateName::Ready);
        world.act(&world.cast.manager, id, Action::Start).await.expect("a manager may start");
        assert_eq!(world.state_name(id).await, StateName::AwaitingApproval);
        world.tick().await.expect("a pass");
        assert_eq!(world.removals_of(seat).await, 0, "nothing is written before the approval");
        world.act(&world.cast.approver, id, Action::Approve).await.expect("an approver may approve");
        assert_eq!(world.state_name(id).await, StateName::AwaitingRevocation);
        world.tick().await.expect("a pass");
        assert_eq!(world.state_name(id).await, StateName::Verifying, "accepted is not yet proven");
        assert_eq!(world.removals_of(seat).await, 1);
        world.drain().await;
        let state = world.state(id).await;
        assert!(matches!(state, CandidateState::ClosedComplete { completion: Completion::Proven { .. } }), "{state:?}");
        let detail = world.candidate(id).await;
        assert_eq!(detail.writes.len(), 1);
        assert!(detail.writes[0].agreeing_reads >= 2, "G22: two agreeing reads");
        assert_eq!(detail.savings.len(), 1);
        let judgement = world.finish().await;
        assert_eq!((judgement.removals, judgement.restores), (1, 0));
        assert!(judgement.forgotten.is_empty());
    })
    .await;
}
