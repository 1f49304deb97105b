//! The HR roster: where it comes from, and how a CSV becomes rows.

mod cells;
mod columns;
mod csv_file;
mod parse;
mod problem;

use std::time::SystemTime;

use async_trait::async_trait;
use reseat_domain::employment::Employment;

use crate::error::ConnectorError;

pub use csv_file::CsvFile;
pub use parse::parse_roster;
pub use problem::RosterProblem;

/// The largest roster that is read: some hundred thousand people (R13).
const LARGEST_FILE: u64 = 64 * 1024 * 1024;

/// A roster as it was fetched.
#[derive(Debug, Clone)]
pub struct RosterFile {
    /// Its bytes, as they are.
    pub bytes: Vec<u8>,
    /// When it was written, if it lies somewhere; none from a source that answers anew each time. A file
    /// nobody wrote again is no fresh roster, however often it is read (R8).
    pub written_at: Option<SystemTime>,
}

/// Where a roster comes from.
#[async_trait]
pub trait HrSource: Send + Sync {
    /// Fetches the whole roster.
    ///
    /// # Errors
    /// [`ConnectorError::File`] when it cannot be read, or is being written just now (R12).
    async fn fetch(&self) -> Result<RosterFile, ConnectorError>;
}

/// One usable row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterRow {
    /// The person's mail address, the key.
    pub email: String,
    /// HR's own number.
    pub employee_id: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// The manager's mail address.
    pub manager_email: Option<String>,
    /// Department.
    pub department: Option<String>,
    /// Status and dates.
    pub employment: Employment,
}

/// A row set apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantinedRow {
    /// Line in the file, from 1.
    pub line: u64,
    /// What is wrong, and what would be right.
    pub reason: String,
    /// How the row looks, shortened.
    pub sample: String,
    /// The addresses of whom it may be about: nothing is known of them, which is not the same as their
    /// having no row.
    pub addresses: Vec<String>,
}

/// A roster, read.
#[derive(Debug, Clone, Default)]
pub struct Roster {
    /// Rows that can be used.
    pub rows: Vec<RosterRow>,
    /// Rows that cannot.
    pub quarantined: Vec<QuarantinedRow>,
}
