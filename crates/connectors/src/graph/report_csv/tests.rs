use std::collections::BTreeSet;

use super::*;

const ACTIVE: &str = "Report Refresh Date,User Principal Name,Display Name,Is Deleted,Deleted Date,Has Exchange License,Has OneDrive License,Has SharePoint License,Has Skype For Business License,Has Yammer License,Has Teams License,Exchange Last Activity Date,OneDrive Last Activity Date,SharePoint Last Activity Date,Skype For Business Last Activity Date,Yammer Last Activity Date,Teams Last Activity Date,Exchange License Assign Date,OneDrive License Assign Date,SharePoint License Assign Date,Skype For Business License Assign Date,Yammer License Assign Date,Teams License Assign Date,Assigned Products";
const APPS: &str = "Report Refresh Date,User Principal Name,Last Activation Date,Last Activity Date,Report Period,Windows,Mac,Mobile,Web,Outlook,Word,Excel,PowerPoint,OneNote,Teams";
const ACTIVATIONS: &str = "Report Refresh Date,User Principal Name,Display Name,Product Type,Last Activated Date,Windows,Mac,Windows 10 Mobile,iOS,Android,Activated On Shared Computer";
const MAILBOXES: &str = "Report Refresh Date,User Principal Name,Display Name,Is Deleted,Deleted Date,Created Date,Last Activity Date,Item Count,Storage Used (Byte),Issue Warning Quota (Byte),Prohibit Send Quota (Byte),Prohibit Send/Receive Quota (Byte),Deleted Item Count,Deleted Item Size (Byte),Deleted Item Quota (Byte),Has Archive,Report Period";
const TEAMS: &str = "Report Refresh Date,Tenant Display Name,Shared Channel Tenant Display Names,User Id,User Principal Name,Last Activity Date,Is Deleted,Deleted Date,Assigned Products,Team Chat Message Count,Is Licensed,Report Period";
const ONEDRIVE: &str = "Report Refresh Date,User Principal Name,Is Deleted,Deleted Date,Last Activity Date,Viewed Or Edited File Count,Synced File Count,Shared Internally File Count,Shared Externally File Count,Assigned Products,Report Period";
const SHAREPOINT: &str = "Report Refresh Date,User Principal Name,Is Deleted,Deleted Date,Last Activity Date,Viewed Or Edited File Count,Synced File Count,Shared Internally File Count,Shared Externally File Count,Visited Page Count,Assigned Products,Report Period";
const EMAIL: &str = "Report Refresh Date,User Principal Name,Display Name,Is Deleted,Deleted Date,Last Activity Date,Send Count,Receive Count,Read Count,Meeting Created Count,Meeting Interacted Count,Assigned Products,Report Period";
const YAMMER: &str = "Report Refresh Date,User Principal Name,Display Name,User State,State Change Date,Last Activity Date,Posted Count,Read Count,Liked Count,Assigned Products,Report Period";
const SKYPE: &str = "Report Refresh Date,User Principal Name,Is Deleted,Deleted Date,Last Activity Date,Total Peer-to-peer Session Count,Total Organized Conference Count,Assigned Products,Report Period";
const STORAGE: &str = "Report Refresh Date,Site Id,Site URL,Owner Display Name,Is Deleted,Last Activity Date,File Count,Active File Count,Storage Used (Byte),Storage Allocated (Byte),Owner Principal Name,Report Period";
const COPILOT: &str = "Report Refresh Date,Report Period,User Principal Name,Display Name,Last Activity Date,Microsoft Teams Copilot Last Activity Date,Word Copilot Last Activity Date,Excel Copilot Last Activity Date,PowerPoint Copilot Last Activity Date,Outlook Copilot Last Activity Date,OneNote Copilot Last Activity Date,Loop Copilot Last Activity Date,Copilot Chat Last Activity Date";

/// Each report with its header line as published.
const ALL: [(UsageReport, &str); 12] = [
    (UsageReport::ActiveUsers, ACTIVE),
    (UsageReport::Email, EMAIL),
    (UsageReport::Mailboxes, MAILBOXES),
    (UsageReport::Teams, TEAMS),
    (UsageReport::OneDrive, ONEDRIVE),
    (UsageReport::OneDriveStorage, STORAGE),
    (UsageReport::SharePoint, SHAREPOINT),
    (UsageReport::Yammer, YAMMER),
    (UsageReport::SkypeForBusiness, SKYPE),
    (UsageReport::Apps, APPS),
    (UsageReport::Activations, ACTIVATIONS),
    (UsageReport::Copilot, COPILOT),
];

