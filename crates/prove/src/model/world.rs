//! The small world: rows, servers, people, and everything that can happen next.

use std::hash::{Hash, Hasher};

use reseat_domain::candidate::{Attention, CancelReason, CandidateEvent, CandidateState, StateName, Wish, transition};
use reseat_domain::ids::{ApprovalId, IntentId};
use reseat_domain::time::Timestamp;
use reseat_domain::verify::{RemovalReading, read_removal, unchanged_since_approval};
use uuid::Uuid;

use super::tenant::{self, Assignment, Seat};

/// How large.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    pub seats: usize,
    /// How often somebody freezes.
    pub approvals: u8,
}

/// Mistakes that a program like this makes, after faults.md C.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mistake {
    /// 5: what got no answer is sent again at once.
    BlindRetry,
    /// 1, 8: the seat is not compared with what was approved.
    FingerprintIgnored,
    /// 7: one reading is believed.
    FirstReadingBelieved,
    /// 10: a row that moved meanwhile is written all the same.
    VersionIgnored,
    /// 14: the freeze is looked at when a row is claimed only.
    FreezeReadEarly,
    /// A keep after the approval comes too late.
    KeepLost,
}

impl Mistake {
    pub const ALL: [Self; 6] = [
        Self::BlindRetry,
        Self::FingerprintIgnored,
        Self::FirstReadingBelieved,
        Self::VersionIgnored,
        Self::FreezeReadEarly,
        Self::KeepLost,
    ];
}

/// Most intents under one approval; the product asks a person then.
const ATTEMPTS: u8 = 3;

/// A candidate's row, with its one approval and its intents.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    state: CandidateState,
    intents: u8,
    /// An intent that two readings took for not happened.
    given_up: Option<u8>,
    last_reading: u8,
    agreeing: u8,
    kept: bool,
    /// An intent was recorded after the freeze.
    after_freeze: bool,
}

impl Hash for Row {
    fn hash<H: Hasher>(&self, to: &mut H) {
        self.state.name().hash(to);
        self.state.intent().hash(to);
        (self.intents, self.given_up, self.last_reading, self.agreeing).hash(to);
        (self.kept, self.after_freeze).hash(to);
    }
}

/// What a server holds in its hands; gone when it crashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Hands {
    Empty,
    /// `fresh` says that the row has not moved since: what comparing its version tells.
    Claimed {
        seat: usize,
        fresh: bool,
    },
    Looked {
        seat: usize,
        fresh: bool,
    },
    Sending {
        seat: usize,
        intent: u8,
    },
    Answered {
        seat: usize,
        intent: u8,
        answer: Answer,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Answer {
    Accepted,
    Refused,
    Lost,
}

/// Everything.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World {
    seats: Vec<Seat>,
    rows: Vec<Row>,
    servers: [Hands; 2],
    frozen: bool,
    freezes_left: u8,
    crashes_left: u8,
    mistake: Option<Mistake>,
    late_answer: bool,
}

fn id(number: u8) -> Uuid {
    Uuid::from_u128(100 + u128::from(number))
}

const fn now() -> Timestamp {
    Timestamp::from_micros(0)
}

impl World {
    pub fn new(sizes: Sizes, mistake: Option<Mistake>) -> Self {
        let row = Row {
            state: CandidateState::AwaitingApproval { wish: Wish::Reclaim },
            intents: 0,
            given_up: None,
            last_reading: 0,
            agreeing: 0,
            kept: false,
            after_freeze: false,
        };
        Self {
            seats: vec![Seat::new(); sizes.seats],
            rows: vec![row; sizes.seats],
            servers: [Hands::Empty; 2],
            frozen: false,
            freezes_left: sizes.approvals,
            crashes_left: 2,
            mistake,
            late_answer: false,
        }
    }

    fn is(&self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }

    /// Moves a row by the product's own table; `false` when the event does not fit any more.
    fn apply(&mut self, seat: usize, event: &CandidateEvent) -> bool {
        let row = &mut self.rows[seat];
        let Ok((next, _)) = transition(&row.state, event, now()) else { return false };
        row.state = next;
        self.moved(seat);
        true
    }

