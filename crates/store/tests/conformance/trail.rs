//! The append-only trail.

use reseat_domain::audit::{Actor, Draft, Object, Readable, SubjectKey, Verifier};
use reseat_store::read::audit::AuditFilter;
use reseat_store::trail::{self, Log};
use reseat_store::{Store, StoreError, Tx, read};

use crate::engines::{conformance, read, write};
use crate::fixtures::*;

fn draft(verb: &str, object_number: u64) -> Draft {
    Draft {
        at: now(),
        actor: Actor { kind: "account".to_owned(), id: account_id(1).to_string() },
        verb: verb.to_owned(),
        object: Object { kind: "candidate".to_owned(), id: candidate_id(object_number).to_string() },
        from: Some("ready".to_owned()),
        to: None,
        details: serde_json::json!({ "b": 1, "a": "é" }),
        readable: Readable {
            actor_name: Some("Grace".to_owned()),
            user_id: Some(user(object_number).to_string()),
            text: format!("{verb} for Ada"),
            reason: None,
        },
    }
}

fn log() -> Log {
    Log::Tenant(tenant())
}

fn key() -> SubjectKey {
    SubjectKey::new([7; 32])
}

async fn begin(store: &Store, log: Log) -> anyhow::Result<()> {
    write!(store, tx => trail::begin_log(tx, log, "sealed"));
    Ok(())
}

/// Checks a log from its first entry to its head; gives how many entries held.
async fn verify(store: &Store, log: Log) -> anyhow::Result<u64> {
    let mut tx = store.read().await?;
    let mut verifier = Verifier::new(log.name());
    loop {
        let links = trail::list_links(&mut tx, log, verifier.checked(), 3).await?;
        for link in &links {
            verifier.check(link)?;
        }
        if links.is_empty() {
            break;
        }
    }
    let head = trail::find_head(&mut tx, log).await?.expect("begun");
    verifier.finish(u64::try_from(head.seq)?, &head.chain_hash)?;
    Ok(verifier.checked())
}

async fn tamper(store: &Store, sql: &'static str) -> anyhow::Result<()> {
    let mut tx = store.write().await?;
    match &mut tx {
        Tx::Sqlite(transaction) => sqlx::query(sql).execute(&mut **transaction).await.map(|_| ())?,
        Tx::Postgres(transaction) => sqlx::query(sql).execute(&mut **transaction).await.map(|_| ())?,
    }
    tx.commit().await?;
    Ok(())
}

conformance! {
    async fn entries_follow_each_other_and_a_dropped_change_leaves_none(store) {
        let mut tx = store.write().await?;
        let refused = trail::append(&mut tx, log(), &draft("a", 1), &key()).await;
        assert!(matches!(refused, Err(StoreError::Corrupt { .. })), "no log, no change (I7): {refused:?}");
        drop(tx);
        begin(store, log()).await?;
        begin(store, log()).await?;
        assert_eq!(write!(store, tx => trail::append(tx, log(), &draft("a", 1), &key())), 1);
        let mut tx = store.write().await?;
        assert_eq!(trail::append(&mut tx, log(), &draft("lost", 1), &key()).await?, 2);
        drop(tx);
        assert_eq!(write!(store, tx => trail::append(tx, log(), &draft("b", 2), &key())), 2);
        assert_eq!(verify(store, log()).await?, 2);
        let head = read!(store, tx => trail::find_head(tx, log())).expect("begun");
        assert_eq!((head.seq, head.sealed_key.as_str()), (2, "sealed"));
        let readable = read!(store, tx => trail::list_readable(tx, log(), 1, 9));
        assert_eq!(readable.len(), 1);
        assert_eq!((readable[0].seq, readable[0].text.as_str()), (2, "b for Ada"));
    }
}

conformance! {
    async fn appenders_at_the_same_time_leave_no_gap(store) {
        begin(store, log()).await?;
        let appenders: Vec<_> = (0..12)
            .map(|_| {
                let store: Store = (**store).clone();
                tokio::spawn(async move {
                    let mut tx = store.write().await?;
                    let seq = trail::append(&mut tx, log(), &draft("a", 1), &key()).await?;
                    tx.commit().await?;
                    anyhow::Ok(seq)
                })
            })
            .collect();
        let mut places = Vec::new();
        for appender in appenders {
            places.push(appender.await??);
        }
        places.sort_unstable();
        assert_eq!(places, (1..=12).collect::<Vec<_>>());
        assert_eq!(verify(store, log()).await?, 12);
    }
}

