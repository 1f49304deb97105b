//! People of the directory.

use std::collections::BTreeMap;

use reseat_domain::activity::{LastSignIn, ServiceUse, SignIn};
use reseat_domain::directory::{NonEmployee, UserType};
use reseat_domain::employment::Employment;
use reseat_domain::ids::{TenantId, UserId};
use reseat_domain::time::{Day, Timestamp};
use reseat_domain::usage_report::UsageReport;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use super::query::Query;
use super::seats::{SeatFilter, SeatItem, list_seats};
use super::{PERSON, Page, PersonCols, PersonRef, optional};
use crate::dialect::containing;
use crate::error::{StoreError, parse};
use crate::pool::Tx;
use crate::rounds::{PublishedRow, fold, list_report_rows};

/// More seats than anybody holds.
const ALL_SEATS: i64 = 1_000;

/// A person as a list shows them.
#[derive(Debug, Clone)]
pub struct PersonItem {
    /// Who.
    pub person: PersonRef,
    /// Mail address.
    pub mail: Option<String>,
    /// Member or guest.
    pub user_type: UserType,
    /// Seats held.
    pub seat_count: i64,
    /// The last day a sign-in is known of.
    pub last_sign_in_day: Option<Day>,
    /// The manager's account.
    pub manager_id: Option<UserId>,
    /// When the account was made.
    pub created_at: Option<Timestamp>,
    /// Where licenses may be used.
    pub usage_location: Option<String>,
    /// What somebody declared the account to be.
    pub declared: Option<NonEmployee>,
    /// Sign-in dates, and when they were read.
    pub sign_in: Option<(SignIn, Timestamp)>,
}

/// A person as their page shows them.
#[derive(Debug, Clone)]
pub struct PersonDetail {
    /// What a list shows.
    pub item: PersonItem,
    /// The manager, if they are in the directory.
    pub manager: Option<PersonRef>,
    /// The rows of the HR roster with the person's mail address or sign-in name: none, one, or two
    /// that leave open which is meant.
    pub employment: Vec<Employment>,
    /// The person's row of the active-user report.
    pub service_use: Option<ServiceUse>,
    /// The person's rows of the other reports.
    pub reports: BTreeMap<UsageReport, PublishedRow>,
    /// Every seat.
    pub seats: Vec<SeatItem>,
}

/// Which people.
#[derive(Debug, Clone, Default)]
pub struct PersonFilter {
    /// Part of a name or sign-in name.
    pub q: Option<String>,
    /// Of one department.
    pub department: Option<String>,
    /// Whether sign-in is allowed.
    pub account_enabled: Option<bool>,
}

/// The place of a person in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonCursor {
    name_folded: String,
    user_id: UserId,
}

#[derive(FromRow)]
struct Row {
    #[sqlx(flatten)]
    person: PersonCols,
    name_folded: String,
    mail: Option<String>,
    user_type: String,
    seat_count: i64,
    manager_id: Option<String>,
    created_at: Option<i64>,
    usage_location: Option<String>,
    declared: Option<String>,
    last_successful: Option<i64>,
    last_interactive: Option<i64>,
    last_non_interactive: Option<i64>,
    sign_in_as_of: Option<i64>,
}

fn select(tenant_id: TenantId) -> Query {
    let mut query = Query::new(format!(
        "select p.user_id as person_id, {PERSON}, p.name_folded, p.mail, p.user_type, p.seat_count, p.manager_id,
                p.created_at, p.usage_location, p.declared, si.last_successful, si.last_interactive,
                si.last_non_interactive, si.as_of as sign_in_as_of
         from people p left join sign_ins si on si.tenant_id = p.tenant_id and si.user_id = p.user_id"
    ));
    query.push(" where p.tenant_id = ?", [tenant_id.to_string().into()]);
    query
}

/// A page of people by name.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn list_people(
    tx: &mut Tx,
    tenant_id: TenantId,
    filter: &PersonFilter,
    after: Option<&PersonCursor>,
    limit: i64,
) -> Result<Page<PersonItem, PersonCursor>, StoreError> {
    let mut query = select(tenant_id);
    query.filter("p.department = ?", filter.department.clone()).filter("p.account_enabled = ?", filter.account_enabled);
    if let Some(q) = &filter.q {
        let pattern = containing(&fold(q));
        query.push(
            r" and (p.name_folded like ? escape '\' or p.upn_folded like ? escape '\')",
            [pattern.clone().into(), pattern.into()],
        );
    }
    if let Some(after) = after {
        query.push(
            " and (p.name_folded, p.user_id) > (?, ?)",
            [after.name_folded.clone().into(), after.user_id.to_string().into()],
        );
    }
    query.push(" order by p.name_folded, p.user_id limit ?", [(limit + 1).into()]);
    let rows: Vec<Row> = query.fetch(tx).await?;
    let place = |row: &Row| {
        Ok(PersonCursor {
            name_folded: row.name_folded.clone(),
            user_id: parse("people", "user_id", &row.person.person_id)?,
        })
    };
    Page::cut(rows, limit, place, into_item)
}

