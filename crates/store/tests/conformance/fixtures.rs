//! People, seats, findings and candidates in as few words as a story needs.

use std::collections::{BTreeMap, BTreeSet};

use reseat_domain::candidate::CandidateState;
use reseat_domain::detect::{FindingKind, Verdict};
use reseat_domain::directory::{HeldSeat, LicenseState, OpenWord, Path, Person, Service, Sku, SkuPlan, UserType, Via};
use reseat_domain::ids::{
    AccountId, ApprovalId, CandidateId, FindingId, GroupId, IntentId, RuleId, SeatKey, ServicePlanId, SkuId, TenantId,
    UserId,
};
use reseat_domain::money::{PaymentFrequency, Price};
use reseat_domain::plan::{Fingerprint, IntentState, PlanItemKind, Write};
use reseat_domain::role::Role;
use reseat_domain::rule::{Justification, Rule, UseSignals};
use reseat_domain::time::{Day, Timestamp};
use reseat_domain::usage_report::UsageReport;
use reseat_store::candidates::{self, Candidate, Move};
use reseat_store::findings::{self, NewFinding};
use reseat_store::installation::Account;
use reseat_store::intents::Intent;
use reseat_store::rounds::ReportRow;
use reseat_store::skus::NamedSku;
use reseat_store::{Store, integration, rounds};
use uuid::Uuid;

use crate::engines::{read, write};

pub fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

pub fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

/// The moment a story begins.
pub fn now() -> Timestamp {
    at("2026-09-01T08:00:00Z")
}

fn guid(kind: u16, number: u64) -> Uuid {
    format!("{kind:08x}-0000-4000-8000-{number:012x}").parse().expect("a GUID")
}

pub fn tenant() -> TenantId {
    TenantId::from_uuid(guid(1, 1))
}

/// A tenant that nothing in a story belongs to.
pub fn stranger() -> TenantId {
    TenantId::from_uuid(guid(1, 2))
}

pub fn user(number: u64) -> UserId {
    UserId::from_uuid(guid(2, number))
}

pub fn sku(number: u64) -> SkuId {
    SkuId::from_uuid(guid(3, number))
}

pub fn seat(user_number: u64, sku_number: u64) -> SeatKey {
    SeatKey { user_id: user(user_number), sku_id: sku(sku_number) }
}

pub fn group(number: u64) -> GroupId {
    GroupId::from_uuid(guid(4, number))
}

pub fn candidate_id(number: u64) -> CandidateId {
    CandidateId::from_uuid(guid(5, number))
}

pub fn account_id(number: u64) -> AccountId {
    AccountId::from_uuid(guid(6, number))
}

pub fn approval_id(number: u64) -> ApprovalId {
    ApprovalId::from_uuid(guid(7, number))
}

pub fn intent_id(number: u64) -> IntentId {
    IntentId::from_uuid(guid(8, number))
}

pub fn rule_id() -> RuleId {
    RuleId::from_uuid(guid(9, 1))
}

/// Any further id.
pub fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(number: u64) -> T {
    guid(10, number).to_string().parse().expect("a GUID")
}

pub fn path(via: Via) -> Path {
    Path {
        via,
        disabled_plans: BTreeSet::new(),
        state: OpenWord("Active".to_owned()),
        last_updated: Some(at("2025-01-01T00:00:00Z")),
    }
}

pub fn direct(sku_number: u64) -> HeldSeat {
    HeldSeat { sku_id: sku(sku_number), paths: vec![path(Via::Direct)] }
}

pub fn through(sku_number: u64, group_number: u64) -> HeldSeat {
    HeldSeat { sku_id: sku(sku_number), paths: vec![path(Via::Group { group_id: group(group_number) })] }
}

pub fn person(number: u64, name: &str, seats: Vec<HeldSeat>) -> Person {
    let first = name.split(' ').next().unwrap_or(name).to_lowercase();
    Person {
        user_id: user(number),
        display_name: name.to_owned(),
        user_principal_name: format!("{first}@contoso.example"),
        mail: Some(format!("{first}.{number}@contoso.example")),
        department: Some("Sales".to_owned()),
        account_enabled: true,
        user_type: UserType::Member,
        created_at: Some(at("2020-05-01T00:00:00Z")),
        usage_location: Some("DE".to_owned()),
        manager: None,
        seats,
    }
}

/// Sets the tenant up and publishes these people.
pub async fn publish(store: &Store, people: &[Person]) -> anyhow::Result<()> {
    publish_at(store, people, now()).await
}

pub async fn publish_at(store: &Store, people: &[Person], moment: Timestamp) -> anyhow::Result<()> {
    write!(store, tx => integration::insert_tenant(tx, tenant(), "Contoso", None, now()));
    write!(store, tx => rounds::put_people_aside(tx, tenant(), people));
    let known = read!(store, tx => rounds::list_user_ids(tx, tenant(), None, 1_000));
    let gone: Vec<_> = known.into_iter().filter(|id| people.iter().all(|person| person.user_id != *id)).collect();
    write!(store, tx => rounds::put_gone_aside(tx, tenant(), &gone));
    write!(store, tx => rounds::publish_people(tx, tenant(), moment));
    Ok(())
}

pub fn rule() -> Rule {
    Rule::reseat_preset(rule_id(), UseSignals::SignInAndServices)
}

pub fn verdict(kind: FindingKind, justifications: &[Justification], idle_days: Option<i64>) -> Verdict {
    Verdict {
        kind,
        justifications: justifications.to_vec(),
        missing: Vec::new(),
        evidence: Vec::new(),
        idle_days,
        last_activity: idle_days.map(|_| day("2026-03-01")),
    }
}

pub fn idle(days: i64) -> Verdict {
    verdict(FindingKind::Idle, &[Justification::Inactive], Some(days))
}

