//! A backup beside a running demo, the drill, and copies into another database.

use crate::harness::{demo, reseat, run};

#[test]
fn a_backup_is_taken_while_the_server_works_and_restores_whole_with_its_own_key_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("demo");
    let out = folder.path().join("monday.backup");
    let (data_text, out_text) = (data.display().to_string(), out.display().to_string());
    let demo = demo(&data, &["--users", "60"]);
    let made = run(&mut reseat(&["backup", "--data", &data_text, "--out", &out_text, "--json"]));
    assert_eq!(made.code, 0, "{}", made.stderr);
    let made = made.json();
    assert!(made["rows"].as_u64().is_some_and(|rows| rows > 60), "{made}");
    let bytes = std::fs::read(&out).expect("the backup");
    assert!(!bytes.windows(7).any(|window| window == b"SQLite "), "nothing of it can be read");
    let again = run(&mut reseat(&["backup", "--data", &data_text, "--out", &out_text]));
    assert_eq!(again.code, 1, "nothing is written over: {}", again.stderr);
    demo.stop();
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("plain")), "no clear copy stays: {left:?}");

    let drill = folder.path().join("drill").display().to_string();
    let other_key = folder.path().join("other.key");
    std::fs::write(&other_key, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").expect("a key");
    let key = data.join("master.key").display().to_string();
    let restore = |key: &str| {
        run(&mut reseat(&["backup", "restore", &out_text, "--data", &drill, "--master-key-file", key, "--json"]))
    };
    let wrong = restore(&other_key.display().to_string());
    assert_eq!(wrong.code, 1, "{}", wrong.stderr);
    assert!(wrong.stderr.contains("master key"), "{}", wrong.stderr);
    let restored = restore(&key);
    assert_eq!(restored.code, 0, "{}", restored.stderr);
    let restored = restored.json();
    assert_eq!((&restored["digest"], &restored["rows"]), (&made["digest"], &made["rows"]));
    assert!(restored["trail_entries"].as_u64().is_some_and(|entries| entries > 0));
    assert_eq!(restore(&key).code, 3, "a database is never written over");

    let damaged = folder.path().join("damaged.backup");
    let mut changed = bytes.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    std::fs::write(&damaged, changed).expect("a file");
    let elsewhere = folder.path().join("elsewhere");
    let (damaged, elsewhere_text) = (damaged.display().to_string(), elsewhere.display().to_string());
    let refused =
        run(&mut reseat(&["backup", "restore", &damaged, "--data", &elsewhere_text, "--master-key-file", &key]));
    assert_eq!(refused.code, 1, "{}", refused.stderr);
    assert!(!elsewhere.join("reseat.sqlite").exists(), "nothing of a damaged backup is kept");

    let from = format!("sqlite:{drill}/reseat.sqlite");
    let to = format!("sqlite:{}", folder.path().join("copy.sqlite").display());
    let copied = run(&mut reseat(&["store", "copy", "--from", &from, "--to", &to, "--json"]));
    assert_eq!(copied.code, 0, "{}", copied.stderr);
    assert_eq!(copied.json()["digest"], made["digest"]);
    let twice = run(&mut reseat(&["store", "copy", "--from", &from, "--to", &to]));
    assert_eq!(twice.code, 1, "a target that holds something is refused: {}", twice.stderr);
}
