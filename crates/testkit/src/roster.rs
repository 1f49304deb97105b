//! The HR department's desk: what lies on it is what the next fetch gets.

use std::sync::Mutex;

use async_trait::async_trait;
use reseat_connectors::{ConnectorError, HrSource, RosterFile};

/// A roster in memory, replaced as a story wants.
#[derive(Debug, Default)]
pub struct RosterDesk(Mutex<Vec<u8>>);

impl RosterDesk {
    /// Puts a file on the desk.
    pub fn put(&self, bytes: impl Into<Vec<u8>>) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = bytes.into();
    }

    /// What lies on the desk.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl HrSource for RosterDesk {
    async fn fetch(&self) -> Result<RosterFile, ConnectorError> {
        Ok(RosterFile { bytes: self.bytes() })
    }
}
