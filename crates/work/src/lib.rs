//! Work that nobody waits for: timers that come due, files to be made, the search index, what figures
//! are counted from, what may have one cause, housekeeping.
//!
//! Every node runs all of it. Timers are claimed in the transaction that acts on them, so each
//! fires once on any number of nodes; housekeeping may run twice without harm.

mod candidates;
mod figures;
mod files;
mod housekeeping;
mod pace;
mod retention;
mod search;
mod timers;

use mainstay_desk::Desk;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The background work of one node. It ends with [`Work::stop`].
pub struct Work {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Work {
    /// Starts everything.
    #[must_use]
    pub fn start(desk: &Desk) -> Self {
        let stop = watch::Sender::new(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(timers::run(desk.clone(), stop.subscribe()));
        tasks.spawn(files::run(desk.clone(), stop.subscribe()));
        tasks.spawn(figures::run(desk.clone(), stop.subscribe()));
        tasks.spawn(candidates::run(desk.clone(), stop.subscribe()));
        tasks.spawn(housekeeping::run(desk.clone(), stop.subscribe()));
        tasks.spawn(retention::run(desk.clone(), stop.subscribe()));
        if let Some(index) = desk.search() {
            tasks.spawn(search::run(desk.clone(), Arc::clone(index), stop.subscribe()));
        }
        Self { stop, tasks }
    }

    /// Lets what is under way finish, then returns.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(why) = ended {
                tracing::error!(%why, "background work ended badly");
            }
        }
    }
}
