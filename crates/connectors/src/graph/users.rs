//! People and what they hold.

use reseat_domain::directory::{LicenseState, Person};
use reseat_domain::ids::UserId;

use crate::directory::{Cursor, Page};
use crate::error::ConnectorError;

use super::reader::{GraphReader, optional};
use super::wire;

/// The permission behind everything here.
const SCOPE: &str = "User.Read.All";

/// The largest page Graph gives where no sign-in date is asked for.
const PAGE_SIZE: u32 = 999;

impl GraphReader {
    pub(super) async fn read_people(&self, cursor: Option<&Cursor>) -> Result<Page<Person>, ConnectorError> {
        let first = format!("v1.0/users?$select={}&$top={PAGE_SIZE}&$expand=manager($select=id)", wire::USER_FIELDS);
        let page: Page<wire::User> = self.page(&first, cursor, SCOPE).await?;
        Ok(Page { items: page.items.into_iter().map(Person::from).collect(), next: page.next })
    }

    pub(super) async fn read_license_state(&self, user_id: UserId) -> Result<Option<LicenseState>, ConnectorError> {
        let url = self.client.cloud.graph(&format!("v1.0/users/{user_id}?$select={}", wire::LICENSE_FIELDS));
        let Some(user) = optional(self.client.read::<wire::UserLicenses>(&url, self.single(SCOPE)).await)? else {
            return Ok(None);
        };
        if user.id != user_id {
            return Err(ConnectorError::Malformed(format!("{user_id} was asked for, and {} came", user.id)));
        }
        Ok(Some(user.into()))
    }
}
