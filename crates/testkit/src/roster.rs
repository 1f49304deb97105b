//! The HR department's desk: what lies on it is what the next fetch gets.

use std::sync::Mutex;
use std::time::SystemTime;

use async_trait::async_trait;
use reseat_connectors::{ConnectorError, HrSource, RosterFile};

/// A roster in memory, replaced as a story wants: an HR system that answers anew each time, or a file
/// that was written at some moment.
#[derive(Debug, Default)]
pub struct RosterDesk(Mutex<(Vec<u8>, Option<SystemTime>)>);

impl RosterDesk {
    /// Puts a file on the desk.
    pub fn put(&self, bytes: impl Into<Vec<u8>>) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = (bytes.into(), None);
    }

    /// Puts a file on the desk that was written at a moment.
    pub fn put_file(&self, bytes: impl Into<Vec<u8>>, written_at: SystemTime) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = (bytes.into(), Some(written_at));
    }

    /// What lies on the desk.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).0.clone()
    }
}

#[async_trait]
impl HrSource for RosterDesk {
    async fn fetch(&self) -> Result<RosterFile, ConnectorError> {
        let (bytes, written_at) = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        Ok(RosterFile { bytes, written_at })
    }
}
