//! Disturbances while reading: the listing that comes out is whole, or there is none.

use std::time::Duration;

use reseat_connectors::graph::Patience;
use reseat_connectors::{ConnectorError, DirectoryReader, ReportPeriod, read_whole_report};
use reseat_domain::usage_report::UsageReport;
use serde_json::json;

use crate::tenant::{QUICK, Tenant, everybody, fault, seats};

/// Gives up soon.
const IMPATIENT: Patience = Patience { tries: 3, first_wait: Duration::from_millis(5), total: Duration::from_secs(4) };

async fn reads_whole(tenant: &Tenant, name: &str, times: u64, seed: u64) {
    tenant.plant(&fault(name, "/v1.0/users", times, seed)).await;
    let people = everybody(&tenant.reader()).await.unwrap_or_else(|error| panic!("{name} {seed}: {error}"));
    assert_eq!(people.len(), tenant.number("users"), "{name} {seed}");
    assert_eq!(seats(&people), tenant.number("seats"), "{name} {seed}");
    assert_eq!(tenant.bitten().await, times, "{name} {seed} bit");
    tenant.clear_faults().await;
}

#[tokio::test]
async fn throttling_is_waited_out() {
    let tenant = Tenant::start(&["--users", "1100"]);
    reads_whole(&tenant, "429-with-retry-after", 1, 1).await;
    reads_whole(&tenant, "429-without-retry-after", 3, 2).await;
    reads_whole(&tenant, "429-storm", 4, 3).await;
}

#[tokio::test]
async fn faults_and_broken_connections_are_read_over() {
    let tenant = Tenant::start(&["--users", "1100"]);
    for seed in 1..=4 {
        reads_whole(&tenant, "5xx-before-effect", 3, seed).await;
    }
    reads_whole(&tenant, "reset-before-first-byte", 3, 5).await;
    reads_whole(&tenant, "html-from-proxy", 2, 6).await;
}

#[tokio::test]
async fn a_cut_page_is_fetched_again_and_never_half_used() {
    let tenant = Tenant::start(&["--users", "1100"]);
    // Odd and even seeds end with the connection broken and whole.
    for seed in 1..=12 {
        reads_whole(&tenant, "truncated-answer", 2, seed).await;
    }
}

#[tokio::test]
async fn a_token_that_ends_in_the_middle_is_replaced() {
    let tenant = Tenant::start(&["--users", "1100"]);
    reads_whole(&tenant, "token-expired", 1, 1).await;
    let reader = tenant.reader();
    assert_eq!(everybody(&reader).await.map(|people| people.len()), Ok(1_100));
    tenant.plant(&json!({ "fault": "token-expired", "path_contains": "/v1.0/users", "skip": 1, "times": 1 })).await;
    assert_eq!(everybody(&reader).await.map(|people| people.len()), Ok(1_100), "G12");
    assert_eq!(tenant.bitten().await, 1);
}

#[tokio::test]
async fn a_page_token_that_ended_or_loops_begins_the_listing_again() {
    let tenant = Tenant::start(&["--users", "2200"]);
    for seed in 1..=8 {
        tenant.plant(&fault("nextlink-expired-or-looping", "/v1.0/users", 3, seed)).await;
        let reader = tenant.reader();
        assert_eq!(everybody(&reader).await.err(), Some(ConnectorError::RestartListing), "G45, G47: seed {seed}");
        tenant.clear_faults().await;
        assert_eq!(everybody(&reader).await.map(|people| people.len()), Ok(2_200));
    }
}

#[tokio::test]
async fn what_lasts_ends_with_its_reason_and_without_half_a_listing() {
    let tenant = Tenant::start(&["--users", "1100"]);
    for (name, expected) in [
        ("429-storm", "Microsoft Graph is throttling this app"),
        ("5xx-before-effect", "Microsoft Graph answered 50"),
        ("html-from-proxy", "is there a proxy?"),
        ("reset-before-first-byte", "broke"),
        ("truncated-answer", ""),
    ] {
        tenant.plant(&json!({ "fault": name, "path_contains": "/v1.0/users", "skip": 1, "times": 1_000 })).await;
        let error = everybody(&tenant.reader_with(IMPATIENT)).await.expect_err("it does not end");
        assert!(
            matches!(error, ConnectorError::Throttled { .. } | ConnectorError::Transient(_))
                && error.to_string().contains(expected),
            "{name}: {error}"
        );
        tenant.clear_faults().await;
    }
}

