//! The `RESEAT_*` variables that stand above the configuration file.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// Variables that stand for a key of the file.
const SETTINGS: &[&str] = &[
    "RESEAT_AUTHORITY_URL",
    "RESEAT_CA_FILE",
    "RESEAT_CLOUD",
    "RESEAT_CONFIG",
    "RESEAT_DATA",
    "RESEAT_FREEZE_FILE",
    "RESEAT_GRAPH_URL",
    "RESEAT_LISTEN",
    "RESEAT_MAILER_CERTIFICATE_FILE",
    "RESEAT_MAILER_CLIENT_ID",
    "RESEAT_MAILER_SECRET",
    "RESEAT_MAILER_SECRET_FILE",
    "RESEAT_MASTER_KEY",
    "RESEAT_MASTER_KEY_FILE",
    "RESEAT_PUBLIC_URL",
    "RESEAT_READER_CERTIFICATE_FILE",
    "RESEAT_READER_CLIENT_ID",
    "RESEAT_READER_SECRET",
    "RESEAT_READER_SECRET_FILE",
    "RESEAT_ROSTER_FILE",
    "RESEAT_STORE",
    "RESEAT_TENANT_ID",
    "RESEAT_TENANT_NAME",
    "RESEAT_WRITER_CERTIFICATE_FILE",
    "RESEAT_WRITER_CLIENT_ID",
    "RESEAT_WRITER_SECRET",
    "RESEAT_WRITER_SECRET_FILE",
];

/// Variables with another meaning.
const OTHERS: &[&str] = &["RESEAT_CLIENT_SECRET", "RESEAT_LOG", "RESEAT_PARENT_PID", "RESEAT_TOKEN", "RESEAT_URL"];

/// What the environment says. A variable set to nothing says nothing.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<&'static str, String>);

impl Environment {
    /// Reads every variable that stands for a key.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set =
            SETTINGS.iter().filter_map(|name| variable(name).filter(|text| !text.is_empty()).map(|text| (*name, text)));
        Self(set.collect())
    }

    /// The configuration file it names.
    pub fn config_file(&self) -> Option<PathBuf> {
        self.get("RESEAT_CONFIG").map(PathBuf::from)
    }

    /// Every variable that changes what a command works with.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SETTINGS.iter().chain(OTHERS).copied().filter(|name| *name != "RESEAT_LOG")
    }

    /// One variable's text.
    pub fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }
}

/// Says which variables look like ours and are not. They stop nothing: other programs may own them.
pub fn warn_about_unknown() {
    for (name, _) in std::env::vars() {
        if name.starts_with("RESEAT_") && !SETTINGS.contains(&name.as_str()) && !OTHERS.contains(&name.as_str()) {
            tracing::warn!(variable = name, "this variable means nothing to reseat; is it misspelled?");
        }
    }
}
