//! Every usage report as a tenant gives it, and what the tenant bought and hands on through groups.

use std::collections::{BTreeMap, BTreeSet};

use reseat_connectors::graph::GraphReader;
use reseat_connectors::{ConnectorError, DirectoryReader, ReportEnd, ReportPeriod, UsageRow, read_whole_report};
use reseat_domain::ids::SkuId;
use reseat_domain::usage_report::UsageReport;
use serde_json::json;

use crate::tenant::{Tenant, everybody, fault};

/// What the simulator offers; the others it answers as a national cloud does.
const OFFERED: [UsageReport; 8] = [
    UsageReport::ActiveUsers,
    UsageReport::Email,
    UsageReport::Mailboxes,
    UsageReport::Teams,
    UsageReport::OneDrive,
    UsageReport::Apps,
    UsageReport::Activations,
    UsageReport::Copilot,
];

async fn read(reader: &GraphReader, report: UsageReport) -> Result<(Vec<UsageRow>, ReportEnd), ConnectorError> {
    read_whole_report(reader, report, ReportPeriod::D180).await
}

#[tokio::test]
async fn each_report_comes_through_the_redirect_and_names_people() {
    let tenant = Tenant::start(&["--users", "600"]);
    let reader = tenant.reader();
    let people = everybody(&reader).await.expect("the listing");
    let names: BTreeSet<String> = people.iter().map(|person| person.user_principal_name.to_lowercase()).collect();
    for mark in [true, false] {
        tenant.set(&json!({ "report_bom": mark })).await;
        for report in OFFERED {
            let (rows, end) = read(&reader, report).await.unwrap_or_else(|error| panic!("{report}: {error}"));
            assert!(!end.concealed && end.problems.is_empty(), "5.2: {report} {:?}", end.problems);
            assert!(rows.len() > 5 && end.rows == rows.len() as u64, "5.2: {report}");
            assert!(rows.iter().all(|row| names.contains(&row.user_principal_name.to_lowercase())), "{report}");
            let days = rows.iter().flat_map(|row| row.by_service.values().copied().chain(row.last));
            assert!(days.clone().count() > 0 && days.clone().all(|day| day <= end.refreshed), "5.2: {report}");
        }
    }
    assert_eq!(reader.names_concealed().await, Ok(false));
}

#[tokio::test]
async fn a_report_says_beside_the_last_day_what_only_it_knows() {
    let tenant = Tenant::start(&["--users", "600"]);
    let reader = tenant.reader();
    let ids: BTreeSet<_> = everybody(&reader).await.expect("the listing").iter().map(|person| person.user_id).collect();
    let (teams, _) = read(&reader, UsageReport::Teams).await.expect("a report");
    assert!(teams.iter().all(|row| row.user_id.is_some_and(|id| ids.contains(&id))), "5.1: the id, where present");
    let (mailboxes, _) = read(&reader, UsageReport::Mailboxes).await.expect("a report");
    assert!(mailboxes.iter().all(|row| row.details.storage_bytes.is_some() && row.details.has_archive.is_some()));
    let (activations, _) = read(&reader, UsageReport::Activations).await.expect("a report");
    let products: BTreeSet<_> = activations.iter().flat_map(|row| row.details.products.keys()).collect();
    assert!(products.len() > 1, "5.2: one row for each product: {products:?}");
    let (apps, _) = read(&reader, UsageReport::Apps).await.expect("a report");
    assert_eq!(apps.iter().map(|row| row.details.desktop).collect::<BTreeSet<_>>().len(), 2, "5.4");
}

#[tokio::test]
async fn a_report_that_is_not_offered_is_told_from_one_that_may_not_be_read() {
    let tenant = Tenant::small();
    for &report in UsageReport::ALL.iter().filter(|report| !OFFERED.contains(report)) {
        assert_eq!(read(&tenant.reader(), report).await.err(), Some(ConnectorError::NotFound), "5.1, F37: {report}");
    }
    tenant.set(&json!({ "refuse_reports": true })).await;
    let missing = ConnectorError::MissingPermission { scope: "Reports.Read.All".to_owned() };
    for report in OFFERED {
        assert_eq!(read(&tenant.reader(), report).await.err(), Some(missing.clone()), "1.7: {report}");
    }
}

#[tokio::test]
async fn concealed_names_are_seen_by_the_switch_and_by_their_shape_in_every_report() {
    let tenant = Tenant::start(&["--users", "600"]);
    tenant.set(&json!({ "conceal_names": true })).await;
    let reader = tenant.reader();
    assert_eq!(reader.names_concealed().await, Ok(true), "U1, 9#25");
    for report in OFFERED {
        assert!(read(&reader, report).await.expect("a report").1.concealed, "U2: the shape alone tells: {report}");
    }
}

