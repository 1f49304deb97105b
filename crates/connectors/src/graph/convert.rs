//! Theirs to ours.

use std::collections::BTreeMap;

use reseat_domain::activity::SignIn;
use reseat_domain::directory::{HeldSeat, LicenseState, OpenWord, Path, Person, Sku, SkuPlan, UserType, Via};
use reseat_domain::ids::{SkuId, UserId};
use reseat_domain::time::Timestamp;

use crate::directory::Group;

use super::wire;

impl From<wire::User> for Person {
    fn from(user: wire::User) -> Self {
        let paths = paths(user.license_assignment_states);
        let mut seats: Vec<HeldSeat> = Vec::with_capacity(user.assigned_licenses.len());
        for license in user.assigned_licenses {
            if seats.iter().all(|seat| seat.sku_id != license.sku_id) {
                // A sku without a state: held, and nobody knows through what (9#7).
                let paths = paths.get(&license.sku_id).cloned().unwrap_or_default();
                seats.push(HeldSeat { sku_id: license.sku_id, paths });
            }
        }
        Self {
            user_id: user.id,
            display_name: filled(user.display_name).unwrap_or_else(|| user.user_principal_name.clone()),
            user_principal_name: user.user_principal_name,
            mail: filled(user.mail),
            department: filled(user.department),
            account_enabled: user.account_enabled,
            user_type: user_type(user.user_type.as_deref()),
            created_at: moment(user.created_date_time.as_deref()),
            usage_location: filled(user.usage_location),
            manager: user.manager.map(|manager| manager.id),
            seats,
        }
    }
}

impl From<wire::UserLicenses> for LicenseState {
    fn from(user: wire::UserLicenses) -> Self {
        let mut assigned = BTreeMap::new();
        for license in user.assigned_licenses {
            let plans: &mut std::collections::BTreeSet<_> = assigned.entry(license.sku_id).or_default();
            plans.extend(license.disabled_plans);
        }
        Self {
            user_id: user.id,
            account_enabled: user.account_enabled,
            usage_location: filled(user.usage_location),
            assigned,
            paths: paths(user.license_assignment_states),
            groups: None,
        }
    }
}

fn paths(states: Vec<wire::LicenseAssignmentState>) -> BTreeMap<SkuId, Vec<Path>> {
    let mut by_sku: BTreeMap<SkuId, Vec<Path>> = BTreeMap::new();
    for state in states {
        by_sku.entry(state.sku_id).or_default().push(Path {
            via: state.assigned_by_group.map_or(Via::Direct, |group_id| Via::Group { group_id }),
            disabled_plans: state.disabled_plans.into_iter().collect(),
            state: OpenWord(state.state.unwrap_or_default()),
            last_updated: moment(state.last_updated_date_time.as_deref()),
        });
    }
    by_sku
}

impl wire::UserSignIn {
    /// The person's dates, or `None` when one of them is no date: what cannot be read is not "never"
    /// (U7).
    pub(super) fn dates(&self) -> Option<(UserId, SignIn)> {
        let date = |text: &Option<String>| match filled(text.clone()) {
            None => Some(None),
            Some(text) => moment(Some(&text)).map(Some),
        };
        let sign_in = match &self.sign_in_activity {
            None => SignIn::default(),
            Some(activity) => SignIn {
                last_successful: date(&activity.last_successful_sign_in_date_time)?,
                last_interactive: date(&activity.last_sign_in_date_time)?,
                last_non_interactive: date(&activity.last_non_interactive_sign_in_date_time)?,
            },
        };
        Some((self.id, sign_in))
    }
}

impl From<wire::SubscribedSku> for Sku {
    fn from(sku: wire::SubscribedSku) -> Self {
        Self {
            sku_id: sku.sku_id,
            part_number: sku.sku_part_number.trim().to_owned(),
            assignable_to_people: !sku.applies_to.is_some_and(|word| word.eq_ignore_ascii_case("company")),
            capability_status: OpenWord(sku.capability_status.unwrap_or_default()),
            enabled_units: sku.prepaid_units.enabled,
            warning_units: sku.prepaid_units.warning,
            suspended_units: sku.prepaid_units.suspended,
            consumed_units: sku.consumed_units,
            plans: sku
                .service_plans
                .into_iter()
                .map(|plan| SkuPlan { plan_id: plan.service_plan_id, name: plan.service_plan_name.trim().to_owned() })
                .collect(),
        }
    }
}

