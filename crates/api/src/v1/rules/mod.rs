//! Reclamation rules.

use reseat_store::read::rules::RuleItem;
use serde::Serialize;
use utoipa::ToSchema;

use crate::scalar::{ModeName, Moment, PresetName, UseSignalsName};
use crate::words;

pub mod list;
pub mod read;

/// A reclamation rule in one version.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Rule {
    /// Its id.
    pub rule_id: String,
    /// Its name.
    pub name: String,
    /// Counts up with each change.
    pub version: u32,
    /// Whose defaults it started from.
    pub preset: PresetName,
    /// What it does with what it finds.
    pub mode: ModeName,
    /// Whole days without use that make a seat idle.
    pub threshold_days: u16,
    /// Days after assignment in which a seat is left alone.
    pub grace_days: u16,
    /// Which signals of use must all be there.
    pub use_signals: UseSignalsName,
    /// How old each source may be, in hours.
    pub limits: RuleLimits,
    /// The rule in words.
    pub explanation: String,
    /// Whether it is in force.
    pub active: bool,
    /// When this version was made.
    pub created_at: Moment,
}

/// How old each source may be, in hours, before its signal counts as stale.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct RuleLimits {
    /// People, accounts, license paths.
    pub directory: u32,
    /// Sign-in dates.
    pub sign_ins: u32,
    /// The usage report.
    pub usage_report: u32,
    /// The HR roster.
    pub roster: u32,
}

/// Rules.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RuleList {
    /// This page.
    pub items: Vec<Rule>,
    /// Where the next page begins; null on the last one.
    pub next_cursor: Option<String>,
}

impl From<RuleItem> for Rule {
    fn from(item: RuleItem) -> Self {
        let RuleItem { rule, active, created_at } = item;
        Self {
            explanation: words::rule(&rule),
            rule_id: rule.id.to_string(),
            name: rule.name,
            version: rule.version,
            preset: rule.preset.into(),
            mode: rule.mode.into(),
            threshold_days: rule.threshold_days,
            grace_days: rule.grace_days,
            use_signals: rule.use_signals.into(),
            limits: RuleLimits {
                directory: rule.limits.directory,
                sign_ins: rule.limits.sign_ins,
                usage_report: rule.limits.usage_report,
                roster: rule.limits.roster,
            },
            active,
            created_at: created_at.into(),
        }
    }
}
