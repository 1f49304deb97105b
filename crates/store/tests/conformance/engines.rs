//! The databases a story runs on: SQLite always, PostgreSQL where `TEST_PG_URL` names a server.

use std::ops::Deref;

use reseat_store::{Store, dialect};

/// Makes one test that tells its story on each database, from an empty one.
macro_rules! conformance {
    (async fn $name:ident($store:ident) $body:block) => {
        #[tokio::test]
        async fn $name() -> anyhow::Result<()> {
            $crate::engines::on_each(async |$store: &$crate::engines::Database| -> anyhow::Result<()> {
                $body
                Ok(())
            })
            .await
        }
    };
}
pub(crate) use conformance;

/// A fresh, migrated database. On SQLite it goes away with the test, on PostgreSQL with the
/// throw-away server.
pub struct Database {
    pub store: Store,
    _folder: tempfile::TempDir,
}

impl Deref for Database {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl Database {
    pub async fn sqlite() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite:{}", folder.path().join("reseat.db").display());
        Self::migrated(url, folder).await
    }

    /// `None` where no server is given.
    pub async fn postgres() -> anyhow::Result<Option<Self>> {
        let Ok(admin) = std::env::var("TEST_PG_URL") else { return Ok(None) };
        let name = format!("conformance_{}", uuid::Uuid::from_u128(random()).simple());
        let url = dialect::create_database(&admin, &name).await?;
        Self::migrated(url, tempfile::tempdir()?).await.map(Some)
    }

    async fn migrated(url: String, folder: tempfile::TempDir) -> anyhow::Result<Self> {
        let store = Store::open(&url).await?;
        store.migrate().await?;
        Ok(Self { store, _folder: folder })
    }
}

/// Different in each process and at each call.
fn random() -> u128 {
    use std::hash::{BuildHasher, RandomState};
    let half = || u128::from(RandomState::new().hash_one(std::process::id()));
    half() << 64 | half()
}

/// Runs a story on each database and says on which one it failed.
pub async fn on_each(story: impl AsyncFn(&Database) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let sqlite = Database::sqlite().await?;
    story(&sqlite).await.map_err(|error| error.context("on SQLite"))?;
    sqlite.store.close().await;
    if let Some(postgres) = Database::postgres().await? {
        story(&postgres).await.map_err(|error| error.context("on PostgreSQL"))?;
        postgres.store.close().await;
    }
    Ok(())
}

/// A transaction that reads, its rows, and its end.
macro_rules! read {
    ($store:expr, $tx:ident => $body:expr) => {{
        let mut transaction = $store.read().await?;
        let $tx = &mut transaction;
        $body.await?
    }};
}
pub(crate) use read;

/// A transaction that changes and commits.
macro_rules! write {
    ($store:expr, $tx:ident => $body:expr) => {{
        let mut transaction = $store.write().await?;
        let $tx = &mut transaction;
        let done = $body.await?;
        transaction.commit().await?;
        done
    }};
}
pub(crate) use write;

/// Asserts that a change is refused because another one came first.
macro_rules! assert_conflict {
    ($store:expr, $tx:ident => $body:expr) => {{
        let mut transaction = $store.write().await?;
        let $tx = &mut transaction;
        let refused = $body.await;
        assert!(matches!(refused, Err(reseat_store::StoreError::Conflict)), "{refused:?}");
    }};
}
pub(crate) use assert_conflict;
