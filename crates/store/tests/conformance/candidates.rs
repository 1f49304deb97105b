//! Candidates: opened once, numbered without gaps, claimed by one, moved only as they were read.

use reseat_domain::candidate::{CandidateState, StateName};
use reseat_domain::plan::{IntentState, PlanItemKind};
use reseat_domain::role::Role;
use reseat_domain::rule::Justification;
use reseat_store::approvals::{self, Approval};
use reseat_store::candidates::{self, Move};
use reseat_store::dialect;
use reseat_store::installation::accounts;
use reseat_store::intents::{self, Saving};
use reseat_store::read::candidates::CandidateFilter;
use reseat_store::{Store, StoreError, read};

use crate::engines::{assert_conflict, conformance, read, write};
use crate::fixtures::*;

fn skipped() -> CandidateState {
    CandidateState::ClosedSkipped { reason: "needed".to_owned(), until: None }
}

conformance! {
    async fn a_candidate_is_kept_as_it_was_opened_and_gets_the_next_number(store) {
        let mut first = candidate(1, seat(1, 1));
        first.bulk = true;
        first.proposed_by = Some(account_id(1));
        write!(store, tx => candidates::insert_candidate(tx, tenant(), &first, None));
        let kept = read!(store, tx => candidates::find_candidate(tx, tenant(), candidate_id(1))).expect("kept");
        assert_eq!((kept.number, kept.seat, &kept.state, kept.version, kept.epoch), (1, seat(1, 1), &first.state, 1, 0));
        assert_eq!((kept.verdict, kept.annual, kept.bulk), (first.verdict, first.annual, true));
        assert_eq!((kept.proposed_by, kept.last_activity), (Some(account_id(1)), first.last_activity));
        assert_eq!((kept.fingerprint, kept.opened_at, kept.next_due_at), (first.fingerprint, now(), None));
        assert_eq!(kept.justification, Justification::Inactive);
        let mut plain = candidate(2, seat(2, 1));
        plain.annual = None;
        plain.last_activity = None;
        write!(store, tx => candidates::insert_candidate(tx, tenant(), &plain, Some(candidate_id(1))));
        let kept = read!(store, tx => candidates::find_candidate(tx, tenant(), candidate_id(2))).expect("kept");
        assert_eq!((kept.number, kept.annual, kept.last_activity), (2, None, None));
    }
}

conformance! {
    async fn a_seat_has_one_open_candidate_and_a_refusal_leaves_the_transaction_usable(store) {
        open(store, 1, seat(1, 1)).await?;
        let mut tx = store.write().await?;
        let refused = candidates::insert_candidate(&mut tx, tenant(), &candidate(2, seat(1, 1)), None).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
        candidates::insert_candidate(&mut tx, tenant(), &candidate(3, seat(2, 1)), None).await?;
        tx.commit().await?;
        assert_eq!(kept(store, 3).await?.number, 2, "no number is lost");

        step(store, 1, &skipped(), Move { keep_until: Some(now().plus_days(30)), ..Move::default() }).await?;
        assert!(read!(store, tx => candidates::find_open_candidate(tx, tenant(), seat(1, 1))).is_none());
        write!(store, tx => candidates::insert_candidate(tx, tenant(), &candidate(4, seat(1, 1)), Some(candidate_id(1))));
        let open = read!(store, tx => candidates::find_open_candidate(tx, tenant(), seat(1, 1))).expect("open");
        assert_eq!(open.id, candidate_id(4));
        let last = read!(store, tx => candidates::find_last_of_seat(tx, tenant(), seat(1, 1))).expect("two of them");
        assert_eq!(last, (candidate_id(4), StateName::Ready, None));
        assert_conflict!(store, tx => candidates::update_candidate(tx, tenant(), &kept(store, 1).await?,
            &CandidateState::Ready, &Move::default(), now()));
    }
}

