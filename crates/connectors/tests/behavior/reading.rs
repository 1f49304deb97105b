//! What is read is what is true.

use std::collections::{BTreeMap, BTreeSet};

use reseat_connectors::graph::GraphReader;
use reseat_connectors::{ConnectorError, Cursor, DirectoryReader, ReportPeriod, read_whole_report};
use reseat_domain::activity::SignIn;
use reseat_domain::directory::Via;
use reseat_domain::ids::{GroupId, UserId};
use reseat_domain::usage_report::UsageReport;
use serde_json::json;
use uuid::Uuid;

use crate::tenant::{QUICK, Tenant, everybody, seats, true_paths};

#[tokio::test]
async fn a_whole_listing_is_the_whole_tenant() {
    let tenant = Tenant::start(&["--users", "2150", "--seed", "3"]);
    let people = everybody(&tenant.reader()).await.expect("the listing");
    assert_eq!(people.len(), tenant.number("users"));
    assert_eq!(people.iter().map(|person| person.user_id).collect::<BTreeSet<_>>().len(), people.len());
    assert_eq!(seats(&people), tenant.number("seats"));
    assert!(tenant.requests("GET /users").await >= 3, "several pages were read");
    let mut through_groups = 0;
    for person in people.iter().step_by(37) {
        let truth = tenant.truth(person.user_id).await;
        let read: BTreeMap<_, _> = person.seats.iter().map(|seat| (seat.sku_id, seat.paths.len())).collect();
        assert_eq!(read, true_paths(&truth), "{truth}");
        assert_eq!(json!(person.account_enabled), truth["account_enabled"]);
        assert_eq!(json!(person.manager), truth["manager_id"]);
        through_groups += person.seats.iter().flat_map(|seat| seat.groups()).count();
    }
    assert!(through_groups > 0, "the sample has seats held through groups");
}

#[tokio::test]
async fn one_person_is_read_as_in_the_listing_and_a_stranger_is_nobody() {
    let tenant = Tenant::start(&["--users", "200"]);
    let reader = tenant.reader();
    let people = everybody(&reader).await.expect("the listing");
    let person = people.iter().find(|person| person.seats.len() > 1).expect("somebody holds several");
    let state = reader.license_state(person.user_id).await.expect("read").expect("there");
    for seat in &person.seats {
        assert_eq!(state.seat(seat.sku_id).as_ref(), Some(seat));
    }
    assert_eq!(state.assigned.len(), person.seats.len());
    let stranger = UserId::from_uuid(Uuid::from_u128(42));
    assert_eq!(reader.license_state(stranger).await, Ok(None));
    assert_eq!(reader.sign_in(stranger).await, Ok(None));
}

async fn every_sign_in(reader: &GraphReader) -> BTreeMap<UserId, SignIn> {
    let mut found = BTreeMap::new();
    let mut cursor: Option<Cursor> = None;
    loop {
        let page = reader.sign_ins_page(cursor.as_ref()).await.expect("a page");
        found.extend(page.items);
        match page.next {
            Some(next) => cursor = Some(next),
            None => return found,
        }
    }
}

#[tokio::test]
async fn sign_in_dates_are_the_same_in_the_sweep_and_one_by_one() {
    let tenant = Tenant::start(&["--users", "1100", "--clock-rate", "0"]);
    let reader = tenant.reader();
    let swept = every_sign_in(&reader).await;
    assert_eq!(swept.len(), tenant.number("users"));
    assert!(swept.values().any(|dates| *dates == SignIn::default()), "somebody never signed in");
    assert!(swept.values().any(|dates| dates.last_successful.is_some()));
    for (user_id, dates) in swept.iter().step_by(61) {
        assert_eq!(reader.sign_in(*user_id).await, Ok(Some((*user_id, *dates))));
    }
}

#[tokio::test]
async fn a_tenant_that_refuses_larger_pages_of_sign_in_dates_is_read_in_the_documented_ones() {
    let tenant = Tenant::start(&["--users", "1100"]);
    tenant.set(&json!({ "refuse_large_sign_in_pages": true })).await;
    assert_eq!(every_sign_in(&tenant.reader()).await.len(), 1_100);
}

#[tokio::test]
async fn every_sku_that_is_held_is_a_sku_of_the_tenant() {
    let tenant = Tenant::start(&["--users", "300"]);
    let reader = tenant.reader();
    let skus: BTreeMap<_, _> = reader.skus().await.expect("skus").into_iter().map(|sku| (sku.sku_id, sku)).collect();
    assert!(skus.values().any(|sku| !sku.assignable_to_people), "a company-wide sku is there");
    assert!(skus.values().all(|sku| !sku.part_number.is_empty() && !sku.plans.is_empty()));
    let mut held: BTreeMap<_, i64> = BTreeMap::new();
    for seat in everybody(&reader).await.expect("the listing").iter().flat_map(|person| &person.seats) {
        *held.entry(seat.sku_id).or_default() += 1;
    }
    for (sku_id, count) in held {
        assert_eq!(skus[&sku_id].consumed_units, count, "{}", skus[&sku_id].part_number);
    }
}

