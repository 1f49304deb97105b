//! Servers that lie: the token stays at home, and nothing is concluded from what cannot be.

use std::sync::Arc;
use std::time::Duration;

use reseat_connectors::{
    ConnectorError, Cursor, DirectoryReader, LicenseWriter, ReportPeriod, WriteOutcome, read_whole_report,
};
use reseat_domain::ids::{SkuId, TenantId, UserId};
use reseat_domain::plan::Write;
use reseat_domain::usage_report::UsageReport;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::hostile_server::{Says, Server, grant, tenant_id, token_of};

fn error(status: u16, code: &str, message: &str) -> Says {
    Says::json(status, &json!({ "error": { "code": code, "message": message } }))
}

fn page(value: &Value) -> Says {
    Says::json(200, &json!({ "value": value }))
}

fn a_removal() -> Write {
    Write::RemoveLicense {
        user_id: UserId::from_uuid(Uuid::from_u128(1)),
        sku_id: SkuId::from_uuid(Uuid::from_u128(2)),
    }
}

#[tokio::test]
async fn a_next_page_on_another_host_gets_no_token_and_no_visit() {
    let thief = Server::start(|_| page(&json!([]))).await;
    let link = format!("{}/v1.0/users?$skiptoken=x", thief.url());
    let to_thief = link.clone();
    let server =
        Server::with_tokens(move |_| Says::json(200, &json!({ "value": [], "@odata.nextLink": to_thief }))).await;
    let reader = server.reader();
    let refused = reader.people_page(None).await.err();
    assert!(matches!(refused, Some(ConnectorError::Malformed(_))), "{refused:?}");
    let stored = reader.people_page(Some(&Cursor::from_stored(&link))).await.err();
    assert_eq!(stored, Some(ConnectorError::RestartListing), "a kept cursor that leads elsewhere is begun again");
    assert!(thief.asked("").is_empty());
}

#[tokio::test]
async fn a_redirect_is_followed_by_nobody() {
    let thief = Server::start(|_| page(&json!([]))).await;
    let target = thief.url();
    let server = Server::with_tokens(move |_| error(302, "x", "y").with("location", target.clone())).await;
    let refused = server.reader().people_page(None).await.err();
    assert!(matches!(&refused, Some(ConnectorError::Transient(why)) if why.contains("redirect")), "G17: {refused:?}");
    let outcome = server.writer().write(&a_removal(), Uuid::new_v4(), Duration::from_secs(5)).await;
    assert!(matches!(outcome, WriteOutcome::Unknown { .. }), "{outcome:?}");
    assert!(thief.asked("").is_empty());
}

#[tokio::test]
async fn the_download_host_of_a_report_does_not_get_the_token() {
    let host = Server::start(|_| Says {
        status: 200,
        headers: vec![("content-type", "application/octet-stream".into())],
        body: "no report\n".into(),
    })
    .await;
    let target = format!("{}/data/download/abc", host.url());
    let server = Server::with_tokens(move |_| error(302, "x", "y").with("location", target.clone())).await;
    let refused = read_whole_report(&server.reader(), UsageReport::ActiveUsers, ReportPeriod::D180).await.err();
    assert!(matches!(&refused, Some(ConnectorError::Malformed(why)) if why.contains("missing")), "{refused:?}");
    let downloads = host.asked("GET /data/download/abc");
    assert_eq!(downloads.len(), 1);
    assert!(!downloads[0].head.contains("authorization"), "{}", downloads[0].head);
    assert!(server.asked("/reports/")[0].head.contains("authorization: bearer"));
}

