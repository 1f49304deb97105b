//! Who a user object is, derived from the seed and the index alone.

use crate::clock::DAY;
use crate::names::{COUNTRIES, DEPARTMENTS, FIRST, LAST, SERVICES, SHARED};
use crate::seed::{Seed, Topic};
use std::fmt::Write as _;
use uuid::Uuid;

/// The mail domain of every simulated tenant.
pub const DOMAIN: &str = "contoso.example";

/// What sort of user object this is and how it behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Active,
    /// Signs in and works for a while, then leaves some days after the epoch.
    Departing,
    Idle,
    NeverUsed,
    /// Disabled although the roster says active.
    Disabled,
    LeaverEnabled,
    LeaverDisabled,
    OnLeave,
    NotInRoster,
    Guest,
    Service,
    Shared,
    Room,
    NewStarter,
    /// Somebody keeps trying the password and never succeeds.
    FailedOnly,
    NonInteractiveOnly,
    /// Works every day, but no usage report has a row.
    NoReportRow,
    /// Idle, and no usage report has a row.
    IdleNoReportRow,
}

use Kind::{
    Active, Departing, Disabled, FailedOnly, Guest, Idle, IdleNoReportRow, LeaverDisabled, LeaverEnabled, NeverUsed,
    NewStarter, NoReportRow, NonInteractiveOnly, NotInRoster, OnLeave, Room, Service, Shared,
};

/// The first forty user objects of every world, so that the smallest one has the main kinds.
static OPENING: [Kind; 40] = [
    Active,
    Active,
    Idle,
    LeaverEnabled,
    NeverUsed,
    Active,
    Guest,
    Shared,
    NewStarter,
    OnLeave,
    Active,
    Service,
    Active,
    LeaverDisabled,
    NotInRoster,
    Disabled,
    FailedOnly,
    NonInteractiveOnly,
    NoReportRow,
    Active,
    Active,
    Active,
    Idle,
    Active,
    Active,
    Active,
    Departing,
    Active,
    Active,
    Active,
    Active,
    Idle,
    Active,
    Active,
    Room,
    Active,
    Active,
    Active,
    Active,
    IdleNoReportRow,
];

/// Share of each kind beyond the opening, in thousandths; the rest is [`Kind::Active`].
static SHARES: [(Kind, u64); 17] = [
    (Idle, 75),
    (NeverUsed, 20),
    (Disabled, 10),
    (LeaverEnabled, 20),
    (LeaverDisabled, 25),
    (OnLeave, 15),
    (NotInRoster, 15),
    (Guest, 40),
    (Service, 15),
    (Shared, 20),
    (Room, 5),
    (NewStarter, 20),
    (FailedOnly, 10),
    (NonInteractiveOnly, 10),
    (NoReportRow, 15),
    (IdleNoReportRow, 5),
    (Departing, 10),
];

/// People per leader; leaders are ordinary active people, so that everybody has someone to ask.
const TEAM: u64 = 12;

/// A user object before anybody touched it.
#[derive(Clone, Debug)]
pub struct Person {
    pub index: u64,
    pub id: Uuid,
    pub kind: Kind,
    pub given: String,
    pub surname: String,
    pub display: String,
    pub upn: String,
    pub department: &'static str,
    /// Seconds; the object's creation.
    pub created: i64,
}

/// Derives people of one world.
#[derive(Clone, Copy, Debug)]
pub struct Population {
    pub seed: Seed,
    pub users: u64,
    /// Seconds; midnight UTC of the epoch.
    pub epoch: i64,
}

impl Population {
    /// The kind alone, for scans that need nothing else.
    pub fn kind(&self, index: u64) -> Kind {
        if let Some(kind) = usize::try_from(index).ok().and_then(|at| OPENING.get(at)) {
            return *kind;
        }
        if index.is_multiple_of(TEAM) {
            // One team in forty is led by a leaver: its members have nobody who can answer.
            return if (index / TEAM) % 40 == 7 { LeaverDisabled } else { Active };
        }
        let mut draw = self.seed.below(index, Topic::Kind, 1000);
        for (kind, share) in SHARES {
            if draw < share {
                return kind;
            }
            draw -= share;
        }
        Active
    }

    /// Department of the user object at `index`.
    pub fn department(&self, index: u64) -> usize {
        // A team shares its leader's department.
        usize::try_from(self.seed.below(index / TEAM, Topic::Department, DEPARTMENTS.len() as u64)).unwrap_or(0)
    }

    /// Leader of the user object at `index`; nobody for the first object and for objects that are not employees.
    pub fn manager(&self, index: u64) -> Option<u64> {
        if index == 0 || !self.kind(index).is_person() {
            return None;
        }
        let team = index / TEAM;
        Some(if index.is_multiple_of(TEAM) { (team / TEAM) * TEAM } else { team * TEAM })
    }

    /// The pieces names and addresses are made of.
    pub fn names(&self, index: u64, kind: Kind) -> Names {
        let names = (FIRST.len() * LAST.len()) as u64;
        // A second person of the same shown name for about one in fifty: names are no keys.
        let twin = index > 40 && self.seed.below(index, Topic::Name, 50) == 0;
        let source = if twin { index - 1 } else { index };
        // 1009 is a prime that does not divide the number of name pairs, so no pair comes twice before all were used.
        let pair = (source * 1009 + self.seed.below(0, Topic::Name, names)) % names;
        let first = FIRST[usize::try_from(pair % FIRST.len() as u64).unwrap_or(0)];
        let last = LAST[usize::try_from(pair / FIRST.len() as u64).unwrap_or(0)];
        Names { index, kind, first, last, twin, generation: source / names }
    }

