//! A trail that was changed behind the program's back is found, and its first bad entry is named.

use std::path::Path;

use crate::harness::{once, reseat, run};

fn verify(data: &Path) -> crate::harness::Output {
    run(&mut reseat(&["audit", "verify", "--data", &data.display().to_string(), "--json"]))
}

/// Every place where `needle` stands: SQLite leaves copies in pages it no longer uses.
fn places(hay: &[u8], needle: &[u8]) -> Vec<usize> {
    (0..hay.len().saturating_sub(needle.len())).filter(|&at| hay[at..].starts_with(needle)).collect()
}

#[test]
fn a_changed_byte_in_the_database_file_is_found_and_its_entry_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("demo");
    let output = run(&mut once(&data, &["--users", "60"]));
    assert_eq!(output.code, 0, "{}", output.stderr);

    let nothing =
        run(&mut reseat(&["audit", "verify", "--data", &data.display().to_string(), "--store", "sqlite:none.sqlite"]));
    assert_eq!(nothing.code, 1, "an absent trail is not a whole one: {}", nothing.stdout);
    assert!(!data.join("none.sqlite").exists());
    let whole = verify(&data);
    assert_eq!(whole.code, 0, "{}", whole.stderr);
    let whole = whole.json();
    assert_eq!(whole["ok"], true);
    let logs = whole["logs"].as_array().expect("a list");
    assert_eq!(logs.len(), 2, "one of the tenant, one of the installation");
    assert!(logs.iter().all(|log| log["entries"].as_u64().is_some_and(|entries| entries > 0)));

    let file = data.join("reseat.sqlite");
    let mut bytes = std::fs::read(&file).expect("the database");
    // In the hashed text of one entry, with a whole entry before it and others after it.
    let needle = br#""details":{"roles":["approver"]}"#;
    let found = places(&bytes, needle);
    let rest = String::from_utf8_lossy(&bytes[*found.first().expect("an approver was made")..]).into_owned();
    let digits: String =
        rest.split("\"seq\":").nth(1).expect("its place").chars().take_while(char::is_ascii_digit).collect();
    let seq: u64 = digits.parse().expect("a number");
    assert!(seq > 1, "the first bad entry is not simply the first one");
    for at in found {
        let letter = at + needle.len() - b"approver\"]}".len();
        assert_eq!(bytes[letter], b'a');
        bytes[letter] = b'A';
    }
    std::fs::write(&file, bytes).expect("changed");

    let broken = verify(&data);
    assert_eq!(broken.code, 5, "{}", broken.stderr);
    let said = broken.json();
    assert_eq!(said["ok"], false);
    assert_eq!((said["broken"]["log"].as_str(), said["broken"]["seq"].as_u64()), (Some("installation"), Some(seq)));
    let for_people = run(&mut reseat(&["audit", "verify", "--data", &data.display().to_string()]));
    assert!(for_people.stdout.contains(&format!("entry {seq} of log installation")), "{}", for_people.stdout);
    // The loop itself notices too: a trail that does not hold is no success.
    assert_eq!(run(&mut once(&data, &[])).code, 5);
}
