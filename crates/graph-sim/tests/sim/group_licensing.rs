//! Licenses through groups: states, errors, time, and what a leaver keeps (2.3, 2.6, 4.2 to 4.5).

use crate::support::{Person, Simulator, id_of};
use serde_json::{Value, json};

async fn groups(sim: &Simulator) -> Vec<Value> {
    sim.all("/v1.0/groups?$select=id,displayName,assignedLicenses,groupTypes,mailEnabled,securityEnabled,onPremisesSyncEnabled,isAssignableToRole").await
}

async fn group(sim: &Simulator, name: &str) -> String {
    let groups = groups(sim).await;
    let found = groups.iter().find(|group| group["displayName"] == name).expect("the group is there");
    found["id"].as_str().unwrap().to_owned()
}

async fn member(sim: &Simulator, group: &str, user: &str, joins: bool) -> crate::support::Answer {
    if joins {
        let body = json!({"@odata.id": format!("{}/v1.0/directoryObjects/{user}", sim.text("graph_url"))});
        return sim.call("POST", &format!("/v1.0/groups/{group}/members/$ref"), &body).await;
    }
    sim.call("DELETE", &format!("/v1.0/groups/{group}/members/{user}/$ref"), &Value::Null).await
}

/// The states of one license type through one group, as a client reads them.
async fn states(sim: &Simulator, user: &str, group: &str, sku: &Value) -> Vec<(String, String)> {
    let read = sim.get(&format!("/v1.0/users/{user}?$select=licenseAssignmentStates")).await.json();
    let all = read["licenseAssignmentStates"].as_array().unwrap();
    all.iter()
        .filter(|state| state["assignedByGroup"] == group && state["skuId"] == sku["skuId"])
        .map(|state| {
            let text = |name: &str| state[name].as_str().unwrap_or_default().to_owned();
            (text("state"), text("error"))
        })
        .collect()
}

fn pair(state: &str, error: &str) -> Vec<(String, String)> {
    vec![(state.to_owned(), error.to_owned())]
}

/// Somebody who holds none of these license types.
fn without<'a>(people: &'a [Person], skus: &[&Value]) -> &'a Person {
    people
        .iter()
        .find(|person| {
            person.0["userType"] == "Member"
                && person.0["usageLocation"].is_string()
                && skus.iter().all(|sku| !person.holds(sku))
        })
        .expect("somebody has none")
}

async fn settled(sim: &Simulator) {
    sim.advance(5.0).await;
}

#[tokio::test]
async fn a_group_that_runs_out_of_seats_leaves_count_violation_and_collateral() {
    let sim = Simulator::usual();
    let (people, skus) = (sim.people().await, sim.skus().await);
    let (visio, copilot) = (&skus["VISIOCLIENT"], &skus["Microsoft_365_Copilot"]);
    let design = group(&sim, "LIC-Design-Bundle").await;
    let user = people
        .iter()
        .find(|person| person.holds(&skus["SPE_E3"]) && !person.holds(visio) && !person.holds(copilot))
        .unwrap()
        .id();
    assert_eq!(member(&sim, &design, user, true).await.status, 204);
    settled(&sim).await;
    assert_eq!(states(&sim, user, &design, visio).await, pair("Error", "CountViolation"));
    assert_eq!(states(&sim, user, &design, copilot).await, pair("Error", "Other"), "collateral");
    let errors = sim.all(&format!("/v1.0/groups/{design}/membersWithLicenseErrors?$select=id")).await;
    assert!(errors.iter().any(|row| row["id"] == user));
    let answer = sim.call("POST", &format!("/v1.0/users/{user}/reprocessLicenseAssignment"), &Value::Null).await;
    assert_eq!(
        answer.message(),
        format!("Subscription with SKU {} does not have any available licenses.", id_of(visio))
    );
    sim.control("PATCH", "skus/VISIOCLIENT", &json!({"enabled": 5000})).await;
    let answer = sim.call("POST", &format!("/v1.0/users/{user}/reprocessLicenseAssignment"), &Value::Null).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    settled(&sim).await;
    assert_eq!(states(&sim, user, &design, visio).await, pair("Active", "None"));
    assert_eq!(states(&sim, user, &design, copilot).await, pair("Active", "None"));
}

