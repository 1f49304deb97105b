//! How single values look in JSON: moments, days, amounts and the words of the domain's lists. Each
//! wraps the domain's value and adds only its shape, so that an answer cannot spell one differently.

use std::borrow::Cow;

use reseat_domain::candidate::{Action, CancelReason, StateName};
use reseat_domain::detect::FindingKind;
use reseat_domain::directory::{NonEmployee, UserType};
use reseat_domain::employment::EmploymentStatus;
use reseat_domain::evidence::{Signal, SignalStatus};
use reseat_domain::money;
use reseat_domain::plan::{IntentState, PlanItemKind};
use reseat_domain::role::{Permission, Role};
use reseat_domain::rule::{Justification, Mode, Preset, UseSignals};
use reseat_domain::time;
use reseat_engine::{Purpose, Task};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// A moment, RFC 3339 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(pub time::Timestamp);

impl From<time::Timestamp> for Moment {
    fn from(at: time::Timestamp) -> Self {
        Self(at)
    }
}

impl Moment {
    /// From the database's microseconds.
    pub const fn from_micros(micros: i64) -> Self {
        Self(time::Timestamp::from_micros(micros))
    }
}

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        text("A moment, RFC 3339 in UTC.").format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))).into()
    }
}

impl ToSchema for Moment {
    fn name() -> Cow<'static, str> {
        "Moment".into()
    }
}

/// A calendar day, `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(pub time::Day);

impl From<time::Day> for Day {
    fn from(day: time::Day) -> Self {
        Self(day)
    }
}

impl PartialSchema for Day {
    fn schema() -> RefOr<Schema> {
        text("A calendar day, `YYYY-MM-DD`.").format(Some(SchemaFormat::KnownFormat(KnownFormat::Date))).into()
    }
}

impl ToSchema for Day {
    fn name() -> Cow<'static, str> {
        "Day".into()
    }
}

/// Amounts by currency code, such as `{"EUR": "1234.50"}`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Amounts(pub money::Amounts);

impl From<money::Amounts> for Amounts {
    fn from(amounts: money::Amounts) -> Self {
        Self(amounts)
    }
}

impl From<money::Money> for Amounts {
    fn from(money: money::Money) -> Self {
        Self(std::iter::once(money).collect())
    }
}

impl PartialSchema for Amounts {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some(
                "Amounts by currency code, such as `{\"EUR\": \"1234.50\"}`. Currencies are never added.",
            ))
            .additional_properties(Some(AdditionalProperties::RefOr(RefOr::T(
                ObjectBuilder::new().schema_type(Type::String).build().into(),
            ))))
            .into()
    }
}

impl ToSchema for Amounts {
    fn name() -> Cow<'static, str> {
        "Amounts".into()
    }
}

fn text(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).description(Some(description))
}

/// Wraps a closed list of the domain, so that its words stand in the document.
macro_rules! wire_words {
    ($($(#[$doc:meta])* $name:ident($domain:ty) $description:literal;)+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
            #[serde(transparent)]
            pub struct $name(pub $domain);

            impl From<$domain> for $name {
                fn from(word: $domain) -> Self {
                    Self(word)
                }
            }

            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    text($description)
                        .enum_values(Some(<$domain>::ALL.iter().map(|word| word.as_str())))
                        .into()
                }
            }

            impl ToSchema for $name {
                fn name() -> Cow<'static, str> {
                    stringify!($name).into()
                }
            }
        )+
    };
}

wire_words! {
    /// Where a candidate stands.
    CandidateStateName(StateName) "Where a candidate stands.";
    /// What a person can do with a candidate.
    ActionName(Action) "What a person can do with a candidate.";
    /// Why there is nothing to take back any more.
    CancelReasonName(CancelReason) "Why there is nothing to take back any more.";
    /// What a finding says about a seat.
    FindingKindName(FindingKind) "What a finding says about a seat.";
    /// Why a seat can be taken back.
    JustificationName(Justification) "Why a seat can be taken back.";
    /// A kind of signal.
    SignalName(Signal) "A kind of signal.";
    /// What a signal says.
    SignalStatusName(SignalStatus) "What a signal says.";
    /// A role of an account.
    RoleName(Role) "A role of an account.";
    /// Something a role may permit.
    PermissionName(Permission) "Something a role may permit.";
    /// Member or guest.
    UserTypeName(UserType) "Member or guest, as the directory says.";
    /// What a person declared an account to be.
    NonEmployeeName(NonEmployee) "What a person declared an account to be, when it is nobody's employment.";
    /// The status column of the roster.
    EmploymentStatusName(EmploymentStatus) "The status column of the roster.";
    /// How often a price is paid.
    PaymentFrequencyName(money::PaymentFrequency) "How often a price is paid.";
    /// What a plan item does.
    PlanItemKindName(PlanItemKind) "What a plan item or an intent does.";
    /// How far an intent came.
    IntentStateName(IntentState) "How far an intent came.";
    /// Which vendor's defaults a rule started from.
    PresetName(Preset) "Which vendor's defaults a rule started from.";
    /// What a rule does with what it finds.
    ModeName(Mode) "What a rule does with what it finds.";
    /// Which signals of use a rule requires.
    UseSignalsName(UseSignals) "Which signals of use a rule requires.";
}

/// An integration task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskName(pub Task);

impl Serialize for TaskName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl<'de> Deserialize<'de> for TaskName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Self).map_err(D::Error::custom)
    }
}

impl PartialSchema for TaskName {
    fn schema() -> RefOr<Schema> {
        text("A job of a connection that can be enabled.")
            .enum_values(Some(Task::ALL.iter().map(|task| task.as_str())))
            .into()
    }
}

impl ToSchema for TaskName {
    fn name() -> Cow<'static, str> {
        "TaskName".into()
    }
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PurposeName(pub Purpose);

impl Serialize for PurposeName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl<'de> Deserialize<'de> for PurposeName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Self).map_err(D::Error::custom)
    }
}

impl PartialSchema for PurposeName {
    fn schema() -> RefOr<Schema> {
        text("What a connection is for.").enum_values(Some(Purpose::ALL.iter().map(|purpose| purpose.as_str()))).into()
    }
}

impl ToSchema for PurposeName {
    fn name() -> Cow<'static, str> {
        "PurposeName".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_text_by_currency() {
        let price = money::Price::parse("39.00", "EUR", money::PaymentFrequency::Monthly).expect("a price");
        let amounts = Amounts::from(price.annual(1, None).expect("known"));
        assert_eq!(serde_json::to_string(&amounts).expect("json"), r#"{"EUR":"468.00"}"#);
    }

    #[test]
    fn the_document_lists_every_word_of_a_list() {
        let schema = serde_json::to_value(CandidateStateName::schema()).expect("json");
        assert_eq!(schema["enum"].as_array().map(Vec::len), Some(StateName::ALL.len()));
    }
}
