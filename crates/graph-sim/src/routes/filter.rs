//! `$filter` on people: read once, then asked of one person after the other without building them.

use crate::catalogue::SkuIndex;
use crate::clock::Millis;
use crate::licensing::enabled_plans;
use crate::names::DEPARTMENTS;
use crate::people::Kind;
use crate::routes::user_fields::sign_ins;
use crate::world::World;
use std::cell::RefCell;
use std::collections::BTreeSet;
use uuid::Uuid;

/// A whole filter.
#[derive(Debug)]
pub enum Filter {
    Everyone,
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    Ids(BTreeSet<u64>),
    Text(TextField, TextTest),
    Truth(TruthField, Option<bool>),
    Moment(MomentField, Order, Millis),
    HoldsSku(SkuIndex),
    HasPlan(Uuid),
    Licensed(bool),
    SignedIn(SignInField, Order, Millis),
    Address(String),
}

/// A text property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextField {
    UserPrincipalName,
    DisplayName,
    GivenName,
    Surname,
    Mail,
    MailNickname,
    Department,
    CompanyName,
    JobTitle,
    OfficeLocation,
    Country,
    UsageLocation,
    EmployeeId,
    EmployeeType,
    UserType,
    ExternalUserState,
    CreationType,
    SamAccountName,
}

/// A true-or-false property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TruthField {
    AccountEnabled,
    Synced,
}

/// A property that is a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MomentField {
    Created,
    Hired,
    Leaving,
}

/// A date of `signInActivity`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInField {
    Interactive,
    NonInteractive,
    Successful,
}

/// How two values stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Equal,
    NotEqual,
    AtLeast,
    AtMost,
}

/// What a text must be, in lower case: the directory does not tell letters by their case.
#[derive(Debug)]
pub enum TextTest {
    Is(Order, Option<String>),
    In(Vec<String>),
    StartsWith(String),
    EndsWith(String),
}

impl Filter {
    /// Whether sign-ins decide.
    pub fn asks_sign_ins(&self) -> bool {
        match self {
            Self::SignedIn(..) => true,
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::asks_sign_ins),
            Self::Not(inner) => inner.asks_sign_ins(),
            Self::Everyone
            | Self::Ids(_)
            | Self::Text(..)
            | Self::Truth(..)
            | Self::Moment(..)
            | Self::HoldsSku(_)
            | Self::HasPlan(_)
            | Self::Licensed(_)
            | Self::Address(_) => false,
        }
    }

    /// Whom to look at from a position on: everybody, or the few that are named.
    pub fn candidates(&self, world: &World, from: u64) -> Box<dyn Iterator<Item = u64> + '_> {
        match self {
            Self::Ids(ids) => Box::new(ids.range(from..).copied()),
            _ => Box::new(from..world.population.users),
        }
    }

    /// Whether a person is meant.
    pub fn admits(&self, world: &World, index: u64, now: Millis) -> bool {
        match self {
            Self::Everyone => true,
            Self::All(parts) => parts.iter().all(|part| part.admits(world, index, now)),
            Self::Any(parts) => parts.iter().any(|part| part.admits(world, index, now)),
            Self::Not(inner) => !inner.admits(world, index, now),
            Self::Ids(ids) => ids.contains(&index),
            Self::Text(field, test) => with_text(world, index, *field, |text| test.fits(text)),
            Self::Truth(TruthField::AccountEnabled, wanted) => Some(world.is_enabled(index)) == *wanted,
            Self::Truth(TruthField::Synced, wanted) => {
                let synced = world.population.kind(index).is_person() && index.is_multiple_of(3);
                synced.then_some(true) == *wanted
            }
            Self::Moment(field, order, at) => order.fits(field.of(world, index), *at),
            Self::HoldsSku(sku) => world.holdings_as_read(index, now).seats() >> sku & 1 == 1,
            Self::HasPlan(plan) => enabled_plans(&world.holdings_as_read(index, now)).contains(plan),
            Self::Licensed(wanted) => (world.holdings_as_read(index, now).seats() != 0) == *wanted,
            Self::SignedIn(field, order, at) => {
                let found = sign_ins(world, index, now).and_then(|found| match field {
                    SignInField::Interactive => found.interactive,
                    SignInField::NonInteractive => found.non_interactive,
                    SignInField::Successful => found.successful,
                });
                found.is_some() && order.fits(found, *at)
            }
            Self::Address(start) => with_text(world, index, TextField::Mail, |mail| {
                mail.is_some_and(|mail| format!("smtp:{mail}").starts_with(start.as_str()))
            }),
        }
    }
}

impl Order {
    fn fits(self, second: Option<i64>, at: Millis) -> bool {
        match (self, second.map(|second| second * 1000)) {
            (Self::Equal, found) => found == Some(at),
            (Self::NotEqual, found) => found != Some(at),
            (Self::AtLeast, found) => found.is_some_and(|found| found >= at),
            (Self::AtMost, found) => found.is_some_and(|found| found <= at),
        }
    }
}

