//! What people call the words by which entries name what a process declares: itself, its steps, what happens to it.

use mainstay_desk::Session;
use mainstay_desk::happenings::{self, Happening, How};
use mainstay_engine::process::Process;
use mainstay_engine::register::Entry;
use mainstay_words::{t, tf};

/// The fields of entries that hold such a word.
pub const PROCESS: &str = "process";
pub const STEP: &str = "step";
pub const EVENT: &str = "event";

/// The words of every process.
pub struct Keyed {
    happenings: Vec<(&'static str, Vec<Happening>)>,
}

impl Keyed {
    /// As the configuration in force has them.
    pub fn of(session: &Session<'_>) -> Self {
        let all = mainstay_processes::ALL.iter();
        Self { happenings: all.map(|process| (process.key, happenings::of(session.config, process))).collect() }
    }

    /// What people call the word that an entry holds in a field; none where it is no such word.
    pub fn label(&self, entry: &Entry, field: &str) -> Option<String> {
        let word = entry.text(field)?;
        let process = mainstay_processes::process(entry.text(PROCESS)?)?;
        match field {
            PROCESS => Some(t(process.label).to_owned()),
            STEP => process.transition(word).map(|step| t(step.label).to_owned()),
            EVENT => {
                let (_, of_process) = self.happenings.iter().find(|(key, _)| *key == process.key)?;
                of_process
                    .iter()
                    .find(|happening| happening.key == word)
                    .map(|happening| t(&told(happening)).to_owned())
            }
            _ => None,
        }
    }
}

/// The steps of a process, and what they are called; whoever shows it translates.
pub fn steps(process: &'static Process) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> =
        process.transitions.iter().map(|step| (step.verb.to_owned(), step.label.to_owned())).collect();
    all.dedup_by(|one, other| one.0 == other.0);
    all
}

/// What happens to a process, and what it is called; whoever shows it translates.
pub fn events(session: &Session<'_>, process: &'static Process) -> Vec<(String, String)> {
    happenings::of(session.config, process).iter().map(|each| (each.key.clone(), told(each))).collect()
}

/// A happening in words.
fn told(happening: &Happening) -> String {
    let about = t(happening.about);
    match happening.how {
        How::Itself => happening.about.to_owned(),
        How::Used(percent) => tf("{target}: {n}% of the time used", &[("target", &about), ("n", &percent)]),
        How::Breached => tf("{target}: breached", &[("target", &about)]),
        How::Soon => tf("{step}: soon", &[("step", &about)]),
        How::Again => tf("{state}: reminder", &[("state", &about)]),
    }
}
