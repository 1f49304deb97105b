//! Migrations go forward only: twice is harmless, and a newer schema is refused.

use std::path::PathBuf;

use reseat_store::{Store, StoreError, Tx, dialect, integration};

fn place(folder: &tempfile::TempDir) -> (PathBuf, String) {
    let file = folder.path().join("reseat.db");
    let url = format!("sqlite:{}", file.display());
    (file, url)
}

async fn execute(store: &Store, sql: &'static str) -> anyhow::Result<()> {
    let mut tx = store.write().await?;
    match &mut tx {
        Tx::Sqlite(transaction) => sqlx::query(sql).execute(&mut **transaction).await.map(|_| ())?,
        Tx::Postgres(transaction) => sqlx::query(sql).execute(&mut **transaction).await.map(|_| ())?,
    }
    tx.commit().await?;
    Ok(())
}

/// Twice, then with a migration this program does not know.
async fn migrate_and_refuse(store: &Store) -> anyhow::Result<()> {
    store.migrate().await?;
    let tenant = "00000000-0000-4000-8000-000000000001".parse()?;
    let now = "2026-09-01T08:00:00Z".parse()?;
    let mut tx = store.write().await?;
    integration::insert_tenant(&mut tx, tenant, "Contoso", None, now).await?;
    tx.commit().await?;
    store.migrate().await?;
    assert!(integration::find_tenant(&mut store.read().await?, tenant).await?.is_some());

    execute(
        store,
        "insert into _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)
                    select 9999, 'later', installed_on, success, checksum, 0 from _sqlx_migrations where version = 1",
    )
    .await?;
    let refused = store.migrate().await;
    assert!(matches!(&refused, Err(StoreError::Unfit(why)) if why.contains("9999")), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn migrating_twice_is_harmless_and_a_newer_schema_is_refused() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(&place(&folder).1).await?;
    assert!(!store.is_postgres());
    migrate_and_refuse(&store).await?;
    store.close().await;
    let Ok(admin) = std::env::var("TEST_PG_URL") else { return Ok(()) };
    let name = format!("migrations_{}", std::process::id());
    let store = Store::open(&dialect::create_database(&admin, &name).await?).await?;
    assert!(store.is_postgres());
    migrate_and_refuse(&store).await?;
    store.close().await;
    dialect::drop_database(&admin, &name).await?;
    dialect::drop_database(&admin, &name).await?;
    Ok(())
}

#[tokio::test]
async fn a_database_is_made_only_under_a_plain_name() {
    for name in ["", "Upper", "a b", "a;drop", "é", "a-b"] {
        let refused = dialect::create_database("postgres://nobody@127.0.0.1:1/none", name).await;
        assert!(matches!(&refused, Err(StoreError::Unfit(_))), "{name:?}: {refused:?}");
    }
}

#[tokio::test]
async fn a_data_folder_belongs_to_one_process_at_a_time() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (_, url) = place(&folder);
    let first = Store::open(&url).await?;
    let second = Store::open(&url).await.map(|_| ());
    assert!(matches!(&second, Err(StoreError::InUse(_))), "{second:?}");
    first.close().await;
    drop(first);
    Store::open(&url).await?.close().await;
    let odd = Store::open("mysql://here").await.map(|_| ());
    assert!(matches!(&odd, Err(StoreError::Unfit(_))), "{odd:?}");
    Ok(())
}

#[tokio::test]
async fn a_damaged_file_is_refused_at_the_start() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (file, url) = place(&folder);
    std::fs::write(&file, b"this is no database, however long it is; not even a little one")?;
    let refused = Store::open(&url).await.map(|_| ());
    assert!(refused.is_err(), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn a_copy_is_made_only_before_a_migration_that_changes_data() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(&place(&folder).1).await?;
    let copy = folder.path().join("before.db");
    assert!(!store.back_up_before_migration(&copy).await?, "an empty file needs none");
    store.migrate().await?;
    assert!(!store.back_up_before_migration(&copy).await?, "nothing is to be done");
    assert!(!copy.exists());
    execute(&store, "delete from _sqlx_migrations").await?;
    assert!(store.back_up_before_migration(&copy).await?);
    assert!(copy.exists());
    Ok(())
}