/// A plausible cell of a column.
fn cell(header: &str, name: &str, last: &str) -> String {
    match header {
        "Report Refresh Date" => "2026-11-22".to_owned(),
        "User Principal Name" | "Owner Principal Name" => name.to_owned(),
        "Display Name" => "\"Li, \"\"Bo\"\"\nJr\"".to_owned(),
        "Is Deleted" | "Activated On Shared Computer" => "False".to_owned(),
        "Has Archive" => "True".to_owned(),
        "Windows" => "Yes".to_owned(),
        "Product Type" => "Visio Online Plan 2".to_owned(),
        "User Id" => "11111111-1111-4111-8111-111111111111".to_owned(),
        "Last Activation Date" => String::new(),
        _ if header.ends_with("Last Activity Date") || header == "Last Activated Date" => last.to_owned(),
        _ if header.starts_with("Has ") => if header.contains("Yammer") { "False" } else { "True" }.to_owned(),
        _ if header.contains("Count") || header.contains("(Byte)") => "7".to_owned(),
        _ => "something".to_owned(),
    }
}

fn row(header: &str, name: &str, last: &str) -> String {
    header.split(',').map(|column| cell(column, name, last)).collect::<Vec<_>>().join(",")
}

fn table(header: &str, people: &[(&str, &str)]) -> String {
    let rows: String = people.iter().map(|(name, last)| format!("{}\r\n", row(header, name, last))).collect();
    format!("{header}\r\n{rows}")
}

/// Reads a text that comes in pieces of so many bytes.
fn read(report: UsageReport, bytes: &[u8], piece: usize) -> Result<(Vec<UsageRow>, ReportEnd), ConnectorError> {
    let mut parser = Parser::new(report);
    let mut rows = Vec::new();
    for chunk in bytes.chunks(piece) {
        rows.extend(parser.feed(chunk)?);
    }
    Ok((rows, parser.finish()?))
}

fn whole(report: UsageReport, text: &str) -> (Vec<UsageRow>, ReportEnd) {
    read(report, text.as_bytes(), 1 << 16).unwrap_or_else(|error| panic!("{report}: {error}"))
}

fn reason(report: UsageReport, bytes: &[u8]) -> String {
    match read(report, bytes, 1 << 16) {
        Err(ConnectorError::Malformed(why) | ConnectorError::Transient(why)) => why,
        other => panic!("it must not be used: {other:?}"),
    }
}

fn on(text: &str) -> Option<Day> {
    Some(text.parse().expect("a day"))
}

#[test]
fn each_published_header_is_read_by_its_names() {
    for (report, header) in ALL {
        let (rows, end) = whole(report, &table(header, &[("ada@contoso.example", "2026-11-20"), ("bo@x.example", "")]));
        assert_eq!((rows.len(), end.rows, end.problems.len()), (2, 2, 0), "5.2: {report} {:?}", end.problems);
        assert_eq!(end.refreshed.to_string(), "2026-11-22", "5.2: {report}");
        assert_eq!(rows[0].user_principal_name, "ada@contoso.example", "5.2: {report}");
        match report {
            UsageReport::ActiveUsers => {
                assert_eq!((rows[0].by_service.len(), rows[1].by_service.len()), (6, 0), "a blank is no entry");
            }
            _ => assert_eq!((rows[0].last, rows[1].last), (on("2026-11-20"), None), "5.2: {report}"),
        }
    }
    let facts = |report, header| whole(report, &table(header, &[("ada@x.example", "2026-11-20")])).0.remove(0);
    let mailbox = facts(UsageReport::Mailboxes, MAILBOXES).details;
    assert_eq!((mailbox.storage_bytes, mailbox.items, mailbox.has_archive), (Some(7), Some(7), Some(true)), "5.2");
    assert_eq!(facts(UsageReport::OneDriveStorage, STORAGE).details.storage_bytes, Some(7));
    assert_eq!(facts(UsageReport::Apps, APPS).details.desktop, Some(true), "5.4");
    let products = facts(UsageReport::Activations, ACTIVATIONS).details.products;
    assert_eq!(products.get("Visio Online Plan 2"), Some(&on("2026-11-20")), "5.4");
    assert!(facts(UsageReport::Teams, TEAMS).user_id.is_some(), "5.1: joined by id where present");
}

