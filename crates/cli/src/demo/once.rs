//! `reseat demo --once`: one whole loop through REST as the demo's people, and what came of it by
//! REST and by the simulator's journal.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use reseat_domain::money::{Amounts, PaymentFrequency, Price};
use reseat_domain::role::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::demo::judge::{Approved, unapproved, was_removed};
use crate::demo::supervise::Running;
use crate::demo::watch::{self, is_passing, moment};
use crate::exit::{Complaint, Exit};
use crate::remote::client::Client;
use crate::remote::table::{amounts, text};

/// A loop that is not through by then has failed.
pub const WITHIN: Duration = Duration::from_secs(170);
const EVERY: Duration = Duration::from_millis(400);

/// How many seats are taken back at most; enough for every reason, few enough to watch.
const SEATS: usize = 8;

/// How long a server that is being brought back is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is due within so many seconds is waited for; for anything later the clock is moved.
const SOON: i64 = 6;

struct Loop<'a> {
    running: &'a Running,
    manager: Client,
    approver: Client,
    auditor: Client,
    deadline: Instant,
}

/// What the people did.
struct Decided {
    /// Approved candidates.
    approved: Vec<String>,
    /// Kept ones.
    kept: usize,
    /// Everything opened.
    candidates: usize,
}

/// Runs it.
pub async fn run(running: &Running, as_json: bool, begun: Instant) -> anyhow::Result<Exit> {
    let it = Loop {
        running,
        manager: running.client(Role::LicenseManager).await?,
        approver: running.client(Role::Approver).await?,
        auditor: running.client(Role::Auditor).await?,
        deadline: begun + WITHIN,
    };
    let journal_before = running.control.journal().await?.last().map_or(0, |effect| effect.seq);
    if journal_before > 0 {
        // What an earlier loop took is not there any more; this one begins with what is.
        it.post(&it.manager, "/syncs", &json!({})).await?;
        watch::first_findings(running).await?;
    }
    let before = it.get(&it.manager, "/overview").await?;
    let decided = it.decide(&before).await?;
    it.drain(&decided.approved, "closed_complete").await?;
    let mut after: BTreeMap<String, Value> = BTreeMap::new();
    for id in &decided.approved {
        after.insert(id.clone(), it.get(&it.manager, &format!("/candidates/{id}")).await?);
    }
    let restored = it.restore_one(&after).await?;
    let result = it.result(&before, journal_before, &decided, &after, restored).await?;
    tell(&result, as_json);
    Ok(verdict(&result))
}

