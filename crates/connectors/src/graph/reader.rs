//! The reader of a tenant.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::AtomicU32;

use async_trait::async_trait;
use reseat_domain::activity::SignIn;
use reseat_domain::directory::{LicenseState, Person, Sku};
use reseat_domain::ids::{GroupId, TenantId, UserId};
use reseat_domain::licensing::Subscription;
use reseat_domain::plan::GroupTerms;
use reseat_domain::time::Timestamp;
use reseat_domain::usage_report::UsageReport;
use serde::de::DeserializeOwned;

use crate::directory::{ChangesPage, Cursor, DirectoryReader, Group, NameRange, Page, ReportPeriod};
use crate::error::ConnectorError;
use crate::licensing::LicensedGroup;
use crate::usage::ReportRows;

use super::answer::Answer;
use super::client::{Client, Reading};
use super::cloud::Cloud;
use super::credentials::Credentials;
use super::follow::next_page;
use super::patience::Patience;
use super::sign_in::{LARGEST_PAGE, is_page_too_large};
use super::wire::Listing;

/// Reads one tenant through Microsoft Graph, with the app's own permissions.
pub struct GraphReader {
    pub(super) client: Client,
    pub(super) sweep: Patience,
    pub(super) single: Patience,
    /// How many people a page of sign-in dates may have; Microsoft changed it several times (9#1).
    pub(super) sign_in_page_size: AtomicU32,
}

impl GraphReader {
    /// A reader of one tenant. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectorError::Configuration`] when the credentials are empty or the CA file is not usable.
    pub fn new(
        cloud: Cloud,
        tenant_id: TenantId,
        credentials: Credentials,
        ca_file: Option<&Path>,
    ) -> Result<Self, ConnectorError> {
        Ok(Self {
            client: Client::new(cloud, tenant_id, credentials, ca_file, true)?,
            sweep: Patience::SWEEP,
            single: Patience::SINGLE,
            sign_in_page_size: AtomicU32::new(LARGEST_PAGE),
        })
    }

    /// The same reader with another patience for everything it reads.
    #[must_use]
    pub const fn with_patience(mut self, patience: Patience) -> Self {
        self.sweep = patience;
        self.single = patience;
        self
    }

    /// A listing or report that needs this permission.
    pub(super) const fn sweeping<'a>(&self, scope: &'a str) -> Reading<'a> {
        Reading { scope, patience: self.sweep }
    }

    /// One object, read while somebody waits.
    pub(super) const fn single<'a>(&self, scope: &'a str) -> Reading<'a> {
        Reading { scope, patience: self.single }
    }

    /// One page: the first one at `first`, a later one where the cursor says. A later page that is
    /// refused ends the listing: it has to begin again, whatever the refusal says (G45).
    pub(super) async fn page<T: DeserializeOwned>(
        &self,
        first: &str,
        cursor: Option<&Cursor>,
        scope: &str,
    ) -> Result<Page<T>, ConnectorError> {
        let url = match cursor {
            None => self.client.cloud.graph(first),
            // A cursor kept from another cloud leads nowhere; the token does not go there.
            Some(cursor) => next_page(&self.client.cloud, cursor).map_err(|_| ConnectorError::RestartListing)?,
        };
        let judge = |answer: &Answer| match answer.status {
            200 => answer.json::<Listing<T>>(),
            400 | 404 | 410
                if cursor.is_some() && answer.graph_error().is_some_and(|error| !is_page_too_large(&error)) =>
            {
                Err(ConnectorError::RestartListing.into())
            }
            _ => Err(answer.reading_trouble(scope)),
        };
        let listing = self.client.read_with(&url, self.sweeping(scope), judge).await?;
        let next = listing.next_link.as_deref().map(Cursor::from_stored);
        if let Some(next) = &next {
            // Said now rather than when it is followed: a page whose way on is wrong is no page.
            next_page(&self.client.cloud, next)?;
        }
        Ok(Page { items: listing.value, next })
    }
}

