//! The one registry of typed ids. A signature never takes a bare `Uuid` or `String`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::time::Timestamp;

/// The text was not a GUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} is not a GUID: {text:?}")]
pub struct BadId {
    /// Which id was expected.
    pub kind: &'static str,
    /// What was given.
    pub text: String,
}

macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a GUID that is already known to name this kind of thing.
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            /// A new time-ordered id (UUID version 7) from the given moment and randomness.
            pub fn new(now: Timestamp, random: [u8; 10]) -> Self {
                let millis = u64::try_from(now.as_micros() / 1_000).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }

            /// The GUID itself.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                Uuid::parse_str(text.trim()).map(Self).map_err(|_| BadId {
                    kind: stringify!($name),
                    text: text.chars().take(80).collect(),
                })
            }
        }
    };
}

typed_id!(
    /// A Microsoft Entra tenant.
    TenantId
);
typed_id!(
    /// The Entra object id of a person's account. The only identity of a person; names change.
    UserId
);
typed_id!(
    /// A license type of a tenant (`skuId`).
    SkuId
);
typed_id!(
    /// A service plan inside a sku.
    ServicePlanId
);
typed_id!(
    /// An Entra group.
    GroupId
);
typed_id!(
    /// A finding: what a rule says about one seat now.
    FindingId
);
typed_id!(
    /// A removal candidate.
    CandidateId
);
typed_id!(
    /// A reclamation rule.
    RuleId
);
typed_id!(
    /// One person's recorded yes to one exact write.
    ApprovalId
);
typed_id!(
    /// A write-back plan.
    PlanId
);
typed_id!(
    /// One item of a plan.
    PlanItemId
);
typed_id!(
    /// A durable intent to write, recorded before the request is sent.
    IntentId
);
typed_id!(
    /// One budgeted run of write-back.
    WriteRunId
);
typed_id!(
    /// One run of an integration task.
    SyncRunId
);
typed_id!(
    /// A certification campaign.
    CampaignId
);
typed_id!(
    /// An account that signs in to Reseat.
    AccountId
);
typed_id!(
    /// A bearer token for the REST interface.
    ApiTokenId
);

/// A seat: one person holding one sku, through however many paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SeatKey {
    /// Who holds it.
    pub user_id: UserId,
    /// What is held.
    pub sku_id: SkuId,
}

impl fmt::Display for SeatKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.user_id, self.sku_id)
    }
}

impl FromStr for SeatKey {
    type Err = BadId;

    /// Reads the text form `<user id>_<sku id>`.
    fn from_str(text: &str) -> Result<Self, BadId> {
        let (user, sku) =
            text.split_once('_').ok_or_else(|| BadId { kind: "SeatKey", text: text.chars().take(80).collect() })?;
        Ok(Self { user_id: user.parse()?, sku_id: sku.parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_is_read_whatever_its_case_and_written_in_lower_case() {
        let id: SkuId = " F8A1DB68-BE16-40ED-86D5-CB42CE701560 ".parse().expect("a GUID");
        assert_eq!(id.to_string(), "f8a1db68-be16-40ed-86d5-cb42ce701560");
        assert!("power bi".parse::<SkuId>().is_err());
    }

    #[test]
    fn a_seat_key_survives_its_text_form() {
        let key = SeatKey {
            user_id: "11111111-1111-4111-8111-111111111111".parse().expect("a GUID"),
            sku_id: "22222222-2222-4222-8222-222222222222".parse().expect("a GUID"),
        };
        assert_eq!(key.to_string().parse(), Ok(key));
        assert!("11111111-1111-4111-8111-111111111111".parse::<SeatKey>().is_err());
    }
}
