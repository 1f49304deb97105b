//! Seats and findings as lists show them.

use reseat_domain::detect::FindingKind;
use reseat_domain::directory::{NonEmployee, Via};
use reseat_domain::ids::{FindingId, SeatKey};
use reseat_domain::rule::Justification;
use reseat_store::read::findings::FindingFilter;
use reseat_store::read::seats::SeatFilter;
use reseat_store::skus::GroupName;
use reseat_store::{Store, read, skus};

use crate::engines::{conformance, read, write};
use crate::fixtures::*;

/// Every seat a filter leaves, read in pages of two.
async fn all(store: &Store, filter: &SeatFilter) -> anyhow::Result<Vec<SeatKey>> {
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let mut tx = store.read().await?;
        let page = read::seats::list_seats(&mut tx, tenant(), filter, after.as_ref(), 2).await?;
        seen.extend(page.items.iter().map(|item| item.key()));
        let Some(next) = page.next else { return Ok(seen) };
        after = read::cursor_from_text(&read::cursor_to_text(&next));
        assert!(after.is_some(), "a cursor survives its text");
    }
}

async fn world(store: &Store) -> anyhow::Result<()> {
    let mut people: Vec<_> = ["Ada King", "Bo Li", "Cleo", "Dora", "Émile", "Fritz"]
        .into_iter()
        .zip(1..)
        .map(|(name, number)| person(number, name, vec![direct(1)]))
        .collect();
    people[1].account_enabled = false;
    people[2].department = Some("Legal".to_owned());
    people[3].seats = vec![through(1, 1), direct(2)];
    publish(store, &people).await?;
    write!(store, tx => skus::replace_skus(tx, tenant(), &[named_sku(1, "Office", 10)]));
    write!(store, tx => skus::set_price(tx, tenant(), "terms", sku(1), monthly("10.00"), now()));
    let group = GroupName { group_id: group(1), display_name: "All staff".to_owned(), kind: "{}".to_owned() };
    write!(store, tx => skus::upsert_groups(tx, tenant(), &[group]));
    let never = verdict(FindingKind::Idle, &[Justification::NeverUsed], None);
    let disabled = verdict(FindingKind::Idle, &[Justification::DisabledAccount, Justification::Inactive], Some(100));
    find(
        store,
        &[
            (seat(1, 1), idle(100)),
            (seat(2, 1), disabled),
            (seat(3, 1), never),
            (seat(4, 1), verdict(FindingKind::InUse, &[], Some(2))),
            (seat(5, 1), verdict(FindingKind::InsufficientEvidence, &[], None)),
            (seat(4, 2), idle(250)),
        ],
    )
    .await
}

conformance! {
    async fn seats_are_listed_longest_idle_first_without_gaps_or_repeats(store) {
        world(store).await?;
        let everything = all(store, &SeatFilter::default()).await?;
        let wanted = [seat(3, 1), seat(4, 2), seat(1, 1), seat(2, 1), seat(4, 1), seat(5, 1), seat(6, 1)];
        assert_eq!(everything, wanted, "never used first, without a finding last");
    }
}

