//! A log of the shape of the public one: what came in is counted against the file itself, by other means.
//!
//! With `MAINSTAY_LOG=FILE.zip` the file it names is counted too, such as the public log that docs/IMPORT.md names.

use mainstay_desk::{Channel, Credential, records};
use mainstay_intake::import::{Options, Report};
use mainstay_intake::servicenow::import_log;
use mainstay_processes::operation::incident::INCIDENT;
use mainstay_testing::House;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Incidents of the log that is made here.
const INCIDENTS: u32 = 300;

/// Incidents with four to nine rows each: taken, handed over, waiting, reopened, with lost states and unknown cells.
fn made() -> String {
    let mut log = include_str!("fixtures/log.csv").lines().next().expect("a heading").to_owned() + "\n";
    for n in 0..INCIDENTS {
        let (day, month) = (1 + n % 27, 1 + n / 27 % 12);
        let mut states = vec!["New", "Active"];
        states.extend((n % 4 == 0).then_some("Awaiting User Info"));
        states.extend((n % 50 == 7).then_some("-100"));
        states.extend((n % 3 == 0).then_some("Active"));
        states.push("Resolved");
        let reopened = n % 11 == 0;
        states.extend(reopened.then_some("Active"));
        states.extend(reopened.then_some("Resolved"));
        states.push("Closed");
        let first_closing = states.iter().position(|state| *state == "Resolved").unwrap_or_default();
        for (at, state) in states.iter().enumerate() {
            let hops = u32::from(n % 3 == 0 && at > 2);
            let reopens = u32::from(reopened && at > first_closing);
            let (group, who) =
                (20 + n % 7 + hops * 7, if at == 0 { "?".to_owned() } else { (30 + n % 40).to_string() });
            let (category, below) = (10 + n % 12, 100 + n % 12 * 10 + n % 5);
            let problem = if n % 20 == 5 && at > 1 { n.to_string() } else { "?".to_owned() };
            let priority = 1 + (n % 3 + n % 2).min(3);
            let (impact, urgency) = (1 + n % 3, 1 + n % 2);
            let _ = writeln!(
                log,
                "{n:07},{state},true,{hops},{reopens},{at},true,{caller},8,{day}/{month}/2016 09:00,?,?,21,\
                 {day}/{month}/2016 {hour}:15,Phone,143,{category},{below},72,?,{impact},{urgency},{priority},{group},{who},\
                 true,false,Do Not Notify,{problem},?,?,?,5,149,{day}/{month}/2016 16:00,?",
                caller = 2000 + n % 90,
                hour = 9 + at,
            );
        }
    }
    log
}

/// What the rows come to.
#[derive(Debug, PartialEq, Eq)]
struct Counted {
    rows: u64,
    incidents: u64,
    teams: usize,
    categories: usize,
    reopened: i64,
    handed_over: i64,
    by_priority: BTreeMap<String, i64>,
    by_month: BTreeMap<String, i64>,
}

