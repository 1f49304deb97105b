//! Writing licenses.

use std::time::Duration;

use async_trait::async_trait;
use reseat_domain::plan::Write;
use uuid::Uuid;

/// What became of one write. There is no blind retry inside a writer: what nobody knows is said to
/// be unknown (I2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteOutcome {
    /// Graph accepted it. Not a proof of the final state.
    Accepted {
        /// Graph's own id of the request.
        request_id: Option<String>,
    },
    /// Graph refused it; nothing changed.
    Refused {
        /// Why, as far as the text tells.
        reason: Refusal,
        /// Graph's own words.
        message: String,
        /// Graph's own id of the request.
        request_id: Option<String>,
        /// The raw body, for the evidence.
        raw: String,
    },
    /// Provably nothing was processed: not one byte was sent, or Graph asked to come back later
    /// before doing anything.
    NotSent {
        /// Why.
        why: String,
        /// How long to send no write at all, if Graph said so.
        retry_after: Option<Duration>,
    },
    /// It was sent and nobody knows whether it happened (G5, G9 to G11).
    Unknown {
        /// What was seen.
        why: String,
        /// Graph's own id of the request, if one came back.
        request_id: Option<String>,
    },
}

/// Why Graph refused a write (4.1 for licenses, 4.4 for memberships; matched by stable fragments of the
/// text, because nearly all share one code).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The person does not hold the license.
    NotHeld,
    /// The license comes from a group.
    Inherited,
    /// No seat is free.
    NoSeats,
    /// The person has no valid usage location.
    UsageLocation,
    /// A plan depends on another.
    Dependency {
        /// Graph's words, which name the plans.
        plans: String,
    },
    /// Plans exclude each other.
    Exclusive,
    /// The tenant does not own this sku.
    NotCompanySku,
    /// The sku is the company's and cannot be held by a person.
    CompanyWide,
    /// There is no such account.
    UserNotFound,
    /// The person is no member of the group, or one of the two is gone: what was to be taken is gone already.
    NotAMember,
    /// The person is a member of the group already.
    AlreadyMember,
    /// The group's members follow a rule.
    DynamicGroup,
    /// The group is kept in the on-premises directory.
    SyncedGroup,
    /// The group's members are changed in Exchange only.
    MailEnabledGroup,
    /// This program may not change this account, or this group: a right is missing, or it is protected.
    Forbidden,
    /// A text nobody has seen before; never taken for success.
    Other,
}

/// Changes licenses, one write at a time.
#[async_trait]
pub trait LicenseWriter: Send + Sync {
    /// Sends one write once, within `deadline`, and says what became of it.
    async fn write(&self, write: &Write, client_request_id: Uuid, deadline: Duration) -> WriteOutcome;

    /// Whether there is anything to write with. Without it nothing is begun, and what is approved waits.
    fn is_configured(&self) -> bool {
        true
    }
}

/// The writer of a tenant that is only observed: it has no credential and sends nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoWriter;

#[async_trait]
impl LicenseWriter for NoWriter {
    async fn write(&self, _write: &Write, _client_request_id: Uuid, _deadline: Duration) -> WriteOutcome {
        WriteOutcome::NotSent { why: "no writer connection is configured".to_owned(), retry_after: None }
    }

    fn is_configured(&self) -> bool {
        false
    }
}
