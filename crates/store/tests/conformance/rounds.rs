//! Rounds: written aside, swapped in whole, with a history of changes only.

use std::collections::BTreeMap;

use reseat_domain::activity::SignIn;
use reseat_domain::directory::Service;
use reseat_domain::employment::{Employment, EmploymentStatus};
use reseat_store::read::people::PersonFilter;
use reseat_store::rounds::{RosterEntry, UnknownRow};
use reseat_store::{Store, dialect, findings, integration, read, rounds};

use crate::engines::{conformance, read, write};
use crate::fixtures::*;
use crate::schema::{counted_rows, history};

async fn names(store: &Store) -> anyhow::Result<Vec<String>> {
    let mut tx = store.read().await?;
    let page = read::people::list_people(&mut tx, tenant(), &PersonFilter::default(), None, 100).await?;
    Ok(page.items.into_iter().map(|item| item.person.display_name).collect())
}

conformance! {
    async fn what_lies_aside_is_not_seen_and_an_interrupted_round_leaves_the_published_one(store) {
        publish(store, &[person(1, "Ada King", vec![direct(1)])]).await?;
        write!(store, tx => rounds::put_people_aside(tx, tenant(), &[person(2, "Bo Li", vec![direct(1), direct(2)])]));
        let counts = read!(store, tx => rounds::count_round(tx, tenant()));
        assert_eq!((counts.people_aside, counts.seats_aside, counts.people, counts.seats), (1, 2, 1, 1));
        assert_eq!(names(store).await?, ["Ada King"]);

        write!(store, tx => rounds::clear_people_aside(tx, tenant()));
        let counts = read!(store, tx => rounds::count_round(tx, tenant()));
        assert_eq!((counts.people_aside, counts.seats_aside, counts.people, counts.seats), (0, 0, 1, 1));
        assert_eq!(names(store).await?, ["Ada King"]);
    }
}

conformance! {
    async fn a_round_is_swapped_in_whole(store) {
        publish(store, &[person(1, "Ada King", vec![direct(1), direct(2)]), person(2, "Bo Li", vec![direct(1)])]).await?;
        let mut renamed = person(1, "Ada Lovelace", vec![direct(2), through(3, 1)]);
        renamed.account_enabled = false;
        renamed.manager = Some(user(3));
        publish(store, &[renamed, person(3, "Cleo", vec![])]).await?;
        assert_eq!(names(store).await?, ["Ada Lovelace", "Cleo"]);
        let found = read!(store, tx => read::people::find_person(tx, tenant(), user(1))).expect("kept");
        let skus: Vec<_> = found.seats.iter().map(|seat| seat.sku.sku_id).collect();
        assert_eq!(skus, [sku(2), sku(3)]);
        assert!(!found.item.person.account_enabled);
        assert_eq!(found.manager.expect("in the directory").display_name, "Cleo");
        let counts = read!(store, tx => rounds::count_round(tx, tenant()));
        assert_eq!((counts.people_aside, counts.people, counts.seats), (0, 2, 2));
        assert_eq!(read!(store, tx => rounds::count_licensed_people(tx, tenant())), 1);
    }
}

conformance! {
    async fn a_person_read_twice_counts_once_and_the_later_page_wins_g49(store) {
        let pages = [
            vec![person(1, "Ada King", vec![direct(1), direct(2)]), person(1, "Ada Again", vec![direct(3)])],
            vec![person(2, "Bo Li", vec![direct(1)]), person(1, "Ada Lovelace", vec![direct(1)])],
        ];
        write!(store, tx => integration::insert_tenant(tx, tenant(), "Contoso", None, now()));
        for page in &pages {
            write!(store, tx => rounds::put_people_aside(tx, tenant(), page));
        }
        let counts = read!(store, tx => rounds::count_round(tx, tenant()));
        assert_eq!((counts.people_aside, counts.seats_aside), (2, 2));
        write!(store, tx => rounds::publish_people(tx, tenant(), now()));
        assert_eq!(names(store).await?, ["Ada Lovelace", "Bo Li"]);
    }
}

