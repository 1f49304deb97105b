//! Looking at one connection: does it sign in, is it the pinned tenant, what may it do. What was seen is kept with the
//! row, so that pages and the doctor show it with its age.

use std::collections::{BTreeMap, BTreeSet};

use reseat_connectors::ConnectorError;
use reseat_connectors::graph::{self, ConnectionFacts};
use reseat_domain::candidate::StateName;
use reseat_domain::permission::{self, Access, Capability, Grants, Judgement, Work, judge};
use reseat_domain::time::Timestamp;
use reseat_store::integration::{self, ConnectionRow};
use reseat_store::{Tx, candidates};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::connections::{NO_CONNECTION, Purpose, SET_UP, Ways, build, ways_of};
use crate::engine::Engine;
use crate::error::EngineError;

/// How long what was seen of a writer that acts as itself is believed before the next batch.
const APP_SECONDS: i64 = 3_600;

/// The same for one that acts for a person: their role may be taken away at any moment (X7).
const PERSON_SECONDS: i64 = 60;

/// After how long a writer that may not write is looked at again.
const AGAIN_SECONDS: i64 = 300;

/// How a connection's tenant was compared with the pinned one (C1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantCheck {
    /// The token names it.
    Token,
    /// The token is opaque; Graph named the organization.
    Organization,
    /// Neither could be read: only the address the token was asked at says it.
    Address,
}

impl TenantCheck {
    /// For people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Token => "the token names the pinned tenant",
            Self::Organization => "Microsoft Graph names the pinned tenant",
            Self::Address => "neither token nor Microsoft Graph names the tenant; only the sign-in address does",
        }
    }
}

/// What a look at a connection found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// How the tenant was compared; none when it could not sign in.
    pub tenant: Option<TenantCheck>,
    /// The app's name as Microsoft shows it.
    pub app_name: Option<String>,
    /// The person it acts for.
    pub person: Option<String>,
    /// What is wrong, if it could not be looked at.
    pub problem: Option<String>,
    /// What to do about that.
    pub remedy: Option<String>,
    /// Whether waiting may help, because nothing is wrong with the connection itself.
    pub passing: bool,
    /// What it may do.
    rights: Option<KeptRights>,
}

/// Grants as they are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KeptRights {
    delegated: bool,
    permissions: Option<BTreeSet<String>>,
    roles: Option<BTreeSet<Uuid>>,
    answers: BTreeMap<String, bool>,
}

impl Checked {
    fn of(facts: ConnectionFacts) -> Self {
        let tenant = match facts.tenant {
            graph::TenantCheck::Token => TenantCheck::Token,
            graph::TenantCheck::Organization => TenantCheck::Organization,
            graph::TenantCheck::Address => TenantCheck::Address,
        };
        Self {
            tenant: Some(tenant),
            app_name: facts.app_name,
            person: facts.person,
            problem: None,
            remedy: None,
            passing: false,
            rights: Some(KeptRights::of(&facts.grants)),
        }
    }

    /// A connection that could not be looked at.
    pub(crate) fn failed(error: &ConnectorError) -> Self {
        let passing = match error {
            ConnectorError::Throttled { .. } | ConnectorError::Transient(_) | ConnectorError::Malformed(_) => true,
            ConnectorError::MissingPermission { .. }
            | ConnectorError::SignIn { .. }
            | ConnectorError::WrongTenant { .. }
            | ConnectorError::Premium
            | ConnectorError::NotFound
            | ConnectorError::RestartListing
            | ConnectorError::Configuration(_)
            | ConnectorError::File(_) => false,
        };
        Self {
            tenant: None,
            app_name: None,
            person: None,
            problem: Some(error.to_string()),
            remedy: Some(error.remedy().unwrap_or_else(|| "Try again in a while.".to_owned())),
            passing,
            rights: None,
        }
    }

    /// What was kept with a row, if it can be read.
    pub fn kept(row: &ConnectionRow) -> Option<(Self, Timestamp)> {
        let checked = serde_json::from_str(row.last_check.as_deref()?).ok()?;
        Some((checked, Timestamp::from_micros(row.last_check_at?)))
    }

    /// The granted permissions by name, where the token says them.
    pub fn permissions(&self) -> Option<BTreeSet<String>> {
        self.rights.as_ref()?.permissions.clone()
    }

    /// What it may do, as far as that is known.
    pub fn grants(&self) -> Option<Grants> {
        self.rights.as_ref().map(KeptRights::grants)
    }

    /// Needed against granted, for these works.
    pub fn judged(&self, works: &[Work]) -> Option<Judgement> {
        self.grants().map(|grants| judge(works, &grants))
    }
}

