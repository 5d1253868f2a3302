//! `mainstay demo`

use super::{init, serve};
use crate::failure::Failure;
use crate::installation::Installation;
use crate::progress;
use crate::settings::Settings;
use crate::terminal::say;
use mainstay_desk::{demo, install};
use std::fmt::Write;

/// Serves demo data, making it first where there is none.
///
/// # Errors
/// A folder that holds an installation of another kind; as [`serve::run`].
pub async fn run(settings: Settings) -> Result<(), Failure> {
    let installation = Installation::create(settings)?;
    let desk = &installation.desk;
    let used = desk.db().pending().await?.is_empty() && desk.db().read(install::is_installed).await?;
    if !used {
        init::prepare(&installation).await?;
        make(&installation).await?;
    } else if !demo::is_there(desk).await? {
        let folder = installation.settings.data.display();
        return Err(Failure::failed(format!("{folder} holds an installation that is no demo."))
            .next("Name an empty folder with --data."));
    }
    say(hints().trim_end());
    serve::until_stopped(&installation.with_search()?).await
}

async fn make(installation: &Installation) -> Result<(), Failure> {
    eprintln!("Making six weeks of demo data…");
    let (watch, watched) = progress::watch();
    let filled = demo::fill(&installation.desk, &watch).await;
    watched.end();
    let played = filled?;
    for refused in &played.refused {
        tracing::warn!(refused, "the demo left something out");
    }
    tracing::debug!(stories = played.stories, beats = played.beats, "demo data made");
    Ok(())
}

/// Who can sign in.
fn hints() -> String {
    let mut text = format!("Sign in as (password: {}):\n", demo::PASSWORD);
    for way in demo::sign_ins() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {:26} {:26} {}", way.email, way.role, way.name);
    }
    text
}
