//! The binary: reads the command line, the configuration and the clock, and hands them down.

mod app;
mod cli;
mod clock;
mod commands;
mod failure;
mod installation;
mod logging;
mod progress;
mod server;
mod settings;
mod signals;
mod terminal;

use clap::Parser;
use cli::{Bench, Cli, Command, Common, Search};
use failure::Failure;
use settings::{Gathered, Said, Settings};
use std::process::ExitCode;

/// Requests are made of many small pieces; this takes a quarter less CPU for them than the system's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    small_pages();
    let cli = Cli::parse();
    let done = runtime().and_then(|runtime| runtime.block_on(run(cli)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(failure.exit as u8)
        }
    }
}

/// The allocator asks for pages of 2 MiB. With them the process took a quarter more memory at rest and half as much again
/// under load, and no request was measurably quicker.
fn small_pages() {
    // Where it is refused, memory is all that it costs.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let built = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    built.map_err(|why| Failure::failed(format!("no threads can be started: {why}.")))
}

async fn run(cli: Cli) -> Result<(), Failure> {
    if let Command::Demo(demo) = &cli.command {
        return run_demo(&cli.common, demo.port).await;
    }
    let mut flags = flags(&cli.common);
    if let Command::Serve(serve) = &cli.command {
        flags.extend(serve.listen.clone().map(|v| ("listen".to_owned(), v)));
        flags.extend(serve.base_url.clone().map(|v| ("base_url".to_owned(), v)));
    }
    let said = Said { flags, environment: Some(&environment), file: configuration_file(&cli.common)? };
    let gathered = Gathered::from(&said).map_err(|faults| wrong(&faults))?;
    let settings = Settings::typed(&gathered).map_err(|faults| wrong(&faults))?;
    logging::start(&settings, matches!(cli.command, Command::Serve(_)) || gathered.is_said("log"));
    match cli.command {
        Command::Serve(serve) if serve.check => commands::check::run(&gathered, &settings, &strangers()).await,
        Command::Serve(_) => commands::serve::run(settings).await,
        Command::Init => commands::init::run(settings).await,
        Command::Migrate { check } => commands::migrate::run(settings, check).await,
        Command::Backup { file } => commands::backup::backup(settings, &file).await,
        Command::Restore { file } => commands::backup::restore(settings, &file).await,
        Command::Activate => commands::backup::activate(settings).await,
        Command::Doctor => commands::doctor::run(settings).await,
        Command::Token(token) => commands::token::run(settings, token).await,
        Command::Search(Search::Rebuild) => commands::search::rebuild(settings).await,
        Command::Bench(Bench::Fill { count, seed }) => commands::bench::fill(settings, count, seed).await,
        Command::Bench(Bench::Schedule { count }) => commands::bench::schedule::run(settings, count).await,
        Command::Bench(Bench::Map { count }) => commands::bench::map::run(settings, count).await,
        Command::Bench(Bench::Run { person, seconds, only, json, database_process }) => {
            let span = std::time::Duration::from_secs(seconds);
            let plan = commands::bench::measure::Plan { person, span, only, json, database_process };
            commands::bench::measure::run(settings, &plan).await
        }
        Command::Export(export) => commands::export::run(settings, export).await,
        Command::Import(import) => commands::import::run(settings, import).await,
        Command::Demo(_) => Ok(()),
    }
}

/// The demo listens to its flags alone: a real installation named in the environment or a file
/// must never be filled with invented people.
async fn run_demo(common: &Common, port: u16) -> Result<(), Failure> {
    if common.database.is_some() || common.config.is_some() {
        return Err(Failure::wrong_use("the demo has a database of its own.")
            .next("Leave --database and --config out; --data names its folder."));
    }
    let gone_afterwards = tempfile::Builder::new().prefix("mainstay-demo-").tempdir();
    let gone_afterwards =
        gone_afterwards.map_err(|why| Failure::failed(format!("no temporary folder can be made: {why}.")))?;
    let mut flags = flags(common);
    if common.data.is_none() {
        flags.push(("data".to_owned(), gone_afterwards.path().display().to_string()));
    }
    flags.push(("listen".to_owned(), format!("127.0.0.1:{port}")));
    let gathered = Gathered::from(&Said { flags, ..Said::default() }).map_err(|faults| wrong(&faults))?;
    let settings = Settings::typed(&gathered).map_err(|faults| wrong(&faults))?;
    logging::start(&settings, gathered.is_said("log"));
    commands::demo::run(settings).await
}

fn flags(common: &Common) -> Vec<(String, String)> {
    let mut flags = common.set.clone();
    flags.extend(common.data.iter().map(|v| ("data".to_owned(), v.display().to_string())));
    flags.extend(common.database.iter().map(|v| ("database".to_owned(), v.clone())));
    flags
}

fn wrong(faults: &[String]) -> Failure {
    let next = "`mainstay serve --check` shows what is in force and where each value came from.";
    Failure::wrong_use(faults.join("\n          ")).next(next)
}

#[expect(clippy::disallowed_methods, reason = "the binary reads the environment and hands it down")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Variables that look like settings and are none.
#[expect(clippy::disallowed_methods, reason = "the binary reads the environment and hands it down")]
fn strangers() -> Vec<String> {
    let known = |name: &str| name == "MAINSTAY_CONFIG" || settings::ALL.iter().any(|s| s.variable() == name);
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    names.filter(|name| name.starts_with("MAINSTAY_") && !known(name)).collect()
}

/// The file that was named, or `mainstay.toml` here when there is one.
fn configuration_file(common: &Common) -> Result<Option<(String, String)>, Failure> {
    let named = common.config.clone().or_else(|| environment("MAINSTAY_CONFIG").map(Into::into));
    let path = named.clone().unwrap_or_else(|| "mainstay.toml".into());
    let name = path.display().to_string();
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some((name, text))),
        Err(why) if named.is_none() && why.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(why) => Err(Failure::wrong_use(format!("the configuration file {name} cannot be read: {why}."))),
    }
}
