//! What `/users` may be asked, and what it refuses (2.1, 2.2).

use crate::support::Simulator;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Whether a row is one of those meant.
type Meant = Box<dyn Fn(&Value) -> bool>;

const FIELDS: &str = "id,displayName,userPrincipalName,mail,userType,accountEnabled,createdDateTime,department,usageLocation,onPremisesSyncEnabled,assignedLicenses,employeeId";

fn encoded(filter: &str) -> String {
    filter.replace('%', "%25").replace(' ', "%20").replace('#', "%23").replace('+', "%2B")
}

/// Everybody a filter leaves, with the advanced parameters where told.
async fn found(sim: &Simulator, filter: &str, advanced: bool) -> Vec<Value> {
    let mut path = format!("/v1.0/users?$top=999&$select={FIELDS}&$filter={}", encoded(filter));
    if advanced {
        path.push_str("&$count=true");
    }
    let answer = if advanced { sim.eventual(&path).await } else { sim.get(&path).await };
    assert_eq!(answer.status, 200, "{filter}: {}", answer.text);
    answer.json()["value"].as_array().unwrap().clone()
}

fn ids(rows: &[Value]) -> BTreeSet<String> {
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or_default()
}

#[tokio::test]
async fn each_documented_filter_finds_exactly_whom_the_rows_say() {
    let sim = Simulator::usual();
    let everybody = sim.all(&format!("/v1.0/users?$top=999&$select={FIELDS}")).await;
    let someone = text(&everybody[3], "id").to_owned();
    let upn = text(&everybody[3], "userPrincipalName").to_owned();
    let bi = "f8a1db68-be16-40ed-86d5-cb42ce701560";
    let holds_bi =
        move |row: &Value| row["assignedLicenses"].as_array().unwrap().iter().any(|license| license["skuId"] == bi);
    let cases: Vec<(String, bool, Meant)> = vec![
        (
            "startsWith(userPrincipalName,'a')".into(),
            false,
            Box::new(|row| text(row, "userPrincipalName").starts_with('a')),
        ),
        (
            "startsWith(displayName,'Ma')".into(),
            false,
            Box::new(|row| text(row, "displayName").to_lowercase().starts_with("ma")),
        ),
        (
            format!("userPrincipalName eq '{}'", upn.to_uppercase()),
            false,
            Box::new(move |row| text(row, "userPrincipalName") == upn),
        ),
        (
            "userPrincipalName ge 'd' and userPrincipalName le 'g'".into(),
            false,
            Box::new(|row| {
                let name = text(row, "userPrincipalName").to_lowercase();
                name.as_str() >= "d" && name.as_str() <= "g"
            }),
        ),
        ("userType eq 'Guest'".into(), false, Box::new(|row| row["userType"] == "Guest")),
        ("userType ne 'Guest'".into(), true, Box::new(|row| row["userType"] != "Guest")),
        ("accountEnabled eq false".into(), false, Box::new(|row| row["accountEnabled"] == false)),
        ("accountEnabled ne false".into(), true, Box::new(|row| row["accountEnabled"] == true)),
        (
            "createdDateTime ge 2024-01-01T00:00:00Z".into(),
            false,
            Box::new(|row| text(row, "createdDateTime") >= "2024-01-01"),
        ),
        ("createdDateTime le 2022-06-01".into(), false, Box::new(|row| text(row, "createdDateTime") <= "2022-06-01")),
        (
            "department in ('Sales','Legal')".into(),
            false,
            Box::new(|row| ["Sales", "Legal"].contains(&text(row, "department"))),
        ),
        ("usageLocation eq null".into(), false, Box::new(|row| row["usageLocation"].is_null())),
        ("onPremisesSyncEnabled eq true".into(), false, Box::new(|row| row["onPremisesSyncEnabled"] == true)),
        (
            "not(startsWith(displayName,'a'))".into(),
            true,
            Box::new(|row| !text(row, "displayName").to_lowercase().starts_with('a')),
        ),
        (
            "endsWith(mail,'@contoso.example')".into(),
            true,
            Box::new(|row| text(row, "mail").ends_with("@contoso.example")),
        ),
        (format!("assignedLicenses/any(x:x/skuId eq {bi})"), false, Box::new(holds_bi)),
        (format!("not assignedLicenses/any(x:x/skuId eq {bi})"), true, Box::new(move |row| !holds_bi(row))),
        ("assignedLicenses/$count eq 0".into(), true, Box::new(|row| row["assignedLicenses"] == json!([]))),
        (format!("id in ('{someone}')"), false, Box::new(move |row| text(row, "id") == someone)),
        (
            "accountEnabled eq true and (department eq 'Sales' or department eq 'Legal')".into(),
            false,
            Box::new(|row| row["accountEnabled"] == true && ["Sales", "Legal"].contains(&text(row, "department"))),
        ),
    ];
    for (filter, advanced, meant) in cases {
        let wanted: Vec<Value> = everybody.iter().filter(|row| meant(row)).cloned().collect();
        assert!(!wanted.is_empty() && wanted.len() < everybody.len(), "{filter} tells people apart: {}", wanted.len());
        assert_eq!(ids(&found(&sim, &filter, advanced).await), ids(&wanted), "{filter}");
    }
}

#[tokio::test]
async fn disjoint_ranges_of_names_meet_everybody_once() {
    let sim = Simulator::start(&["--users", "700"]);
    let everybody = ids(&sim.all("/v1.0/users?$top=999&$select=id").await);
    let mut met = BTreeSet::new();
    let edges = ["", "c", "g", "k", "n", "s", "\u{7f}"];
    let mut rows = 0;
    for pair in edges.windows(2) {
        let filter = format!("userPrincipalName ge '{}' and userPrincipalName le '{}'", pair[0], pair[1]);
        let part = sim.all(&format!("/v1.0/users?$top=100&$select=id&$filter={}", encoded(&filter))).await;
        rows += part.len();
        met.extend(ids(&part));
    }
    assert_eq!((rows, met), (700, everybody));
}

