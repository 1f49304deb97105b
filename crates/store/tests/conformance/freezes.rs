//! The stop.

use reseat_store::freezes;

use crate::engines::{conformance, read, write};
use crate::fixtures::*;

conformance! {
    async fn a_freeze_stays_as_it_is_until_it_is_thawed(store) {
        assert!(read!(store, tx => freezes::find_freeze(tx, tenant())).is_none());
        write!(store, tx => freezes::freeze(tx, tenant(), "odd removals", "account 1", now()));
        write!(store, tx => freezes::ask_thaw(tx, tenant(), account_id(2), now().plus_seconds(5)));
        let asked = read!(store, tx => freezes::find_freeze(tx, tenant())).expect("frozen");
        assert_eq!((asked.thaw_by, asked.thaw_asked_at), (Some(account_id(2).to_string()), Some(now().plus_seconds(5).as_micros())));
        write!(store, tx => freezes::freeze(tx, tenant(), "again", "account 3", now().plus_seconds(9)));
        let row = read!(store, tx => freezes::find_freeze(tx, tenant())).expect("frozen");
        assert_eq!((row.reason.as_str(), row.frozen_by.as_str(), row.frozen_at), ("odd removals", "account 1", now().as_micros()));
        assert_eq!((row.thaw_by, row.thaw_asked_at), (None, None), "a second freeze takes the wish to thaw back");

        assert!(read!(store, tx => freezes::find_freeze(tx, stranger())).is_none());
        write!(store, tx => freezes::ask_thaw(tx, stranger(), account_id(2), now()));
        write!(store, tx => freezes::thaw(tx, stranger()));
        let row = read!(store, tx => freezes::find_freeze(tx, tenant())).expect("still frozen");
        assert_eq!(row.thaw_by, None);
        write!(store, tx => freezes::thaw(tx, tenant()));
        assert!(read!(store, tx => freezes::find_freeze(tx, tenant())).is_none());
    }
}
