//! The nasty cases of `contoso`, as docs/simulator.md lists them: each is found the way a client would find it.

use crate::support::{Person, Simulator};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a client can know about the tenant.
struct Tenant {
    people: Vec<Value>,
    skus: BTreeMap<String, Value>,
    groups: Vec<Value>,
    purposes: HashMap<String, String>,
    active: HashMap<String, HashMap<String, String>>,
    roster: HashMap<String, HashMap<String, String>>,
}

const FIELDS: &str = "id,displayName,userPrincipalName,userType,accountEnabled,createdDateTime,usageLocation,mail,onPremisesSyncEnabled,onPremisesExtensionAttributes,employeeLeaveDateTime,assignedLicenses,licenseAssignmentStates,signInActivity";

fn by(name: &str, text: &str) -> HashMap<String, HashMap<String, String>> {
    let rows = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<HashMap<String, String>> = rows.into_deserialize().map(|row| row.unwrap()).collect();
    rows.into_iter().map(|row| (row[name].clone(), row)).collect()
}

async fn read(sim: &Simulator) -> Tenant {
    let path = format!("/v1.0/users?$top=500&$select={FIELDS}&$expand=manager($select=id)");
    let people = sim.all(&path).await;
    let report = sim.get("/v1.0/reports/getOffice365ActiveUserDetail(period='D30')").await;
    let text = sim.ask(sim.request("GET", report.header("location"))).await.unwrap().text;
    let token = sim.token("reader").await;
    let mut purposes = HashMap::new();
    for person in people.iter().filter(|person| person["accountEnabled"] == false) {
        let id = person["id"].as_str().unwrap();
        let path = format!("/v1.0/users/{id}/mailboxSettings/userPurpose");
        let answer = sim.call_as(&token, "GET", &path, &Value::Null).await.unwrap();
        purposes.insert(id.to_owned(), answer.json()["value"].as_str().unwrap_or_default().to_owned());
    }
    Tenant {
        people,
        skus: sim.skus().await,
        groups: sim.all("/v1.0/groups?$select=id,displayName,groupTypes,mailEnabled,onPremisesSyncEnabled,isAssignableToRole,assignedLicenses").await,
        purposes,
        active: by("User Principal Name", text.trim_start_matches('\u{feff}')),
        roster: by("Email", &sim.control("GET", "roster", &Value::Null).await.text),
    }
}

fn states(person: &Value) -> Vec<Value> {
    person["licenseAssignmentStates"].as_array().unwrap().clone()
}

fn licenses(person: &Value) -> BTreeSet<String> {
    let list = person["assignedLicenses"].as_array().unwrap();
    list.iter().map(|license| license["skuId"].as_str().unwrap().to_owned()).collect()
}

impl Tenant {
    fn sku(&self, part: &str) -> String {
        self.skus[part]["skuId"].as_str().unwrap().to_owned()
    }

    fn count(&self, meant: impl Fn(&Value) -> bool) -> usize {
        self.people.iter().filter(|person| meant(person)).count()
    }

    fn report(&self, person: &Value) -> Option<&HashMap<String, String>> {
        self.active.get(person["userPrincipalName"].as_str().unwrap())
    }

    fn hr(&self, person: &Value) -> Option<&HashMap<String, String>> {
        self.roster.get(person["userPrincipalName"].as_str().unwrap())
    }

    fn hr_status(&self, person: &Value) -> &str {
        self.hr(person).map_or("", |row| row["Status"].as_str())
    }
}

fn last(person: &Value) -> &str {
    person["signInActivity"]["lastSuccessfulSignInDateTime"].as_str().unwrap_or_default()
}

fn long_gone(person: &Value) -> bool {
    let at = last(person);
    !at.is_empty() && at < "2025-12-04"
}

