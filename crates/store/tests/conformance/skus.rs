//! License types, prices, groups, and the figures made of them.

use reseat_domain::candidate::{CandidateState, StateName};
use reseat_domain::detect::FindingKind;
use reseat_domain::ids::ServicePlanId;
use reseat_domain::licensing::GroupLicense;
use reseat_domain::money::{Amounts, Money, PaymentFrequency, Price};
use reseat_domain::plan::IntentState;
use reseat_domain::rule::Justification;
use reseat_store::candidates::Move;
use reseat_store::intents::{self, Saving};
use reseat_store::skus::{GroupName, LicensedGroup};
use reseat_store::{Store, candidates, integration, read, skus};

use crate::engines::{conformance, read, write};
use crate::fixtures::*;

fn text(amounts: &Amounts) -> String {
    serde_json::to_string(amounts).expect("JSON")
}

conformance! {
    async fn a_reading_of_skus_replaces_the_one_before(store) {
        let first = [named_sku(1, "Office", 10), named_sku(2, "Visio", 5)];
        write!(store, tx => skus::replace_skus(tx, tenant(), &first));
        write!(store, tx => skus::replace_skus(tx, tenant(), &[named_sku(2, "Visio 2", 6)]));
        let kept = read!(store, tx => skus::list_skus(tx, tenant()));
        assert_eq!(kept.len(), 1);
        assert_eq!((kept[0].name.as_str(), &kept[0].sku), ("Visio 2", &named_sku(2, "Visio 2", 6).sku));
        write!(store, tx => skus::replace_skus(tx, stranger(), &[]));
        assert_eq!(read!(store, tx => skus::list_skus(tx, tenant())).len(), 1);
        assert!(read!(store, tx => skus::list_skus(tx, stranger())).is_empty());
    }
}

conformance! {
    async fn a_price_is_entered_changed_and_taken_back(store) {
        assert_eq!(read!(store, tx => skus::find_price(tx, tenant(), sku(1))), None);
        write!(store, tx => skus::set_price(tx, tenant(), "terms 1", sku(1), monthly("39.00"), now()));
        let yearly = Price::parse("0.000001", "JPY", PaymentFrequency::Triennially)?;
        write!(store, tx => skus::set_price(tx, tenant(), "terms 2", sku(1), yearly, now()));
        assert_eq!(read!(store, tx => skus::find_price(tx, tenant(), sku(1))), Some(yearly));
        let prices = read!(store, tx => read::prices::list_prices(tx, tenant()));
        assert_eq!((prices.price(sku(1)), prices.price(sku(2))), (Some(yearly), None));
        assert_eq!(prices.annual(sku(2), 3), None, "no price is not zero");

        assert_eq!(read!(store, tx => skus::find_price(tx, stranger(), sku(1))), None);
        write!(store, tx => skus::delete_price(tx, stranger(), sku(1)));
        assert_eq!(read!(store, tx => skus::find_price(tx, tenant(), sku(1))), Some(yearly));
        write!(store, tx => skus::delete_price(tx, tenant(), sku(1)));
        assert_eq!(read!(store, tx => skus::find_price(tx, tenant(), sku(1))), None);
        assert_eq!(read!(store, tx => read::prices::list_prices(tx, tenant())).price(sku(1)), None);
    }
}

conformance! {
    async fn groups_have_names_and_an_unread_one_its_id(store) {
        let named = |name: &str| GroupName { group_id: group(1), display_name: name.to_owned(), kind: "{}".to_owned() };
        write!(store, tx => skus::upsert_groups(tx, tenant(), &[named("Sales")]));
        write!(store, tx => skus::upsert_groups(tx, tenant(), &[named("Sales EMEA")]));
        let names = read!(store, tx => skus::group_names(tx, tenant(), &[group(1), group(2)]));
        assert_eq!(names, ["Sales EMEA".to_owned(), group(2).to_string()]);
        let names = read!(store, tx => skus::group_names(tx, stranger(), &[group(1)]));
        assert_eq!(names, [group(1).to_string()]);
    }
}

