//! Both readings of what public documentation leaves open, and contradictions that come and go.

use crate::support::{Person, Simulator, direct_holder, id_of};
use serde_json::{Value, json};

#[tokio::test]
async fn the_page_with_sign_ins_has_had_many_sizes() {
    let sim = Simulator::start(&["--users", "1100"]);
    for size in [100, 120, 500, 999] {
        sim.settings(&json!({"sign_in_page_size": size})).await;
        let body = sim.get("/v1.0/users?$top=999&$select=id,signInActivity").await.json();
        assert_eq!(body["value"].as_array().unwrap().len(), size, "9#1");
    }
    sim.settings(&json!({"sign_in_page_size": 120, "refuse_large_sign_in_pages": true})).await;
    let answer = sim.get("/v1.0/users?$top=121&$select=id,signInActivity").await;
    assert_eq!(answer.message(), "Cannot query data for more than 120 users at a time.");
}

#[tokio::test]
async fn sign_ins_may_get_lost_on_big_advanced_pages_and_never_on_one_person() {
    let sim = Simulator::usual();
    sim.settings(&json!({"empty_sign_ins_on_big_pages": true})).await;
    let body = sim.eventual("/v1.0/users?$top=500&$count=true&$select=id,signInActivity").await.json();
    let lost = |row: &&Value| {
        row["signInActivity"].is_object()
            && row["signInActivity"]["lastSignInDateTime"].is_null()
            && row["signInActivity"]["lastNonInteractiveSignInDateTime"].is_null()
    };
    let blind: Vec<&Value> = body["value"].as_array().unwrap().iter().filter(lost).collect();
    assert!(!blind.is_empty(), "9#2");
    let path = format!("/v1.0/users/{}?$select=signInActivity", blind[0]["id"].as_str().unwrap());
    assert!(sim.get(&path).await.json()["signInActivity"]["lastSuccessfulSignInDateTime"].is_string());
    let plain = sim.get("/v1.0/users?$top=500&$select=id,signInActivity").await.json();
    assert!(!plain["value"].as_array().unwrap().iter().any(|row| lost(&row)));
}

#[tokio::test]
async fn the_premium_error_may_come_and_go() {
    let sim = Simulator::usual();
    sim.settings(&json!({"premium_error_every": 3})).await;
    let mut refused = 0;
    for _ in 0..9 {
        let answer = sim.get("/v1.0/users?$top=1&$select=id,signInActivity").await;
        refused += usize::from(answer.status == 403);
    }
    assert_eq!(refused, 3, "9#3");
}

#[tokio::test]
async fn sign_ins_of_one_person_may_need_the_id() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    let path = format!("/v1.0/users/{}?$select=signInActivity", people[0].0["userPrincipalName"].as_str().unwrap());
    assert_eq!(sim.get(&path).await.status, 400);
    sim.settings(&json!({"sign_in_by_id_only": false})).await;
    assert_eq!(sim.get(&path).await.status, 200);
}

#[tokio::test]
async fn the_leave_date_is_refused_in_one_of_three_ways() {
    let sim = Simulator::usual();
    sim.control("PATCH", "apps/reader", &json!({"permissions": ["User.Read.All"]})).await;
    let token = sim.token("reader").await;
    let ask = async || {
        sim.call_as(&token, "GET", "/v1.0/users?$top=300&$select=id,employeeLeaveDateTime", &Value::Null).await.unwrap()
    };
    assert_eq!(ask().await.status, 403);
    sim.settings(&json!({"leave_date_refusal": "bad_request"})).await;
    assert_eq!(ask().await.status, 400);
    sim.settings(&json!({"leave_date_refusal": "null"})).await;
    let hidden = ask().await.json();
    assert!(hidden["value"].as_array().unwrap().iter().all(|row| row["employeeLeaveDateTime"].is_null()));
    let shown = sim.get("/v1.0/users?$top=300&$select=id,employeeLeaveDateTime").await.json();
    assert!(shown["value"].as_array().unwrap().iter().any(|row| row["employeeLeaveDateTime"].is_string()));
}

