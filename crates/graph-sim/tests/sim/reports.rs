//! Usage reports.

use crate::support::{Answer, Simulator};
use serde_json::{Value, json};
use std::collections::HashMap;

const ACTIVE_USERS: &str = "/v1.0/reports/getOffice365ActiveUserDetail(period='D30')";
const HEADER: &str = "Report Refresh Date,User Principal Name,Display Name,Is Deleted,Deleted Date,Has Exchange License,Has OneDrive License,Has SharePoint License,Has Skype For Business License,Has Yammer License,Has Teams License,Exchange Last Activity Date,OneDrive Last Activity Date,SharePoint Last Activity Date,Skype For Business Last Activity Date,Yammer Last Activity Date,Teams Last Activity Date,Exchange License Assign Date,OneDrive License Assign Date,SharePoint License Assign Date,Skype For Business License Assign Date,Yammer License Assign Date,Teams License Assign Date,Assigned Products";

/// Follows the redirect without a token, as the address asks for none.
async fn download(sim: &Simulator, path: &str) -> Answer {
    let answer = sim.get(path).await;
    assert_eq!(answer.status, 302, "{}", answer.text);
    let address = answer.header("location").to_owned();
    assert!(!address.starts_with(sim.text("graph_url")), "reports lie on a host of their own: {address}");
    sim.ask(sim.request("GET", &address)).await.unwrap()
}

/// Rows by header name.
fn rows(text: &str) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    reader.deserialize().map(|row| row.unwrap()).collect()
}

// 5.1.
#[tokio::test]
async fn the_report_is_downloaded_from_another_host_without_a_token() {
    let sim = Simulator::usual();
    let answer = download(&sim, ACTIVE_USERS).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/octet-stream"));
    let text = answer.text.strip_prefix('\u{feff}').expect("a byte order mark comes first");
    assert_eq!(text.lines().next(), Some(HEADER));
    let rows = rows(text);
    assert!(rows.len() > 200 && rows.len() < 300, "some people have no row: {}", rows.len());
    // Noon of 2026-03-04, two days behind.
    assert!(rows.iter().all(|row| row["Report Refresh Date"] == "2026-03-02"));
    assert!(rows.iter().all(|row| row["Teams Last Activity Date"].as_str() <= "2026-03-02"));
    sim.settings(&json!({"report_bom": false, "report_lag_days": 3})).await;
    let answer = download(&sim, ACTIVE_USERS).await;
    assert!(answer.text.starts_with("Report Refresh Date,"));
    assert!(answer.text.contains("\n2026-03-01,"));
}

#[tokio::test]
async fn an_address_nobody_was_given_leads_nowhere() {
    let sim = Simulator::usual();
    let answer = sim.get(ACTIVE_USERS).await;
    let address = answer.header("location").to_owned();
    let last = address.chars().last().unwrap();
    let guessed = format!("{}{}", &address[..address.len() - 1], if last == '0' { '1' } else { '0' });
    assert_eq!(sim.ask(sim.request("GET", &guessed)).await.unwrap().status, 404);
    assert_eq!(sim.ask(sim.request("GET", &sim.url("/data/download/x"))).await.unwrap().status, 404);
}

#[tokio::test]
async fn concealed_names_are_32_capital_hex_digits_and_nobody_is_named() {
    let sim = Simulator::usual();
    let answer = sim.call("PATCH", "/v1.0/admin/reportSettings", &json!({"displayConcealedNames": true})).await;
    assert_eq!(answer.status, 204);
    assert_eq!(sim.get("/v1.0/admin/reportSettings").await.json()["displayConcealedNames"], true);
    let text = download(&sim, ACTIVE_USERS).await.text;
    assert!(!text.contains('@'), "no address is left");
    for row in rows(&text) {
        for name in ["User Principal Name", "Display Name"] {
            let hidden = &row[name];
            assert!(
                hidden.len() == 32 && hidden.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte)),
                "{hidden}"
            );
        }
    }
}