#[tokio::test]
async fn a_storm_says_how_long_to_stay_away() {
    let tenant = Tenant::start(&["--users", "40"]);
    tenant.plant(&fault("429-storm", "/v1.0/users", 1_000, 1)).await;
    let error = everybody(&tenant.reader_with(IMPATIENT)).await.expect_err("it does not end");
    assert!(
        matches!(error, ConnectorError::Throttled { retry_after: Some(wait) } if wait >= Duration::from_secs(1)),
        "G3: {error:?}"
    );
}

#[tokio::test]
async fn a_slow_answer_does_not_hold_a_reading_beyond_its_patience() {
    let tenant = Tenant::small();
    tenant.plant(&json!({ "fault": "slow", "path_contains": "/v1.0/users", "times": 9, "delay_ms": 20_000 })).await;
    let patience = Patience { tries: 2, first_wait: Duration::ZERO, total: Duration::from_secs(1) };
    let begun = std::time::Instant::now();
    let error = everybody(&tenant.reader_with(patience)).await.expect_err("it is slow");
    assert!(matches!(error, ConnectorError::Transient(_)), "G20: {error}");
    assert!(begun.elapsed() < Duration::from_secs(10), "G20: {:?}", begun.elapsed());
}

#[tokio::test]
async fn a_disturbed_report_is_asked_for_again() {
    let tenant = Tenant::start(&["--users", "300"]);
    let reader = tenant.reader_with(Patience { tries: 5, ..QUICK });
    let read = || read_whole_report(&reader, UsageReport::ActiveUsers, ReportPeriod::D180);
    let whole = read().await.expect("a report").0.len();
    for (name, path, times) in [
        ("429-without-retry-after", "/reports/", 2),
        ("5xx-before-effect", "/reports/", 2),
        ("html-from-proxy", "/reports/", 1),
        ("reset-before-first-byte", "/data/download", 2),
        ("html-from-proxy", "/data/download", 1),
        ("5xx-before-effect", "/data/download", 1),
    ] {
        tenant.plant(&fault(name, path, times, 7)).await;
        let (rows, _) = read().await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((rows.len(), tenant.bitten().await), (whole, times), "{name} {path}");
        tenant.clear_faults().await;
    }
}

#[tokio::test]
async fn a_report_that_stays_cut_is_not_used() {
    let tenant = Tenant::start(&["--users", "300"]);
    for seed in 1..=6 {
        tenant.plant(&fault("truncated-answer", "/data/download", 1_000, seed)).await;
        let reader = tenant.reader_with(IMPATIENT);
        let error = read_whole_report(&reader, UsageReport::ActiveUsers, ReportPeriod::D180).await.expect_err("U3");
        assert!(matches!(error, ConnectorError::Malformed(_) | ConnectorError::Transient(_)), "{error}");
        tenant.clear_faults().await;
    }
}

#[tokio::test]
async fn one_forbidden_group_leaves_the_others() {
    let tenant = Tenant::start(&["--world", "group_licensed"]);
    let reader = tenant.reader();
    let people = everybody(&reader).await.expect("the listing");
    let mut ids: Vec<_> = people.iter().flat_map(|person| &person.seats).flat_map(|seat| seat.groups()).collect();
    ids.sort();
    ids.dedup();
    assert!(ids.len() > 1);
    tenant.plant(&fault("403-on-one", "/v1.0/groups/", 1, 1)).await;
    assert_eq!(reader.groups(&ids).await.expect("the others").len(), ids.len() - 1);
}

#[tokio::test]
async fn a_host_that_keeps_failing_is_left_alone_and_then_asked_once() {
    let tenant = Tenant::small();
    let failures = 20;
    tenant.plant(&fault("5xx-before-effect", "/v1.0/subscribedSkus", 1_000, 5)).await;
    let once = Patience { tries: 1, first_wait: Duration::ZERO, total: Duration::from_secs(4) };
    let reader = tenant.reader_with(once);
    for _ in 0..failures {
        assert!(reader.skus().await.is_err());
    }
    let error = reader.skus().await.expect_err("it is left alone");
    assert!(matches!(&error, ConnectorError::Transient(why) if why.contains("20 times in a row")), "6.4: {error}");
    assert!(reader.people_page(None).await.is_err(), "nothing goes to that host, whatever is asked");
    assert_eq!(tenant.bitten().await, failures, "6.4: from then on nothing was sent");
    tenant.clear_faults().await;
    let patient = Patience { tries: 100, total: Duration::from_secs(30), ..once };
    let reader = reader.with_patience(patient);
    assert!(!reader.skus().await.expect("it is back").is_empty(), "half open, then closed");
    assert!(reader.people_page(None).await.is_ok());
}