#[tokio::test]
async fn groups_are_read_by_id_and_unreadable_ones_are_left_out() {
    let tenant = Tenant::start(&["--world", "group_licensed"]);
    let reader = tenant.reader();
    let people = everybody(&reader).await.expect("the listing");
    let mut ids: BTreeSet<GroupId> = BTreeSet::new();
    for path in people.iter().flat_map(|person| &person.seats).flat_map(|seat| &seat.paths) {
        if let Via::Group { group_id } = path.via {
            ids.insert(group_id);
        }
    }
    let stranger = GroupId::from_uuid(Uuid::from_u128(42));
    let asked: Vec<GroupId> = ids.iter().copied().chain([stranger]).collect();
    let groups = reader.groups(&asked).await.expect("groups");
    assert_eq!(groups.iter().map(|group| group.group_id).collect::<BTreeSet<_>>(), ids);
    assert!(groups.iter().all(|group| !group.display_name.is_empty()));
    assert!(groups.iter().map(|group| group.kind_words()).collect::<BTreeSet<_>>().len() > 1, "several kinds");
}

#[tokio::test]
async fn a_tenant_without_premium_says_so_and_people_are_read_all_the_same() {
    let tenant = Tenant::start(&["--users", "60"]);
    tenant.set(&json!({ "premium": false })).await;
    let reader = tenant.reader();
    assert_eq!(reader.sign_ins_page(None).await.err(), Some(ConnectorError::Premium), "9#4");
    let people = everybody(&reader).await.expect("the listing");
    assert_eq!(people.len(), 60);
    assert_eq!(reader.sign_in(people[0].user_id).await, Err(ConnectorError::Premium));
}

#[tokio::test]
async fn a_right_that_is_missing_is_named() {
    let consent = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(consent.path(), r#"{"reader": []}"#).expect("written");
    let path = consent.path().to_str().expect("a plain path");
    let tenant = Tenant::start(&["--users", "40", "--consent", path]);
    let reader = tenant.reader();
    let missing = |scope: &str| Some(ConnectorError::MissingPermission { scope: scope.to_owned() });
    assert_eq!(
        everybody(&reader).await.err(),
        missing("User.Read.All"),
        "a token without rights is given all the same"
    );
    assert_eq!(reader.sign_ins_page(None).await.err(), missing("AuditLog.Read.All"));
    assert_eq!(reader.skus().await.err(), missing("LicenseAssignment.Read.All"));
    assert_eq!(reader.names_concealed().await.err(), missing("ReportSettings.Read.All"), "the doubly encoded body");
    let report = read_whole_report(&reader, UsageReport::ActiveUsers, ReportPeriod::D7).await;
    assert_eq!(report.err(), missing("Reports.Read.All"));
    assert_eq!(reader.subscriptions().await.err(), missing("Organization.Read.All"));
    assert_eq!(reader.groups_with_licenses().await.map(|groups| groups.len()).err(), missing("Group.Read.All"));
    assert_eq!(reader.groups(&[GroupId::from_uuid(Uuid::from_u128(1))]).await.map(|groups| groups.len()), Ok(0));
}

#[tokio::test]
async fn https_is_believed_with_its_ca_file_only() {
    use reseat_connectors::graph::Cloud;

    let tenant = Tenant::start(&["--users", "50"]);
    let https = tenant.text("https_url");
    let cloud = || Cloud::custom(https, https).expect("https is allowed");
    let ca_file = std::path::Path::new(tenant.text("ca_file"));
    let reader = |ca: Option<&std::path::Path>| {
        GraphReader::new(cloud(), tenant.id(), tenant.credentials("reader"), ca)
            .map(|reader| reader.with_patience(QUICK))
    };
    let trusting = reader(Some(ca_file)).expect("a reader");
    assert_eq!(everybody(&trusting).await.expect("the listing").len(), 50);
    let report = read_whole_report(&trusting, UsageReport::ActiveUsers, ReportPeriod::D180).await;
    assert!(!report.expect("a report").0.is_empty(), "the download host is reached over https too");
    match reader(None) {
        Ok(strict) => {
            let refused = everybody(&strict).await.expect_err("nobody vouches for it");
            assert!(
                matches!(&refused, ConnectorError::Transient(why) if why.contains("cannot be reached")),
                "G18: {refused}"
            );
        }
        // A machine without any root certificates cannot speak https at all.
        Err(error) => assert!(matches!(error, ConnectorError::Configuration(_)), "{error}"),
    }
}
