//! A roster that lies in a folder of this machine.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use tokio::io::AsyncReadExt;

use crate::error::ConnectorError;

use super::{HrSource, LARGEST_FILE, RosterFile, RosterProblem};

/// How long a file has to stay as it is. Exports that take longer between two blocks write beside and
/// rename, or are caught by the count of their rows (R3, R12).
const STILLNESS: Duration = Duration::from_millis(500);

/// A CSV file in a folder of this machine.
#[derive(Debug, Clone)]
pub struct CsvFile {
    /// Where it is.
    pub path: PathBuf,
}

#[async_trait]
impl HrSource for CsvFile {
    async fn fetch(&self) -> Result<RosterFile, ConnectorError> {
        let path = &self.path;
        let before = look(path).await?;
        tokio::time::sleep(STILLNESS).await;
        let bytes = read(path).await?;
        let after = look(path).await?;
        if before != after || bytes.len() as u64 != after.size {
            return Err(ConnectorError::File(format!("the roster {} is being written just now", path.display())));
        }
        Ok(RosterFile { bytes, written_at: after.modified })
    }
}

/// What shows that a file changed.
#[derive(Debug, PartialEq, Eq)]
struct Look {
    size: u64,
    modified: Option<SystemTime>,
}

async fn look(path: &Path) -> Result<Look, ConnectorError> {
    let about = tokio::fs::metadata(path).await.map_err(|error| unreadable(path, &error))?;
    if !about.is_file() {
        return Err(ConnectorError::File(format!("the roster {} is not a file", path.display())));
    }
    if about.len() > LARGEST_FILE {
        return Err(ConnectorError::File(format!("{}: {}", path.display(), RosterProblem::TooLarge)));
    }
    Ok(Look { size: about.len(), modified: about.modified().ok() })
}

/// Reads at most one byte more than a roster may have: a file can grow after it was looked at.
async fn read(path: &Path) -> Result<Vec<u8>, ConnectorError> {
    let file = tokio::fs::File::open(path).await.map_err(|error| unreadable(path, &error))?;
    let mut bytes = Vec::new();
    file.take(LARGEST_FILE + 1).read_to_end(&mut bytes).await.map_err(|error| unreadable(path, &error))?;
    Ok(bytes)
}

fn unreadable(path: &Path, error: &std::io::Error) -> ConnectorError {
    ConnectorError::File(format!("the roster {} cannot be read: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn file(text: &str) -> (tempfile::TempDir, CsvFile) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("roster.csv");
        std::fs::write(&path, text).expect("the file can be written");
        (folder, CsvFile { path })
    }

    #[tokio::test]
    async fn a_file_at_rest_is_fetched_as_it_is() {
        let (_folder, source) = file("email,status\nada@contoso.example,active\n");
        let fetched = source.fetch().await.expect("a roster");
        assert_eq!(fetched.bytes, std::fs::read(&source.path).expect("the file"));
        let written = std::fs::metadata(&source.path).and_then(|about| about.modified()).expect("the file");
        assert_eq!(fetched.written_at, Some(written), "R8: how old the roster is, not when it was read");
    }

    #[tokio::test]
    async fn a_file_that_grows_is_not_used() {
        let (_folder, source) = file("email,status\n");
        let path = source.path.clone();
        // Grows all the time the source looks at it.
        let writing = tokio::spawn(async move {
            loop {
                let mut file = std::fs::OpenOptions::new().append(true).open(&path).expect("the file");
                file.write_all(b"ada@contoso.example,active\n").expect("one more row");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        let refused = source.fetch().await;
        writing.abort();
        assert!(matches!(refused, Err(ConnectorError::File(why)) if why.contains("being written")), "R12");
    }

    #[tokio::test]
    async fn a_file_that_is_not_there_or_too_large_says_so() {
        let (folder, source) = file("");
        let missing = CsvFile { path: folder.path().join("nowhere.csv") };
        assert!(matches!(missing.fetch().await, Err(ConnectorError::File(why)) if why.contains("nowhere.csv")));
        let not_a_file = CsvFile { path: folder.path().to_owned() };
        assert!(matches!(not_a_file.fetch().await, Err(ConnectorError::File(_))));
        // A sparse file: large without taking room.
        let large = std::fs::OpenOptions::new().write(true).open(&source.path).expect("the file");
        large.set_len(LARGEST_FILE + 1).expect("it can be made large");
        assert!(matches!(source.fetch().await, Err(ConnectorError::File(why)) if why.contains("64 MiB")), "R13");
    }
}
