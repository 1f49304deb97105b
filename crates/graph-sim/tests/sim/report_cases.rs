//! Reports where sources disagree, and of people who are gone (5.1 to 5.3).

use crate::support::Simulator;
use serde_json::{Value, json};
use std::collections::HashMap;

async fn csv(sim: &Simulator, path: &str) -> (String, Vec<HashMap<String, String>>) {
    let answer = sim.get(path).await;
    assert_eq!(answer.status, 302, "{path}: {}", answer.text);
    let text = sim.ask(sim.request("GET", answer.header("location"))).await.unwrap().text;
    let text = text.trim_start_matches('\u{feff}').to_owned();
    let header = text.lines().next().unwrap().to_owned();
    (header, csv::Reader::from_reader(text.as_bytes()).deserialize().map(|row| row.unwrap()).collect())
}

#[tokio::test]
async fn a_deleted_person_stays_in_reports_as_deleted_for_a_while() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    let path = "/v1.0/reports/getOffice365ActiveUserDetail(period='D30')";
    let (_, rows) = csv(&sim, path).await;
    let known = |rows: &[HashMap<String, String>], upn: &str| {
        rows.iter().find(|row| row["User Principal Name"] == upn).cloned()
    };
    let person =
        people.iter().find(|person| known(&rows, person.0["userPrincipalName"].as_str().unwrap()).is_some()).unwrap();
    let upn = person.0["userPrincipalName"].as_str().unwrap();
    sim.call("DELETE", &format!("/v1.0/users/{}", person.id()), &Value::Null).await;
    let row = known(&csv(&sim, path).await.1, upn).expect("the report does not know yet");
    assert_eq!(row["Is Deleted"], "False");
    sim.advance(3.0 * 86_400.0).await;
    let row = known(&csv(&sim, path).await.1, upn).expect("deleted people stay");
    assert_eq!((row["Is Deleted"].as_str(), row["Deleted Date"].as_str()), ("True", "2026-03-04"));
    sim.advance(31.0 * 86_400.0).await;
    assert!(known(&csv(&sim, path).await.1, upn).is_none(), "4.6: closed within 30 days");
}

#[tokio::test]
async fn columns_that_sources_disagree_about_come_and_go() {
    let sim = Simulator::usual();
    let mailboxes = "/v1.0/reports/getMailboxUsageDetail(period='D7')";
    let (usual, _) = csv(&sim, mailboxes).await;
    assert!(usual.ends_with("Deleted Item Size (Byte),Deleted Item Quota (Byte),Has Archive,Report Period"), "{usual}");
    sim.settings(&json!({"mailbox_short": true})).await;
    assert!(csv(&sim, mailboxes).await.0.ends_with("Deleted Item Size (Byte),Report Period"), "9#23");
    sim.settings(&json!({"mailbox_short": false, "mailbox_recipient_type": true})).await;
    let (header, rows) = csv(&sim, mailboxes).await;
    assert!(header.ends_with("Has Archive,Recipient Type,Report Period"), "5.2");
    assert!(rows.iter().any(|row| row["Recipient Type"] == "Shared"));
    let teams = "/v1.0/reports/getTeamsUserActivityUserDetail(period='D7')";
    assert!(csv(&sim, teams).await.1.iter().all(|row| row["Audio Duration"].starts_with("PT")));
    sim.settings(&json!({"teams_iso_durations": false})).await;
    assert!(csv(&sim, teams).await.1.iter().all(|row| row["Audio Duration"] == row["Audio Duration In Seconds"]));
    let copilot =
        "/v1.0/copilot/reports/getMicrosoft365CopilotUsageUserDetail(period='D30',version='v2')?$format=text/csv";
    assert!(csv(&sim, copilot).await.0.ends_with("Copilot Chat Last Activity Date"), "not visible to everyone");
    sim.settings(&json!({"copilot_v2": true})).await;
    assert!(csv(&sim, copilot).await.0.ends_with("Prompt Count,Active Usage Days"), "9#39");
    let older = copilot.replace(",version='v2'", "");
    assert!(csv(&sim, &older).await.0.ends_with("Copilot Chat Last Activity Date"));
}

#[tokio::test]
async fn json_days_may_be_moments() {
    let sim = Simulator::usual();
    let path = "/beta/reports/getOffice365ActiveUserDetail(period='D7')?$format=application/json&$top=1";
    let date = async || sim.get(path).await.json()["value"][0]["reportRefreshDate"].as_str().unwrap().to_owned();
    assert_eq!(date().await, "2026-03-02");
    sim.settings(&json!({"report_days_as_moments": true})).await;
    assert_eq!(date().await, "2026-03-02T00:00:00Z", "9#21");
}

#[tokio::test]
async fn concealment_takes_its_time_and_pseudonyms_may_last() {
    let sim = Simulator::usual();
    let path = "/v1.0/reports/getEmailActivityUserDetail(period='D7')";
    let names = async || {
        let rows = csv(&sim, path).await.1;
        rows.into_iter().map(|row| row["User Principal Name"].clone()).collect::<Vec<_>>()
    };
    sim.settings(&json!({"conceal_delay_ms": 172_800_000})).await;
    let switch = json!({"displayConcealedNames": true});
    assert_eq!(sim.call("PATCH", "/v1.0/admin/reportSettings", &switch).await.status, 204);
    assert_eq!(
        sim.get("/v1.0/admin/reportSettings").await.json()["displayConcealedNames"],
        true,
        "9#25: true conceals"
    );
    assert!(names().await[0].contains('@'), "the switch is on and the report does not know (5.3)");
    sim.advance(172_801.0).await;
    let first = names().await;
    assert!(first.iter().all(
        |name| name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte))
    ));
    sim.advance(86_400.0).await;
    assert_ne!(names().await[0], first[0], "another pull, another name");
    sim.settings(&json!({"stable_pseudonyms": true})).await;
    let second = names().await;
    sim.advance(86_400.0).await;
    assert_eq!(names().await[0], second[0], "the other reading");
}

#[tokio::test]
async fn reports_may_not_be_asked_in_a_batch() {
    let sim = Simulator::usual();
    let parts =
        json!({"requests": [{"id": "1", "method": "GET", "url": "/reports/getEmailActivityUserDetail(period='D7')"}]});
    let status =
        async || sim.call("POST", "/v1.0/$batch", &parts).await.json()["responses"][0]["status"].as_u64().unwrap();
    assert_eq!(status().await, 302);
    sim.settings(&json!({"reports_in_batch": false})).await;
    assert_eq!(status().await, 400, "6.5");
}
