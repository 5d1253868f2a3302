//! A caller's closure on its way to a database thread, and its answer on the way back.

use crate::{Conn, Error};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// Callers that may wait for a thread before new ones are turned away (each is one waiting request).
const MOST_WAITING: usize = 10_000;

pub(crate) type Answer<T, E> = oneshot::Receiver<Result<T, E>>;

/// Work whose type is forgotten, so that callers of every kind share one queue and one commit.
pub(crate) trait Job: Send {
    /// False when the caller has gone away: work not yet begun need not begin.
    fn wanted(&self) -> bool;
    /// How long it may take, if it reads and somebody waits for it.
    fn longest(&self) -> Option<Duration>;
    /// Runs the work; true when its changes are to be kept. May be called again on a new transaction.
    fn attempt(&mut self, conn: &mut Conn) -> bool;
    /// Answers the caller: with what the last attempt gave, or with why it does not count.
    fn settle(self: Box<Self>, failure: Option<Error>);
}

struct Asked<F, T, E> {
    work: F,
    longest: Option<Duration>,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

/// Wraps a closure as a job; the receiver gets its answer.
pub(crate) fn ask<F, T, E>(work: F) -> (Box<dyn Job>, Answer<T, E>)
where
    F: FnMut(&mut Conn) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    (Box::new(Asked { work, longest: crate::limit::longest(), outcome: None, reply }), answer)
}

impl<F, T, E> Job for Asked<F, T, E>
where
    F: FnMut(&mut Conn) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn wanted(&self) -> bool {
        !self.reply.is_closed()
    }

    fn longest(&self) -> Option<Duration> {
        self.longest
    }

    fn attempt(&mut self, conn: &mut Conn) -> bool {
        let outcome = guarded(conn, &mut self.work);
        let keep = outcome.is_ok();
        self.outcome = Some(outcome);
        keep
    }

    fn settle(self: Box<Self>, failure: Option<Error>) {
        let answer = match (failure, self.outcome) {
            (Some(error), _) => Err(error.into()),
            (None, Some(outcome)) => outcome,
            (None, None) => Err(Error::Unavailable("the work was never begun".into()).into()),
        };
        // A caller that stopped waiting finds the result in the database.
        let _ = self.reply.send(answer);
    }
}

/// Runs `work`, turning a panic or a swallowed statement error into an error.
pub(crate) fn guarded<T, E: From<Error>>(
    conn: &mut Conn,
    work: impl FnOnce(&mut Conn) -> Result<T, E>,
) -> Result<T, E> {
    let outcome = catch_unwind(AssertUnwindSafe(|| work(conn)))
        .unwrap_or_else(|panic| Err(Error::Panicked(sentence(panic.as_ref())).into()));
    match conn.spoiled() {
        Some(error) if outcome.is_ok() => Err(error.clone().into()),
        _ => outcome,
    }
}

fn sentence(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a word".into())
}

/// A queue that threads of the database take their work from.
#[derive(Default)]
pub(crate) struct Lane {
    waiting: Mutex<Waiting>,
    news: Condvar,
}

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<Box<dyn Job>>,
    closed: bool,
}

impl Lane {
    /// Queues a job, or answers it at once when there is no room or the database is closing.
    pub(crate) fn submit(&self, job: Box<dyn Job>) {
        let mut waiting = self.lock();
        let refusal = if waiting.closed {
            "it is shutting down"
        } else if waiting.jobs.len() >= MOST_WAITING {
            "too much work is waiting"
        } else {
            waiting.jobs.push_back(job);
            drop(waiting);
            self.news.notify_one();
            return;
        };
        drop(waiting);
        job.settle(Some(Error::Unavailable(refusal.into())));
    }

    /// Waits for work and takes up to `most` jobs; false when the lane is closed and empty.
    pub(crate) fn take(&self, most: usize, into: &mut Vec<Box<dyn Job>>) -> bool {
        let mut waiting = self.lock();
        loop {
            while into.len() < most {
                let Some(job) = waiting.jobs.pop_front() else { break };
                if job.wanted() {
                    into.push(job);
                }
            }
            if !into.is_empty() {
                return true;
            }
            if waiting.closed {
                return false;
            }
            waiting = self.news.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Lets the threads finish what is queued and end.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.news.notify_all();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    // No code that can panic runs under this lock.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