impl MomentField {
    fn of(self, world: &World, index: u64) -> Option<i64> {
        let kind = world.population.kind(index);
        let created = world.population.created(index, kind);
        match self {
            Self::Created => Some(created),
            Self::Hired => kind.is_person().then(|| created - created.rem_euclid(crate::clock::DAY)),
            Self::Leaving => world.population.end_of_employment(index),
        }
    }
}

impl TextTest {
    fn fits(&self, text: Option<&str>) -> bool {
        match self {
            Self::Is(Order::Equal, wanted) => text == wanted.as_deref(),
            Self::Is(Order::NotEqual, wanted) => text != wanted.as_deref(),
            Self::Is(Order::AtLeast, wanted) => text.is_some() && text >= wanted.as_deref(),
            Self::Is(Order::AtMost, wanted) => text.is_some() && text <= wanted.as_deref(),
            Self::In(list) => text.is_some_and(|text| list.iter().any(|wanted| wanted == text)),
            Self::StartsWith(start) => text.is_some_and(|text| text.starts_with(start.as_str())),
            Self::EndsWith(end) => text.is_some_and(|text| text.ends_with(end.as_str())),
        }
    }
}

thread_local! {
    /// One buffer a thread: a filter over a million people must not ask for memory a million times.
    static TEXT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Hands a property in lower case to `then`; none where it is null.
pub fn with_text<R>(world: &World, index: u64, field: TextField, then: impl FnOnce(Option<&str>) -> R) -> R {
    let people = &world.population;
    let kind = people.kind(index);
    let employee = kind.is_person();
    TEXT.with_borrow_mut(|text| {
        text.clear();
        let there = match field {
            TextField::UserPrincipalName | TextField::MailNickname => {
                people.names(index, kind).write_upn(text);
                if field == TextField::MailNickname {
                    text.truncate(text.find('@').unwrap_or(text.len()));
                }
                true
            }
            TextField::DisplayName => {
                people.names(index, kind).write_display(text);
                true
            }
            TextField::GivenName => put(text, people.names(index, kind).given()),
            TextField::Surname => put(text, people.names(index, kind).surname()),
            TextField::Mail => {
                let mail = world.mail_of(index).or_else(|| people.person(index).mail());
                put(text, &mail.unwrap_or_default())
            }
            TextField::Department => employee && put(text, DEPARTMENTS[people.department(index)].0),
            TextField::JobTitle => employee && put(text, DEPARTMENTS[people.department(index)].1),
            TextField::CompanyName => employee && put(text, "Contoso"),
            TextField::OfficeLocation => employee && put(text, people.country(index).2),
            TextField::Country => employee && put(text, people.country(index).1),
            TextField::UsageLocation => put(text, &world.usage_location(index).unwrap_or_default()),
            TextField::EmployeeId => employee && put(text, &crate::routes::user_fields::employee_id(index)),
            TextField::EmployeeType => employee && put(text, "Employee"),
            TextField::UserType => put(text, if kind == Kind::Guest { "Guest" } else { "Member" }),
            TextField::ExternalUserState => kind == Kind::Guest && put(text, "Accepted"),
            TextField::CreationType => kind == Kind::Guest && put(text, "Invitation"),
            TextField::SamAccountName => employee && index.is_multiple_of(3) && put(text, &format!("u{index}")),
        };
        lower(text);
        then(there.then_some(text.as_str()))
    })
}

fn put(text: &mut String, value: &str) -> bool {
    text.push_str(value);
    !value.is_empty()
}

fn lower(text: &mut String) {
    if text.is_ascii() { text.make_ascii_lowercase() } else { *text = text.to_lowercase() }
}

impl TextField {
    /// The property of that name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "userPrincipalName" => Self::UserPrincipalName,
            "displayName" => Self::DisplayName,
            "givenName" => Self::GivenName,
            "surname" => Self::Surname,
            "mail" => Self::Mail,
            "mailNickname" => Self::MailNickname,
            "department" => Self::Department,
            "companyName" => Self::CompanyName,
            "jobTitle" => Self::JobTitle,
            "officeLocation" | "city" => Self::OfficeLocation,
            "country" => Self::Country,
            "usageLocation" => Self::UsageLocation,
            "employeeId" => Self::EmployeeId,
            "employeeType" => Self::EmployeeType,
            "userType" => Self::UserType,
            "externalUserState" => Self::ExternalUserState,
            "creationType" => Self::CreationType,
            "onPremisesSamAccountName" => Self::SamAccountName,
            _ => return None,
        })
    }

    /// Of these only equality is asked (2.2).
    pub fn is_plain(self) -> bool {
        matches!(self, Self::UserType | Self::ExternalUserState | Self::CreationType)
    }
}
