//! Taking licenses away and giving them.

use crate::support::{Person, Simulator, direct_holder, group_holder, id_of};
use serde_json::{Value, json};

async fn refused(sim: &Simulator, user: &str, add: Value, remove: Value) -> String {
    let answer = sim.assign(user, &add, &remove).await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "Request_BadRequest"), "{}", answer.text);
    answer.message()
}

fn plan(sku: &Value, name: &str) -> String {
    let plans = sku["servicePlans"].as_array().unwrap();
    plans.iter().find(|plan| plan["servicePlanName"] == name).expect("the plan exists")["servicePlanId"]
        .as_str()
        .unwrap()
        .to_owned()
}

// The failure matrix of 4.1; 403, 404, 409 and 429 have their own stories here and in permissions, switches, throttling.
#[tokio::test]
async fn every_refusal_has_its_documented_words_and_changes_nothing() {
    let sim = Simulator::usual();
    let (people, skus) = (sim.people().await, sim.skus().await);
    let (e3, bi, visio) = (&skus["SPE_E3"], &skus["POWER_BI_PRO"], &skus["VISIOCLIENT"]);
    let holder = direct_holder(&people, e3).id();
    let without_bi =
        people.iter().find(|person| person.holds(e3) && !person.holds(bi) && !person.holds(visio)).unwrap().id();

    assert_eq!(
        refused(&sim, without_bi, json!([]), json!([id_of(bi)])).await,
        "User does not have a corresponding license."
    );
    assert_eq!(
        refused(&sim, group_holder(&people, e3).id(), json!([]), json!([id_of(e3)])).await,
        "User license is inherited from a group membership and it cannot be removed directly from the user."
    );
    let foreign = "0a389a77-9850-4dc4-b600-bc66fdfefc60";
    assert_eq!(
        refused(&sim, holder, json!([]), json!([foreign])).await,
        format!("License {foreign} does not correspond to a valid company License.")
    );
    assert_eq!(
        refused(&sim, without_bi, json!([{"skuId": id_of(visio)}]), json!([])).await,
        format!("Subscription with SKU {} does not have any available licenses.", id_of(visio))
    );
    let nowhere = people.iter().find(|person| person.0["usageLocation"].is_null() && !person.holds(bi)).unwrap().id();
    assert_eq!(
        refused(&sim, nowhere, json!([{"skuId": id_of(bi)}]), json!([])).await,
        "License assignment cannot be done for user with invalid usage location."
    );
    let f3 = &skus["SPE_F1"];
    let text = refused(&sim, holder, json!([{"skuId": id_of(f3)}]), json!([])).await;
    assert_eq!(
        text,
        format!(
            "License assignment failed because service plans {}, {} are mutually exclusive.",
            plan(e3, "EXCHANGE_S_ENTERPRISE"),
            plan(f3, "EXCHANGE_S_DESKLESS")
        )
    );
    assert_eq!(
        refused(&sim, holder, json!([{"skuId": id_of(&skus["SHAREPOINTSTORAGE"])}]), json!([])).await,
        "License SHAREPOINTSTORAGE cannot be assigned to a user."
    );
    let stray = plan(f3, "EXCHANGE_S_DESKLESS");
    let text = refused(&sim, without_bi, json!([{"skuId": id_of(bi), "disabledPlans": [stray]}]), json!([])).await;
    assert!(text.contains(&stray), "{text}");

    assert!(sim.journal().await.is_empty(), "a refusal has no effect");
}

// 4.1 and 4.5: dependencies.
#[tokio::test]
async fn a_suite_that_an_add_on_needs_is_refused_alone_and_goes_together_with_it() {
    let sim = Simulator::usual();
    let (people, skus) = (sim.people().await, sim.skus().await);
    let project = &skus["PROJECTPROFESSIONAL"];
    let suites = [&skus["SPE_E3"], &skus["SPE_E5"], &skus["ENTERPRISEPACK"]];
    let both = |person: &&Person| {
        person.paths(project) == [true]
            && suites.iter().filter(|suite| person.paths(suite) == [true]).count() == 1
            && suites.iter().filter(|suite| person.holds(suite)).count() == 1
    };
    let person = people.iter().find(both).expect("somebody holds Project and one direct suite");
    let suite = suites.into_iter().find(|suite| person.holds(suite)).unwrap();
    let text = refused(&sim, person.id(), json!([]), json!([id_of(suite)])).await;
    assert_eq!(
        text,
        format!(
            "License assignment failed because service plan {} depends on the service plan(s) {}",
            plan(project, "SHAREPOINT_PROJECT"),
            plan(suite, "SHAREPOINTENTERPRISE")
        )
    );
    let answer = sim.assign(person.id(), &json!([]), &json!([id_of(suite), id_of(project)])).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(sim.journal().await.len(), 2);
}