conformance! {
    async fn a_round_of_what_changed_leaves_everybody_else_as_they_are(store) {
        let ada = person(1, "Ada King", vec![direct(1), through(2, 1)]);
        publish(store, &[ada.clone(), person(2, "Bo Li", vec![direct(1)]), person(3, "Cleo", vec![direct(2)])]).await?;
        let hashes = read!(store, tx => rounds::list_row_hashes(tx, tenant(), &[user(1), user(9)]));
        assert_eq!(hashes, [(user(1), rounds::row_hash(&ada))].into());

        let renamed = person(2, "Bo Lee", vec![direct(2)]);
        write!(store, tx => rounds::put_people_aside(tx, tenant(), &[renamed, person(4, "Dee", vec![direct(1)])]));
        write!(store, tx => rounds::put_gone_aside(tx, tenant(), &[user(3), user(3), user(8)]));
        assert_eq!(read!(store, tx => rounds::list_aside(tx, tenant(), &[user(1), user(2)])), [user(2)].into());
        let counts = read!(store, tx => rounds::count_round(tx, tenant()));
        assert_eq!((counts.people, counts.people_after, counts.seats, counts.seats_after), (3, 3, 4, 4));
        write!(store, tx => rounds::publish_people(tx, tenant(), now().plus_days(1)));
        assert_eq!(names(store).await?, ["Ada King", "Bo Lee", "Dee"]);
        assert_eq!(read!(store, tx => rounds::list_user_ids(tx, tenant(), None, 2)), [user(1), user(2)]);
        assert_eq!(read!(store, tx => rounds::list_user_ids(tx, tenant(), Some(user(2)), 2)), [user(4)]);
        let open: Vec<_> = history(store, tenant()).await?.into_iter().filter(|row| row.3.is_none()).collect();
        let subjects: Vec<String> = open.iter().map(|row| row.1.clone()).collect();
        let (accounts, seats) = ([1, 2, 4].map(|it| user(it).to_string()), [(1, 1), (1, 2), (2, 2), (4, 1)]);
        let expected: Vec<String> =
            accounts.into_iter().chain(seats.map(|(who, what)| seat(who, what).to_string())).collect();
        assert_eq!(subjects, expected);
        let counts = read!(store, tx => rounds::count_round(tx, tenant()));
        assert_eq!((counts.people_aside, counts.people_after, counts.seats_after), (0, 3, 4));
    }
}

conformance! {
    async fn names_cut_the_people_into_parts_of_about_one_size(store) {
        let people: Vec<_> = (1..=100).map(|it| person(it, &format!("p{it:03}"), vec![])).collect();
        publish(store, &people).await?;
        let marks = read!(store, tx => rounds::list_name_marks(tx, tenant(), 4));
        assert_eq!(marks, ["p025@contoso.example", "p050@contoso.example", "p075@contoso.example"]);
        assert!(read!(store, tx => rounds::list_name_marks(tx, stranger(), 4)).is_empty());
    }
}

conformance! {
    async fn history_has_a_row_for_each_change_and_none_while_nothing_changes(store) {
        let day = |count: i64| now().plus_days(count);
        let ada = |seats| person(1, "Ada King", seats);
        publish_at(store, &[ada(vec![direct(1)])], day(0)).await?;
        publish_at(store, &[ada(vec![direct(1)])], day(1)).await?;
        let first = history(store, tenant()).await?;
        assert_eq!(first.len(), 2, "{first:?}");

        let mut disabled = ada(vec![through(1, 1)]);
        disabled.account_enabled = false;
        publish_at(store, &[disabled.clone()], day(2)).await?;
        publish_at(store, &[disabled], day(3)).await?;
        publish_at(store, &[], day(4)).await?;
        let at = |count| Some(day(count).as_micros());
        let (account, seat) = (user(1).to_string(), seat(1, 1).to_string());
        let row = |kind: &str, subject: &str, from, until, value: &str| {
            (kind.to_owned(), subject.to_owned(), day(from).as_micros(), at(until), value.to_owned())
        };
        assert_eq!(
            history(store, tenant()).await?,
            [
                row("account", &account, 0, 2, "enabled"),
                row("account", &account, 2, 4, "disabled"),
                row("seat", &seat, 0, 2, "direct"),
                row("seat", &seat, 2, 4, "group"),
            ]
        );
    }
}