    /// Whoever claimed the row before holds an old version of it now.
    fn moved(&mut self, seat: usize) {
        for hands in &mut self.servers {
            if let Hands::Claimed { seat: at, fresh } | Hands::Looked { seat: at, fresh } = hands
                && *at == seat
            {
                *fresh = false;
            }
        }
    }

    /// Everything that can happen next, with a name.
    pub fn steps(&self) -> Vec<(String, Self)> {
        let mut steps = Vec::new();
        let mut add = |name: String, next: Self| steps.push((name, next));
        for seat in 0..self.rows.len() {
            self.people(seat, &mut add);
            let mut next = self.clone();
            if !next.seats[seat].assigned_again {
                next.seats[seat].assign_again();
                add(format!("somebody assigns seat {seat} again"), next);
            }
        }
        if self.freezes_left > 0 && !self.frozen {
            add("a freeze".to_owned(), Self { frozen: true, freezes_left: self.freezes_left - 1, ..self.clone() });
        }
        if self.frozen {
            add("a thaw".to_owned(), Self { frozen: false, ..self.clone() });
        }
        for server in 0..self.servers.len() {
            self.server(server, &mut add);
            if self.crashes_left > 0 && self.servers[server] != Hands::Empty {
                let mut next = self.clone();
                next.crashes_left -= 1;
                next.servers[server] = Hands::Empty;
                add(format!("server {server} crashes"), next);
            }
        }
        steps
    }

    fn people(&self, seat: usize, add: &mut impl FnMut(String, Self)) {
        let approval = ApprovalId::from_uuid(id(u8::try_from(seat).unwrap_or(0)));
        let mut next = self.clone();
        if next.apply(seat, &CandidateEvent::TakeBack { approval }) {
            add(format!("one approves seat {seat}"), next);
        }
        let mut next = self.clone();
        let keep = CandidateEvent::Keep { reason: String::new(), until: None };
        let lost = self.is(Mistake::KeepLost) && self.rows[seat].state.name() == StateName::AwaitingRevocation;
        if lost {
            next.rows[seat].kept = true;
            add(format!("another keeps seat {seat}, and it is lost"), next);
        } else if next.apply(seat, &keep) {
            next.rows[seat].kept = true;
            add(format!("another keeps seat {seat}"), next);
        }
    }

    fn server(&self, server: usize, add: &mut impl FnMut(String, Self)) {
        match self.servers[server] {
            Hands::Empty => {
                for seat in 0..self.rows.len() {
                    self.claim(server, seat, add);
                    self.verify(server, seat, add);
                }
            }
            Hands::Claimed { seat, fresh } => self.look(server, seat, fresh, add),
            Hands::Looked { seat, fresh } => self.record(server, seat, fresh, add),
            Hands::Sending { seat, intent } => self.send(server, seat, intent, add),
            Hands::Answered { seat, intent, answer } => self.outcome(server, seat, intent, answer, add),
        }
    }

    fn claim(&self, server: usize, seat: usize, add: &mut impl FnMut(String, Self)) {
        if self.rows[seat].state.name() != StateName::AwaitingRevocation || self.frozen {
            return;
        }
        let mut next = self.clone();
        // A lease that ran out may be taken at any time.
        next.moved(seat);
        next.servers[server] = Hands::Claimed { seat, fresh: true };
        add(format!("server {server} claims seat {seat}"), next);
    }

    /// The reading right before the write.
    fn look(&self, server: usize, seat: usize, fresh: bool, add: &mut impl FnMut(String, Self)) {
        for (after, held) in self.seats[seat].readings() {
            let mut next = self.clone();
            next.seats[seat] = after;
            let same = unchanged(held);
            let name = format!("server {server} reads seat {seat} as {held:?} before the write");
            next.servers[server] = Hands::Empty;
            if same || (self.is(Mistake::FingerprintIgnored) && held.is_some()) {
                next.servers[server] = Hands::Looked { seat, fresh };
            } else if fresh {
                let reopened = if held.is_none() { next.rows[seat].given_up.take() } else { None };
                match reopened {
                    Some(intent) => {
                        next.apply(seat, &CandidateEvent::WriteStarts { intent: IntentId::from_uuid(id(intent)) });
                    }
                    None => {
                        let why = if held.is_none() { CancelReason::SeatGone } else { CancelReason::EvidenceChanged };
                        next.apply(seat, &CandidateEvent::Canceled { why });
                    }
                }
            }
            add(name, next);
        }
    }