impl KeptRights {
    fn of(grants: &Grants) -> Self {
        match grants {
            Grants::Token { access, permissions, roles } => Self {
                delegated: *access == Access::Delegated,
                permissions: Some(permissions.clone()),
                roles: roles.clone(),
                answers: BTreeMap::new(),
            },
            Grants::Probed { access, answers } => Self {
                delegated: *access == Access::Delegated,
                permissions: None,
                roles: None,
                answers: answers.iter().map(|(capability, yes)| (capability.as_str().to_owned(), *yes)).collect(),
            },
        }
    }

    fn grants(&self) -> Grants {
        let access = if self.delegated { Access::Delegated } else { Access::Application };
        match &self.permissions {
            Some(permissions) => Grants::Token { access, permissions: permissions.clone(), roles: self.roles.clone() },
            None => {
                let known = |word: &str| Capability::ALL.into_iter().find(|capability| capability.as_str() == word);
                let answers = self.answers.iter().filter_map(|(word, yes)| Some((known(word)?, *yes))).collect();
                Grants::Probed { access, answers }
            }
        }
    }
}

/// Signs in anew and looks at what a connection may do. Nothing is written.
pub async fn look(ways: &Ways, row: &ConnectionRow) -> Checked {
    let nobody = || ConnectorError::SignIn {
        message: "Nobody has signed in for this connection yet.".to_owned(),
        remedy: "Begin the sign-in at the connection, and let an administrator finish it.".to_owned(),
    };
    let probe = ways.credentials(row).and_then(|it| it.ok_or_else(nobody)).and_then(|it| build::probe(ways, it));
    let facts = match probe {
        Ok(probe) => probe.facts().await,
        Err(error) => Err(error),
    };
    match facts {
        Ok(facts) => Checked::of(facts),
        Err(error) => Checked::failed(&error),
    }
}

/// Keeps what a look found with the row, and what follows from it for how the connection does.
pub(crate) async fn keep_check(
    engine: &Engine,
    tx: &mut Tx,
    purpose: Purpose,
    row: &ConnectionRow,
    checked: &Checked,
) -> Result<(), EngineError> {
    let (tenant_id, now, word) = (engine.tenant_id(), engine.now(), purpose.as_str());
    let text = serde_json::to_string(checked)
        .map_err(|error| EngineError::Inconsistent(format!("a check cannot be kept: {error}")))?;
    integration::record_check(tx, tenant_id, word, &text, now).await?;
    let verdict = verdict(engine.parts().graph.is_real(), purpose, row, checked);
    match verdict {
        Verdict::Good => integration::set_connection_status(tx, tenant_id, word, "working", now).await?,
        Verdict::Bad { status, problem, remedy } => {
            integration::set_connection_problem(tx, tenant_id, word, status, (&problem, &remedy), now).await?;
        }
        Verdict::Unsaid => {}
    }
    Ok(())
}

enum Verdict {
    Good,
    Bad {
        status: &'static str,
        problem: String,
        remedy: String,
    },
    /// Nothing is known that was not known before.
    Unsaid,
}

/// What a look says about a connection as a whole. `real` is whether this is a tenant of Microsoft's and no simulator.
fn verdict(real: bool, purpose: Purpose, row: &ConnectionRow, checked: &Checked) -> Verdict {
    if let Some(problem) = &checked.problem {
        if checked.passing {
            return Verdict::Unsaid;
        }
        let remedy = checked.remedy.clone().unwrap_or_default();
        return Verdict::Bad { status: "failing", problem: of_whom(row, problem), remedy };
    }
    if purpose != Purpose::Writer {
        return Verdict::Good;
    }
    match why_no_writing(real, row, checked) {
        Some((status, problem, remedy)) => Verdict::Bad { status, problem, remedy },
        None => Verdict::Good,
    }
}

/// A problem of a person's sign-in, with the person (F43).
pub(super) fn of_whom(row: &ConnectionRow, problem: &str) -> String {
    match row.signed_in_as.as_deref().filter(|_| row.kind == "authorization_code") {
        Some(name) => format!("The sign-in of {name} no longer works: {problem}"),
        None => problem.to_owned(),
    }
}