conformance! {
    async fn a_changed_a_removed_and_a_cut_off_entry_are_found(store) {
        begin(store, log()).await?;
        for number in 1..=5 {
            write!(store, tx => trail::append(tx, log(), &draft("a", number), &key()));
        }
        assert_eq!(verify(store, log()).await?, 5);
        tamper(store, "delete from audit_entries where seq = 5").await?;
        let error = verify(store, log()).await.expect_err("cut off");
        assert!(error.to_string().starts_with("entry 5 "), "{error}");
        tamper(store, "delete from audit_entries where seq = 4").await?;
        tamper(store, "update audit_entries set bytes = replace(bytes, '\"verb\":\"a\"', '\"verb\":\"x\"') where seq = 2").await?;
        let error = verify(store, log()).await.expect_err("changed");
        assert!(error.to_string().starts_with("entry 2 "), "{error}");
        tamper(store, "delete from audit_entries where seq = 1").await?;
        let error = verify(store, log()).await.expect_err("removed");
        assert!(error.to_string().starts_with("entry 1 "), "{error}");
    }
}

conformance! {
    async fn a_log_is_read_newest_first_whole_or_about_one_thing(store) {
        begin(store, log()).await?;
        for number in [1, 2, 1, 2, 1] {
            write!(store, tx => trail::append(tx, log(), &draft("moved", number), &key()));
        }
        let everything = AuditFilter::default();
        let first = read!(store, tx => read::audit::list_entries(tx, log(), &everything, None, 3));
        let rest = read!(store, tx => read::audit::list_entries(tx, log(), &everything, first.next.as_ref(), 3));
        let seqs: Vec<_> = first.items.iter().chain(&rest.items).map(|item| item.entry.seq).collect();
        assert_eq!(seqs, [5, 4, 3, 2, 1]);
        assert!(rest.next.is_none());
        let about = AuditFilter {
            object_kind: Some("candidate".to_owned()),
            object_id: Some(candidate_id(2).to_string()),
            user_id: None,
        };
        let page = read!(store, tx => read::audit::list_entries(tx, log(), &about, None, 9));
        assert_eq!(page.items.iter().map(|item| item.entry.seq).collect::<Vec<_>>(), [4, 2]);
        let of_person = AuditFilter { user_id: Some(user(1).to_string()), ..AuditFilter::default() };
        assert_eq!(read!(store, tx => read::audit::list_entries(tx, log(), &of_person, None, 9)).items.len(), 3);

        let one = read!(store, tx => read::audit::find_entry(tx, log(), 4)).expect("appended");
        assert_eq!((one.entry.verb.as_str(), one.entry.from.as_deref()), ("moved", Some("ready")));
        assert_eq!(one.readable.expect("not erased"), draft("moved", 2).readable);
        tamper(store, "delete from audit_readable where seq = 4").await?;
        let erased = read!(store, tx => read::audit::find_entry(tx, log(), 4)).expect("appended");
        assert!(erased.readable.is_none());
        assert_eq!(verify(store, log()).await?, 5, "erasing the words keeps the chain");
        assert!(read!(store, tx => read::audit::find_entry(tx, log(), 6)).is_none());
    }
}

conformance! {
    async fn each_log_and_each_person_has_a_key_of_its_own(store) {
        begin(store, log()).await?;
        begin(store, Log::Installation).await?;
        write!(store, tx => trail::append(tx, log(), &draft("a", 1), &key()));
        assert_eq!(read!(store, tx => trail::list_logs(tx)), [tenant().to_string(), "installation".to_owned()]);
        let other = Log::Tenant(stranger());
        assert!(read!(store, tx => trail::find_head(tx, other)).is_none());
        assert!(read!(store, tx => trail::list_links(tx, other, 0, 9)).is_empty());
        assert!(read!(store, tx => trail::list_readable(tx, Log::Installation, 0, 9)).is_empty());
        assert!(read!(store, tx => read::audit::find_entry(tx, Log::Installation, 1)).is_none());
        let none = AuditFilter::default();
        assert!(read!(store, tx => read::audit::list_entries(tx, other, &none, None, 9)).items.is_empty());

        assert_eq!(read!(store, tx => trail::find_subject_key(tx, tenant(), user(1))), None);
        write!(store, tx => trail::insert_subject_key(tx, tenant(), user(1), "first"));
        write!(store, tx => trail::insert_subject_key(tx, tenant(), user(1), "second"));
        assert_eq!(read!(store, tx => trail::find_subject_key(tx, tenant(), user(1))).as_deref(), Some("first"));
        assert_eq!(read!(store, tx => trail::find_subject_key(tx, stranger(), user(1))), None);
    }
}
