//! A sealed backup: a database file as one encrypted stream that opens only with the master key it
//! was made with, and only whole. The data key is random for each file and sealed by the master
//! key; the content follows in chunks whose nonces are their numbers, the last one marked, so that
//! a chunk that is changed, moved, left out or added is found (the STREAM construction).

use std::io::{Read, Write};

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use serde::{Deserialize, Serialize};

use crate::entropy::Entropy;
use crate::sealing::{DoesNotOpen, Place, Sealer};

const MAGIC: &[u8; 16] = b"reseat-backup-1\n";

/// Bytes of content in a chunk.
const CHUNK: usize = 64 * 1024;

/// A sealed chunk is this much longer than its content.
const TAG: usize = 16;

/// The longest head that is believed.
const LONGEST_HEAD: u32 = 1 << 20;

/// What a backup says about itself. Sealed with it: it cannot be changed, only read with the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// When it was made, RFC 3339.
    pub made_at: String,
    /// The version of the program that made it.
    pub version: String,
    /// The schema of its database: the number of its last migration.
    pub schema: i64,
    /// Rows by table.
    pub tables: Vec<(String, u64)>,
    /// The digest of its content, as `reseat store copy` prints it.
    pub digest: String,
}

/// Why a backup cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Not one of ours.
    #[error("this is not a backup of reseat")]
    NotABackup,
    /// Another master key, or a changed head.
    #[error("the backup does not open; it needs the master key it was made with")]
    Sealed(#[from] DoesNotOpen),
    /// The content was changed, cut off or added to.
    #[error("the backup is damaged: its content is changed or cut off")]
    Damaged,
    /// The disk.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

fn place(column: &'static str) -> Place<'static> {
    Place { tenant: "installation", table: "backup", column, row: "1" }
}

fn nonce(number: u64, last: bool) -> [u8; 12] {
    let mut bytes = [0_u8; 12];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    bytes[8] = u8::from(last);
    bytes
}

/// Seals `content` into `out`.
///
/// # Errors
/// [`BackupError::Io`].
pub fn seal(
    manifest: &Manifest,
    content: &mut dyn Read,
    out: &mut dyn Write,
    sealer: &Sealer,
    entropy: &dyn Entropy,
) -> Result<(), BackupError> {
    let mut key = [0_u8; 32];
    entropy.fill(&mut key);
    let manifest = serde_json::to_vec(manifest).expect("a manifest is plain JSON");
    let head = serde_json::json!({
        "data_key": sealer.seal(&place("data_key"), &key, entropy),
        "manifest": sealer.seal(&place("manifest"), &manifest, entropy),
    });
    let head = head.to_string();
    let length = u32::try_from(head.len()).expect("a head is short");
    out.write_all(MAGIC)?;
    out.write_all(&length.to_be_bytes())?;
    out.write_all(head.as_bytes())?;
    let cipher = Aes256Gcm::new(&key.into());
    let mut chunk = fill(content)?;
    for number in 0_u64.. {
        let next = if chunk.len() == CHUNK { fill(content)? } else { Vec::new() };
        let last = next.is_empty();
        // Every chunk is bound to the head: a content under another manifest does not open.
        let payload = Payload { msg: &chunk, aad: head.as_bytes() };
        let sealed = cipher.encrypt(&Nonce::from(nonce(number, last)), payload).map_err(|_| BackupError::Damaged)?;
        out.write_all(&sealed)?;
        if last {
            break;
        }
        chunk = next;
    }
    out.flush()?;
    Ok(())
}

/// What a backup says about itself.
///
/// # Errors
/// [`BackupError`].
pub fn manifest(backup: &mut dyn Read, sealer: &Sealer) -> Result<Manifest, BackupError> {
    read_head(backup, sealer).map(|(manifest, _, _)| manifest)
}

/// Opens a backup into `out`. What was written before an error is worth nothing.
///
/// # Errors
/// [`BackupError`].
pub fn open(backup: &mut dyn Read, out: &mut dyn Write, sealer: &Sealer) -> Result<Manifest, BackupError> {
    let (manifest, key, head) = read_head(backup, sealer)?;
    let cipher = Aes256Gcm::new(&key.into());
    let mut chunk = fill_to(backup, CHUNK + TAG)?;
    for number in 0_u64.. {
        let next = if chunk.len() == CHUNK + TAG { fill_to(backup, CHUNK + TAG)? } else { Vec::new() };
        let last = next.is_empty();
        let payload = Payload { msg: &chunk, aad: &head };
        let content = cipher.decrypt(&Nonce::from(nonce(number, last)), payload).map_err(|_| BackupError::Damaged)?;
        out.write_all(&content)?;
        if last {
            break;
        }
        chunk = next;
    }
    out.flush()?;
    Ok(manifest)
}

fn read_head(backup: &mut dyn Read, sealer: &Sealer) -> Result<(Manifest, [u8; 32], Vec<u8>), BackupError> {
    #[derive(Deserialize)]
    struct Head {
        data_key: String,
        manifest: String,
    }
    let start = fill_to(backup, MAGIC.len() + 4)?;
    let (magic, length) = start.split_first_chunk::<16>().ok_or(BackupError::NotABackup)?;
    let length = <[u8; 4]>::try_from(length).map_err(|_| BackupError::NotABackup).map(u32::from_be_bytes)?;
    if magic != MAGIC || length > LONGEST_HEAD {
        return Err(BackupError::NotABackup);
    }
    let head = fill_to(backup, length as usize)?;
    let sealed: Head = serde_json::from_slice(&head).map_err(|_| BackupError::Damaged)?;
    let key = sealer.open(&place("data_key"), &sealed.data_key)?;
    let key = <[u8; 32]>::try_from(key).map_err(|_| BackupError::Damaged)?;
    let manifest = sealer.open(&place("manifest"), &sealed.manifest)?;
    let manifest = serde_json::from_slice(&manifest).map_err(|_| BackupError::Damaged)?;
    Ok((manifest, key, head))
}

fn fill(from: &mut dyn Read) -> std::io::Result<Vec<u8>> {
    fill_to(from, CHUNK)
}

/// Up to `length` bytes; fewer only at the end.
fn fill_to(from: &mut dyn Read, length: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(length);
    from.take(length as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SeededEntropy;

    fn sample() -> Manifest {
        Manifest {
            made_at: "2026-03-04T12:00:00Z".into(),
            version: "0.1.0".into(),
            schema: 1,
            tables: vec![("accounts".into(), 2)],
            digest: "abc".into(),
        }
    }

    fn sealed(content: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let sealer = Sealer::from_key([7; 32]);
        seal(&sample(), &mut &*content, &mut out, &sealer, &SeededEntropy::new(1)).expect("memory takes everything");
        out
    }

    fn opened(backup: &[u8], key: u8) -> Result<Vec<u8>, BackupError> {
        let mut out = Vec::new();
        let manifest = open(&mut &*backup, &mut out, &Sealer::from_key([key; 32]))?;
        assert_eq!(manifest, sample());
        Ok(out)
    }

    #[test]
    fn a_backup_of_any_length_opens_to_exactly_what_it_was_made_of() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 17] {
            let content: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            assert_eq!(opened(&sealed(&content), 7).expect("it opens"), content, "{length}");
        }
    }

    #[test]
    fn a_backup_shows_nothing_and_opens_with_its_own_key_only() {
        let backup = sealed(b"a name nobody should read");
        assert!(!backup.windows(6).any(|window| window == b"a name"));
        assert!(matches!(opened(&backup, 8), Err(BackupError::Sealed(_))));
        assert!(matches!(opened(b"something else entirely", 7), Err(BackupError::NotABackup)));
        assert!(matches!(opened(b"", 7), Err(BackupError::NotABackup)));
    }

    #[test]
    fn every_changed_byte_every_cut_and_every_moved_chunk_is_found() {
        let content: Vec<u8> = (0..2 * CHUNK + 100).map(|at| (at % 241) as u8).collect();
        let backup = sealed(&content);
        for at in (0..backup.len()).step_by(997).chain(0..80) {
            let mut changed = backup.clone();
            changed[at] ^= 1;
            assert!(opened(&changed, 7).is_err(), "byte {at}");
        }
        let start = backup.len() - (2 * (CHUNK + TAG) + 100 + TAG);
        for cut in [start, start + CHUNK + TAG, start + 2 * (CHUNK + TAG), backup.len() - 1] {
            assert!(opened(&backup[..cut], 7).is_err(), "cut at {cut}");
        }
        let mut swapped = backup.clone();
        let (first, second) = swapped[start..].split_at_mut(CHUNK + TAG);
        first.swap_with_slice(&mut second[..CHUNK + TAG]);
        assert!(matches!(opened(&swapped, 7), Err(BackupError::Damaged)));
        let longer = [backup.as_slice(), b"x"].concat();
        assert!(opened(&longer, 7).is_err(), "something was added");
    }
}
