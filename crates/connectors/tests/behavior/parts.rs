//! The directory in parts, by ids, and what changed in it.

use std::collections::BTreeSet;

use reseat_connectors::graph::GraphReader;
use reseat_connectors::{Ahead, ConnectorError, Cursor, DirectoryReader, NameRange};
use reseat_domain::directory::Person;
use reseat_domain::ids::UserId;
use serde_json::json;
use uuid::Uuid;

use crate::tenant::{Tenant, everybody, fault};

async fn part(reader: &GraphReader, range: &NameRange) -> Vec<Person> {
    let mut people = Vec::new();
    let mut cursor: Option<Cursor> = None;
    loop {
        let page = reader.people_page_within(range, cursor.as_ref()).await.expect("a page");
        people.extend(page.items);
        match page.next {
            Some(next) => cursor = Some(next),
            None => return people,
        }
    }
}

/// Everybody named from a place on, who is gone, and the place to go on from later.
async fn changes(reader: &GraphReader, from: &Cursor) -> (BTreeSet<UserId>, BTreeSet<UserId>, Cursor) {
    let (mut changed, mut removed) = (BTreeSet::new(), BTreeSet::new());
    let mut cursor = from.clone();
    loop {
        let page = reader.changes_page(&cursor).await.expect("a page of changes");
        changed.extend(page.changed);
        removed.extend(page.removed);
        match page.ahead {
            Ahead::Page(next) => cursor = next,
            Ahead::Later(later) => return (changed, removed, later),
        }
    }
}

#[tokio::test]
async fn the_parts_of_a_directory_are_all_of_it_and_nobody_comes_twice() {
    let tenant = Tenant::start(&["--users", "2150", "--seed", "3"]);
    let reader = tenant.reader();
    let whole = everybody(&reader).await.expect("the listing");
    assert_eq!(reader.count_people().await, Ok(whole.len() as u64), "2.1");
    let mut names: Vec<String> = whole.iter().map(|person| person.user_principal_name.to_lowercase()).collect();
    names.sort();
    for marks in [vec![names[700].clone(), names[1_400].clone()], vec!["c".to_owned(), "j".to_owned(), "s".to_owned()]]
    {
        let mut read = Vec::new();
        for range in NameRange::cut(&marks) {
            read.extend(part(&reader, &range).await);
        }
        // A name at which two parts meet may be in both.
        assert!(read.len() <= whole.len() + marks.len(), "2.2: disjoint but for the marks themselves");
        read.sort_by_key(|person| person.user_id);
        read.dedup_by_key(|person| person.user_id);
        let mut expected = whole.clone();
        expected.sort_by_key(|person| person.user_id);
        assert_eq!(read, expected);
    }
}

#[tokio::test]
async fn people_are_read_by_their_ids_and_who_is_not_there_is_left_out() {
    let tenant = Tenant::start(&["--users", "300"]);
    let reader = tenant.reader();
    let whole = everybody(&reader).await.expect("the listing");
    let stranger = UserId::from_uuid(Uuid::from_u128(42));
    let asked: Vec<UserId> = whole.iter().take(40).map(|person| person.user_id).chain([stranger]).collect();
    let mut read = reader.people_by_id(&asked).await.expect("read");
    read.sort_by_key(|person| person.user_id);
    let mut expected = whole[..40].to_vec();
    expected.sort_by_key(|person| person.user_id);
    assert_eq!(read, expected);
    assert_eq!(reader.people_by_id(&[]).await, Ok(Vec::new()));
}

#[tokio::test]
async fn changes_name_who_changed_and_who_went_however_often_they_are_told() {
    let tenant = Tenant::start(&["--users", "300", "--clock-rate", "0"]);
    for replays in [false, true] {
        tenant.set(&json!({ "delta_replays": replays, "read_lag_ms": 0 })).await;
        let reader = tenant.reader();
        let from = reader.changes_from_now().await.expect("a place");
        let (changed, removed, _) = changes(&reader, &from).await;
        assert!(removed.is_empty() && (replays || changed.is_empty()), "nothing happened yet");
        let people = everybody(&reader).await.expect("the listing");
        let (one, other) = (people[3].user_id, people[4].user_id);
        for enabled in [false, true] {
            tenant.patch(one, &json!({ "account_enabled": enabled })).await;
        }
        tenant.patch(other, &json!({ "licenses": ["SPE_E5"] })).await;
        let (changed, removed, later) = changes(&reader, &from).await;
        assert!(changed.contains(&one) && changed.contains(&other), "{changed:?}");
        assert!(removed.is_empty());
        let (changed, _, _) = changes(&reader, &later).await;
        assert!(replays || changed.is_empty(), "2.5: from there on nothing is new");
    }
}

#[tokio::test]
async fn a_change_token_that_ended_asks_for_everybody_whatever_the_refusal_looks_like() {
    let tenant = Tenant::start(&["--users", "40"]);
    let reader = tenant.reader();
    let from = reader.changes_from_now().await.expect("a place");
    for as_400 in [false, true] {
        tenant.set(&json!({ "delta_expired_400": as_400 })).await;
        tenant.plant(&fault("delta-expired", "/users/delta", 1, 1)).await;
        assert_eq!(reader.changes_page(&from).await.err(), Some(ConnectorError::RestartListing), "G48");
        tenant.clear_faults().await;
    }
    let elsewhere = Cursor::from_stored("https://graph.example/v1.0/users/delta?$deltatoken=x");
    assert_eq!(
        reader.changes_page(&elsewhere).await.err(),
        Some(ConnectorError::RestartListing),
        "no token goes there"
    );
}

#[tokio::test]
async fn sign_in_dates_are_chosen_by_date() {
    let tenant = Tenant::start(&["--users", "1100", "--clock-rate", "0"]);
    let reader = tenant.reader();
    let mut all = Vec::new();
    let mut cursor = None;
    loop {
        let page = reader.sign_ins_page(cursor.as_ref()).await.expect("a page");
        all.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let mut last: Vec<_> = all.iter().filter_map(|(_, dates)| dates.last_interactive).collect();
    last.sort();
    let before = last[last.len() / 3];
    let expected: BTreeSet<UserId> = all
        .iter()
        .filter(|(_, dates)| dates.last_interactive.is_some_and(|at| at <= before))
        .map(|(user_id, _)| *user_id)
        .collect();
    let page = reader.sign_ins_page_before(before, None).await.expect("a page");
    assert!(page.next.is_none() && !expected.is_empty());
    assert_eq!(page.items.iter().map(|(user_id, _)| *user_id).collect::<BTreeSet<_>>(), expected, "2.4");
}
