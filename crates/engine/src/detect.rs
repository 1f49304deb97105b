//! The stage that judges every seat under the rule in force and keeps what it finds.

use reseat_domain::detect::{RosterReading, SeatFacts, judge};
use reseat_domain::directory::Service;
use reseat_domain::employment::Employment;
use reseat_domain::evidence::Reading;
use reseat_domain::ids::{FindingId, RuleId, SeatKey, SkuId};
use reseat_domain::rule::{Rule, UseSignals};
use reseat_domain::time::Timestamp;
use reseat_domain::usage_report::{ReportUse, UsageReport};
use reseat_store::findings::{NewFinding, StoredFacts};
use reseat_store::integration::SourceRow;
use reseat_store::trail::Log;
use reseat_store::{Tx, dialect, findings, integration, rules, skus};
use std::collections::{BTreeMap, BTreeSet};

use crate::crash::crash_point;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::moves::{By, Note, entry};
use crate::sync::{CONCEALED, NO_PREMIUM, NOT_OFFERED};
use crate::task::Task;

/// How the report of one service stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ReportState {
    /// Microsoft never gave it to this tenant, so nothing can be lost with it.
    NotOffered,
    /// Its names are pseudonyms.
    Concealed,
    /// It gives nothing now.
    Broken(String),
    /// It is published.
    Published,
}

impl ReportState {
    fn of(row: &SourceRow) -> Self {
        match &row.problem {
            Some(problem) if problem == CONCEALED => Self::Concealed,
            Some(problem) if problem == NOT_OFFERED && row.round == 0 => Self::NotOffered,
            Some(problem) => Self::Broken(problem.clone()),
            None => Self::Published,
        }
    }
}

/// What detection needs to know about the tenant's sources beside the seats themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceView {
    /// Counts up with each publication of any source.
    rounds: i64,
    /// As of when people and paths are known.
    directory_as_of: Option<Timestamp>,
    roster_connected: bool,
    roster_as_of: Option<Timestamp>,
    usage_problem: Option<String>,
    /// The reports of single services, as far as they were ever asked for.
    reports: BTreeMap<UsageReport, ReportState>,
    sign_ins_problem: Option<String>,
    skus_as_of: Option<Timestamp>,
    /// What each sku contains; a sku that lists no plans at all is left out, because nothing is
    /// known about it.
    services: BTreeMap<SkuId, BTreeSet<Service>>,
    company_wide: BTreeSet<SkuId>,
}

