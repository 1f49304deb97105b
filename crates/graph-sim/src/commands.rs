//! Changes of the world as data: what the durable journal keeps and what a replay runs through the same engine.

use crate::apps::AppState;
use crate::catalogue::SkuIndex;
use crate::changes::Changed;
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
    RestoreUser {
        user: u64,
        actor: Actor,
    },
    PurgeUser {
        user: u64,
    },
    GroupAssign {
        group: GroupIndex,
        add: Vec<(SkuIndex, Vec<Uuid>)>,
        remove: Vec<SkuIndex>,
        actor: Actor,
    },
    Patch {
        user: u64,
        #[serde(flatten)]
        account: Account,
    },
    /// The first license write of a person ran into the error of 9#18.
    Hiccup {
        user: u64,
    },
    /// What was bought of a license type changes.
    Pool {
        sku: SkuIndex,
        enabled: i64,
        warning: i64,
        suspended: i64,
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
    App {
        client_id: String,
        state: AppState,
    },
    Clock {
        rate: f64,
    },
}

/// What another actor changes about an account; what is none stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    pub enabled: Option<bool>,
    /// Seconds.
    pub last_sign_in: Option<i64>,
    /// The whole set of direct licenses.
    pub direct: Option<Vec<(SkuIndex, Vec<Uuid>)>>,
    /// Two letters, or empty for none.
    pub usage_location: Option<String>,
    pub roles: Option<Vec<String>>,
    pub revoke_sessions: bool,
}

impl World {
    /// Runs a command at a simulated moment.
    pub fn run(&mut self, at: Millis, command: &Command) {
        self.settle(at);
        self.note_change(at);
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
            Command::RestoreUser { user, actor } => self.restore_user(*user, at, actor),
            Command::PurgeUser { user } => self.purge_user(*user, at),
            Command::Patch { user, account } => self.patch_account(*user, account, at),
            Command::Hiccup { user } => self.touched.entry(*user).or_default().hiccuped = true,
            Command::Pool { sku, enabled, warning, suspended } => {
                (self.prepaid[*sku], self.warning[*sku], self.suspended[*sku]) = (*enabled, *warning, *suspended);
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
            Command::Settings { settings } => self.set_settings(settings, at),
            Command::Consent { client_id } => {
                self.apps.entry(client_id.clone()).or_default().consented = Some(at);
            }
            Command::App { client_id, state } => {
                let consented = self.apps.get(client_id).and_then(|before| before.consented);
                self.apps.insert(client_id.clone(), AppState { consented, ..state.clone() });
            }
            Command::Clock { .. } => {}
        }
    }

    fn patch_account(&mut self, index: u64, account: &Account, at: Millis) {
        let touched = self.touched.entry(index).or_default();
        touched.enabled = account.enabled.or(touched.enabled);
        touched.last_sign_in = account.last_sign_in.or(touched.last_sign_in);
        if let Some(code) = &account.usage_location {
            touched.usage_location = Some(code.clone());
        }
        if account.revoke_sessions {
            touched.sessions_valid_from = Some(at / 1000);
        }
        if let Some(roles) = &account.roles {
            touched.roles = Some(roles.clone());
        }
        if account.enabled.is_some() || account.usage_location.is_some() {
            self.tell(index, at, Changed::Account);
        }
        let Some(wanted) = &account.direct else { return };
        let before = self.holdings(index);
        let direct = wanted
            .iter()
            .map(|(sku, disabled)| {
                let same = before.direct.iter().find(|path| path.sku == *sku && path.disabled == *disabled);
                same.cloned().unwrap_or_else(|| Self::direct(*sku, disabled.clone()))
            })
            .collect();
        self.set_holdings(index, Holdings { direct, inherited: before.inherited }, at, &Actor::default());
    }

    fn set_settings(&mut self, settings: &Settings, at: Millis) {
        if settings.conceal_names != self.settings.conceal_names {
            self.concealment.push((at, self.settings.conceal_names));
        }
        let nesting = settings.nested_licenses != self.settings.nested_licenses;
        self.settings = settings.clone();
        if nesting {
            // Untouched people are derived from the groups, so their seats are counted again.
            self.consumed = self.count_seats();
        }
    }
}
