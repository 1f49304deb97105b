//! Intents, the budget they are counted against, and savings.

use reseat_domain::ids::WriteRunId;
use reseat_domain::plan::{IntentState, PlanItemKind};
use reseat_store::StoreError;
use reseat_store::circuits;
use reseat_store::intents::{self, Saving, WriteRun};

use crate::engines::{assert_conflict, conformance, read, write};
use crate::fixtures::*;

conformance! {
    async fn an_intent_is_durable_and_tells_how_far_it_came(store) {
        let recorded = intent(1, 1, seat(1, 1));
        write!(store, tx => intents::insert_intent(tx, tenant(), &recorded));
        let kept = read!(store, tx => intents::find_intent(tx, tenant(), recorded.id)).expect("kept");
        assert_eq!(format!("{kept:?}"), format!("{recorded:?}"));

        write!(store, tx => intents::record_send(tx, tenant(), recorded.id, &recorded.before));
        write!(store, tx => intents::record_outcome(
            tx, tenant(), recorded.id, IntentState::Accepted, Some("their id"), "accepted", now().plus_seconds(1)));
        write!(store, tx => intents::record_reading(tx, tenant(), recorded.id, "gone", 1, now().plus_seconds(60)));
        let kept = read!(store, tx => intents::find_intent(tx, tenant(), recorded.id)).expect("kept");
        assert_eq!((kept.state, kept.sends, kept.agreeing_reads), (IntentState::Accepted, 1, 1));
        assert_eq!((kept.last_reading.as_deref(), kept.last_read_at), (Some("gone"), Some(now().plus_seconds(60))));
        assert_eq!(kept.outcome_at, Some(now().plus_seconds(1)));

        write!(store, tx => intents::record_send(tx, tenant(), recorded.id, &recorded.before));
        let kept = read!(store, tx => intents::find_intent(tx, tenant(), recorded.id)).expect("kept");
        assert_eq!((kept.state, kept.sends, kept.agreeing_reads, kept.last_reading), (IntentState::Intended, 2, 0, None));
    }
}

conformance! {
    async fn a_seat_has_one_open_intent_until_it_is_settled(store) {
        write!(store, tx => intents::insert_intent(tx, tenant(), &intent(1, 1, seat(1, 1))));
        for state in [IntentState::Intended, IntentState::Accepted, IntentState::Unknown] {
            write!(store, tx => intents::record_outcome(tx, tenant(), intent_id(1), state, None, "x", now()));
            let mut tx = store.write().await?;
            let refused = intents::insert_intent(&mut tx, tenant(), &intent(2, 2, seat(1, 1))).await;
            assert!(matches!(refused, Err(StoreError::Conflict)), "{state}: {refused:?}");
            intents::find_intent(&mut tx, tenant(), intent_id(1)).await?.expect("the transaction goes on");
        }
        write!(store, tx => intents::record_outcome(tx, tenant(), intent_id(1), IntentState::Proven, None, "x", now()));
        write!(store, tx => intents::insert_intent(tx, tenant(), &intent(2, 2, seat(1, 1))));
    }
}

conformance! {
    async fn the_budget_counts_all_that_may_have_had_an_effect(store) {
        publish(store, &[person(1, "Ada", vec![direct(1)]), person(2, "Bo", vec![direct(1), direct(2)])]).await?;
        assert!(read!(store, tx => intents::find_last_run(tx, tenant())).is_none());
        let run: WriteRunId = id(2);
        for (number, canary) in [(1, true), (2, false)] {
            let run = WriteRun { id: id(number), began_at: now(), canary };
            write!(store, tx => intents::insert_write_run(tx, tenant(), &run));
        }
        let last = read!(store, tx => intents::find_last_run(tx, tenant())).expect("begun");
        assert_eq!((last.id, last.canary, last.began_at), (run, false, now()));
        let none = read!(store, tx => intents::count_started(tx, tenant(), None, sku(1), now()));
        assert!(none.first_run && none.in_run == 0 && none.in_day == 0 && none.sku_holders == 2);

        // Of this run: one proven, one refused, one provably not sent, one of another sku.
        let cases = [
            (1, 1, Some(run), IntentState::Proven, 0),
            (2, 1, Some(run), IntentState::Refused, 0),
            (3, 1, Some(run), IntentState::NotSent, 0),
            (4, 2, Some(run), IntentState::Unknown, 0),
            (5, 1, None, IntentState::Proven, 2),
            (6, 1, None, IntentState::Proven, 40),
        ];
        for (number, sku_number, run_id, state, days_ago) in cases {
            let mut one = intent(number, number, seat(number, sku_number));
            one.run_id = run_id;
            one.created_at = now().plus_days(-days_ago);
            write!(store, tx => intents::insert_intent(tx, tenant(), &one));
            write!(store, tx => intents::record_outcome(tx, tenant(), one.id, state, None, state.as_str(), now().plus_seconds(i64::try_from(number)?)));
        }
        let mut restore = intent(7, 7, seat(7, 1));
        restore.kind = PlanItemKind::Restore;
        write!(store, tx => intents::insert_intent(tx, tenant(), &restore));

        let started = read!(store, tx => intents::count_started(tx, tenant(), Some(run), sku(1), now()));
        assert!(!started.first_run);
        assert_eq!((started.in_run, started.in_run_of_sku), (3, 2));
        assert_eq!((started.in_day, started.in_day_of_sku, started.in_30_days_of_sku), (3, 2, 3));
        // Ada and Bo hold theirs still, refused or on its way or given back; the fifth is gone.
        let gone = (started.gone_in_run_of_sku, started.gone_in_day_of_sku, started.gone_in_30_days_of_sku);
        assert_eq!((started.sku_holders, gone), (2, (0, 0, 1)));
        assert_eq!(read!(store, tx => intents::count_run(tx, tenant(), run)), (1, 1));
        let words = read!(store, tx => circuits::list_last_outcomes(tx, tenant(), 2));
        assert_eq!(words, ["unknown", "refused"], "in the order of sending, whenever the answer was proven");
        let words = read!(store, tx => circuits::list_last_outcomes(tx, tenant(), 9));
        assert_eq!(words[2..], ["proven", "proven", "proven"], "neither what was not sent nor a restore");
        let used = read!(store, tx => intents::count_of_approval(tx, tenant(), approval_id(1)));
        assert_eq!(used, 6, "only what was provably not sent is given back");
    }
}