/// Every case with how many there are, in the order of the table.
fn cases(tenant: &Tenant) -> Vec<(&'static str, usize)> {
    let (bi, e3, e5, copilot) =
        (tenant.sku("POWER_BI_PRO"), tenant.sku("SPE_E3"), tenant.sku("SPE_E5"), tenant.sku("Microsoft_365_Copilot"));
    let (flow, o365, ems, visio, project) = (
        tenant.sku("FLOW_FREE"),
        tenant.sku("ENTERPRISEPACK"),
        tenant.sku("EMS"),
        tenant.sku("VISIOCLIENT"),
        tenant.sku("PROJECTPROFESSIONAL"),
    );
    let direct = |person: &Value, sku: &str| {
        states(person).iter().any(|state| state["skuId"] == sku && state["assignedByGroup"].is_null())
    };
    let inherited = |person: &Value, sku: &str| {
        states(person)
            .iter()
            .any(|state| state["skuId"] == sku && state["assignedByGroup"].is_string() && state["state"] != "Error")
    };
    let failing = |error: &str| {
        tenant.count(|person| states(person).iter().any(|state| state["state"] == "Error" && state["error"] == error))
    };
    let licensed = |person: &Value| !licenses(person).is_empty();
    let member = |person: &Value| person["userType"] == "Member";
    let never = |person: &Value| person.get("signInActivity").is_none();
    let kind = |meant: &dyn Fn(&Value) -> bool| tenant.groups.iter().filter(|group| meant(group)).count();
    let mut names: HashMap<&str, usize> = HashMap::new();
    for person in &tenant.people {
        *names.entry(person["displayName"].as_str().unwrap()).or_default() += 1;
    }
    let units = |part: &str, name: &str| tenant.skus[part]["prepaidUnits"][name].as_i64().unwrap();
    let consumed = |part: &str| tenant.skus[part]["consumedUnits"].as_i64().unwrap();
    let off = |person: &Value| {
        person["assignedLicenses"].as_array().unwrap().iter().any(|license| license["disabledPlans"] != json!([]))
    };
    let purpose = |wanted: &str, with: bool| {
        tenant.count(|person| {
            licensed(person) == with
                && tenant.purposes.get(person["id"].as_str().unwrap()).is_some_and(|found| found == wanted)
        })
    };
    vec![
        ("Power BI Pro directly", tenant.count(|person| direct(person, &bi))),
        (
            "idle for more than 90 days",
            tenant.count(|person| long_gone(person) && licensed(person) && tenant.hr_status(person) == "active"),
        ),
        (
            "never signed in",
            tenant.count(|person| never(person) && licensed(person) && person["accountEnabled"] == true),
        ),
        (
            "only failed sign-ins lately",
            tenant.count(|person| {
                long_gone(person)
                    && person["signInActivity"]["lastSignInDateTime"].as_str().is_some_and(|at| at > "2026-03-01")
            }),
        ),
        (
            "only non-interactive sign-ins",
            tenant.count(|person| {
                person["signInActivity"].is_object()
                    && person["signInActivity"]["lastSignInDateTime"].is_null()
                    && !last(person).is_empty()
            }),
        ),
        (
            "disabled although active in HR",
            tenant.count(|person| person["accountEnabled"] == false && tenant.hr_status(person) == "active"),
        ),
        (
            "leaver with an enabled account",
            tenant.count(|person| person["accountEnabled"] == true && tenant.hr_status(person) == "inactive"),
        ),
        ("leaver still licensed", tenant.count(|person| tenant.hr_status(person) == "inactive" && licensed(person))),
        (
            "leaving soon",
            tenant.count(|person| tenant.hr(person).is_some_and(|row| row["End Date"].as_str() > "2026-03-04")),
        ),
        ("on leave", tenant.count(|person| tenant.hr_status(person) == "on leave")),
        (
            "not in HR",
            tenant.count(|person| {
                member(person) && licensed(person) && person["accountEnabled"] == true && tenant.hr(person).is_none()
            }),
        ),
        ("guest with a license", tenant.count(|person| person["userType"] == "Guest" && licensed(person))),
        ("shared mailbox with a license", purpose("shared", true)),
        ("shared mailbox without", purpose("shared", false)),
        ("room or equipment", purpose("room", false) + purpose("equipment", false)),
        ("new starter", tenant.count(|person| person["createdDateTime"].as_str() > Some("2026-02-01"))),
        (
            "works, and no report has a row",
            tenant.count(|person| {
                last(person) > "2026-02-25"
                    && member(person)
                    && tenant.hr(person).is_some()
                    && tenant.report(person).is_none()
            }),
        ),
        (
            "idle, and no report has a row",
            tenant.count(|person| {
                long_gone(person) && tenant.hr_status(person) == "active" && tenant.report(person).is_none()
            }),
        ),
        ("direct and through a group", tenant.count(|person| direct(person, &e3) && inherited(person, &e3))),
        (
            "two suites at once",
            tenant.count(|person| licenses(person).contains(&e3) && licenses(person).contains(&o365)),
        ),
        (
            "EMS beside Office 365 E3",
            tenant.count(|person| licenses(person).contains(&ems) && licenses(person).contains(&o365)),
        ),
        (
            "Power BI Pro beside E5",
            tenant.count(|person| licenses(person).contains(&bi) && licenses(person).contains(&e5)),
        ),
        ("Copilot", tenant.count(|person| licenses(person).contains(&copilot))),
        ("a free license", tenant.count(|person| licenses(person).contains(&flow))),
        ("plans switched off", tenant.count(off)),
        (
            "Project on the suite's SharePoint",
            tenant.count(|person| {
                states(person).iter().any(|state| state["skuId"] == project && state["disabledPlans"] != json!([]))
            }),
        ),
        ("no usage location", tenant.count(|person| member(person) && person["usageLocation"].is_null())),
        ("same name twice", names.values().filter(|count| **count > 1).count()),
        ("synced person", tenant.count(|person| person["onPremisesSyncEnabled"] == true)),
        (
            "tagged to keep licenses",
            tenant.count(|person| person["onPremisesExtensionAttributes"]["extensionAttribute1"].is_string()),
        ),
        (
            "manager is a leaver",
            tenant.count(|person| {
                let manager = tenant.people.iter().find(|other| other["id"] == person["manager"]["id"]);
                manager.is_some_and(|manager| tenant.hr_status(manager) == "inactive")
            }),
        ),
        ("nobody above", tenant.count(|person| tenant.hr(person).is_some() && person.get("manager").is_none())),
        (
            "stuck after leaving a group",
            tenant.count(|person| {
                states(person).iter().any(|state| state["state"] == "ActiveWithError" && state["skuId"] == ems)
            }),
        ),
        (
            "leaver of a group kept by add-ons",
            tenant.count(|person| {
                states(person).iter().any(|state| state["state"] == "ActiveWithError" && state["skuId"] == e5)
                    && direct(person, &visio)
                    && direct(person, &project)
            }),
        ),
        ("CountViolation", failing("CountViolation")),
        ("MutuallyExclusiveViolation", failing("MutuallyExclusiveViolation")),
        ("DependencyViolation", failing("DependencyViolation")),
        ("ProhibitedInUsageLocationViolation", failing("ProhibitedInUsageLocationViolation")),
        ("UniquenessViolation", failing("UniquenessViolation")),
        ("Other, collateral", failing("Other")),
        (
            "a license without a state",
            tenant.count(|person| {
                let known: BTreeSet<String> =
                    states(person).iter().map(|state| state["skuId"].as_str().unwrap().to_owned()).collect();
                licenses(person).iter().any(|sku| !known.contains(sku))
            }),
        ),
        (
            "static group",
            kind(&|group| {
                group["groupTypes"] == json!([])
                    && group["mailEnabled"] == false
                    && group["onPremisesSyncEnabled"].is_null()
                    && group["isAssignableToRole"].is_null()
            }),
        ),
        ("Microsoft 365 group", kind(&|group| group["groupTypes"] == json!(["Unified"]))),
        ("dynamic group", kind(&|group| group["groupTypes"] == json!(["DynamicMembership"]))),
        ("synced group", kind(&|group| group["onPremisesSyncEnabled"] == true)),
        (
            "mail-enabled security group",
            kind(&|group| group["mailEnabled"] == true && group["groupTypes"] == json!([])),
        ),
        ("role-assignable group", kind(&|group| group["isAssignableToRole"] == true)),
        ("exhausted pool", usize::from(consumed("VISIOCLIENT") == units("VISIOCLIENT", "enabled"))),
        ("over-consumed pool", usize::from(consumed("EXCHANGESTANDARD") > units("EXCHANGESTANDARD", "enabled"))),
        ("pool with units in grace", usize::from(units("PROJECTPROFESSIONAL", "warning") > 0)),
        ("company license nobody can hold", tenant.skus.values().filter(|sku| sku["appliesTo"] == "Company").count()),
    ]
}

