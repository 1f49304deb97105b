//! Throttling by resource units: token buckets per application, as published for identity and access.

use crate::clock::{Clock, Millis, wall_now};
use crate::request::Request;
use std::collections::{BTreeMap, HashMap, VecDeque};

/// Cost of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    pub units: u32,
    pub write: bool,
}

/// The published cost table and its modifiers.
pub fn cost(request: &Request, segments: &[&str]) -> Cost {
    // A batch costs what its parts cost.
    if segments == ["$batch"] {
        return Cost { units: 0, write: false };
    }
    if request.method != "GET" {
        return Cost { units: if segments == ["directoryObjects", "getByIds"] { 3 } else { 1 }, write: true };
    }
    let base: u32 = match segments {
        ["users"] | ["users", _, "licenseDetails" | "memberOf" | "transitiveMemberOf", ..] => 2,
        ["subscribedSkus", ..] | ["groups", _, "members", ..] => 3,
        ["groups", _, "transitiveMembers", ..] => 5,
        _ => 1,
    };
    let mut units = i64::from(base);
    units -= i64::from(request.option("$select").is_some());
    units += i64::from(request.option("$expand").is_some());
    units -= i64::from(request.option("$top").and_then(|top| top.parse::<u32>().ok()).is_some_and(|top| top < 20));
    Cost { units: u32::try_from(units.max(1)).unwrap_or(1), write: false }
}

/// Requests seen, for `/_sim/stats`.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Operation {
    pub requests: u64,
    pub throttled: u64,
    pub resource_units: u64,
}

/// What a window counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Window {
    /// Units of reading.
    Read,
    /// Units of reading where sign-ins are asked, and the few requests that may.
    SignIns,
    Write,
    /// A report function as CSV.
    Report(String),
    /// The same as JSON, in the beta.
    ReportJson(String),
    /// Mail of one mailbox.
    Mailbox(String),
    /// Teams notices.
    Notices,
}

/// The window a request counts in.
pub fn window(request: &Request, segments: &[&str], beta: bool) -> Window {
    match segments {
        ["reports", function, ..] | ["copilot", "reports", function, ..] => {
            let name = function.split('(').next().unwrap_or_default().to_owned();
            let json = request.option("$format").is_some_and(|format| format.contains("json"));
            if beta && json { Window::ReportJson(name) } else { Window::Report(name) }
        }
        ["users", key, "sendMail" | "microsoft.graph.sendMail" | "mailboxSettings", ..] => {
            Window::Mailbox((*key).to_owned())
        }
        ["users", _, "teamwork", ..] => Window::Notices,
        ["$batch"] => Window::Read,
        _ if request.method != "GET" => Window::Write,
        ["users", ..] if request.query.iter().any(|(_, value)| value.contains("signInActivity")) => Window::SignIns,
        _ => Window::Read,
    }
}

/// One limit: who shares it, seconds, most, what it is called.
struct Limit {
    shared: bool,
    seconds: i64,
    most: u64,
    units: u64,
    scope: &'static str,
    reason: &'static str,
}

/// What a charge has to know about the tenant.
pub struct Limits {
    pub tenant: String,
    /// Requests with sign-ins a minute.
    pub sign_ins_a_minute: u64,
    /// Windows run on the simulated clock; a clock that stands still leaves them to the machine's.
    pub clock: Clock,
}

impl Limits {
    fn now(&self) -> Millis {
        if self.clock.rate > 0.0 { self.clock.now() } else { wall_now() }
    }

    /// Simulated seconds as a client has to wait them.
    fn waited(&self, seconds: i64) -> u64 {
        let rate = if self.clock.rate > 1.0 { self.clock.rate } else { 1.0 };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "seconds of a window"
        )]
        let waited = (seconds as f64 / rate).ceil() as u64;
        waited.max(1)
    }
}

/// What a key spent in a window.
#[derive(Debug, Default)]
struct Spent {
    entries: VecDeque<(Millis, u64)>,
    total: u64,
}

/// Sliding windows of what each application, and the tenant, spent.
#[derive(Debug, Default)]
pub struct Throttle {
    pub on: bool,
    /// Read units allowed in ten seconds; depends on the tenant's size.
    pub read_limit: u32,
    spent: HashMap<(String, Window), Spent>,
    pub operations: BTreeMap<String, Operation>,
}

/// A refusal by the limiter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub retry_after: Option<u64>,
    pub scope: &'static str,
    pub reason: &'static str,
}

impl Throttle {
    /// 3,500 units below 50 users, 5,000 up to 500, 8,000 above.
    pub fn for_tenant(on: bool, users: u64) -> Self {
        let read_limit = match users {
            0..50 => 3_500,
            50..=500 => 5_000,
            _ => 8_000,
        };
        Self { on, read_limit, ..Self::default() }
    }

