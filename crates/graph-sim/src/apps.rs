//! App registrations of the tenant: who may sign in, and with which consented permissions.

use crate::clock::Millis;
use crate::seed::{Seed, Topic};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

const READER: &[&str] = &[
    "User.Read.All",
    "User-LifeCycleInfo.Read.All",
    "AuditLog.Read.All",
    "LicenseAssignment.Read.All",
    "Organization.Read.All",
    "GroupMember.Read.All",
    "Group.Read.All",
    "Reports.Read.All",
    "ReportSettings.Read.All",
    "MailboxSettings.Read",
    "RoleManagement.Read.Directory",
];
const WRITER: &[&str] = &[
    "LicenseAssignment.ReadWrite.All",
    "GroupMember.ReadWrite.All",
    "User.Read.All",
    "LicenseAssignment.Read.All",
    "GroupMember.Read.All",
];
const MAILER: &[&str] = &["Mail.Send"];
const EVERYTHING: &[&str] = &[
    "User.Read.All",
    "User-LifeCycleInfo.Read.All",
    "AuditLog.Read.All",
    "LicenseAssignment.Read.All",
    "Organization.Read.All",
    "GroupMember.Read.All",
    "Group.Read.All",
    "LicenseAssignment.ReadWrite.All",
    "User.ReadWrite.All",
    "GroupMember.ReadWrite.All",
    "Reports.Read.All",
    "ReportSettings.Read.All",
    "ReportSettings.ReadWrite.All",
    "MailboxSettings.Read",
    "Mail.Send",
    "TeamsActivity.Send",
    "Directory.Read.All",
    "RoleManagement.Read.Directory",
];

/// An app registration.
#[derive(Clone, Debug)]
pub struct App {
    pub purpose: &'static str,
    pub client_id: String,
    pub secret: String,
    /// What the registration asks for.
    pub declared: Vec<String>,
    /// What was consented to when the tenant began.
    pub permissions: Vec<String>,
}

/// What became of a registration since the start: an administrator's doing, or time's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AppState {
    /// What is granted now; none while it is what the start or a consent says.
    pub permissions: Option<Vec<String>>,
    /// When an administrator consented to all it declares.
    #[serde(skip)]
    pub consented: Option<Millis>,
    /// AADSTS70001.
    pub disabled: bool,
    /// AADSTS7000222.
    pub secret_expired: bool,
    /// AADSTS700025: no credential may be sent.
    pub public: bool,
    /// AADSTS700027.
    pub certificate_removed: bool,
    /// AADSTS50194 at the shared endpoints.
    pub single_tenant: bool,
}

/// The four registrations; `consent` (a JSON object from purpose to permissions) overrides what was consented.
pub fn registrations(seed: Seed, consent: Option<&Path>) -> Result<Vec<App>> {
    let mut granted: BTreeMap<String, Vec<String>> = match consent {
        None => BTreeMap::new(),
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read the consent file {}", path.display()))?;
            serde_json::from_str(&text).with_context(|| {
                format!("{} must be a JSON object from purpose to a list of permissions", path.display())
            })?
        }
    };
    let apps = [("reader", READER), ("writer", WRITER), ("mailer", MAILER), ("everything", EVERYTHING)]
        .into_iter()
        .enumerate()
        .map(|(index, (purpose, usual))| App {
            purpose,
            client_id: seed.guid(index as u64, Topic::AppId).to_string(),
            secret: seed.secret(index as u64),
            declared: usual.iter().map(ToString::to_string).collect(),
            permissions: granted.remove(purpose).unwrap_or_else(|| usual.iter().map(ToString::to_string).collect()),
        })
        .collect();
    if let Some(unknown) = granted.keys().next() {
        anyhow::bail!("the consent file names {unknown:?}; known purposes are reader, writer, mailer, everything");
    }
    Ok(apps)
}

/// Whether a broader grant covers a wanted permission.
pub fn covers(granted: &[String], wanted: &str) -> bool {
    let has = |name: &str| granted.iter().any(|permission| permission == name);
    if has(wanted) {
        return true;
    }
    let write_of = wanted.strip_suffix(".Read.All").map(|stem| format!("{stem}.ReadWrite.All"));
    if write_of.is_some_and(|name| has(&name)) {
        return true;
    }
    // The directory-wide grants replace neither AuditLog, reports, mailbox settings nor mail.
    match wanted {
        "User.Read.All"
        | "LicenseAssignment.Read.All"
        | "Organization.Read.All"
        | "GroupMember.Read.All"
        | "GroupMember.ReadBasic.All"
        | "Group.ReadBasic.All"
        | "Group.Read.All" => has("Directory.Read.All") || has("Directory.ReadWrite.All"),
        "User.ReadBasic.All" => covers(granted, "User.Read.All"),
        "User.ReadWrite.All" | "LicenseAssignment.ReadWrite.All" | "GroupMember.ReadWrite.All" => {
            has("Directory.ReadWrite.All")
        }
        _ => false,
    }
}
