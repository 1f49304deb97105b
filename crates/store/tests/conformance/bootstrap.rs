//! The code that makes the first administrator.

use reseat_store::installation::bootstrap;

use crate::engines::{conformance, write};
use crate::fixtures::*;

conformance! {
    async fn a_code_works_once_and_not_past_its_time(store) {
        let end = now().plus_seconds(900);
        write!(store, tx => bootstrap::insert_bootstrap_code(tx, "first", now(), end));
        assert!(!write!(store, tx => bootstrap::use_bootstrap_code(tx, "guess", now())));
        assert!(!write!(store, tx => bootstrap::use_bootstrap_code(tx, "first", end)));
        assert!(write!(store, tx => bootstrap::use_bootstrap_code(tx, "first", now())));
        assert!(!write!(store, tx => bootstrap::use_bootstrap_code(tx, "first", now())));
    }
}

conformance! {
    async fn a_new_code_ends_the_one_before(store) {
        let end = now().plus_seconds(900);
        write!(store, tx => bootstrap::insert_bootstrap_code(tx, "first", now(), end));
        write!(store, tx => bootstrap::insert_bootstrap_code(tx, "second", now(), end));
        assert!(!write!(store, tx => bootstrap::use_bootstrap_code(tx, "first", now())));
        assert!(write!(store, tx => bootstrap::use_bootstrap_code(tx, "second", now())));
    }
}
