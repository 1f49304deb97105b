//! The two pools, the transaction over either, and the one macro.

use std::path::Path;
use std::sync::Arc;

use sqlx::{PgPool, Postgres, Sqlite, SqlitePool, Transaction};

use crate::dialect;
use crate::error::StoreError;

/// Expands one body for both engines, with `$conn` bound to the native connection. The SQL text
/// and the row types are the same on both; `docs/sql-subset.md` says what that text may use.
macro_rules! on_either {
    ($tx:expr, $conn:ident => $body:expr) => {
        match $tx {
            $crate::pool::Tx::Sqlite(transaction) => {
                let $conn = &mut **transaction;
                $body
            }
            $crate::pool::Tx::Postgres(transaction) => {
                let $conn = &mut **transaction;
                $body
            }
        }
    };
}
pub(crate) use on_either;

#[derive(Clone)]
enum Pool {
    Sqlite { read: SqlitePool, write: SqlitePool },
    Postgres(PgPool),
}

/// The database.
#[derive(Clone)]
pub struct Store {
    pool: Pool,
    /// Held as long as the store is: keeps a second process out of a SQLite data folder.
    _lock: Option<Arc<std::fs::File>>,
}

/// A transaction on either engine. Dropped without [`Tx::commit`], it changes nothing.
pub enum Tx {
    /// On SQLite.
    Sqlite(Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    /// Makes the change durable.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another change came first.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await?,
            Self::Postgres(transaction) => transaction.commit().await?,
        }
        Ok(())
    }
}

impl Store {
    /// Opens `sqlite:<file>` (made if absent, locked against a second process) or `postgres://…`.
    /// Does not migrate.
    ///
    /// # Errors
    /// [`StoreError::InUse`] or [`StoreError::Unfit`] say in one sentence what is wrong.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        if let Some(file) = url.strip_prefix("sqlite:") {
            let file = Path::new(file.trim_start_matches("//"));
            let lock = lock_beside(file)?;
            let (read, write) = dialect::open_sqlite(file).await?;
            return Ok(Self { pool: Pool::Sqlite { read, write }, _lock: Some(Arc::new(lock)) });
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self { pool: Pool::Postgres(dialect::open_postgres(url).await?), _lock: None });
        }
        Err(StoreError::Unfit(
            "the store must be given as sqlite:<file> or postgres://<user>@<host>/<database>".to_owned(),
        ))
    }

    /// Opens a database for looking at it while its server works: takes no lock, changes nothing and
    /// refuses every change.
    ///
    /// # Errors
    /// [`StoreError::Unfit`] when there is no such file, [`StoreError::Unavailable`].
    pub async fn open_for_reading(url: &str) -> Result<Self, StoreError> {
        let Some(file) = url.strip_prefix("sqlite:") else { return Self::open(url).await };
        let file = Path::new(file.trim_start_matches("//"));
        if !file.is_file() {
            return Err(StoreError::Unfit(format!("there is no database {}", file.display())));
        }
        let read = dialect::open_sqlite_for_reading(file).await?;
        Ok(Self { pool: Pool::Sqlite { write: read.clone(), read }, _lock: None })
    }

    /// Brings the schema up to this version, forward only.
    ///
    /// # Errors
    /// [`StoreError::Unfit`] when the schema is newer than this program.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let done = match &self.pool {
            Pool::Sqlite { write, .. } => sqlx::migrate!("migrations/sqlite").run(write).await,
            Pool::Postgres(pool) => sqlx::migrate!("migrations/postgres").run(pool).await,
        };
        done.map_err(|error| match error {
            sqlx::migrate::MigrateError::VersionMissing(version) => StoreError::Unfit(format!(
                "the database has migration {version}, which this version of reseat does not know; use the newer version"
            )),
            other => StoreError::Unfit(format!("the database could not be migrated: {other}")),
        })
    }

    /// Copies a SQLite database to `copy` if [`Store::migrate`] would change data that is already
    /// there; gives whether it did. PostgreSQL has its own backups.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], such as when `copy` exists.
    pub async fn back_up_before_migration(&self, copy: &Path) -> Result<bool, StoreError> {
        let Pool::Sqlite { write, .. } = &self.pool else { return Ok(false) };
        let sql = "select count(*) from sqlite_master where type = 'table' and name = '_sqlx_migrations'";
        let (tables,): (i64,) = sqlx::query_as(sql).fetch_one(write).await?;
        if tables == 0 {
            return Ok(false);
        }
        let (applied,): (i64,) = sqlx::query_as("select count(*) from _sqlx_migrations").fetch_one(write).await?;
        let known = sqlx::migrate!("migrations/sqlite").iter().count();
        if usize::try_from(applied).unwrap_or(0) >= known {
            return Ok(false);
        }
        self.vacuum_into(copy).await?;
        Ok(true)
    }

    /// A SQLite file's whole content in another file, in one consistent picture. Does nothing on PostgreSQL.
    pub(crate) async fn vacuum_into(&self, copy: &Path) -> Result<(), StoreError> {
        if let Pool::Sqlite { read, .. } = &self.pool {
            sqlx::query("vacuum into $1").bind(copy.to_string_lossy().into_owned()).execute(read).await?;
        }
        Ok(())
    }

    /// A transaction for reading one consistent picture.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn read(&self) -> Result<Tx, StoreError> {
        Ok(match &self.pool {
            Pool::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?),
            Pool::Postgres(pool) => Tx::Postgres(dialect::begin_read(pool).await?),
        })
    }

    /// A transaction for changing. On SQLite it holds the one writer from its first moment.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn write(&self) -> Result<Tx, StoreError> {
        Ok(match &self.pool {
            Pool::Sqlite { write, .. } => Tx::Sqlite(write.begin_with("begin immediate").await?),
            Pool::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Whether this is PostgreSQL, for the doctor and the demo's messages.
    pub const fn is_postgres(&self) -> bool {
        match &self.pool {
            Pool::Sqlite { .. } => false,
            Pool::Postgres(_) => true,
        }
    }

    /// Closes every connection.
    pub async fn close(&self) {
        match &self.pool {
            Pool::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}

fn lock_beside(file: &Path) -> Result<std::fs::File, StoreError> {
    let path = file.with_extension("lock");
    let unfit = |error: std::io::Error| StoreError::Unfit(format!("cannot open {}: {error}", path.display()));
    let lock = std::fs::File::options().create(true).truncate(false).write(true).open(&path).map_err(unfit)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::InUse(format!(
            "another reseat process uses {}; stop it first, or use PostgreSQL to run several servers",
            file.display()
        ))),
        Err(std::fs::TryLockError::Error(error)) => Err(unfit(error)),
    }
}
