//! `mainstay serve`

use crate::app;
use crate::failure::Failure;
use crate::installation::Installation;
use crate::server;
use crate::settings::Settings;
use crate::signals::Signals;
use crate::terminal::say;
use axum::Router;
use mainstay_api::Api;
use mainstay_desk::auth::{Entrance, Passwords};
use mainstay_web::Web;
use mainstay_work::Work;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Serves until told to stop.
///
/// # Errors
/// An installation that is not ready; an address that cannot be listened on; a disk that failed.
pub async fn run(settings: Settings) -> Result<(), Failure> {
    let installation = Installation::ready(settings).await?.with_search()?;
    until_stopped(&installation).await
}

/// Serves an installation that is ready.
///
/// # Errors
/// As [`run`].
pub async fn until_stopped(installation: &Installation) -> Result<(), Failure> {
    let settings = &installation.settings;
    for entry in installation.bring_anew().await? {
        tracing::info!(register = entry.register, key = entry.key, "a shipped entry was added");
    }
    let listener = TcpListener::bind(settings.listen).await.map_err(|why| {
        Failure::failed(format!("{} cannot be listened on: {why}.", settings.listen))
            .next("Choose another address with --listen, or stop what uses it.")
    })?;
    let address = listener.local_addr().map_err(|why| Failure::failed(why.to_string()))?;
    let base_url = settings.base_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let app = app::router(&installation.desk, settings, edges(installation, &base_url).await?);
    let stop = watch::Sender::new(false);
    // From the first word on it must end in order, so this comes before the word.
    let signals = Signals::listen().map_err(|why| Failure::failed(format!("no signals can be heard: {why}.")))?;
    let work = Work::start(&installation.desk);
    // Scripts wait for this line.
    say(format_args!("Mainstay is ready at {base_url}"));
    let serving = tokio::spawn(server::serve(listener, app, settings.connections, stop.subscribe()));
    let ended = told_to_stop(installation, signals).await;
    tracing::info!("stopping");
    stop.send_replace(true);
    // A server that panicked has nothing left to finish.
    let _ = serving.await;
    work.stop().await;
    installation.close().await;
    ended
}

/// The edges: API and pages.
async fn edges(installation: &Installation, base_url: &str) -> Result<Router, Failure> {
    let (desk, settings) = (&installation.desk, &installation.settings);
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    let passwords = Passwords::new(desk.entropy(), at_once);
    let entrance = Entrance::new(desk.db().clone(), passwords, installation.key().await?, settings.sessions);
    let api = mainstay_api::router(Api::new(desk.clone(), base_url));
    let languages = settings.languages.clone();
    let web = Web::offering(desk.clone(), entrance, base_url, &settings.site, languages);
    Ok(api.merge(mainstay_web::router(web)))
}

async fn told_to_stop(installation: &Installation, signals: Signals) -> Result<(), Failure> {
    let mut broken = installation.desk.db().broken();
    tokio::select! {
        () = signals.heard() => Ok(()),
        Ok(why) = broken.wait_for(Option::is_some) => {
            let why = why.clone().unwrap_or_default();
            let failed = Failure::failed(format!("the disk failed a write: {why}."));
            Err(failed.next("Check the disk, then start again: everything acknowledged before is there."))
        }
    }
}
