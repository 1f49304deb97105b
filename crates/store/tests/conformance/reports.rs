//! Usage reports: aside while they are read, whole when they are used.

use std::collections::BTreeMap;

use reseat_domain::directory::Service;
use reseat_domain::usage_report::{ReportDetails, UsageReport};
use reseat_store::rounds::ReportRow;
use reseat_store::{Store, findings, integration, read, rounds};

use crate::engines::{conformance, read, write};
use crate::fixtures::*;

const TEAMS: UsageReport = UsageReport::Teams;

fn used(text: &str) -> ReportRow {
    ReportRow { last: Some(day(text)), ..ReportRow::default() }
}

async fn put(store: &Store, report: UsageReport, rows: &[(u64, ReportRow)]) -> anyhow::Result<()> {
    let rows = rows.iter().map(|(number, row)| (user(*number), row.clone())).collect();
    write!(store, tx => rounds::put_report_aside(tx, tenant(), report, &rows, now()));
    Ok(())
}

/// Publishes a report of one service as the engine does, with the age of its source.
async fn out(store: &Store, report: UsageReport, refreshed: &str) -> anyhow::Result<()> {
    write!(store, tx => rounds::publish_report(tx, tenant(), report, day(refreshed), now()));
    let as_of = day(refreshed).end();
    write!(store, tx => integration::publish_source(tx, tenant(), report.as_str(), as_of, 1, now()));
    Ok(())
}

async fn of(store: &Store, number: u64) -> anyhow::Result<BTreeMap<UsageReport, rounds::PublishedRow>> {
    let mut tx = store.read().await?;
    Ok(rounds::list_report_rows(&mut tx, tenant(), &[user(number)]).await?.remove(&user(number)).unwrap_or_default())
}

conformance! {
    async fn a_report_of_one_service_is_swapped_in_whole_and_counts_refreshes(store) {
        publish(store, &[person(1, "Ada King", vec![direct(1)]), person(2, "Bo Li", vec![direct(1)])]).await?;
        put(store, TEAMS, &[(1, used("2026-08-01")), (2, ReportRow::default())]).await?;
        assert_eq!(read!(store, tx => rounds::count_report_aside(tx, tenant(), TEAMS)), 2);
        assert_eq!(read!(store, tx => rounds::count_report_aside(tx, stranger(), TEAMS)), 0);
        assert_eq!(read!(store, tx => rounds::count_report_aside(tx, tenant(), UsageReport::Email)), 0);
        assert!(of(store, 1).await?.is_empty(), "what lies aside is not seen");

        out(store, TEAMS, "2026-08-28").await?;
        let ada = of(store, 1).await?.remove(&TEAMS).expect("a row").used;
        assert_eq!((ada.refreshed, ada.refreshes, ada.last), (day("2026-08-28"), 1, Some(day("2026-08-01"))));
        assert_eq!(of(store, 2).await?[&TEAMS].used.last, None, "a blank is no use seen");
        let facts = read!(store, tx => findings::find_facts(tx, tenant(), seat(1, 1))).expect("held");
        assert_eq!(facts.reports, BTreeMap::from([(TEAMS, ada)]));
        let listed = read!(store, tx => findings::list_facts(tx, tenant(), None, 10));
        assert_eq!(listed.iter().map(|item| item.reports.len()).collect::<Vec<_>>(), [1, 1]);

        put(store, TEAMS, &[(1, ReportRow::default())]).await?;
        out(store, TEAMS, "2026-08-29").await?;
        let ada = of(store, 1).await?[&TEAMS].used;
        assert_eq!((ada.refreshes, ada.last), (2, Some(day("2026-08-01"))), "a day that was there stays (I11)");
        assert!(of(store, 2).await?.is_empty(), "no row means nothing, and surely not unused");
        let shown = read!(store, tx => read::people::find_person(tx, tenant(), user(1))).expect("there");
        assert_eq!(shown.reports[&TEAMS].used, ada);
    }
}

conformance! {
    async fn two_rows_of_a_person_in_different_batches_keep_the_later_day_u5(store) {
        publish(store, &[person(1, "Ada King", vec![direct(1)])]).await?;
        let products = |name: &str| ReportDetails {
            products: BTreeMap::from([(name.to_owned(), Some(day("2026-01-01")))]), ..ReportDetails::default()
        };
        let row = |text, name| ReportRow { details: products(name), ..used(text) };
        put(store, UsageReport::Activations, &[(1, row("2026-08-02", "Visio"))]).await?;
        put(store, UsageReport::Activations, &[(1, row("2026-08-01", "Office"))]).await?;
        out(store, UsageReport::Activations, "2026-08-30").await?;
        let ada = of(store, 1).await?.remove(&UsageReport::Activations).expect("a row");
        assert_eq!((ada.used.last, ada.details.products.len()), (Some(day("2026-08-02")), 2));

        let active = |text| ReportRow {
            by_service: BTreeMap::from([(Service::Exchange, day(text))]),
            ..ReportRow::default()
        };
        put(store, UsageReport::ActiveUsers, &[(1, active("2026-08-02"))]).await?;
        put(store, UsageReport::ActiveUsers, &[(1, active("2026-08-01"))]).await?;
        out(store, UsageReport::ActiveUsers, "2026-08-30").await?;
        let facts = read!(store, tx => findings::find_facts(tx, tenant(), seat(1, 1))).expect("held");
        let row = facts.service_use.expect("a row");
        assert_eq!(row.last_activity, BTreeMap::from([(Service::Exchange, day("2026-08-02"))]), "U5");
    }
}

conformance! {
    async fn what_lies_aside_is_forgotten_by_person_and_by_report(store) {
        publish(store, &[person(1, "Ada King", vec![direct(1)]), person(2, "Bo Li", vec![])]).await?;
        for report in [TEAMS, UsageReport::Email, UsageReport::ActiveUsers] {
            put(store, report, &[(1, used("2026-08-01")), (2, used("2026-08-01"))]).await?;
        }
        write!(store, tx => rounds::clear_report_aside(tx, stranger(), TEAMS));
        write!(store, tx => rounds::forget_report_aside(tx, stranger(), TEAMS, &[user(1)]));
        write!(store, tx => rounds::forget_report_aside(tx, tenant(), TEAMS, &[user(1), user(9)]));
        write!(store, tx => rounds::clear_report_aside(tx, tenant(), UsageReport::Email));
        let mut left = Vec::new();
        for report in [TEAMS, UsageReport::Email, UsageReport::ActiveUsers] {
            left.push(read!(store, tx => rounds::count_report_aside(tx, tenant(), report)));
        }
        assert_eq!(left, [1, 0, 2]);
        out(store, TEAMS, "2026-08-30").await?;
        assert_eq!((of(store, 1).await?.len(), of(store, 2).await?.len()), (0, 1), "a spoiled row is no row");
        assert!(read!(store, tx => rounds::list_report_rows(tx, stranger(), &[user(2)])).is_empty());
    }
}

conformance! {
    async fn a_future_day_of_a_report_does_not_stay_u7(store) {
        publish(store, &[person(1, "Ada King", vec![direct(1)])]).await?;
        put(store, TEAMS, &[(1, used("2026-12-24"))]).await?;
        out(store, TEAMS, "2026-08-29").await?;
        put(store, TEAMS, &[(1, used("2026-08-01"))]).await?;
        out(store, TEAMS, "2026-08-30").await?;
        assert_eq!(of(store, 1).await?[&TEAMS].used.last, Some(day("2026-08-01")));
    }
}
