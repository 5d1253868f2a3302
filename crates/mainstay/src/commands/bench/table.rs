//! The figures as a table for people and for `bench/README.md`.

use super::load::Run;
use crate::terminal::say;
use std::time::Duration;

/// The operation whose goal is told by the bare database.
pub const CREATE: &str = "API: create";
/// A creation may cost so many times its bare transaction.
const CREATE_RATIO: f64 = 4.0;

/// What one operation came to.
pub struct Line {
    pub name: &'static str,
    /// CPU of the server for each answer, in µs.
    pub cpu: f64,
    /// The same work by the bare database, in µs of CPU.
    pub raw: Option<f64>,
    goal: Option<f64>,
    run: Run,
}

impl Line {
    /// Of a run that cost the server so much.
    pub fn of(name: &'static str, goal: Option<f64>, cpu: Duration, run: Run) -> Self {
        let cpu = micros(cpu) / count(run.took.len().max(1));
        Self { name, cpu, raw: None, goal, run }
    }

    fn after(&self, part: usize) -> f64 {
        let at = (self.run.took.len() * part / 100).min(self.run.took.len().saturating_sub(1));
        self.run.took.get(at).map_or(0.0, |took| micros(*took) / 1000.0)
    }

    fn goal(&self) -> Option<f64> {
        self.goal.or_else(|| self.raw.filter(|_| self.name == CREATE).map(|raw| raw * CREATE_RATIO))
    }

    fn verdict(&self) -> String {
        match (self.run.refused, self.goal()) {
            (Some(status), _) => format!("answered {status}"),
            (None, Some(goal)) if self.cpu <= goal => format!("≤ {goal:.0}"),
            (None, Some(goal)) => format!("MISSED {goal:.0}"),
            (None, None) => String::new(),
        }
    }

    fn shown(&self) -> String {
        let rate = count(self.run.took.len()) / self.run.wall.as_secs_f64();
        let or_none =
            |value: Option<f64>, digits: usize| value.map_or_else(|| "-".to_owned(), |v| format!("{v:.digits$}"));
        format!(
            "| {:28} | {:8.0} | {:8.2} | {:8.2} | {:8.2} | {:9.0} | {:8.1} | {:8} | {:6} | {:14} |",
            self.name,
            self.cpu,
            self.after(50),
            self.after(95),
            self.after(99),
            rate,
            count(self.run.bytes) / 1024.0,
            or_none(self.raw, 0),
            or_none(self.raw.map(|raw| self.cpu / raw), 1),
            self.verdict(),
        )
    }
}

fn micros(took: Duration) -> f64 {
    took.as_secs_f64() * 1_000_000.0
}

#[expect(clippy::cast_precision_loss, reason = "figures for people need no more than 52 bits")]
pub fn count(number: usize) -> f64 {
    number as f64
}

/// Prints every operation.
pub fn print(records: i64, lines: &[Line]) {
    say(format_args!("{records} incidents\n"));
    say(
        "| operation                    |   CPU µs |   p50 ms |   p95 ms |   p99 ms |       1/s |       KB | bare µs  | ratio  | goal, CPU µs   |",
    );
    say(
        "|------------------------------|---------:|---------:|---------:|---------:|----------:|---------:|---------:|-------:|----------------|",
    );
    for line in lines {
        say(line.shown());
    }
}

/// Prints what is measured of the process.
pub fn print_process(ready: Duration, idle_mb: u64, most_mb: u64) {
    let ready = ready.as_secs_f64() * 1000.0;
    say(format_args!("\nready after {ready:.0} ms, {idle_mb} MB idle, {most_mb} MB at most"));
}
