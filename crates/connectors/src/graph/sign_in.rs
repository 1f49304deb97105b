//! Sign-in dates, the slow lane: small pages, a premium license, and a gate that now and then refuses
//! for no reason.

use std::sync::atomic::Ordering;

use reseat_domain::activity::SignIn;
use reseat_domain::ids::UserId;
use reseat_domain::time::Timestamp;

use crate::directory::{Cursor, Page};
use crate::error::ConnectorError;

use super::answer::GraphError;
use super::reader::{GraphReader, optional};
use super::wire;

/// The permission without which the dates are refused.
const SCOPE: &str = "AuditLog.Read.All";

/// The largest page with sign-in dates since July 2025.
pub(super) const LARGEST_PAGE: u32 = 500;

/// Smaller pages than this were never asked for.
const SMALLEST_PAGE: u32 = 50;

const FIELDS: &str = "id,signInActivity";

impl GraphReader {
    pub(super) async fn read_sign_ins(
        &self,
        before: Option<Timestamp>,
        cursor: Option<&Cursor>,
    ) -> Result<Page<(UserId, SignIn)>, ConnectorError> {
        // No other condition may join this one (2.4).
        let filter = before.map_or_else(String::new, |moment| {
            let seconds = Timestamp::from_micros(moment.as_micros() - moment.as_micros().rem_euclid(1_000_000));
            format!("&$filter=signInActivity/lastSignInDateTime le {seconds}")
        });
        loop {
            let size = self.sign_in_page_size.load(Ordering::Relaxed);
            let first = format!("v1.0/users?$select={FIELDS}&$top={size}{filter}");
            let refused = match self.page::<wire::UserSignIn>(&first, cursor, SCOPE).await {
                Ok(page) => return Ok(Page { items: believable(&page.items), next: page.next }),
                Err(error) => error,
            };
            if !matches!(&refused, ConnectorError::Malformed(text) if is_about_page_size(text)) || size <= SMALLEST_PAGE
            {
                return Err(refused);
            }
            self.sign_in_page_size.store((size / 2).max(SMALLEST_PAGE), Ordering::Relaxed);
            if cursor.is_some() {
                // The link carries the old size: the listing has to begin again with the new one.
                return Err(ConnectorError::RestartListing);
            }
        }
    }

    pub(super) async fn read_sign_in(&self, user_id: UserId) -> Result<Option<(UserId, SignIn)>, ConnectorError> {
        let url = self.client.cloud.graph(&format!("v1.0/users/{user_id}?$select={FIELDS}"));
        let Some(user) = optional(self.client.read::<wire::UserSignIn>(&url, self.single(SCOPE)).await)? else {
            return Ok(None);
        };
        let dates = user.dates().filter(|(found, _)| *found == user_id);
        dates.map(Some).ok_or_else(|| ConnectorError::Malformed("the sign-in dates are none".to_owned()))
    }
}

/// Everybody whose dates can be read. Who is left out has no sign-in date, which is not "never".
fn believable(users: &[wire::UserSignIn]) -> Vec<(UserId, SignIn)> {
    let dates: Vec<_> = users.iter().filter_map(wire::UserSignIn::dates).collect();
    if dates.len() < users.len() {
        tracing::warn!(people = users.len() - dates.len(), "sign-in dates that are no dates were left out");
    }
    dates
}

/// Whether a refusal is about the size of the page.
pub(super) fn is_page_too_large(error: &GraphError) -> bool {
    is_about_page_size(&error.message)
}

/// Both texts Microsoft has used (9#1).
fn is_about_page_size(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("page size") || (text.contains("more than") && text.contains("users at a time"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_texts_about_page_sizes_are_known() {
        assert!(is_about_page_size("Invalid page size specified: '500'. Must be between 1 and 120 inclusive."));
        assert!(is_about_page_size("Cannot query data for more than 120 users at a time."));
        assert!(!is_about_page_size("The specified page token value has expired."));
    }
}