#[tokio::test]
async fn contoso_has_every_listed_case_as_often_as_the_page_says() {
    let sim = Simulator::start(&[]);
    let found = cases(&read(&sim).await);
    let page = include_str!("../../../../docs/simulator.md");
    let listed: BTreeMap<&str, usize> = page
        .lines()
        .skip_while(|line| !line.starts_with("| case "))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let mut cells = line.trim_matches('|').split('|').map(str::trim);
            let name = cells.next().unwrap();
            (name, cells.next().unwrap().parse().unwrap_or_else(|_| panic!("{name} has no number")))
        })
        .collect();
    let wrong: Vec<String> = found
        .iter()
        .filter(|(name, count)| listed.get(name) != Some(count))
        .map(|(name, count)| format!("{name}: the tenant has {count}, the page says {:?}", listed.get(name)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(found.iter().all(|(_, count)| *count > 0), "{found:?}");
    assert_eq!(listed.len(), found.len(), "nothing is listed that is not checked");
    assert!(found[0].1 >= 100, "at least 100 people hold Power BI Pro directly");
}

#[tokio::test]
async fn nobody_of_a_small_world_is_planted() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    let broken = |person: &&Person| states(&person.0).iter().any(|state| state["state"] == "Error");
    assert_eq!(people.iter().filter(broken).count(), 0, "planted errors begin at the 300th person");
}

#[tokio::test]
async fn exactly_as_many_as_were_asked_for() {
    for users in ["1", "41", "777"] {
        let sim = Simulator::start(&["--users", users]);
        let listed = sim.all("/v1.0/users?$top=999&$select=id,assignedLicenses").await;
        let seats: usize = listed.iter().map(|row| row["assignedLicenses"].as_array().unwrap().len()).sum();
        assert_eq!(listed.len().to_string(), users);
        assert_eq!((&sim.ready["users"], &sim.ready["seats"]), (&json!(listed.len()), &json!(seats)));
    }
}