conformance! {
    async fn a_filter_leaves_what_it_says_and_the_totals_agree(store) {
        world(store).await?;
        let base = SeatFilter::default;
        let idle_only = SeatFilter { kind: Some(FindingKind::Idle), ..base() };
        assert_eq!(all(store, &idle_only).await?, [seat(3, 1), seat(4, 2), seat(1, 1), seat(2, 1)]);
        let totals = read!(store, tx => read::seats::count_seats(tx, tenant(), &idle_only));
        assert_eq!((totals.total, serde_json::to_string(&totals.recoverable)?), (4, r#"{"EUR":"360.00"}"#.to_owned()));
        let everything = read!(store, tx => read::seats::count_seats(tx, tenant(), &base()));
        assert_eq!((everything.total, &everything.recoverable), (7, &totals.recoverable), "only idle seats are recoverable");

        let of_sku = SeatFilter { sku_id: Some(sku(2)), ..base() };
        assert_eq!(all(store, &of_sku).await?, [seat(4, 2)]);
        let of_person = SeatFilter { user_id: Some(user(4)), ..base() };
        assert_eq!(all(store, &of_person).await?, [seat(4, 2), seat(4, 1)]);
        let main_reason = SeatFilter { justification: Some(Justification::DisabledAccount), ..base() };
        assert_eq!(all(store, &main_reason).await?, [seat(2, 1)]);
        let disabled = SeatFilter { account_enabled: Some(false), ..base() };
        assert_eq!(all(store, &disabled).await?, [seat(2, 1)]);
        let long = SeatFilter { min_idle_days: Some(100), ..base() };
        assert_eq!(all(store, &long).await?, [seat(4, 2), seat(1, 1), seat(2, 1)]);
        let legal = SeatFilter { department: Some("Legal".to_owned()), ..base() };
        assert_eq!(all(store, &legal).await?, [seat(3, 1)]);
        let named = SeatFilter { q: Some("éMILE".to_owned()), ..base() };
        assert_eq!(all(store, &named).await?, [seat(5, 1)]);
        let odd = SeatFilter { q: Some("%".to_owned()), department: Some("R\0D".to_owned()), ..base() };
        assert_eq!(all(store, &odd).await?, []);
        let both = SeatFilter { account_enabled: Some(true), min_idle_days: Some(100), sku_id: Some(sku(1)), ..base() };
        assert_eq!(all(store, &both).await?, [seat(1, 1)]);
        assert_eq!(read!(store, tx => read::seats::count_seats(tx, tenant(), &both)).total, 1);
    }
}

conformance! {
    async fn a_seat_is_shown_with_person_sku_paths_finding_and_open_candidate(store) {
        world(store).await?;
        let opened = open(store, 1, seat(4, 2)).await?;
        let found = read!(store, tx => read::seats::find_seat(tx, tenant(), seat(4, 1))).expect("held");
        assert_eq!((found.person.display_name.as_str(), found.sku.name.as_str()), ("Dora", "Office"));
        assert_eq!(found.paths[0].path.via, Via::Group { group_id: group(1) });
        assert_eq!(found.paths[0].group.as_ref().expect("read").name, "All staff");
        assert_eq!(found.license_since, Some(at("2025-01-01T00:00:00Z")));
        assert_eq!(found.finding.expect("found").verdict.idle_days, Some(2));
        assert_eq!(found.annual.expect("a price").minor, 12_000);
        assert!(found.candidate.is_none());

        let other = read!(store, tx => read::seats::find_seat(tx, tenant(), seat(4, 2))).expect("held");
        let candidate = other.candidate.expect("open");
        assert_eq!((candidate.candidate_id, candidate.number), (opened.id, 1));
        assert_eq!((other.annual, other.sku.part_number), (None, sku(2).to_string()), "not priced, not listed");
        assert!(read!(store, tx => read::seats::find_seat(tx, tenant(), seat(9, 1))).is_none());
    }
}

conformance! {
    async fn findings_are_listed_longest_idle_first_and_filtered(store) {
        world(store).await?;
        let base = FindingFilter::default;
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let page = read!(store, tx => read::findings::list_findings(tx, tenant(), &base(), after.as_ref(), 4));
            seen.extend(page.items.iter().map(|item| item.key()));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, [seat(3, 1), seat(4, 2), seat(1, 1), seat(2, 1), seat(4, 1), seat(5, 1)]);
        let filter = FindingFilter {
            kind: Some(FindingKind::Idle),
            justification: Some(Justification::Inactive),
            sku_id: Some(sku(1)),
            user_id: Some(user(1)),
        };
        let page = read!(store, tx => read::findings::list_findings(tx, tenant(), &filter, None, 4));
        assert_eq!(page.items.iter().map(|item| item.key()).collect::<Vec<_>>(), [seat(1, 1)]);
        assert_eq!(page.items[0].annual.expect("a price").minor, 12_000);

        let known = page.items[0].finding.id;
        let one = read!(store, tx => read::findings::find_finding(tx, tenant(), known)).expect("kept");
        assert_eq!((one.key(), one.finding.verdict), (seat(1, 1), idle(100)));
        assert_eq!((one.finding.rule_id, one.finding.rule_version), (rule_id().to_string(), 1));
        assert_eq!(one.person.display_name, "Ada King");
        assert!(read!(store, tx => read::findings::find_finding(tx, tenant(), id::<FindingId>(99))).is_none());
    }
}

conformance! {
    async fn another_tenant_sees_no_seat_and_no_finding(store) {
        world(store).await?;
        let filter = SeatFilter::default();
        assert!(read!(store, tx => read::seats::list_seats(tx, stranger(), &filter, None, 9)).items.is_empty());
        assert!(read!(store, tx => read::seats::find_seat(tx, stranger(), seat(1, 1))).is_none());
        assert_eq!(read!(store, tx => read::seats::count_seats(tx, stranger(), &filter)).total, 0);
        let none = FindingFilter::default();
        assert!(read!(store, tx => read::findings::list_findings(tx, stranger(), &none, None, 9)).items.is_empty());
        let known = id::<FindingId>(1);
        assert!(read!(store, tx => read::findings::find_finding(tx, tenant(), known)).is_some());
        assert!(read!(store, tx => read::findings::find_finding(tx, stranger(), known)).is_none());
    }
}

/// The words of a declaration are checked by both schemas; nothing declares yet.
#[test]
fn the_schema_knows_every_declaration() {
    for kind in NonEmployee::ALL {
        for schema in [
            include_str!("../../migrations/sqlite/0001_first_loop.sql"),
            include_str!("../../migrations/postgres/0001_first_loop.sql"),
        ] {
            assert!(schema.contains(&format!("'{kind}'")), "{kind}");
        }
    }
}
