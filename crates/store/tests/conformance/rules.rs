//! Rules, in every version.

use reseat_domain::ids::RuleId;
use reseat_store::{read, rules};

use crate::engines::{assert_conflict, conformance, read, write};
use crate::fixtures::*;

conformance! {
    async fn a_rule_keeps_its_versions_and_the_last_one_is_in_force(store) {
        assert!(read!(store, tx => rules::find_active_rule(tx, tenant())).is_none());
        let first = rule();
        let mut second = rule();
        second.version = 2;
        second.threshold_days = 120;
        write!(store, tx => rules::insert_rule(tx, tenant(), &first, now()));
        write!(store, tx => rules::insert_rule(tx, tenant(), &second, now()));
        assert_conflict!(store, tx => rules::insert_rule(tx, tenant(), &second, now()));
        assert_eq!(read!(store, tx => rules::find_active_rule(tx, tenant())), Some(second.clone()));
        assert_eq!(read!(store, tx => rules::find_rule(tx, tenant(), rule_id(), 1)), Some(first));
        assert_eq!(read!(store, tx => rules::find_rule(tx, tenant(), rule_id(), 3)), None);
        let listed = read!(store, tx => read::rules::list_rules(tx, tenant()));
        assert_eq!(listed.len(), 1);
        assert_eq!((&listed[0].rule, listed[0].active, listed[0].created_at), (&second, true, now()));
        let newest = read!(store, tx => read::rules::find_newest_rule(tx, tenant(), rule_id())).expect("kept");
        assert_eq!(newest.rule, second);
        assert!(read!(store, tx => read::rules::find_newest_rule(tx, tenant(), id::<RuleId>(1))).is_none());
    }
}

conformance! {
    async fn another_tenant_has_no_rule(store) {
        write!(store, tx => rules::insert_rule(tx, tenant(), &rule(), now()));
        let mut second = rule();
        second.version = 2;
        write!(store, tx => rules::insert_rule(tx, stranger(), &second, now()));
        assert_eq!(read!(store, tx => rules::find_active_rule(tx, tenant())), Some(rule()), "still in force");
        assert_eq!(read!(store, tx => rules::find_rule(tx, stranger(), rule_id(), 1)), None);
        assert_eq!(read!(store, tx => read::rules::list_rules(tx, stranger())).len(), 1);
        assert_eq!(read!(store, tx => read::rules::find_newest_rule(tx, tenant(), rule_id())).expect("kept").rule, rule());
    }
}