conformance! {
    async fn a_reading_of_licensed_groups_replaces_the_one_before_and_keeps_names(store) {
        let off: ServicePlanId = "57ff2da0-773e-42df-b2af-ffb7a2317929".parse()?;
        let gives = |number, sku_number, plans: &[ServicePlanId]| GroupLicense {
            group_id: group(number), sku_id: sku(sku_number), disabled_plans: plans.iter().copied().collect(),
        };
        let carrying = |number, rule: Option<&str>, licenses| LicensedGroup {
            group_id: group(number), display_name: format!("Group {number}"), kind: "dynamic".to_owned(),
            membership_rule: rule.map(str::to_owned), licenses,
        };
        let first = [
            carrying(1, Some("user.department -eq \"Sales\""), vec![gives(1, 1, &[off]), gives(1, 2, &[])]),
            carrying(2, None, vec![gives(2, 1, &[])]),
        ];
        write!(store, tx => skus::replace_licensed_groups(tx, tenant(), &first));
        let both = [group(1), group(2), group(9)];
        let kept = read!(store, tx => skus::list_group_licenses(tx, tenant(), &both));
        assert_eq!(kept, [gives(1, 1, &[off]), gives(1, 2, &[]), gives(2, 1, &[])]);
        assert!(read!(store, tx => skus::list_group_licenses(tx, tenant(), &[])).is_empty());
        assert!(read!(store, tx => skus::list_group_licenses(tx, stranger(), &both)).is_empty());

        let carrying_it = read!(store, tx => read::skus::list_carrying_groups(tx, tenant(), sku(1)));
        let shown: Vec<_> = carrying_it.iter().map(|it| (it.display_name.as_str(), it.membership_rule.is_some())).collect();
        assert_eq!(shown, [("Group 1", true), ("Group 2", false)]);
        assert_eq!(carrying_it[0].disabled_plans.len(), 1);
        assert!(read!(store, tx => read::skus::list_carrying_groups(tx, stranger(), sku(1))).is_empty());

        write!(store, tx => skus::replace_licensed_groups(tx, stranger(), &[]));
        write!(store, tx => skus::replace_licensed_groups(tx, tenant(), &[carrying(2, None, vec![gives(2, 2, &[])])]));
        assert_eq!(read!(store, tx => skus::list_group_licenses(tx, tenant(), &both)), [gives(2, 2, &[])]);
        assert_eq!(read!(store, tx => skus::group_names(tx, tenant(), &[group(1)])), ["Group 1"]);
    }
}

/// Two license types: four idle, one undecided and one in use of the first, which has a price; one
/// idle of the second, which has none; one seat of a third that the tenant does not list.
async fn world(store: &Store) -> anyhow::Result<()> {
    let mut people: Vec<_> = (1..=6).map(|number| person(number, &format!("P{number}"), vec![direct(1)])).collect();
    people[0].seats.push(direct(2));
    people[1].seats.push(direct(3));
    publish(store, &people).await?;
    write!(store, tx => skus::replace_skus(tx, tenant(), &[named_sku(1, "Office", 10), named_sku(2, "Visio", 5)]));
    write!(store, tx => skus::set_price(tx, tenant(), "terms", sku(1), monthly("10.00"), now()));
    let leaver = verdict(FindingKind::Idle, &[Justification::Leaver, Justification::Inactive], Some(200));
    find(
        store,
        &[
            (seat(1, 1), idle(100)),
            (seat(2, 1), idle(120)),
            (seat(3, 1), leaver),
            (seat(4, 1), verdict(FindingKind::NeedsPerson, &[Justification::NotInRoster], None)),
            (seat(5, 1), verdict(FindingKind::InUse, &[], Some(1))),
            (seat(6, 1), verdict(FindingKind::InsufficientEvidence, &[], None)),
            (seat(1, 2), idle(300)),
        ],
    )
    .await
}

conformance! {
    async fn a_license_type_is_shown_with_its_seats_counted_and_priced(store) {
        world(store).await?;
        open(store, 1, seat(1, 1)).await?;
        open(store, 2, seat(2, 1)).await?;
        step(store, 2, &CandidateState::ClosedSkipped { reason: "needed".to_owned(), until: None }, Move::default())
            .await?;

        let items = read!(store, tx => read::skus::list_skus(tx, tenant()));
        assert_eq!(items.iter().map(|item| item.sku.sku_id).collect::<Vec<_>>(), [sku(1), sku(2), sku(3)]);
        let office = &items[0];
        assert_eq!((office.assigned, office.purchased(), office.free(), office.open_candidates), (6, 10, 8, 1));
        let found = office.findings;
        assert_eq!((found.idle, found.needs_person, found.in_use, found.insufficient_evidence), (3, 1, 1, 1));
        let euros = |minor| Some(Money { minor, currency: "EUR".parse().expect("a currency") });
        assert_eq!((office.annual_spend, office.recoverable), (euros(120_000), euros(36_000)));
        assert_eq!((office.needs_person_value, office.price), (euros(12_000), Some(monthly("10.00"))));
        assert_eq!(office.services, services());
        assert_eq!((items[1].findings.idle, items[1].recoverable), (1, None), "no price is not zero");
        let unlisted = &items[2];
        assert_eq!((unlisted.listed, unlisted.assigned, unlisted.purchased()), (false, 1, 0));
        assert_eq!(unlisted.sku.name, sku(3).to_string());

        let one = read!(store, tx => read::skus::find_sku(tx, tenant(), sku(2))).expect("listed");
        assert_eq!((one.sku.name.as_str(), one.findings.idle), ("Visio", 1));
        assert!(read!(store, tx => read::skus::find_sku(tx, tenant(), sku(9))).is_none());
        assert!(read!(store, tx => read::skus::find_sku(tx, stranger(), sku(1))).is_none());
        assert!(read!(store, tx => read::skus::list_skus(tx, stranger())).is_empty());
        assert_eq!(read!(store, tx => skus::count_holders(tx, tenant(), sku(1))), 6);
        assert_eq!(read!(store, tx => skus::count_holders(tx, stranger(), sku(1))), 0);
    }
}

