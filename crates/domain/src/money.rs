//! Amounts. Unit prices have up to six places; an annual amount is rounded once per line, half to
//! even, to the currency's own minor unit; totals sum rounded lines; currencies are never added.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::time::Day;

/// What is wrong with a price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPrice {
    /// Not a three-letter code of ISO 4217.
    #[error("not a currency code: {0:?}")]
    Currency(String),
    /// Not a decimal number.
    #[error("not an amount: {0:?}")]
    Amount(String),
    /// Below zero.
    #[error("a price cannot be negative: {0}")]
    Negative(String),
    /// More than six decimal places.
    #[error("a unit price has at most six decimal places: {0}")]
    TooFine(String),
    /// Above what a database column of millionths holds.
    #[error("the amount is too large: {0}")]
    TooLarge(String),
    /// Not one of the eight payment frequencies.
    #[error("not a payment frequency: {0:?}")]
    Frequency(String),
}

/// A currency of ISO 4217.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// Decimal places of the currency's minor unit (JPY has none).
    pub fn places(self) -> u32 {
        self.0.exponent().map_or(2, u32::from)
    }
}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Currency {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.code().cmp(other.0.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code())
    }
}

impl FromStr for Currency {
    type Err = BadPrice;

    fn from_str(text: &str) -> Result<Self, BadPrice> {
        iso_currency::Currency::from_code(&text.trim().to_ascii_uppercase())
            .map(Self)
            .ok_or_else(|| BadPrice::Currency(text.chars().take(20).collect()))
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// How often a price is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentFrequency {
    /// Once for the whole term.
    Once,
    /// Twelve times a year.
    Monthly,
    /// Four times a year.
    Quarterly,
    /// Twice a year.
    SemiAnnually,
    /// Once a year.
    Annually,
    /// Once in eighteen months.
    #[serde(rename = "every_18_months")]
    Every18Months,
    /// Once in two years.
    Biannually,
    /// Once in three years.
    Triennially,
}

impl PaymentFrequency {
    /// All eight, in the order people read them.
    pub const ALL: [Self; 8] = [
        Self::Once,
        Self::Monthly,
        Self::Quarterly,
        Self::SemiAnnually,
        Self::Annually,
        Self::Every18Months,
        Self::Biannually,
        Self::Triennially,
    ];

    /// The name used in the database, REST and files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
            Self::SemiAnnually => "semi_annually",
            Self::Annually => "annually",
            Self::Every18Months => "every_18_months",
            Self::Biannually => "biannually",
            Self::Triennially => "triennially",
        }
    }
}

impl FromStr for PaymentFrequency {
    type Err = BadPrice;

    fn from_str(text: &str) -> Result<Self, BadPrice> {
        Self::ALL
            .into_iter()
            .find(|frequency| frequency.as_str() == text)
            .ok_or_else(|| BadPrice::Frequency(text.chars().take(40).collect()))
    }
}

/// A unit price: what one seat costs each time it is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    millionths: i64,
    /// In which currency.
    pub currency: Currency,
    /// How often.
    pub frequency: PaymentFrequency,
}

impl Price {
    /// Reads an amount such as `39.00`, in `currency`, paid at `frequency`.
    pub fn parse(amount: &str, currency: &str, frequency: PaymentFrequency) -> Result<Self, BadPrice> {
        let shown: String = amount.chars().take(40).collect();
        let decimal = Decimal::from_str(amount.trim()).map_err(|_| BadPrice::Amount(shown.clone()))?;
        if decimal.is_sign_negative() && !decimal.is_zero() {
            return Err(BadPrice::Negative(shown));
        }
        let scaled = decimal.checked_mul(Decimal::from(1_000_000)).ok_or(BadPrice::TooLarge(shown.clone()))?;
        if !scaled.fract().is_zero() {
            return Err(BadPrice::TooFine(shown));
        }
        let millionths = i64::try_from(scaled.trunc()).map_err(|_| BadPrice::TooLarge(shown))?;
        Ok(Self { millionths, currency: currency.parse()?, frequency })
    }

    /// From the database's whole millionths.
    pub const fn from_millionths(millionths: i64, currency: Currency, frequency: PaymentFrequency) -> Self {
        Self { millionths, currency, frequency }
    }

    /// The database's whole millionths.
    pub const fn millionths(self) -> i64 {
        self.millionths
    }

    /// The amount as a decimal without trailing zeros beyond the currency's minor unit.
    pub fn amount(self) -> Decimal {
        let decimal = Decimal::new(self.millionths, 6).normalize();
        let places = self.currency.places().max(decimal.scale());
        let mut shown = decimal;
        shown.rescale(places);
        shown
    }

