//! Sessions of the console.

use std::collections::BTreeSet;

use reseat_domain::role::Role;
use reseat_store::installation::sessions::Session;
use reseat_store::installation::{accounts, sessions};

use crate::engines::{conformance, read, write};
use crate::fixtures::*;

fn session(token: &str) -> Session {
    Session {
        token_hash: token.to_owned(),
        account_id: account_id(1),
        csrf_token: "csrf".to_owned(),
        created_at: now(),
        last_seen_at: now(),
        expires_at: now().plus_seconds(12 * 3_600),
    }
}

conformance! {
    async fn a_session_lives_while_it_is_used_and_not_past_its_end(store) {
        write!(store, tx => accounts::insert_account(tx, &account(1, "Ada", &[Role::Admin])));
        write!(store, tx => sessions::insert_session(tx, &session("one")));
        let minutes = |count: i64| now().plus_seconds(count * 60);
        let idle_since = |moment: i64| minutes(moment - 30);

        let (found, owner) = read!(store, tx => sessions::find_session(tx, "one", minutes(10), idle_since(10)))
            .expect("in use");
        assert_eq!((found, owner.name.as_str()), (session("one"), "Ada"));
        assert!(read!(store, tx => sessions::find_session(tx, "one", minutes(31), idle_since(31))).is_none());

        write!(store, tx => sessions::touch_session(tx, "one", minutes(29)));
        write!(store, tx => sessions::touch_session(tx, "one", minutes(5)));
        let (found, _) = read!(store, tx => sessions::find_session(tx, "one", minutes(31), idle_since(31)))
            .expect("was used in between");
        assert_eq!(found.last_seen_at, minutes(29), "a late touch does not turn the time back");
        assert!(read!(store, tx => sessions::find_session(tx, "one", minutes(720), minutes(0))).is_none());
        assert!(read!(store, tx => sessions::find_session(tx, "two", minutes(1), idle_since(1))).is_none());
    }
}

conformance! {
    async fn a_disabled_account_has_no_session_and_a_changed_role_counts_at_once(store) {
        let ada = account(1, "Ada", &[Role::Admin]);
        write!(store, tx => accounts::insert_account(tx, &ada));
        write!(store, tx => sessions::insert_session(tx, &session("one")));
        let roles = BTreeSet::from([Role::Auditor]);
        write!(store, tx => accounts::update_account(tx, &ada, &roles, true));
        let (_, owner) = read!(store, tx => sessions::find_session(tx, "one", now(), now().plus_days(-1))).expect("lives");
        assert_eq!(owner.roles, roles);
        write!(store, tx => accounts::update_account(tx, &owner, &roles, false));
        assert!(read!(store, tx => sessions::find_session(tx, "one", now(), now().plus_days(-1))).is_none());
    }
}

conformance! {
    async fn sessions_end_one_by_one_all_together_or_by_age(store) {
        write!(store, tx => accounts::insert_account(tx, &account(1, "Ada", &[])));
        for token in ["one", "two", "three"] {
            write!(store, tx => sessions::insert_session(tx, &session(token)));
        }
        assert!(write!(store, tx => sessions::delete_session(tx, "one")));
        assert!(!write!(store, tx => sessions::delete_session(tx, "one")));
        assert_eq!(write!(store, tx => sessions::delete_sessions_of(tx, account_id(2))), 0);
        assert_eq!(write!(store, tx => sessions::delete_sessions_of(tx, account_id(1))), 2, "X11");

        write!(store, tx => sessions::insert_session(tx, &session("four")));
        let mut idle = session("five");
        idle.last_seen_at = now().plus_days(-1);
        write!(store, tx => sessions::insert_session(tx, &idle));
        assert_eq!(write!(store, tx => sessions::delete_expired_sessions(tx, now(), now().plus_seconds(-60))), 1);
        assert_eq!(write!(store, tx => sessions::delete_expired_sessions(tx, now().plus_days(1), now().plus_days(-1))), 1);
    }
}
