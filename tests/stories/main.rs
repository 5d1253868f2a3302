//! Stories over the public API, each on the embedded database and on `PostgreSQL`. A test that
//! proves a requirement carries its ID in its name.

mod access_matrix;
mod administration;
mod approvals;
mod assets;
mod auditing;
mod begetting;
mod browser;
mod candidates;
mod captured;
mod change;
mod change_kept;
mod change_risk;
mod client;
mod composing;
mod configuration;
mod control;
mod directory;
mod drilling;
mod evaluation;
mod exports;
mod fields;
mod figures;
mod handed_out;
mod importing;
mod inbox;
mod incident;
mod item_map;
mod keys;
mod last_days;
mod licences;
mod links;
mod lists;
mod live;
mod markup;
mod meetings;
mod mentions;
mod merging;
mod page_matrix;
mod pages;
mod pipelines;
mod platform;
mod portal;
mod probe;
mod problem;
mod proposals;
mod ready;
mod reports;
mod retention;
mod satisfaction;
mod scenarios;
mod schedule;
mod search;
mod security;
mod service_levels;
mod similar;
mod sources;
mod splitting;
mod steps;
mod tables;
mod telling;
mod trends;
mod undo;
mod visibility;
mod waiting;
mod words;
mod workbook;
mod working;

use client::{Client, Stage};
use mainstay_testing::at;

/// Runs a story on both databases.
macro_rules! story {
    ($(#[$doc:meta])* $name:ident, $body:expr) => {
        $(#[$doc])*
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            for stage in $crate::Stage::both().await {
                let body: fn($crate::Stage) -> _ = $body;
                body(stage).await;
            }
        }
    };
}
pub(crate) use story;
