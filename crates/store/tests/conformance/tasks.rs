//! Integration tasks: due, claimed, leased, released.

use reseat_store::integration;

use crate::engines::{conformance, read, write};
use crate::fixtures::*;

const TASK: &str = "application_roster";

conformance! {
    async fn a_due_task_is_claimed_by_one_server_at_a_time(store) {
        write!(store, tx => integration::insert_task(tx, tenant(), TASK, true, 3_600, now()));
        let lease = now().plus_seconds(60);
        let early = now().plus_seconds(-1);
        let claim = write!(store, tx => integration::claim_task(tx, tenant(), TASK, "a", early, lease));
        assert_eq!(claim, None, "not due yet");
        assert_eq!(write!(store, tx => integration::claim_task(tx, tenant(), TASK, "a", now(), lease)), Some(1));
        assert_eq!(write!(store, tx => integration::claim_task(tx, tenant(), TASK, "b", now(), lease)), None);

        let over = lease.plus_seconds(1);
        let taken = write!(store, tx => integration::claim_task(tx, tenant(), TASK, "b", over, over.plus_seconds(60)));
        assert_eq!(taken, Some(2), "a lease that ran out is taken over");
        assert!(!write!(store, tx => integration::extend_task_lease(tx, tenant(), TASK, 1, over.plus_days(1))));
        assert!(!write!(store, tx => integration::release_task(tx, tenant(), TASK, 1, over.plus_days(1))));
        assert!(write!(store, tx => integration::extend_task_lease(tx, tenant(), TASK, 2, over.plus_seconds(90))));
        let row = read!(store, tx => integration::list_tasks(tx, tenant())).remove(0);
        assert_eq!((row.lease_owner.as_deref(), row.lease_until), (Some("b"), Some(over.plus_seconds(90).as_micros())));

        assert!(write!(store, tx => integration::release_task(tx, tenant(), TASK, 2, over.plus_days(1))));
        let row = read!(store, tx => integration::list_tasks(tx, tenant())).remove(0);
        assert_eq!((row.lease_owner, row.lease_until, row.epoch), (None, None, 2));
        assert_eq!(row.next_due_at, over.plus_days(1).as_micros());
        write!(store, tx => integration::make_task_due(tx, tenant(), TASK, over));
        assert_eq!(write!(store, tx => integration::claim_task(tx, tenant(), TASK, "a", over, over.plus_days(1))), Some(3));
    }
}

conformance! {
    async fn a_task_runs_only_while_it_is_enabled(store) {
        write!(store, tx => integration::insert_task(tx, tenant(), TASK, false, 3_600, now()));
        write!(store, tx => integration::insert_task(tx, tenant(), TASK, true, 60, now()));
        let row = read!(store, tx => integration::list_tasks(tx, tenant())).remove(0);
        assert!(!row.enabled && row.interval_seconds == 3_600 && row.version == 1, "set up once");
        let lease = now().plus_seconds(60);
        assert_eq!(write!(store, tx => integration::claim_task(tx, tenant(), TASK, "a", now(), lease)), None);
        assert!(write!(store, tx => integration::set_task_enabled(tx, tenant(), TASK, true)));
        assert!(!write!(store, tx => integration::set_task_enabled(tx, tenant(), "other", true)));
        assert_eq!(write!(store, tx => integration::claim_task(tx, tenant(), TASK, "a", now(), lease)), Some(1));
        assert_eq!(read!(store, tx => integration::list_tasks(tx, tenant()))[0].version, 2);
    }
}

conformance! {
    async fn another_tenant_sees_no_task_and_claims_none(store) {
        write!(store, tx => integration::insert_task(tx, tenant(), TASK, true, 3_600, now()));
        let lease = now().plus_seconds(60);
        assert!(read!(store, tx => integration::list_tasks(tx, stranger())).is_empty());
        assert_eq!(write!(store, tx => integration::claim_task(tx, stranger(), TASK, "x", now(), lease)), None);
        assert!(!write!(store, tx => integration::set_task_enabled(tx, stranger(), TASK, false)));
        write!(store, tx => integration::make_task_due(tx, stranger(), TASK, now().plus_days(9)));
        assert_eq!(write!(store, tx => integration::claim_task(tx, tenant(), TASK, "a", now(), lease)), Some(1));
        assert!(!write!(store, tx => integration::extend_task_lease(tx, stranger(), TASK, 1, lease)));
        assert!(!write!(store, tx => integration::release_task(tx, stranger(), TASK, 1, lease)));
    }
}
