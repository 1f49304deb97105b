//! What a running server tells, on standard error.

use tracing_subscriber::EnvFilter;

/// Starts logging; `RESEAT_LOG` chooses what (`info` without it).
pub fn start() {
    let filter = EnvFilter::try_from_env("RESEAT_LOG").unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,hyper=warn"));
    let terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    // A second start within one process (never in the shipped program) keeps the first one's.
    let _ =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(terminal).try_init();
}
