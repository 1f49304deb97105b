//! Settings of the installation, as short texts by name. No secret is ever one of them in clear.

use crate::error::StoreError;
use crate::pool::{Tx, on_either};

/// A setting, if it was made.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn get_setting(tx: &mut Tx, name: &str) -> Result<Option<String>, StoreError> {
    let row: Option<(String,)> = on_either!(tx, conn =>
        sqlx::query_as("select value from settings where name = $1").bind(name.to_owned()).fetch_optional(conn).await)?;
    Ok(row.map(|row| row.0))
}

/// Makes or changes a setting.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn set_setting(tx: &mut Tx, name: &str, value: &str) -> Result<(), StoreError> {
    on_either!(tx, conn =>
        sqlx::query(
            "insert into settings (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value",
        )
        .bind(name.to_owned())
        .bind(value.to_owned())
        .execute(conn)
        .await
        .map(|_| ()))?;
    Ok(())
}