/// Counts a file column by column, knowing nothing of how it is imported.
fn counted(text: &str) -> Counted {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let heading = reader.headers().expect("a heading").clone();
    let at = |name: &str| heading.iter().position(|each| each == name).expect("a column");
    let (number, group, category) = (at("number"), at("assignment_group"), at("category"));
    let (reopens, hops, priority, opened) =
        (at("reopen_count"), at("reassignment_count"), at("priority"), at("opened_at"));
    let (mut rows, mut last) = (0, BTreeMap::new());
    let (mut teams, mut categories) = (BTreeSet::new(), BTreeSet::new());
    for row in reader.records() {
        let row = row.expect("a row");
        rows += 1;
        teams.insert(row[group].to_owned());
        // The second column of that name is the category below the first.
        let path = [&row[category], &row[category + 1]].map(str::to_owned);
        categories.insert((path[0].clone(), None));
        if path[0] != "?" && path[1] != "?" {
            categories.insert((path[0].clone(), Some(path[1].clone())));
        }
        last.insert(row[number].to_owned(), row);
    }
    teams.remove("?");
    categories.remove(&("?".to_owned(), None));
    let over_none = |column: usize| {
        let some = last.values().filter(|row| row[column].parse::<u32>().is_ok_and(|many| many > 0));
        i64::try_from(some.count()).expect("a few")
    };
    let mut tally = (BTreeMap::new(), BTreeMap::new());
    for row in last.values() {
        *tally.0.entry(row[priority].to_owned()).or_default() += 1;
        let mut date = row[opened].split([' ', '/']).skip(1);
        let (month, year) = (date.next().expect("a month"), date.next().expect("a year"));
        *tally.1.entry(format!("{year}-{month:0>2}")).or_default() += 1;
    }
    Counted {
        rows,
        incidents: last.len() as u64,
        teams: teams.len(),
        categories: categories.len(),
        reopened: over_none(reopens),
        handed_over: over_none(hops),
        by_priority: tally.0,
        by_month: tally.1,
    }
}

/// The same from what is in the house after the import, along the values that the file has.
async fn found(house: &House, report: &Report, expected: &Counted) -> Counted {
    let count = async |filter: String| {
        let asked = house.desk.read(&Credential::Engine, Channel::Import, move |session, caller| {
            records::count(session, caller, &INCIDENT, Some(&filter), 1_000_000)
        });
        asked.await.expect("a count")
    };
    let made = |register: &str| report.entries.get(register).map_or(0, BTreeSet::len);
    let mut by_priority = BTreeMap::new();
    for priority in expected.by_priority.keys() {
        by_priority.insert(priority.clone(), count(format!("priority = {priority}")).await);
    }
    let mut by_month = BTreeMap::new();
    for month in expected.by_month.keys() {
        by_month.insert(month.clone(), count(format!("opened during \"{month}\"")).await);
    }
    Counted {
        rows: report.rows,
        incidents: u64::try_from(count("number is not empty".into()).await).expect("a count"),
        teams: made("teams"),
        categories: made("categories"),
        reopened: count("reopen_count > 0".into()).await,
        handed_over: count("hop_count > 0".into()).await,
        by_priority,
        by_month,
    }
}

/// Imports a file, compares, and imports it again: nothing changes.
async fn compare(house: &House, file: &Path, text: &str) {
    let run = async || {
        let (desk, file) = (house.desk.clone(), file.to_owned());
        let work = move || import_log(&desk, &Credential::Engine, &file, &Options::default(), &mut |_| {});
        tokio::task::spawn_blocking(work).await.expect("the import ends").expect("the log is imported")
    };
    let expected = counted(text);
    let report = run().await;
    assert_eq!((report.rejected_rows, report.made), (0, expected.incidents), "{report}");
    assert_eq!(found(house, &report, &expected).await, expected, "on {}", house.kind());
    let again = run().await;
    assert_eq!((again.made, again.unchanged, again.rejected_rows), (0, expected.incidents, 0), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn gen_22_what_came_in_is_what_the_file_holds() {
    let text = made();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("log.csv");
    std::fs::write(&file, &text).expect("the log is written");
    for house in House::both().await {
        compare(&house, &file, &text).await;
    }
    #[expect(clippy::disallowed_methods, reason = "whoever runs the tests names a file that is too large to keep here")]
    let Some(whole) = std::env::var_os("MAINSTAY_LOG").map(PathBuf::from) else { return };
    let mut archive = zip::ZipArchive::new(File::open(&whole).expect("the file can be read")).expect("a zip file");
    let mut text = String::new();
    archive.by_index(0).expect("a file in it").read_to_string(&mut text).expect("text");
    // What is rejected is written beside the file, which may stand where nobody writes.
    let copy = folder.path().join("whole.zip");
    std::fs::copy(&whole, &copy).expect("a copy");
    compare(&House::sqlite().await, &copy, &text).await;
}
