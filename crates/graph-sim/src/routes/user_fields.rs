//! A user object as Graph shows it, projected to what was selected.

use crate::activity::SignIns;
use crate::catalogue::SKUS;
use crate::clock::{Millis, second_text};
use crate::errors::GraphError;
use crate::holdings::{Holdings, InheritedState};
use crate::licensing::enabled_plans;
use crate::people::{Kind, Person};
use crate::world::World;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// What comes without `$select`.
pub const DEFAULT: [&str; 11] = [
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
];

/// Properties kept outside the directory: 501 on a collection.
pub const ELSEWHERE: [&str; 11] = [
    "aboutMe",
    "birthday",
    "hireDate",
    "interests",
    "mySite",
    "pastProjects",
    "preferredName",
    "responsibilities",
    "schools",
    "skills",
    "mailboxSettings",
];

/// Names the directory knows; the projection refuses others.
const KNOWN: [&str; 46] = [
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
    "accountEnabled",
    "userType",
    "createdDateTime",
    "deletedDateTime",
    "department",
    "companyName",
    "city",
    "country",
    "usageLocation",
    "employeeId",
    "employeeType",
    "employeeHireDate",
    "employeeLeaveDateTime",
    "employeeOrgData",
    "onPremisesSyncEnabled",
    "onPremisesLastSyncDateTime",
    "onPremisesImmutableId",
    "onPremisesSamAccountName",
    "onPremisesExtensionAttributes",
    "assignedLicenses",
    "licenseAssignmentStates",
    "assignedPlans",
    "provisionedPlans",
    "signInActivity",
    "externalUserState",
    "creationType",
    "isResourceAccount",
    "lastPasswordChangeDateTime",
    "signInSessionsValidFromDateTime",
    "proxyAddresses",
    "manager",
    "mailNickname",
    "ageGroup",
    "imAddresses",
    "identities",
];

/// Refuses a name the directory does not know.
pub fn check_selected(names: &[String]) -> Result<(), GraphError> {
    match names.iter().find(|name| !KNOWN.contains(&name.as_str()) && !ELSEWHERE.contains(&name.as_str())) {
        Some(name) => Err(GraphError::new(
            400,
            "BadRequest",
            format!(
                "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type 'microsoft.graph.user'."
            ),
        )),
        None => Ok(()),
    }
}

/// Sign-ins as visible at `now`: generated ones lag, one set by hand shows at once.
pub fn sign_ins(world: &World, index: u64, now: Millis) -> Option<SignIns> {
    if let Some(at) = world.set_sign_in(index) {
        return Some(SignIns { interactive: Some(at), non_interactive: Some(at), successful: Some(at) });
    }
    let found = world.population.sign_ins(index, now / 1000 - world.settings.sign_in_lag_hours * 3600);
    (found != SignIns::default()).then_some(found)
}

/// `assignedLicenses`: one entry a license type, whatever the paths.
pub fn assigned_licenses(holdings: &Holdings) -> Value {
    let seats = holdings.seats();
    let licenses: Vec<Value> = (0..SKUS.len())
        .filter(|sku| seats >> sku & 1 == 1)
        .map(|sku| json!({"disabledPlans": texts(&holdings.disabled_plans(sku)), "skuId": SKUS[sku].id}))
        .collect();
    Value::from(licenses)
}

fn texts(ids: &[Uuid]) -> Vec<String> {
    ids.iter().map(Uuid::to_string).collect()
}

/// `licenseAssignmentStates`: one entry a path.
pub fn assignment_states(world: &World, holdings: &Holdings) -> Value {
    let direct = holdings.direct.iter().map(|path| {
        json!({"skuId": SKUS[path.sku].id, "disabledPlans": texts(&path.disabled), "assignedByGroup": null, "state": "Active", "error": "None", "lastUpdatedDateTime": second_text(path.updated)})
    });
    let inherited = holdings.inherited.iter().map(|path| {
        let (state, error) = match path.state {
            InheritedState::Active => ("Active", "None"),
            InheritedState::Stuck => ("ActiveWithError", "DependencyViolation"),
        };
        json!({"skuId": SKUS[path.sku].id, "disabledPlans": texts(&path.disabled), "assignedByGroup": world.group_id(path.group), "state": state, "error": error,
            "lastUpdatedDateTime": second_text(path.updated)})
    });
    Value::from(direct.chain(inherited).collect::<Vec<_>>())
}

