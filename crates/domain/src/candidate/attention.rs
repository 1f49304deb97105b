//! What a candidate needs that cannot go on by itself, in words for a person.

use serde::{Deserialize, Serialize};

/// Why a candidate cannot go on by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum Attention {
    /// The seat comes through groups only; nothing direct to remove.
    HeldThroughGroup {
        /// Names of the groups.
        groups: Vec<String>,
        /// Why they are not left, a sentence for each reason.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        why: Vec<String>,
    },
    /// Removing the direct license would not free the seat: a group gives it too.
    AlsoHeldThroughGroup {
        /// Names of the groups.
        groups: Vec<String>,
        /// Why they are not left, a sentence for each reason.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        why: Vec<String>,
    },
    /// Other licenses of the person need this one (G30).
    NeededByOthers {
        /// Their names.
        skus: Vec<String>,
    },
    /// The mailbox is on hold and this license is the last one that keeps the hold.
    KeepsHold,
    /// Some of the writes are done and the rest cannot go on.
    PartlyDone {
        /// What is done, a sentence each.
        done: Vec<String>,
        /// Why the rest waits.
        why: String,
    },
    /// The sku to change to has no seat free.
    NoTargetSeat {
        /// Its name.
        sku: String,
    },
    /// The directory lists the sku without saying how, or since when, it is held.
    PathUnknown,
    /// Nobody who could be asked.
    NoHolderAddress,
    /// Nobody who could approve.
    NoApprover,
    /// Microsoft refused the write.
    WriteRefused {
        /// Their words.
        message: String,
    },
    /// The account is protected from this program.
    Protected {
        /// By what.
        why: String,
    },
    /// The seat came back after it was removed: somebody assigned it again. Never removed again
    /// under the same approval (G25).
    ReassignedByOther,
    /// Something else about the person's licenses changed with the write.
    SomethingElseChanged {
        /// What.
        difference: String,
    },
    /// The reads did not agree within the limit (G22, G23).
    NotProven,
    /// The undo found no free seat (G44).
    NoFreeSeat,
    /// The undo could not restore the exact state.
    RestoreIncomplete {
        /// What differs.
        difference: String,
    },
}

impl Attention {
    /// The cause in one sentence, and what a person can do about it.
    pub fn explain(&self) -> (String, String) {
        match self {
            Self::HeldThroughGroup { groups, why } => (
                with_reasons(format!("Held through {}, not assigned directly.", list_groups(groups)), why),
                "Take the person out of the group, or skip this candidate. Nothing was written.".to_owned(),
            ),
            Self::AlsoHeldThroughGroup { groups, why } => (
                with_reasons(
                    format!(
                        "Also held through {}; removing the direct license would free nothing.",
                        list_groups(groups)
                    ),
                    why,
                ),
                "Take the person out of the group first, or skip this candidate. Nothing was written.".to_owned(),
            ),
            Self::NeededByOthers { skus } => (
                format!("Other licenses of this person need it: {}.", skus.join(", ")),
                "Take those back first if they are not used either, or skip. Nothing was written.".to_owned(),
            ),
            Self::KeepsHold => (
                "The mailbox is on hold, and no other license would keep the hold.".to_owned(),
                "Preserve the mailbox first, or skip. Nothing was written.".to_owned(),
            ),
            Self::PartlyDone { done, why } => (
                format!("Not finished: {why}. Done so far: {}", done.join(" ")),
                "Restore gives back exactly what was taken; try again once the cause is gone, or finish by hand."
                    .to_owned(),
            ),
            Self::NoTargetSeat { sku } => (
                format!("No seat of {sku} is free to change to."),
                "Free or buy a seat, then try again. The license is unchanged.".to_owned(),
            ),
            Self::PathUnknown => (
                "The directory lists the license without saying how, or since when, it is assigned.".to_owned(),
                "Sync again; if it stays so, look at the person in the Microsoft 365 admin center.".to_owned(),
            ),
            Self::NoHolderAddress => {
                ("The holder has no mail address to ask.".to_owned(), "Decide without asking, or skip.".to_owned())
            }
            Self::NoApprover => {
                ("Nobody is entitled to approve this.".to_owned(), "Give somebody else the Approver role.".to_owned())
            }
            Self::WriteRefused { message } => (
                format!("Microsoft refused the removal: {message}"),
                "Fix the cause and try again, or skip. The license is unchanged.".to_owned(),
            ),
            Self::Protected { why } => {
                (format!("This account is protected: {why}."), "Lift the protection, or skip.".to_owned())
            }
            Self::ReassignedByOther => (
                "The license was removed and then assigned again by somebody else.".to_owned(),
                "Talk to whoever assigned it. It is never removed again under the same approval.".to_owned(),
            ),
            Self::SomethingElseChanged { difference } => (
                format!("Something else changed with the removal: {difference}."),
                "Look at the person's licenses, restore if needed, then look again.".to_owned(),
            ),
            Self::NotProven => (
                "The readings did not agree that the license is gone.".to_owned(),
                "Look again later, or check the person in the Microsoft 365 admin center.".to_owned(),
            ),
            Self::NoFreeSeat => {
                ("No seat is free to give back.".to_owned(), "Free or buy a seat, then try again.".to_owned())
            }
            Self::RestoreIncomplete { difference } => (
                format!("The person does not hold exactly what they held before: {difference}."),
                "Compare with the recorded state and try again.".to_owned(),
            ),
        }
    }
}

fn with_reasons(first: String, why: &[String]) -> String {
    std::iter::once(first).chain(why.iter().cloned()).collect::<Vec<_>>().join(" ")
}

fn list_groups(groups: &[String]) -> String {
    match groups {
        [] => "a group".to_owned(),
        [one] => format!("group {one}"),
        several => format!("groups {}", several.join(", ")),
    }
}
