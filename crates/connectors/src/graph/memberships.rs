//! One group's terms and one person's memberships, read right before and after a membership changes.

use std::collections::BTreeSet;

use reseat_domain::ids::{GroupId, UserId};
use reseat_domain::plan::GroupTerms;
use serde::Deserialize;

use crate::directory::Group;
use crate::error::ConnectorError;

use super::reader::{GraphReader, optional};
use super::wire;

/// The permission behind a group's members.
const SCOPE: &str = "GroupMember.Read.All";

/// What groups give may need more than their names do (2.6).
const LICENSES_SCOPE: &str = "Group.Read.All";

/// Something a person belongs to: a group, a directory role, an administrative unit.
#[derive(Debug, Deserialize)]
struct Belonging {
    #[serde(rename = "@odata.type")]
    kind: String,
    id: GroupId,
}

impl GraphReader {
    pub(super) async fn read_group_terms(&self, id: GroupId) -> Result<Option<GroupTerms>, ConnectorError> {
        let fields = wire::GROUP_FIELDS;
        let url = self.client.cloud.graph(&format!("v1.0/groups/{id}?$select={fields},assignedLicenses"));
        let read = optional(self.client.read::<wire::LicensedGroup>(&url, self.single(LICENSES_SCOPE)).await)?;
        let Some(read) = read else { return Ok(None) };
        if read.group.id != id {
            return Err(ConnectorError::Malformed(format!("{id} was asked for, and {} came", read.group.id)));
        }
        let group: Group = read.group.into();
        let kind = group.kind_words();
        Ok(Some(GroupTerms {
            group_id: id,
            kind: kind.parse().map_err(|_| ConnectorError::Malformed(format!("a group of no known kind: {kind}")))?,
            display_name: group.display_name,
            skus: read
                .assigned_licenses
                .into_iter()
                .map(|license| (license.sku_id, license.disabled_plans.into_iter().collect()))
                .collect(),
        }))
    }

    /// Direct memberships of groups, whole or not at all; group licenses follow no nested ones.
    pub(super) async fn read_memberships(&self, id: UserId) -> Result<Option<BTreeSet<GroupId>>, ConnectorError> {
        let first = format!("v1.0/users/{id}/memberOf?$select=id&$top=999");
        let Some(all) = optional(self.every_page::<Belonging>(&first, SCOPE).await)? else { return Ok(None) };
        let groups = all.into_iter().filter(|it| it.kind == "#microsoft.graph.group");
        Ok(Some(groups.map(|group| group.id).collect()))
    }
}