/// Keeps a finding about each seat; the finding's number is its place in the list, from 1.
pub async fn find(store: &Store, found: &[(SeatKey, Verdict)]) -> anyhow::Result<()> {
    let findings: Vec<NewFinding> = found
        .iter()
        .zip(1..)
        .map(|((seat, verdict), number)| NewFinding {
            id: id::<FindingId>(number),
            seat: *seat,
            account_enabled: true,
            verdict: verdict.clone(),
        })
        .collect();
    write!(store, tx => findings::upsert_findings(tx, tenant(), &rule(), &findings, now()));
    Ok(())
}

pub fn candidate(number: u64, seat: SeatKey) -> Candidate {
    Candidate {
        id: candidate_id(number),
        number: 0,
        seat,
        state: CandidateState::Ready,
        justification: Justification::Inactive,
        verdict: idle(120),
        rule_id: rule_id().to_string(),
        rule_version: 1,
        fingerprint: Fingerprint::from_text("as it was"),
        bulk: false,
        proposed_by: None,
        last_activity: Some(day("2026-03-01")),
        annual: monthly("39.00").annual(1, None),
        opened_at: now(),
        next_due_at: None,
        epoch: 0,
        version: 1,
    }
}

/// Opens a candidate and gives it as it is kept.
pub async fn open(store: &Store, number: u64, seat: SeatKey) -> anyhow::Result<Candidate> {
    write!(store, tx => candidates::insert_candidate(tx, tenant(), &candidate(number, seat), None));
    kept(store, number).await
}

pub async fn kept(store: &Store, number: u64) -> anyhow::Result<Candidate> {
    let mut tx = store.read().await?;
    let found = candidates::find_candidate(&mut tx, tenant(), candidate_id(number)).await?;
    found.ok_or_else(|| anyhow::anyhow!("no candidate {number}"))
}

/// Moves a candidate and gives it as it is kept then.
pub async fn step(store: &Store, number: u64, next: &CandidateState, change: Move) -> anyhow::Result<Candidate> {
    let read = kept(store, number).await?;
    write!(store, tx => candidates::update_candidate(tx, tenant(), &read, next, &change, now()));
    kept(store, number).await
}

pub fn due(moment: Timestamp) -> Move {
    Move { next_due_at: Some(moment), ..Move::default() }
}

pub fn awaiting_revocation() -> CandidateState {
    CandidateState::AwaitingRevocation { approval: approval_id(1), manual: false, partly: None }
}

pub fn monthly(amount: &str) -> Price {
    Price::parse(amount, "EUR", PaymentFrequency::Monthly).expect("a price")
}

pub fn named_sku(number: u64, name: &str, units: i64) -> NamedSku {
    let plan = |plan_number, plan_name: &str| SkuPlan {
        plan_id: ServicePlanId::from_uuid(guid(11, plan_number)),
        name: plan_name.to_owned(),
    };
    NamedSku {
        sku: Sku {
            sku_id: sku(number),
            part_number: format!("PART_{number}"),
            assignable_to_people: true,
            capability_status: OpenWord("Enabled".to_owned()),
            enabled_units: units,
            warning_units: 0,
            suspended_units: 0,
            consumed_units: 2,
            plans: vec![plan(1, "EXCHANGE_S_ENTERPRISE"), plan(2, "TEAMS1")],
        },
        name: name.to_owned(),
    }
}

/// The services that [`named_sku`] gives.
pub fn services() -> Vec<Service> {
    vec![Service::Exchange, Service::Teams]
}

pub fn account(number: u64, name: &str, roles: &[Role]) -> Account {
    Account {
        id: account_id(number),
        name: name.to_owned(),
        password_hash: Some("$argon2id$".to_owned()),
        roles: roles.iter().copied().collect(),
        tenant_id: None,
        user_id: None,
        enabled: true,
        created_at: now().plus_seconds(i64::try_from(number).expect("a small number")),
        version: 1,
    }
}

pub fn intent(number: u64, candidate_number: u64, seat: SeatKey) -> Intent {
    Intent {
        id: intent_id(number),
        candidate_id: candidate_id(candidate_number),
        approval_id: approval_id(1),
        run_id: None,
        kind: PlanItemKind::Remove,
        seat,
        write: Write::RemoveLicense { user_id: seat.user_id, sku_id: seat.sku_id },
        before: LicenseState {
            user_id: seat.user_id,
            account_enabled: true,
            usage_location: Some("DE".to_owned()),
            assigned: [(seat.sku_id, BTreeSet::new())].into(),
            paths: [(seat.sku_id, vec![path(Via::Direct)])].into(),
            groups: None,
        },
        fingerprint: Fingerprint::from_text("as it was"),
        state: IntentState::Intended,
        client_request_id: guid(12, number),
        sends: 0,
        agreeing_reads: 0,
        last_reading: None,
        last_read_at: None,
        created_at: now(),
        outcome_at: None,
        evidence_age_seconds: Some(60),
    }
}

/// A whole active-user report, published.
pub async fn active_users(
    store: &Store,
    refreshed: &str,
    rows: &BTreeMap<UserId, BTreeMap<Service, Day>>,
    published: Timestamp,
) -> anyhow::Result<()> {
    let row = |days: &BTreeMap<Service, Day>| ReportRow { by_service: days.clone(), ..ReportRow::default() };
    let rows = rows.iter().map(|(user_id, days)| (*user_id, row(days))).collect();
    let report = UsageReport::ActiveUsers;
    write!(store, tx => rounds::put_report_aside(tx, tenant(), report, &rows, published));
    write!(store, tx => rounds::publish_report(tx, tenant(), report, day(refreshed), published));
    Ok(())
}
