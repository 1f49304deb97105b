//! How a tenant wants its writes: whether people may be taken out of groups, and the change windows.

use reseat_domain::window;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub mod change;
pub mod read;

/// What may be written, and when.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WriteSettings {
    /// Whether people may be taken out of groups to free a seat. Off until an administrator switches it on; the
    /// writer then also needs `GroupMember.ReadWrite.All`.
    pub group_removal: bool,
    /// The IANA zone that the windows are meant in.
    pub time_zone: String,
    /// When writes may start; without one, at any time.
    pub windows: Vec<ChangeWindow>,
    /// For `If-Match`.
    pub version: i64,
    /// Why nothing is written now; null while nothing stands in the way.
    pub waits_because: Option<String>,
}

/// Some hours on some days in which writes may start.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeWindow {
    /// On which days it begins: `monday` to `sunday`.
    pub days: Vec<String>,
    /// From when, `HH:MM`.
    pub from: String,
    /// Until when, `HH:MM`. At or before `from`, it goes on past midnight.
    pub until: String,
}

impl From<window::Window> for ChangeWindow {
    fn from(window: window::Window) -> Self {
        Self { days: window.days.iter().map(ToString::to_string).collect(), from: window.from, until: window.until }
    }
}

impl TryFrom<ChangeWindow> for window::Window {
    type Error = reseat_domain::directory::UnknownWord;

    fn try_from(window: ChangeWindow) -> Result<Self, Self::Error> {
        let days = window.days.iter().map(|day| day.parse()).collect::<Result<_, _>>()?;
        Ok(Self { days, from: window.from, until: window.until })
    }
}
