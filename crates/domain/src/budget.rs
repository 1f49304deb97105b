//! How many removals may start. A budget paces a plan and never cuts it: what does not fit waits
//! for the next run or day by itself.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// The limits of one tenant. Zero means nothing may start; there is no value that means
/// "unlimited" (C8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BudgetLimits {
    /// Removals in the very first run, the canary, at least 1 and at most 5.
    pub first_run: u32,
    /// Removals in a run.
    pub per_run: u32,
    /// Share of a sku's holders in a run, in percent, rounded up.
    pub per_run_percent: u32,
    /// Removals in any 24 hours.
    pub per_day: u32,
    /// Share of a sku's holders in any 24 hours, in percent, rounded up.
    pub per_day_percent: u32,
    /// Share of a sku's holders in any 30 days, in percent, rounded up.
    pub per_30_days_percent: u32,
    /// Seconds between the start of two runs.
    pub run_interval_seconds: u32,
}

impl Default for BudgetLimits {
    fn default() -> Self {
        Self {
            first_run: 5,
            per_run: 25,
            per_run_percent: 2,
            per_day: 100,
            per_day_percent: 5,
            per_30_days_percent: 10,
            run_interval_seconds: 3_600,
        }
    }
}

/// A limit that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} must be between {least} and {most}, not {given}")]
pub struct BadLimit {
    /// Which setting.
    pub name: &'static str,
    /// The least it may be.
    pub least: u32,
    /// The most it may be.
    pub most: u32,
    /// What was given.
    pub given: u32,
}

impl BudgetLimits {
    /// Refuses what makes no sense.
    ///
    /// # Errors
    /// [`BadLimit`] names the setting.
    pub fn check(&self) -> Result<(), BadLimit> {
        let within = |name, given, least, most| {
            if (least..=most).contains(&given) { Ok(()) } else { Err(BadLimit { name, least, most, given }) }
        };
        within("first_run", self.first_run, 1, 5)?;
        within("per_run_percent", self.per_run_percent, 0, 100)?;
        within("per_day_percent", self.per_day_percent, 0, 100)?;
        within("per_30_days_percent", self.per_30_days_percent, 0, 100)
    }
}

/// What has been started already, counted inside the transaction that records the next intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Started {
    /// Whether no run of this tenant ever proved its removals.
    pub first_run: bool,
    /// In this run.
    pub in_run: u32,
    /// In this run, of this sku.
    pub in_run_of_sku: u32,
    /// In the last 24 hours.
    pub in_day: u32,
    /// In the last 24 hours, of this sku.
    pub in_day_of_sku: u32,
    /// In the last 30 days, of this sku.
    pub in_30_days_of_sku: u32,
    /// How many hold this sku now, before the removal.
    pub sku_holders: u32,
    /// Of those started in this run, how many seats have left that count.
    pub gone_in_run_of_sku: u32,
    /// Of those started in the last 24 hours.
    pub gone_in_day_of_sku: u32,
    /// Of those started in the last 30 days.
    pub gone_in_30_days_of_sku: u32,
}

/// Which limit holds the next removal back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// The canary is complete; its proof comes first.
    Canary,
    /// This run is full.
    Run,
    /// The last 24 hours are full.
    Day,
    /// The last 30 days are full for this sku.
    Month,
}

impl Held {
    /// In words, for the page that says when it goes on.
    pub const fn explain(self) -> &'static str {
        match self {
            Self::Canary => "the first few removals are being proven before the rest goes on",
            Self::Run => "this run's budget is used up; the next run goes on by itself",
            Self::Day => "today's budget is used up; it goes on by itself",
            Self::Month => "this license type's budget for 30 days is used up; it goes on by itself",
        }
    }
}

/// A share in percent of holders, rounded up and at least 1; zero percent is zero.
pub const fn share(percent: u32, holders: u32) -> u32 {
    if percent == 0 {
        return 0;
    }
    let share = (holders as u64 * percent as u64).div_ceil(100);
    if share < 1 { 1 } else { share as u32 }
}

