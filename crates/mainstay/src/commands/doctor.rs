//! `mainstay doctor`

use crate::failure::Failure;
use crate::installation::Installation;
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
    let mut found = doctor::examine(&installation.desk).await?;
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
        faults => Err(Failure::not_ready(format!("the doctor found {faults} faults."))),
    }
}

/// What is to be said about the search index, which a running server keeps to itself.
async fn index(installation: &Installation) -> Option<Finding> {
    let folder = installation.settings.search.clone();
    let finding = |weight, says: String| Some(Finding { weight, says });
    if !folder.is_dir() {
        return finding(Weight::Note, "There is no search index here yet; a server builds it.".into());
    }
    let index = match Index::open(&folder) {
        Ok(index) => index,
        Err(mainstay_search::Error::InUse) => return None,
        Err(why) => {
            return finding(
                Weight::Warning,
                format!("The search index cannot be read ({why}): run `mainstay search rebuild`."),
            );
        }
    };
    match (feed::lag(&installation.desk, &index).await, index.damaged_files()) {
        (_, Ok(damaged)) if !damaged.is_empty() => finding(
            Weight::Damage,
            format!("{} files of the search index are damaged: run `mainstay search rebuild`.", damaged.len()),
        ),
        (Ok(lag), _) if lag > 0 => {
            finding(Weight::Note, format!("The search index has {lag} events to read; a server does that."))
        }
        _ => None,
    }
}

fn word(weight: Weight) -> &'static str {
    match weight {
        Weight::Note => "note",
        Weight::Warning => "warning",
        Weight::Damage => "DAMAGE",
    }
}
