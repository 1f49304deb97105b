//! A user object as Graph shows it, projected to what was selected.

use crate::activity::SignIns;
use crate::clock::Millis;
use crate::errors::GraphError;
use crate::holdings::Holdings;
use crate::routes::user_row::{Options, Shape, write_user};
use crate::world::World;
use serde_json::{Map, Value};

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

/// What `User.ReadBasic.All` is enough for.
pub const BASIC: [&str; 8] =
    ["id", "displayName", "givenName", "surname", "mail", "userPrincipalName", "mailNickname", "identities"];

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

/// The selected properties of a person. `holdings` is what this read may see.
pub fn project(world: &World, index: u64, holdings: &Holdings, names: &[&str], now: Millis) -> Map<String, Value> {
    project_with(world, index, holdings, names, now, Options::default())
}

/// [`project`] for callers who do not get everything.
pub fn project_with(
    world: &World,
    index: u64,
    holdings: &Holdings,
    names: &[&str],
    now: Millis,
    options: Options,
) -> Map<String, Value> {
    let mut text = vec![b'{'];
    write_user(&mut text, world, &Shape::new(names), index, holdings, now, options);
    text.push(b'}');
    serde_json::from_slice(&text).expect("what we write is JSON")
}

/// The number HR knows a person by; the roster carries the same.
pub fn employee_id(index: u64) -> String {
    format!("E{:06}", 100_000 + index)
}
