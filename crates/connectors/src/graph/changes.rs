//! What changed since: `users/delta`, for what it tracks.

use crate::directory::{Ahead, ChangesPage, Cursor};
use crate::error::ConnectorError;

use super::answer::Answer;
use super::follow::next_page;
use super::patience::Trouble;
use super::reader::GraphReader;
use super::wire;

/// The permission behind everything here.
const SCOPE: &str = "User.Read.All";

impl GraphReader {
    pub(super) async fn read_changes_from_now(&self) -> Result<Cursor, ConnectorError> {
        let first = format!("v1.0/users/delta?$select={}&$deltatoken=latest", wire::TRACKED_FIELDS);
        let listing: wire::ChangeListing =
            self.client.read(&self.client.cloud.graph(&first), self.sweeping(SCOPE)).await?;
        match self.page_of_changes(listing)?.ahead {
            Ahead::Later(cursor) => Ok(cursor),
            Ahead::Page(_) => Err(ConnectorError::Malformed("changes from now on have pages already".to_owned())),
        }
    }

    pub(super) async fn read_changes(&self, cursor: &Cursor) -> Result<ChangesPage, ConnectorError> {
        // A cursor kept from another cloud leads nowhere; the token does not go there.
        let url = next_page(&self.client.cloud, cursor).map_err(|_| ConnectorError::RestartListing)?;
        let judge = |answer: &Answer| match answer.status {
            200 => answer.json::<wire::ChangeListing>(),
            // 410 with a way to begin again, or 400 such as `syncStateNotFound`: whatever the refusal
            // says, this token leads nowhere any more (2.5, G48).
            400 | 404 | 410 if answer.graph_error().is_some() => Err(Trouble::Final(ConnectorError::RestartListing)),
            _ => Err(answer.reading_trouble(SCOPE)),
        };
        let listing = self.client.read_with(&url, self.sweeping(SCOPE), judge).await?;
        self.page_of_changes(listing)
    }

    fn page_of_changes(&self, listing: wire::ChangeListing) -> Result<ChangesPage, ConnectorError> {
        let ahead = match (listing.next_link, listing.delta_link) {
            (Some(next), None) => Ahead::Page(Cursor::from_stored(&next)),
            (None, Some(later)) => Ahead::Later(Cursor::from_stored(&later)),
            (Some(_), Some(_)) | (None, None) => {
                return Err(ConnectorError::Malformed("a page of changes does not say where it goes on".to_owned()));
            }
        };
        let (Ahead::Page(cursor) | Ahead::Later(cursor)) = &ahead;
        next_page(&self.client.cloud, cursor)?;
        let (removed, changed): (Vec<_>, Vec<_>) = listing.value.into_iter().partition(|row| row.removed.is_some());
        let ids = |rows: Vec<wire::ChangedUser>| rows.into_iter().map(|row| row.id).collect();
        Ok(ChangesPage { changed: ids(changed), removed: ids(removed), ahead })
    }
}
