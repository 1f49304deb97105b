//! A CSV becomes a roster: whole, or refused with the reason. Rows that cannot be read are set apart
//! with their line, and with them every other row of the same person, because two rows that disagree
//! say nothing (R5).

use std::collections::HashMap;

use reseat_domain::employment::Employment;

use super::columns::Columns;
use super::problem::RosterProblem;
use super::{LARGEST_FILE, QuarantinedRow, Roster, RosterRow, cells};

/// More than any HR export has (R13).
const MOST_COLUMNS: usize = 200;

/// Longer than any name, address or department (R13).
const LARGEST_CELL: usize = 8 * 1024;

/// Reads a roster. An empty file and one with a header only give an empty roster: whether that is
/// believed is not decided here.
///
/// # Errors
/// [`RosterProblem`] when the file as a whole cannot be used.
pub fn parse_roster(bytes: &[u8]) -> Result<Roster, RosterProblem> {
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(RosterProblem::TooLarge);
    }
    let text = decode(bytes)?;
    if text.trim().is_empty() {
        return Ok(Roster::default());
    }
    if text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1 {
        return Err(RosterProblem::OpenQuote);
    }
    let mut csv = csv::ReaderBuilder::new().flexible(true).delimiter(separator(text)).from_reader(text.as_bytes());
    let header = csv.headers().map_err(|error| RosterProblem::NotCsv(error.to_string()))?.clone();
    check_limits(&header, 1)?;
    let columns = Columns::find(&header)?;
    let mut rows = Vec::new();
    for record in csv.records() {
        let record = record.map_err(|error| RosterProblem::NotCsv(error.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        check_limits(&record, line)?;
        rows.push(Row::read(&columns, &record, line));
    }
    Ok(set_doubled_apart(rows))
}

/// The text, if it is UTF-8, without its byte order mark (R4).
fn decode(bytes: &[u8]) -> Result<&str, RosterProblem> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) || bytes.contains(&0) {
        return Err(RosterProblem::NotText);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let line_at = |at: usize| 1 + bytes[..at].iter().filter(|byte| **byte == b'\n').count() as u64;
    let text =
        std::str::from_utf8(bytes).map_err(|error| RosterProblem::NotUtf8 { line: line_at(error.valid_up_to()) })?;
    match text.find('\u{fffd}') {
        Some(at) => Err(RosterProblem::CharactersLost { line: line_at(at) }),
        None => Ok(text),
    }
}

/// Comma or semicolon, whichever the header has more of.
fn separator(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |wanted: char| header.chars().filter(|character| *character == wanted).count();
    if count(';') > count(',') { b';' } else { b',' }
}

fn check_limits(record: &csv::StringRecord, line: u64) -> Result<(), RosterProblem> {
    if record.len() > MOST_COLUMNS {
        return Err(RosterProblem::TooManyColumns { limit: MOST_COLUMNS });
    }
    if record.iter().any(|cell| cell.len() > LARGEST_CELL) {
        return Err(RosterProblem::CellTooLarge { line, limit: LARGEST_CELL });
    }
    Ok(())
}

/// A row with what names its person, whether or not it can be used.
struct Row {
    line: u64,
    sample: String,
    email: Option<String>,
    employee_id: Option<String>,
    addresses: Vec<String>,
    read: Result<RosterRow, String>,
}

impl Row {
    fn read(columns: &Columns, record: &csv::StringRecord, line: u64) -> Self {
        let cell = |at: usize| record.get(at).unwrap_or_default();
        Self {
            line,
            sample: sample(record),
            email: cells::email(cell(columns.email)).ok().map(|email| fold(&email)),
            employee_id: columns.employee_id.and_then(|at| cells::text(cell(at))).map(|id| fold(&id)),
            addresses: addresses(columns, record),
            read: read_row(columns, record),
        }
    }

    fn set_apart(self, reason: String) -> QuarantinedRow {
        QuarantinedRow { line: self.line, reason, sample: self.sample, addresses: self.addresses }
    }
}

