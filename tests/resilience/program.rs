//! The program under test as an operator meets it: commands, a server, signals.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The binary that the same build put beside this test.
fn binary() -> PathBuf {
    let test = std::env::current_exe().expect("the test knows its own place");
    let found = test.ancestors().skip(1).take(2).map(|folder| folder.join("mainstay")).find(|file| file.is_file());
    found.expect("the binary is built first: cargo build -p mainstay")
}

#[expect(clippy::disallowed_methods, reason = "the test runs the program that it tests")]
fn command(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.env_clear().arg("--data").arg(data).args(arguments).stdin(Stdio::null());
    command
}

/// Runs a command to its end and answers what it printed.
pub fn run(data: &Path, arguments: &[&str]) -> String {
    let ended = command(data, arguments).output().expect("it starts");
    let (out, err) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{arguments:?} ended with {}:\n{out}{err}", ended.status);
    out.into_owned()
}

/// Runs a system command, such as mounting a file system; false when it cannot.
#[expect(clippy::disallowed_methods, reason = "the test prepares the machine for the program that it tests")]
pub fn system(words: &[&str]) -> bool {
    Command::new(words[0]).args(&words[1..]).stdin(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// A running server.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// Starts it on a free port and waits until it says that it is ready.
    pub fn start(data: &Path) -> Self {
        Self::spawn(data, &["serve", "--listen", "127.0.0.1:0", "--set", "log=error"])
    }

    /// Makes demo data and serves it.
    pub fn demo(data: &Path) -> Self {
        Self::spawn(data, &["demo", "--port", "0"])
    }

    fn spawn(data: &Path, arguments: &[&str]) -> Self {
        let mut child =
            command(data, arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines().map_while(Result::ok);
        let ready = lines.find_map(|line| line.strip_prefix("Mainstay is ready at http://")?.parse().ok());
        let Some(address) = ready else { panic!("it ended before it was ready: {:?}", child.wait()) };
        Self { child, address }
    }

    /// Ends it without any warning, as a lost machine would.
    pub fn kill(mut self) {
        self.child.kill().expect("it was still running");
        self.child.wait().expect("it is gone");
    }

    /// Tells it to stop and waits for its orderly end.
    pub fn stop(mut self) {
        assert!(system(&["kill", "-TERM", &self.child.id().to_string()]));
        let status = self.child.wait().expect("it is gone");
        assert!(status.success(), "it ended with {status}");
    }

    /// Whether it runs.
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A token of an agent of the demo who may read and write.
pub fn token(data: &Path) -> String {
    let person = ["--person", "agent@demo.example", "--name", "resilience", "--scope", "read", "--scope", "write"];
    run(data, &[&["token", "create"][..], &person].concat()).trim().to_owned()
}