#[test]
fn pieces_of_any_size_a_mark_and_other_line_ends_change_nothing() {
    for (report, header) in ALL {
        let text = table(header, &[("ada@x.example", "2026-11-20"), ("bo@x.example", "")]);
        let expected = whole(report, &text);
        let marked = [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
        let unix = text.replace("\r\n", "\n").into_bytes();
        for other in [text.clone().into_bytes(), marked, unix] {
            for piece in [1, 2, 3, 7, 64, 1 << 20] {
                assert_eq!(read(report, &other, piece).expect("a report"), expected, "U4: {report} {piece}");
            }
        }
    }
}

/// Chance from a seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).expect("small")
    }
}

/// The report with its columns in another order, with columns nobody knows and words nobody knows in
/// those that mean nothing.
fn disordered(header: &str, dice: &mut Dice) -> String {
    let mut columns: Vec<String> = header.split(',').map(str::to_owned).collect();
    for number in 0..dice.below(4) {
        columns.insert(dice.below(columns.len() + 1), format!("Neu {number}"));
    }
    for at in (1..columns.len()).rev() {
        columns.swap(at, dice.below(at + 1));
    }
    let lines = ["", "2026-11-20", "2026-10-01"].map(|last| {
        let value = |column: &String| match column.as_str() {
            known if header.split(',').any(|name| name == known) && !known.contains("Assigned Products") => {
                cell(known, &format!("p{last}@x.example"), last)
            }
            _ => ["", "\"a, b\"", "∞", "-1", "TRUE"][dice.below(5)].to_owned(),
        };
        columns.iter().map(value).collect::<Vec<_>>().join(",")
    });
    format!("{}\n{}\n", columns.join(","), lines.join("\n"))
}

#[test]
fn another_order_new_columns_and_unknown_words_never_break_a_report() {
    let mut dice = Dice(7);
    for (report, header) in ALL {
        let plain = ["", "2026-11-20", "2026-10-01"].map(|last| (format!("p{last}@x.example"), last));
        let plain: Vec<(&str, &str)> = plain.iter().map(|(name, last)| (name.as_str(), *last)).collect();
        let expected = whole(report, &table(header, &plain));
        for _ in 0..60 {
            let text = disordered(header, &mut dice);
            assert_eq!(whole(report, &text), expected, "F37, U4: {report}\n{text}");
        }
    }
}

#[test]
fn every_column_is_either_needed_and_named_or_can_be_missing() {
    for (report, header) in ALL {
        let text = table(header, &[("ada@x.example", "2026-11-20")]);
        let mut needed = 0;
        for column in header.split(',') {
            let renamed: Vec<&str> =
                header.split(',').map(|name| if name == column { "Spalte" } else { name }).collect();
            let renamed = text.replacen(header, &renamed.join(","), 1);
            match read(report, renamed.as_bytes(), 4096) {
                Ok((rows, _)) => assert_eq!(rows.len(), 1, "F37: {report} without {column:?}"),
                Err(error) => {
                    needed += 1;
                    assert!(error.to_string().contains(column), "F37: {report} without {column:?}: {error}");
                    assert!(error.to_string().contains(report.label()), "F37: {error}");
                }
            }
        }
        let must = columns(report).iter().filter(|(_, _, need)| *need == Need::Must).count();
        assert_eq!(needed, must, "F37: {report}");
    }
    let twice = table(EMAIL, &[("ada@x.example", "")]).replacen("Send Count", "User Principal Name", 1);
    assert!(reason(UsageReport::Email, twice.as_bytes()).contains("twice"), "F37");
}

#[test]
fn a_cut_report_is_not_used_and_worth_another_try() {
    let text = table(TEAMS, &[("ada@x.example", "2026-11-20"), ("bo@x.example", "")]);
    for cut in [1, 2, 40, text.len() - 3] {
        let result = read(UsageReport::Teams, &text.as_bytes()[..text.len() - cut], 100);
        assert!(matches!(result, Err(ConnectorError::Transient(_))), "U3: {cut} {result:?}");
    }
    assert!(matches!(read(UsageReport::Teams, b"", 1), Err(ConnectorError::Transient(_))));
    assert!(reason(UsageReport::Teams, format!("{TEAMS}\n").as_bytes()).contains("no row"));
    let endless = format!("{TEAMS}\n\"{}", "a".repeat(LONGEST_ROW + 1));
    assert!(reason(UsageReport::Teams, endless.as_bytes()).contains("no end"));
}