/// Whether one more removal may start.
///
/// # Errors
/// [`Held`] says which limit holds it back.
pub fn permit(limits: &BudgetLimits, started: &Started) -> Result<(), Held> {
    if started.first_run && started.in_run >= limits.first_run {
        return Err(Held::Canary);
    }
    // The holders before anything of the window was taken. A seat that was started and is held still, on
    // its way or given back, is in the count already: counting it twice would raise the limit.
    let before = |gone: u32| started.sku_holders.saturating_add(gone);
    let run_of_sku = share(limits.per_run_percent, before(started.gone_in_run_of_sku));
    if started.in_run >= limits.per_run || started.in_run_of_sku >= run_of_sku {
        return Err(Held::Run);
    }
    let day_of_sku = share(limits.per_day_percent, before(started.gone_in_day_of_sku));
    if started.in_day >= limits.per_day || started.in_day_of_sku >= day_of_sku {
        return Err(Held::Day);
    }
    if started.in_30_days_of_sku >= share(limits.per_30_days_percent, before(started.gone_in_30_days_of_sku)) {
        return Err(Held::Month);
    }
    Ok(())
}

/// When the next run may begin.
pub const fn next_run_at(limits: &BudgetLimits, last_run_began: Timestamp) -> Timestamp {
    last_run_began.plus_seconds(limits.run_interval_seconds as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_rounds_up_and_is_at_least_one() {
        assert_eq!(share(2, 1), 1);
        assert_eq!(share(2, 50), 1);
        assert_eq!(share(2, 51), 2);
        assert_eq!(share(100, 7), 7);
        assert_eq!(share(0, 1_000), 0);
    }

    #[test]
    fn the_first_run_is_a_canary_of_at_most_five() {
        let limits = BudgetLimits { per_run_percent: 100, ..BudgetLimits::default() };
        let started = |in_run| Started {
            first_run: true,
            in_run,
            in_run_of_sku: in_run,
            sku_holders: 1_000,
            ..Started::default()
        };
        assert_eq!(permit(&limits, &started(4)), Ok(()));
        assert_eq!(permit(&limits, &started(5)), Err(Held::Canary));
        assert!(BudgetLimits { first_run: 6, ..limits }.check().is_err());
        assert!(BudgetLimits { first_run: 0, ..limits }.check().is_err());
    }

    #[test]
    fn nothing_starts_when_a_limit_is_zero() {
        let started = Started { sku_holders: 1_000, ..Started::default() };
        for limits in [
            BudgetLimits { per_run: 0, ..BudgetLimits::default() },
            BudgetLimits { per_day: 0, ..BudgetLimits::default() },
            BudgetLimits { per_run_percent: 0, ..BudgetLimits::default() },
            BudgetLimits { per_30_days_percent: 0, ..BudgetLimits::default() },
        ] {
            assert!(permit(&limits, &started).is_err());
        }
    }

    #[test]
    fn no_window_is_ever_passed() {
        let limits = BudgetLimits::default();
        let mut started = Started { sku_holders: 2_000, ..Started::default() };
        let mut permitted = 0;
        while permit(&limits, &started).is_ok() {
            started.in_run += 1;
            started.in_run_of_sku += 1;
            started.in_day += 1;
            started.in_day_of_sku += 1;
            started.in_30_days_of_sku += 1;
            started.sku_holders -= 1;
            started.gone_in_run_of_sku += 1;
            started.gone_in_day_of_sku += 1;
            started.gone_in_30_days_of_sku += 1;
            permitted += 1;
        }
        assert_eq!(permitted, 25);
    }

    #[test]
    fn a_seat_on_its_way_or_given_back_raises_no_limit() {
        let wide = BudgetLimits { per_run: 1_000, per_run_percent: 100, per_day: 1_000, ..BudgetLimits::default() };
        let limits = BudgetLimits { per_day_percent: 100, per_30_days_percent: 10, ..wide };
        // A hundred hold it; ten were started, and every one is held still.
        let ten = Started { in_30_days_of_sku: 10, sku_holders: 100, ..Started::default() };
        assert_eq!(permit(&limits, &ten), Err(Held::Month), "I5");
        let nine = Started { in_30_days_of_sku: 9, ..ten };
        assert_eq!(permit(&limits, &nine), Ok(()));
        let gone = Started { in_30_days_of_sku: 9, gone_in_30_days_of_sku: 9, sku_holders: 91, ..ten };
        assert_eq!(permit(&limits, &gone), Ok(()), "a hundred held it when the window began");
    }
}
