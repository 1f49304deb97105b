//! The outside world: Microsoft Graph and HR sources. The only room of the product that sends
//! requests.
//!
//! The engine sees three traits. Reading and writing are two of them, so that an engine that may
//! only read is a type and not a flag. Microsoft's shapes stay inside [`graph`]; what leaves this
//! crate are values of `reseat-domain`.

#![warn(missing_docs)]

mod directory;
mod error;
pub mod graph;
mod hr;
mod license_writer;
mod licensing;
mod usage;

pub use directory::{
    Ahead, ChangesPage, Cursor, DirectoryReader, Group, MOST_BY_ID, NameRange, Page, ReportPeriod, RowProblem,
};
pub use error::ConnectorError;
pub use hr::{CsvFile, HrSource, QuarantinedRow, Roster, RosterFile, RosterProblem, RosterRow, parse_roster};
pub use license_writer::{LicenseWriter, NoWriter, Refusal, WriteOutcome};
pub use licensing::LicensedGroup;
pub use usage::{ReportEnd, ReportRows, TRIES_WHEN_CUT, UsageRow, read_whole_report};
