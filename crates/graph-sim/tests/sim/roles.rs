//! Signed-in people: scopes alone are not enough, their directory roles decide (0.2).

use crate::support::{Simulator, claims, direct_holder, id_of};
use serde_json::{Value, json};

const LICENSES: &str = "openid https://graph.microsoft.com/LicenseAssignment.ReadWrite.All";
const GLOBAL_READER: &str = "f2ef992c-3afb-46b9-b7cf-a126ee74c451";

async fn give(sim: &Simulator, user: &str, roles: &[&str]) {
    let answer = sim.control("PATCH", &format!("users/{user}"), &json!({"roles": roles})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn only_the_documented_roles_change_licenses() {
    let sim = Simulator::usual();
    let (people, skus) = (sim.people().await, sim.skus().await);
    let bi = &skus["POWER_BI_PRO"];
    let holder = direct_holder(&people, bi).id();
    let admin = people[20].id();
    let token = sim.token_of(admin, LICENSES).await;
    let path = format!("/v1.0/users/{holder}/assignLicense");
    let body = json!({"addLicenses": [{"skuId": id_of(bi)}], "removeLicenses": []});
    let ask = async || sim.call_as(&token, "POST", &path, &body).await.unwrap();
    let answer = ask().await;
    assert_eq!((answer.status, answer.code().as_str()), (403, "Authorization_RequestDenied"));
    for role in ["License Administrator", "User Administrator", "Directory Writers", "Global Administrator"] {
        give(&sim, admin, &[role]).await;
        assert_eq!(ask().await.status, 200, "{role}");
    }
    for role in ["Global Reader", "Reports Reader", "Groups Administrator"] {
        give(&sim, admin, &[role]).await;
        assert_eq!(ask().await.status, 403, "{role}");
    }
    let truth = sim.control("PATCH", &format!("users/{admin}"), &json!({"roles": ["King"]})).await;
    assert_eq!(truth.status, 400, "a role nobody knows");
}

#[tokio::test]
async fn groups_and_reprocessing_have_roles_of_their_own() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    let admin = people[20].id();
    let scope = format!("{LICENSES} User.ReadWrite.All GroupMember.ReadWrite.All");
    let token = sim.token_of(admin, &scope).await;
    let group = sim.all("/v1.0/groups?$select=id").await[0]["id"].as_str().unwrap().to_owned();
    let (nothing, reprocess) = (
        json!({"addLicenses": [], "removeLicenses": []}),
        format!("/v1.0/users/{}/reprocessLicenseAssignment", people[30].id()),
    );
    let path = format!("/v1.0/groups/{group}/assignLicense");
    give(&sim, admin, &["Groups Administrator"]).await;
    assert_eq!(sim.call_as(&token, "POST", &path, &nothing).await.unwrap().status, 202);
    assert_eq!(sim.call_as(&token, "POST", &reprocess, &Value::Null).await.unwrap().status, 403);
    give(&sim, admin, &["License Administrator"]).await;
    assert_eq!(sim.call_as(&token, "POST", &reprocess, &Value::Null).await.unwrap().status, 200);
    let member = format!("/v1.0/groups/{group}/members/{}/$ref", people[30].id());
    assert_eq!(sim.call_as(&token, "DELETE", &member, &Value::Null).await.unwrap().status, 403);
}

#[tokio::test]
async fn reports_need_a_role_and_two_roles_see_no_names() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    let reader = people[20].id();
    let token = sim.token_of(reader, "Reports.Read.All ReportSettings.Read.All").await;
    let path = "/v1.0/reports/getOffice365ActiveUserDetail(period='D7')";
    let answer = sim.call_as(&token, "GET", path, &Value::Null).await.unwrap();
    assert_eq!((answer.status, answer.code().as_str()), (403, "UnknownError"));
    let named = async |role: &str| {
        give(&sim, reader, &[role]).await;
        let answer = sim.call_as(&token, "GET", path, &Value::Null).await.unwrap();
        assert_eq!(answer.status, 302, "{role}: {}", answer.text);
        let report = sim.ask(sim.request("GET", answer.header("location"))).await.unwrap().text;
        report.contains("@contoso.example")
    };
    assert!(named("Reports Reader").await && named("Teams Administrator").await);
    assert!(!named("Global Reader").await && !named("Usage Summary Reports Reader").await);
    assert_eq!(sim.call_as(&token, "GET", "/v1.0/admin/reportSettings", &Value::Null).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_token_and_me_tell_the_roles_of_whoever_is_signed_in() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    let token = sim.token_of(people[10].id(), "openid User.Read").await;
    let wids = claims(&token)["wids"].as_array().unwrap().clone();
    assert!(wids.contains(&json!(GLOBAL_READER)), "{wids:?}");
    let all = sim.call_as(&token, "GET", "/v1.0/me/memberOf", &Value::Null).await.unwrap().json();
    let kinds: Vec<&str> =
        all["value"].as_array().unwrap().iter().map(|row| row["@odata.type"].as_str().unwrap()).collect();
    assert!(
        kinds.contains(&"#microsoft.graph.group") && kinds.contains(&"#microsoft.graph.directoryRole"),
        "{kinds:?}"
    );
    let path = "/v1.0/me/transitiveMemberOf/microsoft.graph.directoryRole";
    let roles = sim.call_as(&token, "GET", path, &Value::Null).await.unwrap().json();
    assert_eq!(roles["value"][0]["roleTemplateId"], GLOBAL_READER);
    assert_eq!(roles["value"].as_array().unwrap().len(), 1);
    let assignments = format!(
        "/v1.0/roleManagement/directory/roleAssignments?$filter=principalId%20eq%20'{}'&$expand=roleDefinition",
        people[10].id()
    );
    assert_eq!(sim.get(&assignments).await.json()["value"][0]["roleDefinition"]["displayName"], "Global Reader");
    let holders = sim.get(&format!("/v1.0/directoryRoles/{GLOBAL_READER}/members")).await.json();
    assert_eq!(holders["value"][0]["id"], people[10].id());
    let app = sim.call("GET", "/v1.0/me/memberOf", &Value::Null).await;
    assert_eq!(app.status, 400, "an app is nobody");
}

#[tokio::test]
async fn guests_list_nobody_and_skus_may_need_a_role() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    let guest = people.iter().find(|person| person.0["userType"] == "Guest").unwrap().id();
    let token = sim.token_of(guest, "User.Read.All").await;
    assert_eq!(sim.call_as(&token, "GET", "/v1.0/users", &Value::Null).await.unwrap().status, 403);
    let member = sim.token_of(people[20].id(), "User.Read.All LicenseAssignment.Read.All").await;
    let skus = async || sim.call_as(&member, "GET", "/v1.0/subscribedSkus", &Value::Null).await.unwrap().status;
    assert_eq!(skus().await, 200);
    sim.settings(&json!({"skus_need_role": true})).await;
    assert_eq!(skus().await, 403);
    give(&sim, people[20].id(), &["Directory Readers"]).await;
    assert_eq!(skus().await, 200);
}

#[tokio::test]
async fn reading_basics_is_less_than_reading_people() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    sim.control("PATCH", "apps/reader", &json!({"permissions": ["User.ReadBasic.All"]})).await;
    let token = sim.token("reader").await;
    let ask = async |path: &str| sim.call_as(&token, "GET", path, &Value::Null).await.unwrap().status;
    assert_eq!(ask("/v1.0/users?$select=id,displayName,mail").await, 200);
    assert_eq!(ask("/v1.0/users?$select=id,assignedLicenses").await, 403);
    assert_eq!(ask(&format!("/v1.0/users/{}?$select=accountEnabled", people[1].id())).await, 403);
}