impl From<wire::Group> for Group {
    fn from(group: wire::Group) -> Self {
        let has = |word: &str| group.group_types.iter().any(|found| found.eq_ignore_ascii_case(word));
        Self {
            group_id: group.id,
            display_name: filled(group.display_name.clone()).unwrap_or_else(|| group.id.to_string()),
            dynamic: has("DynamicMembership"),
            synced: group.on_premises_sync_enabled == Some(true),
            mail_enabled: group.mail_enabled == Some(true),
            microsoft_365: has("Unified"),
            role_assignable: group.is_assignable_to_role == Some(true),
        }
    }
}

/// A text with something in it.
pub(super) fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

/// A moment that can be true, `None` for anything else.
pub(super) fn moment(text: Option<&str>) -> Option<Timestamp> {
    text.and_then(|text| text.parse::<Timestamp>().ok()).filter(|moment| !moment.day().is_placeholder())
}

fn user_type(word: Option<&str>) -> UserType {
    match word {
        Some(word) if word.eq_ignore_ascii_case("member") => UserType::Member,
        Some(word) if word.eq_ignore_ascii_case("guest") => UserType::Guest,
        Some(_) | None => UserType::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const E5: &str = "06ebc4ee-1bb5-47dd-8120-11324bc54e06";
    const VISIO: &str = "c5928f49-12ba-48f7-ada3-0d743a3601d5";
    const GROUP: &str = "22222222-2222-4222-8222-222222222222";
    const PLAN: &str = "70d33638-9c74-4d01-bfd3-562de28bd4ba";

    fn user() -> Value {
        json!({
            "id": "11111111-1111-4111-8111-111111111111", "displayName": null, "userPrincipalName": "ada@contoso.example",
            "mail": "", "accountEnabled": false, "userType": "Robot", "createdDateTime": "2021-02-03T04:05:06Z",
            "usageLocation": "DE", "somethingNew": {"a": 1}, "manager": {"@odata.type": "#microsoft.graph.user", "id": GROUP},
            "assignedLicenses": [{"skuId": E5.to_uppercase(), "disabledPlans": [PLAN]}, {"skuId": VISIO, "disabledPlans": []}],
            "licenseAssignmentStates": [
                {"skuId": E5, "assignedByGroup": null, "state": "Active", "error": "None", "disabledPlans": [PLAN], "lastUpdatedDateTime": "2025-01-01T00:00:00Z"},
                {"skuId": E5, "assignedByGroup": GROUP, "state": "Dreaming", "error": "Unheard", "disabledPlans": [], "lastUpdatedDateTime": "0001-01-01T00:00:00Z"},
            ],
        })
    }

    #[test]
    fn a_person_keeps_every_path_and_unknown_words_break_nothing() {
        let person: Person = serde_json::from_value::<wire::User>(user()).expect("a user").into();
        assert_eq!(person.display_name, "ada@contoso.example");
        assert_eq!((person.mail, person.user_type, person.account_enabled), (None, UserType::Unknown, false));
        assert_eq!(person.seats.len(), 2);
        let [e5, visio] = person.seats.as_slice() else { panic!("two seats") };
        assert_eq!(e5.paths.len(), 2);
        assert!(e5.direct().is_some() && e5.groups().count() == 1);
        assert_eq!(e5.paths[1].last_updated, None, "0001 is no date (U7)");
        assert_eq!(visio.paths, [], "9#7: listed, and nobody says how");
    }

    #[test]
    fn a_missing_key_is_never_nothing() {
        let without = |pointer: &str, key: &str| {
            let mut value = user();
            let object = value.pointer_mut(pointer).and_then(Value::as_object_mut).expect("an object");
            assert!(object.remove(key).is_some(), "{key} was there");
            serde_json::from_value::<wire::User>(value)
        };
        for (pointer, key) in [
            ("", "id"),
            ("", "userPrincipalName"),
            ("", "accountEnabled"),
            ("", "assignedLicenses"),
            ("", "licenseAssignmentStates"),
            ("/assignedLicenses/0", "skuId"),
            ("/assignedLicenses/0", "disabledPlans"),
            ("/licenseAssignmentStates/0", "assignedByGroup"),
            ("/licenseAssignmentStates/0", "disabledPlans"),
        ] {
            assert!(without(pointer, key).is_err(), "9#11: {pointer} {key}");
        }
        for (pointer, key) in [("", "mail"), ("", "manager"), ("", "userType"), ("/licenseAssignmentStates/0", "state")]
        {
            assert!(without(pointer, key).is_ok(), "{pointer} {key}");
        }
    }

    #[test]
    fn a_license_state_holds_plans_and_paths_apart() {
        let state: LicenseState = serde_json::from_value::<wire::UserLicenses>(user()).expect("a user").into();
        let e5: SkuId = E5.parse().expect("a GUID");
        assert_eq!(state.assigned[&e5].len(), 1);
        assert_eq!(state.seat(e5).expect("held").paths.len(), 2);
        assert!(state.seat(VISIO.parse().expect("a GUID")).expect("held").paths.is_empty());
    }

    #[test]
    fn a_sign_in_that_is_no_date_is_not_never() {
        let read = |activity: Value| {
            let value = json!({"id": "11111111-1111-4111-8111-111111111111", "signInActivity": activity});
            serde_json::from_value::<wire::UserSignIn>(value).expect("a user").dates().map(|(_, dates)| dates)
        };
        assert_eq!(read(Value::Null), Some(SignIn::default()));
        assert_eq!(read(json!({"lastSignInDateTime": null, "lastSignInRequestId": ""})), Some(SignIn::default()));
        let dates = read(json!({"lastSuccessfulSignInDateTime": "2026-10-01T10:00:00Z"})).expect("dates");
        assert_eq!(dates.last_successful, Some("2026-10-01T10:00:00Z".parse().expect("a moment")));
        for bad in ["1601-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "yesterday"] {
            assert_eq!(read(json!({"lastSignInDateTime": bad})), None, "U7: {bad}");
        }
    }

    #[test]
    fn skus_and_groups_are_read_as_their_words_say() {
        let sku = |applies_to: &str| -> Sku {
            let value = json!({
                "skuId": E5, "skuPartNumber": "SPE_E5 ", "appliesTo": applies_to, "capabilityStatus": "Resting", "consumedUnits": 7,
                "prepaidUnits": {"enabled": 5, "warning": 1, "suspended": 0, "lockedOut": 0},
                "servicePlans": [{"servicePlanId": PLAN, "servicePlanName": "A\u{a0}", "provisioningStatus": "Success", "appliesTo": "User"}],
            });
            serde_json::from_value::<wire::SubscribedSku>(value).expect("a sku").into()
        };
        assert!(sku("User").assignable_to_people && sku("Universe").assignable_to_people);
        assert!(!sku("Company").assignable_to_people);
        assert_eq!((sku("User").part_number.as_str(), sku("User").free()), ("SPE_E5", -1), "9#13");
        assert_eq!(sku("User").plans[0].name, "A");

        let group = |value: Value| -> Group { serde_json::from_value::<wire::Group>(value).expect("a group").into() };
        let dynamic =
            group(json!({"id": GROUP, "displayName": "Sales", "groupTypes": ["DynamicMembership", "Unified"]}));
        assert!(dynamic.dynamic && dynamic.microsoft_365 && !dynamic.synced);
        let synced = group(json!({"id": GROUP, "groupTypes": [], "onPremisesSyncEnabled": true, "mailEnabled": null}));
        assert_eq!((synced.kind_words().as_str(), synced.display_name.as_str()), ("synced", GROUP));
    }
}
