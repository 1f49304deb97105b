//! People of the tenant, and accounts that stand for nobody.

use reseat_domain::directory::Service;
use reseat_domain::usage_report::UsageReport;
use reseat_store::read as stored;
use reseat_store::read::people;
use reseat_store::rounds::PublishedRow;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};

use crate::scalar::{Day, EmploymentStatusName, Moment, NonEmployeeName, UserTypeName};
use crate::v1::seats::Seat;
use crate::words;

pub mod list;
pub mod read;

/// A person, named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonRef {
    /// Entra object id, the only identity.
    pub user_id: String,
    /// Shown name.
    pub display_name: String,
    /// Sign-in name.
    pub user_principal_name: String,
    /// Department, if kept in the directory.
    pub department: Option<String>,
    /// Whether sign-in is allowed.
    pub account_enabled: bool,
}

/// A person in the list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Person {
    /// Who.
    #[serde(flatten)]
    pub person: PersonRef,
    /// Mail address, if there is a mailbox.
    pub mail: Option<String>,
    /// Member or guest.
    pub user_type: UserTypeName,
    /// Seats held.
    pub seat_count: i64,
    /// Last day with a sign-in that counts as use.
    pub last_sign_in_day: Option<Day>,
    /// The manager's account.
    pub manager_id: Option<String>,
}

/// People.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonList {
    /// This page.
    pub items: Vec<Person>,
    /// Where the next page begins; null on the last one.
    pub next_cursor: Option<String>,
}

/// A person with seats and signals.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonDetail {
    /// As in the list.
    #[serde(flatten)]
    pub person: Person,
    /// When the account was made.
    pub created_at: Option<Moment>,
    /// Where licenses may be used.
    pub usage_location: Option<String>,
    /// The manager.
    pub manager: Option<PersonRef>,
    /// What a person declared the account to be.
    pub declared: Option<NonEmployeeName>,
    /// The row of the HR roster, if there is exactly one.
    pub employment: Option<Employment>,
    /// Last day of use by service; null where none was seen in the report's window.
    #[schema(schema_with = days_by_service)]
    pub service_use: BTreeMap<String, Option<Day>>,
    /// Up to which day the usage report knows.
    pub service_use_refreshed: Option<Day>,
    /// What the reports of single services say about the account.
    pub reports: Vec<AccountReport>,
    /// Sign-in dates, if they could be read.
    pub sign_in: Option<SignIn>,
    /// Seats held.
    pub seats: Vec<Seat>,
}

fn days_by_service() -> Schema {
    let day =
        OneOfBuilder::new().item(ObjectBuilder::new().schema_type(Type::Null)).item(Ref::from_schema_name(Day::name()));
    ObjectBuilder::new()
        .description(Some("Last day of use by service; null where none was seen in the report's window."))
        .additional_properties(Some(AdditionalProperties::RefOr(RefOr::T(Schema::OneOf(day.build())))))
        .build()
        .into()
}

/// A person's row of the report of one service. What the report does not say is null.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountReport {
    /// Its source's word, such as `teams_report`.
    pub report: String,
    /// Shown name.
    pub label: String,
    /// Up to which day it knows.
    pub refreshed: Day,
    /// Last day of use.
    pub last_day: Option<Day>,
    /// Bytes in use.
    pub storage_bytes: Option<i64>,
    /// Mails or files.
    pub items: Option<i64>,
    /// Whether the mailbox has an archive.
    pub has_archive: Option<bool>,
    /// What kind of mailbox it is, in Microsoft's word.
    pub recipient_type: Option<String>,
    /// Whether a program was used on a computer.
    pub desktop: Option<bool>,
    /// Activated products.
    pub products: Vec<String>,
}

impl From<(UsageReport, PublishedRow)> for AccountReport {
    fn from((report, row): (UsageReport, PublishedRow)) -> Self {
        let count = |number: Option<u64>| number.map(|number| i64::try_from(number).unwrap_or(i64::MAX));
        Self {
            report: report.to_string(),
            label: words::source(report.as_str()).to_owned(),
            refreshed: Day(row.used.refreshed),
            last_day: row.used.last.map(Day),
            storage_bytes: count(row.details.storage_bytes),
            items: count(row.details.items),
            has_archive: row.details.has_archive,
            recipient_type: row.details.recipient_type,
            desktop: row.details.desktop,
            products: row.details.products.into_keys().collect(),
        }
    }
}

/// Last day of use by service: the latest that any report knows.
fn last_days(found: &people::PersonDetail) -> BTreeMap<String, Option<Day>> {
    let mut days: BTreeMap<Service, Option<reseat_domain::time::Day>> = BTreeMap::new();
    if let Some(used) = &found.service_use {
        for &service in Service::ALL.iter().filter(|service| service.in_active_users()) {
            days.insert(service, used.last_activity.get(&service).copied());
        }
    }
    for (report, row) in &found.reports {
        if let Some(service) = report.shows_use_of() {
            let known = days.entry(service).or_default();
            *known = (*known).max(row.used.last);
        }
    }
    days.into_iter().map(|(service, day)| (service.to_string(), day.map(Day))).collect()
}

/// What the HR roster says.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Employment {
    /// Status as the roster gives it.
    pub status: EmploymentStatusName,
    /// First day.
    pub start: Option<Day>,
    /// Last day.
    pub end: Option<Day>,
}

/// The directory's sign-in dates.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SignIn {
    /// Last success of either kind.
    pub last_successful: Option<Moment>,
    /// Last attempt by the person.
    pub last_interactive: Option<Moment>,
    /// Last attempt by a program on the person's behalf.
    pub last_non_interactive: Option<Moment>,
    /// When they were read.
    pub as_of: Option<Moment>,
}

impl From<stored::PersonRef> for PersonRef {
    fn from(person: stored::PersonRef) -> Self {
        Self {
            user_id: person.user_id.to_string(),
            display_name: person.display_name,
            user_principal_name: person.user_principal_name,
            department: person.department,
            account_enabled: person.account_enabled,
        }
    }
}

impl From<people::PersonItem> for Person {
    fn from(item: people::PersonItem) -> Self {
        Self {
            person: item.person.into(),
            mail: item.mail,
            user_type: item.user_type.into(),
            seat_count: item.seat_count,
            last_sign_in_day: item.last_sign_in_day.map(Day),
            manager_id: item.manager_id.map(|id| id.to_string()),
        }
    }
}

impl From<people::PersonDetail> for PersonDetail {
    fn from(found: people::PersonDetail) -> Self {
        let service_use = last_days(&found);
        let item = found.item;
        // Two rows leave open which one is meant, so neither is shown.
        let employment = match found.employment.as_slice() {
            [one] => Some(Employment { status: one.status.into(), start: one.start.map(Day), end: one.end.map(Day) }),
            _ => None,
        };
        Self {
            created_at: item.created_at.map(Moment),
            usage_location: item.usage_location.clone(),
            manager: found.manager.map(PersonRef::from),
            declared: item.declared.map(NonEmployeeName),
            employment,
            service_use,
            service_use_refreshed: found.service_use.map(|used| used.refreshed.into()),
            reports: found.reports.into_iter().map(AccountReport::from).collect(),
            sign_in: item.sign_in.map(|(sign_in, as_of)| SignIn {
                last_successful: sign_in.last_successful.map(Moment),
                last_interactive: sign_in.last_interactive.map(Moment),
                last_non_interactive: sign_in.last_non_interactive.map(Moment),
                as_of: Some(as_of.into()),
            }),
            seats: found.seats.into_iter().map(Seat::from).collect(),
            person: item.into(),
        }
    }
}
