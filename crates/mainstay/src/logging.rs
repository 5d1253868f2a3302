//! The log: on standard error, for people or for collectors.

use crate::settings::Settings;
use std::io::IsTerminal;
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// Starts logging as the settings say; `full`: also what goes well. A command that somebody waits for
/// says that itself.
pub fn start(settings: &Settings, full: bool) {
    let targets: Targets =
        if full { settings.log.parse().unwrap_or_default() } else { Targets::new().with_default(Level::WARN) };
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    let lines = if settings.log_json { lines.json().boxed() } else { lines.boxed() };
    // A second start in one process keeps the first.
    let _ = tracing_subscriber::registry().with(lines.with_filter(targets)).try_init();
}