// 5.2, letter by letter.
#[tokio::test]
async fn every_report_has_its_published_header_and_rows_that_fit() {
    let sim = Simulator::usual();
    let published = [
        (
            "/v1.0/reports/getM365AppUserDetail(period='D7')",
            "Report Refresh Date,User Principal Name,Last Activation Date,Last Activity Date,Report Period,Windows,Mac,Mobile,Web,Outlook,",
        ),
        (
            "/v1.0/reports/getOffice365ActivationsUserDetail",
            "Report Refresh Date,User Principal Name,Display Name,Product Type,Last Activated Date,Windows,Mac,Windows 10 Mobile,iOS,Android,Activated On Shared Computer",
        ),
        (
            "/v1.0/reports/getMailboxUsageDetail(period='D30')",
            "Report Refresh Date,User Principal Name,Display Name,Is Deleted,Deleted Date,Created Date,Last Activity Date,Item Count,",
        ),
        (
            "/v1.0/reports/getTeamsUserActivityUserDetail(period='D90')",
            "Report Refresh Date,Tenant Display Name,Shared Channel Tenant Display Names,User Id,User Principal Name,Last Activity Date,",
        ),
        (
            "/v1.0/reports/getOneDriveActivityUserDetail(period='D180')",
            "Report Refresh Date,User Principal Name,Is Deleted,Deleted Date,Last Activity Date,Viewed Or Edited File Count,",
        ),
        (
            "/v1.0/reports/getEmailActivityUserDetail(date=2026-03-02)",
            "Report Refresh Date,User Principal Name,Display Name,Is Deleted,Deleted Date,Last Activity Date,Send Count,",
        ),
        (
            "/beta/reports/getMicrosoft365CopilotUsageUserDetail(period='D30')?$format=text/csv",
            "Report Refresh Date,Report Period,User Principal Name,Display Name,Last Activity Date,Microsoft Teams Copilot Last Activity Date,",
        ),
    ];
    for (path, beginning) in published {
        let text = download(&sim, path).await.text;
        let text = text.trim_start_matches('\u{feff}');
        assert!(text.starts_with(beginning), "{path}: {}", text.lines().next().unwrap());
        // The CSV reader refuses a row of another length.
        assert!(rows(text).len() > 3, "{path} has rows");
    }
}

#[tokio::test]
async fn a_period_or_day_that_is_not_kept_is_refused() {
    let sim = Simulator::usual();
    for path in [
        "/v1.0/reports/getOffice365ActiveUserDetail(period='D8')",
        "/v1.0/reports/getOffice365ActiveUserDetail(date=2026-01-02)",
        "/v1.0/reports/getOffice365ActiveUserDetail(date=2026-03-04)",
        "/v1.0/reports/getOffice365ActiveUserDetail",
        "/v1.0/reports/getMailboxUsageDetail(date=2026-03-02)",
        "/v1.0/reports/getNothing(period='D7')",
    ] {
        assert_eq!(sim.get(path).await.status, 400, "{path}");
    }
}

#[tokio::test]
async fn an_unchanged_report_is_not_sent_twice() {
    let sim = Simulator::usual();
    let token = sim.token("reader").await;
    let first = sim.call_as(&token, "GET", ACTIVE_USERS, &Value::Null).await.unwrap();
    let again = async || {
        let request =
            sim.request("GET", ACTIVE_USERS).bearer_auth(&token).header("If-None-Match", first.header("etag"));
        sim.ask(request).await.unwrap().status
    };
    assert_eq!(again().await, 304);
    sim.advance(3000.0).await;
    assert_eq!(again().await, 304, "the same day, the same report");
    sim.settings(&json!({"report_lag_days": 1})).await;
    assert_eq!(again().await, 302);
}

#[tokio::test]
async fn the_beta_gives_json_in_pages() {
    let sim = Simulator::usual();
    let path = "/beta/reports/getOffice365ActiveUserDetail(period='D7')?$format=application/json&$top=150";
    let first = sim.get(path).await.json();
    assert_eq!(first["value"].as_array().unwrap().len(), 150);
    assert!(first["value"][0]["userPrincipalName"].is_string());
    assert!(first["value"][0]["assignedProducts"].is_array());
    assert_eq!(first["value"][0]["hasTeamsLicense"], true);
    let everybody = sim.all(path).await;
    let from_csv = rows(&download(&sim, "/v1.0/reports/getOffice365ActiveUserDetail(period='D7')").await.text);
    assert_eq!(everybody.len(), from_csv.len());
    let refused = sim.get("/v1.0/reports/getOffice365ActiveUserDetail(period='D7')?$format=application/json").await;
    assert_eq!(refused.status, 400, "JSON is a matter of the beta");
}

#[tokio::test]
async fn a_report_settings_reader_may_still_be_refused_the_reports() {
    let sim = Simulator::usual();
    sim.settings(&json!({"refuse_reports": true})).await;
    let answer = sim.get(ACTIVE_USERS).await;
    assert_eq!((answer.status, answer.code().as_str()), (403, "UnknownError"));
    assert_eq!(sim.get("/v1.0/admin/reportSettings").await.status, 200);
}
