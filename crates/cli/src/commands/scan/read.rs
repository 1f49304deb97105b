//! Reading the tenant once. People and license types are needed in full; any other source that
//! cannot be read is a missing signal with its reason.

use std::collections::{HashMap, HashSet};

use reseat_connectors::graph::GraphReader;
use reseat_connectors::{ConnectorError, Cursor, DirectoryReader, Page};
use reseat_domain::activity::SignIn;
use reseat_domain::directory::{HeldSeat, Sku};
use reseat_domain::evidence::Reading;
use reseat_domain::ids::{TenantId, UserId};
use reseat_domain::time::Timestamp;

use crate::commands::scan::usage::{self, Reports};
use crate::config::GraphAt;
use crate::exit::Complaint;

/// How often a listing whose page token ran out is begun again (G45).
const RESTARTS: usize = 2;

/// Everything judging needs, and no more of any person.
pub struct Tenant {
    /// When it was read, by the clock of the source.
    pub now: Timestamp,
    /// License types.
    pub skus: Vec<Sku>,
    /// People.
    pub people: HashMap<UserId, Holder>,
    /// Sign-in dates, or why there are none.
    pub sign_ins: Source<HashMap<UserId, SignIn>>,
    /// The usage reports.
    pub reports: Reports,
}

/// What is kept of a person.
pub struct Holder {
    /// Sign-in name: the only key of the usage report.
    pub user_principal_name: String,
    /// Whether sign-in is allowed.
    pub account_enabled: bool,
    /// When the account was made.
    pub created_at: Option<Timestamp>,
    /// What is held, and how.
    pub seats: Vec<HeldSeat>,
}

/// A source, or why it gives nothing.
pub enum Source<T> {
    /// Read in full.
    Read(T),
    /// The tenant has no Entra ID P1.
    NoPremium,
    /// Names in the report are pseudonyms.
    Concealed,
    /// It could not be read.
    Missing(String),
}

impl<T> Source<T> {
    /// Why it gives nothing.
    pub fn problem(&self) -> Option<&str> {
        match self {
            Self::Read(_) => None,
            Self::NoPremium => Some("sign-in activity needs Microsoft Entra ID P1, which this tenant does not have"),
            Self::Concealed => Some("names in the usage reports are concealed"),
            Self::Missing(why) => Some(why),
        }
    }
}

impl Tenant {
    /// A person's sign-in dates.
    pub fn sign_in(&self, user_id: UserId) -> Reading<SignIn> {
        match &self.sign_ins {
            Source::Read(rows) => match rows.get(&user_id) {
                Some(value) => Reading::Present { value: *value, as_of: self.now },
                None => Reading::missing("sign-in activity has no entry for this person"),
            },
            other => Reading::missing(other.problem().unwrap_or("it was not read")),
        }
    }
}

/// Names are compared without regard to case, as the directory does.
pub fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Reads it.
pub async fn tenant(reader: &GraphReader, at: &GraphAt, tenant_id: TenantId) -> anyhow::Result<Tenant> {
    let now = source_now(at, tenant_id).await;
    let skus = reader.skus().await.map_err(|error| not_whole("license types", &error))?;
    eprintln!("Read {} license types", skus.len());
    let people = people(reader).await.map_err(|error| not_whole("people", &error))?;
    eprintln!("Read {} people", people.len());
    let reports = usage::read(reader).await;
    match &reports.active_users {
        Source::Read(usage) => {
            eprintln!("Read the active-user report of {} for {} people", usage.refreshed, usage.rows.len());
        }
        missing => eprintln!("No usage report: {}", missing.problem().unwrap_or_default()),
    }
    let sign_ins = sign_ins(reader).await;
    match &sign_ins {
        Source::Read(rows) => eprintln!("Read the sign-in dates of {} people", rows.len()),
        missing => eprintln!("No sign-in dates: {}", missing.problem().unwrap_or_default()),
    }
    let reports = unambiguous(reports, &people);
    Ok(Tenant { now, skus, people, sign_ins, reports })
}

fn not_whole(what: &str, error: &ConnectorError) -> anyhow::Error {
    let remedy = error.remedy().unwrap_or_else(|| "Try again later.".to_owned());
    Complaint::failed(format!("{what} could not be read in full: {error}"), remedy)
}

