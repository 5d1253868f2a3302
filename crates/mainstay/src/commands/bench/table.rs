//! The figures as a table for people and for `bench/README.md`.

use super::load::Run;
use crate::terminal::say;
use serde_json::{Value as Json, json};
use std::time::Duration;

/// The operation whose goal is told by the bare database.
pub const CREATE: &str = "API: create";
/// A creation may cost so many times its bare transaction.
const CREATE_RATIO: f64 = 4.0;

/// What an operation may cost and how long somebody may wait; what is none is not judged.
#[derive(Clone, Copy, Default)]
pub struct Goals {
    /// CPU of the server for each answer, in µs.
    pub cpu: Option<f64>,
    pub p50_ms: Option<f64>,
    pub p95_ms: Option<f64>,
    /// Compressed, in KB.
    pub kb: Option<f64>,
}

/// What one operation came to.
pub struct Line {
    pub name: &'static str,
    /// CPU of the server for each answer, in µs.
    pub cpu: f64,
    /// The same work by the bare database, in µs of CPU.
    pub raw: Option<f64>,
    goals: Goals,
    run: Run,
    memory_mb: u64,
}

/// What the process came to.
pub struct Process {
    /// From its start to its word that it is ready.
    pub ready: Duration,
    pub idle_mb: u64,
    pub most_mb: u64,
}

impl Line {
    /// Of a run that cost the server so much.
    pub fn of(name: &'static str, goals: Goals, cpu: Duration, run: Run, memory_mb: u64) -> Self {
        let cpu = micros(cpu) / count(run.took.len().max(1));
        Self { name, cpu, raw: None, goals, run, memory_mb }
    }

    fn after(&self, part: usize) -> f64 {
        let at = (self.run.took.len() * part / 100).min(self.run.took.len().saturating_sub(1));
        self.run.took.get(at).map_or(0.0, |took| micros(*took) / 1000.0)
    }

    fn per_second(&self) -> f64 {
        count(self.run.took.len()) / self.run.wall.as_secs_f64()
    }

    fn kb(&self) -> f64 {
        count(self.run.bytes) / 1024.0
    }

    fn cpu_goal(&self) -> Option<f64> {
        self.goals.cpu.or_else(|| self.raw.filter(|_| self.name == CREATE).map(|raw| raw * CREATE_RATIO))
    }

    fn verdict(&self) -> String {
        if let Some(status) = self.run.refused {
            return format!("answered {status}");
        }
        let judged = [
            (self.cpu_goal(), self.cpu, "µs"),
            (self.goals.p50_ms, self.after(50), "ms p50"),
            (self.goals.p95_ms, self.after(95), "ms p95"),
            (self.goals.kb, self.kb(), "KB"),
        ];
        let said = judged.into_iter().filter_map(|(goal, found, unit)| {
            let goal = goal?;
            Some(format!("{}{goal:.0} {unit}", if found <= goal { "≤ " } else { "MISSED " }))
        });
        said.collect::<Vec<_>>().join(", ")
    }

    fn shown(&self) -> String {
        let or_none =
            |value: Option<f64>, digits: usize| value.map_or_else(|| "-".to_owned(), |v| format!("{v:.digits$}"));
        format!(
            "| {:28} | {:8.0} | {:8.2} | {:8.2} | {:8.2} | {:9.0} | {:6.1} | {:6} | {:7} | {:5} | {:30} |",
            self.name,
            self.cpu,
            self.after(50),
            self.after(95),
            self.after(99),
            self.per_second(),
            self.kb(),
            self.memory_mb,
            or_none(self.raw, 0),
            or_none(self.raw.map(|raw| self.cpu / raw), 1),
            self.verdict(),
        )
    }

    fn json(&self) -> Json {
        json!({
            "name": self.name, "cpu_us": self.cpu, "p50_ms": self.after(50), "p95_ms": self.after(95),
            "p99_ms": self.after(99), "per_second": self.per_second(), "kb": self.kb(), "memory_mb": self.memory_mb,
            "bare_us": self.raw, "verdict": self.verdict(),
        })
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
        "| operation                    |   CPU µs |   p50 ms |   p95 ms |   p99 ms |       1/s |     KB |     MB | bare µs | ratio | goals                          |",
    );
    say(
        "|------------------------------|---------:|---------:|---------:|---------:|----------:|-------:|-------:|--------:|------:|--------------------------------|",
    );
    for line in lines {
        say(line.shown());
    }
}

/// Prints what is measured of the process.
pub fn print_process(process: &Process) {
    let ready = process.ready.as_secs_f64() * 1000.0;
    let verdict = |met: bool| if met { "≤" } else { "MISSED" };
    say(format_args!(
        "\nready after {ready:.0} ms ({} 1,000), {} MB idle ({} 100), {} MB at most",
        verdict(ready <= 1000.0),
        process.idle_mb,
        verdict(process.idle_mb <= 100),
        process.most_mb
    ));
}

/// The same for programs.
pub fn json(records: i64, lines: &[Line], process: &Process) -> Json {
    json!({
        "records": records,
        "operations": lines.iter().map(Line::json).collect::<Json>(),
        "ready_ms": process.ready.as_secs_f64() * 1000.0,
        "idle_mb": process.idle_mb,
        "most_mb": process.most_mb,
    })
}
