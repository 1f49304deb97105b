//! Memberships of groups: taken away and given by reference, refused where Graph refuses, and read whole.

use std::collections::BTreeSet;
use std::time::Duration;

use reseat_connectors::{DirectoryReader, LicenseWriter, Refusal, WriteOutcome};
use reseat_domain::ids::{GroupId, UserId};
use reseat_domain::plan::{GroupKind, GroupTerms, Write};
use serde_json::json;
use uuid::Uuid;

use crate::tenant::{Tenant, everybody, fault};

const DEADLINE: Duration = Duration::from_secs(10);

fn grouped() -> Tenant {
    Tenant::start(&["--world", "group_licensed", "--users", "1200", "--seed", "3"])
}

async fn send(tenant: &Tenant, write: &Write) -> WriteOutcome {
    tenant.writer().write(write, Uuid::new_v4(), DEADLINE).await
}

/// Somebody who has a license through a group of that kind, and the group's terms.
async fn member(tenant: &Tenant, kind: GroupKind) -> (UserId, GroupTerms) {
    let reader = tenant.reader();
    let mut seen: BTreeSet<GroupId> = BTreeSet::new();
    for person in everybody(&reader).await.expect("the listing") {
        for group_id in person.seats.iter().flat_map(|seat| seat.groups()) {
            if seen.insert(group_id) {
                let terms = reader.group_terms(group_id).await.expect("read").expect("there");
                if terms.kind == kind {
                    return (person.user_id, terms);
                }
            }
        }
    }
    panic!("nobody has a license through a {kind} group");
}

#[tokio::test]
async fn a_membership_is_removed_and_given_back_and_the_account_stays() {
    let tenant = grouped();
    let (user_id, group) = member(&tenant, GroupKind::Static).await;
    let group_id = group.group_id;
    let reader = tenant.reader();
    let before = reader.memberships(user_id).await.expect("read").expect("there");
    assert!(before.contains(&group_id) && !group.skus.is_empty());
    let accepted = |outcome: &WriteOutcome| matches!(outcome, WriteOutcome::Accepted { request_id: Some(_) });
    let left = send(&tenant, &Write::LeaveGroup { user_id, group_id }).await;
    assert!(accepted(&left), "4.4: {left:?}");
    let journal = tenant.journal().await;
    assert_eq!(journal[0]["kind"], "group_member_removed");
    assert!(journal.iter().all(|effect| effect["kind"] != "user_deleted"), "9#28");
    let without = reader.memberships(user_id).await.expect("read").expect("there");
    assert!(!without.contains(&group_id) && without.len() + 1 == before.len());
    let joined = send(&tenant, &Write::JoinGroup { user_id, group_id }).await;
    assert!(accepted(&joined), "{joined:?}");
    assert_eq!(reader.memberships(user_id).await.expect("read"), Some(before));
}

async fn refusal(tenant: &Tenant, write: &Write) -> Refusal {
    let before = tenant.journal().await.len();
    match send(tenant, write).await {
        WriteOutcome::Refused { reason, raw, message, .. } => {
            assert!(raw.contains("\"error\"") && !message.is_empty(), "the evidence is kept");
            assert_eq!(tenant.journal().await.len(), before, "nothing changed");
            reason
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_kind_of_group_refuses_in_its_own_words() {
    let tenant = grouped();
    for (kind, expected) in [
        (GroupKind::Dynamic, Refusal::DynamicGroup),
        (GroupKind::Synced, Refusal::SyncedGroup),
        (GroupKind::MailEnabled, Refusal::MailEnabledGroup),
        (GroupKind::RoleAssignable, Refusal::Forbidden),
    ] {
        let (user_id, group) = member(&tenant, kind).await;
        let write = Write::LeaveGroup { user_id, group_id: group.group_id };
        assert_eq!(refusal(&tenant, &write).await, expected, "4.4: {kind}");
    }
    tenant.set(&json!({ "dynamic_group_403": true })).await;
    let (user_id, group) = member(&tenant, GroupKind::Dynamic).await;
    let write = Write::LeaveGroup { user_id, group_id: group.group_id };
    assert_eq!(refusal(&tenant, &write).await, Refusal::Forbidden, "4.4: the other reading");
}

#[tokio::test]
async fn who_is_no_member_has_left_already_and_who_is_one_is_not_added_twice() {
    let tenant = grouped();
    let (user_id, group) = member(&tenant, GroupKind::Static).await;
    let group_id = group.group_id;
    assert_eq!(refusal(&tenant, &Write::JoinGroup { user_id, group_id }).await, Refusal::AlreadyMember);
    assert!(matches!(send(&tenant, &Write::LeaveGroup { user_id, group_id }).await, WriteOutcome::Accepted { .. }));
    assert_eq!(refusal(&tenant, &Write::LeaveGroup { user_id, group_id }).await, Refusal::NotAMember, "G37");
    let nowhere = GroupId::from_uuid(Uuid::from_u128(7));
    let write = Write::LeaveGroup { user_id, group_id: nowhere };
    assert_eq!(refusal(&tenant, &write).await, Refusal::NotAMember);
    assert_eq!(tenant.reader().group_terms(nowhere).await, Ok(None));
}

#[tokio::test]
async fn a_lost_answer_about_a_membership_is_unknown_and_never_sent_again() {
    for (name, happened) in [
        ("reset-after-effect", true),
        ("5xx-after-effect", true),
        ("5xx-before-effect", false),
        ("html-from-proxy", false),
    ] {
        let tenant = grouped();
        let (user_id, group) = member(&tenant, GroupKind::Static).await;
        tenant.plant(&fault(name, "/members/", 1, 1)).await;
        let outcome = send(&tenant, &Write::LeaveGroup { user_id, group_id: group.group_id }).await;
        assert!(matches!(outcome, WriteOutcome::Unknown { .. }), "I2, {name}: {outcome:?}");
        assert_eq!(tenant.bitten().await, 1, "{name}");
        let removed = tenant.journal().await.iter().filter(|effect| effect["kind"] == "group_member_removed").count();
        assert_eq!(removed, usize::from(happened), "{name}");
    }
}

#[tokio::test]
async fn reprocessing_tells_the_true_reason_and_needs_a_right_the_writer_does_not_have() {
    let tenant = grouped();
    let (user_id, _) = member(&tenant, GroupKind::Static).await;
    let refused = tenant.writer().reprocess(user_id, Uuid::new_v4(), DEADLINE).await;
    assert!(matches!(refused, WriteOutcome::Refused { reason: Refusal::Forbidden, .. }), "4.3: {refused:?}");
    let able =
        reseat_connectors::graph::GraphWriter::new(tenant.cloud(), tenant.id(), tenant.credentials("everything"), None)
            .expect("a writer");
    let outcome = able.reprocess(user_id, Uuid::new_v4(), DEADLINE).await;
    assert!(matches!(outcome, WriteOutcome::Accepted { .. }), "4.3: {outcome:?}");
    let changed = tenant.journal().await;
    assert!(changed.is_empty(), "nothing that was not decided: {changed:?}");
}
