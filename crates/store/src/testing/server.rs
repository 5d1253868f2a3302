//! One private `PostgreSQL` server per test process, reachable by a socket in its own folder, gone with the process.
#![expect(clippy::disallowed_methods, reason = "tests start the server they talk to")]

use crate::tls::Target;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

const INSTALL: &str = "PostgreSQL 15 or later is needed for these tests: install its server package \
    (Debian and Ubuntu: apt-get install postgresql) so that initdb and pg_ctl are in /usr/lib/postgresql/*/bin or on PATH";

/// Durability costs time and a test server has nothing to keep.
const OPTIONS: &str = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses= \
    -c max_connections=300 -c shared_buffers=64MB -c log_min_messages=panic -c deadlock_timeout=20ms";

struct Server {
    folder: PathBuf,
    /// Stops the server when this process ends, however it ends: then its standard input closes.
    _watchdog: Child,
}

/// Creates a database after a model and answers its address.
///
/// # Panics
/// When no server can be started or it refuses.
pub(super) fn create_database(name: &str, model: &str) -> String {
    let sql = format!("CREATE DATABASE {name} TEMPLATE {model}");
    // The client wraps a runtime of its own, which must not meet a test's.
    let made = std::thread::spawn(move || Target::parse(&address("postgres"))?.connect()?.batch(&sql));
    made.join().expect("no panic").unwrap_or_else(|why| panic!("the test server refused a database: {why}"));
    address(name)
}

pub(super) fn new_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

fn address(database: &str) -> String {
    static SERVER: OnceLock<Server> = OnceLock::new();
    let folder = SERVER.get_or_init(start).folder.display().to_string().replace('/', "%2F");
    format!("postgres://postgres@{folder}/{database}")
}

fn start() -> Server {
    let bin = newest_bin();
    let folder = PathBuf::from(run(as_server(Path::new("mktemp")).args(["-d", "-t", "mainstay-pg-XXXXXX"])).trim());
    run(as_server(&bin.join("initdb"))
        .args(["--no-sync", "-A", "trust", "-U", "postgres", "--encoding=UTF8", "--locale=C", "-D"])
        .arg(folder.join("data")));
    let watchdog = watch(&bin, &folder);
    run(as_server(&bin.join("pg_ctl"))
        .args(["start", "-w", "-s", "-o"])
        .arg(format!("{OPTIONS} -k {}", folder.display()))
        .arg("-l")
        .arg(folder.join("log"))
        .arg("-D")
        .arg(folder.join("data")));
    Server { folder, _watchdog: watchdog }
}

/// A shell that waits for its input to end and then cleans up; in a group of its own, so that Ctrl-C spares it.
fn watch(bin: &Path, folder: &Path) -> Child {
    let script = r#"read -r _; "$0" stop -m immediate -s -D "$1/data"; rm -rf "$1""#;
    as_server(Path::new("sh"))
        .args(["-c", script])
        .arg(bin.join("pg_ctl"))
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("a shell starts")
}

/// The server refuses to run as root, so root lends it another user.
fn as_server(program: &Path) -> Command {
    let root = std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    let mut command = if root {
        let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        let user = if users.lines().any(|line| line.starts_with("postgres:")) { "postgres" } else { "nobody" };
        let mut command = Command::new("setpriv");
        command.args(["--reuid", user, "--clear-groups", "--regid"]).arg(group_of(&users, user)).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/tmp").stdin(Stdio::null());
    command
}

fn group_of(users: &str, user: &str) -> String {
    let line = users.lines().find(|line| line.split(':').next() == Some(user));
    line.and_then(|line| line.split(':').nth(3)).unwrap_or("65534").to_owned()
}

fn newest_bin() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions
        .map(|entry| entry.path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .max_by_key(|bin| bin.parent().and_then(|v| v.file_name()?.to_str()?.parse::<u32>().ok()))
        .unwrap_or_default()
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|why| panic!("{command:?}: {why}. {INSTALL}"));
    assert!(output.status.success(), "{command:?}: {}. {INSTALL}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