#[test]
fn other_encodings_are_not_used() {
    let text = table(ACTIVE, &[("ada@x.example", "")]);
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert!(reason(UsageReport::ActiveUsers, &wide).contains("UTF-16"), "U4");
    assert!(reason(UsageReport::ActiveUsers, &wide[2..]).contains("UTF-16"), "U4: without a mark");
    let latin = [text.as_bytes(), b"\xfc\n"].concat();
    assert!(reason(UsageReport::ActiveUsers, &latin).contains("not UTF-8"), "U4");
}

#[test]
fn a_day_that_cannot_be_spoils_every_row_of_its_person() {
    for bad in ["2026-11-23", "1601-01-01", "0001-01-01", "soon", "2026-13-01"] {
        let text =
            table(TEAMS, &[("ada@x.example", bad), ("bo@x.example", "2026-11-01"), ("ADA@x.example", "2026-01-01")]);
        let (rows, end) = whole(UsageReport::Teams, &text);
        assert_eq!((rows.len(), end.problems.len()), (2, 1), "U7: {bad}");
        assert_eq!(end.spoiled, BTreeSet::from(["ada@x.example".to_owned()]), "U7: {bad}");
        assert_eq!(end.problems[0].line, 2);
    }
    let copilot = table(COPILOT, &[("ada@x.example", "2026-11-01"), ("bo@x.example", "")]);
    let copilot = copilot.replacen("2026-11-01", "gestern", 2);
    assert_eq!(whole(UsageReport::Copilot, &copilot).1.problems.len(), 1, "a column of one program spoils it as well");
}

#[test]
fn rows_of_another_shape_are_set_apart_with_their_lines() {
    let good = row(EMAIL, "ada@x.example", "").replace('\n', " ");
    for bad in [
        "2026-11-22,bo@x.example".to_owned(),
        format!("{good},more"),
        good.replacen("2026-11-22", "soon", 1),
        good.replacen("ada@x.example", "", 1),
        good.replacen("False", "Falsch", 1),
    ] {
        let (rows, end) = whole(UsageReport::Email, &format!("{EMAIL}\n{good}\n{bad}\n{good}\n"));
        assert_eq!((rows.len(), end.problems.len()), (2, 1), "{bad}");
        assert_eq!(end.problems[0].line, 3, "{bad}");
    }
    let ownerless = table(STORAGE, &[("", ""), ("ada@x.example", "")]);
    let (rows, end) = whole(UsageReport::OneDriveStorage, &ownerless);
    assert_eq!((rows.len(), end.problems.len()), (1, 0), "a site that nobody owns is about nobody");
}

#[test]
fn the_last_use_of_copilot_is_the_latest_of_all_its_programs_known_or_new() {
    let header = format!("{COPILOT},Designer Copilot Last Activity Date,Prompts Submitted");
    let mut cells: Vec<String> = header.split(',').map(|column| cell(column, "ada@x.example", "2026-01-01")).collect();
    let designer = cells.len() - 2;
    cells[designer] = "2026-11-21".to_owned();
    let (rows, _) = whole(UsageReport::Copilot, &format!("{header}\n{}\n", cells.join(",")));
    assert_eq!(rows[0].last, on("2026-11-21"), "9#39");
}

#[test]
fn both_forms_of_a_date_are_read_and_the_oldest_refresh_counts() {
    let text = table(EMAIL, &[("ada@x.example", "2026-11-20T00:00:00Z"), ("bo@x.example", "")]);
    let text = text.replacen("2026-11-22", "2026-11-21T00:00:00Z", 1);
    let (rows, end) = whole(UsageReport::Email, &text);
    assert_eq!((rows[0].last, end.refreshed.to_string().as_str()), (on("2026-11-20"), "2026-11-21"), "9#21, 9#22");
}

#[test]
fn names_with_the_shape_of_pseudonyms_are_noticed_in_every_report() {
    for (report, header) in ALL {
        let hidden = ["DC8C64D6EC3A3AA17481D7E5EB5B68A6", "DC8C64D6EC3A3AA17481D7E5EB5B68A7"];
        let concealed = |names: &[&str]| {
            let people: Vec<_> = names.iter().map(|name| (*name, "")).collect();
            whole(report, &table(header, &people)).1.concealed
        };
        assert!(concealed(&[hidden[0], hidden[1], "ada@x.example"]), "U1, U2: {report}");
        assert!(!concealed(&[hidden[0], "ada@x.example", "bo@x.example"]), "{report}");
    }
}
