//! The server that is measured: this same program as a process of its own, read through `/proc`.

use crate::failure::Failure;
use crate::settings::Settings;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Kernels count CPU in hundredths of a second for whoever reads `/proc`.
const TICK: Duration = Duration::from_millis(10);
/// A server is quiet when it uses less than this in a second.
const QUIET: Duration = Duration::from_millis(30);
/// The index of a million records is built in less.
const LONGEST: u32 = 900;

/// A running server.
pub struct Server {
    child: Child,
    database: Option<u32>,
    address: SocketAddr,
    ready_after: Duration,
}

/// Its memory in MB.
pub struct Memory {
    pub now_mb: u64,
    pub most_mb: u64,
}

impl Server {
    /// Starts it and waits until it is ready.
    ///
    /// # Errors
    /// It ends before it is ready.
    #[expect(clippy::disallowed_methods, reason = "what is measured is a process of its own, started from a terminal")]
    pub async fn start(settings: &Settings, database: Option<u32>) -> Result<Self, Failure> {
        let own = std::env::current_exe().map_err(|why| Failure::failed(why.to_string()))?;
        let began = Instant::now();
        let search = format!("search={}", settings.search.display());
        let mut child = Command::new(own)
            .args(["serve", "--listen", "127.0.0.1:0", "--set", "log=error", "--set", &search])
            .arg("--data")
            .arg(&settings.data)
            .args(["--database", &settings.database])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|why| Failure::failed(format!("the server cannot be started: {why}.")))?;
        let out = child.stdout.take().map(|out| BufReader::new(out).lines());
        let ended = || Failure::failed("the server ended before it was ready.");
        let mut lines = out.ok_or_else(ended)?;
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some(address) = line.strip_prefix("Mainstay is ready at http://").and_then(|a| a.parse().ok()) {
                return Ok(Self { child, database, address, ready_after: began.elapsed() });
            }
        }
        Err(ended())
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From its start to its word that it is ready.
    pub fn ready_after(&self) -> Duration {
        self.ready_after
    }

    /// CPU that it has used so far, in the program and in the kernel for it, with that of its database's processes.
    pub fn cpu(&self) -> Duration {
        self.database.map(cpu_of_family).unwrap_or_default() + Stat::of(&self.proc("stat")).used
    }

    /// What the server and its database have of memory.
    pub fn memory(&self) -> Memory {
        let status = self.proc("status");
        let mb = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
        };
        Memory { now_mb: mb("VmRSS:"), most_mb: mb("VmHWM:") }
    }

    fn proc(&self, file: &str) -> String {
        let id = self.child.id().unwrap_or_default();
        std::fs::read_to_string(format!("/proc/{id}/{file}")).unwrap_or_default()
    }

    /// Waits until work behind the transactions, such as indexing, is done.
    pub async fn until_quiet(&self) {
        for _ in 0..LONGEST {
            let before = self.cpu();
            tokio::time::sleep(Duration::from_secs(1)).await;
            if self.cpu().saturating_sub(before) < QUIET {
                return;
            }
        }
    }

    /// Tells it to stop and waits for its end.
    ///
    /// # Errors
    /// It failed.
    #[expect(clippy::disallowed_methods, reason = "a process is told to stop by a program of the system")]
    pub async fn stop(mut self) -> Result<(), Failure> {
        let id = self.child.id().unwrap_or_default().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().await;
        let ended = self.child.wait().await;
        match (told, ended) {
            (Ok(_), Ok(status)) if status.success() => Ok(()),
            _ => Err(Failure::failed("the server did not end in order.")),
        }
    }
}

/// What `/proc/PID/stat` says of a process.
struct Stat {
    parent: u32,
    used: Duration,
    /// By children that have ended.
    used_by_children: Duration,
}

impl Stat {
    fn of(stat: &str) -> Self {
        // The name before the bracket may hold spaces; what follows it does not.
        let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
        let fields: Vec<u32> = after.split_whitespace().skip(1).map(|field| field.parse().unwrap_or(0)).collect();
        let ticks = |range: std::ops::Range<usize>| TICK * fields.get(range).map_or(0, |ticks| ticks.iter().sum());
        let parent = fields.first().copied().unwrap_or_default();
        Self { parent, used: ticks(10..12), used_by_children: ticks(12..14) }
    }
}

/// CPU that a process and its children have used so far.
pub fn cpu_of_family(id: u32) -> Duration {
    family(id).iter().map(|stat| stat.used).sum()
}

/// A process and its children, with what children used that have ended counted to the parent.
fn family(id: u32) -> Vec<Stat> {
    let read = |id: u32| std::fs::read_to_string(format!("/proc/{id}/stat")).map(|stat| Stat::of(&stat));
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let children = ids.filter_map(|child| read(child).ok()).filter(|stat| stat.parent == id);
    let own = read(id).map(|stat| Stat { used: stat.used + stat.used_by_children, ..stat });
    children.chain(own).collect()
}