impl SourceView {
    /// Reads it.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn load(engine: &Engine, tx: &mut Tx) -> Result<Self, EngineError> {
        let tenant_id = engine.tenant_id();
        let mut view = Self {
            rounds: 0,
            directory_as_of: None,
            roster_connected: false,
            roster_as_of: None,
            usage_problem: None,
            reports: BTreeMap::new(),
            sign_ins_problem: None,
            skus_as_of: None,
            services: BTreeMap::new(),
            company_wide: BTreeSet::new(),
        };
        for row in integration::list_sources(tx, tenant_id).await? {
            view.rounds += row.round;
            let as_of = row.as_of.map(Timestamp::from_micros);
            match row.source.as_str() {
                "people" => view.directory_as_of = as_of,
                "roster" => view.roster_as_of = as_of,
                "skus" => view.skus_as_of = as_of,
                "usage_report" => view.usage_problem = row.problem,
                "sign_ins" => view.sign_ins_problem = row.problem,
                other => {
                    if let Ok(report) = other.parse() {
                        view.reports.insert(report, ReportState::of(&row));
                    }
                }
            }
        }
        view.roster_connected = integration::list_tasks(tx, tenant_id)
            .await?
            .iter()
            .any(|row| row.task == Task::HrRoster.as_str() && row.enabled);
        for named in skus::list_skus(tx, tenant_id).await? {
            if !named.sku.plans.is_empty() {
                view.services.insert(named.sku.sku_id, Service::of_sku(&named.sku.plans));
            }
            if !named.sku.assignable_to_people {
                view.company_wide.insert(named.sku.sku_id);
            }
        }
        Ok(view)
    }

    /// One seat's facts as the pure judge wants them.
    pub fn facts(&self, stored: &StoredFacts) -> SeatFacts {
        let account_enabled = match self.directory_as_of {
            Some(as_of) => Reading::Present { value: stored.account_enabled, as_of },
            None => Reading::missing("the directory has not been read yet"),
        };
        let sign_in = match (&stored.sign_in, &self.sign_ins_problem) {
            (Some((sign_in, as_of)), _) => Reading::Present { value: *sign_in, as_of: *as_of },
            (None, Some(problem)) => Reading::missing(problem.clone()),
            (None, None) => Reading::missing("sign-in activity has not been read for this person yet"),
        };
        let service_use = match (&self.usage_problem, &stored.service_use) {
            (Some(problem), _) if problem == CONCEALED => Reading::Concealed,
            (Some(problem), _) => Reading::missing(problem.clone()),
            (None, Some(row)) => Reading::Present { value: row.clone(), as_of: row.refreshed.end() },
            (None, None) => Reading::missing("the active-user report has no row for this person"),
        };
        let roster = if self.roster_connected {
            RosterReading::Connected(self.roster(stored))
        } else {
            RosterReading::NotConnected
        };
        let services = match (self.skus_as_of, self.services.get(&stored.seat.sku_id)) {
            (Some(as_of), Some(services)) => Reading::Present { value: services.clone(), as_of },
            (Some(_), None) => {
                Reading::missing("the tenant's list of license types does not say what this license contains")
            }
            (None, _) => Reading::missing("the tenant's license types have not been read yet"),
        };
        SeatFacts {
            services,
            seat: stored.seat.clone(),
            account_enabled,
            account_created: stored.account_created,
            declared: stored.declared,
            sign_in,
            reports: self.reports(stored),
            service_use,
            roster,
        }
    }

    /// What the reports of single services say about the holder. One that this tenant is not offered is
    /// not asked about a service that the active-user report shows too.
    fn reports(&self, stored: &StoredFacts) -> BTreeMap<UsageReport, Reading<ReportUse>> {
        let mut readings = BTreeMap::new();
        for &report in UsageReport::ALL {
            let Some(service) = report.shows_use_of() else { continue };
            let missing = |why: &str| Reading::missing(format!("{}: {why}", report.label()));
            let reading = match (self.reports.get(&report), stored.reports.get(&report)) {
                (None, _) => missing("it has not been read yet"),
                (Some(ReportState::NotOffered), _) if service.in_active_users() => continue,
                (Some(ReportState::NotOffered), _) => missing(NOT_OFFERED),
                (Some(ReportState::Concealed), _) => Reading::Concealed,
                (Some(ReportState::Broken(problem)), _) => missing(problem),
                (Some(ReportState::Published), Some(row)) => {
                    Reading::Present { value: *row, as_of: row.refreshed.end() }
                }
                (Some(ReportState::Published), None) => missing("it has no row for this person"),
            };
            readings.insert(report, reading);
        }
        readings
    }

    /// What the roster says about the holder. A row that could not be used is not the same as none, and
    /// one that may be about several people is about nobody (R5, R7, R10).
    fn roster(&self, stored: &StoredFacts) -> Reading<Option<Employment>> {
        let Some(as_of) = self.roster_as_of else {
            return Reading::missing("the HR roster has not been read yet");
        };
        if let Some((line, reason)) = &stored.roster_unknown {
            return Reading::missing(format!("line {line} of the HR roster could not be used: {reason}"));
        }
        match stored.roster_rows.as_slice() {
            [] => Reading::Present { value: None, as_of },
            [_, ..] if stored.roster_shared => {
                Reading::missing("several people carry the address of this row of the HR roster")
            }
            [row] => Reading::Present { value: Some(row.clone()), as_of },
            [_, _, ..] => Reading::missing("two rows of the HR roster carry this person's addresses"),
        }
    }
}

