//! License types and purchased units.

use reseat_domain::directory::Sku;

use crate::error::ConnectorError;

use super::reader::GraphReader;
use super::wire;

/// Older pages name `Organization.Read.All`; either will do (9#31).
const SCOPE: &str = "LicenseAssignment.Read.All";

impl GraphReader {
    /// Normally one page; a client that believed that was bitten, so links are walked (3.1).
    pub(super) async fn read_skus(&self) -> Result<Vec<Sku>, ConnectorError> {
        let skus: Vec<wire::SubscribedSku> = self.every_page("v1.0/subscribedSkus", SCOPE).await?;
        Ok(skus.into_iter().map(Sku::from).collect())
    }
}
