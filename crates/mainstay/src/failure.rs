//! What a person reads when a command did not do what was asked, and the exit code it ends with.

use mainstay_desk::Error;
use std::fmt;

/// How the program ended, as documented for scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The command could not be carried out.
    Failed = 1,
    /// The command line or the configuration is wrong.
    WrongUse = 2,
    /// The installation is not ready, or the doctor found faults.
    NotReady = 3,
}

/// A failure in plain words, with the next step where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub exit: Exit,
    pub says: String,
    pub next: Option<String>,
}

impl Failure {
    pub fn failed(says: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, says: says.into(), next: None }
    }

    pub fn wrong_use(says: impl Into<String>) -> Self {
        Self { exit: Exit::WrongUse, says: says.into(), next: None }
    }

    pub fn not_ready(says: impl Into<String>) -> Self {
        Self { exit: Exit::NotReady, says: says.into(), next: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn next(mut self, step: impl Into<String>) -> Self {
        self.next = Some(step.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mainstay: {}", self.says)?;
        match &self.next {
            Some(step) => write!(f, "\n  {step}"),
            None => Ok(()),
        }
    }
}

impl From<mainstay_store::Error> for Failure {
    fn from(error: mainstay_store::Error) -> Self {
        use mainstay_store::Error as E;
        let failure = Self::failed(error.to_string());
        match error {
            E::Full(_) => failure.next("Make room on the disk and run the command again."),
            E::Unavailable(_) | E::Uncertain(_) => {
                failure.next("Check that the database runs and that its address is right: `mainstay serve --check`.")
            }
            E::File(_) => failure.next("Check that the folder exists and belongs to the user who runs Mainstay."),
            E::Damaged(_) => failure.next("Run `mainstay doctor`; if it agrees, restore the last backup."),
            _ => failure,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Store(error) => error.into(),
            other => Self::failed(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_what_and_what_next() {
        let failure = Failure::not_ready("the database is empty").next("Run `mainstay init`.");
        assert_eq!(failure.to_string(), "mainstay: the database is empty\n  Run `mainstay init`.");
        assert_eq!(failure.exit as u8, 3);
    }
}