#[tokio::test]
async fn an_address_that_ran_out_is_asked_for_again() {
    let tenant = Tenant::start(&["--users", "200"]);
    let reader = tenant.reader();
    let whole = read(&reader, UsageReport::Email).await.expect("a report").0.len();
    for name in ["5xx-before-effect", "reset-before-first-byte", "html-from-proxy", "truncated-answer"] {
        tenant.plant(&fault(name, "/data/download", 1, 3)).await;
        let rows = read(&reader, UsageReport::Email).await.unwrap_or_else(|error| panic!("{name}: {error}")).0;
        assert_eq!(rows.len(), whole, "5.1: {name}");
        tenant.clear_faults().await;
    }
}

#[tokio::test]
async fn what_microsoft_changes_in_its_reports_changes_nothing_for_us() {
    let tenant = Tenant::start(&["--users", "300"]);
    let reader = tenant.reader();
    let mut plain = BTreeMap::new();
    for report in OFFERED {
        plain.insert(report, read(&reader, report).await.expect("a report").0);
    }
    let changes = ["report_days_as_moments", "mailbox_recipient_type", "mailbox_short", "copilot_v2"];
    for change in changes {
        tenant.set(&json!({ change: true })).await;
        for report in OFFERED {
            let (rows, end) = read(&reader, report).await.unwrap_or_else(|error| panic!("{change}: {report}: {error}"));
            assert!(end.problems.is_empty(), "5.1, 9#23, 9#39: {change}: {report} {:?}", end.problems);
            let days =
                |rows: &[UsageRow]| rows.iter().map(|row| (row.by_service.clone(), row.last)).collect::<Vec<_>>();
            assert_eq!(days(&rows), days(&plain[&report]), "F37: {change}: {report}");
        }
        tenant.set(&json!({ change: false })).await;
    }
}

#[tokio::test]
async fn each_report_has_its_own_share_of_requests() {
    let tenant = Tenant::start(&["--users", "40", "--throttle", "on"]);
    let reader = tenant.reader_with(reseat_connectors::graph::Patience { tries: 1, ..crate::tenant::QUICK });
    let mut allowed = 0;
    let refused = loop {
        match read(&reader, UsageReport::Teams).await {
            Ok(_) => allowed += 1,
            Err(error) => break error,
        }
        assert!(allowed < 40, "6.1: 14 in ten minutes");
    };
    assert!(matches!(refused, ConnectorError::Throttled { .. }), "6.1: {refused}");
    assert_eq!(allowed, 14, "6.1");
    assert!(read(&reader, UsageReport::Email).await.is_ok(), "6.1: counted by function");
}

#[tokio::test]
async fn purchases_join_the_license_types_and_say_until_when() {
    let tenant = Tenant::start(&["--users", "100"]);
    let reader = tenant.reader();
    let skus: BTreeMap<SkuId, _> =
        reader.skus().await.expect("skus").into_iter().map(|sku| (sku.sku_id, sku)).collect();
    let bought = reader.subscriptions().await.expect("subscriptions");
    assert!(bought.iter().all(|one| skus.contains_key(&one.sku_id)), "3.2");
    assert!(bought.iter().any(|one| one.next_lifecycle_at > one.created_at), "3.2: until when");
    assert!(bought.iter().any(|one| one.next_lifecycle_at.is_none()), "3.2: some do not say");
    for (sku_id, sku) in skus {
        let total: i64 = bought.iter().filter(|one| one.sku_id == sku_id).map(|one| one.total_units).sum();
        assert_eq!(total, sku.purchased(), "3.2: {}", sku.part_number);
    }
}

#[tokio::test]
async fn licensed_groups_come_with_their_kind_their_rule_and_what_they_give() {
    let tenant = Tenant::start(&["--world", "group_licensed"]);
    let reader = tenant.reader();
    let groups = reader.groups_with_licenses().await.expect("groups");
    let kinds: BTreeSet<String> = groups.iter().map(|read| read.group.kind_words()).collect();
    assert_eq!(kinds.len(), 6, "4.4: {kinds:?}");
    assert!(groups.iter().all(|read| !read.licenses.is_empty()), "2.6");
    assert!(groups.iter().all(|read| read.group.dynamic == read.membership_rule.is_some()), "4.4");
    let gives: BTreeMap<_, BTreeSet<SkuId>> = groups
        .iter()
        .map(|read| (read.group.group_id, read.licenses.iter().map(|license| license.sku_id).collect()))
        .collect();
    for person in everybody(&reader).await.expect("the listing") {
        for seat in &person.seats {
            for group_id in seat.groups() {
                assert!(gives.get(&group_id).is_some_and(|skus| skus.contains(&seat.sku_id)), "4.4: {group_id}");
            }
        }
    }
}
