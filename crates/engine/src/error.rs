//! What can go wrong, for the stages and for whoever gave a command.

use reseat_connectors::ConnectorError;
use reseat_store::StoreError;

use crate::sealing::DoesNotOpen;

/// A stage could not do its work. It is run again.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tenant, the HR system.
    #[error(transparent)]
    Connector(#[from] ConnectorError),
    /// A sealed value.
    #[error(transparent)]
    Sealed(#[from] DoesNotOpen),
    /// A row says what no row can say; nothing is guessed.
    #[error("{0}")]
    Inconsistent(String),
}

/// Why a command was not carried out, by what the caller can do.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The caller's roles do not permit it.
    #[error("{0}")]
    Forbidden(String),
    /// It is not possible where things stand.
    #[error("{0}")]
    NotAllowed(String),
    /// There is no such thing.
    #[error("{0}")]
    NotFound(String),
    /// Something in the command is wrong.
    #[error("{message}")]
    Invalid {
        /// Which field.
        field: &'static str,
        /// What is wrong, and what would be right.
        message: String,
    },
    /// What was handed in is not believed; nothing of it is used.
    #[error("{message}")]
    Held {
        /// Why.
        message: String,
        /// What to do about it.
        remedy: String,
    },
    /// Writes are frozen.
    #[error("{0}")]
    Frozen(String),
    /// The plan no longer is what the world is.
    #[error("{0}")]
    StalePlan(String),
    /// Something in the plan was not approved.
    #[error("{0}")]
    NotApproved(String),
    /// So many at once need the count typed.
    #[error("this concerns {expected} seats; type the number to go on")]
    TypedCount {
        /// The number to type.
        expected: usize,
    },
    /// Somebody else was faster; look again.
    #[error("somebody else changed this at the same moment; look again")]
    Conflict,
    /// The tenant, the database or a source did not answer.
    #[error("{0}")]
    Unavailable(String),
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Conflict,
            StoreError::Corrupt { .. } | StoreError::InUse(_) | StoreError::Unfit(_) | StoreError::Unavailable(_) => {
                Self::Unavailable(error.to_string())
            }
        }
    }
}

impl From<EngineError> for CommandError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Store(error) => error.into(),
            EngineError::Connector(_) | EngineError::Sealed(_) | EngineError::Inconsistent(_) => {
                Self::Unavailable(error.to_string())
            }
        }
    }
}
