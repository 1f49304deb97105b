//! Refresh tokens of a person who signed in, kept sealed: the newest, and the one it came from until the newest was
//! used (section 1.4 of Microsoft's behavior).

use std::sync::Arc;

use async_trait::async_trait;
use reseat_connectors::ConnectorError;
use reseat_connectors::graph::{RefreshTokens, Secret};
use reseat_domain::ids::TenantId;
use reseat_store::integration::{self, ConnectionRow};
use reseat_store::{Store, StoreError};

use crate::connections::{SealedColumn, Ways, open_text, seal_text};
use crate::entropy::Entropy;
use crate::sealing::Sealer;

/// The tokens of one sign-in of one connection. Another sign-in has another version, and these then are none.
pub(super) struct StoredTokens {
    store: Store,
    sealer: Sealer,
    entropy: Arc<dyn Entropy>,
    tenant_id: TenantId,
    purpose: String,
    version: i64,
    keeps: bool,
}

impl StoredTokens {
    pub(super) fn of(ways: &Ways, row: &ConnectionRow) -> Self {
        Self {
            store: ways.store.clone(),
            sealer: ways.sealer.clone(),
            entropy: Arc::clone(&ways.entropy),
            tenant_id: ways.tenant_id,
            purpose: row.purpose.clone(),
            version: row.version,
            keeps: ways.keeps_tokens,
        }
    }

    fn open(&self, column: SealedColumn, sealed: Option<&String>) -> Result<Option<Secret>, ConnectorError> {
        let Some(sealed) = sealed else { return Ok(None) };
        open_text(&self.sealer, self.tenant_id, column, &self.purpose, sealed)
            .map(|text| Some(Secret::new(text)))
            .map_err(|error| ConnectorError::Configuration(error.to_string()))
    }

    fn seal(&self, column: SealedColumn, token: &Secret) -> String {
        seal_text(&self.sealer, self.entropy.as_ref(), self.tenant_id, column, &self.purpose, token.reveal())
    }
}

fn not_now(error: &StoreError) -> ConnectorError {
    ConnectorError::Transient(format!("the refresh token cannot be kept: {error}"))
}

#[async_trait]
impl RefreshTokens for StoredTokens {
    async fn current(&self) -> Result<Vec<Secret>, ConnectorError> {
        let mut tx = self.store.read().await.map_err(|error| not_now(&error))?;
        let row = integration::find_connection(&mut tx, self.tenant_id, &self.purpose)
            .await
            .map_err(|error| not_now(&error))?;
        let Some(row) = row.filter(|row| row.version == self.version) else { return Ok(Vec::new()) };
        let newest = self.open(SealedColumn::RefreshToken, row.sealed_refresh_token.as_ref())?;
        let before = self.open(SealedColumn::PreviousToken, row.sealed_previous_token.as_ref())?;
        Ok(newest.into_iter().chain(before).collect())
    }

    async fn rotated(&self, used: &Secret, new: Secret) -> Result<(), ConnectorError> {
        if !self.keeps {
            return Ok(());
        }
        let sealed_new = self.seal(SealedColumn::RefreshToken, &new);
        let sealed_used = self.seal(SealedColumn::PreviousToken, used);
        let mut tx = self.store.write().await.map_err(|error| not_now(&error))?;
        let (tenant_id, purpose) = (self.tenant_id, &self.purpose);
        let kept =
            integration::rotate_refresh_token(&mut tx, tenant_id, purpose, self.version, &sealed_new, &sealed_used)
                .await
                .map_err(|error| not_now(&error))?;
        tx.commit().await.map_err(|error| not_now(&error))?;
        if kept { Ok(()) } else { Err(ConnectorError::Transient("the connection was changed meanwhile".to_owned())) }
    }
}
