//! The 24 kinds of trouble, where each can bite, and how a seat that it bit may end.

/// How an approved seat ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// Taken back, and proven by two agreeing readings.
    Verified,
    /// Microsoft refused it for good; a person sees why.
    Refused,
    /// No longer what was approved, so nothing was taken.
    Invalidated,
    /// On the list that needs a person, with its cause.
    Person,
}

/// How a kind comes about during a sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InSync {
    /// Bites whatever the sync itself asks for.
    Asked,
    /// Bites a page after the first one only, so that the listing has to have several.
    LaterPage,
    /// Bites from the second round on only, where what changed is asked for.
    SecondRound,
    /// Another program's reading of a person sets it off while the sync goes on.
    Beside,
    /// An administrator does it while the sync goes on.
    Played,
    /// No request of a sync can meet it.
    Never(&'static str),
}

/// Where a kind bites during removals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InRemoval {
    /// The one write.
    Write,
    /// The write of some seats, a reading of others.
    WriteOrReading,
    /// The reading before the write of some, the write of others.
    BeforeOrAt,
    /// Readings after the write.
    ReadingAfter,
    /// Everything, until it is over.
    Everything,
    /// No request of a removal can meet it.
    Never(&'static str),
}

/// One of the 24.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// As the simulator spells it.
    pub name: &'static str,
    pub in_sync: InSync,
    pub in_removal: InRemoval,
    /// Every how many-th seat is bitten.
    pub every: usize,
    /// How often each is bitten.
    pub times: usize,
    /// One seat has to end like this.
    pub wanted: End,
    /// And a bitten one may end like one of these.
    pub allowed: &'static [End],
}

const NO_WRITE: &str = "a sync writes nothing";
const ONE_PERSON: &str = "a sync reads nobody singly";
/// Compared with what the simulator was asked.
pub const NO_BATCH: &str = "the product sends no $batch";

const fn kind(name: &'static str, in_sync: InSync, in_removal: InRemoval) -> Kind {
    Kind { name, in_sync, in_removal, every: 1, times: 1, wanted: End::Verified, allowed: &[End::Verified] }
}

const fn ending(kind: Kind, wanted: End, allowed: &'static [End]) -> Kind {
    Kind { wanted, allowed, ..kind }
}

/// All of them, in the order of faults.md C.3.
pub const KINDS: [Kind; 24] = [
    kind("429-with-retry-after", InSync::Asked, InRemoval::WriteOrReading),
    // The writer keeps away for half a minute each time, by the clock of the machine.
    Kind { every: 30, ..kind("429-without-retry-after", InSync::Asked, InRemoval::WriteOrReading) },
    Kind { times: 2, ..kind("429-storm", InSync::Asked, InRemoval::WriteOrReading) },
    kind("429-inside-batch", InSync::Never(NO_BATCH), InRemoval::Never(NO_BATCH)),
    kind("429-after-effect", InSync::Never(NO_WRITE), InRemoval::Write),
    kind("batch-ids-wrong", InSync::Never(NO_BATCH), InRemoval::Never(NO_BATCH)),
    kind("5xx-before-effect", InSync::Asked, InRemoval::WriteOrReading),
    kind("5xx-after-effect", InSync::Never(NO_WRITE), InRemoval::Write),
    kind("reset-before-first-byte", InSync::Asked, InRemoval::WriteOrReading),
    kind("reset-after-effect", InSync::Never(NO_WRITE), InRemoval::Write),
    kind("truncated-answer", InSync::Asked, InRemoval::WriteOrReading),
    kind("token-expired", InSync::Asked, InRemoval::WriteOrReading),
    kind("token-revoked", InSync::Asked, InRemoval::Everything),
    Kind { every: 4, ..ending(kind("403-on-one", InSync::Asked, InRemoval::Write), End::Refused, &[End::Refused]) },
    kind("html-from-proxy", InSync::Asked, InRemoval::WriteOrReading),
    Kind { every: 8, ..kind("slow", InSync::Asked, InRemoval::Write) },
    Kind { times: 2, ..kind("stale-read", InSync::Never(ONE_PERSON), InRemoval::ReadingAfter) },
    Kind {
        times: 4,
        ..ending(
            kind("flickering-read", InSync::Never(ONE_PERSON), InRemoval::ReadingAfter),
            End::Verified,
            &[End::Verified, End::Person],
        )
    },
    ending(kind("re-assigned-by-another", InSync::Played, InRemoval::Write), End::Person, &[End::Person]),
    ending(
        kind("became-inherited", InSync::Beside, InRemoval::BeforeOrAt),
        End::Person,
        &[End::Person, End::Invalidated, End::Refused],
    ),
    ending(kind("already-gone", InSync::Beside, InRemoval::BeforeOrAt), End::Invalidated, &[End::Invalidated]),
    ending(
        kind("plans-changed", InSync::Beside, InRemoval::BeforeOrAt),
        End::Invalidated,
        // Between the last reading and the write nobody can tell: the residual risk of faults.md D.10. What
        // else the person holds may be what changed, and then a person sees it.
        &[End::Invalidated, End::Verified, End::Person],
    ),
    kind("next-link-expired-or-looping", InSync::LaterPage, InRemoval::Never("a removal reads no listing")),
    kind("delta-expired", InSync::SecondRound, InRemoval::Never("a removal reads no listing")),
];