#[tokio::test]
async fn what_graph_refuses_is_refused() {
    let sim = Simulator::usual();
    let refused = async |path: &str, advanced: bool| {
        let path = path.replace(' ', "%20");
        let answer = if advanced { sim.eventual(&path).await } else { sim.get(&path).await };
        assert_eq!(answer.status, 400, "{path}: {}", answer.text);
        answer.code()
    };
    let unsupported = "Request_UnsupportedQuery";
    for filter in [
        "userType ne 'Guest'",
        "not(startsWith(displayName,'a'))",
        "endsWith(mail,'@contoso.example')",
        "assignedLicenses/$count ne 0",
    ] {
        assert_eq!(refused(&format!("/v1.0/users?$filter={filter}"), false).await, unsupported, "{filter}");
        assert_eq!(
            refused(&format!("/v1.0/users?$filter={filter}&$count=true"), false).await,
            unsupported,
            "no header"
        );
    }
    for filter in [
        "licenseAssignmentStates/any(x:x/state eq 'Active')",
        "createdDateTime gt 2024-01-01T00:00:00Z",
        "userType ge 'Guest'",
        "shoeSize eq 4",
        "contains(displayName,'a')",
        "signInActivity/lastSignInDateTime le 2026-01-01T00:00:00Z and accountEnabled eq true",
        "assignedLicenses/$count eq 3",
    ] {
        assert_eq!(refused(&format!("/v1.0/users?$filter={filter}&$count=true"), true).await, unsupported, "{filter}");
    }
    assert_eq!(refused("/v1.0/users?$filter=displayName eq 'open", false).await, "BadRequest");
    assert_eq!(refused("/v1.0/users?$filter=displayName eq", false).await, "BadRequest");
    assert_eq!(refused("/v1.0/users?$search=\"displayName:an\"", false).await, unsupported);
    assert_eq!(refused("/v1.0/users?$orderby=department", false).await, unsupported);
    assert_eq!(refused("/v1.0/users?$orderby=displayName&$filter=accountEnabled eq true", false).await, unsupported);
    assert_eq!(refused("/v1.0/users?$skip=10", false).await, "Request_BadRequest");
    assert_eq!(refused("/v1.0/users?$expand=manager&$count=true", true).await, unsupported, "no expand when advanced");
    assert_eq!(refused("/v1.0/users?$expand=memberOf", false).await, unsupported);
    let many: Vec<String> = (0..16).map(|number| format!("'x{number}'")).collect();
    let list = format!("/v1.0/users?$filter=department in ({})", many.join(","));
    assert_eq!(refused(&list, false).await, unsupported);
}

#[tokio::test]
async fn searching_sorting_and_counting_agree() {
    let sim = Simulator::usual();
    let path = "/v1.0/users?$search=%22displayName:an%22&$count=true&$orderby=displayName&$select=displayName&$top=5";
    let first = sim.eventual(path).await.json();
    let count = first["@odata.count"].as_u64().unwrap();
    let mut names: Vec<String> = Vec::new();
    let mut page = first;
    loop {
        names.extend(page["value"].as_array().unwrap().iter().map(|row| text(row, "displayName").to_lowercase()));
        let Some(next) = page["@odata.nextLink"].as_str().map(ToOwned::to_owned) else { break };
        // Headers are not remembered: the next page needs its own.
        assert_eq!(sim.get(&next).await.status, 400);
        page = sim.eventual(&next).await.json();
        assert!(page.get("@odata.count").is_none(), "the count comes on the first page only");
    }
    assert_eq!(names.len() as u64, count);
    assert!(count > 5 && names.is_sorted() && names.iter().all(|name| name.contains("an")), "{names:?}");
    let counted = sim.eventual("/v1.0/users/$count?$filter=accountEnabled%20eq%20false").await.text;
    let rows = found(&sim, "accountEnabled eq false", false).await.len();
    assert_eq!(counted, rows.to_string());
}

#[tokio::test]
async fn sign_ins_can_be_filtered_alone_and_by_each_date() {
    let sim = Simulator::usual();
    let everybody = sim.all("/v1.0/users?$top=500&$select=id,signInActivity").await;
    for date in ["lastSignInDateTime", "lastNonInteractiveSignInDateTime", "lastSuccessfulSignInDateTime"] {
        let filter = format!("signInActivity/{date} le 2025-12-01T00:00:00Z");
        let wanted: Vec<Value> = everybody
            .iter()
            .filter(|row| row["signInActivity"][date].as_str().is_some_and(|at| at <= "2025-12-01T00:00:00Z"))
            .cloned()
            .collect();
        let path = format!("/v1.0/users?$top=500&$select=id&$filter={}", encoded(&filter));
        assert!(!wanted.is_empty());
        assert_eq!(ids(&sim.all(&path).await), ids(&wanted), "{date}");
    }
}

#[tokio::test]
async fn a_manager_chain_comes_with_levels_on_one_person() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    let path =
        format!("/v1.0/users/{}?$select=id&$expand=manager($levels=max;$select=id,displayName)", people[200].id());
    let mut object = sim.get(&path).await.json();
    let mut levels = 0;
    while object["manager"].is_object() {
        object = object["manager"].clone();
        levels += 1;
        assert!(object["displayName"].is_string() && object.get("jobTitle").is_none());
    }
    assert!(levels >= 2, "{levels}");
    assert_eq!(object["id"], people[0].id());
}