impl Loop<'_> {
    async fn get(&self, client: &Client, path: &str) -> anyhow::Result<Value> {
        self.patiently(|| client.get(path)).await
    }

    async fn post(&self, client: &Client, path: &str, body: &Value) -> anyhow::Result<Value> {
        let key = Uuid::new_v4();
        self.patiently(|| client.post_under(path, body, key)).await
    }

    /// A server that was killed is brought back; until then the same thing is asked again.
    async fn patiently<T, F: Future<Output = anyhow::Result<T>>>(&self, ask: impl Fn() -> F) -> anyhow::Result<T> {
        let until = self.deadline.min(Instant::now() + PATIENCE);
        loop {
            match ask().await {
                Err(error) if is_passing(&error) && Instant::now() < until => tokio::time::sleep(EVERY).await,
                other => return other,
            }
        }
    }

    /// Opens and starts seats, then decides each: take it back, but one is kept.
    async fn decide(&self, overview: &Value) -> anyhow::Result<Decided> {
        let (direct, through_group) = self.choose().await?;
        let all: Vec<&String> = direct.iter().chain(&through_group).collect();
        let opened = self.post(&self.manager, "/candidates", &json!({ "seat_ids": all })).await?;
        let mut ids: BTreeMap<String, String> = BTreeMap::new();
        for item in opened["items"].as_array().into_iter().flatten() {
            if let Some(id) = item["candidate"]["candidate_id"].as_str() {
                ids.insert(text(&item["seat_id"]), id.to_owned());
            }
        }
        let mut waiting = Vec::new();
        for (seat, id) in &ids {
            let started = self.post(&self.manager, &action(id, "start"), &json!({})).await?;
            match started["state"].as_str() {
                Some("awaiting_approval") => waiting.push(id.clone()),
                Some("attention_required") => eprintln!("  {}", text(&started["attention"]["text"])),
                _ => eprintln!("  seat {seat} is {}", text(&started["state_label"])),
            }
        }
        let kept = waiting.pop().context("no seat waits for its approver")?;
        let until = moment(&overview["now"]).context("the server tells the time")?.plus_days(90).day();
        let keep = json!({ "reason": "Needed again after the summer", "until": until });
        self.post(&self.approver, &action(&kept, "keep"), &keep).await?;
        for id in &waiting {
            self.post(&self.approver, &action(id, "approve"), &json!({})).await?;
        }
        eprintln!("{} candidates opened, {} approved, 1 kept", ids.len(), waiting.len());
        Ok(Decided { approved: waiting, kept: 1, candidates: ids.len() })
    }

    /// Idle seats of as many reasons and licenses as there are, none of whoever acts; and one that a
    /// group gives.
    async fn choose(&self) -> anyhow::Result<(Vec<String>, Vec<String>)> {
        let seats = self.patiently(|| self.manager.list("/seats?kind=idle", 2_000)).await?;
        let acting: BTreeSet<String> = {
            let kept = self.running.kept.lock().await;
            kept.accounts.iter().filter_map(|account| account.user_id.map(|id| id.to_string())).collect()
        };
        let mut by_reason: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
        let mut through_group = Vec::new();
        for seat in &seats {
            if !seat["candidate"].is_null() || acting.contains(&text(&seat["person"]["user_id"])) {
                continue;
            }
            let vias: Vec<String> =
                seat["paths"].as_array().into_iter().flatten().map(|path| text(&path["via"])).collect();
            if vias == ["direct"] {
                let reason =
                    format!("{} {}", text(&seat["finding"]["justifications"][0]), text(&seat["sku"]["sku_id"]));
                by_reason.entry(reason).or_default().push(seat);
            } else if through_group.is_empty() && vias.iter().any(|via| via == "group") {
                through_group.push(text(&seat["seat_id"]));
            }
        }
        let mut direct = Vec::new();
        let add_ons = self.add_ons().await?;
        for seat in in_turns(by_reason) {
            if direct.len() < SEATS && self.stands_alone(seat, &add_ons).await? {
                direct.push(text(&seat["seat_id"]));
            }
        }
        if direct.len() < 2 {
            return Err(Complaint::failed(
                format!("this world has {} idle seats that could be taken back, and a loop needs two", direct.len()),
                "Give it more people with --users N --fresh.",
            ));
        }
        Ok((direct, through_group))
    }

    /// Whether nothing else of the person leans on this license. Add-ons lean on the suite beside
    /// them, and Microsoft refuses to take the suite first; what costs nothing or brings services of
    /// its own does not.
    async fn stands_alone(&self, seat: &Value, leaning: &BTreeSet<String>) -> anyhow::Result<bool> {
        let sku_id = text(&seat["sku"]["sku_id"]);
        if leaning.contains(&sku_id) {
            return Ok(true);
        }
        let person = self.get(&self.manager, &format!("/people/{}", text(&seat["person"]["user_id"]))).await?;
        let held: Vec<String> =
            person["seats"].as_array().into_iter().flatten().map(|held| text(&held["sku"]["sku_id"])).collect();
        Ok(held.contains(&sku_id) && !held.iter().any(|held| leaning.contains(held)))
    }

    /// The license types that may lean on another one.
    async fn add_ons(&self) -> anyhow::Result<BTreeSet<String>> {
        let skus = self.patiently(|| self.manager.list("/skus", usize::MAX)).await?;
        let leans = |sku: &&Value| sku["is_free"] == false && sku["services"].as_array().is_some_and(Vec::is_empty);
        Ok(skus.iter().filter(leans).map(|sku| text(&sku["sku_id"])).collect())
    }

    /// Waits until every candidate is in `wanted` or cannot go on by itself; moves the clock on when
    /// nothing is due soon.
    async fn drain(&self, ids: &[String], wanted: &str) -> anyhow::Result<()> {
        let mut told = String::new();
        let mut told_of = BTreeSet::new();
        loop {
            let mut states: BTreeMap<String, usize> = BTreeMap::new();
            let mut open = 0;
            for id in ids {
                let detail = self.get(&self.manager, &format!("/candidates/{id}")).await?;
                let state = text(&detail["state"]);
                let at_end = state == wanted || matches!(state.as_str(), "attention_required" | "closed_canceled");
                open += usize::from(!at_end);
                if state == "attention_required" && told_of.insert(id.clone()) {
                    eprintln!("  {}", text(&detail["attention"]["text"]));
                }
                *states.entry(state).or_default() += 1;
            }
            let line = states
                .iter()
                .map(|(state, count)| format!("{count} {}", state.replace('_', " ")))
                .collect::<Vec<_>>()
                .join(", ");
            if line != told {
                eprintln!("  {line}");
                told = line;
            }
            if open == 0 {
                return Ok(());
            }
            self.move_clock_if_idle().await?;
            tokio::time::sleep(EVERY).await;
        }
    }

    async fn move_clock_if_idle(&self) -> anyhow::Result<()> {
        let overview = self.get(&self.manager, "/overview").await?;
        let (Some(now), Some(due)) = (moment(&overview["now"]), moment(&overview["next_due_at"])) else {
            return Ok(());
        };
        let wait = due.seconds_since(now);
        if wait <= SOON {
            return Ok(());
        }
        // A day at a time, so that what becomes due on the way is not jumped over.
        let step = wait.min(86_400) + 1;
        eprintln!("  nothing is due for {wait} s; the clock moves on by {step} s");
        self.post(&self.manager, "/demo/clock", &json!({ "advance_s": step })).await?;
        Ok(())
    }

    /// Gives one proven removal back; gives how many are back exactly as they were.
    async fn restore_one(&self, after: &BTreeMap<String, Value>) -> anyhow::Result<usize> {
        let Some((id, detail)) = after.iter().find(|(_, detail)| detail["state"] == "closed_complete") else {
            return Ok(0);
        };
        eprintln!("Restoring candidate {}", text(&detail["number"]));
        self.post(&self.manager, &action(id, "restore"), &json!({})).await?;
        self.drain(std::slice::from_ref(id), "closed_restored").await?;
        let restored = self.get(&self.manager, &format!("/candidates/{id}")).await?;
        Ok(usize::from(restored["state"] == "closed_restored"))
    }

    async fn result(
        &self,
        before: &Value,
        journal_before: u64,
        decided: &Decided,
        after: &BTreeMap<String, Value>,
        restored: usize,
    ) -> anyhow::Result<Value> {
        let trail = self.get(&self.auditor, "/audit/verify").await?;
        let effects = self.running.control.journal().await?;
        let our_apps: BTreeSet<String> = ["reader", "writer", "mailer"]
            .iter()
            .map(|purpose| Ok(self.running.tenant.app(purpose)?.client_id.clone()))
            .collect::<anyhow::Result<_>>()?;
        let wrong = unapproved(&effects, &our_apps, &self.approvals().await?).len();
        let removed = |detail: &Value| {
            let (user, sku) = (text(&detail["person"]["user_id"]), text(&detail["sku"]["sku_id"]));
            was_removed(&effects, &our_apps, journal_before, &user, &sku)
        };
        let proven: Vec<&Value> = after.values().filter(|detail| is_proven(detail)).collect();
        let findings = &before["findings"];
        Ok(json!({
            "users": before["people"],
            "seats": before["seats"],
            "idle_seats": findings["idle"],
            "insufficient_evidence": findings["insufficient_evidence"],
            "needs_person": findings["needs_person"],
            "candidates": decided.candidates,
            "approved": decided.approved.len(),
            "kept": decided.kept,
            "reclaimed": after.values().filter(|detail| removed(detail)).count(),
            "verified": proven.len(),
            "restored": restored,
            "annual_savings": savings(&proven)?,
            "unapproved_writes": wrong,
            "audit_ok": trail["ok"] == true,
        }))
    }

    /// Every approval there is, of this run and of earlier ones.
    async fn approvals(&self) -> anyhow::Result<Vec<Approved>> {
        let candidates = self.patiently(|| self.manager.list("/candidates", usize::MAX)).await?;
        let mut approvals = Vec::with_capacity(candidates.len());
        for candidate in &candidates {
            let detail = self.get(&self.manager, &format!("/candidates/{}", text(&candidate["candidate_id"]))).await?;
            let writes = detail["writes"].as_array().cloned().unwrap_or_default();
            approvals.push(Approved {
                user_id: text(&detail["person"]["user_id"]),
                sku_id: text(&detail["sku"]["sku_id"]),
                removal: !detail["approval"].is_null(),
                restores: writes.iter().filter(|write| write["kind"] == "restore").count(),
            });
        }
        Ok(approvals)
    }
}

