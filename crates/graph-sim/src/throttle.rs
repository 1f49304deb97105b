//! Throttling by resource units: token buckets per application, as published for identity and access.

use crate::clock::{Millis, wall_now};
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

/// Sliding windows of what each application spent.
#[derive(Debug, Default)]
pub struct Throttle {
    pub on: bool,
    /// Read units allowed in ten seconds; depends on the tenant's size.
    pub read_limit: u32,
    spent: HashMap<(String, Window), VecDeque<(Millis, u32)>>,
    pub operations: BTreeMap<String, Operation>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Window {
    Read,
    Write,
    Report(String),
}

/// A refusal by the limiter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub retry_after: u64,
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

    fn spend(&mut self, app: &str, window: Window, seconds: u64, limit: u32, units: u32) -> Result<(), u64> {
        let now = wall_now();
        let seconds_since = |at: Millis| u64::try_from((now - at) / 1000).unwrap_or(0);
        let spent = self.spent.entry((app.to_owned(), window)).or_default();
        while spent.front().is_some_and(|(at, _)| seconds_since(*at) >= seconds) {
            spent.pop_front();
        }
        let total: u32 = spent.iter().map(|(_, units)| units).sum();
        // Attempts while throttled still count against usage.
        spent.push_back((now, units));
        if total + units > limit {
            let oldest = spent.front().map_or(0, |(at, _)| seconds_since(*at));
            return Err(seconds.saturating_sub(oldest).max(1));
        }
        Ok(())
    }

    /// Charges a call; refuses it when throttling is on and a window is full.
    pub fn charge(&mut self, app: &str, operation: &str, cost: Cost, report: Option<&str>) -> Result<(), Refused> {
        let entry = self.operations.entry(operation.to_owned()).or_default();
        entry.requests += 1;
        entry.resource_units += u64::from(cost.units);
        if !self.on {
            return Ok(());
        }
        let limit = self.read_limit;
        let result = match report {
            Some(function) => self
                .spend(app, Window::Report(function.to_owned()), 600, 14, 1)
                .map_err(|wait| (wait, "Tenant_Application/Read", "RequestLimitExceeded")),
            None if cost.write => self
                .spend(app, Window::Write, 150, 3_000, 1)
                .map_err(|wait| (wait, "Tenant_Application/Write", "WriteLimitExceeded")),
            None => self
                .spend(app, Window::Read, 10, limit, cost.units)
                .map_err(|wait| (wait, "Tenant_Application/ReadWrite", "ResourceUnitLimitExceeded")),
        };
        result.map_err(|(retry_after, scope, reason)| {
            self.note_throttled(operation);
            Refused { retry_after, scope, reason }
        })
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
