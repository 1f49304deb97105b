//! The durable journal: one JSON object a line, on disk before the answer leaves. Replaying it over the same seed gives
//! the same world.

use crate::clock::Millis;
use crate::commands::Command;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// What the journal was started with; another world may not continue it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    pub seed: u64,
    pub world: String,
    pub users: u64,
    pub epoch: String,
}

/// A command and the simulated moment it ran.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub at: Millis,
    #[serde(flatten)]
    pub command: Command,
}

/// An open journal, or none when the world is not to be kept.
#[derive(Debug, Default)]
pub struct Journal {
    file: Option<File>,
    clock_file: Option<PathBuf>,
}

/// What an existing journal holds.
#[derive(Debug, Default)]
pub struct Recorded {
    pub header: Option<Header>,
    pub entries: Vec<Entry>,
    /// Where the clock was last seen.
    pub clock: Option<Millis>,
}

impl Journal {
    /// Opens (or creates) a journal and reads what it holds. A torn last line, left by a kill, is cut off.
    pub fn open(path: &Path) -> Result<(Self, Recorded)> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .with_context(|| format!("cannot open the journal {}", path.display()))?;
        let mut text = String::new();
        file.read_to_string(&mut text).context("the journal is not text")?;
        let whole = text.rfind('\n').map_or(0, |at| at + 1);
        file.set_len(whole as u64)?;
        file.seek(SeekFrom::End(0))?;
        let mut recorded = Recorded::default();
        for (number, line) in text[..whole].lines().enumerate() {
            if number == 0 {
                recorded.header = Some(serde_json::from_str(line).context("the journal's first line is no header")?);
            } else {
                let entry: Entry = serde_json::from_str(line)
                    .with_context(|| format!("line {} of the journal cannot be read", number + 1))?;
                recorded.clock = Some(entry.at);
                recorded.entries.push(entry);
            }
        }
        let mut clock_file = path.as_os_str().to_owned();
        clock_file.push(".clock");
        let clock_file = PathBuf::from(clock_file);
        if let Some(seen) =
            std::fs::read_to_string(&clock_file).ok().and_then(|seen| seen.trim().parse::<Millis>().ok())
        {
            recorded.clock = Some(recorded.clock.map_or(seen, |last| last.max(seen)));
        }
        Ok((Self { file: Some(file), clock_file: Some(clock_file) }, recorded))
    }

    /// Writes the header of a new journal, or refuses to continue another world's.
    pub fn claim(&mut self, recorded: Option<&Header>, header: &Header) -> Result<()> {
        match recorded {
            None => self.append_line(&serde_json::to_string(header)?),
            Some(found) if found == header => Ok(()),
            Some(found) => bail!("the journal belongs to another world: it has {found:?}, wanted {header:?}"),
        }
    }

    /// Appends a command; returns once it is on disk.
    pub fn append(&mut self, at: Millis, command: &Command) -> Result<()> {
        if self.file.is_none() {
            return Ok(());
        }
        let line = serde_json::to_string(&Entry { at, command: command.clone() })?;
        self.append_line(&line)
    }

    fn append_line(&mut self, line: &str) -> Result<()> {
        if let Some(file) = self.file.as_mut() {
            file.write_all(format!("{line}\n").as_bytes())?;
            file.sync_data()?;
        }
        Ok(())
    }

    /// Remembers where the clock is, so that it goes on from there after a kill. Losing one second is harmless.
    pub fn note_clock(&self, now: Millis) {
        let Some(path) = self.clock_file.as_ref() else { return };
        let next = path.with_extension("clock.next");
        if std::fs::write(&next, now.to_string()).is_ok() {
            let _ = std::fs::rename(&next, path);
        }
    }
}