    /// The limits a window stands under (6.1).
    fn limits(&self, window: &Window, cost: Cost, sign_ins: u64) -> Vec<(Window, Limit)> {
        let limit = |shared, seconds, most, units, scope, reason| Limit { shared, seconds, most, units, scope, reason };
        match window {
            Window::Read => vec![(
                Window::Read,
                limit(
                    false,
                    10,
                    u64::from(self.read_limit),
                    u64::from(cost.units),
                    "Tenant_Application/ReadWrite",
                    "ResourceUnitLimitExceeded",
                ),
            )],
            Window::SignIns => vec![
                (Window::SignIns, limit(false, 60, sign_ins, 1, "Tenant_Application/Read", "RequestLimitExceeded")),
                (
                    Window::Read,
                    limit(
                        false,
                        10,
                        u64::from(self.read_limit),
                        u64::from(cost.units),
                        "Tenant_Application/ReadWrite",
                        "ResourceUnitLimitExceeded",
                    ),
                ),
            ],
            Window::Write => vec![
                (Window::Write, limit(false, 150, 3_000, 1, "Tenant_Application/Write", "WriteLimitExceeded")),
                (Window::Write, limit(true, 300, 18_000, 1, "Tenant/Write", "WriteLimitExceeded")),
            ],
            Window::Report(_) => vec![
                (window.clone(), limit(false, 600, 14, 1, "Tenant_Application/Read", "RequestLimitExceeded")),
                (window.clone(), limit(true, 600, 40, 1, "Tenant/Read", "RequestLimitExceeded")),
            ],
            Window::ReportJson(_) => {
                vec![(window.clone(), limit(false, 600, 100, 1, "Tenant_Application/Read", "RequestLimitExceeded"))]
            }
            Window::Mailbox(_) => {
                vec![(
                    window.clone(),
                    limit(false, 600, 10_000, 1, "Tenant_Application/ReadWrite", "RequestLimitExceeded"),
                )]
            }
            Window::Notices => {
                vec![(Window::Notices, limit(false, 1, 5, 1, "Tenant_Application/Write", "RequestLimitExceeded"))]
            }
        }
    }

    /// Adds to a window and says how full it is, or after how many seconds there is room again.
    fn spend(&mut self, key: String, window: Window, limit: &Limit, now: Millis) -> Result<f64, i64> {
        let spent = self.spent.entry((key, window)).or_default();
        while let Some((at, units)) = spent.entries.front().copied() {
            if now - at < limit.seconds * 1000 {
                break;
            }
            spent.total -= units;
            spent.entries.pop_front();
        }
        // Attempts while throttled still count against usage.
        spent.entries.push_back((now, limit.units));
        spent.total += limit.units;
        #[expect(clippy::cast_precision_loss, reason = "limits are far below 2^52")]
        let share = spent.total as f64 / limit.most as f64;
        if spent.total > limit.most {
            let oldest = spent.entries.front().map_or(now, |(at, _)| *at);
            return Err((limit.seconds - (now - oldest) / 1000).max(1));
        }
        Ok(share)
    }

    /// Charges a call: how full its fullest window is, or a refusal when throttling is on and one is full.
    pub fn charge(
        &mut self,
        app: &str,
        operation: &str,
        cost: Cost,
        window: &Window,
        limits: &Limits,
    ) -> Result<Option<f64>, Refused> {
        let entry = self.operations.entry(operation.to_owned()).or_default();
        entry.requests += 1;
        entry.resource_units += u64::from(cost.units);
        if !self.on {
            return Ok(None);
        }
        let now = limits.now();
        let mut fullest: f64 = 0.0;
        for (window, limit) in self.limits(window, cost, limits.sign_ins_a_minute) {
            let key = if limit.shared { limits.tenant.clone() } else { app.to_owned() };
            match self.spend(key, window, &limit, now) {
                Ok(share) => fullest = fullest.max(share),
                Err(wait) => {
                    self.note_throttled(operation);
                    return Err(Refused {
                        retry_after: Some(limits.waited(wait)),
                        scope: limit.scope,
                        reason: limit.reason,
                    });
                }
            }
        }
        Ok(Some(fullest))
    }

    /// Counts a request that costs nothing.
    pub fn note(&mut self, operation: &str) {
        self.operations.entry(operation.to_owned()).or_default().requests += 1;
    }

    /// Counts a 429 whoever caused it.
    pub fn note_throttled(&mut self, operation: &str) {
        self.operations.entry(operation.to_owned()).or_default().throttled += 1;
    }
}