/// The addresses of whom a row may be about: the cell where it should stand, or, when the cells are
/// shifted or that one cannot be read, every address in the row.
fn addresses(columns: &Columns, record: &csv::StringRecord) -> Vec<String> {
    let readable = |cell: &str| cells::email(cell).ok();
    let own = record.get(columns.email).and_then(readable).filter(|_| record.len() == columns.count);
    own.map_or_else(|| record.iter().filter_map(readable).collect(), |email| vec![email])
}

fn read_row(columns: &Columns, record: &csv::StringRecord) -> Result<RosterRow, String> {
    if record.len() != columns.count {
        let (found, expected) = (record.len(), columns.count);
        return Err(format!(
            "{found} columns where the header has {expected}; put cells that contain the separator in quotes"
        ));
    }
    let at = |column: Option<usize>| column.and_then(|at| record.get(at)).unwrap_or_default();
    let email = cells::email(at(Some(columns.email)))?;
    let status = cells::status(at(Some(columns.status)))?;
    let start = cells::day("start date", at(columns.start))?;
    let end = cells::day("end date", at(columns.end))?;
    if let (Some(start), Some(end)) = (start, end)
        && end < start
    {
        return Err(format!("the end date {end} lies before the start date {start}"));
    }
    let (first, last) = cells::split_name(at(columns.name));
    Ok(RosterRow {
        email,
        employee_id: cells::text(at(columns.employee_id)),
        first_name: cells::text(at(columns.first_name)).or(first),
        last_name: cells::text(at(columns.last_name)).or(last),
        // A manager given by name is nobody we could ask.
        manager_email: cells::email(at(columns.manager)).ok(),
        department: cells::text(at(columns.department)),
        employment: Employment { status, start, end },
    })
}

fn set_doubled_apart(rows: Vec<Row>) -> Roster {
    let mut emails: HashMap<String, u32> = HashMap::new();
    let mut ids: HashMap<String, u32> = HashMap::new();
    for row in &rows {
        if let Some(email) = &row.email {
            *emails.entry(email.clone()).or_default() += 1;
        }
        if let Some(id) = &row.employee_id {
            *ids.entry(id.clone()).or_default() += 1;
        }
    }
    let doubled = |counts: &HashMap<String, u32>, key: &Option<String>| {
        key.as_ref().is_some_and(|key| counts.get(key).is_some_and(|count| *count > 1))
    };
    let mut roster = Roster::default();
    for mut row in rows {
        let twice = if doubled(&emails, &row.email) {
            Some("e-mail address")
        } else if doubled(&ids, &row.employee_id) {
            Some("employee id")
        } else {
            None
        };
        match (std::mem::replace(&mut row.read, Err(String::new())), twice) {
            (Ok(read), None) => roster.rows.push(read),
            (Ok(_), Some(what)) => {
                let reason = format!("the {what} is in the roster more than once; each person has one row");
                roster.quarantined.push(row.set_apart(reason));
            }
            (Err(reason), _) => roster.quarantined.push(row.set_apart(reason)),
        }
    }
    roster
}

/// For comparing: letter case means nothing in addresses and numbers.
fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}

fn sample(record: &csv::StringRecord) -> String {
    let text = record.iter().collect::<Vec<_>>().join(" | ");
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).take(120).collect()
}

#[cfg(test)]
mod tests {
    use reseat_domain::employment::EmploymentStatus;

    use super::*;

    const HEADER: &str = "id,email,name,manager,department,status,start date,end date";

    fn ada() -> String {
        "E1,ada@contoso.example,Ada King,eve@contoso.example,Research,active,2020-01-31,".to_owned()
    }

    fn read(rows: &[String]) -> Roster {
        parse_roster(format!("{HEADER}\n{}\n", rows.join("\n")).as_bytes()).expect("a roster")
    }