/// Judges every seat when something was published since, or a day has passed. `true` when it did.
///
/// # Errors
/// [`EngineError::Store`].
pub async fn run_due(engine: &Engine) -> Result<bool, EngineError> {
    let tenant_id = engine.tenant_id();
    let now = engine.now();
    let mut tx = engine.store().read().await?;
    let Some(tenant) = integration::find_tenant(&mut tx, tenant_id).await? else { return Ok(false) };
    let overdue = tenant.detected_at.is_some_and(|at| now.seconds_since(Timestamp::from_micros(at)) >= 86_400);
    if tenant.held_reason.is_some() || !(tenant.detect_requested || overdue) {
        return Ok(false);
    }
    let view = SourceView::load(engine, &mut tx).await?;
    drop(tx);
    if view.directory_as_of.is_none() {
        return Ok(false);
    }
    let rule = rule_in_force(engine, &view).await?;
    let mut after: Option<SeatKey> = None;
    loop {
        let mut tx = engine.store().write().await?;
        let page = findings::list_facts(&mut tx, tenant_id, after, 500).await?;
        let Some(last) = page.last() else { break };
        after = Some(SeatKey { user_id: last.user_id, sku_id: last.seat.sku_id });
        let found: Vec<NewFinding> = page
            .iter()
            .filter(|stored| !view.company_wide.contains(&stored.seat.sku_id))
            .map(|stored| NewFinding {
                id: FindingId::new(now, engine.random()),
                seat: SeatKey { user_id: stored.user_id, sku_id: stored.seat.sku_id },
                account_enabled: stored.account_enabled,
                verdict: judge(&view.facts(stored), &rule, now),
            })
            .collect();
        findings::upsert_findings(&mut tx, tenant_id, &rule, &found, now).await?;
        tx.commit().await?;
        crash_point("detect_page");
    }
    let mut tx = engine.store().write().await?;
    // Behind whoever publishes just now, so that nothing published meanwhile is taken for judged.
    dialect::lock_tenant_writes(&mut tx, tenant_id).await?;
    findings::delete_stale_findings(&mut tx, tenant_id).await?;
    let nothing_new = SourceView::load(engine, &mut tx).await? == view;
    integration::record_detection(&mut tx, tenant_id, now, nothing_new).await?;
    let counts = findings::count_by_kind(&mut tx, tenant_id).await?;
    let details: serde_json::Map<String, serde_json::Value> =
        counts.iter().map(|(kind, count)| (kind.to_string(), (*count).into())).collect();
    let text = format!(
        "Judged every seat: {}",
        counts
            .iter()
            .map(|(kind, count)| format!("{count} {}", kind.as_str().replace('_', " ")))
            .collect::<Vec<_>>()
            .join(", ")
    );
    let note = Note::with(text, serde_json::Value::Object(details));
    let draft = entry(engine, By::Stage("detect"), "findings.judged", ("rule", &rule.id.to_string()), &note);
    engine.append_audit(&mut tx, Log::Tenant(tenant_id), &draft).await?;
    tx.commit().await?;
    Ok(true)
}

/// The rule in force; the safe preset, chosen by what the tenant can deliver, when there is none
/// yet. A tenant that loses a signal later keeps its rule: seats become insufficient instead.
async fn rule_in_force(engine: &Engine, view: &SourceView) -> Result<Rule, EngineError> {
    let tenant_id = engine.tenant_id();
    let mut tx = engine.store().write().await?;
    if let Some(rule) = rules::find_active_rule(&mut tx, tenant_id).await? {
        return Ok(rule);
    }
    let use_signals = if view.sign_ins_problem.as_deref() == Some(NO_PREMIUM) {
        UseSignals::ServicesOverTwoRefreshes
    } else {
        UseSignals::SignInAndServices
    };
    let now = engine.now();
    let rule = Rule::reseat_preset(RuleId::new(now, engine.random()), use_signals);
    rules::insert_rule(&mut tx, tenant_id, &rule, now).await?;
    let text = format!(
        "Rule \"{}\" in force: {} days, {}",
        rule.name,
        rule.threshold_days,
        match use_signals {
            UseSignals::SignInAndServices => "sign-in and every licensed service",
            UseSignals::ServicesOverTwoRefreshes => "every licensed service over two refreshes, without Entra P1",
        }
    );
    let details = serde_json::json!({ "version": rule.version, "threshold_days": rule.threshold_days,
        "grace_days": rule.grace_days, "use_signals": rule.use_signals });
    let draft =
        entry(engine, By::Stage("detect"), "rule.created", ("rule", &rule.id.to_string()), &Note::with(text, details));
    engine.append_audit(&mut tx, Log::Tenant(tenant_id), &draft).await?;
    tx.commit().await?;
    Ok(rule)
}
