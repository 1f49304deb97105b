//! How fast, how often, how much. Product defaults; the demo, benchmarks and proofs change them by
//! configuration and run the same code.

use reseat_domain::budget::BudgetLimits;

/// Seconds between two runs of each task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intervals {
    /// People, accounts and license paths.
    pub people: i64,
    /// Skus.
    pub skus: i64,
    /// Usage report and sign-in dates.
    pub activity: i64,
    /// The HR roster.
    pub roster: i64,
}

impl Default for Intervals {
    fn default() -> Self {
        Self { people: 6 * 3_600, skus: 24 * 3_600, activity: 24 * 3_600, roster: 24 * 3_600 }
    }
}

/// The settings of one tenant's engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How many removals may start.
    pub budget: BudgetLimits,
    /// How long after a write the first reading waits: reads lag behind (G22).
    pub settle_seconds: i64,
    /// How far apart agreeing readings are.
    pub read_spacing_seconds: i64,
    /// How long a new tenant is only observed; 0 writes at once.
    pub observe_days: i64,
    /// How old the sign-in sweep behind a write may be.
    pub recheck_max_age_seconds: i64,
    /// After how long without proof a person is told.
    pub unknown_after_seconds: i64,
    /// How long a claimed row is ours.
    pub lease_seconds: i64,
    /// How long a request to Graph may take; shorter than the lease.
    pub write_deadline_seconds: u64,
    /// Up to how many approved seats each write reads the person's sign-in itself.
    pub single_reads_below: i64,
    /// How long the circuit breaker of writes stays open before it lets one write through.
    pub circuit_retry_seconds: i64,
    /// Days after a keep before the seat may be found again, where nobody gave a date.
    pub cool_down_days: i64,
    /// How many requests for sign-in dates go out in a minute. Microsoft permits 10 for each app and
    /// tenant; a simulator permits any number.
    pub sign_in_requests_per_minute: u32,
    /// In how many streams people are read at once, where the tenant allows it.
    pub people_streams: usize,
    /// Seconds until everybody is read again; in between only what changed is.
    pub full_round_seconds: i64,
    /// How often each task runs.
    pub intervals: Intervals,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            budget: BudgetLimits::default(),
            settle_seconds: 60,
            read_spacing_seconds: 30,
            observe_days: 14,
            recheck_max_age_seconds: 24 * 3_600,
            unknown_after_seconds: 24 * 3_600,
            lease_seconds: 60,
            write_deadline_seconds: 30,
            single_reads_below: 20,
            circuit_retry_seconds: 3_600,
            cool_down_days: 30,
            sign_in_requests_per_minute: 10,
            people_streams: 4,
            full_round_seconds: 24 * 3_600,
            intervals: Intervals::default(),
        }
    }
}