conformance! {
    async fn a_round_published_twice_at_one_moment_leaves_one_row_of_history(store) {
        publish(store, &[person(1, "Ada King", vec![direct(1)])]).await?;
        publish(store, &[person(1, "Ada King", vec![through(1, 1)])]).await?;
        let values: Vec<String> = history(store, tenant()).await?.into_iter().map(|row| row.4).collect();
        assert_eq!(values, ["enabled", "group"]);
    }
}

conformance! {
    async fn sign_in_dates_come_page_by_page_and_their_last_day_is_history(store) {
        publish(store, &[person(1, "Ada King", vec![direct(1)]), person(2, "Bo Li", vec![])]).await?;
        let signed_in = |moment: &str| SignIn { last_successful: Some(at(moment)), ..SignIn::default() };
        let page = [(user(1), signed_in("2026-08-01T09:00:00Z")), (user(1), signed_in("2026-08-02T09:00:00Z"))];
        write!(store, tx => rounds::upsert_sign_ins(tx, tenant(), &page, now()));
        let page = [(user(2), SignIn::default()), (user(9), signed_in("2026-08-02T09:00:00Z"))];
        write!(store, tx => rounds::upsert_sign_ins(tx, tenant(), &page, now()));
        let kept = write!(store, tx => rounds::publish_sign_ins(tx, tenant(), now()));
        assert_eq!(kept, 2, "somebody who is not in the directory is forgotten");
        write!(store, tx => rounds::publish_sign_ins(tx, tenant(), now().plus_days(1)));
        let page = [(user(1), signed_in("2026-08-20T09:00:00Z"))];
        write!(store, tx => rounds::upsert_sign_ins(tx, tenant(), &page, now().plus_days(2)));
        write!(store, tx => rounds::publish_sign_ins(tx, tenant(), now().plus_days(2)));

        let days: Vec<_> = history(store, tenant()).await?.into_iter().filter(|row| row.0 == "activity").collect();
        assert_eq!(days.len(), 2, "{days:?}");
        assert_eq!((days[0].4.as_str(), days[0].3), ("2026-08-02", Some(now().plus_days(2).as_micros())));
        assert_eq!((days[1].4.as_str(), days[1].3), ("2026-08-20", None));
        let facts = read!(store, tx => findings::find_facts(tx, tenant(), seat(1, 1))).expect("held");
        let (sign_in, as_of) = facts.sign_in.expect("read");
        assert_eq!((sign_in.last_successful, as_of), (Some(at("2026-08-20T09:00:00Z")), now().plus_days(2)));
    }
}

conformance! {
    async fn a_usage_report_replaces_the_one_before_and_counts_refreshes(store) {
        publish(store, &[person(1, "Ada King", vec![direct(1)]), person(2, "Bo Li", vec![direct(1)])]).await?;
        let used = |text: &str| BTreeMap::from([(Service::Exchange, day(text)), (Service::Teams, day("2026-07-01"))]);
        let both = BTreeMap::from([(user(1), used("2026-08-01")), (user(2), BTreeMap::new())]);
        active_users(store, "2026-08-30", &both, now()).await?;
        active_users(store, "2026-08-30", &both, now()).await?;
        let of = |number| async move {
            let mut tx = store.read().await?;
            let facts = findings::find_facts(&mut tx, tenant(), seat(number, 1)).await?.expect("held");
            anyhow::Ok(facts.service_use)
        };
        let first = of(1).await?.expect("a row");
        assert_eq!((first.refreshes, first.refreshed), (1, day("2026-08-30")), "the same refresh counts once");
        assert_eq!(first.last_activity, used("2026-08-01"));

        let one = BTreeMap::from([(user(1), used("2026-08-31"))]);
        let later = now().plus_days(1);
        active_users(store, "2026-08-31", &one, later).await?;
        assert_eq!(of(1).await?.expect("a row").refreshes, 2);
        assert_eq!(of(2).await?, None, "no row means nothing, and surely not unused");
        let days: Vec<_> = history(store, tenant()).await?.into_iter().filter(|row| row.0 == "activity").collect();
        assert_eq!(days.iter().map(|row| row.4.as_str()).collect::<Vec<_>>(), ["2026-08-01", "2026-08-31"]);
    }
}

