//! Whole databases: copies either way, snapshots beside a working server, digests that agree.

use std::collections::BTreeSet;

use reseat_domain::role::Role;
use reseat_store::installation::sessions::Session;
use reseat_store::installation::{accounts, sessions};
use reseat_store::{Store, StoreError, copy};

use crate::engines::{Database, conformance, read, write};
use crate::fixtures::*;

/// Rows that refer to each other, booleans of both kinds, absent values, and more than one page.
async fn fill(store: &Store) -> anyhow::Result<()> {
    for number in 1..=1_203 {
        let mut row = account(number, &format!("Ä person, no. {number}"), &[Role::Admin]);
        row.enabled = number % 2 == 0;
        write!(store, tx => accounts::insert_account(tx, &row));
    }
    let session = Session {
        token_hash: "one".to_owned(),
        account_id: account_id(7),
        csrf_token: "csrf".to_owned(),
        created_at: now(),
        last_seen_at: now(),
        expires_at: now().plus_seconds(60),
    };
    write!(store, tx => sessions::insert_session(tx, &session));
    Ok(())
}

/// An empty database of every engine there is.
async fn targets() -> anyhow::Result<Vec<Database>> {
    Ok([Some(Database::sqlite().await?), Database::postgres().await?].into_iter().flatten().collect())
}

conformance! {
    async fn a_copy_into_any_engine_holds_the_same_and_is_refused_where_something_is(store) {
        fill(store).await?;
        let original = copy::contents(store).await?;
        let rows = |table: &str| original.tables.iter().find(|(name, _)| name == table).map(|(_, rows)| *rows);
        assert_eq!((rows("accounts"), rows("sessions"), rows("seats")), (Some(1_203), Some(1), Some(0)));
        for target in targets().await? {
            let copied = copy::copy_all(store, &target).await?;
            assert_eq!(copied, original, "the same rows and the same digest on either engine");
            let again = copy::copy_all(store, &target).await;
            assert!(matches!(&again, Err(StoreError::Unfit(why)) if why.contains("holds data already")), "{again:?}");
            assert_eq!(copy::contents(&target).await?, original, "a refused copy changes nothing");

            // One value changed, and the digest says so.
            let found = read!(target, tx => accounts::find_account(tx, account_id(3))).expect("copied");
            let roles = BTreeSet::from([Role::Auditor]);
            write!(target, tx => accounts::update_account(tx, &found, &roles, found.enabled));
            let changed = copy::contents(&target).await?;
            assert_eq!(changed.tables, original.tables);
            assert_ne!(changed.digest, original.digest);
        }
    }
}

conformance! {
    async fn a_database_with_another_schema_is_not_copied_into(store) {
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite:{}", folder.path().join("new.sqlite").display());
        let target = Store::open(&url).await?;
        let mut tx = target.read().await?;
        assert_eq!(copy::schema_version(&mut tx).await?, 0);
        drop(tx);
        let refused = copy::copy_all(store, &target).await;
        assert!(matches!(&refused, Err(StoreError::Unfit(why)) if why.contains("reseat migrate")), "{refused:?}");
    }
}

conformance! {
    async fn a_snapshot_is_taken_beside_a_writer_and_holds_one_moment(store) {
        fill(store).await?;
        let before = copy::contents(store).await?;
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("snapshot.sqlite");
        // A change that is under way while the snapshot is taken is not in it.
        let mut writer = store.write().await?;
        accounts::insert_account(&mut writer, &account(5_000, "Late", &[])).await?;
        copy::snapshot_into(store, &file).await?;
        writer.commit().await?;
        let url = format!("sqlite:{}", file.display());
        let snapshot = Store::open_for_reading(&url).await?;
        assert_eq!(copy::contents(&snapshot).await?, before);
        let mut tx = snapshot.read().await?;
        let version = copy::schema_version(&mut tx).await?;
        assert!(version > 0);
        drop(tx);
        let refused = snapshot.write().await;
        let changed = match refused {
            Ok(mut tx) => accounts::insert_account(&mut tx, &account(6_000, "Nobody", &[])).await.is_ok(),
            Err(_) => false,
        };
        assert!(!changed, "what is opened for reading is not written");
        assert!(copy::snapshot_into(store, &file).await.is_err(), "nothing is written over");
        assert!(Store::open_for_reading("sqlite:there-is-no-such-file").await.is_err());
    }
}
