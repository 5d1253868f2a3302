//! Housekeeping: what has had its time is deleted, and the next meetings of boards are made. Nothing of it is a record or
//! an event.

use crate::pace::stopped_within;
use mainstay_desk::auth::{links, sessions, throttle};
use mainstay_desk::{Channel, Credential, Desk, Result, Session, boards, schedules};
use mainstay_store::{begun, bulk_runs, drafts, notices};
use std::time::Duration;
use tokio::sync::watch;

const EVERY: Duration = Duration::from_hours(1);
/// The first round waits until the start is over.
const FIRST: Duration = Duration::from_mins(1);
/// Answers to repeated requests are kept so long, in milliseconds: two days.
const ANSWERS_MS: i64 = 48 * 3_600_000;
/// Forms that nobody went on with are kept so long, in milliseconds: thirty days.
const BEGUN_MS: i64 = 30 * 86_400_000;
/// Drafts that nobody touches are kept so long, in milliseconds: ninety days.
const DRAFTS_MS: i64 = 90 * 24 * 3_600_000;
/// What became of bulk runs is kept so long, in milliseconds: seven days.
const RUNS_MS: i64 = 7 * 24 * 3_600_000;

/// Keeps house until told to stop.
pub async fn run(desk: Desk, mut stop: watch::Receiver<bool>) {
    let mut wait = FIRST;
    while !stopped_within(&mut stop, wait).await {
        wait = EVERY;
        match tidy(&desk).await {
            Ok(gone) => tracing::info!(gone, "housekeeping done"),
            Err(error) => tracing::warn!(%error, "housekeeping has to wait"),
        }
    }
}

/// Makes the meetings that are due by the rhythm of their board, deletes what has had its time, and answers how many
/// rows that were.
///
/// # Errors
/// The database's.
pub async fn tidy(desk: &Desk) -> Result<u64> {
    desk.write(&Credential::Engine, Channel::Engine, |session, _| boards::keep(session)).await?;
    let (gone, free) = desk.write(&Credential::Engine, Channel::Engine, |session, _| forget(session)).await?;
    for digest in free {
        desk.blobs().remove_older(&digest, desk.now() - schedules::KEPT_MS).await?;
    }
    Ok(gone)
}

/// Answers how many rows went, and the digests of files that no row names any more.
fn forget(session: &mut Session<'_>) -> Result<(u64, Vec<String>)> {
    let free = schedules::forget_old(session)?;
    let (conn, now) = (&mut *session.conn, session.now);
    let mut gone = sessions::forget_expired(conn, now)?;
    gone += links::forget_expired(conn, now)?;
    gone += throttle::forget_full(conn, now)?;
    gone += notices::forget_answers(conn, now - ANSWERS_MS)?;
    gone += begun::forget_old(conn, now - BEGUN_MS)?;
    gone += drafts::forget_before(conn, now - DRAFTS_MS)?;
    gone += bulk_runs::forget_before(conn, now - RUNS_MS)?;
    Ok((gone, free))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mainstay_desk::records::{self, Draft};
    use mainstay_testing::House;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_draft_that_nobody_touches_goes_after_ninety_days() {
        for house in House::both().await {
            let (agent, begun) = (Credential::Person(house.cast.agent), house.clock.reading());
            let draft = Draft::New(mainstay_processes::ALL[0]);
            let keep = move |session: &mut Session<'_>, caller: &mainstay_desk::Caller| {
                records::keep_draft(session, caller, draft, "title=Half")
            };
            house.desk.write(&agent, Channel::Desk, keep).await.expect("it is kept");
            for (later, there) in [(DRAFTS_MS, true), (DRAFTS_MS + 1, false)] {
                house.clock.set(begun + later);
                tidy(&house.desk).await.expect("it is tidied");
                let look = move |session: &mut Session<'_>, caller: &mainstay_desk::Caller| {
                    records::draft(session, caller, draft)
                };
                let found = house.desk.read(&agent, Channel::Desk, look).await.expect("an answer");
                assert_eq!(found.is_some(), there, "after {later} ms");
            }
        }
    }
}
