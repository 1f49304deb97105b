//! Approvals: what was approved, by whom, exactly as it was recorded.

use reseat_store::approvals::{self, Approval, ApprovalRow};

use crate::engines::{assert_conflict, conformance, read, write};
use crate::fixtures::*;

conformance! {
    async fn an_approval_is_read_exactly_as_it_was_given_and_never_given_twice(store) {
        let given = Approval {
            id: approval_id(1),
            candidate_id: candidate_id(1),
            kind: "restore",
            account_id: account_id(1),
            given_at: now(),
            seat: seat(1, 1),
            fingerprint: "as it was".to_owned(),
            rule_id: rule_id().to_string(),
            rule_version: 3,
            single_operator: true,
            binding: Some("writes".to_owned()),
            content_hash: "hash".to_owned(),
        };
        write!(store, tx => approvals::insert_approval(tx, tenant(), &given));
        let read = read!(store, tx => approvals::find_approval(tx, tenant(), given.id)).expect("kept");
        assert_eq!(format!("{read:?}"), format!("{:?}", ApprovalRow::from(&given)), "X8");
        assert_conflict!(store, tx => approvals::insert_approval(tx, tenant(), &given));
        assert!(read!(store, tx => approvals::find_approval(tx, stranger(), given.id)).is_none());
        assert!(read!(store, tx => approvals::find_approval(tx, tenant(), approval_id(2))).is_none());
    }
}
