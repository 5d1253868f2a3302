//! `PostgreSQL`: threads that each own a connection, replace it when it breaks, and repeat what contention undid.

use crate::job::{Job, Lane};
use crate::signals::Signals;
use crate::wire::Wire;
use crate::{Conn, Error, Result, tls::Target};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// Tries of one transaction against contention or a lost connection.
const TRIES: u32 = 12;

/// How often nodes tell each other about new events: live updates feel immediate, commits stay independent.
/// (NOTIFY inside the transactions would serialise every commit of the whole server.)
const CHATTER: Duration = Duration::from_millis(200);

pub(crate) fn start_writers(
    n: usize,
    target: &Arc<Target>,
    lane: &Arc<Lane>,
    signals: &Arc<Signals>,
) -> std::io::Result<Vec<JoinHandle<()>>> {
    (0..n)
        .map(|i| {
            let (target, lane, signals) = (Arc::clone(target), Arc::clone(lane), Arc::clone(signals));
            thread(format!("store-write-{i}"), move || serve(&target, &lane, |conn, job| write(conn, job, &signals)))
        })
        .collect()
}

pub(crate) fn start_readers(n: usize, target: &Arc<Target>, lane: &Arc<Lane>) -> std::io::Result<Vec<JoinHandle<()>>> {
    (0..n)
        .map(|i| {
            let (target, lane) = (Arc::clone(target), Arc::clone(lane));
            thread(format!("store-read-{i}"), move || serve(&target, &lane, read))
        })
        .collect()
}

fn thread(name: String, work: impl FnOnce() + Send + 'static) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name).spawn(work)
}

/// What to do with a job after one try.
enum Next {
    Done,
    Again(Box<dyn Job>),
}

/// Serves a lane with one connection until the lane is closed.
fn serve(target: &Target, lane: &Lane, mut once: impl FnMut(&mut Conn, Box<dyn Job>) -> Next) {
    let mut held = None;
    let mut jobs = Vec::with_capacity(1);
    while lane.take(1, &mut jobs) {
        for job in jobs.drain(..) {
            answer(target, &mut held, job, &mut once);
        }
    }
}

fn answer(
    target: &Target,
    held: &mut Option<Conn>,
    mut job: Box<dyn Job>,
    once: &mut impl FnMut(&mut Conn, Box<dyn Job>) -> Next,
) {
    for attempt in 0..TRIES {
        let mut conn = match held.take().map_or_else(|| target.connect(), Ok) {
            Ok(conn) => conn,
            Err(error) => return job.settle(Some(error)),
        };
        conn.fresh();
        let next = once(&mut conn, job);
        if !conn.is_closed() {
            *held = Some(conn);
        }
        match next {
            Next::Done => return,
            Next::Again(again) => job = again,
        }
        std::thread::sleep(Duration::from_millis(u64::from(attempt * attempt) * 4));
    }
    job.settle(Some(Error::Unavailable("others kept changing the same rows".into())));
}

fn write(conn: &mut Conn, mut job: Box<dyn Job>, signals: &Signals) -> Next {
    conn.reads_only = false;
    conn.begin(conn.dialect().begin_write());
    let keep = job.attempt(conn);
    if conn.wants_retry() {
        conn.rollback();
        return Next::Again(job);
    }
    if !keep {
        conn.rollback();
        job.settle(None);
        return Next::Done;
    }
    let failure = conn.commit().err();
    if conn.wants_retry() {
        conn.rollback();
        return Next::Again(job);
    }
    if failure.is_none() {
        signals.committed(conn.take_newest_event());
    }
    job.settle(failure);
    Next::Done
}

fn read(conn: &mut Conn, mut job: Box<dyn Job>) -> Next {
    conn.reads_only = true;
    // The work cannot run twice, so a connection that was cut meanwhile is replaced before.
    if !conn.wire().is_some_and(Wire::stands) {
        return Next::Again(job);
    }
    conn.begin_read(job.longest());
    job.attempt(conn);
    // The caller need not wait for the end of a transaction that changed nothing.
    job.settle(None);
    conn.rollback();
    Next::Done
}

/// Tells other nodes of this one's commits and passing words and this one of theirs, at most every 200 ms.
pub(crate) fn start_ears(
    target: &Arc<Target>,
    lane: &Arc<Lane>,
    signals: &Arc<Signals>,
) -> std::io::Result<JoinHandle<()>> {
    let (target, lane, signals) = (Arc::clone(target), Arc::clone(lane), Arc::clone(signals));
    thread("store-ears".into(), move || {
        while !lane.is_closed() {
            if let Err(error) = listen(&target, &lane, &signals) {
                tracing::warn!(%error, "not hearing from other nodes");
                std::thread::sleep(CHATTER);
            }
        }
    })
}

fn listen(target: &Target, lane: &Lane, signals: &Signals) -> Result<()> {
    let mut conn = target.connect()?;
    conn.batch("LISTEN mainstay_event; LISTEN mainstay_word")?;
    let own: i64 = conn.one("SELECT pg_backend_pid()::BIGINT", &[])?;
    let mut told = 0;
    while !lane.is_closed() {
        let wire = conn.wire().ok_or(Error::Missing)?;
        for note in wire.hear(CHATTER) {
            if note.channel() != "mainstay_event" {
                if i64::from(note.process_id()) != own {
                    signals.hear(note.process_id(), note.payload());
                }
            } else if let Ok(id) = note.payload().parse::<i64>() {
                told = id.max(told);
                signals.committed(id);
            }
        }
        if wire.is_closed() {
            return Err(Error::Unavailable("the connection was cut".into()));
        }
        for word in signals.take_said() {
            conn.run("SELECT pg_notify('mainstay_word', $1)", &[word.into()])?;
        }
        let newest = signals.newest_event();
        if newest > told {
            conn.run("SELECT pg_notify('mainstay_event', $1)", &[newest.to_string().into()])?;
            told = newest;
        }
    }
    Ok(())
}