#[tokio::test]
async fn a_token_of_another_tenant_is_never_used() {
    let other = TenantId::from_uuid(Uuid::from_u128(99));
    let server = Server::start(
        move |asked| if asked.line.contains("/token") { grant(&token_of(other)) } else { page(&json!([])) },
    )
    .await;
    let expected = ConnectorError::WrongTenant { found: other.to_string(), pinned: tenant_id().to_string() };
    assert_eq!(server.reader().people_page(None).await.err(), Some(expected), "C1");
    let outcome = server.writer().write(&a_removal(), Uuid::new_v4(), Duration::from_secs(5)).await;
    assert!(matches!(outcome, WriteOutcome::NotSent { retry_after: Some(_), .. }), "{outcome:?}");
    assert!(server.asked("/v1.0/").is_empty(), "neither a reading nor a write went out");
}

#[tokio::test]
async fn a_token_that_cannot_be_read_is_checked_by_asking_for_the_organization() {
    type Organization = fn() -> Says;
    let answers: [(&str, Organization); 3] = [
        ("right", || page(&json!([{ "id": tenant_id() }]))),
        ("wrong", || page(&json!([{ "id": Uuid::from_u128(99) }]))),
        ("unreadable", || error(403, "Authorization_RequestDenied", "Insufficient privileges.")),
    ];
    for (name, organization) in answers {
        let server = Server::start(move |asked| {
            if asked.line.contains("/token") {
                grant("opaque")
            } else if asked.line.contains("/organization") {
                organization()
            } else {
                page(&json!([]))
            }
        })
        .await;
        let reader = server.reader();
        let read = (reader.people_page(None).await.err(), reader.people_page(None).await.err());
        if name == "wrong" {
            assert!(matches!(read.0, Some(ConnectorError::WrongTenant { .. })), "{read:?}");
            assert!(server.asked("/users").is_empty());
        } else {
            assert_eq!(read, (None, None), "{name}");
            assert_eq!(server.asked("/organization").len(), 1, "once for a token");
        }
    }
}

#[tokio::test]
async fn many_readings_at_once_need_one_token() {
    let server = Server::with_tokens(|_| page(&json!([]))).await;
    let reader = Arc::new(server.reader());
    let readings: Vec<_> = (0..20)
        .map(|_| {
            let reader = Arc::clone(&reader);
            tokio::spawn(async move { reader.people_page(None).await.map(|page| page.items.len()) })
        })
        .collect();
    for reading in readings {
        assert_eq!(reading.await.expect("it ends"), Ok(0));
    }
    assert_eq!(server.asked("POST ").len(), 1);
    assert_eq!(server.asked("GET ").len(), 20);
    let ids: std::collections::BTreeSet<String> = server
        .asked("GET ")
        .iter()
        .filter_map(|asked| asked.head.lines().find(|line| line.starts_with("client-request-id: ")).map(str::to_owned))
        .collect();
    assert_eq!(ids.len(), 20, "every call has an id of its own");
}

#[tokio::test]
async fn a_token_without_a_life_is_fetched_for_every_call() {
    let server = Server::start(|asked| {
        if asked.line.contains("/token") {
            Says::json(200, &json!({ "access_token": token_of(tenant_id()), "expires_in": 0 }))
        } else {
            page(&json!([]))
        }
    })
    .await;
    let reader = server.reader();
    for _ in 0..3 {
        assert!(reader.people_page(None).await.is_ok());
    }
    assert_eq!(server.asked("/token").len(), 3);
}

