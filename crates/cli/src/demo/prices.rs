//! What the demo's company pays. Made up, and left open for some license types: a price that nobody
//! entered is shown as missing, never as zero.

use serde_json::json;

use crate::demo::folder::{Folder, Kept};
use crate::remote::client::Client;
use crate::remote::table::text;

/// Part number, price of a month, currency.
const PRICES: &[(&str, &str, &str)] = &[
    ("SPE_E3", "39.00", "USD"),
    ("SPE_E5", "60.00", "USD"),
    ("SPE_F1", "8.00", "USD"),
    ("ENTERPRISEPACK", "26.00", "USD"),
    ("POWER_BI_PRO", "14.00", "USD"),
    ("VISIOCLIENT", "15.00", "USD"),
    ("Microsoft_365_Copilot", "30.00", "USD"),
    ("PROJECTPROFESSIONAL", "28.10", "EUR"),
];

/// Enters them as the License Manager, once. What people change afterwards stays.
pub async fn enter(folder: &Folder, kept: &mut Kept, manager: &Client) -> anyhow::Result<()> {
    if kept.priced {
        return Ok(());
    }
    for sku in manager.list("/skus", usize::MAX).await? {
        let part_number = text(&sku["part_number"]);
        let known = PRICES.iter().find(|(number, _, _)| *number == part_number);
        if let Some((_, amount, currency)) = known {
            let price = json!({ "amount": amount, "currency": currency, "payment_frequency": "monthly" });
            manager.put(&format!("/skus/{}/price", text(&sku["sku_id"])), &price).await?;
        }
    }
    kept.priced = true;
    folder.keep(kept)
}
