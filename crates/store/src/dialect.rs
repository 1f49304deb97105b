//! Everything that differs between SQLite and PostgreSQL; nothing else may.

use std::path::Path;
use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, Postgres, SqlitePool, Transaction};

use crate::error::StoreError;
use crate::pool::Tx;

/// Older ones can corrupt a file when two connections write and checkpoint at once.
const SQLITE_AT_LEAST: (u32, u32, u32) = (3, 51, 3);

pub(crate) async fn open_sqlite(file: &Path) -> Result<(SqlitePool, SqlitePool), StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // FULL, because NORMAL may lose an acknowledged decision when the power fails.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10));
    let write = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
    let (version,): (String,) = sqlx::query_as("select sqlite_version()").fetch_one(&write).await?;
    let mut parts = version.split('.').filter_map(|part| part.parse::<u32>().ok());
    let found = (parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if found < SQLITE_AT_LEAST {
        return Err(StoreError::Unfit(format!("SQLite {version} is too old; 3.51.3 or newer is needed")));
    }
    let (verdict,): (String,) = sqlx::query_as("pragma quick_check(1)").fetch_one(&write).await?;
    if verdict != "ok" {
        return Err(StoreError::Unfit(format!("the database file is damaged ({verdict}); restore a backup")));
    }
    let read = SqlitePoolOptions::new().max_connections(4).connect_with(options.read_only(true)).await?;
    Ok((read, write))
}

/// A reader beside the process that owns the file: it neither writes nor checkpoints.
pub(crate) async fn open_sqlite_for_reading(file: &Path) -> Result<SqlitePool, StoreError> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true).busy_timeout(Duration::from_secs(10));
    Ok(SqlitePoolOptions::new().max_connections(2).connect_with(options).await?)
}

pub(crate) async fn open_postgres(url: &str) -> Result<PgPool, StoreError> {
    let pool = PgPoolOptions::new().max_connections(8).acquire_timeout(Duration::from_secs(10)).connect(url).await?;
    let (in_recovery, fsync, full_pages, commit): (bool, String, String, String) = sqlx::query_as(
        "select pg_is_in_recovery(), current_setting('fsync'), current_setting('full_page_writes'),
                current_setting('synchronous_commit')",
    )
    .fetch_one(&pool)
    .await?;
    if in_recovery {
        return Err(StoreError::Unfit("this PostgreSQL server is a replica; connect to the primary".to_owned()));
    }
    if fsync != "on" || full_pages != "on" || commit == "off" {
        return Err(StoreError::Unfit(
            "PostgreSQL must run with fsync, full_page_writes and synchronous_commit on, or decisions could be lost"
                .to_owned(),
        ));
    }
    Ok(pool)
}

/// One consistent picture: SQLite gives it to every transaction, PostgreSQL on request.
pub(crate) async fn begin_read(pool: &PgPool) -> Result<Transaction<'static, Postgres>, StoreError> {
    Ok(pool.begin_with("begin isolation level repeatable read read only").await?)
}

/// Whether a failure only says that somebody else was at it: retry the whole unit.
pub(crate) fn is_contention(error: &dyn DatabaseError) -> bool {
    match error.code().as_deref() {
        // PostgreSQL: serialization failure, deadlock. SQLite: busy and locked in all their forms.
        Some("40001" | "40P01" | "5" | "6" | "261" | "262" | "517" | "518" | "773") => true,
        Some(_) | None => false,
    }
}

/// Takes the one place at the end of a log, so that entries follow each other without gaps. SQLite
/// has a single writer and needs nothing.
pub(crate) async fn lock_audit_head(tx: &mut Tx, log: &str) -> Result<(), StoreError> {
    lock_row(tx, "select log from audit_heads where log = $1 for update", log).await
}

