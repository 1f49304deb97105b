//! Usage reports as they come in: row by row, because one may have a million of them, and believed only
//! at their end.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use reseat_domain::directory::Service;
use reseat_domain::ids::UserId;
use reseat_domain::time::Day;
use reseat_domain::usage_report::{ReportDetails, UsageReport};

use crate::directory::{DirectoryReader, ReportPeriod, RowProblem};
use crate::error::ConnectorError;

/// How often a report is fetched in all when it comes in cut: reports are scarce, 14 in ten minutes (6.1).
pub const TRIES_WHEN_CUT: u32 = 3;

/// One person's row of a usage report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageRow {
    /// The key that every report gives.
    pub user_principal_name: String,
    /// The account itself, which only some reports give.
    pub user_id: Option<UserId>,
    /// Whether the account is deleted already.
    pub is_deleted: bool,
    /// Last activity by service, of the active-user report; a blank is no entry.
    pub by_service: BTreeMap<Service, Day>,
    /// Last activity, of any other report.
    pub last: Option<Day>,
    /// What else the row says.
    pub details: ReportDetails,
}

/// What is known of a report once all of it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportEnd {
    /// The day up to which it knows, by its own Report Refresh Date: the oldest of its rows.
    pub refreshed: Day,
    /// Rows that could be read.
    pub rows: u64,
    /// Rows that could not; the first of them, if there are very many.
    pub problems: Vec<RowProblem>,
    /// Folded names with a row that could not be used: none of their rows may be, because the lost one
    /// may have shown use.
    pub spoiled: BTreeSet<String>,
    /// Whether its names have the shape of pseudonyms (U1, U2).
    pub concealed: bool,
}

/// A report while it comes in.
#[async_trait]
pub trait ReportRows: Send {
    /// The next rows, `None` when all of it is there.
    ///
    /// # Errors
    /// [`ConnectorError::Transient`] when it was cut: what came of it is to be forgotten.
    async fn next(&mut self) -> Result<Option<Vec<UsageRow>>, ConnectorError>;

    /// What it is worth, once all of it is there.
    ///
    /// # Errors
    /// [`ConnectorError::Malformed`] when it is worth nothing.
    fn end(self: Box<Self>) -> Result<ReportEnd, ConnectorError>;
}

/// Reads a whole report into memory, and again when it was cut.
///
/// # Errors
/// [`ConnectorError`].
pub async fn read_whole_report(
    reader: &dyn DirectoryReader,
    report: UsageReport,
    period: ReportPeriod,
) -> Result<(Vec<UsageRow>, ReportEnd), ConnectorError> {
    let mut tries = 0;
    loop {
        tries += 1;
        match whole(reader, report, period).await {
            Err(ConnectorError::Transient(_)) if tries < TRIES_WHEN_CUT => {}
            Err(error) => return Err(error),
            Ok((mut rows, end)) => {
                rows.retain(|row| !end.spoiled.contains(&row.user_principal_name.to_lowercase()));
                return Ok((rows, end));
            }
        }
    }
}

async fn whole(
    reader: &dyn DirectoryReader,
    report: UsageReport,
    period: ReportPeriod,
) -> Result<(Vec<UsageRow>, ReportEnd), ConnectorError> {
    let mut coming = reader.usage_report(report, period).await?;
    let mut rows = Vec::new();
    while let Some(more) = coming.next().await? {
        rows.extend(more);
    }
    Ok((rows, coming.end()?))
}