/// The selected properties of a person. `holdings` is what this read may see.
pub fn project(world: &World, person: &Person, holdings: &Holdings, names: &[&str], now: Millis) -> Map<String, Value> {
    let mut map = Map::new();
    for name in names {
        let value = match *name {
            // The whole object is absent for somebody who never signed in.
            "signInActivity" => match sign_ins(world, person.index, now) {
                Some(found) => sign_in_object(found),
                None => continue,
            },
            "manager" => continue,
            other => property(world, person, holdings, other),
        };
        map.insert((*name).to_owned(), value);
    }
    // Graph answers with the key even where it was not selected.
    map.entry("id").or_insert_with(|| Value::from(person.id.to_string()));
    map
}

fn sign_in_object(found: SignIns) -> Value {
    let date = |at: Option<i64>| at.map(second_text);
    let request = |at: Option<i64>| at.map(|second| Uuid::from_u64_pair(0x4000, second.unsigned_abs()).to_string());
    json!({
        "lastSignInDateTime": date(found.interactive), "lastSignInRequestId": request(found.interactive),
        "lastNonInteractiveSignInDateTime": date(found.non_interactive), "lastNonInteractiveSignInRequestId": request(found.non_interactive),
        "lastSuccessfulSignInDateTime": date(found.successful), "lastSuccessfulSignInRequestId": request(found.successful),
    })
}

fn property(world: &World, person: &Person, holdings: &Holdings, name: &str) -> Value {
    let employee = person.kind.is_person();
    let synced = employee && person.index.is_multiple_of(3);
    let when_employee = |text: &str| if employee { Value::from(text) } else { Value::Null };
    match name {
        "id" => Value::from(person.id.to_string()),
        "displayName" => Value::from(person.display.clone()),
        "givenName" if !person.given.is_empty() => Value::from(person.given.clone()),
        "surname" if !person.surname.is_empty() => Value::from(person.surname.clone()),
        "userPrincipalName" => Value::from(person.upn.clone()),
        "mail" => person.mail().map_or(Value::Null, Value::from),
        "mailNickname" => Value::from(person.upn.split('@').next().unwrap_or_default()),
        "jobTitle" => when_employee(person.title),
        "department" => when_employee(person.department),
        "companyName" => when_employee("Contoso"),
        "officeLocation" | "city" => when_employee(person.country.2),
        "country" => when_employee(person.country.1),
        "accountEnabled" => Value::from(world.is_enabled(person.index)),
        "userType" => Value::from(if person.kind == Kind::Guest { "Guest" } else { "Member" }),
        "createdDateTime" => Value::from(second_text(person.created)),
        "usageLocation" => world.usage_location(person.index).map_or(Value::Null, Value::from),
        "employeeId" => if employee { Value::from(employee_id(person.index)) } else { Value::Null },
        "employeeType" => when_employee("Employee"),
        "employeeHireDate" => if employee { Value::from(second_text(person.created - person.created.rem_euclid(86_400))) } else { Value::Null },
        "employeeLeaveDateTime" => world.population.end_of_employment(person.index).map_or(Value::Null, |at| Value::from(second_text(at))),
        "employeeOrgData" => if employee { json!({"division": person.department, "costCenter": person.cost_center}) } else { Value::Null },
        "onPremisesSyncEnabled" if synced => Value::from(true),
        "onPremisesSamAccountName" if synced => Value::from(format!("u{}", person.index)),
        "onPremisesImmutableId" if synced => Value::from(format!("imm{}==", person.index)),
        "onPremisesLastSyncDateTime" if synced => Value::from(second_text(world.population.epoch - 3600)),
        "onPremisesExtensionAttributes" => json!({"extensionAttribute1": (person.index % 97 == 5).then_some("keep-licenses"), "extensionAttribute2": null}),
        "assignedLicenses" => assigned_licenses(holdings),
        "licenseAssignmentStates" => assignment_states(world, holdings),
        "assignedPlans" => Value::from(
            enabled_plans(holdings).iter().map(|plan| json!({"assignedDateTime": second_text(person.created), "capabilityStatus": "Enabled", "service": "exchange", "servicePlanId": plan})).collect::<Vec<_>>(),
        ),
        "provisionedPlans" | "businessPhones" | "imAddresses" | "identities" => json!([]),
        "proxyAddresses" => Value::from(person.mail().map(|mail| format!("SMTP:{mail}")).into_iter().collect::<Vec<_>>()),
        "externalUserState" if person.kind == Kind::Guest => Value::from("Accepted"),
        "creationType" if person.kind == Kind::Guest => Value::from("Invitation"),
        "preferredLanguage" => when_employee("en-US"),
        "lastPasswordChangeDateTime" | "signInSessionsValidFromDateTime" => Value::from(second_text(person.created)),
        _ => Value::Null,
    }
}

/// The number HR knows a person by; the roster carries the same.
pub fn employee_id(index: u64) -> String {
    format!("E{:06}", 100_000 + index)
}
