//! Found, proposed, approved, taken back, proven; and who may say so.

use reseat_domain::candidate::{Action, CandidateState, Completion, StateName};
use reseat_domain::role::Role;
use reseat_engine::CommandError;
use reseat_engine::commands::{ActionInput, act_on_many, open};
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
        let proven = matches!(state, CandidateState::ClosedComplete { completion: Completion::Proven { .. } });
        assert!(proven, "{state:?}");
        let detail = world.candidate(id).await;
        assert_eq!(detail.writes.len(), 1);
        assert!(detail.writes[0].agreeing_reads >= 2, "G22: two agreeing reads");
        assert!(detail.writes[0].evidence_age_seconds.is_some_and(|age| age <= 24 * 3_600), "I10");
        assert_eq!(detail.savings.len(), 1);
        let judgement = world.finish().await;
        assert_eq!((judgement.removals, judgement.restores), (1, 0));
        assert!(judgement.forgotten.is_empty());
    })
    .await;
}

#[tokio::test]
async fn whoever_may_decide_starts_and_approves_one_seat_in_one_step_but_many_need_another_person() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let both = world.someone("both", &[Role::LicenseManager, Role::Approver]).await;
        let seats: Vec<_> = world.idle_seats().await.into_iter().take(12).collect();
        assert_eq!(seats.len(), 12, "this story needs twelve idle seats");
        let alone = world.open(seats[0]).await;
        world.act(&both, alone, Action::Start).await.expect("both roles start");
        assert_eq!(world.state_name(alone).await, StateName::AwaitingRevocation);

        let mut ids = Vec::new();
        for seat in &seats[1..] {
            ids.push(world.open(*seat).await);
        }
        let input = ActionInput::default();
        let refused = act_on_many(world.engine(), &both, &ids, Action::Start, &input, Some(10)).await;
        assert!(matches!(refused, Err(CommandError::TypedCount { expected: 11 })), "H15: {refused:?}");
        assert_eq!(world.state_name(ids[0]).await, StateName::Ready, "a wrong count starts nothing");
        let started = act_on_many(world.engine(), &both, &ids, Action::Start, &input, Some(11))
            .await
            .expect("the count is typed");
        for (id, state) in &started {
            assert_eq!(*state.as_ref().expect("each is started"), StateName::AwaitingApproval, "{id}");
        }
        let own = world.act(&both, ids[0], Action::Approve).await;
        assert!(matches!(own, Err(CommandError::Forbidden(_))), "I1: not the proposer of a bulk step: {own:?}");
        world.act(&world.cast.approver, ids[0], Action::Approve).await.expect("another person may");
        world.drain().await;
        assert_eq!(world.state_name(ids[0]).await, StateName::ClosedComplete);
        let judgement = world.finish().await;
        assert_eq!(judgement.removals, 2, "the one started alone, and the one another person approved");
    })
    .await;
}

#[tokio::test]
async fn who_only_looks_or_administers_or_holds_the_seat_decides_nothing() {
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        let seat = world.idle_seats().await[0];
        let refused = open(world.engine(), &world.cast.admin, &[seat]).await;
        assert!(matches!(refused, Err(CommandError::Forbidden(_))));
        let id = world.open(seat).await;
        for caller in [&world.cast.admin, &world.cast.auditor, &world.cast.approver] {
            let refused = world.act(caller, id, Action::Start).await;
            assert!(matches!(refused, Err(CommandError::Forbidden(_))), "{}: {refused:?}", caller.name);
        }
        world.act(&world.cast.manager, id, Action::Start).await.expect("a manager may start");
        for caller in [&world.cast.admin, &world.cast.auditor, &world.cast.manager] {
            let refused = world.act(caller, id, Action::Approve).await;
            assert!(matches!(refused, Err(CommandError::Forbidden(_))), "{}: {refused:?}", caller.name);
        }
        let mut holder = world.cast.approver.clone();
        holder.user_id = Some(seat.user_id);
        let own = world.act(&holder, id, Action::Approve).await;
        assert!(matches!(own, Err(CommandError::Forbidden(_))), "I1: nobody about their own license: {own:?}");
        let twice = world.act(&world.cast.manager, id, Action::Start).await;
        assert!(matches!(twice, Err(CommandError::NotAllowed(_))), "the state refuses: {twice:?}");
        world.drain().await;
        assert_eq!(world.finish().await.removals, 0);
    })
    .await;
}

#[tokio::test]
async fn a_seat_in_use_or_without_evidence_becomes_no_candidate() {
    use reseat_domain::detect::FindingKind;
    on_each_store(|store| async {
        let world = World::builder().on(store).build().await;
        for kind in [FindingKind::InUse, FindingKind::InsufficientEvidence] {
            let seat = world.seats(kind).await.first().expect("the world has such a seat").key();
            let opened = open(world.engine(), &world.cast.manager, &[seat]).await.expect("a manager may ask");
            assert!(opened[0].result.is_err(), "{kind}: {opened:?}");
        }
        let person = world.seats(FindingKind::NeedsPerson).await.first().expect("somebody is not in the roster").key();
        let opened = open(world.engine(), &world.cast.manager, &[person]).await.expect("a manager may ask");
        assert!(opened[0].result.is_ok(), "what only a person can judge can be opened by one");
        world.finish().await;
    })
    .await;
}
