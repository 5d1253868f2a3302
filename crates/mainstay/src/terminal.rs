//! Saying things on standard output, whether or not anybody still listens.

use std::fmt::Display;
use std::io::Write;

/// Says a line. A reader that has gone away, as `head` does, is no failure.
pub fn say(line: impl Display) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
