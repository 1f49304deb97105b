//! What a seat costs, as it is typed: `SPE_E3=39.00USD/month`.

use reseat_domain::directory::Sku;
use reseat_domain::money::{PaymentFrequency, Price};

/// The price of one sku.
#[derive(Debug, Clone)]
pub struct SkuPrice {
    /// Sku id or part number.
    sku: String,
    /// What it costs.
    pub price: Price,
}

impl SkuPrice {
    /// Whether it is this sku's.
    pub fn is_for(&self, sku: &Sku) -> bool {
        sku.part_number.eq_ignore_ascii_case(&self.sku) || sku.sku_id.to_string().eq_ignore_ascii_case(&self.sku)
    }
}

/// Reads it.
pub fn parse(text: &str) -> Result<SkuPrice, String> {
    let shape = "it looks like SPE_E3=39.00USD/month";
    let (sku, price) = text.split_once('=').ok_or(shape)?;
    let (amount, frequency) = price.split_once('/').ok_or(shape)?;
    let frequency = match frequency.trim() {
        "month" => PaymentFrequency::Monthly,
        "quarter" => PaymentFrequency::Quarterly,
        "year" => PaymentFrequency::Annually,
        other => other.parse().map_err(|error| format!("{error}; month, quarter or year"))?,
    };
    let digits = amount.trim().trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let currency = &amount.trim()[digits.len()..];
    let price = Price::parse(digits.trim(), currency, frequency).map_err(|error| error.to_string())?;
    Ok(SkuPrice { sku: sku.trim().to_owned(), price })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_read_as_it_is_typed() {
        let typed = parse("SPE_E3=39.00USD/month").expect("a price");
        assert_eq!(typed.price.annual(1, None).expect("known").amount().to_string(), "468.00");
        assert!(parse("SPE_E3=39.00 EUR/year").is_ok());
        for wrong in ["SPE_E3", "SPE_E3=39.00USD", "SPE_E3=39.00/month", "SPE_E3=-1USD/month", "SPE_E3=1USD/week"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
