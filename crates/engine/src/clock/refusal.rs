//! Why a clock refuses a command.

/// A command that a clock refuses; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockRefusal {
    #[error("The clock has already started.")]
    Started,
    #[error("The clock does not run.")]
    NotRunning,
    #[error("The clock is not paused.")]
    NotPaused,
    #[error("The clock is neither running nor paused.")]
    NotLive,
    #[error("The clock has not stopped.")]
    NotStopped,
    #[error("The clock is cancelled.")]
    Cancelled,
    #[error("A response clock never pauses.")]
    ResponseNeverPauses,
    #[error("A reason is needed.")]
    ReasonMissing,
    #[error("The agreement does not pause for {0}.")]
    ReasonNotAgreed(String),
    #[error("The stretch holds no time.")]
    EmptyStretch,
    #[error("The instant lies outside the time in which the clock counted.")]
    OutsideRun,
}
