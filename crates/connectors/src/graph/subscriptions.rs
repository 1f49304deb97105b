//! What was bought, until when (graph-facts 3.2).

use reseat_domain::directory::OpenWord;
use reseat_domain::ids::SkuId;
use reseat_domain::licensing::Subscription;
use serde::Deserialize;

use crate::error::ConnectorError;

use super::convert::{filled, moment};
use super::reader::GraphReader;

const SCOPE: &str = "Organization.Read.All";

/// A purchase as Microsoft says it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CompanySubscription {
    id: String,
    #[serde(default)]
    commerce_subscription_id: Option<String>,
    sku_id: SkuId,
    #[serde(default)]
    status: Option<String>,
    total_licenses: i64,
    #[serde(default)]
    is_trial: Option<bool>,
    #[serde(default)]
    created_date_time: Option<String>,
    #[serde(default)]
    next_lifecycle_date_time: Option<String>,
    #[serde(default)]
    owner_tenant_id: Option<String>,
}

impl GraphReader {
    pub(super) async fn read_subscriptions(&self) -> Result<Vec<Subscription>, ConnectorError> {
        let read: Vec<CompanySubscription> = self.every_page("v1.0/directory/subscriptions", SCOPE).await?;
        Ok(read.into_iter().map(Subscription::from).collect())
    }
}

impl From<CompanySubscription> for Subscription {
    fn from(read: CompanySubscription) -> Self {
        Self {
            subscription_id: read.id,
            commerce_id: filled(read.commerce_subscription_id),
            sku_id: read.sku_id,
            status: OpenWord(read.status.unwrap_or_default()),
            total_units: read.total_licenses,
            is_trial: read.is_trial == Some(true),
            created_at: moment(read.created_date_time.as_deref()),
            next_lifecycle_at: moment(read.next_lifecycle_date_time.as_deref()),
            sold_by_tenant: filled(read.owner_tenant_id),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(value: Value) -> Result<Subscription, serde_json::Error> {
        serde_json::from_value::<CompanySubscription>(value).map(Subscription::from)
    }

    fn full() -> Value {
        json!({
            "id": "s", "commerceSubscriptionId": "c", "skuId": "06ebc4ee-1bb5-47dd-8120-11324bc54e06",
            "skuPartNumber": "SPE_E5", "status": "Dormant", "totalLicenses": 25, "isTrial": true,
            "createdDateTime": "2026-01-01T00:00:00Z", "nextLifecycleDateTime": "2027-01-01T00:00:00Z",
            "ownerTenantId": null, "serviceStatus": [], "somethingNew": 1,
        })
    }

    #[test]
    fn a_purchase_keeps_its_dates_and_unknown_words_break_nothing() {
        let read = read(full()).expect("a subscription");
        assert_eq!((read.total_units, read.is_trial, read.status.0.as_str()), (25, true, "Dormant"), "3.2");
        assert_eq!(read.next_lifecycle_at, Some("2027-01-01T00:00:00Z".parse().expect("a moment")));
        assert_eq!(read.sold_by_tenant, None);
    }

    #[test]
    fn without_its_sku_or_its_units_it_is_no_purchase() {
        for key in ["id", "skuId", "totalLicenses"] {
            let mut value = full();
            value.as_object_mut().expect("an object").remove(key);
            assert!(read(value).is_err(), "9#11: {key}");
        }
        let mut value = full();
        value["nextLifecycleDateTime"] = json!("0001-01-01T00:00:00Z");
        assert_eq!(read(value).expect("a subscription").next_lifecycle_at, None, "U7");
    }
}
