//! Crash points: named places between two durable steps where a proof kills the process. Compiled
//! only with the feature `prove`; a shipped binary does not contain them.

/// Kills this process with SIGKILL when the environment asks for it at this point
/// (`RESEAT_CRASH_AT=<name>:<pass>`). Does nothing without the feature `prove`.
#[cfg(not(feature = "prove"))]
pub const fn crash_point(_name: &'static str) {}

/// Every crash point there is. A proof that did not pass all of them proved nothing about the rest.
#[cfg(feature = "prove")]
pub const POINTS: &[&str] = &[
    "acted",
    "advance_canceled",
    "answered",
    "claimed",
    "detect_page",
    "frozen",
    "intent_committed",
    "opened",
    "outcome_recorded",
    "people_page",
    "people_published",
    "planned",
    "read_after",
    "read_before",
    "read_restore",
    "reopened",
    "report_page",
    "report_published",
    "restore_send_recorded",
    "restore_settled",
    "roster_published",
    "seen_gone",
    "settled",
    "sign_ins_page",
    "stopped_before_write",
    "sync_begun",
    "sync_finished",
];

/// Found by the check that a shipped binary carries none of this.
#[cfg(feature = "prove")]
pub const MARKER: &str = "RESEAT_PROVE_FEATURE_COMPILED_IN";

/// Kills this process with SIGKILL when the environment asks for it at this point
/// (`RESEAT_CRASH_AT=<name>:<pass>`), and lists the points passed in the file
/// `RESEAT_CRASH_LOG`.
#[cfg(feature = "prove")]
pub fn crash_point(name: &'static str) {
    use std::collections::HashMap;
    use std::io::Write as _;
    use std::sync::{Mutex, OnceLock, PoisonError};

    assert!(POINTS.contains(&name), "the crash point {name} is not on the list");
    static PASSES: OnceLock<Mutex<HashMap<&'static str, u32>>> = OnceLock::new();
    let passes = PASSES.get_or_init(|| {
        tracing::info!(marker = MARKER, "crash points are compiled in");
        Mutex::new(HashMap::new())
    });
    let pass = {
        let mut passes = passes.lock().unwrap_or_else(PoisonError::into_inner);
        let pass = passes.entry(name).or_insert(0);
        *pass += 1;
        *pass
    };
    if let Ok(path) = std::env::var("RESEAT_CRASH_LOG")
        && let Ok(mut file) = std::fs::File::options().create(true).append(true).open(path)
    {
        let _ = writeln!(file, "{name}:{pass}");
    }
    if std::env::var("RESEAT_CRASH_AT").is_ok_and(|at| at == format!("{name}:{pass}")) {
        let _ = std::process::Command::new("kill").arg("-9").arg(std::process::id().to_string()).status();
        // The signal arrives at once; nothing may run after it.
        loop {
            std::thread::park();
        }
    }
}