    /// The transaction everything hangs on.
    fn record(&self, server: usize, seat: usize, fresh: bool, add: &mut impl FnMut(String, Self)) {
        let mut next = self.clone();
        next.servers[server] = Hands::Empty;
        let row = &self.rows[seat];
        let fresh = fresh || self.is(Mistake::VersionIgnored);
        let may = (!self.frozen || self.is(Mistake::FreezeReadEarly)) && row.intents < ATTEMPTS && fresh;
        let intent = row.intents + u8::try_from(seat).unwrap_or(0) * 10;
        let event = CandidateEvent::WriteStarts { intent: IntentId::from_uuid(id(intent)) };
        if may && self.is(Mistake::VersionIgnored) && row.state.name() == StateName::Revoking {
            // Written over whatever the other one recorded.
            next.servers[server] = Hands::Sending { seat, intent };
            next.rows[seat].intents += 1;
        } else if may && next.apply(seat, &event) {
            let row = &mut next.rows[seat];
            row.intents += 1;
            (row.last_reading, row.agreeing) = (0, 0);
            row.after_freeze |= self.frozen;
            next.servers[server] = Hands::Sending { seat, intent };
        }
        add(format!("server {server} records its intent for seat {seat}"), next);
    }

    fn send(&self, server: usize, seat: usize, intent: u8, add: &mut impl FnMut(String, Self)) {
        let mut arrived = self.clone();
        let took = arrived.seats[seat].take();
        arrived.seats[seat].taken_after_keep |= took && self.rows[seat].kept;
        let answer = if took { Answer::Accepted } else { Answer::Refused };
        for (words, answer) in [("is answered", answer), ("gets no answer", Answer::Lost)] {
            let mut next = arrived.clone();
            next.servers[server] = Hands::Answered { seat, intent, answer };
            add(format!("the request of server {server} for seat {seat} arrives and {words}"), next);
        }
        let mut lost = self.clone();
        lost.servers[server] = Hands::Answered { seat, intent, answer: Answer::Lost };
        add(format!("the request of server {server} for seat {seat} is lost on its way"), lost);
    }

    fn outcome(&self, server: usize, seat: usize, intent: u8, answer: Answer, add: &mut impl FnMut(String, Self)) {
        let mut next = self.clone();
        next.servers[server] = Hands::Empty;
        if self.is(Mistake::BlindRetry) && answer == Answer::Lost {
            next.servers[server] = Hands::Sending { seat, intent };
        } else if self.rows[seat].state.intent() == Some(IntentId::from_uuid(id(intent))) {
            match answer {
                Answer::Accepted => {
                    next.apply(seat, &CandidateEvent::WriteHappened);
                }
                Answer::Refused => {
                    next.apply(seat, &CandidateEvent::WriteDidNotHappen);
                }
                Answer::Lost => {}
            }
        } else {
            next.late_answer = true;
        }
        add(format!("server {server} records {answer:?} for seat {seat}"), next);
    }

