//! Setting the ways in up through REST, against the simulated tenant.

use http::header;
use reseat_engine::Purpose;
use reseat_testkit::World;
use serde_json::{Value, json};

use crate::tests::{Api, PUBLIC_URL};

async fn empty() -> Api {
    Api::over(World::builder().users(40).configured(&[]).unsynced().build().await)
}

fn tenant(api: &Api) -> String {
    format!("/applications/{}", api.world.tenant_id())
}

fn entry(api: &Api, kind: &str) -> Value {
    let app = api.world.sim.ready.app("reader");
    json!({ "kind": kind, "client_id": app.client_id, "client_secret": app.client_secret })
}

#[tokio::test]
async fn a_connection_is_entered_checked_and_removed_and_its_secret_is_in_no_answer() {
    let api = empty().await;
    let admin = api.admin().await;
    let path = format!("{}/connections/reader", tenant(&api));
    let before = admin.get(&tenant(&api)).await.ok();
    let roster = before["tasks"].as_array().expect("tasks").iter().find(|task| task["task"] == "application_roster");
    assert_eq!(roster.expect("there")["blocked"], "No connection reads this tenant yet.");
    admin.get(&path).await.refused(404, "not_found");
    let refused = api.manager().await.put(&path, entry(&api, "client_secret")).await.refused(403, "forbidden");
    let mut said = vec![refused.to_string()];
    let mut wrong = entry(&api, "client_secret");
    wrong["client_id"] = "not an id".into();
    assert_eq!(admin.put(&path, wrong).await.refused(422, "invalid")["field"], "client_id");
    let mut wrong = entry(&api, "certificate");
    wrong["certificate_pem"] = "x".into();
    assert_eq!(admin.put(&path, wrong).await.refused(422, "invalid")["field"], "client_secret");

    let mut ending = entry(&api, "client_secret");
    ending["secret_expires_on"] = api.world.engine().now().plus_days(5).day().to_string().into();
    let saved = admin.put(&path, ending).await.ok();
    assert_eq!(
        (&saved["status"], &saved["origin"], &saved["can_change"]),
        (&json!("configured"), &json!("console"), &json!(true))
    );
    assert_eq!(saved["expiry"]["level"], 7, "C3");
    let checked = admin.post(&format!("{path}/check"), json!({})).await.ok();
    assert_eq!((&checked["status"], &checked["last_check"]["tenant"]), (&json!("working"), &json!("token")));
    assert!(checked["last_check"]["granted"].as_array().is_some_and(|all| all.contains(&json!("User.Read.All"))));
    let list = api.auditor().await.get(&format!("{}/connections", tenant(&api))).await.ok();
    let detail = admin.get(&tenant(&api)).await.ok();
    let overview = admin.get("/overview").await.ok();
    assert_eq!(overview["warnings"][0]["purpose"], "reader", "C3: shown where everybody looks");
    let trail = admin.get("/audit").await.ok();
    said.extend([&saved, &checked, &list, &detail, &overview, &trail].map(ToString::to_string));
    let secret = &api.world.sim.ready.app("reader").client_secret;
    assert!(said.iter().all(|text| !text.contains(secret.as_str())), "never in an answer");

    let other = "/applications/00000000-0000-4000-8000-000000000000/connections/reader";
    admin.put(other, entry(&api, "client_secret")).await.refused(404, "not_found");
    assert_eq!(admin.delete(&path).await.status, 204);
    admin.delete(&path).await.refused(404, "not_found");
    api.finish().await;
}

#[tokio::test]
async fn the_configuration_s_connections_are_shown_and_changed_elsewhere() {
    let api = Api::unsynced().await;
    let admin = api.admin().await;
    let path = format!("{}/connections/writer", tenant(&api));
    assert_eq!(admin.get(&path).await.ok()["can_change"], false);
    admin.put(&path, entry(&api, "client_secret")).await.refused(409, "not_allowed");
    admin.delete(&path).await.refused(409, "not_allowed");
    admin.post(&format!("{path}/authorize"), json!({})).await.refused(409, "not_allowed");
    api.finish().await;
}