impl GraphReader {
    /// Every page of a listing, or none of it (9#12).
    pub(super) async fn every_page<T: DeserializeOwned>(
        &self,
        first: &str,
        scope: &str,
    ) -> Result<Vec<T>, ConnectorError> {
        let mut all = Vec::new();
        let mut cursor: Option<Cursor> = None;
        let mut seen = BTreeSet::new();
        loop {
            let page: Page<T> = self.page(first, cursor.as_ref(), scope).await?;
            all.extend(page.items);
            let Some(next) = page.next else { return Ok(all) };
            if !seen.insert(next.as_str().to_owned()) {
                return Err(ConnectorError::RestartListing);
            }
            cursor = Some(next);
        }
    }
}

/// An object that does not exist is an answer, not a failure.
pub(super) fn optional<T>(result: Result<T, ConnectorError>) -> Result<Option<T>, ConnectorError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(ConnectorError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

#[async_trait]
impl DirectoryReader for GraphReader {
    async fn people_page(&self, cursor: Option<&Cursor>) -> Result<Page<Person>, ConnectorError> {
        self.read_people(cursor).await
    }

    async fn count_people(&self) -> Result<u64, ConnectorError> {
        self.read_people_count().await
    }

    async fn people_page_within(
        &self,
        range: &NameRange,
        cursor: Option<&Cursor>,
    ) -> Result<Page<Person>, ConnectorError> {
        self.read_people_within(range, cursor).await
    }

    async fn people_by_id(&self, ids: &[UserId]) -> Result<Vec<Person>, ConnectorError> {
        self.read_people_by_id(ids).await
    }

    async fn changes_from_now(&self) -> Result<Cursor, ConnectorError> {
        self.read_changes_from_now().await
    }

    async fn changes_page(&self, cursor: &Cursor) -> Result<ChangesPage, ConnectorError> {
        self.read_changes(cursor).await
    }

    async fn sign_ins_page_before(
        &self,
        before: Timestamp,
        cursor: Option<&Cursor>,
    ) -> Result<Page<(UserId, SignIn)>, ConnectorError> {
        self.read_sign_ins(Some(before), cursor).await
    }

    async fn sign_ins_page(&self, cursor: Option<&Cursor>) -> Result<Page<(UserId, SignIn)>, ConnectorError> {
        self.read_sign_ins(None, cursor).await
    }

    async fn sign_in(&self, user_id: UserId) -> Result<Option<(UserId, SignIn)>, ConnectorError> {
        self.read_sign_in(user_id).await
    }

    async fn license_state(&self, user_id: UserId) -> Result<Option<LicenseState>, ConnectorError> {
        self.read_license_state(user_id).await
    }

    async fn skus(&self) -> Result<Vec<Sku>, ConnectorError> {
        self.read_skus().await
    }

    async fn usage_report(
        &self,
        report: UsageReport,
        period: ReportPeriod,
    ) -> Result<Box<dyn ReportRows>, ConnectorError> {
        self.open_report(report, period).await
    }

    async fn names_concealed(&self) -> Result<bool, ConnectorError> {
        self.read_names_concealed().await
    }

    async fn groups(&self, ids: &[GroupId]) -> Result<Vec<Group>, ConnectorError> {
        self.read_groups(ids).await
    }

    async fn groups_with_licenses(&self) -> Result<Vec<LicensedGroup>, ConnectorError> {
        self.read_licensed_groups().await
    }

    async fn group_terms(&self, id: GroupId) -> Result<Option<GroupTerms>, ConnectorError> {
        self.read_group_terms(id).await
    }

    async fn memberships(&self, user_id: UserId) -> Result<Option<BTreeSet<GroupId>>, ConnectorError> {
        self.read_memberships(user_id).await
    }

    async fn subscriptions(&self) -> Result<Vec<Subscription>, ConnectorError> {
        self.read_subscriptions().await
    }
}
