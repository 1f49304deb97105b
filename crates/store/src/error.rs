//! What can go wrong with the database, by what the caller can do about it.

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The row changed since it was read, or another one stands in the way. Read again and decide
    /// again.
    #[error("somebody else changed this at the same moment")]
    Conflict,
    /// A stored value is not one this version knows. Never guessed around.
    #[error("the database holds a value that cannot be read: table {table}, column {column}: {value:?}")]
    Corrupt {
        /// Where.
        table: &'static str,
        /// Which column.
        column: &'static str,
        /// What stands there, shortened.
        value: String,
    },
    /// The data folder is in use.
    #[error("{0}")]
    InUse(String),
    /// The database is not one this program may work with.
    #[error("{0}")]
    Unfit(String),
    /// The database did not answer.
    #[error("the database is not available: {0}")]
    Unavailable(#[source] sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::Database(database) = &error
            && (database.is_unique_violation() || crate::dialect::is_contention(database.as_ref()))
        {
            return Self::Conflict;
        }
        Self::Unavailable(error)
    }
}

/// A stored value that does not parse.
pub(crate) fn corrupt(
    table: &'static str,
    column: &'static str,
    value: &(impl std::fmt::Display + ?Sized),
) -> StoreError {
    StoreError::Corrupt { table, column, value: value.to_string().chars().take(80).collect() }
}

/// Parses a stored text.
pub(crate) fn parse<T: std::str::FromStr>(
    table: &'static str,
    column: &'static str,
    value: &str,
) -> Result<T, StoreError> {
    value.parse().map_err(|_| corrupt(table, column, value))
}

/// Parses an optional stored text.
pub(crate) fn parse_opt<T: std::str::FromStr>(
    table: &'static str,
    column: &'static str,
    value: Option<&str>,
) -> Result<Option<T>, StoreError> {
    value.map(|text| parse(table, column, text)).transpose()
}

/// Parses stored JSON.
pub(crate) fn parse_json<T: serde::de::DeserializeOwned>(
    table: &'static str,
    column: &'static str,
    value: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(value).map_err(|_| corrupt(table, column, value))
}

/// Writes a value as JSON.
pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("domain values are plain JSON")
}