async fn people(reader: &GraphReader) -> Result<HashMap<UserId, Holder>, ConnectorError> {
    every_page("people", async |cursor| {
        let page = reader.people_page(cursor.as_ref()).await?;
        let keep = |person: reseat_domain::directory::Person| {
            let holder = Holder {
                user_principal_name: person.user_principal_name,
                account_enabled: person.account_enabled,
                created_at: person.created_at,
                seats: person.seats,
            };
            (person.user_id, holder)
        };
        Ok(Page { items: page.items.into_iter().map(keep).collect(), next: page.next })
    })
    .await
}

async fn sign_ins(reader: &GraphReader) -> Source<HashMap<UserId, SignIn>> {
    match every_page("sign-in dates", async |cursor| reader.sign_ins_page(cursor.as_ref()).await).await {
        Ok(rows) => Source::Read(rows),
        Err(ConnectorError::Premium) => Source::NoPremium,
        Err(error) => Source::Missing(error.to_string()),
    }
}

/// Follows a listing to its end; begins again when a page token runs out or leads in a circle.
async fn every_page<T>(
    what: &str,
    page_at: impl AsyncFn(Option<Cursor>) -> Result<Page<(UserId, T)>, ConnectorError>,
) -> Result<HashMap<UserId, T>, ConnectorError> {
    let mut restarts = 0;
    loop {
        match one_listing(what, &page_at).await {
            Err(ConnectorError::RestartListing) if restarts < RESTARTS => restarts += 1,
            other => return other,
        }
    }
}

async fn one_listing<T>(
    what: &str,
    page_at: &impl AsyncFn(Option<Cursor>) -> Result<Page<(UserId, T)>, ConnectorError>,
) -> Result<HashMap<UserId, T>, ConnectorError> {
    let mut rows = HashMap::new();
    let mut seen = HashSet::new();
    let mut cursor: Option<Cursor> = None;
    loop {
        let page = page_at(cursor.take()).await?;
        rows.extend(page.items);
        let Some(next) = page.next else { return Ok(rows) };
        if !seen.insert(next.as_str().to_owned()) {
            return Err(ConnectorError::RestartListing);
        }
        if seen.len() % 20 == 0 {
            eprintln!("Reading {what}: {} so far", rows.len());
        }
        cursor = Some(next);
    }
}

/// A name that two accounts share says nothing about either.
fn unambiguous(mut reports: Reports, people: &HashMap<UserId, Holder>) -> Reports {
    let mut seen = HashSet::with_capacity(people.len());
    for holder in people.values() {
        let name = fold(&holder.user_principal_name);
        if seen.contains(&name) {
            reports.forget(&name);
        } else {
            seen.insert(name);
        }
    }
    reports
}

/// What time it is where the data comes from: evidence is as old as its source says, and a clock of
/// this machine that goes wrong must not make it fresher (C7). Without an answer this machine's.
async fn source_now(at: &GraphAt, tenant_id: TenantId) -> Timestamp {
    let here = Timestamp::from_micros(jiff::Timestamp::now().as_microsecond());
    let there = match source_date(at, tenant_id).await {
        Ok(Some(there)) => there,
        Ok(None) | Err(_) => return here,
    };
    if there.seconds_since(here).abs() > 300 && !at.is_loopback() {
        eprintln!("This machine's clock is {} seconds off; Microsoft's is used.", there.seconds_since(here).abs());
    }
    there
}

async fn source_date(at: &GraphAt, tenant_id: TenantId) -> anyhow::Result<Option<Timestamp>> {
    let root = at.cloud.authority_url().as_str().trim_end_matches('/');
    let mut http = reqwest::Client::builder().timeout(std::time::Duration::from_secs(15));
    if let Some(path) = &at.ca_file {
        http = http.tls_certs_only(reqwest::Certificate::from_pem_bundle(&std::fs::read(path)?)?);
    } else if at.is_loopback() {
        http = http.no_proxy().tls_certs_only([]);
    }
    let url = format!("{root}/{tenant_id}/v2.0/.well-known/openid-configuration");
    let answer = http.build()?.get(url).send().await?;
    let date = answer.headers().get(reqwest::header::DATE).and_then(|value| value.to_str().ok());
    let moment = date.and_then(|text| jiff::fmt::rfc2822::parse(text).ok());
    Ok(moment.map(|moment| Timestamp::from_micros(moment.timestamp().as_microsecond())))
}
