//! Whether a write happened, judged by what reading the person shows. Reads lag behind writes, so
//! one reading proves nothing; two agreeing ones do (G22, G23).

use crate::directory::LicenseState;
use crate::ids::SkuId;
use crate::plan::{Fingerprint, Holdings, Write};

/// What one reading says about a removal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemovalReading {
    /// The sku is gone and nothing else differs.
    Gone,
    /// The sku is there with the approved fingerprint: not (yet) removed, or an old replica.
    StillThere,
    /// The sku is there with another fingerprint: somebody assigned it again (G25).
    Reassigned,
    /// The sku is gone and something else differs too.
    GoneAndMore(String),
    /// The sku is gone as a path, but still in effect, or the other way round: the replicas are
    /// between two states.
    Between,
}

/// Judges one reading after a removal against the state before it.
pub fn read_removal(
    before: &LicenseState,
    sku_id: SkuId,
    approved: &Fingerprint,
    now: &LicenseState,
) -> RemovalReading {
    match now.seat(sku_id) {
        Some(seat) => {
            let in_effect = now.assigned.contains_key(&sku_id);
            if seat.paths.is_empty() || !in_effect {
                RemovalReading::Between
            } else if Fingerprint::of(now.user_id, &seat) == *approved {
                RemovalReading::StillThere
            } else {
                RemovalReading::Reassigned
            }
        }
        None => {
            let mut expected = before.assigned.clone();
            expected.remove(&sku_id);
            match difference(&expected, &now.assigned) {
                None => RemovalReading::Gone,
                Some(what) => RemovalReading::GoneAndMore(what),
            }
        }
    }
}

/// What one reading says about a restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RestoreReading {
    /// The person holds exactly what they held before the removal.
    Restored,
    /// The sku is not there (yet).
    StillGone,
    /// The sku is there, and something differs from before.
    Differs(String),
}

/// Judges one reading after a restore against the state before the removal.
pub fn read_restore(before: &LicenseState, sku_id: SkuId, now: &LicenseState) -> RestoreReading {
    if now.seat(sku_id).is_none() {
        return RestoreReading::StillGone;
    }
    if !now.assigned.contains_key(&sku_id) || now.paths.get(&sku_id).is_none_or(Vec::is_empty) {
        return RestoreReading::StillGone;
    }
    match difference(&before.assigned, &now.assigned) {
        None => RestoreReading::Restored,
        Some(what) => RestoreReading::Differs(what),
    }
}

/// Whether the state right before a write still is what was approved.
pub fn unchanged_since_approval(write: &Write, approved: &Fingerprint, now: &LicenseState) -> bool {
    match write {
        Write::RemoveLicense { user_id, sku_id } => {
            now.user_id == *user_id
                && now.seat(*sku_id).is_some_and(|seat| Fingerprint::of(*user_id, &seat) == *approved)
        }
        Write::AssignLicense { user_id, sku_id, .. } => now.user_id == *user_id && now.seat(*sku_id).is_none(),
    }
}

/// What differs between two sets of holdings, in words; `None` when nothing does.
pub fn difference(expected: &Holdings, found: &Holdings) -> Option<String> {
    let mut parts = Vec::new();
    for (sku, plans) in expected {
        match found.get(sku) {
            None => parts.push(format!("license {sku} is gone")),
            Some(now) if now != plans => parts.push(format!("the switched-off plans of license {sku} changed")),
            Some(_) => {}
        }
    }
    for sku in found.keys() {
        if !expected.contains_key(sku) {
            parts.push(format!("license {sku} was added"));
        }
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

#[cfg(test)]
mod tests;
