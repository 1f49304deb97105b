//! The record of effects that really happened, in order: what a judge compares with what the product says.

use crate::clock::{Millis, millis_text};
use serde::Serialize;
use std::fmt::Write as _;

/// What happened to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectKind {
    LicenseRemoved,
    LicenseAdded,
    PlansChanged,
    GroupMemberRemoved,
    GroupMemberAdded,
    UserDeleted,
    MailSent,
}

/// One line of `/_sim/journal`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Effect {
    pub seq: u64,
    pub at: String,
    /// The application that caused it; `null` for every other actor.
    pub app_id: Option<String>,
    pub user_id: String,
    pub kind: EffectKind,
    pub sku_id: Option<String>,
    /// The path: `null` is a direct license.
    pub group_id: Option<String>,
    pub request_id: Option<String>,
}

/// Who did something and in which request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Actor {
    pub app_id: Option<String>,
    pub request_id: Option<String>,
}

/// All effects so far.
#[derive(Debug, Default)]
pub struct Effects {
    list: Vec<Effect>,
}

impl Effects {
    /// Appends one effect.
    pub fn record(
        &mut self,
        at: Millis,
        actor: &Actor,
        user_id: String,
        kind: EffectKind,
        sku_id: Option<String>,
        group_id: Option<String>,
    ) {
        let seq = self.list.len() as u64 + 1;
        self.list.push(Effect {
            seq,
            at: millis_text(at),
            app_id: actor.app_id.clone(),
            user_id,
            kind,
            sku_id,
            group_id,
            request_id: actor.request_id.clone(),
        });
    }

    /// The effects after `seq`, one JSON object a line.
    pub fn lines(&self, after: u64) -> String {
        let mut text = String::new();
        for effect in self.list.iter().skip(usize::try_from(after).unwrap_or(usize::MAX)) {
            if let Ok(line) = serde_json::to_string(effect) {
                let _ = writeln!(text, "{line}");
            }
        }
        text
    }
}
