//! `/metrics` in the text format of Prometheus: what the server did since it started, and what the
//! database says now. Counts only, nobody's name; still a company's figures, so it takes a token
//! with the right to read.

use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};
use metrics::{counter, gauge, histogram, with_local_recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use reseat_domain::candidate::StateName;
use reseat_domain::role::Permission;
use reseat_domain::time::Timestamp;
use reseat_store::freezes;
use reseat_store::integration::{SourceRow, find_tenant, list_sources};
use reseat_store::read::overview::{self, Overview};

use crate::caller::authenticate;
use crate::problem::Problem;
use crate::routes::Access;
use crate::state::ApiState;

/// Upper ends of the buckets of request times, in seconds.
const BUCKETS: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// What one server counts.
pub struct Metrics {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
}

impl Default for Metrics {
    fn default() -> Self {
        let builder = PrometheusBuilder::new().set_buckets(&BUCKETS).expect("there are buckets");
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        Self { recorder, handle }
    }
}

impl Metrics {
    /// Counts an answered request under the address it was registered with, so that ids make no series.
    pub fn answered(&self, method: &Method, route: &str, status: u16, took: Duration) {
        with_local_recorder(&self.recorder, || {
            let labels = [("method", method.to_string()), ("route", route.to_owned()), ("status", status.to_string())];
            counter!("reseat_http_requests_total", &labels).increment(1);
            histogram!("reseat_http_request_seconds", "route" => route.to_owned()).record(took.as_secs_f64());
        });
    }

    fn render(&self, now: Timestamp, figures: &Overview, sources: &[SourceRow], frozen: bool, held: bool) -> String {
        with_local_recorder(&self.recorder, || {
            gauge!("reseat_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
            gauge!("reseat_frozen").set(f64::from(u8::from(frozen)));
            gauge!("reseat_held").set(f64::from(u8::from(held)));
            gauge!("reseat_people").set(number(figures.people));
            gauge!("reseat_seats").set(number(figures.seats));
            let found = &figures.findings;
            for (kind, count) in [
                ("idle", found.idle),
                ("in_use", found.in_use),
                ("insufficient_evidence", found.insufficient_evidence),
                ("needs_person", found.needs_person),
            ] {
                gauge!("reseat_findings", "kind" => kind).set(number(count));
            }
            for state in StateName::ALL {
                let count = figures.candidates.get(state).copied().unwrap_or(0);
                gauge!("reseat_candidates", "state" => state.to_string()).set(number(count));
            }
            let (undecided, oldest) = figures.undecided_writes;
            gauge!("reseat_undecided_writes").set(number(undecided));
            gauge!("reseat_undecided_write_age_seconds").set(oldest.map_or(0.0, |since| age(since, now)));
            gauge!("reseat_removals_started_24h").set(number(figures.started_today));
            for source in sources {
                let name = source.source.clone();
                gauge!("reseat_source_problem", "source" => name.clone())
                    .set(f64::from(u8::from(source.problem.is_some())));
                gauge!("reseat_source_rows", "source" => name.clone()).set(number(source.row_count));
                if let Some(as_of) = source.as_of {
                    gauge!("reseat_source_age_seconds", "source" => name).set(age(Timestamp::from_micros(as_of), now));
                }
            }
        });
        self.handle.render()
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of people and seats are far below 2^52")]
fn number(count: i64) -> f64 {
    count as f64
}

fn age(since: Timestamp, now: Timestamp) -> f64 {
    number((now.as_micros() - since.as_micros()).max(0)) / 1e6
}

/// The address a request was registered with; `other` for pages and what is not there.
pub fn route_of(request: &Request) -> String {
    request.extensions().get::<MatchedPath>().map_or_else(|| "other".to_owned(), |path| path.as_str().to_owned())
}

/// `/metrics`.
pub fn router() -> Router<ApiState> {
    Router::new().route("/metrics", get(read))
}

async fn read(State(state): State<ApiState>, headers: HeaderMap) -> Result<Response, Problem> {
    let caller = authenticate(&state, &Method::GET, &headers).await?;
    Access::Needs(Permission::Read).check(caller.as_ref())?;
    let (now, tenant_id) = (state.engine.now(), state.engine.tenant_id());
    let mut tx = state.engine.store().read().await?;
    let tenant = find_tenant(&mut tx, tenant_id).await?.ok_or_else(|| Problem::not_found("tenant"))?;
    let figures = overview::read_overview(&mut tx, tenant_id, now).await?;
    let sources = list_sources(&mut tx, tenant_id).await?;
    let frozen = freezes::find_freeze(&mut tx, tenant_id).await?.is_some() || state.engine.freeze_file().is_some();
    drop(tx);
    let text = state.metrics.render(now, &figures, &sources, frozen, tenant.held_reason.is_some());
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

#[cfg(test)]
mod tests {
    use http::Method;

    use crate::tests::Api;

    /// The value of a series.
    fn value(text: &str, series: &str) -> Option<f64> {
        text.lines().find_map(|line| line.strip_prefix(series)?.trim().parse().ok())
    }

    #[tokio::test]
    async fn the_figures_are_those_of_the_database_and_need_the_right_to_read() {
        let api = Api::synced().await;
        api.nobody().raw(Method::GET, "/metrics", None).await.refused(401, "unauthenticated");
        let auditor = api.auditor().await;
        let overview = auditor.get("/overview").await.ok();
        let text = auditor.raw(Method::GET, "/metrics", None).await.text;
        for (series, shown) in [
            ("reseat_people ", &overview["people"]),
            ("reseat_seats ", &overview["seats"]),
            ("reseat_findings{kind=\"idle\"} ", &overview["findings"]["idle"]),
            ("reseat_candidates{state=\"ready\"} ", &overview["candidates"]["ready"]),
        ] {
            assert_eq!(value(&text, series), shown.as_f64(), "{series}\n{text}");
        }
        assert_eq!(value(&text, "reseat_frozen "), Some(0.0));
        assert!(value(&text, "reseat_source_age_seconds{source=\"people\"} ").is_some_and(|age| age >= 0.0), "{text}");
        api.admin().await.post("/freeze", serde_json::json!({"reason": "a drill"})).await.ok();
        let text = auditor.raw(Method::GET, "/metrics", None).await.text;
        assert_eq!(value(&text, "reseat_frozen "), Some(1.0));
        let asked = "reseat_http_requests_total{method=\"GET\",route=\"/api/v1/overview\",status=\"200\"} ";
        assert!(value(&text, asked).is_some_and(|count| count >= 1.0), "{text}");
        assert!(!text.contains("@"), "nobody is named");
        api.finish().await;
    }
}