#[tokio::test]
async fn small_words_differ_from_tenant_to_tenant() {
    let sim = Simulator::usual();
    let page = "/v1.0/users?$top=50&$select=id,licenseAssignmentStates";
    let errors = async || {
        let rows = sim.get(page).await.json();
        let states: Vec<Value> = rows["value"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|row| row["licenseAssignmentStates"].as_array().unwrap().clone())
            .collect();
        states.iter().filter(|state| state["state"] == "Active").map(|state| state["error"].clone()).collect::<Vec<_>>()
    };
    assert!(errors().await.iter().all(|error| error == "None"));
    sim.settings(&json!({"state_error_none": false})).await;
    assert!(errors().await.iter().all(Value::is_null), "2.3");
    let any =
        "/v1.0/users?$select=id&$filter=assignedLicenses/any(x:x/skuId%20eq%20f8a1db68-be16-40ed-86d5-cb42ce701560)";
    assert_eq!(sim.get(any).await.status, 200);
    sim.settings(&json!({"any_license_filter": false})).await;
    assert_eq!(sim.get(any).await.status, 400, "2.2");
    assert_eq!(sim.eventual(&format!("{any}&$count=true")).await.status, 200);
    let link = sim.get("/v1.0/users?$top=50").await.json()["@odata.nextLink"].as_str().unwrap().to_owned();
    sim.settings(&json!({"expired_page_410": true, "group_licenses_need_group_read": true})).await;
    sim.advance(9.0 * 3600.0).await;
    assert_eq!(
        (sim.get(&link).await.status, sim.get(&link).await.code().as_str()),
        (410, "Directory_ExpiredPageToken")
    );
    sim.control("PATCH", "apps/reader", &json!({"permissions": ["Group.ReadBasic.All"]})).await;
    let token = sim.token("reader").await;
    let groups = async |fields: &str| {
        sim.call_as(&token, "GET", &format!("/v1.0/groups?$select={fields}"), &Value::Null).await.unwrap().status
    };
    assert_eq!((groups("id").await, groups("id,assignedLicenses").await), (200, 403), "2.6");
}

#[tokio::test]
async fn a_page_may_hold_nothing_and_lead_on() {
    let sim = Simulator::usual();
    sim.settings(&json!({"empty_pages": true})).await;
    let (mut next, mut empty, mut met) = (Some("/v1.0/users?$top=10&$select=id".to_owned()), 0, 0);
    while let Some(path) = next {
        let body = sim.get(&path).await.json();
        let rows = body["value"].as_array().unwrap().len();
        empty += usize::from(rows == 0);
        met += rows;
        next = body["@odata.nextLink"].as_str().map(ToOwned::to_owned);
    }
    assert!(empty > 0, "2.1");
    assert_eq!(met, 300);
}

#[tokio::test]
async fn assigning_what_is_held_has_two_readings_twice() {
    let sim = Simulator::usual();
    sim.settings(&json!({"read_lag_ms": 0})).await;
    let (people, skus) = (sim.people().await, sim.skus().await);
    let bi = &skus["POWER_BI_PRO"];
    let user = direct_holder(&people, bi).id();
    let plan = bi["servicePlans"][0]["servicePlanId"].clone();
    let add = |disabled: Value| json!([{"skuId": id_of(bi), "disabledPlans": disabled}]);
    let off = async || {
        let read = sim.get(&format!("/v1.0/users/{user}?$select=licenseAssignmentStates")).await.json();
        let states = read["licenseAssignmentStates"].as_array().unwrap();
        states.iter().find(|state| state["skuId"] == bi["skuId"]).unwrap()["disabledPlans"].clone()
    };
    assert_eq!(sim.assign(user, &add(json!([plan])), &json!([])).await.status, 200);
    assert_eq!(off().await, json!([plan]));
    sim.settings(&json!({"assign_replaces_plans": false})).await;
    sim.assign(user, &add(json!([])), &json!([])).await;
    assert_eq!(off().await, json!([plan]), "kept");
    sim.settings(&json!({"assign_replaces_plans": true})).await;
    sim.assign(user, &add(json!([])), &json!([])).await;
    assert_eq!(off().await, json!([]), "replaced");
    sim.settings(&json!({"assign_held_succeeds": false})).await;
    assert_eq!(sim.assign(user, &add(json!([])), &json!([])).await.status, 400);
}

