//! Everything about a simulated object follows from the seed and the object's index, so nothing has to be kept in
//! memory for people nobody touched, and an id found in a URL leads back to its index without a table.

use uuid::Uuid;

/// The seed of one world. Draws with the same seed, index and topic are always equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(pub u64);

/// What a draw or an id is about, so that two draws for one person do not follow each other.
#[derive(Clone, Copy, Debug)]
#[repr(u64)]
pub enum Topic {
    Kind = 1,
    Name,
    Department,
    Created,
    Suite,
    SuitePath,
    PowerBi,
    Visio,
    Project,
    Audio,
    Copilot,
    FreeSku,
    DisabledPlans,
    Assigned,
    Joined,
    LastUse,
    Hour,
    DayOff,
    Service,
    Rhythm,
    Leave,
    Location,
    Extra,
    Report,
    UserId,
    GroupId,
    AppId,
    Secret,
    Tenant,
    Subscription,
    Conceal,
    LicenseError,
    Blind,
}

impl Seed {
    /// A well-mixed 64-bit number (the finalizer of splitmix64).
    pub fn draw(self, index: u64, topic: Topic) -> u64 {
        mix(mix(self.0 ^ (topic as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)) ^ index)
    }

    /// A number in `0..limit`.
    pub fn below(self, index: u64, topic: Topic, limit: u64) -> u64 {
        self.draw(index, topic) % limit
    }

    /// A number in `low..=high`.
    pub fn between(self, index: u64, topic: Topic, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high - low + 1).unwrap_or(1);
        low + i64::try_from(self.below(index, topic, span)).unwrap_or(0)
    }

    /// A GUID of version 4 shape that hides `index` and can be turned back by [`Seed::index_of`].
    pub fn guid(self, index: u64, topic: Topic) -> Uuid {
        let hidden = feistel(index, self.draw(0, topic)).to_be_bytes();
        let check = self.draw(index, topic).to_be_bytes();
        let mut bytes = [0_u8; 16];
        bytes[..6].copy_from_slice(&hidden[..6]);
        bytes[6..9].copy_from_slice(&check[..3]);
        bytes[9..11].copy_from_slice(&hidden[6..]);
        bytes[11..].copy_from_slice(&check[3..]);
        bytes[6] = (bytes[6] & 0x0F) | 0x40;
        bytes[8] = (bytes[8] & 0x3F) | 0x80;
        Uuid::from_bytes(bytes)
    }

    /// The index behind a GUID of this topic, if it is one of ours.
    pub fn index_of(self, id: Uuid, topic: Topic) -> Option<u64> {
        let bytes = id.as_bytes();
        let mut hidden = [0_u8; 8];
        hidden[..6].copy_from_slice(&bytes[..6]);
        hidden[6..].copy_from_slice(&bytes[9..11]);
        let index = unfeistel(u64::from_be_bytes(hidden), self.draw(0, topic));
        (self.guid(index, topic) == id).then_some(index)
    }

    /// A secret of the shape the portal shows: 40 characters, letters, digits and `~`.
    pub fn secret(self, index: u64) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let mut text = String::with_capacity(40);
        for position in 0..39_u64 {
            if position == 3 {
                text.push('~');
            }
            let pick = self.below(index * 64 + position, Topic::Secret, 62);
            text.push(char::from(ALPHABET[usize::try_from(pick).unwrap_or(0)]));
        }
        text
    }
}

/// The finalizer of splitmix64.
pub fn mix(mut value: u64) -> u64 {
    value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

fn round(half: u32, key: u64, number: u64) -> u32 {
    let mixed = mix(key ^ (number << 32) ^ u64::from(half));
    u32::try_from(mixed >> 32).unwrap_or(0)
}

fn split(value: u64) -> (u32, u32) {
    let left = u32::try_from(value >> 32).unwrap_or(0);
    let right = u32::try_from(value & 0xFFFF_FFFF).unwrap_or(0);
    (left, right)
}

/// Four Feistel rounds: a keyed permutation of 64-bit numbers that is undone by running it backwards.
fn feistel(value: u64, key: u64) -> u64 {
    let (mut left, mut right) = split(value);
    for number in 0..4 {
        (left, right) = (right, left ^ round(right, key, number));
    }
    (u64::from(left) << 32) | u64::from(right)
}

fn unfeistel(value: u64, key: u64) -> u64 {
    let (mut left, mut right) = split(value);
    for number in (0..4).rev() {
        (left, right) = (right ^ round(left, key, number), left);
    }
    (u64::from(left) << 32) | u64::from(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_back_to_its_index_and_to_no_other_topic() {
        let seed = Seed(42);
        for index in [0, 1, 7, 1_999, 999_999] {
            let id = seed.guid(index, Topic::UserId);
            assert_eq!(seed.index_of(id, Topic::UserId), Some(index));
            assert_eq!(seed.index_of(id, Topic::GroupId), None);
        }
        assert_eq!(seed.index_of(Uuid::nil(), Topic::UserId), None);
    }
}