conformance! {
    async fn sign_in_dates_never_go_backwards(store) {
        publish(store, &[person(1, "Ada King", vec![direct(1)])]).await?;
        let moment = |text: &str| Some(at(text));
        let read = |successful, interactive, non_interactive| SignIn {
            last_successful: successful,
            last_interactive: interactive,
            last_non_interactive: non_interactive,
        };
        let (early, late) = (moment("2026-07-01T09:00:00Z"), moment("2026-08-01T09:00:00Z"));
        for sign_in in [read(late, early, None), read(early, late, early), SignIn::default()] {
            write!(store, tx => rounds::upsert_sign_ins(tx, tenant(), &[(user(1), sign_in)], now()));
        }
        write!(store, tx => rounds::upsert_sign_ins(tx, stranger(), &[(user(1), SignIn::default())], now()));
        let facts = read!(store, tx => findings::find_facts(tx, tenant(), seat(1, 1))).expect("held");
        assert_eq!(facts.sign_in, Some((read(late, late, early), now())), "an empty record is no proof");
    }
}

conformance! {
    async fn a_service_s_last_use_never_goes_backwards(store) {
        publish(store, &[person(1, "Ada King", vec![direct(1)])]).await?;
        let report = |days: &[(Service, &str)]| {
            BTreeMap::from([(user(1), days.iter().map(|(service, text)| (*service, day(text))).collect())])
        };
        let first: BTreeMap<_, BTreeMap<_, _>> =
            report(&[(Service::Exchange, "2026-08-20"), (Service::Yammer, "2026-07-01")]);
        active_users(store, "2026-08-30", &first, now()).await?;
        // An older report again, and one made from less.
        for (refreshed, days) in [("2026-08-28", &[(Service::Exchange, "2026-05-01")][..]), ("2026-08-31", &[])] {
            let later = report(days);
            active_users(store, refreshed, &later, now()).await?;
        }
        let facts = read!(store, tx => findings::find_facts(tx, tenant(), seat(1, 1))).expect("held");
        let used = facts.service_use.expect("a row");
        assert_eq!((used.refreshed, used.last_activity), (day("2026-08-31"), first[&user(1)].clone()));
    }
}

conformance! {
    async fn only_a_sign_in_name_leads_to_a_person(store) {
        let mut twin = person(2, "Bo Li", vec![]);
        twin.mail = Some("ada@contoso.example".to_owned());
        let mut double = person(3, "Cleo", vec![]);
        double.user_principal_name = "DAN@contoso.example".to_owned();
        publish(store, &[person(1, "Ada King", vec![]), twin, double, person(4, "Dan Roe", vec![])]).await?;
        let asked = ["ada@contoso.example", "dan@contoso.example", "ada.1@contoso.example", "nobody@contoso.example"];
        let asked = asked.map(str::to_owned);
        let found = read!(store, tx => rounds::find_people_by_upn(tx, tenant(), &asked));
        // Whose mail address a name is as well says nothing; a name of two people leads to nobody (R10);
        // a mail address is nobody's sign-in name.
        assert_eq!(found, [("ada@contoso.example".to_owned(), user(1))].into());
        assert!(read!(store, tx => rounds::find_people_by_upn(tx, stranger(), &asked)).is_empty());
    }
}

fn entry(email: &str, status: EmploymentStatus) -> RosterEntry {
    RosterEntry {
        email: email.to_owned(),
        employee_id: Some("E\0".to_owned()),
        first_name: None,
        last_name: Some("King".to_owned()),
        manager_email: None,
        department: None,
        employment: Employment { status, start: Some(day("2020-01-01")), end: None },
    }
}

