//! People as lists and pages show them.

use std::collections::BTreeMap;

use reseat_domain::activity::SignIn;
use reseat_domain::directory::Service;
use reseat_domain::employment::{Employment, EmploymentStatus};
use reseat_domain::ids::UserId;
use reseat_store::read::people::PersonFilter;
use reseat_store::rounds::RosterEntry;
use reseat_store::{Store, read, rounds};

use crate::engines::{conformance, read, write};
use crate::fixtures::*;

/// Every user id a filter leaves, read in pages of two.
async fn all(store: &Store, filter: &PersonFilter) -> anyhow::Result<Vec<UserId>> {
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let mut tx = store.read().await?;
        let page = read::people::list_people(&mut tx, tenant(), filter, after.as_ref(), 2).await?;
        seen.extend(page.items.iter().map(|item| item.person.user_id));
        let Some(next) = page.next else { return Ok(seen) };
        after = read::cursor_from_text(&read::cursor_to_text(&next));
        assert!(after.is_some(), "a cursor survives its text");
    }
}

conformance! {
    async fn people_are_listed_by_name_without_gaps_or_repeats(store) {
        let mut people: Vec<_> = ["cleo", "Ada", "ada", "Émile", "Zoë", "100% Test_User"]
            .into_iter()
            .zip(1..)
            .map(|(name, number)| person(number, name, vec![]))
            .collect();
        people[4].account_enabled = false;
        people[4].department = None;
        publish(store, &people).await?;
        let numbers = |ids: Vec<UserId>| -> Vec<u64> {
            ids.into_iter().map(|id| (1..=6).find(|number| user(*number) == id).expect("one of them")).collect()
        };
        let everyone = PersonFilter::default();
        assert_eq!(numbers(all(store, &everyone).await?), [6, 2, 3, 1, 5, 4], "folded, bytes decide");
        let with = |q: &str| PersonFilter { q: Some(q.to_owned()), ..PersonFilter::default() };
        assert_eq!(numbers(all(store, &with("ADA")).await?), [2, 3]);
        assert_eq!(numbers(all(store, &with("ZOË")).await?), [5]);
        assert_eq!(numbers(all(store, &with("émile@CONTOSO")).await?), [4], "by sign-in name as well");
        assert_eq!(numbers(all(store, &with("100%")).await?), [6]);
        assert_eq!(numbers(all(store, &with("t_u")).await?), [6], "an underscore is no wildcard");
        assert_eq!(all(store, &with("%zo%")).await?, []);
        assert_eq!(all(store, &with("a\\")).await?, []);
        assert_eq!(all(store, &with("a\0da")).await?, []);
        assert_eq!(all(store, &with(&"x".repeat(100_000))).await?, [], "an overlong text is no error");
        let off = PersonFilter { account_enabled: Some(false), ..PersonFilter::default() };
        assert_eq!(numbers(all(store, &off).await?), [5]);
        let sales = PersonFilter { department: Some("Sales".to_owned()), ..PersonFilter::default() };
        assert_eq!(all(store, &sales).await?.len(), 5);
    }
}

conformance! {
    async fn a_person_is_shown_with_everything_known_about_them(store) {
        let mut ada = person(1, "Ada King", vec![direct(1)]);
        ada.manager = Some(user(2));
        let mut bo = person(2, "Bo Li", vec![]);
        bo.manager = Some(user(9));
        bo.mail = None;
        publish(store, &[ada, bo]).await?;
        let sign_in = SignIn { last_successful: Some(at("2026-08-01T23:59:59Z")), ..SignIn::default() };
        write!(store, tx => rounds::upsert_sign_ins(tx, tenant(), &[(user(1), sign_in)], now()));
        let used = BTreeMap::from([(user(1), BTreeMap::from([(Service::Teams, day("2026-07-01"))]))]);
        active_users(store, "2026-08-30", &used, now()).await?;
        let employment = Employment { status: EmploymentStatus::Inactive, start: None, end: Some(day("2026-08-31")) };
        let row = RosterEntry {
            email: "ada.1@contoso.example".to_owned(),
            employee_id: None,
            first_name: None,
            last_name: None,
            manager_email: None,
            department: None,
            employment: employment.clone(),
        };
        write!(store, tx => rounds::put_roster_aside(tx, tenant(), &[row]));
        write!(store, tx => rounds::publish_roster(tx, tenant()));

        let found = read!(store, tx => read::people::find_person(tx, tenant(), user(1))).expect("there");
        assert_eq!(found.item.last_sign_in_day, Some(day("2026-08-01")));
        assert_eq!(found.item.sign_in, Some((sign_in, now())));
        assert_eq!(found.manager.expect("there").display_name, "Bo Li");
        assert_eq!(found.employment, [employment]);
        assert_eq!(found.service_use.expect("a row").last_activity, used[&user(1)]);
        assert_eq!((found.seats.len(), found.item.seat_count), (1, 1));
        assert_eq!(found.item.usage_location.as_deref(), Some("DE"));

        let found = read!(store, tx => read::people::find_person(tx, tenant(), user(2))).expect("there");
        assert_eq!((found.item.manager_id, found.manager), (Some(user(9)), None), "the manager is gone");
        assert!(found.employment.is_empty() && found.service_use.is_none() && found.item.sign_in.is_none());
        assert!(read!(store, tx => read::people::find_person(tx, stranger(), user(1))).is_none());
        let others = read!(store, tx => read::people::list_people(tx, stranger(), &PersonFilter::default(), None, 9));
        assert!(others.items.is_empty());
    }
}
