//! What a tenant holds: people, skus, seats and the paths a seat is held through.

use std::collections::BTreeSet;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::{GroupId, ServicePlanId, SkuId, UserId};
use crate::time::Timestamp;

/// A word that is not one of a closed list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} is not known: {text:?}")]
pub struct UnknownWord {
    /// Which list was meant.
    pub kind: &'static str,
    /// What was given.
    pub text: String,
}

/// Gives an enum without data its words: `as_str`, `ALL` and `FromStr` from one list.
macro_rules! words {
    ($name:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $name {
            /// All, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word used in the database, REST, console and docs.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::directory::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text).ok_or_else(|| {
                    $crate::directory::UnknownWord { kind: stringify!($name), text: text.chars().take(80).collect() }
                })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use words;

/// A value of an upstream enum that stays open: Microsoft adds words without notice.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OpenWord(pub String);

/// Member or guest, as the directory says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserType {
    /// Somebody of this organization.
    Member,
    /// Somebody invited.
    Guest,
    /// The directory gave none, or a word we do not know.
    Unknown,
}
words!(UserType { Member => "member", Guest => "guest", Unknown => "unknown" });

/// What a person declared an account to be, when it is nobody's employment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NonEmployee {
    /// An invited guest.
    Guest,
    /// A program signs in with it.
    Service,
    /// A shared mailbox, room or equipment.
    Shared,
}
words!(NonEmployee { Guest => "guest", Service => "service", Shared => "shared" });

/// A person's account as the directory gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Entra object id, the only identity.
    pub user_id: UserId,
    /// Shown name.
    pub display_name: String,
    /// Sign-in name; changes on rename.
    pub user_principal_name: String,
    /// Mail address, absent without a mailbox.
    pub mail: Option<String>,
    /// Department, if kept in the directory.
    pub department: Option<String>,
    /// Whether sign-in is allowed.
    pub account_enabled: bool,
    /// Member or guest.
    pub user_type: UserType,
    /// When the account was made.
    pub created_at: Option<Timestamp>,
    /// Where licenses may be used; needed to assign one.
    pub usage_location: Option<String>,
    /// The manager's account.
    pub manager: Option<UserId>,
    /// Every sku held, whether the directory explains how or not.
    pub seats: Vec<HeldSeat>,
}

/// One sku a person holds, with every path it is held through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldSeat {
    /// What is held.
    pub sku_id: SkuId,
    /// Through what. Empty when the directory lists the sku without saying how: such a seat is
    /// shown and never removed.
    pub paths: Vec<Path>,
}

/// How a seat is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "via")]
pub enum Via {
    /// Assigned to the person.
    Direct,
    /// Inherited from membership of a group.
    Group {
        /// Which group.
        group_id: GroupId,
    },
}

/// One path of a seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Path {
    /// Direct or through a group.
    #[serde(flatten)]
    pub via: Via,
    /// Service plans switched off on this path.
    pub disabled_plans: BTreeSet<ServicePlanId>,
    /// `Active`, `ActiveWithError`, `Disabled`, `Error`, or whatever Microsoft says next.
    pub state: OpenWord,
    /// When this assignment last changed; the age of the license and part of its fingerprint.
    pub last_updated: Option<Timestamp>,
}

impl HeldSeat {
    /// The direct path, if the seat has one.
    pub fn direct(&self) -> Option<&Path> {
        self.paths.iter().find(|path| path.via == Via::Direct)
    }

    /// The groups the seat is inherited from.
    pub fn groups(&self) -> impl Iterator<Item = GroupId> + '_ {
        self.paths.iter().filter_map(|path| match path.via {
            Via::Direct => None,
            Via::Group { group_id } => Some(group_id),
        })
    }

    /// Since when the license is held at least: the oldest known change over all paths. A path
    /// that does not say since when cannot make the license younger, and one path fewer can make
    /// it only younger (I11). `None` when no path says, which keeps the seat.
    pub fn license_since(&self) -> Option<Timestamp> {
        self.paths.iter().filter_map(|path| path.last_updated).filter(|at| !at.day().is_placeholder()).min()
    }
}

/// A license type of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sku {
    /// The key everything joins on.
    pub sku_id: SkuId,
    /// Microsoft's part number, shown when no friendly name is known.
    pub part_number: String,
    /// Whether it can be held by people; a company-wide sku cannot.
    pub assignable_to_people: bool,
    /// `Enabled`, `Warning`, `Suspended`, `Deleted`, `LockedOut`, or a later word.
    pub capability_status: OpenWord,
    /// Paid and live.
    pub enabled_units: i64,
    /// Past expiry, still usable.
    pub warning_units: i64,
    /// Blocked, data kept.
    pub suspended_units: i64,
    /// Seats taken; may exceed the purchased ones.
    pub consumed_units: i64,
    /// The service plans inside.
    pub plans: Vec<SkuPlan>,
}

impl Sku {
    /// Seats paid for that can be held now.
    pub const fn purchased(&self) -> i64 {
        self.enabled_units + self.warning_units
    }

    /// Seats nobody holds; negative when over-assigned.
    pub const fn free(&self) -> i64 {
        self.purchased() - self.consumed_units
    }
}

/// A service plan as the tenant's sku lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkuPlan {
    /// Its id.
    pub plan_id: ServicePlanId,
    /// Its technical name, such as `EXCHANGE_S_ENTERPRISE`.
    pub name: String,
}

