//! License types and purchased units.

use std::collections::BTreeSet;

use reseat_domain::directory::Sku;

use crate::directory::{Cursor, Page};
use crate::error::ConnectorError;

use super::reader::GraphReader;
use super::wire;

/// Older pages name `Organization.Read.All`; either will do (9#31).
const SCOPE: &str = "LicenseAssignment.Read.All";

impl GraphReader {
    /// Normally one page; a client that believed that was bitten, so links are walked (3.1).
    pub(super) async fn read_skus(&self) -> Result<Vec<Sku>, ConnectorError> {
        let mut skus = Vec::new();
        let mut cursor: Option<Cursor> = None;
        let mut seen = BTreeSet::new();
        loop {
            let page: Page<wire::SubscribedSku> = self.page("v1.0/subscribedSkus", cursor.as_ref(), SCOPE).await?;
            skus.extend(page.items.into_iter().map(Sku::from));
            let Some(next) = page.next else { return Ok(skus) };
            if !seen.insert(next.as_str().to_owned()) {
                return Err(ConnectorError::RestartListing);
            }
            cursor = Some(next);
        }
    }
}
