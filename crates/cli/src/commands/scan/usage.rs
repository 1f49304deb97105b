//! The usage reports, read once and whole: believed only when the names in all of them are names.

use std::collections::{BTreeMap, HashMap};

use reseat_connectors::{ConnectorError, DirectoryReader, ReportPeriod, UsageRow, read_whole_report};
use reseat_domain::activity::ServiceUse;
use reseat_domain::directory::Service;
use reseat_domain::evidence::Reading;
use reseat_domain::time::Day;
use reseat_domain::usage_report::{ReportUse, UsageReport};

use super::read::{Source, fold};

/// The active-user report.
pub struct Usage {
    /// The day up to which it knows.
    pub refreshed: Day,
    /// Rows by folded sign-in name.
    pub rows: HashMap<String, UsageRow>,
}

/// The report of one service.
pub enum OneReport {
    /// Microsoft does not offer it here.
    NotOffered,
    /// It could not be read.
    Missing(String),
    /// Last days with use by folded sign-in name.
    Read {
        /// The day up to which it knows.
        refreshed: Day,
        /// A blank is no use seen.
        rows: HashMap<String, Option<Day>>,
    },
}

/// Every report that shows use.
pub struct Reports {
    /// The one that lists everybody.
    pub active_users: Source<Usage>,
    /// Those of single services.
    pub by_service: BTreeMap<UsageReport, OneReport>,
}

/// Reads them. The switch that conceals names is read before and after, and the names' shape is looked
/// at, because the switch can be thrown in between (U1, U2).
pub async fn read(reader: &dyn DirectoryReader) -> Reports {
    let mut by_service = BTreeMap::new();
    let read = async {
        if is_concealed(reader).await? {
            return Ok(None);
        }
        let (rows, end) = read_whole_report(reader, UsageReport::ActiveUsers, ReportPeriod::D180).await?;
        let mut concealed = end.concealed;
        for &report in UsageReport::ALL.iter().filter(|report| report.shows_use_of().is_some()) {
            let (one, hidden) = read_one(reader, report).await;
            concealed |= hidden;
            by_service.insert(report, one);
        }
        if concealed || is_concealed(reader).await? {
            return Ok(None);
        }
        Ok(Some(Usage { refreshed: end.refreshed, rows: by_name(rows) }))
    };
    let active_users = match read.await {
        Ok(Some(usage)) => Source::Read(usage),
        Ok(None) => Source::Concealed,
        Err(error) => Source::Missing(ConnectorError::to_string(&error)),
    };
    Reports { active_users, by_service }
}

async fn is_concealed(reader: &dyn DirectoryReader) -> Result<bool, ConnectorError> {
    match reader.names_concealed().await {
        // The switch needs a right of its own; without it the names' shape decides.
        Err(ConnectorError::MissingPermission { .. } | ConnectorError::NotFound) => Ok(false),
        other => other,
    }
}

async fn read_one(reader: &dyn DirectoryReader, report: UsageReport) -> (OneReport, bool) {
    match read_whole_report(reader, report, ReportPeriod::D180).await {
        Ok((rows, end)) => {
            let rows = by_name(rows).into_iter().map(|(name, row)| (name, row.last)).collect();
            (OneReport::Read { refreshed: end.refreshed, rows }, end.concealed)
        }
        Err(ConnectorError::NotFound) => (OneReport::NotOffered, false),
        Err(error) => {
            eprintln!("No {}: {error}", report.label());
            (OneReport::Missing(error.to_string()), false)
        }
    }
}

/// Two rows for one person: the later day of each wins, the kinder reading (U5).
fn by_name(rows: Vec<UsageRow>) -> HashMap<String, UsageRow> {
    let mut found: HashMap<String, UsageRow> = HashMap::with_capacity(rows.len());
    for row in rows.into_iter().filter(|row| !row.is_deleted) {
        let known = found.entry(fold(&row.user_principal_name)).or_insert_with(|| row.clone());
        for (service, day) in row.by_service {
            known.by_service.entry(service).and_modify(|known| *known = (*known).max(day)).or_insert(day);
        }
        known.last = known.last.max(row.last);
    }
    found
}

impl Reports {
    /// A name that two accounts share says nothing about either.
    pub fn forget(&mut self, name: &str) {
        if let Source::Read(usage) = &mut self.active_users {
            usage.rows.remove(name);
        }
        for one in self.by_service.values_mut() {
            if let OneReport::Read { rows, .. } = one {
                rows.remove(name);
            }
        }
    }

    /// A person's row of the active-user report.
    pub fn service_use(&self, name: &str) -> Reading<ServiceUse> {
        match &self.active_users {
            Source::Read(usage) => match usage.rows.get(name) {
                Some(row) => Reading::Present {
                    // One reading is one refresh, whatever the tenant could show over time.
                    value: ServiceUse {
                        refreshed: usage.refreshed,
                        refreshes: 1,
                        last_activity: row.by_service.clone(),
                    },
                    as_of: usage.refreshed.end(),
                },
                None => Reading::missing("the active-user report has no row for this person"),
            },
            Source::Concealed => Reading::Concealed,
            other => Reading::missing(other.problem().unwrap_or("it was not read")),
        }
    }

    /// What the reports of single services say about a person.
    pub fn of(&self, name: &str) -> BTreeMap<UsageReport, Reading<ReportUse>> {
        let mut readings = BTreeMap::new();
        for (&report, one) in &self.by_service {
            let shown_elsewhere = report.shows_use_of().is_some_and(Service::in_active_users);
            let missing = |why: &str| Reading::missing(format!("{}: {why}", report.label()));
            let reading = match one {
                _ if matches!(self.active_users, Source::Concealed) => Reading::Concealed,
                OneReport::NotOffered if shown_elsewhere => continue,
                OneReport::NotOffered => missing("Microsoft does not offer this report to this tenant"),
                OneReport::Missing(why) => missing(why),
                OneReport::Read { refreshed, rows } => match rows.get(name) {
                    Some(&last) => Reading::Present {
                        value: ReportUse { refreshed: *refreshed, refreshes: 1, last },
                        as_of: refreshed.end(),
                    },
                    None => missing("it has no row for this person"),
                },
            };
            readings.insert(report, reading);
        }
        readings
    }
}