/// Takes a tenant's place in the write-back, so that budget, freeze and intent are judged one
/// after the other by however many servers.
pub async fn lock_tenant_writes(tx: &mut Tx, tenant_id: reseat_domain::ids::TenantId) -> Result<(), StoreError> {
    lock_row(tx, "select tenant_id from tenants where tenant_id = $1 for update", &tenant_id.to_string()).await
}

async fn lock_row(tx: &mut Tx, postgres_sql: &'static str, key: &str) -> Result<(), StoreError> {
    match tx {
        Tx::Sqlite(_) => Ok(()),
        Tx::Postgres(transaction) => {
            sqlx::query(postgres_sql).bind(key.to_owned()).fetch_optional(&mut **transaction).await?;
            Ok(())
        }
    }
}

/// Lets PostgreSQL count what these tables hold now. It plans by what it counted last, and tables
/// that are filled in one go were empty then: a join over them would compare everything with
/// everything. SQLite plans by the indexes alone.
pub(crate) async fn recount(tx: &mut Tx, tables: &'static str) -> Result<(), StoreError> {
    match tx {
        Tx::Sqlite(_) => Ok(()),
        Tx::Postgres(transaction) => {
            let sql = sqlx::AssertSqlSafe(format!("analyze {tables}"));
            sqlx::query(sql).execute(&mut **transaction).await?;
            Ok(())
        }
    }
}

/// The pattern for `like $n escape '\'` that finds a folded text anywhere in a folded column.
/// Overlong texts are cut: SQLite refuses patterns beyond its limit.
pub(crate) fn containing(folded: &str) -> String {
    let mut pattern = String::with_capacity(folded.len() + 2);
    pattern.push('%');
    for letter in folded.chars().take(500) {
        if matches!(letter, '\\' | '%' | '_') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// A text both databases keep: PostgreSQL has no NUL in a text.
pub(crate) fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// How much room the history takes on disk, with its indexes.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn history_bytes(tx: &mut Tx) -> Result<i64, StoreError> {
    let (bytes,): (i64,) = match tx {
        Tx::Sqlite(transaction) => {
            sqlx::query_as(
                "select coalesce(sum(pgsize), 0) from dbstat
                 where name in (select name from sqlite_schema where tbl_name = 'history')",
            )
            .fetch_one(&mut **transaction)
            .await?
        }
        Tx::Postgres(transaction) => {
            sqlx::query_as("select pg_total_relation_size('history')").fetch_one(&mut **transaction).await?
        }
    };
    Ok(bytes)
}

/// Makes an empty database called `name` on the PostgreSQL server of `admin_url` and gives its
/// address, for a test that wants one of its own. It is a schema that the address leads to: taking a
/// whole database away makes PostgreSQL write everything out first, which takes seconds.
///
/// # Errors
/// [`StoreError::Unfit`] for a name that is not lower-case letters, digits and underscores.
pub async fn create_database(admin_url: &str, name: &str) -> Result<String, StoreError> {
    let name = plain_name(name)?;
    administer(admin_url, format!("create schema {name}")).await?;
    let mark = if admin_url.contains('?') { '&' } else { '?' };
    Ok(format!("{admin_url}{mark}options=-csearch_path%3D{name}"))
}

/// Removes what [`create_database`] made, if it is there.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn drop_database(admin_url: &str, name: &str) -> Result<(), StoreError> {
    administer(admin_url, format!("drop schema if exists {} cascade", plain_name(name)?)).await
}

/// A name cannot be bound, so it is checked instead.
fn plain_name(name: &str) -> Result<&str, StoreError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if name.is_empty() || name.len() > 60 || !name.bytes().all(plain) {
        return Err(StoreError::Unfit(format!("not a name for a database: {name:?}")));
    }
    Ok(name)
}

async fn administer(admin_url: &str, sql: String) -> Result<(), StoreError> {
    use sqlx::{Connection, Executor};
    let mut connection = sqlx::PgConnection::connect(admin_url).await?;
    connection.execute(sqlx::AssertSqlSafe(sql)).await?;
    Ok(connection.close().await?)
}
