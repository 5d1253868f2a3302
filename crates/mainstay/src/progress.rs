//! How far long work has come: a bar on a terminal, a line every few seconds elsewhere.

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressStyle};
use mainstay_store::{Part, Watch};
use std::io::IsTerminal;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Seconds between two lines where no terminal can redraw a bar.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// The progress of one piece of long work, told on standard error.
pub struct Progress {
    what: &'static str,
    bar: Option<ProgressBar>,
    started: Instant,
    told: Instant,
    total: Option<u64>,
    done: u64,
}

impl Progress {
    /// Begins; `unit` names what is counted, such as `rows`.
    #[must_use]
    pub fn new(what: &'static str, unit: &'static str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let template = format!("{{msg}} {{bar:32}} {{human_pos}}/{{human_len}} {unit}  {{per_sec}}  {{eta}} left");
            let style = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::no_length().with_style(style).with_message(what)
        });
        let now = Instant::now();
        Self { what, bar, started: now, told: now, total: None, done: 0 }
    }

    /// Tells how much is done, of how much when that is known.
    pub fn tell(&mut self, done: u64, total: Option<u64>) {
        (self.done, self.total) = (done, total);
        match &self.bar {
            Some(bar) => {
                if let Some(total) = total {
                    bar.set_length(total);
                }
                bar.set_position(done);
            }
            None if self.told.elapsed() >= LINE_EVERY => {
                self.told = Instant::now();
                eprintln!("{}", line(self.what, done, total, self.started.elapsed()));
            }
            None => {}
        }
    }

    /// Ends with a last line: how much in what time.
    pub fn end(self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let took = self.started.elapsed();
        eprintln!(
            "{}: {} in {:.1} s ({}/s)",
            self.what,
            HumanCount(self.done),
            took.as_secs_f64(),
            HumanCount(rate(self.done, took))
        );
    }
}

/// A watch whose parts are told one after the other, each with a line of its own at its end.
pub fn watch() -> (Watch, Watched) {
    let now = Watched(Arc::default());
    let told = now.clone();
    (Watch::new(move |part, done, total| told.tell(part, done, total)), now)
}

/// The part that is at work.
#[derive(Clone, Default)]
pub struct Watched(Arc<Mutex<Option<(Part, Progress)>>>);

impl Watched {
    fn tell(&self, part: Part, done: u64, total: u64) {
        let Ok(mut now) = self.0.lock() else { return };
        if now.as_ref().is_none_or(|(at_work, _)| *at_work != part) {
            let before = now.replace((part, Progress::new(part.what, part.unit)));
            if let Some((_, progress)) = before {
                progress.end();
            }
        }
        if let Some((_, progress)) = now.as_mut() {
            progress.tell(done, Some(total));
        }
    }

    /// Ends the last part.
    pub fn end(&self) {
        let last = self.0.lock().ok().and_then(|mut now| now.take());
        if let Some((_, progress)) = last {
            progress.end();
        }
    }
}

fn rate(done: u64, took: Duration) -> u64 {
    let millis = took.as_millis().max(1);
    u64::try_from(u128::from(done) * 1000 / millis).unwrap_or(u64::MAX)
}

fn line(what: &str, done: u64, total: Option<u64>, took: Duration) -> String {
    let rate = rate(done, took);
    let Some(total) = total else { return format!("{what}: {}, {}/s", HumanCount(done), HumanCount(rate)) };
    let left = HumanDuration(Duration::from_secs(total.saturating_sub(done).checked_div(rate).unwrap_or_default()));
    format!("{what}: {} of {}, {}/s, {left} left", HumanCount(done), HumanCount(total), HumanCount(rate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_rate_and_time_left() {
        let text = line("Importing", 30_000, Some(90_000), Duration::from_secs(10));
        assert_eq!(text, "Importing: 30,000 of 90,000, 3,000/s, 20 seconds left");
        assert_eq!(line("Reading", 5, None, Duration::from_secs(1)), "Reading: 5, 5/s");
    }
}