#[tokio::test]
async fn an_administrator_signs_in_at_microsoft_and_comes_back_once() {
    let api = empty().await;
    let admin = api.admin().await;
    let path = format!("{}/connections/reader", tenant(&api));
    admin.put(&path, entry(&api, "client_secret")).await.ok();
    let everybody = api.world.engine().reader().expect("a reader").people_page(None).await.expect("people");
    let person = everybody.items.into_iter().find(|person| person.account_enabled).expect("somebody");
    admin.put(&path, entry(&api, "authorization_code")).await.ok();
    let begun = admin.post(&format!("{path}/authorize"), json!({})).await.ok();
    assert_eq!(begun["redirect_uri"], format!("{PUBLIC_URL}/api/v1/connections/callback"));
    let url = begun["authorize_url"].as_str().expect("an address");
    assert!(url.contains("code_challenge_method=S256") && url.contains("offline_access"), "1.4");
    let location = api.world.sim.browse(url, &person.user_principal_name).await;
    let back = location.strip_prefix(&format!("{PUBLIC_URL}/api/v1")).expect("to this server").to_owned();
    let page = format!("/applications/{}?connection=", api.world.tenant_id());
    let answer = api.nobody().get(&back).await;
    assert_eq!((answer.status, answer.header("location")), (303, format!("{page}signed_in&purpose=reader").as_str()));
    let again = api.nobody().get(&back).await;
    assert_eq!(again.header("location"), format!("{page}failed"), "a state is good once");
    assert_eq!(admin.get(&path).await.ok()["signed_in_as"], person.user_principal_name, "F44");
    let made_up = api.nobody().get("/connections/callback?code=1&state=2").await;
    assert_eq!(made_up.header("location"), format!("{page}failed"));
    let consented =
        format!("/connections/callback?admin_consent=True&tenant={}&state=consent-reader", api.world.tenant_id());
    let answer = api.nobody().get(&consented).await;
    assert_eq!(answer.header("location"), format!("{page}consented&purpose=reader"));
    api.finish().await;
}

#[tokio::test]
async fn the_consent_link_asks_for_the_least_and_needs_an_address_microsoft_takes() {
    let api = Api::unsynced().await;
    let admin = api.admin().await;
    let path = format!("{}/consent-link?purpose=writer", tenant(&api));
    let link = admin.get(&path).await.ok();
    assert_eq!(link["permissions"][0]["permission"], "LicenseAssignment.ReadWrite.All", "X8");
    assert_eq!(link["permissions"].as_array().map(Vec::len), Some(1));
    assert!(link["url"].as_str().is_some_and(|url| url.contains("/adminconsent?client_id=")), "1.5");
    api.finish().await;
    let plain = World::builder().users(20).unsynced().build().await;
    let api = Api::with(plain, |parts| parts.public_url = "http://reseat.example".to_owned());
    let admin = api.admin().await.with(header::ORIGIN, "http://reseat.example");
    let refused = admin.get(&format!("{}/consent-link?purpose=writer", tenant(&api))).await.refused(409, "not_allowed");
    assert!(refused["remedy"].as_str().is_some_and(|remedy| remedy.contains("public_url")));
    api.finish().await;
}

#[tokio::test]
async fn the_doctor_is_for_everybody_who_reads_and_names_what_is_missing() {
    let api = Api::synced().await;
    let auditor = api.auditor().await;
    let path = format!("{}/doctor", tenant(&api));
    let report = auditor.get(&path).await.ok();
    assert_eq!(report["healthy"], true, "{report:#}");
    api.world.sim.patch_app("reader", json!({ "permissions": ["User.Read.All"] })).await;
    let report = auditor.get(&path).await.ok();
    assert_eq!(report["healthy"], false);
    let tasks = report["tasks"].as_array().expect("tasks");
    let access = tasks.iter().find(|task| task["task"] == "application_access").expect("there");
    assert_eq!((&access["state"], &access["purpose"]), (&json!("stopped"), &json!(Purpose::Reader.as_str())));
    auditor.get("/applications/00000000-0000-4000-8000-000000000000/doctor").await.refused(404, "not_found");
    api.finish().await;
}
