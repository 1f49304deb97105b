//! When people sign in and use their services. Those who work keep working as the clock moves.

use crate::clock::{DAY, is_working_day};
use crate::people::{Kind, Population};
use crate::seed::Topic;

/// The three dates of `signInActivity`, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignIns {
    pub interactive: Option<i64>,
    pub non_interactive: Option<i64>,
    pub successful: Option<i64>,
}

/// Workloads of the usage reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    Exchange,
    OneDrive,
    SharePoint,
    Teams,
    Yammer,
    Apps,
    Copilot,
}

/// How a person uses what they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Habit {
    WorkingDays,
    /// Once in so many days.
    Every(i64),
    StoppedOn(i64),
    Never,
}

impl Population {
    fn habit(&self, index: u64) -> Habit {
        let stopped =
            |low, high| Habit::StoppedOn(self.epoch - DAY * self.seed.between(index, Topic::LastUse, low, high));
        match self.kind(index) {
            Kind::Active | Kind::NonInteractiveOnly | Kind::NoReportRow => {
                match self.seed.below(index, Topic::Rhythm, 100) {
                    // Some people need their tools rarely; they are not idle.
                    0..6 => Habit::Every(self.seed.between(index, Topic::Extra, 10, 45)),
                    _ => Habit::WorkingDays,
                }
            }
            Kind::Departing => Habit::WorkingDays,
            Kind::Idle | Kind::IdleNoReportRow | Kind::FailedOnly => stopped(95, 400),
            Kind::Disabled => stopped(40, 200),
            Kind::LeaverEnabled | Kind::LeaverDisabled => {
                self.end_of_employment(index).map_or(Habit::Never, |end| Habit::StoppedOn(end - DAY))
            }
            Kind::OnLeave => stopped(35, 220),
            Kind::NotInRoster | Kind::Guest => match self.seed.below(index, Topic::Rhythm, 2) {
                0 => Habit::WorkingDays,
                _ => stopped(95, 400),
            },
            Kind::NewStarter => match self.seed.below(index, Topic::Rhythm, 2) {
                0 => Habit::Never,
                _ => Habit::WorkingDays,
            },
            Kind::NeverUsed | Kind::Shared | Kind::Room | Kind::Service => Habit::Never,
        }
    }

    /// The last moment of use not after `limit` (seconds); `calm` skips more days for services used less.
    fn last_use(&self, index: u64, limit: i64, topic: Topic, calm: u64) -> Option<i64> {
        let hour = self.seed.between(index, Topic::Hour, 7 * 3600, 17 * 3600);
        let limit = self.end_of_employment(index).map_or(limit, |end| limit.min(end));
        let created = self.person_created(index);
        let found = match self.habit(index) {
            Habit::Never => None,
            Habit::StoppedOn(day) => {
                Some(day + hour - DAY * i64::try_from(self.seed.below(index, topic, calm)).unwrap_or(0))
                    .filter(|at| *at <= limit)
            }
            Habit::Every(period) => {
                let phase = i64::try_from(self.seed.below(index, topic, 60)).unwrap_or(0);
                let today = (limit - hour).div_euclid(DAY);
                Some((today - (today + phase).rem_euclid(period)) * DAY + hour)
            }
            Habit::WorkingDays => {
                let today = (limit - hour).div_euclid(DAY);
                (0..30)
                    .map(|back| today - back)
                    .find(|day| {
                        is_working_day(*day)
                            && self.seed.below(index ^ day.unsigned_abs().rotate_left(32), topic, calm + 7) >= calm
                    })
                    .map(|day| day * DAY + hour)
            }
        };
        found.filter(|at| *at >= created)
    }

    fn person_created(&self, index: u64) -> i64 {
        match self.kind(index) {
            Kind::NewStarter => self.epoch - DAY * self.seed.between(index, Topic::Created, 3, 24),
            _ => i64::MIN,
        }
    }

    /// What the sign-in log knows up to `limit` (seconds).
    pub fn sign_ins(&self, index: u64, limit: i64) -> SignIns {
        let used = self.last_use(index, limit, Topic::DayOff, 1);
        match self.kind(index) {
            Kind::FailedOnly => {
                let today = limit.div_euclid(DAY) - 1;
                SignIns { interactive: Some(today * DAY + 3600 * 3), non_interactive: used, successful: used }
            }
            Kind::NonInteractiveOnly => SignIns { interactive: None, non_interactive: used, successful: used },
            Kind::Service => {
                let nightly =
                    (self.seed.below(index, Topic::Rhythm, 2) == 0).then(|| (limit.div_euclid(DAY) - 1) * DAY + 7200);
                SignIns { interactive: None, non_interactive: nightly, successful: nightly }
            }
            _ => SignIns {
                interactive: used,
                non_interactive: used.map(|at| at + 600).filter(|at| *at <= limit).or(used),
                successful: used,
            },
        }
    }

    /// The last day (seconds, midnight) a usage report of `refreshed` (seconds, midnight) shows for a workload.
    pub fn report_day(&self, index: u64, workload: Workload, refreshed: i64) -> Option<i64> {
        let calm = match workload {
            Workload::Exchange => 1,
            Workload::Teams | Workload::Apps => 2,
            Workload::OneDrive | Workload::SharePoint => 5,
            Workload::Copilot => 6,
            Workload::Yammer => 25,
        };
        if workload == Workload::Yammer && self.seed.below(index, Topic::Service, 4) != 0 {
            return None;
        }
        if workload == Workload::Copilot && self.seed.below(index, Topic::Copilot, 10) < 4 {
            return None;
        }
        if self.kind(index) == Kind::NonInteractiveOnly && workload != Workload::Exchange {
            return None;
        }
        let topic = if workload == Workload::Exchange { Topic::DayOff } else { Topic::Service };
        self.last_use(index, refreshed + DAY - 1, topic, calm).map(|at| at.div_euclid(DAY) * DAY)
    }

    /// Whether usage reports carry a row for this user object at all.
    pub fn has_report_row(&self, index: u64) -> bool {
        match self.kind(index) {
            Kind::NoReportRow | Kind::IdleNoReportRow | Kind::Guest | Kind::Service | Kind::Room => false,
            Kind::NewStarter => self.seed.below(index, Topic::Report, 2) != 0,
            Kind::Active
            | Kind::Departing
            | Kind::Idle
            | Kind::NeverUsed
            | Kind::Disabled
            | Kind::LeaverEnabled
            | Kind::LeaverDisabled
            | Kind::OnLeave
            | Kind::NotInRoster
            | Kind::Shared
            | Kind::FailedOnly
            | Kind::NonInteractiveOnly => true,
        }
    }
}
