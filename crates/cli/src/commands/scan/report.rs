//! The result for people and for programs.

use std::collections::BTreeMap;

use reseat_domain::catalog::product_name;
use reseat_domain::ids::SkuId;
use reseat_domain::money::Amounts;
use serde_json::{Value, json};

use crate::commands::scan::judge::{Found, ScanResult};
use crate::commands::scan::read::Tenant;
use crate::remote::table::table;

/// So many idle seats are shown to people; a terminal is no place for thousands.
const SHOWN: usize = 40;

/// For programs.
pub fn json(tenant: &Tenant, result: &ScanResult) -> Value {
    let findings: Vec<Value> = result
        .idle
        .iter()
        .map(|found| {
            let mut value = finding(found);
            value["justification"] = json!(found.verdict.justifications.first());
            value["justifications"] = json!(found.verdict.justifications);
            value["last_activity"] = json!(found.verdict.last_activity);
            value["idle_days"] = json!(found.verdict.idle_days);
            value
        })
        .collect();
    let insufficient: Vec<Value> = result
        .insufficient
        .iter()
        .map(|found| {
            let mut value = finding(found);
            value["missing"] = json!(found.verdict.missing);
            value
        })
        .collect();
    let needs_person: Vec<Value> = result
        .needs_person
        .iter()
        .map(|found| {
            let mut value = finding(found);
            value["justification"] = json!(found.verdict.justifications.first());
            value
        })
        .collect();
    let problem = |source: &str, why: Option<&str>| why.map(|why| json!({ "source": source, "problem": why }));
    let problems: Vec<Value> = [
        problem("usage_report", tenant.reports.active_users.problem()),
        problem("sign_ins", tenant.sign_ins.problem()),
    ]
    .into_iter()
    .flatten()
    .collect();
    json!({
        "scanned_at": tenant.now,
        "users": tenant.people.len(),
        "seats": result.seats,
        "rule": { "preset": result.rule.preset, "threshold_days": result.rule.threshold_days,
                  "grace_days": result.rule.grace_days, "use_signals": result.rule.use_signals },
        "problems": problems,
        "findings": findings,
        "insufficient_evidence": insufficient,
        "needs_person": needs_person,
        "by_sku": by_sku(tenant, result),
        "recoverable_spend": result.recoverable,
    })
}

fn finding(found: &Found) -> Value {
    let evidence: Vec<Value> = found
        .verdict
        .evidence
        .iter()
        .map(|item| {
            json!({ "signal": item.signal, "value": item.value, "source": item.source, "as_of": item.as_of,
                    "status": item.status, "note": item.note })
        })
        .collect();
    json!({ "user_id": found.seat.user_id, "sku_id": found.seat.sku_id, "evidence": evidence })
}

fn by_sku(tenant: &Tenant, result: &ScanResult) -> Vec<Value> {
    let names = names(tenant);
    result
        .by_sku
        .iter()
        .map(|(sku_id, counts)| {
            json!({ "sku_id": sku_id, "name": names.get(sku_id), "seats": counts.seats, "idle": counts.idle,
                    "insufficient_evidence": counts.insufficient, "needs_person": counts.needs_person,
                    "recoverable": counts.recoverable })
        })
        .collect()
}

fn names(tenant: &Tenant) -> BTreeMap<SkuId, String> {
    let name = |sku: &reseat_domain::directory::Sku| {
        product_name(sku.sku_id).map_or_else(|| sku.part_number.clone(), str::to_owned)
    };
    tenant.skus.iter().map(|sku| (sku.sku_id, name(sku))).collect()
}

/// For people.
pub fn tables(tenant: &Tenant, result: &ScanResult) -> String {
    let names = names(tenant);
    let mut rows = table(&["License", "Held", "Idle", "Evidence missing", "Recoverable a year"]);
    for (sku_id, counts) in &result.by_sku {
        rows.add_row([
            names.get(sku_id).cloned().unwrap_or_else(|| sku_id.to_string()),
            counts.seats.to_string(),
            counts.idle.to_string(),
            counts.insufficient.to_string(),
            counts.recoverable.as_ref().map_or_else(|| "no price".to_owned(), amounts),
        ]);
    }
    let mut out = format!("{rows}\n\n");
    if !result.idle.is_empty() {
        let mut seats = table(&["Person", "License", "Why", "Last used"]);
        for found in result.idle.iter().take(SHOWN) {
            let holder = tenant.people.get(&found.seat.user_id);
            seats.add_row([
                holder.map(|holder| holder.user_principal_name.clone()).unwrap_or_default(),
                names.get(&found.seat.sku_id).cloned().unwrap_or_else(|| found.seat.sku_id.to_string()),
                found
                    .verdict
                    .justifications
                    .iter()
                    .map(|why| why.as_str().replace('_', " "))
                    .collect::<Vec<_>>()
                    .join(", "),
                found.verdict.last_activity.map_or_else(|| "—".to_owned(), |day| day.to_string()),
            ]);
        }
        out.push_str(&format!("{seats}\n"));
        if result.idle.len() > SHOWN {
            out.push_str(&format!("… and {} more; --format json lists all.\n", result.idle.len() - SHOWN));
        }
        out.push('\n');
    }
    out.push_str(&summary(tenant, result));
    out
}

fn summary(tenant: &Tenant, result: &ScanResult) -> String {
    let money = if result.recoverable.is_empty() {
        "no prices, so their cost is not known; give them with --price SKU=39.00USD/month".to_owned()
    } else {
        format!("worth {} a year, as far as prices were given", amounts(&result.recoverable))
    };
    let mut out = format!(
        "{} people hold {} seats. {} are idle: {money}.\n{} could not be judged because evidence is missing; they are kept.\n",
        tenant.people.len(),
        result.seats,
        result.idle.len(),
        result.insufficient.len(),
    );
    for problem in [tenant.reports.active_users.problem(), tenant.sign_ins.problem()].into_iter().flatten() {
        out.push_str(&format!("Missing: {problem}.\n"));
    }
    out.push_str("No HR roster takes part in a scan: leavers are found by the server.\n");
    out
}

fn amounts(amounts: &Amounts) -> String {
    amounts.iter().map(|money| format!("{} {}", money.amount(), money.currency)).collect::<Vec<_>>().join(", ")
}