    fn refused(bytes: &[u8]) -> RosterProblem {
        parse_roster(bytes).expect_err("the file must not be used")
    }

    #[test]
    fn a_roster_is_read_row_by_row() {
        let gone = "E2,bob@contoso.example,\"Stone, Bob\",,,Terminated,2019-05-01,2026-06-30".to_owned();
        let away = "E3,cy@contoso.example,,not an address,,on leave,,".to_owned();
        let roster = read(&[ada(), gone, away]);
        assert!(roster.quarantined.is_empty());
        let [ada, bob, cy] = roster.rows.as_slice() else { panic!("three rows") };
        assert_eq!(ada.manager_email.as_deref(), Some("eve@contoso.example"));
        assert_eq!((ada.first_name.as_deref(), ada.last_name.as_deref()), (Some("Ada"), Some("King")));
        assert_eq!((bob.first_name.as_deref(), bob.employment.status), (Some("Bob"), EmploymentStatus::Inactive));
        assert_eq!(bob.employment.end, "2026-06-30".parse().ok());
        assert_eq!((cy.manager_email.as_ref(), cy.employment.status), (None, EmploymentStatus::OnLeave));
    }

    #[test]
    fn an_empty_file_and_a_header_alone_give_nobody() {
        for empty in ["", "\n\n", "\u{feff}", &format!("{HEADER}\n"), HEADER] {
            let roster = parse_roster(empty.as_bytes()).expect("nothing is wrong with it");
            assert!(roster.rows.is_empty() && roster.quarantined.is_empty(), "R1, R2: {empty:?}");
        }
    }

    #[test]
    fn half_a_file_still_reads_and_its_last_row_is_set_apart() {
        let whole = format!("{HEADER}\n{}\n{}\n", ada(), ada().replace("ada", "bob").replace("E1", "E2"));
        let roster = parse_roster(&whole.as_bytes()[..whole.len() - 30]).expect("a roster");
        assert_eq!((roster.rows.len(), roster.quarantined.len()), (1, 1), "R3: the count of rows decides");
    }

    #[test]
    fn other_encodings_are_refused_with_their_line() {
        let text = format!("{HEADER}\n{}\n{}\n", ada(), ada().replace("Ada", "Jürgen"));
        let latin: Vec<u8> =
            text.chars().map(|character| u8::try_from(u32::from(character)).expect("Latin-1")).collect();
        assert_eq!(refused(&latin), RosterProblem::NotUtf8 { line: 3 }, "R4");
        let lost = text.replace('ü', "\u{fffd}");
        assert_eq!(refused(lost.as_bytes()), RosterProblem::CharactersLost { line: 3 }, "R4");
        let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(refused(&wide), RosterProblem::NotText, "R4");
        assert_eq!(refused(&wide[2..]), RosterProblem::NotText, "R4: without a mark");
        assert_eq!(refused(b"PK\x03\x04\x14\x00\x06\x00"), RosterProblem::NotText, "a spreadsheet file");
    }

    #[test]
    fn a_mark_semicolons_and_windows_lines_are_fine() {
        let text = format!("\u{feff}{HEADER}\r\n{}\r\n", ada()).replace(',', ";");
        let roster = parse_roster(text.as_bytes()).expect("a roster");
        assert_eq!(roster.rows, read(&[ada()]).rows);
    }

    #[test]
    fn every_row_of_a_doubled_person_is_set_apart() {
        let other = |email: &str, id: &str, status: &str| format!("{id},{email},X Y,,,{status},,");
        let same_mail =
            read(&[ada(), other("ADA@contoso.example", "E2", "terminated"), other("bob@a.example", "E3", "active")]);
        assert_eq!((same_mail.rows.len(), same_mail.quarantined.len()), (1, 2), "R5");
        assert!(same_mail.quarantined.iter().all(|row| row.reason.contains("e-mail address")));
        let same_id = read(&[ada(), other("bob@a.example", "e1", "active")]);
        assert_eq!((same_id.rows.len(), same_id.quarantined.len()), (0, 2), "R5");
        // The other row cannot be read: who knows what it would have said.
        let unreadable =
            read(&[other("ada@contoso.example", "E9", "terminated"), other("ada@contoso.example", "E8", "???")]);
        assert_eq!((unreadable.rows.len(), unreadable.quarantined.len()), (0, 2), "R5");
        let without_ids = read(&[other("a@a.example", "", "active"), other("b@a.example", "", "active")]);
        assert_eq!(without_ids.rows.len(), 2, "no number is not the same number");
    }

