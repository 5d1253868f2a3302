//! Files that people asked for, made one after the other so that lists stay quick for everybody else.

use crate::pace::{Patience, stopped_within};
use mainstay_desk::{Channel, Credential, Desk, Result, install, schedules};
use std::time::Duration;
use tokio::sync::watch;

/// However quiet it is, another node may have queued something.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Under load every commit rings; looking more often than this finds nothing more.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// Makes files until told to stop.
pub async fn run(desk: Desk, mut stop: watch::Receiver<bool>) {
    let mut commits = desk.db().on_commit();
    let mut patience = Patience::default();
    while !*stop.borrow() {
        commits.mark_unchanged();
        match make_all(&desk, &stop).await {
            Ok(()) => patience.restore(),
            Err(error) => {
                tracing::warn!(%error, "files that people asked for have to wait");
                if stopped_within(&mut stop, patience.lose()).await {
                    return;
                }
            }
        }
        if stopped_within(&mut stop, SHORTEST_WAIT).await {
            return;
        }
        tokio::select! {
            stopped = stopped_within(&mut stop, LONGEST_WAIT) => if stopped { return },
            _ = commits.changed() => {}
        }
    }
}

/// Makes what is queued; a restored copy makes nothing.
async fn make_all(desk: &Desk, stop: &watch::Receiver<bool>) -> Result<()> {
    let waits = |session: &mut mainstay_desk::Session<'_>, _: &mainstay_desk::Caller| {
        Ok(!install::is_copy(session.conn)? && mainstay_store::jobs::is_due(session.conn, session.now)?)
    };
    while !*stop.borrow() && desk.read(&Credential::Engine, Channel::Engine, waits).await? {
        schedules::make_next(desk).await?;
    }
    Ok(())
}
