//! What decides whether a person has to be written again.

use reseat_domain::directory::{HeldSeat, Path, Person, Via};
use reseat_domain::time::Timestamp;
use sha2::{Digest, Sha256};

/// A hash over everything that is kept of a person and of what they hold. Who has the same one is not
/// written again.
pub fn row_hash(person: &Person) -> String {
    let mut content = Content(Sha256::new());
    content.text(&person.display_name);
    content.text(&person.user_principal_name);
    content.optional(person.mail.as_deref());
    content.optional(person.department.as_deref());
    content.number(i64::from(person.account_enabled));
    content.text(person.user_type.as_str());
    content.moment(person.created_at);
    content.optional(person.usage_location.as_deref());
    content.bytes(person.manager.map(|id| id.as_uuid().into_bytes()).as_ref().map_or(&[], |bytes| bytes.as_slice()));
    // In an order of our own: the source gives none.
    let mut seats: Vec<&HeldSeat> = person.seats.iter().collect();
    seats.sort_unstable_by_key(|seat| seat.sku_id);
    content.number(i64::try_from(seats.len()).unwrap_or(i64::MAX));
    for seat in seats {
        content.bytes(seat.sku_id.as_uuid().as_bytes());
        content.number(i64::try_from(seat.paths.len()).unwrap_or(i64::MAX));
        for path in &seat.paths {
            content.path(path);
        }
    }
    content.end()
}

struct Content(Sha256);

impl Content {
    /// Each field with its length, so that no two rows can read the same.
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn optional(&mut self, text: Option<&str>) {
        self.0.update([u8::from(text.is_some())]);
        self.text(text.unwrap_or_default());
    }

    fn number(&mut self, number: i64) {
        self.0.update(number.to_le_bytes());
    }

    fn moment(&mut self, moment: Option<Timestamp>) {
        self.number(moment.map_or(i64::MIN, Timestamp::as_micros));
    }

    fn path(&mut self, path: &Path) {
        match path.via {
            Via::Direct => self.bytes(&[]),
            Via::Group { group_id } => self.bytes(group_id.as_uuid().as_bytes()),
        }
        self.number(i64::try_from(path.disabled_plans.len()).unwrap_or(i64::MAX));
        for plan in &path.disabled_plans {
            self.bytes(plan.as_uuid().as_bytes());
        }
        self.text(&path.state.0);
        self.moment(path.last_updated);
    }

    /// Half of the digest is far more than chance can meet, and is kept for every person.
    fn end(self) -> String {
        let digest = self.0.finalize();
        uuid::Uuid::from_slice(&digest[..16]).map_or_else(|_| String::new(), |half| half.simple().to_string())
    }
}
