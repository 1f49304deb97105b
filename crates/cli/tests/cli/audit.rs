//! A trail that was changed behind the program's back is found, and its first bad entry is named.

use std::path::Path;

use crate::harness::{once, reseat, run};

fn verify(data: &Path) -> crate::harness::Output {
    run(&mut reseat(&["audit", "verify", "--data", &data.display().to_string(), "--json"]))
}

/// Where `needle` first stands in `hay`.
fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|window| window == needle)
}

#[test]
fn a_changed_byte_in_the_database_file_is_found_and_its_entry_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("demo");
    let output = run(&mut once(&data, &["--users", "60"]));
    assert_eq!(output.code, 0, "{}", output.stderr);

    let whole = verify(&data);
    assert_eq!(whole.code, 0, "{}", whole.stderr);
    let whole = whole.json();
    assert_eq!(whole["ok"], true);
    let logs = whole["logs"].as_array().expect("a list");
    assert_eq!(logs.len(), 2, "one of the tenant, one of the installation");
    assert!(logs.iter().all(|log| log["entries"].as_u64().is_some_and(|entries| entries > 0)));

    let file = data.join("reseat.sqlite");
    let mut bytes = std::fs::read(&file).expect("the database");
    // The hashed text of the first approval: who decided must not become somebody else's decision.
    let at = find(&bytes, br#""verb":"account.created""#).expect("accounts were made");
    let start = bytes[..at].windows(2).rposition(|window| window == br#"{""#).map(|_| at).unwrap_or(at);
    let text = String::from_utf8_lossy(&bytes[start.saturating_sub(1_500)..at + 60]).into_owned();
    let seq =
        text.rfind("\"seq\":").map(|seq| text[seq + 6..].chars().take_while(char::is_ascii_digit).collect::<String>());
    let seq: u64 = seq.expect("an entry has its place").parse().expect("a number");
    let verb = at + br#""verb":"account."#.len();
    assert_eq!(bytes[verb], b'c');
    bytes[verb] = b'C';
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