    /// The object's creation, in seconds.
    pub fn created(&self, index: u64, kind: Kind) -> i64 {
        let days = match kind {
            Kind::NewStarter => self.seed.between(index, Topic::Created, 3, 24),
            _ => self.seed.between(index, Topic::Created, 420, 3200),
        };
        self.epoch - DAY * days + self.seed.between(index, Topic::Hour, 8 * 3600, 17 * 3600)
    }

    /// Country of the user object at `index`: code, name, city.
    pub fn country(&self, index: u64) -> (&'static str, &'static str, &'static str) {
        COUNTRIES[usize::try_from(self.seed.below(index, Topic::Location, COUNTRIES.len() as u64)).unwrap_or(0)]
    }

    /// Everything about the user object at `index`.
    pub fn person(&self, index: u64) -> Person {
        let kind = self.kind(index);
        let names = self.names(index, kind);
        let (department, _, _) = DEPARTMENTS[self.department(index)];
        let (mut display, mut upn) = (String::new(), String::new());
        names.write_display(&mut display);
        names.write_upn(&mut upn);
        Person {
            index,
            id: self.seed.guid(index, Topic::UserId),
            kind,
            given: names.given().to_owned(),
            surname: names.surname().to_owned(),
            display,
            upn,
            department,
            created: self.created(index, kind),
        }
    }

    /// The day (seconds, midnight) employment ends or ended; `None` while no end is known.
    pub fn end_of_employment(&self, index: u64) -> Option<i64> {
        match self.kind(index) {
            Kind::LeaverEnabled | Kind::LeaverDisabled => {
                Some(self.epoch - DAY * self.seed.between(index, Topic::Leave, 20, 300))
            }
            Kind::Departing => Some(self.epoch + DAY * self.seed.between(index, Topic::Leave, 3, 90)),
            _ => None,
        }
    }
}

/// What a user object is called, before it is written out: pages of a large tenant write millions of them.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    index: u64,
    kind: Kind,
    first: (&'static str, &'static str),
    last: (&'static str, &'static str),
    twin: bool,
    generation: u64,
}

impl Names {
    fn has_names(&self) -> bool {
        !matches!(self.kind, Kind::Shared | Kind::Service | Kind::Room)
    }

    /// `givenName`, empty for objects that are nobody.
    pub fn given(&self) -> &'static str {
        if self.has_names() { self.first.0 } else { "" }
    }

    /// `surname`, empty for objects that are nobody.
    pub fn surname(&self) -> &'static str {
        if self.has_names() { self.last.0 } else { "" }
    }

    /// `displayName`.
    pub fn write_display(&self, out: &mut String) {
        let index = self.index;
        let done = match self.kind {
            Kind::Shared => write!(out, "{} {index}", SHARED[position(index, SHARED.len())]),
            Kind::Service => write!(out, "{}-{index}", SERVICES[position(index, SERVICES.len())]),
            Kind::Room => write!(out, "Room {index}"),
            _ => {
                out.push_str(self.first.0);
                out.push(' ');
                out.push_str(self.last.0);
                Ok(())
            }
        };
        done.expect("a String takes every text");
    }

    /// `userPrincipalName`.
    pub fn write_upn(&self, out: &mut String) {
        let (first, last, index) = (self.first.1, self.last.1, self.index);
        let done = match self.kind {
            Kind::Guest => write!(out, "{first}.{last}{index}_partner.example#EXT#"),
            Kind::Shared => {
                let name = SHARED[position(index, SHARED.len())];
                out.extend(name.chars().map(|letter| letter.to_ascii_lowercase()));
                write!(out, "{index}")
            }
            Kind::Service => write!(out, "{}-{index}", SERVICES[position(index, SERVICES.len())]),
            Kind::Room => write!(out, "room{index}"),
            _ => {
                out.push_str(first);
                out.push_str(if self.twin { ".b." } else { "." });
                out.push_str(last);
                match self.generation {
                    0 => Ok(()),
                    more => write!(out, "{}", more + 1),
                }
            }
        };
        done.expect("a String takes every text");
        out.push('@');
        out.push_str(DOMAIN);
    }
}

fn position(index: u64, length: usize) -> usize {
    usize::try_from(index % length as u64).unwrap_or(0)
}

impl Kind {
    /// Whether this object stands for a human of the company.
    pub fn is_person(self) -> bool {
        !matches!(self, Kind::Guest | Kind::Service | Kind::Shared | Kind::Room)
    }

    /// Whether the HR roster has a row.
    pub fn is_in_roster(self) -> bool {
        self.is_person() && self != Kind::NotInRoster
    }

    /// Whether the account is enabled at the epoch.
    pub fn is_enabled(self) -> bool {
        !matches!(self, Kind::Disabled | Kind::LeaverDisabled | Kind::Shared | Kind::Room)
    }
}

impl Person {
    /// The mailbox address; guests keep their own, service accounts and rooms without license have none.
    pub fn mail(&self) -> Option<String> {
        match self.kind {
            Kind::Guest => Some(self.upn.split("#EXT#").next().unwrap_or_default().replace('_', "@")),
            Kind::Service => None,
            _ => Some(self.upn.clone()),
        }
    }
}
