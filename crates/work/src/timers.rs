//! Timers: fired when they come due, however they came to be set.

use crate::pace::{Patience, stopped_within};
use mainstay_desk::{Channel, Credential, Desk, Result, install, records};
use mainstay_store::{Conn, timers};
use std::time::Duration;
use tokio::sync::watch;

/// Timers fired in one transaction.
const AT_ONCE: i64 = 50;
/// However far the next timer is, another node may set an earlier one, and the clock may be set.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Under load every commit rings; looking more often than this finds nothing more.
const SHORTEST_WAIT: Duration = Duration::from_millis(200);

/// Fires timers until told to stop.
pub async fn run(desk: Desk, mut stop: watch::Receiver<bool>) {
    let mut commits = desk.db().on_commit();
    let mut patience = Patience::default();
    while !*stop.borrow() {
        commits.mark_unchanged();
        let wait = match fire_all(&desk, &stop).await {
            Ok(wait) => {
                patience.restore();
                wait
            }
            Err(error) => {
                tracing::warn!(%error, "timers wait for the database");
                patience.lose()
            }
        };
        if stopped_within(&mut stop, wait.min(SHORTEST_WAIT)).await {
            return;
        }
        let Some(rest) = wait.checked_sub(SHORTEST_WAIT) else { continue };
        tokio::select! {
            stopped = stopped_within(&mut stop, rest) => if stopped { return },
            _ = commits.changed() => {}
        }
    }
}

/// Fires what is due, and answers how long until the next.
async fn fire_all(desk: &Desk, stop: &watch::Receiver<bool>) -> Result<Duration> {
    loop {
        let now = desk.now();
        let (copy, next) = desk.db().read(look).await?;
        match next {
            _ if copy => return Ok(LONGEST_WAIT),
            Some(due) if due <= now && !*stop.borrow() => fire(desk).await?,
            Some(due) => return Ok(wait_until(due, now)),
            None => return Ok(LONGEST_WAIT),
        }
    }
}

/// Whether this is a restored copy, which must not act, and when the next timer is due.
fn look(conn: &mut Conn) -> Result<(bool, Option<i64>)> {
    Ok((install::is_copy(conn)?, timers::next_due(conn)?))
}

async fn fire(desk: &Desk) -> Result<()> {
    let fired =
        desk.write(&Credential::Engine, Channel::Engine, |session, _| records::fire_due(session, AT_ONCE)).await?;
    tracing::debug!(fired, "timers fired");
    Ok(())
}

fn wait_until(due: i64, now: i64) -> Duration {
    let ms = u64::try_from(due.saturating_sub(now)).unwrap_or_default();
    Duration::from_millis(ms).clamp(SHORTEST_WAIT, LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_lies_between_its_bounds() {
        assert_eq!(wait_until(10_000, 4_000), Duration::from_secs(6));
        assert_eq!(wait_until(0, 4_000), SHORTEST_WAIT);
        assert_eq!(wait_until(i64::MAX, 0), LONGEST_WAIT);
    }
}