conformance! {
    async fn a_roster_is_judged_aside_and_then_swapped_in(store) {
        publish(store, &[person(1, "Ada King", vec![direct(1)]), person(2, "Bo Li", vec![direct(1)])]).await?;
        let roster = [
            entry("ada@contoso.example", EmploymentStatus::Active),
            entry("bo.2@contoso.example", EmploymentStatus::OnLeave),
            entry("nobody@contoso.example", EmploymentStatus::Inactive),
        ];
        write!(store, tx => rounds::put_roster_aside(tx, tenant(), &roster));
        let counts = read!(store, tx => rounds::count_roster(tx, tenant()));
        assert_eq!((counts.rows, counts.inactive, counts.matched, counts.before, counts.flipped), (3, 1, 2, 0, 0));
        let facts = read!(store, tx => findings::find_facts(tx, tenant(), seat(1, 1))).expect("held");
        assert!(facts.roster_rows.is_empty(), "what lies aside is not seen");
        write!(store, tx => rounds::publish_roster(tx, tenant()));
        let facts = read!(store, tx => findings::find_facts(tx, tenant(), seat(1, 1))).expect("held");
        assert_eq!(facts.roster_rows, [roster[0].employment.clone()]);

        let all_left = [entry("ada@contoso.example", EmploymentStatus::Inactive)];
        write!(store, tx => rounds::put_roster_aside(tx, tenant(), &all_left));
        let counts = read!(store, tx => rounds::count_roster(tx, tenant()));
        assert_eq!((counts.rows, counts.inactive, counts.matched, counts.before, counts.flipped), (1, 1, 1, 3, 1));
        let others = read!(store, tx => rounds::count_roster(tx, stranger()));
        assert_eq!((others.rows, others.before), (0, 0));
    }
}

conformance! {
    async fn whose_row_could_not_be_used_is_kept_with_the_roster(store) {
        publish(store, &[person(1, "Ada King", vec![direct(1)]), person(2, "Bo Li", vec![direct(1)])]).await?;
        let row = |email: &str, line, reason: &str| {
            UnknownRow { email: email.to_owned(), line, reason: reason.to_owned() }
        };
        let rows = [
            row("ada.1@contoso.example", 7, "no status"),
            row("ada.1@contoso.example", 9, "twice"),
            row("bo@contoso.example", 8, "no\0day"),
        ];
        write!(store, tx => rounds::replace_roster_unknown(tx, tenant(), &rows));
        write!(store, tx => rounds::replace_roster_unknown(tx, stranger(), &rows[..1]));
        let of = |number| async move {
            let mut tx = store.read().await?;
            anyhow::Ok(findings::find_facts(&mut tx, tenant(), seat(number, 1)).await?.expect("held").roster_unknown)
        };
        assert_eq!(of(1).await?, Some((7, "no status".to_owned())), "by mail address, the first line");
        assert_eq!(of(2).await?, Some((8, "no\u{fffd}day".to_owned())), "by sign-in name");
        write!(store, tx => rounds::replace_roster_unknown(tx, tenant(), &[]));
        assert_eq!((of(1).await?, of(2).await?), (None, None));
    }
}

conformance! {
    async fn a_roster_row_whose_address_two_people_carry_is_about_neither_r10(store) {
        let mut twin = person(2, "Bo Li", vec![direct(1)]);
        twin.mail = Some("ADA@contoso.example".to_owned());
        publish(store, &[person(1, "Ada King", vec![direct(1)]), twin, person(3, "Cleo", vec![direct(1)])]).await?;
        let roster = [
            entry("ada@contoso.example", EmploymentStatus::Inactive),
            entry("cleo@contoso.example", EmploymentStatus::Active),
        ];
        write!(store, tx => rounds::put_roster_aside(tx, tenant(), &roster));
        write!(store, tx => rounds::publish_roster(tx, tenant()));
        let facts = read!(store, tx => findings::list_facts(tx, tenant(), None, 9));
        let shared: Vec<_> = facts.iter().map(|facts| (facts.roster_rows.len(), facts.roster_shared)).collect();
        assert_eq!(shared, [(1, true), (1, true), (1, false)]);
    }
}

