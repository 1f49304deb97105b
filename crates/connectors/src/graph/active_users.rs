//! The active-user report as it is downloaded: a CSV whose columns are found by name. What cannot be
//! read is never taken for "not used".

use std::collections::{BTreeMap, BTreeSet};

use reseat_domain::activity::looks_concealed;
use reseat_domain::directory::Service;
use reseat_domain::time::{Day, Timestamp};

use crate::directory::{ActiveUserReport, ActiveUserRow, RowProblem};
use crate::error::ConnectorError;

const REFRESHED: &str = "Report Refresh Date";
const NAME: &str = "User Principal Name";
const DELETED: &str = "Is Deleted";

/// All of them have to be there: a service whose column is missing would look unused by everybody.
const SERVICES: &[(Service, &str)] = &[
    (Service::Exchange, "Exchange Last Activity Date"),
    (Service::OneDrive, "OneDrive Last Activity Date"),
    (Service::SharePoint, "SharePoint Last Activity Date"),
    (Service::SkypeForBusiness, "Skype For Business Last Activity Date"),
    (Service::Yammer, "Yammer Last Activity Date"),
    (Service::Teams, "Teams Last Activity Date"),
];

/// Whether a download ends where a report ends: behind a line (U3).
pub(super) fn ends_whole(bytes: &[u8]) -> bool {
    bytes.last() == Some(&b'\n')
}

/// Reads the report.
///
/// # Errors
/// [`ConnectorError::Malformed`] when the file as a whole cannot be believed.
pub(super) fn parse(bytes: &[u8]) -> Result<ActiveUserReport, ConnectorError> {
    let text = decode(bytes)?;
    if !ends_whole(bytes) {
        return Err(malformed("it ends in the middle of a line"));
    }
    let mut csv = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header = csv.headers().map_err(|error| malformed(&error.to_string()))?.clone();
    let columns = Columns::find(&header)?;
    let mut reading = Parsing::default();
    for record in csv.records() {
        let record = record.map_err(|error| malformed(&error.to_string()))?;
        reading.take(&columns, &record);
    }
    reading.finish()
}

