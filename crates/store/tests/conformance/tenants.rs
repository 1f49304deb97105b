//! Tenants, and how each is set.

use reseat_store::integration;

use crate::engines::{conformance, read, write};
use crate::fixtures::*;

conformance! {
    async fn a_tenant_is_set_up_once_and_knows_how_it_is_set(store) {
        assert!(read!(store, tx => integration::find_tenant(tx, tenant())).is_none());
        let until = now().plus_days(14);
        assert!(write!(store, tx => integration::insert_tenant(tx, tenant(), "Contoso", Some(until), now())));
        assert!(!write!(store, tx => integration::insert_tenant(tx, tenant(), "Fabrikam", None, now())));
        let row = read!(store, tx => integration::find_tenant(tx, tenant())).expect("set up");
        assert_eq!((row.name.as_str(), row.observe_until), ("Contoso", Some(until.as_micros())));
        assert!(!row.single_operator && !row.detect_requested);
        assert_eq!((row.detected_at, row.held_reason), (None, None));

        write!(store, tx => integration::set_single_operator(tx, tenant(), true));
        write!(store, tx => integration::request_detection(tx, tenant()));
        write!(store, tx => integration::set_held(tx, tenant(), Some(("too many leavers", now()))));
        let row = read!(store, tx => integration::find_tenant(tx, tenant())).expect("set up");
        assert!(row.single_operator && row.detect_requested);
        assert_eq!((row.held_reason.as_deref(), row.held_since), (Some("too many leavers"), Some(now().as_micros())));

        write!(store, tx => integration::set_single_operator(tx, tenant(), false));
        write!(store, tx => integration::record_detection(tx, tenant(), now(), false));
        assert!(read!(store, tx => integration::find_tenant(tx, tenant())).expect("set up").detect_requested);
        write!(store, tx => integration::record_detection(tx, tenant(), now(), true));
        write!(store, tx => integration::set_held(tx, tenant(), None));
        let row = read!(store, tx => integration::find_tenant(tx, tenant())).expect("set up");
        assert!(!row.single_operator && !row.detect_requested);
        assert_eq!((row.held_reason, row.held_since, row.detected_at), (None, None, Some(now().as_micros())));
    }
}

conformance! {
    async fn what_is_set_for_one_tenant_is_not_set_for_another(store) {
        write!(store, tx => integration::insert_tenant(tx, tenant(), "Contoso", None, now()));
        write!(store, tx => integration::set_single_operator(tx, stranger(), true));
        write!(store, tx => integration::request_detection(tx, stranger()));
        write!(store, tx => integration::set_held(tx, stranger(), Some(("not this one", now()))));
        let row = read!(store, tx => integration::find_tenant(tx, tenant())).expect("set up");
        assert!(!row.single_operator && !row.detect_requested && row.held_reason.is_none());
        assert!(read!(store, tx => integration::find_tenant(tx, stranger())).is_none());
    }
}