conformance! {
    async fn a_roster_with_an_address_twice_is_refused_and_the_published_one_stays(store) {
        publish(store, &[person(1, "Ada King", vec![direct(1)])]).await?;
        write!(store, tx => rounds::put_roster_aside(tx, tenant(), &[entry("ada@contoso.example", EmploymentStatus::Active)]));
        write!(store, tx => rounds::publish_roster(tx, tenant()));
        let twice = [entry("a@x", EmploymentStatus::Active), entry("a@x", EmploymentStatus::Inactive)];
        crate::engines::assert_conflict!(store, tx => rounds::put_roster_aside(tx, tenant(), &twice));
        let facts = read!(store, tx => findings::find_facts(tx, tenant(), seat(1, 1))).expect("held");
        assert_eq!(facts.roster_rows.len(), 1);
    }
}

conformance! {
    async fn a_round_of_one_tenant_leaves_another_as_it_is(store) {
        publish(store, &[person(1, "Ada King", vec![direct(1)])]).await?;
        let page = [(user(1), SignIn::default())];
        write!(store, tx => rounds::upsert_sign_ins(tx, tenant(), &page, now()));
        write!(store, tx => rounds::put_people_aside(tx, tenant(), &[person(2, "Bo Li", vec![])]));
        write!(store, tx => rounds::publish_people(tx, stranger(), now()));
        write!(store, tx => rounds::clear_people_aside(tx, stranger()));
        assert_eq!(write!(store, tx => rounds::publish_sign_ins(tx, stranger(), now())), 0);
        write!(store, tx => rounds::publish_roster(tx, stranger()));
        let counts = read!(store, tx => rounds::count_round(tx, tenant()));
        assert_eq!((counts.people_aside, counts.people, counts.seats), (1, 1, 1));
        let counts = read!(store, tx => rounds::count_round(tx, stranger()));
        assert_eq!((counts.people_aside, counts.people, counts.seats), (0, 0, 0));
        assert_eq!(read!(store, tx => rounds::count_licensed_people(tx, stranger())), 0);
        assert_eq!(write!(store, tx => rounds::publish_sign_ins(tx, tenant(), now())), 1);
        assert!(history(store, stranger()).await?.is_empty());
    }
}

conformance! {
    async fn a_text_with_a_nul_is_kept_on_both_databases(store) {
        let mut odd = person(1, "Ada\0King", vec![]);
        odd.department = Some("R\0D".to_owned());
        publish(store, &[odd]).await?;
        assert_eq!(names(store).await?, ["Ada\u{fffd}King"]);
    }
}

conformance! {
    async fn a_table_that_was_filled_in_one_go_is_counted_before_it_is_joined(store) {
        publish(store, &[person(1, "Ada King", vec![direct(1)])]).await?;
        write!(store, tx => rounds::put_roster_aside(tx, tenant(), &[]));
        write!(store, tx => rounds::publish_roster(tx, tenant()));
        write!(store, tx => rounds::publish_sign_ins(tx, tenant(), now()));
        write!(store, tx => findings::delete_stale_findings(tx, tenant()));
        // PostgreSQL says -1 of a table it never counted, and then plans for an empty one.
        let tables = [
            "people_aside", "seats_aside", "people", "seats", "history", "roster_aside", "roster", "sign_ins",
            "service_use", "findings",
        ];
        for table in tables {
            assert_ne!(counted_rows(store, table).await?, Some(-1), "{table}");
        }
    }
}

conformance! {
    async fn history_takes_room_on_disk(store) {
        let before = read!(store, tx => dialect::history_bytes(tx));
        let people: Vec<_> = (1..=400).map(|number| person(number, "Somebody", vec![direct(1)])).collect();
        publish(store, &people).await?;
        assert!(read!(store, tx => dialect::history_bytes(tx)) > before);
    }
}
