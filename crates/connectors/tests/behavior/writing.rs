//! What is said of a write, next to what really happened. The simulator's journal is the judge.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use reseat_connectors::graph::{GraphReader, GraphWriter};
use reseat_connectors::{ConnectorError, DirectoryReader, LicenseWriter, Refusal, WriteOutcome};
use reseat_domain::directory::{LicenseState, Person, Sku};
use reseat_domain::ids::{ServicePlanId, SkuId, UserId};
use reseat_domain::plan::{Write, undo_writes};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::tenant::{Tenant, direct_holder, everybody, fault};

const DEADLINE: Duration = Duration::from_secs(10);
const ASSIGN: &str = "POST /users/{id}/assignLicense";

async fn send(writer: &GraphWriter, write: &Write) -> WriteOutcome {
    writer.write(write, Uuid::new_v4(), DEADLINE).await
}

fn removal((user_id, sku_id): (UserId, SkuId)) -> Write {
    Write::RemoveLicense { user_id, sku_id }
}

/// The removals that really happened, by person and sku.
async fn removals(tenant: &Tenant) -> Vec<(String, String)> {
    let text = |effect: &Value, name: &str| effect[name].as_str().unwrap_or_default().to_owned();
    let journal = tenant.journal().await;
    let removed = journal.iter().filter(|effect| effect["kind"] == "license_removed");
    removed.map(|effect| (text(effect, "user_id"), text(effect, "sku_id"))).collect()
}

fn as_text((user_id, sku_id): (UserId, SkuId)) -> (String, String) {
    (user_id.to_string(), sku_id.to_string())
}

#[tokio::test]
async fn an_accepted_removal_happened_once_and_nothing_else_did() {
    let tenant = Tenant::small();
    let seat = direct_holder(&tenant.reader()).await;
    let outcome = send(&tenant.writer(), &removal(seat)).await;
    let WriteOutcome::Accepted { request_id: Some(request_id) } = outcome else { panic!("{outcome:?}") };
    let journal = tenant.journal().await;
    assert_eq!(journal.len(), 1, "{journal:?}");
    assert_eq!(journal[0]["request_id"], json!(request_id));
    assert_eq!(removals(&tenant).await, [as_text(seat)]);
    assert_eq!(tenant.requests(ASSIGN).await, 1);
}

/// Plants a fault for the one write, sends it, and gives the outcome and whether the seat is gone.
async fn disturbed(name: &str, seed: u64) -> (WriteOutcome, bool) {
    let tenant = Tenant::small();
    let seat = direct_holder(&tenant.reader()).await;
    tenant.plant(&fault(name, "assignLicense", 1, seed)).await;
    let outcome = send(&tenant.writer(), &removal(seat)).await;
    assert_eq!(tenant.bitten().await, 1, "{name} bit");
    let happened = removals(&tenant).await;
    assert!(happened.is_empty() || happened == [as_text(seat)], "{name}: {happened:?}");
    (outcome, !happened.is_empty())
}

fn is_unknown(outcome: &WriteOutcome) -> bool {
    matches!(outcome, WriteOutcome::Unknown { .. })
}

#[tokio::test]
async fn what_went_wrong_after_the_effect_is_unknown_and_happened() {
    for (name, seed) in [
        ("5xx-after-effect", 1),
        ("5xx-after-effect", 2),
        ("5xx-after-effect", 3),
        ("429-after-effect", 1),
        ("reset-after-effect", 1),
        ("truncated-answer", 1),
        ("truncated-answer", 2),
        ("truncated-answer", 3),
    ] {
        let (outcome, happened) = disturbed(name, seed).await;
        assert!(is_unknown(&outcome) && happened, "G5, G9 to G11: {name} {seed}: {outcome:?} {happened}");
    }
}

#[tokio::test]
async fn what_went_wrong_before_the_effect_is_unknown_too_and_nothing_happened() {
    for name in [
        "5xx-before-effect",
        "reset-before-first-byte",
        "html-from-proxy",
        "429-with-retry-after",
        "429-without-retry-after",
    ] {
        let (outcome, happened) = disturbed(name, 1).await;
        assert!(is_unknown(&outcome) && !happened, "G1, G2, G9, G10, G17: {name}: {outcome:?} {happened}");
    }
}

#[tokio::test]
async fn a_write_that_takes_too_long_is_unknown_at_its_deadline() {
    let tenant = Tenant::small();
    let seat = direct_holder(&tenant.reader()).await;
    tenant.plant(&json!({ "fault": "slow", "path_contains": "assignLicense", "delay_ms": 20_000 })).await;
    let begun = Instant::now();
    let outcome = tenant.writer().write(&removal(seat), Uuid::new_v4(), Duration::from_millis(800)).await;
    assert!(is_unknown(&outcome), "G20: {outcome:?}");
    assert!(begun.elapsed() < Duration::from_secs(8), "the deadline holds: {:?}", begun.elapsed());
    assert_eq!(tenant.requests(ASSIGN).await, 1, "it was not sent again");
    assert_eq!(removals(&tenant).await, [as_text(seat)], "and it happened");
}