fn action(id: &str, action: &str) -> String {
    format!("/candidates/{id}/actions/{action}")
}

/// One of each pile in turns, until all are empty.
fn in_turns<T>(mut piles: BTreeMap<String, Vec<T>>) -> Vec<T> {
    let mut chosen = Vec::new();
    while piles.values().any(|pile| !pile.is_empty()) {
        chosen.extend(piles.values_mut().filter_map(Vec::pop));
    }
    chosen
}

/// Whether a removal was proven by two agreeing readings.
fn is_proven(detail: &Value) -> bool {
    let proven =
        |write: &Value| write["kind"] == "remove" && write["agreeing_reads"].as_i64().is_some_and(|reads| reads >= 2);
    let closed = matches!(detail["state"].as_str(), Some("closed_complete" | "restoring" | "closed_restored"));
    closed && detail["writes"].as_array().is_some_and(|writes| writes.iter().any(proven))
}

/// What proven removals save in a year, by currency.
fn savings(proven: &[&Value]) -> anyhow::Result<Amounts> {
    let mut total = Amounts::default();
    for detail in proven {
        for (currency, amount) in detail["annual_savings"].as_object().into_iter().flatten() {
            let price = Price::parse(&text(amount), currency, PaymentFrequency::Annually)?;
            total.add(price.annual(1, None).context("an annual amount is known")?);
        }
    }
    Ok(total)
}