conformance! {
    async fn the_last_candidate_of_a_seat_says_until_when_it_is_kept(store) {
        assert!(read!(store, tx => candidates::find_last_of_seat(tx, tenant(), seat(1, 1))).is_none());
        open(store, 1, seat(1, 1)).await?;
        let until = now().plus_days(30);
        step(store, 1, &skipped(), Move { keep_until: Some(until), ..Move::default() }).await?;
        let last = read!(store, tx => candidates::find_last_of_seat(tx, tenant(), seat(1, 1)));
        assert_eq!(last, Some((candidate_id(1), StateName::ClosedSkipped, Some(until))));
    }
}

conformance! {
    async fn a_move_is_refused_when_the_candidate_changed_since_it_was_read(store) {
        let read = open(store, 1, seat(1, 1)).await?;
        let start = Move {
            next_due_at: Some(now()),
            proposed_by: Some(account_id(1)),
            bulk: Some(true),
            ..Move::default()
        };
        write!(store, tx => candidates::update_candidate(tx, tenant(), &read, &awaiting_revocation(), &start, now()));
        assert_conflict!(store, tx =>
            candidates::update_candidate(tx, tenant(), &read, &skipped(), &Move::default(), now()));
        assert_conflict!(store, tx => candidates::postpone_candidate(tx, tenant(), &read, None));
        let moved = kept(store, 1).await?;
        assert_eq!((&moved.state, moved.version, moved.bulk), (&awaiting_revocation(), 2, true));
        assert_eq!((moved.proposed_by, moved.next_due_at), (Some(account_id(1)), Some(now())));
        write!(store, tx => candidates::update_candidate(tx, tenant(), &moved, &CandidateState::Ready, &Move::default(), now()));
        let back = kept(store, 1).await?;
        assert_eq!((back.proposed_by, back.bulk, back.next_due_at), (Some(account_id(1)), true, None));
    }
}

conformance! {
    async fn two_claimers_get_different_candidates_the_longest_due_first(store) {
        for number in 1..=3 {
            open(store, number, seat(number, 1)).await?;
            step(store, number, &awaiting_revocation(), due(now().plus_seconds(-i64::try_from(number)?))).await?;
        }
        let states = [StateName::AwaitingRevocation, StateName::Revoking];
        let lease = now().plus_seconds(60);
        let claim = |owner: &'static str, moment, lease| async move {
            let mut tx = store.write().await?;
            let claimed = candidates::claim_due(&mut tx, tenant(), &states, owner, moment, lease).await?;
            tx.commit().await?;
            anyhow::Ok(claimed)
        };
        let first = claim("a", now(), lease).await?.expect("due");
        let second = claim("b", now(), lease).await?.expect("due");
        assert_eq!((first.id, second.id), (candidate_id(3), candidate_id(2)));
        assert_eq!(claim("a", now(), lease).await?.expect("due").id, candidate_id(1));
        assert!(claim("b", now(), lease).await?.is_none());

        // The lease ran out: the row is taken over, and the late owner can do nothing any more.
        let over = lease.plus_seconds(1);
        let taken = claim("b", over, over.plus_seconds(60)).await?.expect("the lease ran out");
        assert_eq!((taken.id, taken.epoch), (first.id, first.epoch + 1));
        assert_conflict!(store, tx => candidates::postpone_candidate(tx, tenant(), &first, None));
        assert_conflict!(store, tx =>
            candidates::update_candidate(tx, tenant(), &first, &CandidateState::Ready, &Move::default(), over));
        write!(store, tx => candidates::postpone_candidate(tx, tenant(), &taken, Some(over.plus_days(1))));
        let postponed = kept(store, 3).await?;
        assert_eq!((postponed.state, postponed.next_due_at), (awaiting_revocation(), Some(over.plus_days(1))));
    }
}

conformance! {
    async fn claimers_at_the_same_time_never_share_a_candidate(store) {
        for number in 1..=8 {
            open(store, number, seat(number, 1)).await?;
            step(store, number, &awaiting_revocation(), due(now())).await?;
        }
        let claimers: Vec<_> = (0..8)
            .map(|number| {
                let store: Store = (**store).clone();
                tokio::spawn(async move {
                    let owner = format!("server {number}");
                    let mut tx = store.write().await?;
                    let lease = now().plus_seconds(60);
                    let states = [StateName::AwaitingRevocation];
                    let claimed = candidates::claim_due(&mut tx, tenant(), &states, &owner, now(), lease).await?;
                    tx.commit().await?;
                    anyhow::Ok(claimed.map(|candidate| candidate.id))
                })
            })
            .collect();
        let mut claimed = Vec::new();
        for claimer in claimers {
            claimed.extend(claimer.await??);
        }
        claimed.sort();
        assert_eq!(claimed, (1..=8).map(candidate_id).collect::<Vec<_>>());
    }
}

