//! Groups that carry licenses: their names and who may change their membership.

use futures::{StreamExt, TryStreamExt, stream};
use reseat_domain::ids::GroupId;

use crate::directory::Group;
use crate::error::ConnectorError;

use super::reader::GraphReader;
use super::wire;

const SCOPE: &str = "GroupMember.Read.All";

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
}