conformance! {
    async fn the_first_page_adds_it_all_up(store) {
        world(store).await?;
        for number in 1..=3 {
            open(store, number, seat(number, 1)).await?;
        }
        step(store, 1, &awaiting_revocation(), due(now().plus_seconds(60))).await?;
        let revoking = CandidateState::Revoking { approval: approval_id(1), intent: intent_id(1), since: now(), partly: None };
        step(store, 2, &revoking, due(now().plus_seconds(30))).await?;
        write!(store, tx => integration::insert_task(tx, tenant(), "hr_roster", true, 60, now().plus_seconds(5)));
        write!(store, tx => integration::insert_task(tx, tenant(), "reclamation", false, 60, now()));
        let mut old = intent(3, 3, seat(3, 1));
        old.created_at = now().plus_days(-2);
        write!(store, tx => intents::insert_intent(tx, tenant(), &intent(1, 1, seat(1, 1))));
        write!(store, tx => intents::insert_intent(tx, tenant(), &old));
        write!(store, tx => intents::insert_intent(tx, tenant(), &intent(2, 2, seat(2, 1))));
        write!(store, tx => intents::record_outcome(tx, tenant(), intent_id(2), IntentState::NotSent, None, "x", now()));
        for (number, kind, minor) in [(1, "freed", Some(12_000)), (2, "freed", Some(5_000)), (3, "freed", None), (1, "reversed", Some(12_000))] {
            let annual = minor.map(|minor| Money { minor, currency: "EUR".parse().expect("a currency") });
            let saving = Saving {
                id: format!("{kind} {number}"), candidate_id: candidate_id(number), intent_id: None, kind,
                seat: seat(number, 1), annual, at: now(),
            };
            write!(store, tx => intents::insert_saving(tx, tenant(), &saving));
        }

        let page = read!(store, tx => read::overview::read_overview(tx, tenant(), now()));
        assert_eq!((page.people, page.seats, page.findings.idle, page.findings.needs_person), (6, 8, 4, 1));
        assert_eq!(text(&page.annual_spend), r#"{"EUR":"1200.00"}"#);
        assert_eq!(text(&page.recoverable), r#"{"EUR":"360.00"}"#);
        assert_eq!(text(&page.needs_person_value), r#"{"EUR":"120.00"}"#);
        assert_eq!(text(&page.proven_savings), r#"{"EUR":"50.00"}"#);
        let reasons: Vec<_> =
            page.by_justification.iter().map(|it| (it.justification, it.seats, text(&it.recoverable))).collect();
        let euros = |amount: &str| format!(r#"{{"EUR":"{amount}"}}"#);
        assert_eq!(
            reasons,
            [(Justification::Leaver, 1, euros("120.00")), (Justification::Inactive, 3, euros("240.00"))]
        );
        assert_eq!(page.candidates[&StateName::Ready], 1);
        assert_eq!(page.candidates.len(), 3);
        assert_eq!(page.undecided_writes, (1, Some(now())));
        assert_eq!(page.started_today, 1);
        assert_eq!(page.next_candidate_due_at, Some(now().plus_seconds(30)));
        assert_eq!(page.next_task_due_at, Some(now().plus_seconds(5)));
        assert_eq!(page.skus.len(), 3);

        let empty = read!(store, tx => read::overview::read_overview(tx, stranger(), now()));
        assert_eq!((empty.people, empty.seats, empty.findings.idle, empty.started_today), (0, 0, 0, 0));
        assert!(empty.recoverable.is_empty() && empty.proven_savings.is_empty() && empty.candidates.is_empty());
        assert_eq!((empty.undecided_writes, empty.next_candidate_due_at), ((0, None), None));
        assert!(read!(store, tx => read::overview::count_candidates(tx, stranger())).is_empty());
        assert_eq!(read!(store, tx => read::overview::count_candidates(tx, tenant())), page.candidates);
        assert_eq!(read!(store, tx => candidates::count_in_state(tx, tenant(), StateName::Ready)), 1);
    }
}