    /// What `seats` seats cost in a year, rounded once. `None` for a price paid once whose term
    /// (first and last day) is not known: the figure would be a guess.
    pub fn annual(self, seats: u64, term: Option<(Day, Day)>) -> Option<Money> {
        let paid = Decimal::new(self.millionths, 6).checked_mul(Decimal::from(seats))?;
        let annual = match self.frequency {
            PaymentFrequency::Once => {
                let (first, last) = term?;
                let days = last.days_since(first) + 1;
                if days <= 0 {
                    return None;
                }
                paid.checked_mul(Decimal::from(365))?.checked_div(Decimal::from(days))?
            }
            PaymentFrequency::Monthly => paid.checked_mul(Decimal::from(12))?,
            PaymentFrequency::Quarterly => paid.checked_mul(Decimal::from(4))?,
            PaymentFrequency::SemiAnnually => paid.checked_mul(Decimal::from(2))?,
            PaymentFrequency::Annually => paid,
            PaymentFrequency::Every18Months => paid.checked_mul(Decimal::from(2))?.checked_div(Decimal::from(3))?,
            PaymentFrequency::Biannually => paid.checked_div(Decimal::from(2))?,
            PaymentFrequency::Triennially => paid.checked_div(Decimal::from(3))?,
        };
        Money::round(annual, self.currency)
    }
}

/// An amount in whole minor units of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    /// Whole minor units (cents; yen).
    pub minor: i64,
    /// In which currency.
    pub currency: Currency,
}

impl Money {
    /// Rounds half to even to the currency's minor unit. `None` when it does not fit.
    fn round(amount: Decimal, currency: Currency) -> Option<Self> {
        let places = currency.places();
        let rounded = amount.round_dp_with_strategy(places, RoundingStrategy::MidpointNearestEven);
        let scaled = rounded.checked_mul(Decimal::from(10_u64.pow(places)))?;
        i64::try_from(scaled).ok().map(|minor| Self { minor, currency })
    }

    /// The amount as a decimal with the currency's own places.
    pub fn amount(self) -> Decimal {
        Decimal::new(self.minor, self.currency.places())
    }
}

/// Amounts by currency, as shown everywhere: `{"EUR": "1234.50"}`. Never one sum over currencies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Amounts(BTreeMap<Currency, i64>);

impl Amounts {
    /// Adds a rounded line to its currency.
    pub fn add(&mut self, money: Money) {
        *self.0.entry(money.currency).or_default() += money.minor;
    }

    /// Takes a rounded line off its currency.
    pub fn subtract(&mut self, money: Money) {
        *self.0.entry(money.currency).or_default() -= money.minor;
    }

    /// The amounts, by currency code.
    pub fn iter(&self) -> impl Iterator<Item = Money> + '_ {
        self.0.iter().map(|(&currency, &minor)| Money { minor, currency })
    }

    /// Whether no currency has an entry.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Money> for Amounts {
    fn from_iter<T: IntoIterator<Item = Money>>(lines: T) -> Self {
        let mut total = Self::default();
        for line in lines {
            total.add(line);
        }
        total
    }
}

impl Serialize for Amounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|money| (money.currency.to_string(), money.amount().to_string())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(amount: &str, currency: &str, frequency: PaymentFrequency) -> Price {
        Price::parse(amount, currency, frequency).expect("a price")
    }

    #[test]
    fn an_annual_amount_is_rounded_once_half_to_even() {
        let line = price("0.0125", "USD", PaymentFrequency::Annually);
        assert_eq!(line.annual(1, None).expect("known").minor, 1);
        assert_eq!(line.annual(2, None).expect("known").minor, 2);
        assert_eq!(price("0.005", "USD", PaymentFrequency::Annually).annual(1, None).expect("known").minor, 0);
        assert_eq!(price("0.015", "USD", PaymentFrequency::Annually).annual(1, None).expect("known").minor, 2);
        assert_eq!(price("39.00", "USD", PaymentFrequency::Monthly).annual(10, None).expect("known").minor, 468_000);
    }

    #[test]
    fn yen_have_no_minor_unit() {
        let yen = price("1000.5", "JPY", PaymentFrequency::Annually).annual(1, None).expect("known");
        assert_eq!(yen.amount().to_string(), "1000");
    }

    #[test]
    fn a_price_paid_once_is_spread_over_its_term_or_not_known() {
        let once = price("365", "EUR", PaymentFrequency::Once);
        assert_eq!(once.annual(1, None), None);
        let term = ("2026-01-01".parse().expect("day"), "2027-12-31".parse().expect("day"));
        assert_eq!(once.annual(1, Some(term)).expect("known").amount().to_string(), "182.50");
    }

    #[test]
    fn bad_prices_are_refused_with_their_reason() {
        let parse = |amount| Price::parse(amount, "USD", PaymentFrequency::Monthly);
        assert!(matches!(parse("-1"), Err(BadPrice::Negative(_))));
        assert!(matches!(parse("1.0000001"), Err(BadPrice::TooFine(_))));
        assert!(matches!(parse("many"), Err(BadPrice::Amount(_))));
        assert!(matches!(parse("99999999999999999"), Err(BadPrice::TooLarge(_))));
        assert!(matches!(Price::parse("1", "XYZ1", PaymentFrequency::Monthly), Err(BadPrice::Currency(_))));
    }

    #[test]
    fn currencies_are_never_added() {
        let total: Amounts = [
            price("1", "EUR", PaymentFrequency::Annually).annual(1, None).expect("known"),
            price("2", "USD", PaymentFrequency::Annually).annual(1, None).expect("known"),
            price("3", "EUR", PaymentFrequency::Annually).annual(1, None).expect("known"),
        ]
        .into_iter()
        .collect();
        assert_eq!(serde_json::to_string(&total).expect("json"), r#"{"EUR":"4.00","USD":"2.00"}"#);
    }
}
