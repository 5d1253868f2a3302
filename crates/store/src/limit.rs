//! How long a request may keep the database busy with reading.

use std::future::Future;
use std::time::Duration;

tokio::task_local! {
    static LONGEST: Duration;
}

/// Does `work` so that each of its reads that takes longer than `longest` is ended with [`crate::Error::TooLong`]. What
/// it spawns is not held to it.
pub async fn limited<F: Future>(longest: Duration, work: F) -> F::Output {
    LONGEST.scope(longest, work).await
}

/// How long a read may take here; none for what no request waits for.
#[must_use]
pub fn longest() -> Option<Duration> {
    LONGEST.try_with(|longest| *longest).ok()
}
