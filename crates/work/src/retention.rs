//! The rules of retention: what was closed long enough ago is archived, what was archived long enough loses its words.

use crate::pace::stopped_within;
use mainstay_desk::retention::{self, Kept};
use mainstay_desk::{Channel, Credential, Desk, Result};
use std::time::Duration;
use tokio::sync::watch;

const EVERY: Duration = Duration::from_hours(1);
/// The first round waits until the start is over.
const FIRST: Duration = Duration::from_mins(2);
/// Records of each process and kind in one transaction, so that nobody waits long for the writer.
const BATCH: i64 = 100;

/// Keeps to the rules until told to stop.
pub async fn run(desk: Desk, mut stop: watch::Receiver<bool>) {
    let mut wait = FIRST;
    while !stopped_within(&mut stop, wait).await {
        wait = EVERY;
        loop {
            match round(&desk).await {
                Ok(Kept { archived: 0, removed: 0, .. }) => break,
                Ok(kept) => tracing::info!(kept.archived, kept.removed, "retention"),
                Err(error) => {
                    tracing::warn!(%error, "retention has to wait");
                    break;
                }
            }
            if *stop.borrow() {
                return;
            }
        }
    }
}

/// One batch, and the files that nothing names any more.
async fn round(desk: &Desk) -> Result<Kept> {
    let kept = desk.write(&Credential::Engine, Channel::Engine, |session, _| retention::run(session, BATCH)).await?;
    for digest in &kept.free {
        desk.blobs().remove_older(digest, desk.now()).await?;
    }
    Ok(kept)
}
