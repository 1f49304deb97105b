//! What seats cost, from the prices people entered.

use std::collections::BTreeMap;

use reseat_domain::ids::{SkuId, TenantId};
use reseat_domain::money::{Money, Price};
use reseat_domain::time::Day;
use sqlx::FromRow;

use super::optional;
use super::query::Query;
use crate::error::{StoreError, parse};
use crate::pool::Tx;

/// The prices of a tenant's skus.
#[derive(Debug, Clone, Default)]
pub struct Prices(BTreeMap<SkuId, Terms>);

#[derive(Debug, Clone, Copy)]
struct Terms {
    price: Price,
    term: Option<(Day, Day)>,
}

impl Prices {
    /// The price of a seat, if one was entered.
    pub fn price(&self, sku_id: SkuId) -> Option<Price> {
        self.0.get(&sku_id).map(|terms| terms.price)
    }

    /// What `seats` seats cost in a year, rounded once; `None` without a price that says it.
    pub fn annual(&self, sku_id: SkuId, seats: i64) -> Option<Money> {
        let terms = self.0.get(&sku_id)?;
        terms.price.annual(u64::try_from(seats).unwrap_or(0), terms.term)
    }
}

#[derive(FromRow)]
struct Row {
    sku_id: String,
    price_millionths: i64,
    currency: String,
    payment_frequency: String,
    effective_on: Option<String>,
    expires_on: Option<String>,
}

/// All prices of a tenant.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_prices(tx: &mut Tx, tenant_id: TenantId) -> Result<Prices, StoreError> {
    const T: &str = "license_terms";
    let mut query = Query::new(
        "select sku_id, price_millionths, currency, payment_frequency, effective_on, expires_on from license_terms",
    );
    query.push(" where tenant_id = ?", [tenant_id.to_string().into()]);
    let rows: Vec<Row> = query.fetch(tx).await?;
    let mut prices = BTreeMap::new();
    for row in rows {
        let price = Price::from_millionths(
            row.price_millionths,
            parse(T, "currency", &row.currency)?,
            parse(T, "payment_frequency", &row.payment_frequency)?,
        );
        let first: Option<Day> = optional(T, "effective_on", &row.effective_on)?;
        let last: Option<Day> = optional(T, "expires_on", &row.expires_on)?;
        prices.insert(parse(T, "sku_id", &row.sku_id)?, Terms { price, term: first.zip(last) });
    }
    Ok(Prices(prices))
}