// 4.1: a missing key, a malformed GUID, an unknown person.
#[tokio::test]
async fn a_request_that_is_not_whole_is_refused() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    let path = format!("/v1.0/users/{}/assignLicense", people[0].id());
    let answer = sim.call("POST", &path, &json!({"removeLicenses": []})).await;
    assert!(answer.status == 400 && answer.message().contains("addLicenses"), "{}", answer.text);
    let answer = sim.call("POST", &path, &json!({"addLicenses": [], "removeLicenses": ["no-guid"]})).await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "Request_BadRequest"));
    let nobody = "/v1.0/users/5d1b3a0e-2c1f-4a56-9f0e-6f3f2b7c9d10/assignLicense";
    let answer = sim.call("POST", nobody, &json!({"addLicenses": [], "removeLicenses": []})).await;
    assert_eq!((answer.status, answer.code().as_str()), (404, "Request_ResourceNotFound"));
}

#[tokio::test]
async fn a_removal_is_done_at_once_and_seen_later() {
    let sim = Simulator::usual();
    let (people, skus) = (sim.people().await, sim.skus().await);
    let bi = &skus["POWER_BI_PRO"];
    let person = direct_holder(&people, bi);
    let read = async || {
        let path = format!("/v1.0/users/{}?$select=assignedLicenses,licenseAssignmentStates", person.id());
        Person(sim.get(&path).await.json()).holds(bi)
    };
    let answer = sim.try_remove(person.id(), id_of(bi)).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text);
    let journal = sim.journal().await;
    assert_eq!(journal.len(), 1);
    assert_eq!(journal[0]["kind"], "license_removed");
    assert_eq!(journal[0]["user_id"], person.id());
    assert_eq!(journal[0]["sku_id"], bi["skuId"]);
    assert_eq!(journal[0]["app_id"], sim.app("writer").0);
    assert_eq!(journal[0]["request_id"], answer.header("request-id"));
    let truth = sim.control("GET", &format!("users/{}", person.id()), &Value::Null).await.json();
    assert!(!truth["licenses"].as_array().unwrap().iter().any(|license| license["sku_id"] == bi["skuId"]));
    // The clock stands still, so the replica does too (G22).
    assert!(read().await, "a read right after the write still shows the license");
    sim.advance(1.1).await;
    assert!(!read().await, "the lag has passed");
    let now = sim.skus().await["POWER_BI_PRO"]["consumedUnits"].as_i64().unwrap();
    assert_eq!(now, bi["consumedUnits"].as_i64().unwrap() - 1, "the seat is free");
    let again = refused(&sim, person.id(), json!([]), json!([id_of(bi)])).await;
    assert_eq!(again, "User does not have a corresponding license.");
}

#[tokio::test]
async fn a_direct_removal_frees_no_seat_while_a_group_gives_the_same() {
    let sim = Simulator::usual();
    let (people, skus) = (sim.people().await, sim.skus().await);
    let e3 = &skus["SPE_E3"];
    let person = people.iter().find(|person| person.paths(e3) == [true, false]).expect("direct and group holder");
    let answer = sim.assign(person.id(), &json!([]), &json!([id_of(e3)])).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    sim.advance(2.0).await;
    let after = Person(
        sim.get(&format!("/v1.0/users/{}?$select=id,assignedLicenses,licenseAssignmentStates", person.id()))
            .await
            .json(),
    );
    assert_eq!(after.paths(e3), [false]);
    assert!(after.holds(e3));
    assert_eq!(sim.skus().await["SPE_E3"]["consumedUnits"], e3["consumedUnits"]);
}

#[tokio::test]
async fn assigning_again_replaces_the_plans_that_are_off_and_renews_the_date() {
    let sim = Simulator::usual();
    let (people, skus) = (sim.people().await, sim.skus().await);
    let bi = &skus["POWER_BI_PRO"];
    let person = direct_holder(&people, bi);
    let off = plan(bi, "EXCHANGE_S_FOUNDATION");
    let answer = sim.assign(person.id(), &json!([{"skuId": id_of(bi), "disabledPlans": [off]}]), &json!([])).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(sim.journal().await[0]["kind"], "plans_changed");
    sim.advance(2.0).await;
    let path = format!("/v1.0/users/{}?$select=assignedLicenses,licenseAssignmentStates", person.id());
    let state = async || {
        let body = sim.get(&path).await.json();
        let states = body["licenseAssignmentStates"].as_array().unwrap().clone();
        states.into_iter().find(|state| state["skuId"] == bi["skuId"]).unwrap()
    };
    let first = state().await;
    assert_eq!(first["disabledPlans"], json!([off]));
    let answer = sim.assign(person.id(), &json!([{"skuId": id_of(bi), "disabledPlans": [off]}]), &json!([])).await;
    assert_eq!(answer.status, 200);
    sim.advance(2.0).await;
    assert_ne!(state().await["lastUpdatedDateTime"], first["lastUpdatedDateTime"], "G25 shows in the date");
}

