//! What can go wrong with the outside world, by what the caller can do about it.

use std::time::Duration;

/// A source did not deliver.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectorError {
    /// Asked to come back later, and patience ran out.
    #[error("Microsoft Graph is throttling this app")]
    Throttled {
        /// How long it asked to wait.
        retry_after: Option<Duration>,
    },
    /// The app lacks a right.
    #[error("the permission {scope} is missing")]
    MissingPermission {
        /// Which one would do.
        scope: String,
    },
    /// The app cannot sign in.
    #[error("{message}")]
    SignIn {
        /// What Microsoft said, in one sentence.
        message: String,
        /// What to do about it.
        remedy: String,
    },
    /// The token or the answer belongs to another tenant than the pinned one (C1).
    #[error("the connection answers for tenant {found}, and {pinned} is pinned")]
    WrongTenant {
        /// Which answered.
        found: String,
        /// Which should.
        pinned: String,
    },
    /// Sign-in data needs a premium license the tenant does not have.
    #[error("sign-in activity needs Microsoft Entra ID P1")]
    Premium,
    /// There is no such thing.
    #[error("not found")]
    NotFound,
    /// The page token ran out or loops: the listing has to begin again (G45, G47).
    #[error("the listing has to begin again")]
    RestartListing,
    /// Something between us failed; trying again later may help.
    #[error("{0}")]
    Transient(String),
    /// The answer is not what it must be; nothing of it is used.
    #[error("the answer cannot be read: {0}")]
    Malformed(String),
    /// The configuration is wrong.
    #[error("{0}")]
    Configuration(String),
    /// A file cannot be read.
    #[error("{0}")]
    File(String),
}

impl ConnectorError {
    /// What a person can do about it, where waiting does not help.
    pub fn remedy(&self) -> Option<String> {
        match self {
            Self::MissingPermission { scope } => Some(format!(
                "Grant the permission {scope} to the app in Microsoft Entra and give admin consent. Where a person \
                     signed in, check that their account still has its directory role."
            )),
            Self::SignIn { remedy, .. } => Some(remedy.clone()),
            Self::WrongTenant { .. } => Some("Check the tenant id and the credentials of this connection.".to_owned()),
            Self::Premium => Some("Buy Entra ID P1, or use rules that work without sign-in data.".to_owned()),
            Self::Configuration(_) => Some("Correct the configuration file and start again.".to_owned()),
            Self::File(_) => Some("Check the path and the rights of the file.".to_owned()),
            Self::Throttled { .. }
            | Self::NotFound
            | Self::RestartListing
            | Self::Transient(_)
            | Self::Malformed(_) => None,
        }
    }
}
