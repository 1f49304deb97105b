//! A usage report as it is downloaded, a CSV, read while it comes in. What cannot be read is never taken
//! for "not used".

use std::collections::BTreeSet;

use reseat_domain::activity::looks_concealed;
use reseat_domain::time::{Day, Timestamp};
use reseat_domain::usage_report::UsageReport;

use crate::directory::RowProblem;
use crate::error::ConnectorError;
use crate::usage::{ReportEnd, UsageRow};

use super::report_columns::{Means, Need, columns, other};

/// A row longer than this is none.
const LONGEST_ROW: usize = 1024 * 1024;

/// How many rows that could not be read are told one by one.
const PROBLEMS_TOLD: usize = 1_000;

/// Where in a row the reading stands; a line break within quotes ends no row (U4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    FieldBegins,
    Plain,
    Quoted,
    /// Behind a quotation mark within quotes: the end of them, or half of a doubled one.
    MarkInQuotes,
}

/// A report while it comes in.
pub(super) struct Parser {
    report: UsageReport,
    header: Option<Header>,
    /// What came in and is not a whole row yet.
    rest: Vec<u8>,
    /// How much of it was looked at for the end of a row.
    looked_at: usize,
    place: Place,
    begun: bool,
    lines: u64,
    refreshed: Option<Day>,
    rows: u64,
    hidden: u64,
    problems: Vec<RowProblem>,
    spoiled: BTreeSet<String>,
}

/// Which column means what, by place.
struct Header {
    count: usize,
    meanings: Vec<(usize, Means)>,
}

impl Parser {
    pub(super) fn new(report: UsageReport) -> Self {
        Self {
            report,
            header: None,
            rest: Vec::new(),
            looked_at: 0,
            place: Place::FieldBegins,
            begun: false,
            lines: 0,
            refreshed: None,
            rows: 0,
            hidden: 0,
            problems: Vec::new(),
            spoiled: BTreeSet::new(),
        }
    }

    /// Takes what came in and gives the rows that are whole by now.
    ///
    /// # Errors
    /// [`ConnectorError::Malformed`] when the file as a whole cannot be believed.
    pub(super) fn feed(&mut self, chunk: &[u8]) -> Result<Vec<UsageRow>, ConnectorError> {
        self.rest.extend_from_slice(chunk);
        if !self.begun && !self.begin()? {
            return Ok(Vec::new());
        }
        let whole = self.find_end_of_rows();
        if self.rest.len() - whole > LONGEST_ROW {
            return Err(self.malformed("a row has no end"));
        }
        if whole == 0 {
            return Ok(Vec::new());
        }
        let later = self.rest.split_off(whole);
        let rows = std::mem::replace(&mut self.rest, later);
        self.looked_at -= whole;
        self.read_rows(&rows)
    }

    /// Looks at the first bytes: a byte order mark is dropped, another encoding refused (U4). `false`
    /// while there are too few of them.
    fn begin(&mut self) -> Result<bool, ConnectorError> {
        if self.rest.len() < 3 {
            return Ok(false);
        }
        if self.rest.starts_with(&[0xff, 0xfe]) || self.rest.starts_with(&[0xfe, 0xff]) {
            return Err(self.malformed("it is UTF-16 and not UTF-8"));
        }
        if self.rest.starts_with(b"\xef\xbb\xbf") {
            self.rest.drain(..3);
        }
        self.begun = true;
        Ok(true)
    }

    /// How much of what is there is whole rows.
    fn find_end_of_rows(&mut self) -> usize {
        let mut whole = 0;
        for (at, &byte) in self.rest.iter().enumerate().skip(self.looked_at) {
            self.place = match (self.place, byte) {
                (Place::Quoted, b'"') => Place::MarkInQuotes,
                (Place::MarkInQuotes, b'"') | (Place::Quoted, _) => Place::Quoted,
                (_, b'\n') => {
                    whole = at + 1;
                    Place::FieldBegins
                }
                (_, b',') => Place::FieldBegins,
                (Place::FieldBegins, b'"') => Place::Quoted,
                (Place::FieldBegins | Place::Plain | Place::MarkInQuotes, _) => Place::Plain,
            };
        }
        self.looked_at = self.rest.len();
        whole
    }