#[tokio::test]
async fn after_a_429_no_write_is_sent_until_the_wait_is_over() {
    let tenant = Tenant::small();
    let seat = direct_holder(&tenant.reader()).await;
    let writer = tenant.writer();
    // It would bite every request that arrived.
    tenant.plant(&fault("429-without-retry-after", "assignLicense", 9, 1)).await;
    assert!(is_unknown(&send(&writer, &removal(seat)).await));
    let next = send(&writer, &removal(seat)).await;
    let WriteOutcome::NotSent { retry_after: Some(wait), .. } = next else { panic!("{next:?}") };
    assert!(wait > Duration::from_secs(20) && wait <= Duration::from_secs(30), "{wait:?}");
    assert_eq!(tenant.bitten().await, 1, "not one byte more");
    assert!(removals(&tenant).await.is_empty());
}

#[tokio::test]
async fn a_token_that_died_is_not_sent_and_the_next_write_has_a_new_one() {
    let tenant = Tenant::small();
    let seat = direct_holder(&tenant.reader()).await;
    let writer = tenant.writer();
    tenant.plant(&fault("token-expired", "assignLicense", 1, 1)).await;
    let refused = send(&writer, &removal(seat)).await;
    assert!(matches!(refused, WriteOutcome::NotSent { .. }), "G12: {refused:?}");
    assert!(removals(&tenant).await.is_empty(), "a write is never repeated by itself");
    assert!(matches!(send(&writer, &removal(seat)).await, WriteOutcome::Accepted { .. }));
}

#[tokio::test]
async fn a_revoked_app_sends_nothing_and_asks_for_a_long_pause() {
    let tenant = Tenant::small();
    let seat = direct_holder(&tenant.reader()).await;
    let writer = tenant.writer();
    tenant.plant(&fault("token-revoked", "", 1_000, 1)).await;
    for _ in 0..3 {
        let outcome = send(&writer, &removal(seat)).await;
        let WriteOutcome::NotSent { why, retry_after } = outcome else { panic!("G13: {outcome:?}") };
        assert!(
            why.contains("secret has expired") && retry_after >= Some(Duration::from_secs(60)),
            "{why} {retry_after:?}"
        );
    }
    assert!(removals(&tenant).await.is_empty());
}

#[tokio::test]
async fn a_host_that_is_not_there_got_nothing() {
    let mut tenant = Tenant::small();
    let seat = direct_holder(&tenant.reader()).await;
    let writer = tenant.writer();
    let held = removal(seat);
    // A token is fetched while it is there, so that it is the write which finds nobody.
    tenant.plant(&fault("403-on-one", "assignLicense", 1, 1)).await;
    assert!(matches!(send(&writer, &held).await, WriteOutcome::Refused { .. }));
    tenant.vanish();
    let outcome = send(&writer, &held).await;
    assert!(matches!(outcome, WriteOutcome::NotSent { retry_after: None, .. }), "G10: {outcome:?}");
}

async fn refusal(tenant: &Tenant, write: &Write) -> Refusal {
    let before = tenant.journal().await.len();
    let outcome = send(&tenant.writer(), write).await;
    let WriteOutcome::Refused { reason, message, raw, request_id } = outcome else { panic!("{outcome:?}") };
    assert!(raw.contains("\"error\"") && !message.is_empty() && request_id.is_some(), "the evidence is kept");
    assert_eq!(tenant.journal().await.len(), before, "nothing changed");
    reason
}

async fn people_and_skus(reader: &GraphReader) -> Result<(Vec<Person>, Vec<Sku>), ConnectorError> {
    Ok((everybody(reader).await?, reader.skus().await?))
}

