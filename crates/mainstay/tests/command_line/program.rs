//! Running the program.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A folder of one test.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::Builder::new().prefix("mainstay-test-").tempdir().unwrap())
    }
    pub fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }
    pub fn has(&self, name: &str) -> bool {
        self.0.path().join(name).exists()
    }
    pub fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.0.path().join(name), text).unwrap();
        self.path(name)
    }
}

/// The program with nothing but these variables in its environment.
#[expect(clippy::disallowed_methods, reason = "the test runs the program that it tests")]
fn command(environment: &[(&str, &str)], arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mainstay"));
    command.env_clear().envs(environment.iter().copied()).args(arguments);
    command
}

/// How a command ended.
pub struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

/// Runs a command to its end.
pub fn mainstay(arguments: &[&str]) -> Ended {
    mainstay_with(&[], arguments)
}

/// Runs a command to its end with some variables set.
pub fn mainstay_with(environment: &[(&str, &str)], arguments: &[&str]) -> Ended {
    let output = command(environment, arguments).stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

impl Ended {
    pub fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "printed:\n{}{}", self.out, self.err);
        self
    }
    /// What it says on standard error.
    pub fn says(self, words: &str) -> Self {
        assert!(self.err.contains(words), "{words:?} is not in:\n{}", self.err);
        self
    }
    pub fn out_says(self, words: &str) -> Self {
        assert!(self.out.contains(words), "{words:?} is not in:\n{}", self.out);
        self
    }
    pub fn out(self) -> String {
        self.out
    }
}

/// A server that runs until it is told to stop.
pub struct Server {
    child: Child,
    pub address: String,
    pub printed: String,
}

/// Starts a server and waits until it says that it is ready.
pub fn start(arguments: &[&str]) -> Server {
    until_ready(&mut command(&[], arguments))
}

/// The same with its log in a file.
pub fn start_logging(arguments: &[&str], log: &str) -> Server {
    until_ready(command(&[], arguments).stderr(std::fs::File::create(log).unwrap()))
}

fn until_ready(command: &mut Command) -> Server {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut printed = String::new();
    let address = loop {
        let line = lines.next().expect("it ended before it was ready").unwrap();
        printed.push_str(&line);
        printed.push('\n');
        if let Some(address) = line.strip_prefix("Mainstay is ready at http://") {
            break address.to_owned();
        }
    };
    Server { child, address, printed }
}

impl Server {
    /// The whole answer to a request of these lines.
    pub fn asks(&self, request: &str) -> String {
        self.exchange(request, "")
    }

    /// The whole answer to a request of these lines with a body, as from a page of its own.
    pub fn sends(&self, request: &str, body: &str) -> String {
        let length = format!("{request}\nContent-Length: {}\nOrigin: http://{}", body.len(), self.address);
        self.exchange(&length, body)
    }

    fn exchange(&self, request: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let (head, host) = (request.replace('\n', "\r\n"), &self.address);
        stream.write_all(format!("{head}\r\nHost: {host}\r\nConnection: close\r\n\r\n{body}").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Tells it to stop and answers its exit code.
    #[expect(clippy::disallowed_methods, reason = "the test tells the program that it tests to stop")]
    pub fn stops(mut self) -> Option<i32> {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
