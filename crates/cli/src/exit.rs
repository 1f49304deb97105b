//! How a command ends, for scripts: six codes, and one sentence with a remedy for people.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It did what was asked.
    Done,
    /// It could not.
    Failed,
    /// It was called wrongly, or the configuration is wrong.
    Usage,
    /// A rule refused it: frozen, stale plan, budget, role.
    Refused,
    /// It did what it could, and something needs a person.
    NeedsPerson,
    /// A proof or the trail failed.
    Broken,
}

impl Exit {
    /// The number scripts see.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::NeedsPerson => 4,
            Self::Broken => 5,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command ended badly, in one sentence, and what can be done about it.
#[derive(Debug, Clone)]
pub struct Complaint {
    /// How the command ends.
    pub exit: Exit,
    /// What is wrong.
    pub sentence: String,
    /// What to do about it.
    pub remedy: Option<String>,
}

impl std::fmt::Display for Complaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sentence)?;
        match &self.remedy {
            Some(remedy) => write!(f, "\n  {}", remedy.replace('\n', "\n  ")),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Complaint {}

impl Complaint {
    /// Something is wrong with how the command was called or configured.
    pub fn usage(sentence: impl Into<String>, remedy: impl Into<String>) -> anyhow::Error {
        Self::error(Exit::Usage, sentence, remedy)
    }

    /// It did not work.
    pub fn failed(sentence: impl Into<String>, remedy: impl Into<String>) -> anyhow::Error {
        Self::error(Exit::Failed, sentence, remedy)
    }

    /// A rule stands against it.
    pub fn refused(sentence: impl Into<String>, remedy: impl Into<String>) -> anyhow::Error {
        Self::error(Exit::Refused, sentence, remedy)
    }

    fn error(exit: Exit, sentence: impl Into<String>, remedy: impl Into<String>) -> anyhow::Error {
        anyhow::Error::new(Self { exit, sentence: sentence.into(), remedy: Some(remedy.into()) })
    }
}

/// Tells people why a command ended badly, and gives the code.
pub fn tell(error: &anyhow::Error) -> Exit {
    eprintln!("reseat: {error:#}");
    error.downcast_ref::<Complaint>().map_or(Exit::Failed, |complaint| complaint.exit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;

    #[test]
    fn a_complaint_keeps_its_code_under_any_context() {
        let error = Err::<(), _>(Complaint::refused("writes are frozen", "thaw first"))
            .context("restoring")
            .expect_err("it is one");
        assert_eq!(tell(&error), Exit::Refused);
        assert_eq!(format!("{error:#}"), "restoring: writes are frozen\n  thaw first");
    }
}
