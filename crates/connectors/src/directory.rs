//! Reading a tenant.

use std::collections::BTreeSet;

use async_trait::async_trait;
use reseat_domain::activity::SignIn;
use reseat_domain::directory::{LicenseState, Person, Sku};
use reseat_domain::ids::{GroupId, UserId};
use reseat_domain::licensing::Subscription;
use reseat_domain::plan::GroupTerms;
use reseat_domain::time::Timestamp;
use reseat_domain::usage_report::UsageReport;

use crate::error::ConnectorError;
use crate::licensing::LicensedGroup;
use crate::usage::ReportRows;

/// How many people are read by their ids at once: more terms than these are refused in a filter.
pub const MOST_BY_ID: usize = 15;

/// Where a listing goes on. Opaque: a link of the source, followed as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// A cursor kept from an earlier page.
    pub fn from_stored(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// For keeping.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One page of a listing. A page may be empty and still have a next one (G46).
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// Where it goes on; `None` at the end.
    pub next: Option<Cursor>,
}

/// A part of the directory: everybody whose sign-in name lies between two texts, both included, in
/// the order of the source. Parts that meet at a text leave nobody out, whatever that order is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameRange {
    from: Option<String>,
    to: Option<String>,
}

impl NameRange {
    /// Everybody.
    pub const EVERYBODY: Self = Self { from: None, to: None };

    /// The whole directory cut at these texts. A text that is not made of small letters, digits and
    /// the marks of an address is cut short there, so that no order of letters can be in doubt.
    pub fn cut(at: &[String]) -> Vec<Self> {
        let plain = |letter: &char| matches!(letter, 'a'..='z' | '0'..='9' | '.' | '-' | '_' | '@');
        let texts: std::collections::BTreeSet<String> = at
            .iter()
            .map(|text| text.chars().take_while(plain).collect())
            .filter(|text: &String| !text.is_empty())
            .collect();
        let mut parts = Vec::with_capacity(texts.len() + 1);
        let mut from = None;
        for text in texts {
            parts.push(Self { from: from.replace(text.clone()), to: Some(text) });
        }
        parts.push(Self { from, to: None });
        parts
    }

    /// Where it begins; `None` at the very beginning.
    pub fn from(&self) -> Option<&str> {
        self.from.as_deref()
    }

    /// Where it ends; `None` at the very end.
    pub fn to(&self) -> Option<&str> {
        self.to.as_deref()
    }
}

/// Where a list of changes goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ahead {
    /// There is more of it now.
    Page(Cursor),
    /// That was all; what changes from here on is found there later.
    Later(Cursor),
}

/// One page of what changed since an earlier moment. The same person may come several times, in any
/// order, and again later (G49).
#[derive(Debug, Clone)]
pub struct ChangesPage {
    /// Who was made, changed or restored.
    pub changed: Vec<UserId>,
    /// Who was deleted, for now or for good.
    pub removed: Vec<UserId>,
    /// Where it goes on.
    pub ahead: Ahead,
}

/// Over which window a usage report looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportPeriod {
    /// 7 days.
    D7,
    /// 30 days.
    D30,
    /// 90 days.
    D90,
    /// 180 days, the longest Microsoft keeps.
    D180,
}

impl ReportPeriod {
    /// As Graph spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::D7 => "D7",
            Self::D30 => "D30",
            Self::D90 => "D90",
            Self::D180 => "D180",
        }
    }
}

/// A row that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    /// Line in the file, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
}

/// A group that carries licenses.
#[derive(Debug, Clone)]
pub struct Group {
    /// Its id.
    pub group_id: GroupId,
    /// Shown name.
    pub display_name: String,
    /// Its membership follows a rule.
    pub dynamic: bool,
    /// It is mastered on premises.
    pub synced: bool,
    /// Exchange owns its membership.
    pub mail_enabled: bool,
    /// It also gives a Team, a mailbox, a site.
    pub microsoft_365: bool,
    /// It also gives a directory role.
    pub role_assignable: bool,
}

impl Group {
    /// Its kind in one word for the database and for people: the property that decides who may
    /// change its membership.
    pub fn kind_words(&self) -> String {
        let word = if self.dynamic {
            "dynamic"
        } else if self.synced {
            "synced"
        } else if self.role_assignable {
            "role_assignable"
        } else if self.microsoft_365 {
            "microsoft_365"
        } else if self.mail_enabled {
            "mail_enabled"
        } else {
            "static"
        };
        word.to_owned()
    }
}

/// Reads a tenant. Every reading is whole or an error: nothing is concluded from half a page.
#[async_trait]
pub trait DirectoryReader: Send + Sync {
    /// One page of people with their seats and every license path, without sign-in dates.
    ///
    /// # Errors
    /// [`ConnectorError::RestartListing`] when the page token ran out.
    async fn people_page(&self, cursor: Option<&Cursor>) -> Result<Page<Person>, ConnectorError>;

    /// How many people there are, as the source counts them; an estimate while people come and go.
    ///
    /// # Errors
    /// [`ConnectorError`] where the source does not count.
    async fn count_people(&self) -> Result<u64, ConnectorError>;

