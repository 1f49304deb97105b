//! Plans: kept as they were made, applied once.

use reseat_domain::candidate::CandidateState;
use reseat_domain::ids::PlanId;
use reseat_domain::plan::{Fingerprint, PlanItem, PlanItemKind, Write};
use reseat_domain::role::Role;
use reseat_store::installation::accounts;
use reseat_store::plans::{self, Plan};
use reseat_store::read;

use crate::engines::{assert_conflict, conformance, read, write};
use crate::fixtures::*;

fn item(number: u64) -> PlanItem {
    let key = seat(number, 1);
    PlanItem {
        item_id: id(100 + number),
        candidate_id: candidate_id(number),
        kind: PlanItemKind::Remove,
        user_id: key.user_id,
        sku_id: key.sku_id,
        write: Write::RemoveLicense { user_id: key.user_id, sku_id: key.sku_id },
        then: Vec::new(),
        groups: Vec::new(),
        also_lost: Vec::new(),
        fingerprint: Fingerprint::from_text("as it was"),
        approval_id: Some(approval_id(number)),
        will_be_removed: vec![key.sku_id],
        will_stay: vec![sku(2)],
    }
}

fn plan(number: u64, items: Vec<PlanItem>) -> Plan {
    Plan {
        id: id(number),
        hash: format!("hash {number}"),
        items,
        created_at: now().plus_seconds(i64::try_from(number / 2).expect("small")),
        created_by: (number == 1).then(|| account_id(1)),
        applied_at: None,
    }
}

conformance! {
    async fn a_plan_is_kept_as_it_was_made_and_applied_once(store) {
        write!(store, tx => accounts::insert_account(tx, &account(1, "Grace", &[Role::LicenseManager])));
        let made = plan(1, vec![item(1), item(2)]);
        write!(store, tx => plans::insert_plan(tx, tenant(), &made));
        let kept = read!(store, tx => plans::find_plan(tx, tenant(), made.id)).expect("kept");
        assert_eq!((kept.hash, kept.items, kept.created_by), (made.hash.clone(), made.items.clone(), made.created_by));
        assert_eq!((kept.created_at, kept.applied_at), (made.created_at, None));
        let (summary, items) = read!(store, tx => read::plans::find_plan(tx, tenant(), made.id)).expect("kept");
        assert_eq!((summary.item_count, summary.origin.as_str(), items), (2, "person", made.items.clone()));
        assert_eq!(summary.created_by_name.as_deref(), Some("Grace"));

        assert!(read!(store, tx => plans::find_applied_item(tx, tenant(), candidate_id(1), approval_id(1))).is_none());
        assert_conflict!(store, tx => plans::mark_applied(tx, stranger(), made.id, now()));
        write!(store, tx => plans::mark_applied(tx, tenant(), made.id, now()));
        assert_conflict!(store, tx => plans::mark_applied(tx, tenant(), made.id, now()));
        let found = read!(store, tx => plans::find_applied_item(tx, tenant(), candidate_id(1), approval_id(1)));
        assert_eq!(found, Some((made.id, item(1))));
        assert!(read!(store, tx => plans::find_applied_item(tx, tenant(), candidate_id(3), approval_id(3))).is_none());
    }
}

conformance! {
    async fn what_is_approved_waits_for_a_plan_until_one_that_covers_it_is_applied(store) {
        for number in 1..=3 {
            open(store, number, seat(number, 1)).await?;
            step(store, number, &awaiting_revocation(), due(now())).await?;
        }
        open(store, 4, seat(4, 1)).await?;
        let unplanned = |limit| async move {
            let mut tx = store.read().await?;
            let found = plans::list_unplanned(&mut tx, tenant(), limit).await?;
            anyhow::Ok(found.into_iter().map(|it| it.number).collect::<Vec<_>>())
        };
        assert_eq!(unplanned(9).await?, [1, 2, 3]);
        assert_eq!(unplanned(2).await?, [1, 2]);
        let draft = plan(1, vec![item(1)]);
        write!(store, tx => plans::insert_plan(tx, tenant(), &draft));
        assert_eq!(unplanned(9).await?, [1, 2, 3], "a draft covers nothing");
        write!(store, tx => plans::mark_applied(tx, tenant(), draft.id, now()));
        assert_eq!(unplanned(9).await?, [2, 3]);
        assert!(read!(store, tx => plans::list_unplanned(tx, stranger(), 9)).is_empty());

        let approved_anew = CandidateState::AwaitingRevocation { approval: approval_id(9), manual: false, partly: None };
        step(store, 1, &approved_anew, due(now())).await?;
        assert_eq!(unplanned(9).await?, [1, 2, 3], "a plan covers the approval it was made for (H7)");
        let covered = read!(store, tx => plans::find_applied_item(tx, tenant(), candidate_id(1), approval_id(9)));
        assert!(covered.is_none());
    }
}

conformance! {
    async fn a_later_plan_covers_a_candidate_before_an_earlier_one(store) {
        for number in 1..=2 {
            let mut covered = item(1);
            covered.item_id = id(100 + number);
            let made = plan(number, vec![covered]);
            write!(store, tx => plans::insert_plan(tx, tenant(), &made));
            let moment = now().plus_seconds(i64::try_from(number)?);
            write!(store, tx => plans::mark_applied(tx, tenant(), made.id, moment));
        }
        let (plan_id, _) =
            read!(store, tx => plans::find_applied_item(tx, tenant(), candidate_id(1), approval_id(1))).expect("covered");
        assert_eq!(plan_id, id::<PlanId>(2));
    }
}

conformance! {
    async fn plans_are_listed_newest_first_page_by_page(store) {
        for number in 1..=5 {
            write!(store, tx => plans::insert_plan(tx, tenant(), &plan(number, vec![])));
        }
        let first = read!(store, tx => read::plans::list_plans(tx, tenant(), None, 3));
        let second = read!(store, tx => read::plans::list_plans(tx, tenant(), first.next.as_ref(), 3));
        let ids: Vec<_> = first.items.iter().chain(&second.items).map(|it| it.id).collect();
        assert_eq!(ids, [5, 4, 3, 2, 1].map(id::<PlanId>));
        assert!(second.next.is_none());
        assert_eq!((first.items[0].origin.as_str(), first.items[0].item_count), ("automatic", 0));
    }
}

conformance! {
    async fn another_tenant_sees_no_plan(store) {
        let made = plan(1, vec![item(1)]);
        write!(store, tx => plans::insert_plan(tx, tenant(), &made));
        write!(store, tx => plans::mark_applied(tx, tenant(), made.id, now()));
        assert!(read!(store, tx => plans::find_plan(tx, stranger(), made.id)).is_none());
        assert!(read!(store, tx => plans::find_applied_item(tx, stranger(), candidate_id(1), approval_id(1))).is_none());
        assert!(read!(store, tx => read::plans::find_plan(tx, stranger(), made.id)).is_none());
        assert!(read!(store, tx => read::plans::list_plans(tx, stranger(), None, 9)).items.is_empty());
    }
}