conformance! {
    async fn candidates_opened_at_the_same_time_are_numbered_without_gaps(store) {
        write!(store, tx => reseat_store::integration::insert_tenant(tx, tenant(), "Contoso", None, now()));
        let openers: Vec<_> = (1..=6)
            .map(|number| {
                let store: Store = (**store).clone();
                tokio::spawn(async move {
                    let mut tx = store.write().await?;
                    dialect::lock_tenant_writes(&mut tx, tenant()).await?;
                    candidates::insert_candidate(&mut tx, tenant(), &candidate(number, seat(number, 1)), None).await?;
                    tx.commit().await?;
                    anyhow::Ok(())
                })
            })
            .collect();
        for opener in openers {
            opener.await??;
        }
        let mut numbers = Vec::new();
        for number in 1..=6 {
            numbers.push(kept(store, number).await?.number);
        }
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    }
}

conformance! {
    async fn the_engine_knows_what_is_open_and_when_the_next_is_due(store) {
        assert_eq!(read!(store, tx => candidates::next_due(tx, tenant())), None);
        for number in 1..=4 {
            open(store, number, seat(number, 1)).await?;
        }
        step(store, 1, &awaiting_revocation(), due(now().plus_days(2))).await?;
        step(store, 2, &awaiting_revocation(), due(now().plus_days(1))).await?;
        step(store, 3, &skipped(), Move::default()).await?;
        assert_eq!(read!(store, tx => candidates::next_due(tx, tenant())), Some(now().plus_days(1)));
        let open = read!(store, tx => candidates::list_open(tx, tenant(), None, 2));
        assert_eq!(open.iter().map(|it| it.id).collect::<Vec<_>>(), [candidate_id(1), candidate_id(2)]);
        let rest = read!(store, tx => candidates::list_open(tx, tenant(), Some(candidate_id(2)), 2));
        assert_eq!(rest.iter().map(|it| it.id).collect::<Vec<_>>(), [candidate_id(4)]);
        write!(store, tx => candidates::make_due(tx, stranger(), StateName::AwaitingRevocation, now()));
        assert_eq!(read!(store, tx => candidates::next_due(tx, tenant())), Some(now().plus_days(1)));
        write!(store, tx => candidates::make_due(tx, tenant(), StateName::AwaitingRevocation, now()));
        assert_eq!(read!(store, tx => candidates::next_due(tx, tenant())), Some(now()));
        assert_eq!(read!(store, tx => candidates::count_in_state(tx, tenant(), StateName::AwaitingRevocation)), 2);
    }
}

conformance! {
    async fn a_write_in_flight_is_seen_for_its_person_until_it_is_settled(store) {
        for (number, key) in [(1, seat(1, 1)), (2, seat(1, 2)), (3, seat(2, 1)), (4, seat(3, 1))] {
            open(store, number, key).await?;
        }
        let seen = async |besides, number| -> anyhow::Result<bool> {
            Ok(read!(store, tx => candidates::has_write_in_flight(tx, tenant(), user(number), candidate_id(besides))))
        };
        assert!(!seen(2, 1).await?, "nothing was sent yet");
        step(store, 1, &CandidateState::Revoking { approval: approval_id(1), intent: intent_id(1), since: now(), partly: None }, Move::default()).await?;
        assert!(seen(2, 1).await?);
        assert!(!seen(1, 1).await?, "its own write does not stand in its way");
        assert!(!seen(4, 2).await?, "another person's write does not either");
        let other = read!(store, tx => candidates::has_write_in_flight(tx, stranger(), user(1), candidate_id(2)));
        assert!(!other);
        let restoring = CandidateState::Restoring { intent: intent_id(3), since: now() };
        let undo = intents::Intent { kind: PlanItemKind::Restore, sends: 0, ..intent(3, 3, seat(2, 1)) };
        write!(store, tx => intents::insert_intent(tx, tenant(), &undo));
        step(store, 3, &restoring, Move::default()).await?;
        assert!(!seen(4, 2).await?, "an undo that was not sent holds nothing back");
        write!(store, tx => intents::record_send(tx, tenant(), undo.id, &undo.before));
        assert!(seen(4, 2).await?);
        write!(store, tx => intents::record_outcome(tx, tenant(), undo.id, IntentState::Proven, None, "proven", now()));
        assert!(!seen(4, 2).await?);
    }
}