fn tell(result: &Value, as_json: bool) {
    if as_json {
        println!("{result}");
        return;
    }
    println!(
        "{} of {} approved seats taken back, {} proven",
        text(&result["reclaimed"]),
        text(&result["approved"]),
        text(&result["verified"])
    );
    println!("{} kept, {} given back exactly as it was", text(&result["kept"]), text(&result["restored"]));
    println!("Saved a year: {}", amounts(&result["annual_savings"]));
    println!("Writes nobody approved: {}", text(&result["unapproved_writes"]));
    println!("The trail {}", if result["audit_ok"] == true { "holds" } else { "does not hold" });
}

/// The loop passes only if the journal, the people and the trail agree.
fn verdict(result: &Value) -> Exit {
    let count = |name: &str| result[name].as_u64().unwrap_or(0);
    let mut wrong = Vec::new();
    if result["unapproved_writes"] != 0 {
        wrong.push("something was written that nobody approved");
    }
    if result["audit_ok"] != true {
        wrong.push("the trail does not hold");
    }
    if count("reclaimed") != count("approved") || count("verified") != count("approved") {
        wrong.push("what was approved is not what was taken back and proven");
    }
    if count("restored") < 1 || count("kept") < 1 || count("approved") < 1 {
        wrong.push("not every part of the loop took place");
    }
    for sentence in &wrong {
        eprintln!("reseat: {sentence}");
    }
    if wrong.is_empty() { Exit::Done } else { Exit::Broken }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Value {
        json!({ "approved": 6, "reclaimed": 6, "verified": 6, "restored": 1, "kept": 1, "unapproved_writes": 0, "audit_ok": true })
    }

    #[test]
    fn a_loop_passes_only_whole() {
        assert_eq!(verdict(&good()), Exit::Done);
        for (name, value) in [
            ("unapproved_writes", json!(1)),
            ("unapproved_writes", Value::Null),
            ("audit_ok", json!(false)),
            ("reclaimed", json!(5)),
            ("verified", json!(7)),
            ("restored", json!(0)),
            ("kept", json!(0)),
        ] {
            let mut result = good();
            result[name] = value;
            assert_eq!(verdict(&result), Exit::Broken, "{name}");
        }
    }

    #[test]
    fn seats_are_taken_in_turns() {
        let piles = BTreeMap::from([
            ("a".to_owned(), vec!["a1".to_owned(), "a2".to_owned(), "a3".to_owned()]),
            ("b".to_owned(), vec!["b1".to_owned()]),
        ]);
        assert_eq!(in_turns(piles), ["a3", "b1", "a2", "a1"]);
    }

    #[test]
    fn savings_of_two_currencies_stay_apart() {
        let one = json!({ "annual_savings": { "USD": "468.00" } });
        let two = json!({ "annual_savings": { "EUR": "337.20" } });
        let none = json!({ "annual_savings": null });
        let total = savings(&[&one, &one, &two, &none]).expect("amounts");
        assert_eq!(serde_json::to_value(total).expect("json"), json!({ "EUR": "337.20", "USD": "936.00" }));
    }
}
