//! Changes of the world as data: what the durable journal keeps and what a replay runs through the same engine.

use crate::catalogue::SkuIndex;
use crate::clock::Millis;
use crate::effects::{Actor, EffectKind};
use crate::groups::GroupIndex;
use crate::holdings::{Direct, Holdings};
use crate::licensing::Request;
use crate::settings::Settings;
use crate::world::World;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// One change. Only changes that were allowed are recorded, so running one again cannot be refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    Assign {
        user: u64,
        add: Vec<(SkuIndex, Vec<Uuid>)>,
        remove: Vec<SkuIndex>,
        actor: Actor,
    },
    Reprocess {
        user: u64,
        actor: Actor,
    },
    SetMember {
        user: u64,
        group: GroupIndex,
        member: bool,
        actor: Actor,
    },
    DeleteUser {
        user: u64,
        actor: Actor,
    },
    GroupAssign {
        group: GroupIndex,
        add: Vec<(SkuIndex, Vec<Uuid>)>,
        remove: Vec<SkuIndex>,
        actor: Actor,
    },
    Patch {
        user: u64,
        enabled: Option<bool>,
        last_sign_in: Option<i64>,
        direct: Option<Vec<(SkuIndex, Vec<Uuid>)>>,
    },
    /// Somebody else gives the license again, with a new date.
    Reassign {
        user: u64,
        sku: SkuIndex,
        disabled: Vec<Uuid>,
    },
    BecomeInherited {
        user: u64,
        sku: SkuIndex,
    },
    Mail {
        user: u64,
        message: Value,
        actor: Actor,
    },
    Settings {
        settings: Settings,
    },
    /// An administrator consents to everything an app declares.
    Consent {
        client_id: String,
    },
    Clock {
        rate: f64,
    },
}

impl World {
    /// Runs a command at a simulated moment.
    pub fn run(&mut self, at: Millis, command: &Command) {
        self.settle(at);
        match command {
            Command::Assign { user, add, remove, actor } => {
                let request = Request { add: add.clone(), remove: remove.clone() };
                if let Ok(after) = self.check_assign(*user, &request) {
                    self.set_holdings(*user, after, at, actor);
                }
            }
            Command::Reprocess { user, actor } => {
                if let Ok(after) = self.check_reprocess(*user) {
                    self.set_holdings(*user, after, at, actor);
                    self.follow_memberships(*user, at, actor);
                }
            }
            Command::SetMember { user, group, member, actor } => self.set_membership(*user, *group, *member, at, actor),
            Command::DeleteUser { user, actor } => self.delete_user(*user, at, actor),
            Command::GroupAssign { group, add, remove, actor } => {
                let request = Request { add: add.clone(), remove: remove.clone() };
                if let Ok(after) = self.check_group_assign(*group, &request, at / 1000) {
                    self.set_group_licenses(*group, after, at, actor);
                }
            }
            Command::Patch { user, enabled, last_sign_in, direct } => {
                self.patch_account(*user, *enabled, *last_sign_in);
                if let Some(wanted) = direct {
                    let before = self.holdings(*user);
                    let direct = wanted
                        .iter()
                        .map(|(sku, disabled)| {
                            let same = before.direct.iter().find(|path| path.sku == *sku && path.disabled == *disabled);
                            same.cloned().unwrap_or_else(|| Self::direct(*sku, disabled.clone()))
                        })
                        .collect();
                    self.set_holdings(*user, Holdings { direct, inherited: before.inherited }, at, &Actor::default());
                }
            }
            Command::Reassign { user, sku, disabled } => {
                let mut holdings = self.holdings(*user);
                holdings.direct.retain(|path| path.sku != *sku);
                holdings.direct.push(Direct { sku: *sku, disabled: disabled.clone(), updated: 0 });
                self.set_holdings(*user, holdings, at, &Actor::default());
                self.forget_images(*user);
            }
            Command::BecomeInherited { user, sku } => self.become_inherited(*user, *sku, at),
            Command::Mail { user, message, actor } => {
                self.mail.push(message.clone());
                let user_id = self.user_id(*user).to_string();
                self.effects.record(at, actor, user_id, EffectKind::MailSent, None, None);
            }
            Command::Settings { settings } => self.settings = settings.clone(),
            Command::Consent { client_id } => {
                self.consented.insert(client_id.clone());
            }
            Command::Clock { .. } => {}
        }
    }
}