    #[test]
    fn rows_that_cannot_be_read_say_why_and_where() {
        for (bad, reason) in [
            (ada().replace("Ada King", "King, Ada"), "columns"),
            (ada().replace(",Research", ""), "columns"),
            (ada().replace("ada@contoso.example", ""), "missing"),
            (ada().replace("ada@contoso.example", "ada"), "no e-mail address"),
            (ada().replace("active", "Aktiv"), "status"),
            (ada().replace("2020-01-31", "31.01.2020"), "YYYY-MM-DD"),
            (ada().replace("2020-01-31", "01/02/2020"), "YYYY-MM-DD"),
            (format!("{}03/04/2026", ada()), "YYYY-MM-DD"),
            (format!("{}2019-01-01", ada()), "before the start"),
        ] {
            let roster = read(&["E7,bob@contoso.example,Bob,,,active,,".to_owned(), bad.clone()]);
            assert_eq!((roster.rows.len(), roster.quarantined.len()), (1, 1), "R7, R11: {bad}");
            let row = &roster.quarantined[0];
            assert!(row.line == 3 && row.reason.contains(reason), "{row:?}");
            assert!(row.sample.starts_with("E1 | ") && row.sample.len() <= 120, "{row:?}");
        }
    }

    #[test]
    fn a_row_set_apart_says_whom_it_may_be_about() {
        let of = |row: String| {
            let roster = read(&["E7,bob@contoso.example,Bob,,,active,,".to_owned(), row]);
            roster.quarantined[0].addresses.clone()
        };
        assert_eq!(of(ada().replace("active", "Aktiv")), ["ada@contoso.example"], "R7: nobody else is doubted");
        assert_eq!(of(format!("x,{}", ada())), ["ada@contoso.example", "eve@contoso.example"], "R7: shifted");
        assert_eq!(of(ada().replace("ada@contoso.example", "ada")), ["eve@contoso.example"]);
        assert!(of(ada().replace('@', " at ")).is_empty());
    }

    #[test]
    fn a_formula_is_a_text() {
        let roster = read(&[ada().replace("Research", "=cmd|' /C calc'!A1")]);
        assert_eq!(roster.rows[0].department.as_deref(), Some("=cmd|' /C calc'!A1"), "R15");
    }

    #[test]
    fn a_quote_that_is_not_closed_swallows_nobody() {
        let text = format!("{HEADER}\n{}\n{}\n", ada().replace("Ada King", "\"Ada King"), ada().replace('1', "2"));
        assert_eq!(refused(text.as_bytes()), RosterProblem::OpenQuote);
    }

    #[test]
    fn a_file_made_to_exhaust_is_refused_early() {
        let wide = format!("{HEADER}{}\n", ",x".repeat(MOST_COLUMNS));
        assert_eq!(refused(wide.as_bytes()), RosterProblem::TooManyColumns { limit: MOST_COLUMNS }, "R13");
        let long = format!("{HEADER}\n{}\n", ada().replace("Research", &"x".repeat(LARGEST_CELL + 1)));
        assert_eq!(refused(long.as_bytes()), RosterProblem::CellTooLarge { line: 2, limit: LARGEST_CELL }, "R13");
        let size = usize::try_from(LARGEST_FILE).expect("it fits") + 1;
        assert_eq!(refused(&vec![b'x'; size]), RosterProblem::TooLarge, "R13");
    }
}
