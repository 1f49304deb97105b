//! The ways into a tenant: entered, authorized, checked, removed. No answer carries a secret.

use reseat_domain::time::Timestamp;
use reseat_engine::Purpose;
use reseat_engine::connections::{self, Checked, TenantCheck};
use reseat_store::integration::ConnectionRow;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::problem::Problem;
use crate::scalar::{Moment, PurposeName};
use crate::state::ApiState;

pub mod authorize;
pub mod check;
pub mod consent_link;
pub mod list;
pub mod read;
pub mod remove;
pub mod save;
#[cfg(test)]
mod tests;

/// A way into the tenant.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Connection {
    /// `reader`, `writer` or `mailer`.
    pub purpose: String,
    /// `client_secret`, `certificate` or `authorization_code`.
    pub kind: String,
    /// The app registration.
    pub client_id: String,
    /// Microsoft Graph's root.
    pub graph_url: String,
    /// `configured`, `working`, `failing` or `read_only`.
    pub status: String,
    /// As of when.
    pub status_at: Option<Moment>,
    /// Where it was entered: `configuration` for the file on the host, `console` for this interface.
    pub origin: String,
    /// Whether it can be changed or removed here; what the file gives is changed in the file.
    pub can_change: bool,
    /// What is wrong with it, if something is.
    pub problem: Option<String>,
    /// What to do about it.
    pub remedy: Option<String>,
    /// SHA-256 of its certificate, as Microsoft names it.
    pub certificate_thumbprint: Option<String>,
    /// `PS256` or `RS256`, for a certificate entered here.
    pub certificate_algorithm: Option<String>,
    /// When its secret or certificate ends, where that is known.
    pub expires_at: Option<Moment>,
    /// The warning due about that.
    pub expiry: Option<ExpiryWarning>,
    /// Who signed in for it.
    pub signed_in_as: Option<String>,
    /// When.
    pub signed_in_at: Option<Moment>,
    /// What the last check found.
    pub last_check: Option<ConnectionCheck>,
}

/// A secret or certificate that ends soon, or has ended.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExpiryWarning {
    /// Of which connection.
    pub purpose: PurposeName,
    /// When it ends.
    pub expires_at: Moment,
    /// Whole days left; negative once it has ended.
    pub days_left: i64,
    /// Which warning this is: 30, 14, 7 or 1 days before, 0 once it has ended.
    pub level: i64,
    /// What is about to happen.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// What a look at a connection found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConnectionCheck {
    /// When it was looked at.
    pub at: Moment,
    /// Whether it signs in.
    pub signs_in: bool,
    /// How its tenant was compared with the pinned one: `token`, `organization` or `address`.
    pub tenant: Option<String>,
    /// The same in words.
    pub tenant_words: Option<String>,
    /// The app's name as Microsoft shows it.
    pub app_name: Option<String>,
    /// What is wrong, if it could not be looked at.
    pub problem: Option<String>,
    /// What to do about that.
    pub remedy: Option<String>,
    /// The granted permissions by name; null where the token does not say.
    pub granted: Option<Vec<String>>,
    /// What this purpose needs and does not have.
    pub missing: Vec<String>,
    /// What is granted and reaches further than needed, or is used by nothing.
    pub broader: Vec<String>,
}

/// The connections of a tenant.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConnectionList {
    /// Reader, writer, mailer, as far as they are there.
    pub items: Vec<Connection>,
    /// Always null: there are three at most.
    pub next_cursor: Option<String>,
}

/// Which connection.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PurposeQuery {
    /// What it is for.
    #[param(inline)]
    pub purpose: PurposeName,
}

