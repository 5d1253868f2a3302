//! `mainstay bench`

mod beside;
mod load;
pub mod map;
pub mod measure;
mod raw;
mod raw_server;
pub mod schedule;
mod server;
mod table;

use crate::failure::Failure;
use crate::installation::Installation;
use crate::progress::Progress;
use crate::settings::Settings;
use mainstay_desk::demo::Mass;
use mainstay_desk::import::{self, Batch, Item, Known, Verdict};
use mainstay_desk::{Credential, Desk};
use mainstay_store::Dialect;
use std::sync::mpsc::{Receiver, RecvError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Incidents in one transaction.
const AT_ONCE: u64 = 1000;
/// Transactions at the same time, where the database has more than one writer.
const HANDS: usize = 3;

/// Whose rights the clients have unless told otherwise: an agent for every organisation.
pub const AGENT: &str = "measure@bench.example";
/// Who opens what agents do not.
const AUDITOR: &str = "audit@bench.example";

/// Adds so many incidents with their past to a database, which it makes when there is none; those of an earlier run
/// with the same numbers stay as they are.
///
/// # Errors
/// A database that cannot be made; an incident that was refused.
pub async fn fill(settings: Settings, count: u64, seed: u64) -> Result<(), Failure> {
    let installation = Installation::create(settings)?;
    super::init::prepare(&installation).await?;
    let desk = installation.desk.clone();
    beside::person(&desk, AGENT, &["agent", "requester"]).await?;
    let filled = tokio::task::spawn_blocking(move || run(&desk, count, seed)).await;
    filled.map_err(|why| Failure::failed(format!("filling ended badly: {why}.")))??;
    installation.close().await;
    Ok(())
}

fn run(desk: &Desk, count: u64, seed: u64) -> Result<(), Failure> {
    let known: Arc<RwLock<Known>> = Arc::default();
    let mass = Arc::new(Mass::new(seed, count, desk.now()));
    let hands = match desk.db().dialect() {
        Dialect::Sqlite => 1,
        Dialect::Postgres => HANDS,
    };
    if hands > 1 {
        // Two that make the same person would wait for each other, and one would begin anew.
        let all = Batch { needs: Arc::new(mass.references()), ..Batch::default() };
        import::put(desk, &Credential::Engine, &Arc::new(all), &known)?;
    }
    let batches = Mutex::new(batches(&mass, count));
    let progress = Mutex::new((Progress::new("Filling", "incidents"), 0));
    let work = || {
        while let Ok(batch) = next(&batches) {
            let outcome = import::put(desk, &Credential::Engine, &Arc::new(batch), &known)?;
            if let Some(Verdict::Rejected(refusal)) =
                outcome.verdicts.iter().find(|v| matches!(v, Verdict::Rejected(_)))
            {
                return Err(Failure::failed(format!("an incident was refused: {refusal} {:?}", refusal.errors)));
            }
            let (progress, done) = &mut *progress.lock().unwrap_or_else(PoisonError::into_inner);
            *done += outcome.verdicts.len() as u64;
            progress.tell(*done, Some(count));
        }
        Ok(())
    };
    let ended: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..hands).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
    });
    for end in ended {
        end.map_err(|_| Failure::failed("filling ended badly."))??;
    }
    progress.into_inner().unwrap_or_else(PoisonError::into_inner).0.end();
    Ok(())
}

fn next(batches: &Mutex<Receiver<Batch>>) -> Result<Batch, RecvError> {
    batches.lock().unwrap_or_else(PoisonError::into_inner).recv()
}

/// The batches in their order, made on a thread of their own while others are written.
fn batches(mass: &Arc<Mass>, count: u64) -> Receiver<Batch> {
    let (give, take) = sync_channel(4);
    let mass = Arc::clone(mass);
    std::thread::spawn(move || {
        for from in (0..count).step_by(usize::try_from(AT_ONCE).unwrap_or(usize::MAX)) {
            let items = (from..count.min(from + AT_ONCE)).map(|n| Item::Record(mass.past(n))).collect();
            // Nobody takes them any more when writing has failed.
            if give.send(Batch { items, ..Batch::default() }).is_err() {
                return;
            }
        }
    });
    take
}
