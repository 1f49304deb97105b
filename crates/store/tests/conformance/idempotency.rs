//! A repeated command gives its first answer again.

use reseat_store::installation::idempotency::{self, Begun, KeyedRequest};

use crate::engines::{assert_conflict, conformance, read, write};
use crate::fixtures::*;

fn request(hash: &str) -> KeyedRequest<'_> {
    KeyedRequest { account_id: account_id(1), key: "key", request_hash: hash }
}

conformance! {
    async fn the_same_request_is_answered_once_and_another_one_is_refused(store) {
        let old = now().plus_seconds(-60);
        assert_eq!(read!(store, tx => idempotency::find(tx, request("a"))), None);
        assert_eq!(write!(store, tx => idempotency::begin(tx, request("a"), now(), old)), Begun::New);
        assert_eq!(write!(store, tx => idempotency::begin(tx, request("a"), now(), old)), Begun::Running);
        assert_eq!(write!(store, tx => idempotency::begin(tx, request("b"), now(), old)), Begun::Mismatch);
        assert_conflict!(store, tx => idempotency::finish(tx, request("b"), 200, "{}"));
        write!(store, tx => idempotency::finish(tx, request("a"), 201, "{\"id\":1}"));
        assert_conflict!(store, tx => idempotency::finish(tx, request("a"), 200, "{}"));

        let answered = Begun::Answered { status: 201, body: "{\"id\":1}".to_owned() };
        let later = now().plus_days(1);
        assert_eq!(write!(store, tx => idempotency::begin(tx, request("a"), later, later)), answered);
        assert_eq!(read!(store, tx => idempotency::find(tx, request("a"))), Some(answered));
        assert_eq!(read!(store, tx => idempotency::find(tx, request("b"))), Some(Begun::Mismatch));
        let other = KeyedRequest { account_id: account_id(2), ..request("a") };
        assert_eq!(write!(store, tx => idempotency::begin(tx, other, now(), old)), Begun::New, "keys are one's own");
    }
}

conformance! {
    async fn a_request_that_was_let_go_or_whose_server_died_can_be_sent_again(store) {
        let old = now().plus_seconds(-60);
        write!(store, tx => idempotency::begin(tx, request("a"), now(), old));
        write!(store, tx => idempotency::release(tx, request("a")));
        assert_eq!(write!(store, tx => idempotency::begin(tx, request("a"), now(), old)), Begun::New);
        let later = now().plus_seconds(120);
        assert_eq!(write!(store, tx => idempotency::begin(tx, request("b"), later, later)), Begun::Mismatch);
        assert_eq!(write!(store, tx => idempotency::begin(tx, request("a"), later, later)), Begun::New);
        assert_eq!(write!(store, tx => idempotency::begin(tx, request("a"), later, later)), Begun::Running);
    }
}

conformance! {
    async fn an_answer_stays_when_its_key_is_let_go_and_ends_with_its_age(store) {
        write!(store, tx => idempotency::begin(tx, request("a"), now(), now()));
        write!(store, tx => idempotency::finish(tx, request("a"), 204, ""));
        write!(store, tx => idempotency::release(tx, request("a")));
        assert!(read!(store, tx => idempotency::find(tx, request("a"))).is_some());
        assert_eq!(write!(store, tx => idempotency::delete_keys_before(tx, now())), 0);
        assert_eq!(write!(store, tx => idempotency::delete_keys_before(tx, now().plus_seconds(1))), 1);
    }
}