#[tokio::test]
async fn writes_meet_conflicts_hiccups_and_no_end_of_seats() {
    let sim = Simulator::usual();
    let (people, skus) = (sim.people().await, sim.skus().await);
    let (bi, visio) = (&skus["POWER_BI_PRO"], &skus["VISIOCLIENT"]);
    let user = people
        .iter()
        .find(|person| person.holds(&skus["SPE_E3"]) && !person.holds(bi) && !person.holds(visio))
        .unwrap()
        .id();
    sim.settings(&json!({"conflict_every": 2})).await;
    let nothing = async || sim.assign(user, &json!([]), &json!([])).await;
    assert_eq!(nothing().await.status, 200);
    let conflict = nothing().await;
    assert_eq!((conflict.status, conflict.code().as_str()), (409, "Directory_ConcurrencyViolation"), "4.1");
    sim.settings(&json!({"conflict_every": 0, "usage_location_hiccup": true})).await;
    let add = async |sku: &Value| sim.assign(user, &json!([{"skuId": id_of(sku)}]), &json!([])).await;
    assert_eq!(
        add(bi).await.message(),
        "License assignment cannot be done for user with invalid usage location.",
        "9#18"
    );
    assert_eq!(add(bi).await.status, 200, "and it works when tried again");
    assert_eq!(add(visio).await.status, 400);
    sim.settings(&json!({"over_assignment": true})).await;
    assert_eq!(add(visio).await.status, 200, "3.3");
    let visio = sim.skus().await["VISIOCLIENT"].clone();
    assert!(visio["consumedUnits"].as_i64() > visio["prepaidUnits"]["enabled"].as_i64(), "9#13");
}

#[tokio::test]
async fn a_license_may_come_back_by_itself_and_addresses_may_change() {
    let sim = Simulator::usual();
    sim.settings(&json!({"auto_claim_after_ms": 3_600_000, "licenses_rewrite_mail": true, "read_lag_ms": 0})).await;
    let (people, skus) = (sim.people().await, sim.skus().await);
    let bi = &skus["POWER_BI_PRO"];
    let user =
        people.iter().find(|person| person.paths(bi) == [true] && person.0["userType"] == "Member").unwrap().id();
    let read =
        async || sim.get(&format!("/v1.0/users/{user}?$select=assignedLicenses,mail,proxyAddresses")).await.json();
    let before = read().await;
    assert_eq!(sim.assign(user, &json!([]), &json!([id_of(bi)])).await.status, 200);
    let after = read().await;
    assert!(!Person(after.clone()).holds(bi));
    assert!(after["mail"] != before["mail"] && after["proxyAddresses"] != before["proxyAddresses"], "9#37");
    sim.advance(3601.0).await;
    assert!(Person(read().await).holds(bi), "an auto-claim policy gave it again");
    let last = sim.journal().await.last().cloned().unwrap();
    assert_eq!((&last["kind"], &last["app_id"]), (&json!("license_added"), &Value::Null));
}

#[tokio::test]
async fn consumed_units_may_be_late() {
    let sim = Simulator::usual();
    sim.settings(&json!({"consumed_lag_ms": 60_000})).await;
    let (people, skus) = (sim.people().await, sim.skus().await);
    let bi = &skus["POWER_BI_PRO"];
    let user = direct_holder(&people, bi).id();
    sim.assign(user, &json!([]), &json!([id_of(bi)])).await;
    let consumed = async || sim.skus().await["POWER_BI_PRO"]["consumedUnits"].as_i64().unwrap();
    let before = bi["consumedUnits"].as_i64().unwrap();
    assert_eq!(consumed().await, before, "3.1");
    sim.advance(61.0).await;
    assert_eq!(consumed().await, before - 1);
}

#[tokio::test]
async fn pools_in_grace_and_pools_that_are_over_say_so() {
    let sim = Simulator::usual();
    sim.control("PATCH", "skus/POWER_BI_PRO", &json!({"enabled": 0, "warning": 40})).await;
    sim.control("PATCH", "skus/MCOMEETADV", &json!({"enabled": 0, "suspended": 40})).await;
    let skus = sim.skus().await;
    assert_eq!(skus["POWER_BI_PRO"]["capabilityStatus"], "Warning");
    assert_eq!(
        (&skus["MCOMEETADV"]["capabilityStatus"], &skus["MCOMEETADV"]["prepaidUnits"]["suspended"]),
        (&json!("Suspended"), &json!(40))
    );
    let subscriptions = sim.all("/v1.0/directory/subscriptions").await;
    let status = |part: &str| subscriptions.iter().find(|row| row["skuPartNumber"] == part).unwrap()["status"].clone();
    assert_eq!((status("POWER_BI_PRO"), status("SPE_E3")), (json!("Warning"), json!("Enabled")), "3.2");
    assert_eq!(sim.control("PATCH", "skus/NO_SUCH", &json!({"enabled": 1})).await.status, 400);
}