fn into_item(row: Row) -> Result<PersonItem, StoreError> {
    const T: &str = "people";
    let created_at = row.created_at.map(Timestamp::from_micros);
    let sign_in = row.sign_in_as_of.map(|as_of| {
        let sign_in = SignIn {
            last_successful: row.last_successful.map(Timestamp::from_micros),
            last_interactive: row.last_interactive.map(Timestamp::from_micros),
            last_non_interactive: row.last_non_interactive.map(Timestamp::from_micros),
        };
        (sign_in, Timestamp::from_micros(as_of))
    });
    Ok(PersonItem {
        person: row.person.into_ref()?,
        mail: row.mail,
        user_type: parse(T, "user_type", &row.user_type)?,
        seat_count: row.seat_count,
        last_sign_in_day: sign_in.and_then(|(sign_in, _)| last_day(&sign_in, created_at)),
        manager_id: optional(T, "manager_id", &row.manager_id)?,
        created_at,
        usage_location: row.usage_location,
        declared: optional(T, "declared", &row.declared)?,
        sign_in,
    })
}

fn last_day(sign_in: &SignIn, created_at: Option<Timestamp>) -> Option<Day> {
    match sign_in.last_use(created_at) {
        LastSignIn::At(moment) => Some(moment.day()),
        LastSignIn::NoneRecorded => None,
        LastSignIn::Unclear { at_least, .. } => at_least.map(Timestamp::day),
    }
}

/// One person with everything known about them.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub async fn find_person(
    tx: &mut Tx,
    tenant_id: TenantId,
    user_id: UserId,
) -> Result<Option<PersonDetail>, StoreError> {
    let mut query = select(tenant_id);
    query.filter("p.user_id = ?", Some(user_id.to_string()));
    let Some(row) = query.fetch_one::<Row>(tx).await? else { return Ok(None) };
    let item = into_item(row)?;
    let manager = match item.manager_id {
        Some(manager_id) => find_ref(tx, tenant_id, manager_id).await?,
        None => None,
    };
    let filter = SeatFilter { user_id: Some(user_id), ..SeatFilter::default() };
    Ok(Some(PersonDetail {
        manager,
        employment: employment(tx, tenant_id, &item).await?,
        service_use: service_use(tx, tenant_id, user_id).await?,
        reports: list_report_rows(tx, tenant_id, &[user_id]).await?.remove(&user_id).unwrap_or_default(),
        seats: list_seats(tx, tenant_id, &filter, None, ALL_SEATS).await?.items,
        item,
    }))
}

async fn find_ref(tx: &mut Tx, tenant_id: TenantId, user_id: UserId) -> Result<Option<PersonRef>, StoreError> {
    let mut query = Query::new(format!("select p.user_id as person_id, {PERSON} from people p"));
    query.push(" where p.tenant_id = ? and p.user_id = ?", [tenant_id.to_string().into(), user_id.to_string().into()]);
    query.fetch_one::<PersonCols>(tx).await?.map(PersonCols::into_ref).transpose()
}

async fn employment(tx: &mut Tx, tenant_id: TenantId, item: &PersonItem) -> Result<Vec<Employment>, StoreError> {
    let upn = fold(&item.person.user_principal_name);
    let mail = item.mail.as_deref().map_or_else(|| upn.clone(), fold);
    let mut query = Query::new("select status, start_on, end_on from roster");
    query.push(
        " where tenant_id = ? and email_folded in (?, ?) order by email_folded",
        [tenant_id.to_string().into(), mail.into(), upn.into()],
    );
    let rows: Vec<(String, Option<String>, Option<String>)> = query.fetch(tx).await?;
    rows.into_iter()
        .map(|(status, start, end)| {
            Ok(Employment {
                status: parse("roster", "status", &status)?,
                start: optional("roster", "start_on", &start)?,
                end: optional("roster", "end_on", &end)?,
            })
        })
        .collect()
}

async fn service_use(tx: &mut Tx, tenant_id: TenantId, user_id: UserId) -> Result<Option<ServiceUse>, StoreError> {
    let mut query = Query::new("select refreshed, refreshes, last_activity from service_use");
    query.push(" where tenant_id = ? and user_id = ?", [tenant_id.to_string().into(), user_id.to_string().into()]);
    let row: Option<(String, i64, String)> = query.fetch_one(tx).await?;
    row.map(|(refreshed, refreshes, activity)| crate::rounds::service_use(&refreshed, refreshes, &activity)).transpose()
}