impl Connection {
    /// A connection as it is shown at `now`.
    pub fn new(row: ConnectionRow, now: Timestamp) -> Self {
        let expiry = row.purpose.parse().ok().and_then(|purpose| ExpiryWarning::due(purpose, &row, now));
        let last_check = Checked::kept(&row).map(|(checked, at)| ConnectionCheck::new(&row.purpose, &checked, at));
        Self {
            can_change: row.origin == "console",
            expires_at: row.expires_at.map(Moment::from_micros),
            expiry,
            last_check,
            status_at: row.status_at.map(Moment::from_micros),
            signed_in_at: row.signed_in_at.map(Moment::from_micros),
            purpose: row.purpose,
            kind: row.kind,
            client_id: row.client_id,
            graph_url: row.graph_url,
            status: row.status,
            origin: row.origin,
            problem: row.problem,
            remedy: row.remedy,
            certificate_thumbprint: row.certificate_thumbprint,
            certificate_algorithm: row.certificate_algorithm,
            signed_in_as: row.signed_in_as,
        }
    }
}

impl ExpiryWarning {
    fn due(purpose: Purpose, row: &ConnectionRow, now: Timestamp) -> Option<Self> {
        let due = connections::expiry(purpose, &row.kind, Timestamp::from_micros(row.expires_at?), now)?;
        Some(Self {
            purpose: PurposeName(due.purpose),
            expires_at: due.expires_at.into(),
            days_left: due.days_left,
            level: due.level,
            message: due.message,
            remedy: due.remedy,
        })
    }

    /// Every warning due now, the most urgent first.
    pub fn all(rows: &[ConnectionRow], now: Timestamp) -> Vec<Self> {
        let due = rows.iter().filter_map(|row| Self::due(row.purpose.parse().ok()?, row, now));
        let mut all: Vec<Self> = due.collect();
        all.sort_by_key(|warning| warning.days_left);
        all
    }
}

impl ConnectionCheck {
    fn new(purpose: &str, checked: &Checked, at: Timestamp) -> Self {
        let works = purpose.parse().map(Purpose::works).unwrap_or_default();
        let judged = checked.judged(works);
        let rights = judged.iter().flat_map(|judged| &judged.works);
        let mut missing: Vec<String> = rights
            .clone()
            .flat_map(|rights| &rights.missing)
            .filter_map(|it| it.permission)
            .map(str::to_owned)
            .collect();
        let further = rights.flat_map(|rights| &rights.broader_than_needed);
        let mut broader: Vec<String> = further
            .chain(judged.iter().flat_map(|judged| &judged.unused))
            .map(|broader| broader.permission.clone())
            .collect();
        for list in [&mut missing, &mut broader] {
            list.sort();
            list.dedup();
        }
        Self {
            at: at.into(),
            signs_in: checked.problem.is_none(),
            tenant: checked.tenant.map(|check| tenant_word(check).to_owned()),
            tenant_words: checked.tenant.map(|check| check.words().to_owned()),
            app_name: checked.app_name.clone(),
            problem: checked.problem.clone(),
            remedy: checked.remedy.clone(),
            granted: checked.permissions().map(|granted| granted.into_iter().collect()),
            missing,
            broader,
        }
    }
}

/// How a tenant was compared, in one word.
pub const fn tenant_word(check: TenantCheck) -> &'static str {
    match check {
        TenantCheck::Token => "token",
        TenantCheck::Organization => "organization",
        TenantCheck::Address => "address",
    }
}

/// Where Microsoft sends a browser back to. The same address has to be registered with the app.
///
/// # Errors
/// [`Problem`] 409 when this server has no address that Microsoft takes: https, or http on this machine.
pub fn redirect_uri(state: &ApiState) -> Result<String, Problem> {
    let root = state.public_url.trim_end_matches('/');
    let loopback = ["http://localhost", "http://127.0.0.1", "http://[::1]"];
    let on_this_machine = loopback.iter().any(|start| {
        root.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with(':') || rest.starts_with('/'))
    });
    if root.starts_with("https://") || on_this_machine {
        return Ok(format!("{root}/api/v1/connections/callback"));
    }
    let detail = format!("Microsoft sends nobody back to {root}: it takes https, or http on this machine only.");
    Err(Problem::not_allowed(detail)
        .remedy("Set public_url in the configuration file, or RESEAT_PUBLIC_URL, to the https address people use."))
}