    /// One page of a part of the people, otherwise like [`DirectoryReader::people_page`].
    ///
    /// # Errors
    /// [`ConnectorError::RestartListing`] when the page token ran out; [`ConnectorError::Malformed`]
    /// where the source does not give parts.
    async fn people_page_within(
        &self,
        range: &NameRange,
        cursor: Option<&Cursor>,
    ) -> Result<Page<Person>, ConnectorError>;

    /// These people, at most [`MOST_BY_ID`] at once. Somebody left out is not there, or not yet: a
    /// replica may lag.
    ///
    /// # Errors
    /// [`ConnectorError`].
    async fn people_by_id(&self, ids: &[UserId]) -> Result<Vec<Person>, ConnectorError>;

    /// Where changes from now on will be found.
    ///
    /// # Errors
    /// [`ConnectorError`] where the source keeps no changes.
    async fn changes_from_now(&self) -> Result<Cursor, ConnectorError>;

    /// One page of what changed. Which licenses somebody has is among it; through what is not.
    ///
    /// # Errors
    /// [`ConnectorError::RestartListing`] when the token ran out: everybody has to be read again (G48).
    async fn changes_page(&self, cursor: &Cursor) -> Result<ChangesPage, ConnectorError>;

    /// One page of the sign-in dates of those whose last interactive sign-in is recorded and not
    /// later than `before`. Somebody without any is not among them.
    ///
    /// # Errors
    /// As [`DirectoryReader::sign_ins_page`]; [`ConnectorError::Malformed`] where the source does not
    /// choose by date.
    async fn sign_ins_page_before(
        &self,
        before: Timestamp,
        cursor: Option<&Cursor>,
    ) -> Result<Page<(UserId, SignIn)>, ConnectorError>;

    /// One page of sign-in dates, the slow lane.
    ///
    /// # Errors
    /// [`ConnectorError::Premium`] in a tenant without Entra ID P1.
    async fn sign_ins_page(&self, cursor: Option<&Cursor>) -> Result<Page<(UserId, SignIn)>, ConnectorError>;

    /// One person's sign-in dates, `None` when the account does not exist.
    ///
    /// # Errors
    /// [`ConnectorError::Premium`] in a tenant without Entra ID P1.
    async fn sign_in(&self, user_id: UserId) -> Result<Option<(UserId, SignIn)>, ConnectorError>;

    /// Everything one person holds, read now; `None` when the account does not exist.
    ///
    /// # Errors
    /// [`ConnectorError`].
    async fn license_state(&self, user_id: UserId) -> Result<Option<LicenseState>, ConnectorError>;

    /// All license types of the tenant.
    ///
    /// # Errors
    /// [`ConnectorError`].
    async fn skus(&self) -> Result<Vec<Sku>, ConnectorError>;

    /// A usage report, from now on row by row. A report without a period is given as it is.
    ///
    /// # Errors
    /// [`ConnectorError::NotFound`] where this tenant is not offered it.
    async fn usage_report(
        &self,
        report: UsageReport,
        period: ReportPeriod,
    ) -> Result<Box<dyn ReportRows>, ConnectorError>;

    /// Whether the tenant conceals names in usage reports.
    ///
    /// # Errors
    /// [`ConnectorError::MissingPermission`] when the switch cannot be read.
    async fn names_concealed(&self) -> Result<bool, ConnectorError>;

    /// The given groups; those that cannot be read are left out.
    ///
    /// # Errors
    /// [`ConnectorError`].
    async fn groups(&self, ids: &[GroupId]) -> Result<Vec<Group>, ConnectorError>;

    /// Every group that gives licenses to its members, with what it gives.
    ///
    /// # Errors
    /// [`ConnectorError`]; half a list is none.
    async fn groups_with_licenses(&self) -> Result<Vec<LicensedGroup>, ConnectorError>;

    /// One group as it is now: its kind and what it gives; `None` when there is no such group.
    ///
    /// # Errors
    /// [`ConnectorError`].
    async fn group_terms(&self, id: GroupId) -> Result<Option<GroupTerms>, ConnectorError>;

    /// Every group a person is a direct member of, read now; `None` when the account does not exist.
    ///
    /// # Errors
    /// [`ConnectorError`]; half a list is none.
    async fn memberships(&self, user_id: UserId) -> Result<Option<BTreeSet<GroupId>>, ConnectorError>;

    /// Every purchase of the tenant.
    ///
    /// # Errors
    /// [`ConnectorError`].
    async fn subscriptions(&self) -> Result<Vec<Subscription>, ConnectorError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_meet_at_their_texts_and_leave_nothing_between() {
        let texts = ["m", "f", "m", "ada@x", "o'neil", "Élan", ""].map(str::to_owned);
        let parts = NameRange::cut(&texts);
        let ends: Vec<_> = parts.iter().map(|part| (part.from(), part.to())).collect();
        assert_eq!(
            ends,
            [
                (None, Some("ada@x")),
                (Some("ada@x"), Some("f")),
                (Some("f"), Some("m")),
                (Some("m"), Some("o")),
                (Some("o"), None)
            ]
        );
        assert_eq!(NameRange::cut(&[]), [NameRange::EVERYBODY]);
    }
}