conformance! {
    async fn the_last_removal_that_was_given_up_under_an_approval_is_found(store) {
        let cases = [
            (1, PlanItemKind::Remove, IntentState::SettledOtherwise, 0),
            (2, PlanItemKind::Remove, IntentState::SettledOtherwise, 5),
            (3, PlanItemKind::Remove, IntentState::NotSent, 6),
            (4, PlanItemKind::Restore, IntentState::SettledOtherwise, 7),
        ];
        let approval = approval_id(1);
        assert_eq!(read!(store, tx => intents::find_given_up(tx, tenant(), approval)), None);
        for (number, kind, state, seconds) in cases {
            let mut one = intent(number, 1, seat(1, 1));
            one.kind = kind;
            one.created_at = now().plus_seconds(seconds);
            write!(store, tx => intents::insert_intent(tx, tenant(), &one));
            write!(store, tx => intents::record_outcome(tx, tenant(), one.id, state, None, "x", now()));
        }
        assert_eq!(read!(store, tx => intents::find_given_up(tx, tenant(), approval)), Some(intent_id(2)));
        assert_eq!(read!(store, tx => intents::find_given_up(tx, tenant(), approval_id(2))), None);
        assert_eq!(read!(store, tx => intents::find_given_up(tx, stranger(), approval)), None);
    }
}

conformance! {
    async fn a_seat_is_freed_once_and_given_back_once(store) {
        let saving = |kind, name: &str| Saving {
            id: name.to_owned(),
            candidate_id: candidate_id(1),
            intent_id: Some(intent_id(1)),
            kind,
            seat: seat(1, 1),
            annual: None,
            at: now(),
        };
        assert!(!read!(store, tx => intents::was_freed(tx, tenant(), candidate_id(1))));
        write!(store, tx => intents::insert_saving(tx, tenant(), &saving("freed", "one")));
        assert!(read!(store, tx => intents::was_freed(tx, tenant(), candidate_id(1))));
        assert!(!read!(store, tx => intents::was_freed(tx, stranger(), candidate_id(1))));
        assert_conflict!(store, tx => intents::insert_saving(tx, tenant(), &saving("freed", "two")));
        write!(store, tx => intents::insert_saving(tx, tenant(), &saving("reversed", "three")));
        assert_conflict!(store, tx => intents::insert_saving(tx, tenant(), &saving("reversed", "four")));
    }
}

conformance! {
    async fn another_tenant_sees_no_intent_and_counts_none(store) {
        let mut one = intent(1, 1, seat(1, 1));
        one.run_id = Some(id(1));
        write!(store, tx => intents::insert_intent(tx, tenant(), &one));
        let run = WriteRun { id: id(1), began_at: now(), canary: false };
        write!(store, tx => intents::insert_write_run(tx, tenant(), &run));
        let other = stranger();
        write!(store, tx => intents::record_send(tx, other, one.id, &one.before));
        write!(store, tx => intents::record_outcome(tx, other, one.id, IntentState::Proven, None, "x", now()));
        write!(store, tx => intents::record_reading(tx, other, one.id, "gone", 2, now()));
        let kept = read!(store, tx => intents::find_intent(tx, tenant(), one.id)).expect("kept");
        assert_eq!((kept.state, kept.sends, kept.agreeing_reads), (IntentState::Intended, 0, 0));
        assert!(read!(store, tx => intents::find_intent(tx, other, one.id)).is_none());
        assert!(read!(store, tx => intents::find_last_run(tx, other)).is_none());
        assert_eq!(read!(store, tx => intents::count_run(tx, other, id(1))), (0, 0));
        assert_eq!(read!(store, tx => intents::count_started(tx, other, Some(id(1)), sku(1), now())).in_day, 0);
        assert_eq!(read!(store, tx => intents::count_of_approval(tx, other, approval_id(1))), 0);
        assert!(read!(store, tx => circuits::list_last_outcomes(tx, other, 9)).is_empty());
        write!(store, tx => intents::insert_intent(tx, other, &intent(1, 1, seat(1, 1))));
    }
}
