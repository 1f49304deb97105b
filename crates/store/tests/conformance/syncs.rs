//! Runs of tasks, published sources, and rows that could not be used.

use reseat_domain::ids::SyncRunId;
use reseat_store::integration::{self, Progress, Quarantined, RunEnd};
use reseat_store::read;

use crate::engines::{conformance, read, write};
use crate::fixtures::*;

const TASK: &str = "hr_roster";

conformance! {
    async fn a_run_is_queued_begins_tells_how_far_it_is_and_ends(store) {
        write!(store, tx => integration::insert_task(tx, tenant(), TASK, true, 3_600, now()));
        let run: SyncRunId = id(1);
        assert!(read!(store, tx => integration::find_open_run(tx, tenant(), TASK)).is_none());
        write!(store, tx => integration::insert_run(tx, tenant(), run, TASK, now()));
        write!(store, tx => integration::insert_run(tx, tenant(), id(2), TASK, now().plus_seconds(9)));
        let open = read!(store, tx => integration::find_open_run(tx, tenant(), TASK)).expect("the oldest one");
        assert_eq!((open.id, open.status.as_str(), open.progress_total), (run.to_string(), "queued", None));

        write!(store, tx => integration::begin_run(tx, tenant(), run, TASK, now().plus_seconds(1)));
        let progress = Progress { done: 40, total: Some(100), unit: "people", text: "40 of 100".to_owned() };
        write!(store, tx => integration::set_progress(tx, tenant(), run, &progress));
        let row = read!(store, tx => read::syncs::find_run(tx, tenant(), run)).expect("begun");
        assert_eq!((row.status.as_str(), row.progress_done, row.progress_total), ("running", 40, Some(100)));
        assert_eq!((row.progress_unit.as_str(), row.progress_text.as_str()), ("people", "40 of 100"));
        let task = read!(store, tx => integration::list_tasks(tx, tenant())).remove(0);
        assert_eq!(task.last_run_id, Some(run.to_string()));

        let end = RunEnd {
            status: "failed",
            text: "stopped".to_owned(),
            counts: "{\"people\":40}".to_owned(),
            error: Some("the file is cut off".to_owned()),
            remedy: None,
        };
        write!(store, tx => integration::finish_run(tx, tenant(), run, &end, now().plus_seconds(5)));
        let row = read!(store, tx => read::syncs::find_run(tx, tenant(), run)).expect("ended");
        assert_eq!((row.status.as_str(), row.counts.as_str(), row.remedy), ("failed", "{\"people\":40}", None));
        assert_eq!(row.error.as_deref(), Some("the file is cut off"));
        assert_eq!(row.finished_at, Some(now().plus_seconds(5).as_micros()));
        let open = read!(store, tx => integration::find_open_run(tx, tenant(), TASK)).expect("the second one waits");
        assert_eq!(open.id, id::<SyncRunId>(2).to_string());
    }
}

conformance! {
    async fn runs_are_listed_newest_first_page_by_page(store) {
        for number in 1..=5_u64 {
            let task = if number == 3 { "other" } else { TASK };
            // Three of them at the same moment: the id decides.
            let queued = now().plus_seconds(i64::try_from(number / 4)?);
            write!(store, tx => integration::insert_run(tx, tenant(), id(number), task, queued));
        }
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let page = read!(store, tx => read::syncs::list_runs(tx, tenant(), Some(TASK), after.as_ref(), 2));
            assert!(page.items.len() <= 2);
            seen.extend(page.items.into_iter().map(|run| run.id));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let wanted: Vec<String> = [5, 4, 2, 1].map(|number| id::<SyncRunId>(number).to_string()).into();
        assert_eq!(seen, wanted);
        assert_eq!(read!(store, tx => read::syncs::list_runs(tx, tenant(), None, None, 9)).items.len(), 5);
    }
}

