//! What a connection may do: read from its token, and where the token is opaque, found by asking.

use std::collections::BTreeMap;

use async_trait::async_trait;
use reqwest::Url;
use reseat_domain::ids::UserId;
use reseat_domain::permission::{Access, Capability, Grants};
use serde::Deserialize;

use crate::error::ConnectorError;

use super::answer::Answer;
use super::auth::TenantCheck;
use super::claims::Claims;
use super::client::{Client, Reading};
use super::patience::Patience;
use super::reader::GraphReader;
use super::writer::GraphWriter;

/// What is known of one connection, now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionFacts {
    /// What it may do.
    pub grants: Grants,
    /// How its tenant was compared with the pinned one.
    pub tenant: TenantCheck,
    /// The app's name as Microsoft shows it, where the token says it.
    pub app_name: Option<String>,
    /// The name the person signs in with, for a delegated connection whose token says it.
    pub person: Option<String>,
}

/// Says what a connection may do. The doctor asks it.
#[async_trait]
pub trait PermissionProbe: Send + Sync {
    /// Signs in anew, so that what was granted a minute ago counts, and says what there is.
    ///
    /// # Errors
    /// [`ConnectorError::SignIn`], [`ConnectorError::WrongTenant`], or what failed in between.
    async fn facts(&self) -> Result<ConnectionFacts, ConnectorError>;
}

#[async_trait]
impl PermissionProbe for GraphReader {
    async fn facts(&self) -> Result<ConnectionFacts, ConnectorError> {
        self.client.facts().await
    }
}

#[async_trait]
impl PermissionProbe for GraphWriter {
    async fn facts(&self) -> Result<ConnectionFacts, ConnectorError> {
        self.client.facts().await
    }
}

/// Cheap readings, each of which one permission decides. Rights to write are never tried out.
const PROBES: &[(Capability, &str)] = &[
    (Capability::People, "v1.0/users?$top=1&$select=id,assignedLicenses,licenseAssignmentStates"),
    (Capability::SignInDates, "v1.0/users?$top=1&$select=id,signInActivity"),
    (Capability::LeaveDate, "v1.0/users?$top=1&$select=id,employeeLeaveDateTime"),
    (Capability::Groups, "v1.0/groups?$top=1&$select=id,assignedLicenses"),
    (Capability::Skus, "v1.0/subscribedSkus?$select=id"),
    (Capability::Subscriptions, "v1.0/directory/subscriptions"),
    (Capability::Reports, "v1.0/reports/getOffice365ActiveUserDetail(period='D7')"),
    (Capability::ConcealmentSwitch, "v1.0/admin/reportSettings"),
];

impl Client {
    pub(super) async fn facts(&self) -> Result<ConnectionFacts, ConnectorError> {
        let (bearer, tenant) = self.tokens.renewed().await?;
        let access = self.tokens.access();
        let claims = Claims::read(bearer.as_str());
        let grants = match &claims {
            Some(claims) => claims.grants(access),
            None => Grants::Probed { access, answers: self.probe(access).await? },
        };
        let text = |name: &str| claims.as_ref()?.text(name).map(|text| text.chars().take(200).collect::<String>());
        let person = text("upn").or_else(|| text("preferred_username")).or_else(|| text("unique_name"));
        Ok(ConnectionFacts { grants, tenant, app_name: text("app_displayname"), person })
    }

    async fn probe(&self, access: Access) -> Result<BTreeMap<Capability, bool>, ConnectorError> {
        let mut answers = BTreeMap::new();
        for (capability, path) in PROBES {
            let scope = capability.least(access).unwrap_or_default();
            let allowed = self.allowed(&self.cloud.graph(path), scope).await?;
            answers.extend(allowed.map(|allowed| (*capability, allowed)));
        }
        if access == Access::Application && answers.get(&Capability::People) == Some(&true) {
            let allowed = self.mailbox_facts_allowed().await?;
            answers.extend(allowed.map(|allowed| (Capability::MailboxFacts, allowed)));
        }
        Ok(answers)
    }

    /// Whether one reading is allowed; `None` where the answer does not tell, such as that a cloud
    /// has no such thing, or that the tenant lacks a license for it.
    async fn allowed(&self, url: &Url, scope: &str) -> Result<Option<bool>, ConnectorError> {
        let reading = Reading { scope, patience: Patience::SINGLE };
        let judge = |answer: &Answer| match answer.status {
            // A report is a redirect to where it lies.
            200 | 302 if answer.status == 302 || answer.says_json() => Ok(()),
            _ => Err(answer.reading_trouble(scope)),
        };
        match self.read_with(url, reading, judge).await {
            Ok(()) => Ok(Some(true)),
            Err(ConnectorError::MissingPermission { .. }) => Ok(Some(false)),
            Err(ConnectorError::NotFound | ConnectorError::Premium | ConnectorError::Malformed(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn mailbox_facts_allowed(&self) -> Result<Option<bool>, ConnectorError> {
        let Some(somebody) = self.somebody().await? else { return Ok(None) };
        let path = format!("v1.0/users/{somebody}/mailboxSettings/userPurpose");
        self.allowed(&self.cloud.graph(&path), "MailboxSettings.Read").await
    }

    async fn somebody(&self) -> Result<Option<UserId>, ConnectorError> {
        #[derive(Deserialize)]
        struct People {
            value: Vec<Somebody>,
        }
        #[derive(Deserialize)]
        struct Somebody {
            id: String,
        }
        let reading = Reading { scope: "User.Read.All", patience: Patience::SINGLE };
        let judge = |answer: &Answer| match answer.status {
            200 => answer.json::<People>(),
            _ => Err(answer.reading_trouble("User.Read.All")),
        };
        let people = self.read_with(&self.cloud.graph("v1.0/users?$top=1&$select=id"), reading, judge).await?;
        Ok(people.value.first().and_then(|somebody| somebody.id.parse().ok()))
    }
}
