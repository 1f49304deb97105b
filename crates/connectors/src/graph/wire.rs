//! Microsoft's shapes, as far as they are read. A field without a default is one whose absence must
//! never be taken for "nothing" (9#11): such an answer is refused whole. Fields and words that are
//! not listed here do not matter.

use reseat_domain::ids::{GroupId, ServicePlanId, SkuId, UserId};
use serde::{Deserialize, Deserializer};

/// One page of any listing. Without `value` it is none (9#12).
#[derive(Debug, Deserialize)]
pub(super) struct Listing<T> {
    pub value: Vec<T>,
    #[serde(default, rename = "@odata.nextLink")]
    pub next_link: Option<String>,
}

/// What is asked for of each person.
macro_rules! user_fields {
    () => {
        "id,displayName,userPrincipalName,mail,department,accountEnabled,userType,createdDateTime,usageLocation,\
         assignedLicenses,licenseAssignmentStates"
    };
}
pub(super) use user_fields;

/// What shows that somebody changed. Through what a license is held is not tracked (9#6), and sign-in
/// dates are refused here (9#5).
pub(super) const TRACKED_FIELDS: &str = "id,displayName,userPrincipalName,mail,department,accountEnabled,userType,\
     createdDateTime,usageLocation,assignedLicenses,manager";

/// One page of changes: there is more now, or more later, never both and never neither.
#[derive(Debug, Deserialize)]
pub(super) struct ChangeListing {
    pub value: Vec<ChangedUser>,
    #[serde(default, rename = "@odata.nextLink")]
    pub next_link: Option<String>,
    #[serde(default, rename = "@odata.deltaLink")]
    pub delta_link: Option<String>,
}

/// Somebody who changed. What changed is read afresh, because a row tells only part of it.
#[derive(Debug, Deserialize)]
pub(super) struct ChangedUser {
    pub id: UserId,
    #[serde(default, rename = "@removed")]
    pub removed: Option<serde::de::IgnoredAny>,
}

/// A person of the listing.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    pub id: UserId,
    #[serde(default)]
    pub display_name: Option<String>,
    pub user_principal_name: String,
    #[serde(default)]
    pub mail: Option<String>,
    #[serde(default)]
    pub department: Option<String>,
    pub account_enabled: bool,
    #[serde(default)]
    pub user_type: Option<String>,
    #[serde(default)]
    pub created_date_time: Option<String>,
    #[serde(default)]
    pub usage_location: Option<String>,
    #[serde(default)]
    pub manager: Option<Reference>,
    pub assigned_licenses: Vec<AssignedLicense>,
    pub license_assignment_states: Vec<LicenseAssignmentState>,
}

/// An object of which only the id is asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Reference {
    pub id: UserId,
}

/// What is asked for of one person right before and after a write.
pub(super) const LICENSE_FIELDS: &str = "id,accountEnabled,usageLocation,assignedLicenses,licenseAssignmentStates";

/// One person's licenses.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserLicenses {
    pub id: UserId,
    pub account_enabled: bool,
    #[serde(default)]
    pub usage_location: Option<String>,
    pub assigned_licenses: Vec<AssignedLicense>,
    pub license_assignment_states: Vec<LicenseAssignmentState>,
}

/// A sku in effect.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AssignedLicense {
    pub sku_id: SkuId,
    pub disabled_plans: Vec<ServicePlanId>,
}

/// A path of a sku.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LicenseAssignmentState {
    pub sku_id: SkuId,
    /// `null` is direct; a missing key is not `null`.
    #[serde(deserialize_with = "nullable")]
    pub assigned_by_group: Option<GroupId>,
    pub disabled_plans: Vec<ServicePlanId>,
    #[serde(default)]
    pub state: Option<String>,
    #[serde(default)]
    pub last_updated_date_time: Option<String>,
}

/// A person's sign-in dates; the object is absent for somebody who never signed in.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserSignIn {
    pub id: UserId,
    #[serde(default)]
    pub sign_in_activity: Option<SignInActivity>,
}

/// The three dates.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SignInActivity {
    pub last_successful_sign_in_date_time: Option<String>,
    pub last_sign_in_date_time: Option<String>,
    pub last_non_interactive_sign_in_date_time: Option<String>,
}

/// A sku of the tenant.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SubscribedSku {
    pub sku_id: SkuId,
    pub sku_part_number: String,
    #[serde(default)]
    pub applies_to: Option<String>,
    #[serde(default)]
    pub capability_status: Option<String>,
    pub consumed_units: i64,
    pub prepaid_units: PrepaidUnits,
    pub service_plans: Vec<ServicePlan>,
}

/// Purchased units by state.
#[derive(Debug, Deserialize)]
pub(super) struct PrepaidUnits {
    pub enabled: i64,
    #[serde(default)]
    pub warning: i64,
    #[serde(default)]
    pub suspended: i64,
}

/// A plan of a sku.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServicePlan {
    pub service_plan_id: ServicePlanId,
    pub service_plan_name: String,
}

/// What is asked for of each group.
pub(super) const GROUP_FIELDS: &str = "id,displayName,groupTypes,mailEnabled,onPremisesSyncEnabled,isAssignableToRole";

/// A group.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Group {
    pub id: GroupId,
    #[serde(default)]
    pub display_name: Option<String>,
    pub group_types: Vec<String>,
    #[serde(default)]
    pub mail_enabled: Option<bool>,
    #[serde(default)]
    pub on_premises_sync_enabled: Option<bool>,
    #[serde(default)]
    pub is_assignable_to_role: Option<bool>,
}

/// A group with what it gives to its members.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LicensedGroup {
    #[serde(flatten)]
    pub group: Group,
    #[serde(default)]
    pub membership_rule: Option<String>,
    pub assigned_licenses: Vec<AssignedLicense>,
}

/// The switch that conceals names. `true` means that they are concealed (9#25).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReportSettings {
    pub display_concealed_names: bool,
}

/// `null` or a value; with this the key itself has to be there.
fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Option::<T>::deserialize(deserializer)
}