/// Why a writer that signs in may not write all the same.
fn why_no_writing(real: bool, row: &ConnectionRow, checked: &Checked) -> Option<(&'static str, String, String)> {
    let judged = checked.judged(&[Work::Reclamation])?;
    let rights = judged.works.first()?;
    if let Some(missing) = rights.missing.iter().find(|missing| missing.required) {
        let permission = missing.permission.unwrap_or("LicenseAssignment.ReadWrite.All");
        let problem = format!("Reclamation is stopped: the writer lacks the permission {permission}");
        let remedy = format!("Grant {permission} to the writer's app in Microsoft Entra and give admin consent.");
        return Some(("failing", problem, remedy));
    }
    if let Some(role) = rights.roles_missing.iter().find(|role| role.required) {
        let who = row.signed_in_as.as_deref().unwrap_or("the person who signed in");
        let problem = format!("Read-only: {who} no longer has a directory role that may change licenses");
        let names: Vec<&str> = role.any_of.iter().map(|role| role.name()).collect();
        let remedy = format!(
            "Give {who} one of these roles in Microsoft Entra, or use an app-only writer: {}.",
            names.join(", ")
        );
        return Some(("read_only", problem, remedy));
    }
    // C2: with such a right, whoever gets hold of the credential can rewrite the directory.
    let broad = broad_grants(&judged).into_iter().next().filter(|_| real)?;
    let problem = format!("Reclamation is stopped: the writer holds {broad}, which reaches far beyond licenses");
    let remedy = format!(
        "Take {broad} away from the writer's app in Microsoft Entra; LicenseAssignment.ReadWrite.All is enough."
    );
    Some(("failing", problem, remedy))
}

/// The granted permissions that no live tenant should grant to this app.
pub(crate) fn broad_grants(judged: &Judgement) -> BTreeSet<String> {
    let all = judged.works.iter().flat_map(|rights| &rights.broader_than_needed).chain(&judged.unused);
    all.filter(|broader| broader.too_broad).map(|broader| broader.permission.clone()).collect()
}

/// Looks at the writer before a batch of writes, and again some minutes after it was found wanting (X7, X8): what it
/// finds stands on the row, where whoever may start a write looks. A look that fails for a passing reason changes
/// nothing: the write itself will tell.
///
/// # Errors
/// [`EngineError::Store`].
pub(crate) async fn watch_writer(engine: &Engine) -> Result<(), EngineError> {
    let (tenant_id, now) = (engine.tenant_id(), engine.now());
    let mut tx = engine.store().read().await?;
    let found = integration::find_connection(&mut tx, tenant_id, Purpose::Writer.as_str()).await?;
    let waiting = candidates::count_in_state(&mut tx, tenant_id, StateName::AwaitingRevocation).await?;
    drop(tx);
    let Some(row) = found.filter(|row| engine.writer().is_configured() || is_wanting(row)) else { return Ok(()) };
    let wanting = is_wanting(&row);
    let believed = match (wanting, row.kind.as_str()) {
        (true, _) => AGAIN_SECONDS,
        (false, "authorization_code") => PERSON_SECONDS,
        (false, _) => APP_SECONDS,
    };
    let seen = row.last_check_at.max(row.status_at.filter(|_| wanting)).map(Timestamp::from_micros);
    let fresh = seen.is_some_and(|seen| now.seconds_since(seen) < believed);
    if fresh || (waiting == 0 && !wanting) {
        return Ok(());
    }
    look_at(engine, Purpose::Writer, &row).await?;
    Ok(())
}

/// Whether a writer was found unable to write.
pub(crate) fn is_wanting(row: &ConnectionRow) -> bool {
    row.status == "failing" || row.status == "read_only"
}

/// Looks at a connection and keeps what was found. Where rights came or went, the connection signs in anew: what was
/// granted is in a new token only (section 1.5 of Microsoft's behavior).
pub(crate) async fn look_at(engine: &Engine, purpose: Purpose, row: &ConnectionRow) -> Result<Checked, EngineError> {
    let checked = look(&ways_of(engine), row).await;
    let mut tx = engine.store().write().await?;
    keep_check(engine, &mut tx, purpose, row, &checked).await?;
    tx.commit().await?;
    let before = Checked::kept(row).and_then(|(before, _)| before.rights);
    if is_wanting(row) || before != checked.rights {
        engine.live().forget(purpose);
        engine.refresh_connections().await?;
    }
    Ok(checked)
}

/// A connection that is not there, as a look would find it.
pub(crate) fn absent(purpose: Purpose) -> Checked {
    let message = match purpose {
        Purpose::Reader => NO_CONNECTION.to_owned(),
        Purpose::Writer => "No connection writes licenses; the tenant is only observed.".to_owned(),
        Purpose::Mailer => "No connection sends mail.".to_owned(),
    };
    let remedy = SET_UP.replace("set reader", &format!("set {purpose}"));
    Checked::failed(&ConnectorError::SignIn { message, remedy })
}

/// The permissions a consent for this purpose asks for.
pub fn least(purpose: Purpose, access: Access) -> Vec<&'static str> {
    permission::least_for(access, purpose.works())
}