/// What one reading of a person right now said: everything the fingerprint, the undo and the
/// proof that nothing else changed are made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenseState {
    /// Whose.
    pub user_id: UserId,
    /// Whether sign-in is allowed.
    pub account_enabled: bool,
    /// Where licenses may be used.
    pub usage_location: Option<String>,
    /// Every sku in effect with its switched-off plans, as `assignedLicenses` lists them.
    pub assigned: std::collections::BTreeMap<SkuId, BTreeSet<ServicePlanId>>,
    /// Every path of every sku, as `licenseAssignmentStates` lists them.
    pub paths: std::collections::BTreeMap<SkuId, Vec<Path>>,
    /// Every group the person is a direct member of. Read only where a membership is to be changed; `None`
    /// says that nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<BTreeSet<GroupId>>,
}

impl LicenseState {
    /// The seat of one sku, or `None` when it is not held at all.
    pub fn seat(&self, sku_id: SkuId) -> Option<HeldSeat> {
        let paths = self.paths.get(&sku_id).cloned().unwrap_or_default();
        (self.assigned.contains_key(&sku_id) || !paths.is_empty()).then_some(HeldSeat { sku_id, paths })
    }
}

/// The services whose use Microsoft reports by person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Mail.
    Exchange,
    /// Files of a person.
    OneDrive,
    /// Sites.
    SharePoint,
    /// Skype for Business.
    SkypeForBusiness,
    /// Yammer, now Viva Engage.
    Yammer,
    /// Teams.
    Teams,
    /// Word, Excel, Outlook and the like on a computer.
    Apps,
    /// Microsoft 365 Copilot.
    Copilot,
}
words!(Service {
    Exchange => "exchange",
    OneDrive => "onedrive",
    SharePoint => "sharepoint",
    SkypeForBusiness => "skype_for_business",
    Yammer => "yammer",
    Teams => "teams",
    Apps => "apps",
    Copilot => "copilot",
});

impl Service {
    /// The service a service plan gives, if the report can show its use. By name, because the
    /// tiers of one service carry different ids.
    pub fn of_plan(plan_name: &str) -> Option<Self> {
        let name = plan_name.trim();
        if name == "EXCHANGE_S_FOUNDATION" || name.starts_with("EXCHANGE_S_ARCHIVE") {
            return None;
        }
        if name.starts_with("EXCHANGE_S_") || name.starts_with("EXCHANGE_B_") {
            return Some(Self::Exchange);
        }
        if name.starts_with("ONEDRIVE") {
            return Some(Self::OneDrive);
        }
        if name == "SHAREPOINTWAC" || name.starts_with("SHAREPOINT_PROJECT") {
            return None;
        }
        if name.starts_with("SHAREPOINT") {
            return Some(Self::SharePoint);
        }
        if name.starts_with("YAMMER_") {
            return Some(Self::Yammer);
        }
        if name == "TEAMS1" {
            return Some(Self::Teams);
        }
        if name == "MCOSTANDARD" || name == "MCOIMP" || name == "MCOLITE" {
            return Some(Self::SkypeForBusiness);
        }
        if name == "OFFICESUBSCRIPTION" || name == "OFFICE_BUSINESS" {
            return Some(Self::Apps);
        }
        if name == "M365_COPILOT_APPS" {
            return Some(Self::Copilot);
        }
        None
    }

    /// Every service a sku's plans give.
    pub fn of_sku(plans: &[SkuPlan]) -> BTreeSet<Self> {
        plans.iter().filter_map(|plan| Self::of_plan(&plan.name)).collect()
    }
}

impl FromStr for OpenWord {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_name_the_service_whose_use_can_be_seen() {
        assert_eq!(Service::of_plan("EXCHANGE_S_ENTERPRISE"), Some(Service::Exchange));
        assert_eq!(Service::of_plan("EXCHANGE_S_FOUNDATION"), None);
        assert_eq!(Service::of_plan("EXCHANGE_S_ARCHIVE_ADDON"), None);
        assert_eq!(Service::of_plan("SHAREPOINTWAC"), None);
        assert_eq!(Service::of_plan("SHAREPOINTDESKLESS"), Some(Service::SharePoint));
        assert_eq!(Service::of_plan("BI_AZURE_P2"), None);
        assert_eq!(Service::of_plan("MCOIMP"), Some(Service::SkypeForBusiness));
        assert_eq!(Service::of_plan("OFFICESUBSCRIPTION"), Some(Service::Apps));
        assert_eq!(Service::of_plan("OFFICEMOBILE_SUBSCRIPTION"), None);
        assert_eq!(Service::of_plan("M365_COPILOT_APPS"), Some(Service::Copilot));
        assert_eq!(Service::of_plan("M365_COPILOT_CONNECTORS"), None);
    }

    #[test]
    fn a_license_is_as_old_as_its_oldest_known_path_and_unknown_if_none_says() {
        let at = |day: &str| day.parse::<crate::time::Day>().expect("a day").start();
        let path = |via, day: Option<&str>| Path {
            via,
            disabled_plans: BTreeSet::new(),
            state: OpenWord("Active".into()),
            last_updated: day.map(at),
        };
        let group = Via::Group { group_id: GroupId::from_uuid(uuid::Uuid::nil()) };
        let sku_id = SkuId::from_uuid(uuid::Uuid::nil());
        let seat =
            HeldSeat { sku_id, paths: vec![path(Via::Direct, Some("2026-09-09")), path(group, Some("2026-04-04"))] };
        assert_eq!(seat.license_since(), Some(at("2026-04-04")));
        let seat = HeldSeat { sku_id, paths: vec![path(Via::Direct, Some("2026-09-09")), path(group, None)] };
        assert_eq!(seat.license_since(), Some(at("2026-09-09")));
        assert_eq!(HeldSeat { sku_id, paths: vec![path(group, None)] }.license_since(), None);
        assert_eq!(HeldSeat { sku_id, paths: vec![path(group, Some("1601-01-01"))] }.license_since(), None, "U7");
        assert_eq!(HeldSeat { sku_id, paths: vec![] }.license_since(), None);
    }
}