#[tokio::test]
async fn exclusive_plans_missing_plans_and_places_where_nothing_is_sold_fail_by_name() {
    let sim = Simulator::usual();
    sim.control("PATCH", "skus/VISIOCLIENT", &json!({"enabled": 5000})).await;
    let (people, skus) = (sim.people().await, sim.skus().await);
    let (e3, bi, copilot) = (&skus["SPE_E3"], &skus["POWER_BI_PRO"], &skus["Microsoft_365_Copilot"]);
    // The kiosk worker has no Office, which Copilot depends on.
    let kiosk = people.iter().find(|person| person.holds(&skus["SPE_F1"]) && !person.holds(copilot)).unwrap().id();
    let design = group(&sim, "LIC-Design-Bundle").await;
    member(&sim, &design, kiosk, true).await;
    let static_e3 = group(&sim, "LIC-M365-E3").await;
    member(&sim, &static_e3, kiosk, true).await;
    let team = group(&sim, "Analytics Team").await;
    let traveller = without(&people, &[bi]).id();
    sim.control("PATCH", &format!("users/{traveller}"), &json!({"usage_location": "KP"})).await;
    member(&sim, &team, traveller, true).await;
    settled(&sim).await;
    assert_eq!(states(&sim, kiosk, &design, copilot).await, pair("Error", "DependencyViolation"));
    assert_eq!(states(&sim, kiosk, &static_e3, e3).await, pair("Error", "MutuallyExclusiveViolation"));
    assert_eq!(states(&sim, traveller, &team, bi).await, pair("Error", "ProhibitedInUsageLocationViolation"));
    let refused = sim.assign(traveller, &json!([{"skuId": id_of(bi)}]), &json!([])).await;
    assert_eq!(refused.message(), "License assignment cannot be done for user with invalid usage location.");
    let read = sim.get(&format!("/v1.0/users/{kiosk}?$select=assignedLicenses")).await.json();
    assert!(!Person(read).holds(e3), "an error is no seat");
}

#[tokio::test]
async fn a_leaver_keeps_what_an_add_on_needs_until_it_is_gone_and_reprocessed() {
    let sim = Simulator::usual();
    let (people, skus) = (sim.people().await, sim.skus().await);
    let (e3, project) = (&skus["SPE_E3"], &skus["PROJECTPROFESSIONAL"]);
    let static_e3 = group(&sim, "LIC-M365-E3").await;
    let user =
        without(&people, &[e3, &skus["SPE_E5"], &skus["SPE_F1"], &skus["ENTERPRISEPACK"], &skus["EXCHANGESTANDARD"]])
            .id();
    member(&sim, &static_e3, user, true).await;
    settled(&sim).await;
    let plan = |name: &str| {
        let plans = project["servicePlans"].as_array().unwrap();
        plans.iter().find(|plan| plan["servicePlanName"] == name).unwrap()["servicePlanId"].clone()
    };
    let off = json!([plan("SHAREPOINTENTERPRISE"), plan("SHAREPOINTWAC")]);
    let answer = sim.assign(user, &json!([{"skuId": id_of(project), "disabledPlans": off}]), &json!([])).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    member(&sim, &static_e3, user, false).await;
    settled(&sim).await;
    assert_eq!(states(&sim, user, &static_e3, e3).await, pair("ActiveWithError", "DependencyViolation"), "4.5");
    let inherited = sim.assign(user, &json!([]), &json!([id_of(e3)])).await;
    assert!(inherited.message().starts_with("User license is inherited"), "9#14: only the misleading text");
    let reprocess =
        async || sim.call("POST", &format!("/v1.0/users/{user}/reprocessLicenseAssignment"), &Value::Null).await;
    assert!(reprocess().await.message().contains("depends on the service plan(s)"));
    assert_eq!(sim.assign(user, &json!([]), &json!([id_of(project)])).await.status, 200);
    assert_eq!(reprocess().await.status, 200);
    settled(&sim).await;
    assert!(states(&sim, user, &static_e3, e3).await.is_empty());
}

#[tokio::test]
async fn both_readings_of_leaving_a_group_are_there() {
    let sim = Simulator::usual();
    let (people, skus) = (sim.people().await, sim.skus().await);
    let bi = &skus["POWER_BI_PRO"];
    let team = group(&sim, "Analytics Team").await;
    let user = without(&people, &[bi]).id();
    sim.settings(&json!({"leaving_sticks": true})).await;
    member(&sim, &team, user, true).await;
    settled(&sim).await;
    member(&sim, &team, user, false).await;
    settled(&sim).await;
    assert_eq!(states(&sim, user, &team, bi).await, pair("ActiveWithError", "DependencyViolation"), "9#15");
    sim.call("POST", &format!("/v1.0/users/{user}/reprocessLicenseAssignment"), &Value::Null).await;
    settled(&sim).await;
    assert!(states(&sim, user, &team, bi).await.is_empty());
    sim.settings(&json!({"leaving_sticks": false, "inherited_becomes_direct": true})).await;
    member(&sim, &team, user, true).await;
    settled(&sim).await;
    member(&sim, &team, user, false).await;
    settled(&sim).await;
    let read = sim.get(&format!("/v1.0/users/{user}?$select=assignedLicenses,licenseAssignmentStates")).await.json();
    assert_eq!(Person(read).paths(bi), [true], "9#35: the older text");
}