/// The text, without its byte order mark (U4).
fn decode(bytes: &[u8]) -> Result<&str, ConnectorError> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) || bytes.contains(&0) {
        return Err(malformed("it is UTF-16 and not UTF-8"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8"))
}

fn malformed(why: &str) -> ConnectorError {
    ConnectorError::Malformed(format!("the active-user report is not used: {why}"))
}

struct Columns {
    count: usize,
    refreshed: usize,
    name: usize,
    deleted: usize,
    services: Vec<(Service, usize)>,
}

impl Columns {
    fn find(header: &csv::StringRecord) -> Result<Self, ConnectorError> {
        let find = |wanted: &str| {
            let mut found = header.iter().enumerate().filter(|(_, name)| name.trim().eq_ignore_ascii_case(wanted));
            match (found.next(), found.next()) {
                (Some((at, _)), None) => Ok(at),
                (None, _) => Err(malformed(&format!("the column {wanted:?} is missing"))),
                (Some(_), Some(_)) => Err(malformed(&format!("the column {wanted:?} is there twice"))),
            }
        };
        let services = SERVICES.iter().map(|&(service, name)| Ok((service, find(name)?))).collect::<Result<_, _>>()?;
        Ok(Self {
            count: header.len(),
            refreshed: find(REFRESHED)?,
            name: find(NAME)?,
            deleted: find(DELETED)?,
            services,
        })
    }
}

#[derive(Default)]
struct Parsing {
    refreshed: Option<Day>,
    rows: Vec<ActiveUserRow>,
    problems: Vec<RowProblem>,
    /// Names with a row that could not be used: their other rows are not used either, because the
    /// lost one may have shown use.
    spoiled: BTreeSet<String>,
}

impl Parsing {
    fn take(&mut self, columns: &Columns, record: &csv::StringRecord) {
        let name = record.get(columns.name).unwrap_or_default().trim();
        match read_row(columns, record) {
            Ok((refreshed, row)) => {
                self.refreshed = Some(self.refreshed.map_or(refreshed, |oldest| oldest.min(refreshed)));
                self.rows.push(row);
            }
            Err(reason) => {
                self.spoiled.insert(name.to_lowercase());
                let line = record.position().map_or(0, csv::Position::line);
                self.problems.push(RowProblem { line, reason });
            }
        }
    }

    fn finish(mut self) -> Result<ActiveUserReport, ConnectorError> {
        let spoiled = self.spoiled;
        self.rows.retain(|row| !spoiled.contains(&row.user_principal_name.to_lowercase()));
        let refreshed = self.refreshed.ok_or_else(|| malformed("it has no row that can be read"))?;
        let hidden = self.rows.iter().filter(|row| looks_concealed(&row.user_principal_name)).count();
        let concealed = hidden * 2 > self.rows.len();
        Ok(ActiveUserReport { refreshed, rows: self.rows, problems: self.problems, concealed })
    }
}

fn read_row(columns: &Columns, record: &csv::StringRecord) -> Result<(Day, ActiveUserRow), String> {
    if record.len() != columns.count {
        return Err(format!("{} columns where the header has {}", record.len(), columns.count));
    }
    let cell = |at: usize| record.get(at).unwrap_or_default().trim();
    let name = cell(columns.name);
    if name.is_empty() {
        return Err(format!("{NAME} is empty"));
    }
    let refreshed = day(cell(columns.refreshed))
        .ok_or_else(|| format!("{REFRESHED} is no date: {:?}", short(cell(columns.refreshed))))?;
    let is_deleted = match cell(columns.deleted).to_ascii_lowercase().as_str() {
        "true" => true,
        "false" => false,
        other => return Err(format!("{DELETED} is neither True nor False: {:?}", short(other))),
    };
    let mut last_activity = BTreeMap::new();
    for &(service, at) in &columns.services {
        let text = cell(at);
        if text.is_empty() {
            continue;
        }
        // The report cannot know of a day after its own; 1601 and 0001 are some program's "none" (U7).
        let day = day(text).filter(|day| *day <= refreshed);
        let day = day.ok_or_else(|| {
            format!("the last activity in {service} is not a day before the report: {:?}", short(text))
        })?;
        last_activity.insert(service, day);
    }
    Ok((refreshed, ActiveUserRow { user_principal_name: name.to_owned(), is_deleted, last_activity }))
}

/// A plausible day in either of the two forms Microsoft has used (9#21).
fn day(text: &str) -> Option<Day> {
    let day = text.parse::<Day>().ok().or_else(|| text.parse::<Timestamp>().ok().map(Timestamp::day));
    day.filter(|day| !day.is_placeholder())
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "Report Refresh Date,User Principal Name,Display Name,Is Deleted,Deleted Date,Has Exchange License,Has OneDrive License,Has SharePoint License,Has Skype For Business License,Has Yammer License,Has Teams License,Exchange Last Activity Date,OneDrive Last Activity Date,SharePoint Last Activity Date,Skype For Business Last Activity Date,Yammer Last Activity Date,Teams Last Activity Date,Exchange License Assign Date,OneDrive License Assign Date,SharePoint License Assign Date,Skype For Business License Assign Date,Yammer License Assign Date,Teams License Assign Date,Assigned Products";

    fn row(refreshed: &str, name: &str, exchange: &str, teams: &str) -> String {
        format!(
            "{refreshed},{name},\"A, B\",False,,True,True,True,False,False,True,{exchange},,,,,{teams},,,,,,,MICROSOFT 365 E5+VISIO"
        )
    }

    fn report(rows: &[String]) -> String {
        format!("{HEADER}\n{}\n", rows.join("\n"))
    }

    fn reason(bytes: &[u8]) -> String {
        match parse(bytes) {
            Err(ConnectorError::Malformed(why)) => why,
            other => panic!("it must not be used: {other:?}"),
        }
    }

    #[test]
    fn a_report_is_read_by_the_names_of_its_columns() {
        let text = report(&[
            row("2026-11-22", "ada@contoso.example", "2026-11-20", ""),
            row("2026-11-21", "bob@contoso.example", "", "2025-01-01"),
        ]);
        let read = parse(text.as_bytes()).expect("a report");
        assert_eq!(read.refreshed.to_string(), "2026-11-21", "the oldest of its rows");
        assert_eq!(read.rows.len(), 2);
        assert_eq!(read.rows[0].last_activity[&Service::Exchange].to_string(), "2026-11-20");
        assert_eq!(read.rows[0].last_activity.len(), 1, "a blank is no entry");
        assert!(!read.concealed && read.problems.is_empty());
    }

    #[test]
    fn a_byte_order_mark_other_orders_and_new_columns_change_nothing() {
        let plain = report(&[row("2026-11-22", "ada@contoso.example", "2026-11-20", "2026-11-01")]);
        let expected = parse(plain.as_bytes()).expect("a report");
        let mut marked = b"\xef\xbb\xbf".to_vec();
        marked.extend_from_slice(plain.as_bytes());
        let crlf = plain.replace('\n', "\r\n");
        let reversed: String = plain
            .replace("\"A, B\"", "A B")
            .lines()
            .map(|line| format!("new,{}\n", line.split(',').rev().collect::<Vec<_>>().join(",")))
            .collect();
        for other in [marked, crlf.into_bytes(), reversed.into_bytes()] {
            let read = parse(&other).expect("a report");
            assert_eq!(read.rows[0].last_activity, expected.rows[0].last_activity, "U4");
            assert_eq!(read.rows[0].user_principal_name, "ada@contoso.example");
        }
    }

    #[test]
    fn a_missing_or_doubled_column_is_named_and_nothing_is_used() {
        for column in [REFRESHED, NAME, DELETED].into_iter().chain(SERVICES.iter().map(|(_, name)| *name)) {
            let text = report(&[row("2026-11-22", "ada@contoso.example", "", "")]).replace(column, "Spalte");
            assert!(reason(text.as_bytes()).contains(column), "U4: {column}");
        }
        let twice = report(&[row("2026-11-22", "ada@contoso.example", "", "")]).replace("Display Name", NAME);
        assert!(reason(twice.as_bytes()).contains("twice"));
    }

    #[test]
    fn a_cut_report_is_not_used() {
        let text = report(&[
            row("2026-11-22", "ada@contoso.example", "", ""),
            row("2026-11-22", "bob@contoso.example", "", ""),
        ]);
        assert!(reason(&text.as_bytes()[..text.len() - 1]).contains("middle of a line"), "U3");
        assert!(reason(&text.as_bytes()[..text.len() - 40]).contains("middle of a line"), "U3");
        assert!(reason(format!("{HEADER}\n").as_bytes()).contains("no row"));
        assert!(reason(b"").contains("middle of a line"));
    }

    #[test]
    fn other_encodings_are_not_used() {
        let text = report(&[row("2026-11-22", "ada@contoso.example", "", "")]);
        let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert!(reason(&wide).contains("UTF-16"), "U4");
        assert!(reason(&wide[2..]).contains("UTF-16"), "U4: without a mark");
        let latin = [text.as_bytes(), b"\xfc\n"].concat();
        assert!(reason(&latin).contains("not UTF-8"));
    }

    #[test]
    fn a_date_that_cannot_be_true_takes_the_whole_person_out() {
        for bad in ["2026-11-23", "1601-01-01", "0001-01-01", "03/04/2026", "2026-02-30", "never"] {
            let text = report(&[
                row("2026-11-22", "ada@contoso.example", bad, "2026-01-01"),
                row("2026-11-22", "bob@contoso.example", "2026-11-22", ""),
                row("2026-11-22", "ADA@contoso.example", "", ""),
            ]);
            let read = parse(text.as_bytes()).expect("a report");
            assert_eq!(read.rows.len(), 1, "U7: not even her other row, which shows no use: {bad}");
            assert_eq!(read.rows[0].user_principal_name, "bob@contoso.example");
            assert_eq!(read.problems.len(), 1);
            assert_eq!(read.problems[0].line, 2);
        }
    }

    #[test]
    fn rows_of_another_shape_are_set_apart() {
        let good = row("2026-11-22", "ada@contoso.example", "", "");
        for bad in [
            "2026-11-22,bob@contoso.example".to_owned(),
            format!("{},more", row("2026-11-22", "bob@contoso.example", "", "")),
            row("soon", "bob@contoso.example", "", ""),
            row("2026-11-22", "", "", ""),
            row("2026-11-22", "bob@contoso.example", "", "").replace("False,,", "Falsch,,"),
        ] {
            let read = parse(report(&[good.clone(), bad.clone()]).as_bytes()).expect("a report");
            assert_eq!((read.rows.len(), read.problems.len()), (1, 1), "{bad}");
            assert_eq!(read.problems[0].line, 3);
        }
    }

    #[test]
    fn both_forms_of_a_date_are_read() {
        let text = report(&[row("2026-11-22T00:00:00Z", "ada@contoso.example", "2026-11-20T00:00:00Z", "")]);
        let read = parse(text.as_bytes()).expect("a report");
        assert_eq!((read.refreshed.to_string().as_str(), read.rows.len()), ("2026-11-22", 1), "9#21");
    }

    #[test]
    fn names_with_the_shape_of_pseudonyms_are_noticed() {
        let hidden = |at: u32| row("2026-11-22", &format!("DC8C64D6EC3A3AA17481D7E5EB5B68{at:02X}"), "", "");
        let clear = |at: u32| row("2026-11-22", &format!("person{at}@contoso.example"), "", "");
        let concealed = |rows: &[String]| parse(report(rows).as_bytes()).expect("a report").concealed;
        assert!(concealed(&[hidden(1), hidden(2), clear(3)]), "U1, U2");
        assert!(!concealed(&[hidden(1), clear(2), clear(3)]));
    }
}
