//! Groups that carry licenses: their names, who may change their membership, and what they give.

use futures::{StreamExt, TryStreamExt, stream};
use reseat_domain::ids::GroupId;
use reseat_domain::licensing::GroupLicense;

use crate::directory::Group;
use crate::error::ConnectorError;
use crate::licensing::LicensedGroup;

use super::reader::GraphReader;
use super::wire;

const SCOPE: &str = "GroupMember.Read.All";

/// What groups give may need more than their names do (2.6).
const LICENSES_SCOPE: &str = "Group.Read.All";

/// How many are read at once: few enough to leave the customer's other apps their share (G21).
const AT_ONCE: usize = 4;

impl GraphReader {
    pub(super) async fn read_groups(&self, ids: &[GroupId]) -> Result<Vec<Group>, ConnectorError> {
        stream::iter(ids.to_vec())
            .map(|id| self.read_group(id))
            .buffered(AT_ONCE)
            .try_filter_map(|found| std::future::ready(Ok(found)))
            .try_collect()
            .await
    }

    /// One group, `None` when it is gone or may not be read.
    async fn read_group(&self, id: GroupId) -> Result<Option<Group>, ConnectorError> {
        let url = self.client.cloud.graph(&format!("v1.0/groups/{id}?$select={}", wire::GROUP_FIELDS));
        match self.client.read::<wire::Group>(&url, self.sweeping(SCOPE)).await {
            Ok(group) => Ok(Some(group.into())),
            Err(ConnectorError::NotFound | ConnectorError::MissingPermission { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Every group that gives licenses, in one query that needs the eventual kind of consistency (2.6).
    pub(super) async fn read_licensed_groups(&self) -> Result<Vec<LicensedGroup>, ConnectorError> {
        let first = format!(
            "v1.0/groups?$filter=assignedLicenses/$count ne 0&$count=true&$select={},assignedLicenses,membershipRule&$top=999",
            wire::GROUP_FIELDS
        );
        let groups: Vec<wire::LicensedGroup> = self.every_page(&first, LICENSES_SCOPE).await?;
        Ok(groups.into_iter().map(LicensedGroup::from).collect())
    }
}

impl From<wire::LicensedGroup> for LicensedGroup {
    fn from(read: wire::LicensedGroup) -> Self {
        let group_id = read.group.id;
        let licenses = read.assigned_licenses.into_iter().map(|license| GroupLicense {
            group_id,
            sku_id: license.sku_id,
            disabled_plans: license.disabled_plans.into_iter().collect(),
        });
        Self {
            licenses: licenses.collect(),
            membership_rule: read.membership_rule.filter(|rule| !rule.trim().is_empty()),
            group: read.group.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const GROUP: &str = "22222222-2222-4222-8222-222222222222";

    fn group(change: &Value) -> Result<LicensedGroup, serde_json::Error> {
        let mut value = json!({
            "id": GROUP, "displayName": "Licensing", "groupTypes": [], "mailEnabled": false, "securityEnabled": true,
            "assignedLicenses": [{"skuId": "06ebc4ee-1bb5-47dd-8120-11324bc54e06", "disabledPlans": [], "newField": 1}],
        });
        for (key, part) in change.as_object().expect("an object") {
            if part == "absent" {
                value.as_object_mut().expect("an object").remove(key);
            } else {
                value[key] = part.clone();
            }
        }
        serde_json::from_value::<wire::LicensedGroup>(value).map(LicensedGroup::from)
    }

    #[test]
    fn each_of_the_six_kinds_of_group_is_told_by_its_fields() {
        let rule = "user.department -eq \"Sales\"";
        for (change, kind) in [
            (json!({}), "static"),
            (json!({"groupTypes": ["Unified"], "mailEnabled": true}), "microsoft_365"),
            (json!({"groupTypes": ["DynamicMembership"], "membershipRule": rule}), "dynamic"),
            (json!({"onPremisesSyncEnabled": true}), "synced"),
            (json!({"mailEnabled": true}), "mail_enabled"),
            (json!({"isAssignableToRole": true}), "role_assignable"),
        ] {
            let read = group(&change).expect("a group");
            assert_eq!(read.group.kind_words(), kind, "4.4: {change}");
            assert_eq!(read.membership_rule.as_deref(), change["membershipRule"].as_str(), "4.4");
            assert_eq!(read.licenses.len(), 1, "2.6");
        }
    }

    #[test]
    fn a_group_that_does_not_say_what_it_gives_is_not_one_that_gives_nothing() {
        assert!(group(&json!({"assignedLicenses": "absent"})).is_err(), "9#11");
        assert!(group(&json!({"groupTypes": "absent"})).is_err(), "9#11");
        assert!(group(&json!({"assignedLicenses": [{"skuId": GROUP}]})).is_err(), "9#11: plans off are not none");
        assert!(group(&json!({"displayName": "absent", "membershipRule": null, "visibility": "Odd"})).is_ok());
    }
}
