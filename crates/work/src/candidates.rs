//! What may have one cause, looked for at intervals, by one node for all.

use crate::pace::stopped_within;
use mainstay_desk::Desk;
use mainstay_desk::records::candidates;
use std::time::Duration;
use tokio::sync::watch;

/// The first look waits until the start is over.
const FIRST: Duration = Duration::from_mins(2);

/// Looks until told to stop.
pub async fn run(desk: Desk, mut stop: watch::Receiver<bool>) {
    let holder = candidates::holder(&desk);
    let mut wait = FIRST;
    while !stopped_within(&mut stop, wait).await {
        wait = candidates::EVERY;
        match candidates::look(&desk, &holder).await {
            Ok(new) => tracing::debug!(new, "looked for what may have one cause"),
            Err(error) => tracing::warn!(%error, "looking for what may have one cause has to wait"),
        }
    }
}