conformance! {
    async fn a_source_keeps_its_age_through_a_problem_and_its_place_through_a_publication(store) {
        write!(store, tx => integration::set_source_state(tx, tenant(), "sign_ins", "{\"page\":3}"));
        let row = read!(store, tx => integration::list_sources(tx, tenant())).remove(0);
        assert_eq!((row.as_of, row.round, row.row_count, row.state.as_str()), (None, 0, 0, "{\"page\":3}"));
        write!(store, tx => integration::publish_source(tx, tenant(), "sign_ins", now(), 7, now()));
        write!(store, tx => integration::set_source_problem(tx, tenant(), "sign_ins", Some("403")));
        write!(store, tx => integration::set_source_problem(tx, tenant(), "roster", Some("empty file")));
        let rows = read!(store, tx => integration::list_sources(tx, tenant()));
        assert_eq!(rows.iter().map(|row| row.source.as_str()).collect::<Vec<_>>(), ["roster", "sign_ins"]);
        assert_eq!((rows[0].as_of, rows[0].problem.as_deref()), (None, Some("empty file")));
        assert_eq!((rows[1].as_of, rows[1].problem.as_deref()), (Some(now().as_micros()), Some("403")));
        assert_eq!((rows[1].round, rows[1].row_count, rows[1].state.as_str()), (1, 7, "{\"page\":3}"));
        write!(store, tx => integration::publish_source(tx, tenant(), "sign_ins", now().plus_days(1), 8, now()));
        let row = read!(store, tx => integration::list_sources(tx, tenant())).remove(1);
        assert_eq!((row.round, row.row_count, row.problem), (2, 8, None));
    }
}

conformance! {
    async fn rows_that_could_not_be_used_are_kept_with_line_and_reason(store) {
        let row = |number: u64, line| Quarantined {
            id: id::<SyncRunId>(number).to_string(),
            line,
            reason: "no address\0".to_owned(),
            sample: "Ada;King;".to_owned(),
        };
        let first = [row(1, 12), row(2, 3)];
        write!(store, tx => integration::insert_quarantined(tx, tenant(), TASK, id(1), &first, now()));
        let later = now().plus_days(1);
        write!(store, tx => integration::insert_quarantined(tx, tenant(), TASK, id(2), &[row(3, 5)], later));
        write!(store, tx => integration::insert_quarantined(tx, tenant(), TASK, id(3), &[], later));

        let page = read!(store, tx => read::syncs::list_quarantined(tx, tenant(), Some(TASK), None, 2));
        assert_eq!(page.items.iter().map(|row| row.line).collect::<Vec<_>>(), [5, 3], "the last run first");
        let next = read!(store, tx => read::syncs::list_quarantined(tx, tenant(), None, page.next.as_ref(), 2));
        assert_eq!(next.items.iter().map(|row| row.line).collect::<Vec<_>>(), [12]);
        assert!(next.next.is_none());
        assert_eq!(next.items[0].reason, "no address\u{fffd}", "PostgreSQL keeps no NUL");
        assert!(read!(store, tx => read::syncs::list_quarantined(tx, tenant(), Some("other"), None, 2)).items.is_empty());
    }
}

conformance! {
    async fn another_tenant_sees_no_run_no_source_and_no_quarantined_row(store) {
        write!(store, tx => integration::insert_run(tx, tenant(), id(1), TASK, now()));
        write!(store, tx => integration::publish_source(tx, tenant(), "roster", now(), 7, now()));
        let row = Quarantined { id: "1".to_owned(), line: 1, reason: String::new(), sample: String::new() };
        write!(store, tx => integration::insert_quarantined(tx, tenant(), TASK, id(1), &[row], now()));
        assert!(read!(store, tx => read::syncs::find_run(tx, stranger(), id(1))).is_none());
        assert!(read!(store, tx => read::syncs::list_runs(tx, stranger(), None, None, 9)).items.is_empty());
        assert!(read!(store, tx => read::syncs::list_quarantined(tx, stranger(), None, None, 9)).items.is_empty());
        assert!(read!(store, tx => integration::find_open_run(tx, stranger(), TASK)).is_none());
        assert!(read!(store, tx => integration::list_sources(tx, stranger())).is_empty());
        write!(store, tx => integration::set_source_problem(tx, stranger(), "roster", Some("not this one")));
        write!(store, tx => integration::begin_run(tx, stranger(), id(1), TASK, now()));
        assert_eq!(read!(store, tx => integration::list_sources(tx, tenant()))[0].problem, None);
        assert_eq!(read!(store, tx => read::syncs::find_run(tx, tenant(), id(1))).expect("kept").status, "queued");
    }
}
