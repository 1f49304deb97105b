//! Facts that are judged, and the findings made of them.

use reseat_domain::detect::FindingKind;
use reseat_domain::ids::FindingId;
use reseat_domain::rule::Justification;
use reseat_store::findings::{self, NewFinding};

use crate::engines::{conformance, read, write};
use crate::fixtures::*;

conformance! {
    async fn facts_come_page_by_page_in_the_order_of_their_keys(store) {
        let mut bo = person(2, "Bo Li", vec![direct(1), through(2, 1)]);
        bo.account_enabled = false;
        bo.created_at = None;
        publish(store, &[person(1, "Ada King", vec![direct(2)]), bo]).await?;
        let first = read!(store, tx => findings::list_facts(tx, tenant(), None, 2));
        let keys: Vec<_> = first.iter().map(|facts| (facts.user_id, facts.seat.sku_id)).collect();
        assert_eq!(keys, [(user(1), sku(2)), (user(2), sku(1))]);
        assert!(first[0].account_enabled && !first[1].account_enabled && first[1].account_created.is_none());
        assert!(first[0].sign_in.is_none() && first[0].service_use.is_none() && first[0].roster_rows.is_empty());
        let rest = read!(store, tx => findings::list_facts(tx, tenant(), Some(seat(2, 1)), 2));
        assert_eq!(rest.len(), 1);
        assert_eq!(rest[0].seat, through(2, 1));
        let one = read!(store, tx => findings::find_facts(tx, tenant(), seat(2, 2))).expect("held");
        assert_eq!(one.seat, through(2, 1));
        assert!(read!(store, tx => findings::find_facts(tx, tenant(), seat(1, 1))).is_none());
        assert_eq!(read!(store, tx => findings::list_skus_of(tx, tenant(), user(2))), [sku(1), sku(2)]);
    }
}

conformance! {
    async fn a_seat_keeps_its_finding_s_id_and_only_its_latest_verdict(store) {
        publish(store, &[person(1, "Ada King", vec![direct(1)])]).await?;
        find(store, &[(seat(1, 1), idle(100))]).await?;
        let first = read!(store, tx => findings::find_finding(tx, tenant(), seat(1, 1))).expect("found");
        assert_eq!((first.verdict, first.rule_version), (idle(100), 1));
        let again = NewFinding {
            id: id::<FindingId>(77),
            seat: seat(1, 1),
            account_enabled: true,
            verdict: verdict(FindingKind::InUse, &[], Some(3)),
        };
        let mut newer = rule();
        newer.version = 2;
        write!(store, tx => findings::upsert_findings(tx, tenant(), &newer, &[again], now().plus_days(1)));
        let second = read!(store, tx => findings::find_finding(tx, tenant(), seat(1, 1))).expect("found");
        assert_eq!((second.id, second.verdict.kind, second.rule_version), (first.id, FindingKind::InUse, 2));
        assert_eq!(read!(store, tx => findings::count_by_kind(tx, tenant())), [(FindingKind::InUse, 1)]);
    }
}

conformance! {
    async fn a_finding_ends_with_its_seat(store) {
        publish(store, &[person(1, "Ada King", vec![direct(1), direct(2)])]).await?;
        let person_decides = verdict(FindingKind::NeedsPerson, &[Justification::NotInRoster], None);
        find(store, &[(seat(1, 1), idle(100)), (seat(1, 2), person_decides)]).await?;
        publish(store, &[person(1, "Ada King", vec![direct(2)])]).await?;
        write!(store, tx => findings::delete_stale_findings(tx, stranger()));
        assert!(read!(store, tx => findings::find_finding(tx, tenant(), seat(1, 1))).is_some());
        write!(store, tx => findings::delete_stale_findings(tx, tenant()));
        assert!(read!(store, tx => findings::find_finding(tx, tenant(), seat(1, 1))).is_none());
        assert!(read!(store, tx => findings::find_finding(tx, tenant(), seat(1, 2))).is_some());
    }
}

conformance! {
    async fn a_seat_that_is_proven_gone_is_counted_nowhere(store) {
        publish(store, &[person(1, "Ada King", vec![direct(1), direct(2)])]).await?;
        find(store, &[(seat(1, 1), idle(100)), (seat(1, 2), idle(100))]).await?;
        write!(store, tx => findings::delete_seat(tx, stranger(), seat(1, 1)));
        assert!(read!(store, tx => findings::find_facts(tx, tenant(), seat(1, 1))).is_some());
        write!(store, tx => findings::delete_seat(tx, tenant(), seat(1, 1)));
        assert!(read!(store, tx => findings::find_facts(tx, tenant(), seat(1, 1))).is_none());
        assert!(read!(store, tx => findings::find_finding(tx, tenant(), seat(1, 1))).is_none());
        assert_eq!(read!(store, tx => findings::count_by_kind(tx, tenant())), [(FindingKind::Idle, 1)]);
        assert_eq!(read!(store, tx => findings::list_skus_of(tx, tenant(), user(1))), [sku(2)]);
        publish(store, &[person(1, "Ada King", vec![direct(1), direct(2)])]).await?;
        assert!(read!(store, tx => findings::find_facts(tx, tenant(), seat(1, 1))).is_some(), "given again, read again");
        let ada = read!(store, tx => reseat_store::read::people::find_person(tx, tenant(), user(1))).expect("there");
        assert_eq!(ada.item.seat_count, 2);
    }
}

conformance! {
    async fn many_findings_are_kept_in_one_go(store) {
        let found: Vec<_> = (1..=1_203).map(|number| (seat(number, 1), idle(90))).collect();
        find(store, &found).await?;
        assert_eq!(read!(store, tx => findings::count_by_kind(tx, tenant())), [(FindingKind::Idle, 1_203)]);
    }
}

conformance! {
    async fn another_tenant_has_no_facts_and_no_findings(store) {
        publish(store, &[person(1, "Ada King", vec![direct(1)])]).await?;
        find(store, &[(seat(1, 1), idle(100))]).await?;
        assert!(read!(store, tx => findings::list_facts(tx, stranger(), None, 9)).is_empty());
        assert!(read!(store, tx => findings::find_facts(tx, stranger(), seat(1, 1))).is_none());
        assert!(read!(store, tx => findings::find_finding(tx, stranger(), seat(1, 1))).is_none());
        assert!(read!(store, tx => findings::count_by_kind(tx, stranger())).is_empty());
        assert!(read!(store, tx => findings::list_skus_of(tx, stranger(), user(1))).is_empty());
    }
}