fn group_of(person: &Person, sku: &Value) -> String {
    let states = person.0["licenseAssignmentStates"].as_array().unwrap();
    let state = states.iter().find(|state| state["skuId"] == sku["skuId"] && state["assignedByGroup"].is_string());
    state.expect("held through a group")["assignedByGroup"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn leaving_a_group_takes_the_license_a_while_later() {
    let sim = Simulator::usual();
    let (people, skus) = (sim.people().await, sim.skus().await);
    let e3 = &skus["SPE_E3"];
    let person = group_holder(&people, e3);
    let path = format!("/v1.0/groups/{}/members/{}/$ref", group_of(person, e3), person.id());
    assert_eq!(sim.call("DELETE", &path, &Value::Null).await.status, 204);
    let kinds = async || {
        sim.journal().await.iter().map(|effect| effect["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(kinds().await, ["group_member_removed"]);
    sim.advance(5.0).await;
    assert_eq!(kinds().await, ["group_member_removed", "license_removed"]);
    assert_eq!(sim.call("DELETE", &path, &Value::Null).await.status, 404, "not a member any more");
}

#[tokio::test]
async fn without_ref_the_call_deletes_the_user_object() {
    let sim = Simulator::usual();
    let (people, skus) = (sim.people().await, sim.skus().await);
    let e3 = &skus["SPE_E3"];
    let person = group_holder(&people, e3);
    let path = format!("/v1.0/groups/{}/members/{}", group_of(person, e3), person.id());
    let writer = sim.token("writer").await;
    assert_eq!(
        sim.call_as(&writer, "DELETE", &path, &Value::Null).await.unwrap().status,
        403,
        "the writer has no such right"
    );
    assert_eq!(sim.call("DELETE", &path, &Value::Null).await.status, 204);
    assert_eq!(sim.get(&format!("/v1.0/users/{}", person.id())).await.status, 404);
    let journal = sim.journal().await;
    assert_eq!(journal.last().unwrap()["kind"], "user_deleted");
    assert_eq!(sim.people().await.len(), people.len() - 1);
    let deleted = sim.all("/v1.0/directory/deletedItems/microsoft.graph.user?$select=id").await;
    assert_eq!((deleted.len(), &deleted[0]["id"]), (1, &json!(person.id())), "deletion is told from a reading gap");
    let truth = sim.control("GET", &format!("users/{}", person.id()), &Value::Null).await.json();
    assert_eq!((&truth["deleted"], &truth["licenses"]), (&json!(true), &json!([])));
}

// 4.4.
#[tokio::test]
async fn each_kind_of_group_refuses_in_its_own_way() {
    let sim = Simulator::usual();
    let (people, skus) = (sim.people().await, sim.skus().await);
    let groups = sim
        .all("/v1.0/groups?$select=id,displayName,groupTypes,onPremisesSyncEnabled,mailEnabled,isAssignableToRole")
        .await;
    let id = |matches: &dyn Fn(&Value) -> bool| {
        groups.iter().find(|group| matches(group)).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let dynamic = id(&|group| group["groupTypes"] == json!(["DynamicMembership"]));
    let synced = id(&|group| group["onPremisesSyncEnabled"] == true);
    let mail = id(&|group| group["mailEnabled"] == true && group["groupTypes"] == json!([]));
    let admins = id(&|group| group["isAssignableToRole"] == true);
    let remove = async |group: &str| {
        let path = format!("/v1.0/groups/{group}/members/{}/$ref", people[0].id());
        let answer = sim.call("DELETE", &path, &Value::Null).await;
        (answer.status, answer.message())
    };
    assert_eq!(remove(&dynamic).await.0, 400);
    assert!(remove(&synced).await.1.starts_with("Unable to update the specified properties for on-premises mastered"));
    assert!(remove(&mail).await.1.starts_with("Cannot Update a mail-enabled security groups"));
    assert_eq!(remove(&admins).await.0, 403);
    sim.settings(&json!({"dynamic_group_403": true})).await;
    assert_eq!(remove(&dynamic).await.0, 403);
    assert!(sim.journal().await.is_empty());
    assert!(skus.len() > 10);
}

#[tokio::test]
async fn a_group_gives_its_licenses_to_every_member() {
    let sim = Simulator::usual();
    let skus = sim.skus().await;
    let groups = sim.all("/v1.0/groups?$select=id,displayName").await;
    let group = groups.iter().find(|group| group["displayName"] == "LIC-EMS").unwrap()["id"].as_str().unwrap();
    let flow = &skus["FLOW_FREE"];
    let members = sim.all(&format!("/v1.0/groups/{group}/members?$select=id&$top=999")).await;
    let body = json!({"addLicenses": [{"skuId": id_of(flow), "disabledPlans": []}], "removeLicenses": []});
    let answer = sim.call("POST", &format!("/v1.0/groups/{group}/assignLicense"), &body).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    sim.advance(5.0).await;
    let inherit = sim.people().await.iter().filter(|person| person.paths(flow).contains(&false)).count();
    assert_eq!(inherit, members.len());
}
