//! How a tenant wants its writes, the circuit breaker, and what the removal-path solver looks at.

use reseat_domain::directory::Via;
use reseat_domain::ids::{GroupId, IntentId};
use reseat_domain::licensing::GroupLicense;
use reseat_domain::plan::GroupKind;
use reseat_domain::window::{DayOfWeek, Window};
use reseat_store::circuits::{self, Circuit};
use reseat_store::skus::LicensedGroup;
use reseat_store::write_settings::{self, WriteSettings};
use reseat_store::{held, intents, skus};

use crate::engines::{assert_conflict, conformance, read, write};
use crate::fixtures::*;

conformance! {
    async fn nothing_is_set_until_somebody_sets_it_and_two_never_overwrite_each_other(store) {
        assert_eq!(read!(store, tx => write_settings::find_write_settings(tx, tenant())), WriteSettings::default());
        let window = Window { days: vec![DayOfWeek::Tuesday], from: "22:00".to_owned(), until: "06:00".to_owned() };
        let first = WriteSettings {
            group_removal: true,
            time_zone: "Europe/Berlin".to_owned(),
            windows: vec![window],
            version: 0,
        };
        write!(store, tx => write_settings::set_write_settings(tx, tenant(), &first));
        let read_back = read!(store, tx => write_settings::find_write_settings(tx, tenant()));
        assert_eq!(read_back, WriteSettings { version: 1, ..first.clone() });
        assert_conflict!(store, tx => write_settings::set_write_settings(tx, tenant(), &first));
        let second = WriteSettings { group_removal: false, ..read_back };
        write!(store, tx => write_settings::set_write_settings(tx, tenant(), &second));
        let last = read!(store, tx => write_settings::find_write_settings(tx, tenant()));
        assert!(!last.group_removal && last.version == 2);
        let theirs = read!(store, tx => write_settings::find_write_settings(tx, stranger()));
        assert_eq!(theirs, WriteSettings::default());
    }
}

conformance! {
    async fn a_circuit_is_open_until_it_is_closed_and_remembers_its_canary(store) {
        assert_eq!(read!(store, tx => circuits::find_circuit(tx, tenant())), None);
        let (opened, retry) = (now(), now().plus_seconds(60));
        write!(store, tx => circuits::open_circuit(tx, tenant(), "three in a row", opened, retry));
        let canary: IntentId = intent_id(7);
        write!(store, tx => circuits::set_canary(tx, tenant(), Some(canary)));
        let expected = Circuit {
            reason: "three in a row".to_owned(),
            opened_at: opened,
            retry_at: retry,
            canary: Some(canary),
        };
        assert_eq!(read!(store, tx => circuits::find_circuit(tx, tenant())), Some(expected));
        let later = retry.plus_seconds(60);
        write!(store, tx => circuits::open_circuit(tx, tenant(), "the canary failed", retry, later));
        let again = read!(store, tx => circuits::find_circuit(tx, tenant())).expect("still open");
        assert_eq!((again.opened_at, again.retry_at, again.canary), (opened, later, None), "open since the first time");
        assert_eq!(read!(store, tx => circuits::find_circuit(tx, stranger())), None);
        assert!(!write!(store, tx => circuits::close_circuit(tx, stranger(), later)));
        let mut before = intent(1, 1, seat(1, 1));
        before.created_at = later;
        let mut after = intent(2, 2, seat(2, 1));
        after.created_at = later.plus_seconds(1);
        for (one, words) in [(&before, "before"), (&after, "after")] {
            write!(store, tx => intents::insert_intent(tx, tenant(), one));
            write!(store, tx => intents::record_outcome(
                tx, tenant(), one.id, reseat_domain::plan::IntentState::Refused, None, words, later));
        }
        assert_eq!(read!(store, tx => circuits::list_last_outcomes(tx, tenant(), 9)), ["after", "before"]);
        assert!(write!(store, tx => circuits::close_circuit(tx, tenant(), later)));
        assert!(!write!(store, tx => circuits::close_circuit(tx, tenant(), later)));
        assert_eq!(read!(store, tx => circuits::find_circuit(tx, tenant())), None);
        let counted = read!(store, tx => circuits::list_last_outcomes(tx, tenant(), 9));
        assert_eq!(counted, ["after"], "what was answered before it closed counts no more");
        write!(store, tx => circuits::open_circuit(tx, tenant(), "anew", later, later));
        let anew = read!(store, tx => circuits::find_circuit(tx, tenant())).expect("open");
        assert_eq!(anew.opened_at, later, "open since this time");
    }
}

conformance! {
    async fn every_intent_of_a_candidate_is_listed_in_the_order_it_was_made(store) {
        let mut first = intent(1, 1, seat(1, 1));
        first.state = reseat_domain::plan::IntentState::Proven;
        let mut second = intent(2, 1, seat(1, 1));
        second.created_at = first.created_at.plus_seconds(5);
        for one in [&second, &first, &intent(3, 2, seat(2, 1))] {
            write!(store, tx => intents::insert_intent(tx, tenant(), one));
        }
        let listed = read!(store, tx => intents::list_of_candidate(tx, tenant(), candidate_id(1)));
        assert_eq!(listed.iter().map(|intent| intent.id).collect::<Vec<_>>(), [first.id, second.id]);
        assert!(read!(store, tx => intents::list_of_candidate(tx, stranger(), candidate_id(1))).is_empty());
    }
}

conformance! {
    async fn the_terms_of_a_group_are_its_kind_and_everything_it_gives(store) {
        let group_id = GroupId::from_uuid(uuid::Uuid::from_u128(77));
        let unread = GroupId::from_uuid(uuid::Uuid::from_u128(78));
        let sku_id = seat(1, 1).sku_id;
        let group = LicensedGroup {
            group_id,
            display_name: "Licensing".to_owned(),
            kind: "microsoft_365".to_owned(),
            membership_rule: None,
            licenses: vec![GroupLicense { group_id, sku_id, disabled_plans: [].into() }],
        };
        write!(store, tx => skus::replace_licensed_groups(tx, tenant(), &[group]));
        let terms = read!(store, tx => held::list_group_terms(tx, tenant(), &[group_id, unread]));
        assert_eq!(terms.len(), 1, "what was not read is not there");
        assert_eq!(terms[&group_id].kind, GroupKind::Microsoft365);
        assert_eq!(terms[&group_id].skus.keys().collect::<Vec<_>>(), [&sku_id]);
        assert!(read!(store, tx => held::list_group_terms(tx, stranger(), &[group_id])).is_empty());
    }
}

conformance! {
    async fn what_a_person_holds_comes_with_every_path(store) {
        publish(store, &[person(1, "Ada", vec![direct(1), direct(2)]), person(2, "Ben", vec![direct(1)])]).await?;
        let user_id = seat(1, 1).user_id;
        let seats = read!(store, tx => held::list_seats_of_person(tx, tenant(), user_id));
        assert_eq!(seats.len(), 2);
        assert!(seats.iter().all(|seat| seat.paths.iter().all(|path| path.via == Via::Direct) && !seat.paths.is_empty()));
        assert!(read!(store, tx => held::list_seats_of_person(tx, stranger(), user_id)).is_empty());
    }
}