conformance! {
    async fn candidates_are_listed_newest_first_and_filtered(store) {
        write!(store, tx => accounts::insert_account(tx, &account(1, "Grace", &[Role::LicenseManager])));
        publish(store, &[person(1, "Ada King", vec![direct(1)]), person(2, "Bo Li", vec![direct(1), direct(2)])]).await?;
        for (number, key) in [(1, seat(1, 1)), (2, seat(2, 1)), (3, seat(2, 2)), (4, seat(9, 1))] {
            open(store, number, key).await?;
        }
        let proposed = Move { proposed_by: Some(account_id(1)), ..Move::default() };
        step(store, 2, &awaiting_revocation(), proposed).await?;
        step(store, 3, &skipped(), Move::default()).await?;

        let list = |filter: CandidateFilter| async move {
            let mut seen = Vec::new();
            let mut after = None;
            loop {
                let mut tx = store.read().await?;
                let page = read::candidates::list_candidates(&mut tx, tenant(), &filter, after.as_ref(), 2).await?;
                seen.extend(page.items.iter().map(|item| item.number));
                after = page.next;
                if after.is_none() {
                    let total = read::candidates::count_candidates(&mut tx, tenant(), &filter).await?;
                    assert_eq!(total, i64::try_from(seen.len())?);
                    return anyhow::Ok(seen);
                }
            }
        };
        let base = CandidateFilter::default;
        assert_eq!(list(base()).await?, [4, 3, 2, 1]);
        let states = vec![StateName::AwaitingRevocation, StateName::ClosedSkipped];
        assert_eq!(list(CandidateFilter { states, ..base() }).await?, [3, 2]);
        assert_eq!(list(CandidateFilter { sku_id: Some(sku(2)), ..base() }).await?, [3]);
        assert_eq!(list(CandidateFilter { user_id: Some(user(2)), ..base() }).await?, [3, 2]);
        assert_eq!(list(CandidateFilter { q: Some("king".to_owned()), ..base() }).await?, [1]);
        assert_eq!(list(CandidateFilter { q: Some("#3".to_owned()), ..base() }).await?, [3]);
        assert_eq!(list(CandidateFilter { justification: Some(Justification::Leaver), ..base() }).await?, Vec::<i64>::new());
        assert_eq!(list(CandidateFilter { assigned_to: Some(account_id(1)), ..base() }).await?, Vec::<i64>::new());

        let page = read!(store, tx => read::candidates::list_candidates(tx, tenant(), &base(), None, 9));
        let gone = &page.items[0];
        assert_eq!((gone.person.display_name.clone(), gone.person.account_enabled), (user(9).to_string(), false));
        let proposed = &page.items[2];
        assert_eq!((proposed.proposed_by, proposed.proposed_by_name.as_deref()), (Some(account_id(1)), Some("Grace")));
        assert_eq!((proposed.annual, proposed.key()), (candidate(2, seat(2, 1)).annual, seat(2, 1)));
    }
}