    /// One reading after the write, once nothing can be on its way any more.
    fn verify(&self, server: usize, seat: usize, add: &mut impl FnMut(String, Self)) {
        let row = &self.rows[seat];
        let unknown = row.state.name() == StateName::Revoking;
        if !unknown && row.state.name() != StateName::Verifying {
            return;
        }
        let on_its_way =
            self.servers.iter().any(|hands| matches!(hands, Hands::Sending { seat: at, .. } if *at == seat));
        if on_its_way {
            return;
        }
        let intent = row.intents.saturating_sub(1) + u8::try_from(seat).unwrap_or(0) * 10;
        for (after, held) in self.seats[seat].readings() {
            let mut next = self.clone();
            next.seats[seat] = after;
            let reading =
                read_removal(&tenant::reading(Some(0)), tenant::sku_id(), &tenant::approved(), &tenant::reading(held));
            let word = word(&reading);
            let row = &mut next.rows[seat];
            row.agreeing = if row.last_reading == word { (row.agreeing + 1).min(2) } else { 1 };
            row.last_reading = word;
            let agrees = row.agreeing >= 2 || self.is(Mistake::FirstReadingBelieved);
            match reading {
                RemovalReading::Gone if unknown => {
                    next.apply(seat, &CandidateEvent::WriteHappened);
                }
                RemovalReading::Gone if agrees => {
                    next.apply(seat, &CandidateEvent::ProvenGone);
                }
                RemovalReading::StillThere if unknown && agrees => {
                    next.rows[seat].given_up = Some(intent);
                    next.apply(seat, &CandidateEvent::WriteDidNotHappen);
                }
                RemovalReading::Reassigned if agrees => {
                    next.apply(seat, &CandidateEvent::ProofFailed { cause: Attention::ReassignedByOther });
                }
                RemovalReading::Gone
                | RemovalReading::StillThere
                | RemovalReading::Reassigned
                | RemovalReading::GoneAndMore(_)
                | RemovalReading::Following
                | RemovalReading::Between => {}
            }
            add(format!("server {server} reads seat {seat} as {held:?} after the write"), next);
        }
    }

    /// A promise that does not hold here.
    pub fn broken(&self) -> Option<String> {
        for (at, (seat, row)) in self.seats.iter().zip(&self.rows).enumerate() {
            let name = row.state.name();
            if seat.taken > 1 {
                return Some(format!("I2: seat {at} was taken {} times under one approval", seat.taken));
            }
            if seat.taken > 0 && row.intents == 0 {
                return Some(format!("I1: seat {at} was taken without an intent"));
            }
            if seat.taken_after_keep {
                return Some(format!("I12: seat {at} was kept, and taken after that"));
            }
            if row.after_freeze {
                return Some(format!("I9: a write of seat {at} began while frozen"));
            }
            if name == StateName::ClosedComplete && seat.taken == 0 {
                return Some(format!("seat {at} is said to be taken back by us and was not"));
            }
        }
        None
    }

    /// What is worth having seen.
    pub fn reached(&self) -> Vec<&'static str> {
        let mut seen = Vec::new();
        for (seat, row) in self.seats.iter().zip(&self.rows) {
            let ends = [
                (StateName::ClosedComplete, "states in which a seat is proven gone"),
                (StateName::ClosedSkipped, "states in which a seat was kept"),
                (StateName::ClosedCanceled, "states in which the approval was void"),
                (StateName::AttentionRequired, "states in which somebody assigned again after the write"),
            ];
            seen.extend(ends.iter().filter(|(name, _)| row.state.name() == *name).map(|(_, words)| *words));
            if row.state.name() == StateName::Revoking {
                let happened = "states in which it happened and nobody knows";
                let not = "states in which it did not happen and nobody knows";
                seen.push(if seat.taken > 0 { happened } else { not });
            }
            if row.kept && seat.taken > 0 {
                // The limit of what reading can tell: it had happened before somebody kept it.
                seen.push("states in which a seat was kept after readings had lied twice");
            }
            if row.given_up.is_some() && seat.taken > 0 {
                seen.push("states in which readings lied twice");
            }
        }
        if self.late_answer {
            seen.push("states after an answer that came too late");
        }
        seen
    }
}

fn unchanged(held: Option<Assignment>) -> bool {
    let state = tenant::reading(held);
    unchanged_since_approval(tenant::sku_id(), &tenant::approved(), &state)
}

fn word(reading: &RemovalReading) -> u8 {
    match reading {
        RemovalReading::Gone => 1,
        RemovalReading::StillThere => 2,
        RemovalReading::Reassigned => 3,
        RemovalReading::GoneAndMore(_) => 4,
        RemovalReading::Between => 5,
        RemovalReading::Following => 6,
    }
}
