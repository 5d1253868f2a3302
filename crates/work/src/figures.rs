//! What figures are counted from and how records hang together: kept up with the event log, so that nobody who asks waits for what has gathered.

use crate::pace::{Patience, stopped_within};
use mainstay_desk::{Desk, maps, reports};
use std::time::Duration;
use tokio::sync::watch;

/// Whoever asks follows the log themselves; this only keeps what they have to read small.
const EVERY: Duration = Duration::from_secs(30);

/// Follows the log until told to stop.
pub async fn run(desk: Desk, mut stop: watch::Receiver<bool>) {
    let mut patience = Patience::default();
    loop {
        let kept = match reports::keep_up(&desk).await {
            Ok(()) => maps::keep_up(&desk).await,
            error => error,
        };
        let wait = match kept {
            Ok(()) => {
                patience.restore();
                EVERY
            }
            Err(error) => {
                tracing::warn!(%error, "what happened lately has to wait");
                patience.lose()
            }
        };
        if stopped_within(&mut stop, wait).await {
            return;
        }
    }
}