conformance! {
    async fn a_candidate_is_shown_with_approvals_writes_savings_and_what_stays(store) {
        write!(store, tx => accounts::insert_account(tx, &account(1, "Grace", &[Role::Approver])));
        publish(store, &[person(1, "Ada King", vec![direct(1), direct(2)])]).await?;
        open(store, 1, seat(1, 1)).await?;
        step(store, 1, &skipped(), Move::default()).await?;
        write!(store, tx => candidates::insert_candidate(tx, tenant(), &candidate(2, seat(1, 1)), Some(candidate_id(1))));
        let approval = Approval {
            id: approval_id(1),
            candidate_id: candidate_id(2),
            kind: "remove",
            account_id: account_id(1),
            given_at: now(),
            seat: seat(1, 1),
            fingerprint: "as it was".to_owned(),
            rule_id: rule_id().to_string(),
            rule_version: 1,
            single_operator: true,
            binding: None,
            content_hash: "hash".to_owned(),
        };
        write!(store, tx => approvals::insert_approval(tx, tenant(), &approval));
        write!(store, tx => intents::insert_intent(tx, tenant(), &intent(1, 2, seat(1, 1))));
        let saving = Saving {
            id: "one".to_owned(),
            candidate_id: candidate_id(2),
            intent_id: Some(intent_id(1)),
            kind: "freed",
            seat: seat(1, 1),
            annual: candidate(2, seat(1, 1)).annual,
            at: now(),
        };
        write!(store, tx => intents::insert_saving(tx, tenant(), &saving));

        let found = read!(store, tx => read::candidates::find_candidate(tx, tenant(), candidate_id(2))).expect("kept");
        assert_eq!((found.item.number, found.seat.expect("held").paths.len()), (2, 1));
        let yes = &found.approvals[0];
        assert_eq!((yes.account_name.as_deref(), yes.single_operator, yes.kind.as_str()), (Some("Grace"), true, "remove"));
        let sent = &found.writes[0];
        assert_eq!((sent.state.as_str(), sent.kind.as_str(), sent.evidence_age_seconds), ("intended", "remove", Some(60)));
        assert_eq!((found.savings[0].kind.as_str(), found.savings[0].annual), ("freed", saving.annual));
        let previous = found.previous.expect("one before");
        assert_eq!((previous.number, previous.state), (1, StateName::ClosedSkipped));
        assert_eq!(found.other_skus.iter().map(|it| it.sku_id).collect::<Vec<_>>(), [sku(2)]);
    }
}

conformance! {
    async fn another_tenant_sees_no_candidate_and_moves_none(store) {
        let read = open(store, 1, seat(1, 1)).await?;
        step(store, 1, &awaiting_revocation(), due(now())).await?;
        let other = stranger();
        assert!(read!(store, tx => candidates::find_candidate(tx, other, candidate_id(1))).is_none());
        assert!(read!(store, tx => candidates::find_open_candidate(tx, other, seat(1, 1))).is_none());
        assert!(read!(store, tx => candidates::find_last_of_seat(tx, other, seat(1, 1))).is_none());
        assert!(read!(store, tx => candidates::list_open(tx, other, None, 9)).is_empty());
        assert_eq!(read!(store, tx => candidates::count_in_state(tx, other, StateName::AwaitingRevocation)), 0);
        assert_eq!(read!(store, tx => candidates::next_due(tx, other)), None);
        let states = [StateName::AwaitingRevocation];
        let claimed = write!(store, tx => candidates::claim_due(tx, other, &states, "x", now(), now().plus_days(1)));
        assert!(claimed.is_none());
        let current = kept(store, 1).await?;
        assert_conflict!(store, tx => candidates::update_candidate(tx, other, &current, &skipped(), &Move::default(), now()));
        assert_conflict!(store, tx => candidates::postpone_candidate(tx, other, &current, None));
        let none = CandidateFilter::default();
        assert!(read!(store, tx => read::candidates::list_candidates(tx, other, &none, None, 9)).items.is_empty());
        assert_eq!(read!(store, tx => read::candidates::count_candidates(tx, other, &none)), 0);
        assert!(read!(store, tx => read::candidates::find_candidate(tx, other, candidate_id(1))).is_none());
        write!(store, tx => candidates::insert_candidate(tx, other, &candidate(2, seat(1, 1)), None));
        let own = read!(store, tx => candidates::find_candidate(tx, other, candidate_id(2))).expect("kept");
        assert_eq!((own.number, read.number), (1, 1), "each tenant counts for itself");
    }
}