#[tokio::test]
async fn a_groups_licenses_take_their_time_and_say_how_far_they_are() {
    let sim = Simulator::usual();
    sim.settings(&json!({"group_delay_ms": 600_000})).await;
    let skus = sim.skus().await;
    let audio = &skus["MCOMEETADV"];
    sim.control("PATCH", "skus/MCOMEETADV", &json!({"enabled": 5000})).await;
    let team = group(&sim, "Analytics Team").await;
    let body = json!({"addLicenses": [{"skuId": id_of(audio)}], "removeLicenses": []});
    let answer = sim.call("POST", &format!("/v1.0/groups/{team}/assignLicense"), &body).await;
    assert_eq!(answer.status, 202);
    assert!(answer.header("location").contains(&team));
    let state = async || {
        let path = format!("/v1.0/groups/{team}?$select=licenseProcessingState,assignedLicenses");
        sim.get(&path).await.json()["licenseProcessingState"]["state"].as_str().unwrap().to_owned()
    };
    let member =
        sim.all(&format!("/v1.0/groups/{team}/members?$select=id")).await[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(state().await, "QueuedForProcessing");
    assert!(states(&sim, &member, &team, audio).await.is_empty());
    sim.advance(400.0).await;
    assert_eq!(state().await, "ProcessingInProgress");
    sim.advance(400.0).await;
    assert_eq!(state().await, "ProcessingComplete");
    assert_eq!(states(&sim, &member, &team, audio).await.len(), 1);
}

#[tokio::test]
async fn licenses_do_not_reach_members_of_a_group_within_the_group() {
    let sim = Simulator::usual();
    let skus = sim.skus().await;
    let flow = &skus["FLOW_FREE"];
    let (outer, inner) = (group(&sim, "LIC-Flow-Nested").await, group(&sim, "LIC-Design-Bundle").await);
    let direct = sim.all(&format!("/v1.0/groups/{outer}/members")).await;
    assert_eq!(
        (direct.len(), &direct[0]["id"], &direct[0]["@odata.type"]),
        (1, &json!(inner), &json!("#microsoft.graph.group"))
    );
    let through = sim.all(&format!("/v1.0/groups/{outer}/transitiveMembers/microsoft.graph.user?$select=id")).await;
    let user = through[0]["id"].as_str().unwrap();
    let of = sim.all(&format!("/v1.0/users/{user}/memberOf")).await;
    let all = sim.all(&format!("/v1.0/users/{user}/transitiveMemberOf")).await;
    assert!(!of.iter().any(|row| row["id"] == json!(outer)) && all.iter().any(|row| row["id"] == json!(outer)));
    assert!(states(&sim, user, &outer, flow).await.is_empty(), "2.6");
    let seats = async || sim.control("GET", "stats", &Value::Null).await.json()["seats"].as_i64().unwrap();
    let before = seats().await;
    sim.settings(&json!({"nested_licenses": true})).await;
    assert_eq!(states(&sim, user, &outer, flow).await, pair("Active", "None"), "the other reading");
    assert!(seats().await > before);
}

#[tokio::test]
async fn each_kind_of_group_refuses_in_its_own_words() {
    let sim = Simulator::usual();
    let groups = groups(&sim).await;
    let find = |meant: &dyn Fn(&Value) -> bool| {
        groups.iter().find(|group| meant(group)).expect("each kind is there")["id"].as_str().unwrap().to_owned()
    };
    let dynamic = find(&|group| group["groupTypes"] == json!(["DynamicMembership"]));
    let synced = find(&|group| group["onPremisesSyncEnabled"] == true);
    let mail = find(&|group| group["mailEnabled"] == true && group["groupTypes"] == json!([]));
    let role = find(&|group| group["isAssignableToRole"] == true);
    let unified = find(&|group| group["groupTypes"] == json!(["Unified"]));
    let first = async |group: &str| {
        let members = sim.all(&format!("/v1.0/groups/{group}/members?$select=id")).await;
        members.first().map(|row| row["id"].as_str().unwrap().to_owned())
    };
    let out = async |group: &str| {
        let user = first(group).await.expect("somebody is a member");
        member(&sim, group, &user, false).await
    };
    let answer = out(&dynamic).await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "Request_BadRequest"));
    sim.settings(&json!({"dynamic_group_403": true})).await;
    assert_eq!(out(&dynamic).await.status, 403);
    assert_eq!(
        out(&synced).await.message(),
        "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration."
    );
    assert_eq!(out(&mail).await.message(), "Cannot Update a mail-enabled security groups and or distribution list.");
    assert_eq!(out(&unified).await.status, 204);
    if let Some(user) = first(&role).await {
        assert_eq!(member(&sim, &role, &user, false).await.code(), "Authorization_RequestDenied");
    }
    let nobody = "5d1b3a0e-2c1f-4a56-9f0e-6f3f2b7c9d10";
    assert_eq!(member(&sim, nobody, nobody, false).await.status, 404);
}
