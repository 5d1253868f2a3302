//! `mainstay doctor`

use crate::failure::Failure;
use crate::installation::Installation;
use crate::progress;
use crate::settings::{Settings, without_secret};
use crate::terminal::say;
use mainstay_desk::{doctor, feed};
use mainstay_search::Index;
use mainstay_store::{Finding, Weight};

/// Looks whether everything is sound and says what is not.
///
/// # Errors
/// Exit code 3 when something is not; 1 when the database cannot be asked.
pub async fn run(settings: Settings) -> Result<(), Failure> {
    let installation = Installation::open(settings)?;
    let place = without_secret(&installation.settings.database);
    eprintln!("Looking at {place}; with much data this takes minutes.");
    let (watch, watched) = progress::watch();
    let looked = doctor::examine(&installation.desk, &watch).await;
    watched.end();
    let mut found = looked?;
    found.extend(index(&installation).await);
    installation.close().await;
    for finding in &found {
        say(format_args!("{:8} {}", word(finding.weight), finding.says));
    }
    match found.iter().filter(|finding| finding.weight > Weight::Note).count() {
        0 => {
            say("All is well.");
            Ok(())
        }
        1 => Err(Failure::not_ready("the doctor found one fault.")),
        faults => Err(Failure::not_ready(format!("the doctor found {faults} faults."))),
    }
}

/// What is to be said about the search index: its files when nobody has it open, and how far it has read.
async fn index(installation: &Installation) -> Vec<Finding> {
    let folder = installation.settings.search.clone();
    let finding = |weight, says: String| Finding { weight, says };
    if !folder.is_dir() {
        return vec![finding(Weight::Note, "There is no search index here yet; a server builds it.".into())];
    }
    let (damaged, reached) = match Index::open(&folder) {
        Ok(index) => (index.damaged_files().map(|files| files.len()), index.cursor()),
        // A server has it open and looks after its files; how far it has read stands in its last commit.
        Err(mainstay_search::Error::InUse) => (Ok(0), Index::reached(&folder).map(Option::unwrap_or_default)),
        Err(why) => (Err(why), Ok(0)),
    };
    let cursor = match (damaged, reached) {
        (Err(why), _) | (_, Err(why)) => {
            let says = format!("The search index cannot be read ({why}): run `mainstay search rebuild`.");
            return vec![finding(Weight::Warning, says)];
        }
        (Ok(0), Ok(cursor)) => cursor,
        (Ok(files), _) => {
            let says = format!("{files} files of the search index are damaged: run `mainstay search rebuild`.");
            return vec![finding(Weight::Damage, says)];
        }
    };
    let says = match feed::behind(&installation.desk, cursor).await {
        Ok(0) => "The search index has read everything.".to_owned(),
        Ok(1) => "The search index has one event to read; a server does that.".to_owned(),
        Ok(lag) => format!("The search index has {lag} events to read; a server does that."),
        Err(why) => {
            return vec![finding(Weight::Warning, format!("How far the search index is cannot be told: {why}."))];
        }
    };
    vec![finding(Weight::Note, says)]
}

fn word(weight: Weight) -> &'static str {
    match weight {
        Weight::Note => "note",
        Weight::Warning => "warning",
        Weight::Damage => "DAMAGE",
    }
}
