//! Reading a tenant.

use std::collections::BTreeMap;

use async_trait::async_trait;
use reseat_domain::activity::SignIn;
use reseat_domain::directory::{LicenseState, Person, Service, Sku};
use reseat_domain::ids::{GroupId, UserId};
use reseat_domain::time::Day;

use crate::error::ConnectorError;

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

/// The active-user report: last activity by service, for the whole tenant in one request.
#[derive(Debug, Clone)]
pub struct ActiveUserReport {
    /// The day up to which it knows, by its own Report Refresh Date: the oldest of its rows.
    pub refreshed: Day,
    /// Its rows.
    pub rows: Vec<ActiveUserRow>,
    /// Rows that could not be used.
    pub problems: Vec<RowProblem>,
    /// Whether its names have the shape of pseudonyms (U1, U2).
    pub concealed: bool,
}

/// One person's row.
#[derive(Debug, Clone)]
pub struct ActiveUserRow {
    /// The only key the report gives.
    pub user_principal_name: String,
    /// Whether the account is deleted already.
    pub is_deleted: bool,
    /// Last activity by service; a blank is no entry.
    pub last_activity: BTreeMap<Service, Day>,
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

    /// The active-user report.
    ///
    /// # Errors
    /// [`ConnectorError`].
    async fn active_user_report(&self, period: ReportPeriod) -> Result<ActiveUserReport, ConnectorError>;

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
}
