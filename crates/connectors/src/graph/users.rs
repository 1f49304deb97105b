//! People and what they hold.

use reseat_domain::directory::{LicenseState, Person};
use reseat_domain::ids::UserId;

use crate::directory::{Cursor, MOST_BY_ID, NameRange, Page};
use crate::error::ConnectorError;

use super::reader::{GraphReader, optional};
use super::wire::{self, user_fields};

/// The permission behind everything here.
const SCOPE: &str = "User.Read.All";

/// The largest page Graph gives where no sign-in date is asked for.
const PAGE_SIZE: u32 = 999;

/// Everything that is read of people.
const LISTING: &str = concat!("v1.0/users?$select=", user_fields!(), "&$expand=manager($select=id)");

/// How many there are. Graph counts only for those who accept that the number may lag.
pub(super) const COUNT: &str = "v1.0/users/$count";

/// The filter for a part of the directory. Comparing sign-in names needs no advanced query (2.2), so
/// that the manager can still come along.
fn within(range: &NameRange) -> Option<String> {
    match (range.from(), range.to()) {
        (None, None) => None,
        (None, Some(to)) => Some(format!("userPrincipalName le '{to}'")),
        (Some(from), None) => Some(format!("userPrincipalName ge '{from}'")),
        (Some(from), Some(to)) => Some(format!("userPrincipalName ge '{from}' and userPrincipalName le '{to}'")),
    }
}

impl GraphReader {
    pub(super) async fn read_people(&self, cursor: Option<&Cursor>) -> Result<Page<Person>, ConnectorError> {
        self.read_people_within(&NameRange::EVERYBODY, cursor).await
    }

    pub(super) async fn read_people_within(
        &self,
        range: &NameRange,
        cursor: Option<&Cursor>,
    ) -> Result<Page<Person>, ConnectorError> {
        let filter = within(range).map_or_else(String::new, |filter| format!("&$filter={filter}"));
        let page: Page<wire::User> = self.page(&format!("{LISTING}&$top={PAGE_SIZE}{filter}"), cursor, SCOPE).await?;
        Ok(Page { items: page.items.into_iter().map(Person::from).collect(), next: page.next })
    }

    pub(super) async fn read_people_by_id(&self, ids: &[UserId]) -> Result<Vec<Person>, ConnectorError> {
        let mut people = Vec::with_capacity(ids.len());
        for ids in ids.chunks(MOST_BY_ID) {
            let terms: Vec<String> = ids.iter().map(|id| format!("id eq '{id}'")).collect();
            let first = format!("{LISTING}&$filter={}", terms.join(" or "));
            let mut cursor = None;
            // As many pages as people would be one each; more of them turn in a circle (G47).
            for _ in 0..=ids.len() {
                let page: Page<wire::User> = self.page(&first, cursor.as_ref(), SCOPE).await?;
                let asked_for = page.items.into_iter().map(Person::from).filter(|person| ids.contains(&person.user_id));
                people.extend(asked_for);
                cursor = page.next;
                if cursor.is_none() {
                    break;
                }
            }
            if cursor.is_some() {
                return Err(ConnectorError::RestartListing);
            }
        }
        Ok(people)
    }

    pub(super) async fn read_people_count(&self) -> Result<u64, ConnectorError> {
        let url = self.client.cloud.graph(COUNT);
        self.client
            .read_with(&url, self.sweeping(SCOPE), |answer| match answer.status {
                200 => answer.number(),
                _ => Err(answer.reading_trouble(SCOPE)),
            })
            .await
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
