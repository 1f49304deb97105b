//! Why a roster file as a whole cannot be used.

use super::LARGEST_FILE;

/// What is wrong with the file. Nothing of it is used; the roster in use stays.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RosterProblem {
    /// Larger than any roster is expected to be (R13).
    #[error("the roster is larger than {} MiB", LARGEST_FILE / 1024 / 1024)]
    TooLarge,
    /// UTF-16, or no text at all (R4).
    #[error("the roster is not UTF-8 text: it looks like UTF-16 or a spreadsheet file")]
    NotText,
    /// Another encoding, such as Windows-1252 (R4).
    #[error("the roster is not UTF-8: line {line} has bytes that are no characters")]
    NotUtf8 {
        /// The first such line.
        line: u64,
    },
    /// Characters were lost before the file came to us (R4).
    #[error("characters were lost: line {line} has a replacement character")]
    CharactersLost {
        /// The first such line.
        line: u64,
    },
    /// An odd number of quotation marks: rows run into each other.
    #[error("a quotation mark is not closed, so it cannot be told where rows end")]
    OpenQuote,
    /// A needed column is not there.
    #[error("the roster has no column for {what}")]
    MissingColumn {
        /// What it would hold.
        what: &'static str,
    },
    /// Two columns could be the same thing.
    #[error("two columns could be {what}: {first:?} and {second:?}")]
    TwoColumns {
        /// What they would hold.
        what: &'static str,
        /// One header.
        first: String,
        /// The other.
        second: String,
    },
    /// More columns than any roster has (R13).
    #[error("the roster has more than {limit} columns")]
    TooManyColumns {
        /// How many are read.
        limit: usize,
    },
    /// A cell longer than any name or address (R13).
    #[error("line {line} has a cell of more than {limit} bytes")]
    CellTooLarge {
        /// Where.
        line: u64,
        /// How many are read.
        limit: usize,
    },
    /// The file is no CSV.
    #[error("the roster is no CSV: {0}")]
    NotCsv(String),
}

impl RosterProblem {
    /// What a person can do about it.
    pub fn remedy(&self) -> String {
        match self {
            Self::TooLarge => {
                "Export current and recently departed people only, without attachments or history.".into()
            }
            Self::NotText | Self::NotUtf8 { .. } | Self::CharactersLost { .. } => {
                "Export the roster again as CSV in UTF-8.".into()
            }
            Self::OpenQuote => "Put cells that contain a quotation mark in quotes, and double the mark inside.".into(),
            Self::MissingColumn { what } => format!(
                "Add a column for {what} to the export. Columns are found by their header, for example \
                 \"employee id\", \"email\", \"name\", \"manager email\", \"department\", \"status\", \"start date\", \"end date\"."
            ),
            Self::TwoColumns { what, .. } => format!("Leave one column for {what} in the export, or rename the other."),
            Self::TooManyColumns { .. } | Self::CellTooLarge { .. } => {
                "Export only the columns of the roster: id, e-mail, name, manager, department, status and dates.".into()
            }
            Self::NotCsv(_) => "Export the roster as CSV, separated by commas or semicolons.".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_says_what_to_do() {
        let header = || "E-mail".to_owned();
        for problem in [
            RosterProblem::TooLarge,
            RosterProblem::NotText,
            RosterProblem::NotUtf8 { line: 1 },
            RosterProblem::CharactersLost { line: 1 },
            RosterProblem::OpenQuote,
            RosterProblem::MissingColumn { what: "the status" },
            RosterProblem::TwoColumns { what: "the status", first: header(), second: header() },
            RosterProblem::TooManyColumns { limit: 1 },
            RosterProblem::CellTooLarge { line: 1, limit: 1 },
            RosterProblem::NotCsv("x".to_owned()),
        ] {
            assert!(problem.remedy().ends_with('.') && !problem.to_string().ends_with('.'), "{problem}");
        }
    }
}