#[tokio::test]
async fn a_token_that_is_refused_for_good_is_replaced_once_and_then_said() {
    let server =
        Server::with_tokens(|_| error(401, "InvalidAuthenticationToken", "Continuous access evaluation.")).await;
    let refused = server.reader().people_page(None).await.err();
    assert!(matches!(refused, Some(ConnectorError::SignIn { .. })), "G13, G16: {refused:?}");
    assert_eq!((server.asked("/token").len(), server.asked("/users").len()), (2, 2));
    let writer = server.writer();
    let mut waits = Vec::new();
    for _ in 0..3 {
        match writer.write(&a_removal(), Uuid::new_v4(), Duration::from_secs(5)).await {
            WriteOutcome::NotSent { retry_after, .. } => waits.push(retry_after.is_some()),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(waits, [false, false, true], "after two refusals in a row nothing is sent");
    assert_eq!(server.asked("assignLicense").len(), 2);
}

#[tokio::test]
async fn an_answer_without_its_list_is_no_empty_list() {
    for body in [json!({}), json!({ "value": null }), json!({ "values": [] }), json!([])] {
        let server = Server::with_tokens(move |_| Says::json(200, &body)).await;
        let reader = server.reader();
        assert!(matches!(reader.people_page(None).await, Err(ConnectorError::Malformed(_))), "9#12");
        assert!(matches!(reader.skus().await, Err(ConnectorError::Malformed(_))), "9#12");
        assert_eq!(server.asked("/users").len(), 1, "a whole answer is not asked for again");
    }
}

#[tokio::test]
async fn a_person_without_the_license_keys_spoils_the_page() {
    let user = json!({ "id": Uuid::from_u128(1), "userPrincipalName": "a@b.example", "accountEnabled": true, "licenseAssignmentStates": [] });
    let server =
        Server::with_tokens(
            move |asked| if asked.line.contains("/users?") { page(&json!([user])) } else { Says::json(200, &user) },
        )
        .await;
    let reader = server.reader();
    assert!(
        matches!(reader.people_page(None).await, Err(ConnectorError::Malformed(why)) if why.contains("assignedLicenses")),
        "9#11"
    );
    let alone = reader.license_state(UserId::from_uuid(Uuid::from_u128(1))).await;
    assert!(matches!(alone, Err(ConnectorError::Malformed(_))), "9#11: {alone:?}");
}

#[tokio::test]
async fn another_person_than_the_one_asked_for_is_nobody() {
    let user = json!({ "id": Uuid::from_u128(2), "accountEnabled": true, "assignedLicenses": [], "licenseAssignmentStates": [] });
    let server = Server::with_tokens(move |_| Says::json(200, &user)).await;
    let reader = server.reader();
    let asked = UserId::from_uuid(Uuid::from_u128(1));
    assert!(matches!(reader.license_state(asked).await, Err(ConnectorError::Malformed(_))));
    assert!(matches!(reader.sign_in(asked).await, Err(ConnectorError::Malformed(_))));
}

#[tokio::test]
async fn skus_that_go_on_are_walked_and_loops_are_left() {
    let sku = json!({
        "skuId": Uuid::from_u128(1), "skuPartNumber": "A", "consumedUnits": 1, "prepaidUnits": { "enabled": 1 }, "servicePlans": [],
    });
    for (looping, expected) in [(false, Ok(2)), (true, Err(ConnectorError::RestartListing))] {
        let sku = sku.clone();
        let server = Server::with_tokens(move |asked| {
            let host = asked.head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default().to_owned();
            let more = format!("http://{host}/v1.0/subscribedSkus?$skiptoken=2");
            let last = asked.line.contains("skiptoken") && !looping;
            let next = if last { Value::Null } else { json!(more) };
            Says::json(200, &json!({ "value": [sku], "@odata.nextLink": next }))
        })
        .await;
        assert_eq!(server.reader().skus().await.map(|skus| skus.len()), expected);
    }
}

#[tokio::test]
async fn pages_shrink_until_the_tenant_takes_them_and_the_size_is_remembered() {
    let server = Server::with_tokens(|asked| {
        let top = asked.line.split("$top=").nth(1).and_then(|rest| rest.parse::<u32>().ok()).unwrap_or(0);
        if top > 120 {
            return error(400, "Request_UnsupportedQuery", "Cannot query data for more than 120 users at a time.");
        }
        page(&json!([{ "id": Uuid::from_u128(1), "signInActivity": null }]))
    })
    .await;
    let reader = server.reader();
    assert_eq!(reader.sign_ins_page(None).await.map(|page| page.items.len()).ok(), Some(1), "9#1");
    let sizes = |server: &Server| -> Vec<String> {
        server
            .asked("/users")
            .iter()
            .map(|asked| asked.line.split("$top=").nth(1).unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(sizes(&server), ["500", "250", "125", "62"]);
    assert!(reader.sign_ins_page(None).await.is_ok());
    assert_eq!(sizes(&server).last().map(String::as_str), Some("62"));
    assert_eq!(sizes(&server).len(), 5);
    // A link from the time of larger pages.
    let link = Cursor::from_stored(&format!("{}/v1.0/users?$top=500", server.url()));
    assert_eq!(reader.sign_ins_page(Some(&link)).await.err(), Some(ConnectorError::RestartListing));
}

#[tokio::test]
async fn the_premium_gate_is_believed_when_it_insists() {
    let gate = || {
        error(
            403,
            "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
            "Neither tenant is B2C or tenant doesn't have premium license",
        )
    };
    let moody = Server::with_tokens(move |asked| if asked.earlier < 2 { gate() } else { page(&json!([])) }).await;
    assert!(moody.reader().sign_ins_page(None).await.is_ok(), "9#3");
    let firm = Server::with_tokens(move |_| gate()).await;
    assert_eq!(firm.reader().sign_ins_page(None).await.err(), Some(ConnectorError::Premium));
    assert_eq!(firm.asked("/users").len(), 4);
}

#[tokio::test]
async fn sign_in_dates_that_are_none_are_left_out_of_a_page() {
    let server = Server::with_tokens(|_| {
        page(&json!([
            { "id": Uuid::from_u128(1), "signInActivity": { "lastSignInDateTime": "1601-01-01T00:00:00Z" } },
            { "id": Uuid::from_u128(2), "signInActivity": { "lastSignInDateTime": "2026-01-01T00:00:00Z" } },
            { "id": Uuid::from_u128(3) },
        ]))
    })
    .await;
    let read = server.reader().sign_ins_page(None).await.expect("a page").items;
    let ids: Vec<u128> = read.iter().map(|(user_id, _)| user_id.as_uuid().as_u128()).collect();
    assert_eq!(ids, [2, 3], "U7: who is left out is not known, who is there without dates never signed in");
}

#[tokio::test]
async fn any_refusal_in_the_middle_begins_the_listing_again() {
    for (status, code) in [
        (400, "Request_BadRequest"),
        (400, "Directory_ExpiredPageToken"),
        (404, "ResourceNotFound"),
        (410, "resyncRequired"),
    ] {
        let server = Server::with_tokens(move |_| error(status, code, "Invalid $skiptoken.")).await;
        let link = Cursor::from_stored(&format!("{}/v1.0/users?$skiptoken=x", server.url()));
        assert_eq!(
            server.reader().people_page(Some(&link)).await.err(),
            Some(ConnectorError::RestartListing),
            "G45: {status} {code}"
        );
    }
}

#[tokio::test]
async fn a_write_is_one_request_whatever_comes_back() {
    for status in [200, 302, 429, 500, 502, 503, 504] {
        let server = Server::with_tokens(move |_| Says { status, headers: vec![], body: String::new() }).await;
        let outcome = server.writer().write(&a_removal(), Uuid::new_v4(), Duration::from_secs(5)).await;
        assert!(matches!(outcome, WriteOutcome::Unknown { .. }), "{status}: {outcome:?}");
        assert_eq!(server.asked("assignLicense").len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_write_says_exactly_what_the_plan_says() {
    let server = Server::with_tokens(|_| Says::json(200, &json!({ "id": "x" }))).await;
    let id = Uuid::new_v4();
    let outcome = server.writer().write(&a_removal(), id, Duration::from_secs(5)).await;
    assert_eq!(outcome, WriteOutcome::Accepted { request_id: None });
    let asked = server.asked("assignLicense");
    let (method, path, _) = a_removal().request();
    assert_eq!(asked[0].line, format!("{method} /v1.0{path}"));
    assert!(asked[0].head.contains(&format!("client-request-id: {id}")));
    assert!(asked[0].head.contains("content-type: application/json"));
}
