//! What the tabs of a browser look at, as the address of its stream says it.

use mainstay_engine::process::Process;

use crate::address;
use crate::pages::queue::Asked;

/// Things that one stream looks at; a browser with more tabs has its newest ones live.
const MOST: usize = 24;

/// A record that a tab shows.
#[derive(Clone)]
pub struct Watched {
    /// The process whose record it is.
    pub process: &'static Process,
    /// Its number.
    pub number: String,
    /// The newest event of it that the tab has shown.
    pub shown: i64,
    /// The tab is one of the desk, where people see who else is there.
    pub present: bool,
    /// The tab can be seen.
    pub visible: bool,
}

/// What a list holds.
#[derive(Clone)]
pub enum Of {
    /// Records of a process, and what they are asked for by.
    Records(&'static Process, Box<Asked>),
    /// A meeting, by its id.
    Meeting(i64),
}

/// A list that a tab shows.
#[derive(Clone)]
pub struct Listed {
    /// Its address, by which the tab knows it.
    pub place: String,
    /// What it holds.
    pub of: Of,
    /// What it held when the tab showed it.
    pub mark: String,
}

/// What the tabs of a browser look at.
#[derive(Clone, Default)]
pub struct Topics {
    /// The newest event of the log when the oldest of the pages was made.
    pub since: i64,
    /// The records.
    pub records: Vec<Watched>,
    /// The lists.
    pub lists: Vec<Listed>,
    /// The numbers in the sidebar.
    pub counts: bool,
}

impl Topics {
    /// Reads the query of a stream's address: `since`, `record=INC-1~12` with `at` in front for a tab of the desk that
    /// is visible and `by` for one that is not, `list=…~mark`, `counts`. What it does not know it leaves out.
    #[must_use]
    pub fn read(query: &str) -> Self {
        let mut topics = Self::default();
        for (name, value) in address::pairs(query) {
            let (what, known) = value.rsplit_once('~').unwrap_or((&value, ""));
            match name.as_str() {
                "since" => topics.since = what.parse().unwrap_or_default(),
                "counts" => topics.counts = true,
                "record" | "at" | "by" if topics.records.len() < MOST => {
                    topics.records.extend(watched(what, known, &name));
                }
                "list" if topics.lists.len() < MOST => topics.lists.extend(listed(what, known)),
                _ => {}
            }
        }
        topics
    }
}

fn watched(number: &str, shown: &str, name: &str) -> Option<Watched> {
    let process = mainstay_processes::of_number(number)?;
    let (present, visible) = (name != "record", name != "by");
    Some(Watched { process, number: number.to_uppercase(), shown: shown.parse().unwrap_or_default(), present, visible })
}

fn listed(place: &str, mark: &str) -> Option<Listed> {
    let (path, query) = place.split_once('?').unwrap_or((place, ""));
    let all = |of: Of| Some(Listed { place: place.to_owned(), of, mark: mark.to_owned() });
    if let Some(id) = path.strip_prefix("/meetings/").and_then(|id| id.parse().ok()) {
        return all(Of::Meeting(id));
    }
    let process = mainstay_processes::ALL.iter().copied().find(|process| path == format!("/{}", process.plural))?;
    all(Of::Records(process, Box::new(Asked::read(process, query))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_reads_what_it_knows_and_leaves_out_the_rest() {
        let process = mainstay_processes::ALL[0];
        let query = format!(
            "since=12&at={0}-7~9&by={0}-8~x&record={0}-9&record=NOPE-1~1&list=%2F{1}%3Fview%3D3~ab&list=%2Fadmin~1&counts",
            process.prefix, process.plural
        );
        let topics = Topics::read(&query);
        let told: Vec<_> = topics.records.iter().map(|r| (r.shown, r.present, r.visible)).collect();
        assert_eq!(told, [(9, true, true), (0, true, false), (0, false, true)]);
        assert_eq!(topics.lists.len(), 1);
        let Of::Records(_, asked) = &topics.lists[0].of else { panic!("a list of records") };
        assert_eq!((asked.view, topics.lists[0].mark.as_str()), (Some(3), "ab"));
        assert!(topics.counts && topics.since == 12);
    }

    #[test]
    fn a_stream_has_an_end() {
        let prefix = mainstay_processes::ALL[0].prefix;
        let query = (0..100).map(|n| format!("record={prefix}-{n}")).collect::<Vec<_>>().join("&");
        assert_eq!(Topics::read(&query).records.len(), MOST);
    }
}
