//! Planted faults: what may go wrong between a client and Graph, and how often each has bitten.

use crate::request::Request;
use crate::seed::mix;
use serde::{Deserialize, Serialize};

/// The 24 kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    #[serde(rename = "429-with-retry-after")]
    ThrottledWithRetryAfter,
    #[serde(rename = "429-without-retry-after")]
    ThrottledWithoutRetryAfter,
    #[serde(rename = "429-storm")]
    ThrottleStorm,
    #[serde(rename = "429-inside-batch")]
    ThrottledInsideBatch,
    #[serde(rename = "429-after-effect")]
    ThrottledAfterEffect,
    BatchIdsWrong,
    #[serde(rename = "5xx-before-effect")]
    ServerErrorBeforeEffect,
    #[serde(rename = "5xx-after-effect")]
    ServerErrorAfterEffect,
    ResetBeforeFirstByte,
    ResetAfterEffect,
    TruncatedAnswer,
    TokenExpired,
    TokenRevoked,
    #[serde(rename = "403-on-one")]
    ForbiddenOnOne,
    HtmlFromProxy,
    Slow,
    StaleRead,
    FlickeringRead,
    #[serde(alias = "reassigned-by-another")]
    ReAssignedByAnother,
    BecameInherited,
    AlreadyGone,
    PlansChanged,
    #[serde(alias = "next-link-expired", alias = "nextlink-expired-or-looping")]
    NextLinkExpiredOrLooping,
    DeltaExpired,
}

/// All kinds, in the order of the list of faults.
pub const KINDS: [Fault; 24] = [
    Fault::ThrottledWithRetryAfter,
    Fault::ThrottledWithoutRetryAfter,
    Fault::ThrottleStorm,
    Fault::ThrottledInsideBatch,
    Fault::ThrottledAfterEffect,
    Fault::BatchIdsWrong,
    Fault::ServerErrorBeforeEffect,
    Fault::ServerErrorAfterEffect,
    Fault::ResetBeforeFirstByte,
    Fault::ResetAfterEffect,
    Fault::TruncatedAnswer,
    Fault::TokenExpired,
    Fault::TokenRevoked,
    Fault::ForbiddenOnOne,
    Fault::HtmlFromProxy,
    Fault::Slow,
    Fault::StaleRead,
    Fault::FlickeringRead,
    Fault::ReAssignedByAnother,
    Fault::BecameInherited,
    Fault::AlreadyGone,
    Fault::PlansChanged,
    Fault::NextLinkExpiredOrLooping,
    Fault::DeltaExpired,
];

/// A planted fault as `POST /_sim/faults` takes it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planted {
    pub fault: Fault,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_contains: Option<String>,
    /// Matching requests that pass before the first bite.
    #[serde(default)]
    pub skip: u64,
    /// How often it bites.
    #[serde(default = "once")]
    pub times: u64,
    /// Decides variants: the 5xx status, the seconds of Retry-After, where an answer is cut.
    #[serde(default)]
    pub seed: u64,
    /// For `slow`: how long the answer takes; 30 s unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    #[serde(default)]
    pub seen: u64,
    #[serde(default)]
    pub bitten: u64,
}

fn once() -> u64 {
    1
}

/// A fault that bites this request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bite {
    pub fault: Fault,
    /// Deterministic randomness of this bite.
    pub draw: u64,
    pub delay_ms: u64,
}

/// All planted faults.
#[derive(Debug, Default)]
pub struct Faults {
    pub list: Vec<Planted>,
}

impl Faults {
    /// The first planted fault that matches this request and still bites.
    pub fn bite(&mut self, request: &Request, segments: &[&str]) -> Option<Bite> {
        for planted in &mut self.list {
            if planted.bitten >= planted.times || !planted.matches(request, segments) {
                continue;
            }
            planted.seen += 1;
            if planted.seen > planted.skip {
                planted.bitten += 1;
                let draw = mix(planted.seed ^ mix(planted.bitten));
                return Some(Bite { fault: planted.fault, draw, delay_ms: planted.delay_ms.unwrap_or(30_000) });
            }
        }
        None
    }
}

impl Planted {
    fn matches(&self, request: &Request, segments: &[&str]) -> bool {
        let method = self.method.as_ref().is_none_or(|method| method.eq_ignore_ascii_case(&request.method));
        let path = self.path_contains.as_ref().is_none_or(|part| request.path.contains(part.as_str()));
        method && path && self.fault.concerns(request, segments)
    }
}

impl Fault {
    /// Whether the kind makes sense for this request at all, so that a fault without filter is not spent in vain.
    fn concerns(self, request: &Request, segments: &[&str]) -> bool {
        let token = segments.last() == Some(&"token");
        let batch = segments == ["$batch"];
        let download = matches!(segments, ["data", "download", _]);
        let assign = matches!(segments, ["users", _, "assignLicense"]);
        let one_user =
            request.method == "GET" && matches!(segments, ["users", id] if *id != "delta" && *id != "$count");
        let write = request.method != "GET" && !token && !batch;
        match self {
            Self::ThrottledInsideBatch => request.in_batch,
            Self::BatchIdsWrong => batch,
            Self::ThrottledAfterEffect | Self::ServerErrorAfterEffect | Self::ResetAfterEffect => write,
            // The download host looks at no token.
            Self::TokenRevoked => !download,
            Self::TokenExpired | Self::ForbiddenOnOne => !token && !batch && !download,
            Self::StaleRead | Self::FlickeringRead => {
                one_user || (request.method == "GET" && matches!(segments, ["users", _, "licenseDetails"]))
            }
            Self::ReAssignedByAnother => assign,
            Self::BecameInherited | Self::AlreadyGone | Self::PlansChanged => assign || one_user,
            Self::NextLinkExpiredOrLooping => {
                request.method == "GET"
                    && matches!(segments, ["users" | "groups"] | ["groups", _, "members"])
                    && request.option("$skiptoken").is_some()
            }
            Self::DeltaExpired => matches!(segments, ["users", "delta"]) && request.option("$deltatoken").is_some(),
            Self::ThrottledWithRetryAfter
            | Self::ThrottledWithoutRetryAfter
            | Self::ThrottleStorm
            | Self::ServerErrorBeforeEffect
            | Self::ResetBeforeFirstByte
            | Self::TruncatedAnswer
            | Self::HtmlFromProxy
            | Self::Slow => !token || request.path.contains("oauth2"),
        }
    }
}