    fn read_rows(&mut self, bytes: &[u8]) -> Result<Vec<UsageRow>, ConnectorError> {
        if bytes.contains(&0) {
            return Err(self.malformed("it is UTF-16 and not UTF-8"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| self.malformed("it is not UTF-8"))?;
        let mut csv = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(text.as_bytes());
        let mut read = Vec::new();
        for record in csv.records() {
            let record = record.map_err(|error| self.malformed(&error.to_string()))?;
            let begins = record.position().and_then(|place| usize::try_from(place.byte()).ok()).unwrap_or(0);
            match self.header.take() {
                None => self.header = Some(self.read_header(&record)?),
                Some(header) => {
                    // The end of the row before may still lie in front of this one.
                    let before = &bytes[..bytes.len().min(begins + 1)];
                    read.extend(self.take(&header, &record, before));
                    self.header = Some(header);
                }
            }
        }
        self.lines += line_breaks(bytes);
        Ok(read)
    }

    fn read_header(&self, header: &csv::StringRecord) -> Result<Header, ConnectorError> {
        let mut meanings = Vec::new();
        for &(wanted, means, need) in columns(self.report) {
            let mut found = header.iter().enumerate().filter(|(_, name)| name.trim().eq_ignore_ascii_case(wanted));
            match (found.next(), found.next(), need) {
                (Some((at, _)), None, _) => meanings.push((at, means)),
                (None, _, Need::May) => {}
                (None, _, Need::Must) => return Err(self.malformed(&format!("the column {wanted:?} is missing"))),
                (Some(_), Some(_), _) => {
                    return Err(self.malformed(&format!("the column {wanted:?} is there twice")));
                }
            }
        }
        for (at, name) in header.iter().enumerate() {
            let known = meanings.iter().any(|(known, _)| *known == at);
            if let Some(means) = other(self.report, name.trim()).filter(|_| !known) {
                meanings.push((at, means));
            }
        }
        Ok(Header { count: header.len(), meanings })
    }

    /// One row, or nothing and a note of what is wrong with it.
    fn take(&mut self, header: &Header, record: &csv::StringRecord, before: &[u8]) -> Option<UsageRow> {
        match read_row(header, record) {
            Ok((refreshed, row)) => {
                self.refreshed = Some(self.refreshed.map_or(refreshed, |oldest| oldest.min(refreshed)));
                self.rows += 1;
                self.hidden += u64::from(looks_concealed(&row.user_principal_name));
                Some(row)
            }
            // A site that nobody owns any more is about nobody.
            Err(Bad { name, .. }) if name.is_empty() && self.report == UsageReport::OneDriveStorage => None,
            Err(Bad { name, reason }) => {
                self.spoiled.insert(name.to_lowercase());
                if self.problems.len() < PROBLEMS_TOLD {
                    let line = self.lines + 1 + line_breaks(before);
                    self.problems.push(RowProblem { line, reason });
                }
                None
            }
        }
    }

    /// What the report is worth.
    ///
    /// # Errors
    /// [`ConnectorError::Transient`] when it was cut; [`ConnectorError::Malformed`] when nothing in it
    /// can be read.
    pub(super) fn finish(self) -> Result<ReportEnd, ConnectorError> {
        if !self.rest.is_empty() || self.header.is_none() {
            // Behind a line is the only place where a report ends (U3).
            let label = self.report.label();
            return Err(ConnectorError::Transient(format!("the {label} was cut off: it ends in the middle of a line")));
        }
        let refreshed = self.refreshed.ok_or_else(|| self.malformed("it has no row that can be read"))?;
        Ok(ReportEnd {
            refreshed,
            rows: self.rows,
            problems: self.problems,
            spoiled: self.spoiled,
            concealed: self.hidden * 2 > self.rows,
        })
    }

    fn malformed(&self, why: &str) -> ConnectorError {
        ConnectorError::Malformed(format!("the {} is not used: {why}", self.report.label()))
    }
}

fn line_breaks(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// A row that cannot be used.
struct Bad {
    name: String,
    reason: String,
}

fn read_row(header: &Header, record: &csv::StringRecord) -> Result<(Day, UsageRow), Bad> {
    let cells = |wanted: Means| {
        let places = header.meanings.iter().filter(move |(_, means)| *means == wanted);
        places.map(|(at, _)| record.get(*at).unwrap_or_default().trim())
    };
    let cell = |wanted: Means| cells(wanted).next().unwrap_or_default();
    let name = cell(Means::Name);
    let bad = |reason: String| Bad { name: name.to_owned(), reason };
    if record.len() != header.count {
        return Err(bad(format!("{} columns where the header has {}", record.len(), header.count)));
    }
    if name.is_empty() {
        return Err(bad("the sign-in name is empty".to_owned()));
    }
    let refreshed = cell(Means::Refreshed);
    let refreshed =
        day(refreshed).ok_or_else(|| bad(format!("Report Refresh Date is no date: {:?}", short(refreshed))))?;
    let mut row = UsageRow { user_principal_name: name.to_owned(), ..UsageRow::default() };
    let mut product = None;
    let mut product_day = None;
    for &(at, means) in &header.meanings {
        let text = record.get(at).unwrap_or_default().trim();
        match means {
            Means::Refreshed | Means::Name => {}
            Means::UserId => row.user_id = text.parse().ok(),
            Means::Deleted => {
                row.is_deleted = truth(text)
                    .ok_or_else(|| bad(format!("Is Deleted is neither True nor False: {:?}", short(text))))?;
            }
            Means::UseOf(service) => {
                if let Some(day) = use_day(text, refreshed).map_err(&bad)? {
                    row.by_service.insert(service, day);
                }
            }
            Means::Use => row.last = row.last.max(use_day(text, refreshed).map_err(&bad)?),
            Means::Day => {
                product_day = day(text).filter(|day| *day <= refreshed);
                row.last = row.last.max(product_day);
            }
            Means::Storage => row.details.storage_bytes = text.parse().ok(),
            Means::Items => row.details.items = text.parse().ok(),
            Means::Archive => row.details.has_archive = truth(text),
            Means::RecipientType => row.details.recipient_type = Some(short(text)).filter(|text| !text.is_empty()),
            Means::Desktop => row.details.desktop = row.details.desktop.max(truth(text)),
            Means::Product => product = Some(short(text)).filter(|text| !text.is_empty()),
        }
    }
    if let Some(product) = product {
        row.details.products.insert(product, product_day);
    }
    Ok((refreshed, row))
}

/// A last day with use: none when blank; the report cannot know of a day after its own, and 1601 and
/// 0001 are some program's "none" (U7).
fn use_day(text: &str, refreshed: Day) -> Result<Option<Day>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let day = day(text).filter(|day| *day <= refreshed);
    day.map(Some).ok_or_else(|| format!("the last activity is not a day before the report: {:?}", short(text)))
}

/// A plausible day in either of the two forms Microsoft has used (9#21).
fn day(text: &str) -> Option<Day> {
    let day = text.parse::<Day>().ok().or_else(|| text.parse::<Timestamp>().ok().map(Timestamp::day));
    day.filter(|day| !day.is_placeholder())
}

/// Both pairs of words Microsoft uses (5.1).
fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" => Some(true),
        "false" | "no" => Some(false),
        _ => None,
    }
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests;