#[tokio::test]
async fn each_refusal_has_its_reason() {
    let tenant = Tenant::start(&["--users", "400"]);
    let (people, skus) = people_and_skus(&tenant.reader()).await.expect("the tenant");
    let inherited = people.iter().find_map(|person| {
        let seat = person.seats.iter().find(|seat| seat.direct().is_none() && seat.groups().count() > 0)?;
        Some((person.user_id, seat.sku_id))
    });
    assert_eq!(refusal(&tenant, &removal(inherited.expect("somebody inherits"))).await, Refusal::Inherited, "G27");

    let (user_id, sku_id) = direct_holder(&tenant.reader()).await;
    let other = skus.iter().find(|sku| sku.assignable_to_people && sku.sku_id != sku_id).expect("another sku").sku_id;
    assert_eq!(refusal(&tenant, &removal((user_id, other))).await, Refusal::NotHeld, "G38");
    let foreign = SkuId::from_uuid(Uuid::from_u128(7));
    assert_eq!(refusal(&tenant, &removal((user_id, foreign))).await, Refusal::NotCompanySku, "G39");
    let stranger = UserId::from_uuid(Uuid::from_u128(7));
    assert_eq!(refusal(&tenant, &removal((stranger, sku_id))).await, Refusal::UserNotFound, "G34");

    let without_location = people.iter().find(|person| person.usage_location.is_none()).expect("somebody without");
    let assign = Write::AssignLicense { user_id: without_location.user_id, sku_id, disabled_plans: BTreeSet::new() };
    assert_eq!(refusal(&tenant, &assign).await, Refusal::UsageLocation, "G31");
    let company = skus.iter().find(|sku| !sku.assignable_to_people).expect("a company-wide sku").sku_id;
    let assign = Write::AssignLicense { user_id, sku_id: company, disabled_plans: BTreeSet::new() };
    assert_eq!(refusal(&tenant, &assign).await, Refusal::CompanyWide, "4.1");
    let plan = ServicePlanId::from_uuid(Uuid::from_u128(7));
    let assign = Write::AssignLicense { user_id, sku_id, disabled_plans: [plan].into() };
    assert_eq!(refusal(&tenant, &assign).await, Refusal::Other, "4.1: a text nobody knows is no success");
}

#[tokio::test]
async fn an_account_that_microsoft_protects_and_an_app_without_the_right_are_forbidden() {
    let tenant = Tenant::small();
    let seat = direct_holder(&tenant.reader()).await;
    tenant.plant(&fault("403-on-one", "assignLicense", 1, 1)).await;
    assert_eq!(refusal(&tenant, &removal(seat)).await, Refusal::Forbidden, "G14");
    let powerless =
        GraphWriter::new(tenant.cloud(), tenant.id(), tenant.credentials("reader"), None).expect("a writer");
    let outcome = send(&powerless, &removal(seat)).await;
    assert!(matches!(outcome, WriteOutcome::Refused { reason: Refusal::Forbidden, .. }), "G15: {outcome:?}");
    assert!(tenant.journal().await.is_empty());
}

#[tokio::test]
async fn without_a_free_seat_nothing_is_given() {
    let tenant = Tenant::start(&["--users", "400"]);
    let (people, skus) = people_and_skus(&tenant.reader()).await.expect("the tenant");
    let scarce = skus.iter().filter(|sku| sku.assignable_to_people).min_by_key(|sku| sku.free()).expect("a sku");
    let writer = tenant.writer();
    let takers = people.iter().filter(|person| {
        person.usage_location.is_some() && person.seats.iter().all(|seat| seat.sku_id != scarce.sku_id)
    });
    // Fills every free seat; some takers cannot hold this sku beside what they have.
    for person in takers {
        let write =
            Write::AssignLicense { user_id: person.user_id, sku_id: scarce.sku_id, disabled_plans: BTreeSet::new() };
        match send(&writer, &write).await {
            WriteOutcome::Accepted { .. } => {}
            WriteOutcome::Refused { reason: Refusal::Exclusive | Refusal::Dependency { .. }, .. } => {}
            WriteOutcome::Refused { reason: Refusal::NoSeats, message, .. } => {
                assert!(message.contains(&scarce.sku_id.to_string()), "G44: {message}");
                return;
            }
            other => panic!("{other:?}"),
        }
    }
    panic!("{} never ran out of seats", scarce.part_number);
}

#[tokio::test]
async fn a_restore_gives_back_exactly_what_was_held() {
    let tenant = Tenant::small();
    let reader = tenant.reader();
    tenant.set(&json!({ "read_lag_ms": 0 })).await;
    let (user_id, sku_id) = direct_holder(&reader).await;
    let sku = reader.skus().await.expect("skus").into_iter().find(|sku| sku.sku_id == sku_id).expect("the sku");
    // Company-wide plans cannot be switched off, so it is a plan near the front.
    let off = json!([sku.plans[0].plan_id]);
    tenant.patch(user_id, &json!({ "licenses": [{ "sku_id": sku_id, "disabled_plans": off }] })).await;
    let before: LicenseState = reader.license_state(user_id).await.expect("read").expect("there");
    assert_eq!(before.assigned[&sku_id].len(), 1);

    let writer = tenant.writer();
    assert!(matches!(send(&writer, &removal((user_id, sku_id))).await, WriteOutcome::Accepted { .. }));
    let gone = reader.license_state(user_id).await.expect("read").expect("there");
    assert_eq!(gone.seat(sku_id), None);
    let taken = removal((user_id, sku_id));
    let restore = undo_writes(&before, std::iter::once(&taken)).expect("it was held directly").remove(0);
    assert!(matches!(send(&writer, &restore).await, WriteOutcome::Accepted { .. }));
    let after = reader.license_state(user_id).await.expect("read").expect("there");
    assert_eq!(after.assigned, before.assigned, "the same plans are off");
}
