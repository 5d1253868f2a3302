//! `mainstay serve --check`

use crate::failure::{Exit, Failure};
use crate::installation::Installation;
use crate::settings::{Gathered, Settings, shown};
use crate::terminal::say;
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

/// Whoever listens here already must answer within this time.
const PATIENCE: Duration = Duration::from_secs(2);

/// Prints the configuration in force and whether a server could run with it.
///
/// # Errors
/// The gravest of what is in the way: a database that is not ready, a folder that cannot be written, a port in use.
pub async fn run(gathered: &Gathered, settings: &Settings, strangers: &[String]) -> Result<(), Failure> {
    say(shown(gathered));
    for name in strangers {
        say(format_args!("# {name} is set in the environment but is no setting; it is ignored."));
    }
    for warning in warnings(settings) {
        say(format_args!("# Mind: {warning}"));
    }
    let mut faults: Vec<Failure> = Vec::new();
    for found in [database(settings).await, folders(settings), port(settings.listen)] {
        match found {
            Ok(well) => say(format_args!("# {well}")),
            Err(fault) => faults.push(fault),
        }
    }
    for fault in &faults {
        eprintln!("{fault}");
    }
    let Some(gravest) = faults.iter().map(|fault| fault.exit).min_by_key(|exit| *exit as u8) else { return Ok(()) };
    let says = format!("a server cannot run so: {}.", counted(faults.len()));
    Err(if gravest == Exit::NotReady { Failure::not_ready(says) } else { Failure::failed(says) })
}

fn counted(faults: usize) -> String {
    if faults == 1 { "one thing is in the way".to_owned() } else { format!("{faults} things are in the way") }
}

/// What works and may still surprise.
fn warnings(settings: &Settings) -> Vec<&'static str> {
    let base = settings.base_url.as_deref().unwrap_or_default();
    let host = base.strip_prefix("http://").map(|rest| rest.split(['/', ':']).next().unwrap_or_default());
    let plain = host.is_some_and(|host| !matches!(host, "localhost" | "127.0.0.1" | "[::1]"))
        || (base.is_empty() && !settings.listen.ip().is_loopback());
    let mut all = Vec::new();
    if plain {
        all.push(
            "nobody can sign in over http:// from another machine, for browsers keep its session over https:// only.",
        );
    }
    if base.starts_with("https://") && settings.trusted_proxies.is_empty() {
        all.push("trusted_proxies is empty: all visitors behind a proxy share one address, and its limit of tries to sign in.");
    }
    all
}

async fn database(settings: &Settings) -> Result<&'static str, Failure> {
    let installation = Installation::ready(settings.clone()).await?;
    installation.close().await;
    Ok("The database answers and is ready.")
}

fn folders(settings: &Settings) -> Result<&'static str, Failure> {
    for folder in [settings.data.as_path(), &settings.files(), &settings.search] {
        writable(folder)?;
    }
    Ok("The folders can be written.")
}

/// A folder that is not there yet is made in the nearest one that is.
fn writable(folder: &Path) -> Result<(), Failure> {
    let there = folder.ancestors().find(|place| place.exists()).unwrap_or(Path::new("."));
    let tried = tempfile::Builder::new().prefix(".mainstay-check-").tempfile_in(there);
    tried.map(|_| ()).map_err(|why| {
        Failure::failed(format!("the folder {} cannot be written: {why}.", folder.display()))
            .next("Give it to the user who runs Mainstay, or name another.")
    })
}

fn port(address: SocketAddr) -> Result<&'static str, Failure> {
    match TcpListener::bind(address) {
        Ok(_) => Ok("The address to listen on is free."),
        Err(why) if why.kind() == ErrorKind::AddrInUse && is_ours(address) => {
            Ok("Mainstay listens on the address already.")
        }
        Err(why) => Err(Failure::failed(format!("{address} cannot be listened on: {why}."))
            .next("Choose another address with --listen, or stop what uses it.")),
    }
}

/// Whether what listens here is Mainstay itself.
fn is_ours(address: SocketAddr) -> bool {
    let ip = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
    };
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&SocketAddr::new(ip, address.port()), PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.take(4096).read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.ends_with("alive\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Said;

    fn warned(flags: &[(&str, &str)]) -> usize {
        let flags = flags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let gathered = Gathered::from(&Said { flags, ..Said::default() }).unwrap();
        warnings(&Settings::typed(&gathered).unwrap()).len()
    }

    #[test]
    fn what_would_keep_people_out_is_said() {
        assert_eq!(warned(&[]), 0);
        assert_eq!(warned(&[("base_url", "http://localhost:8080")]), 0);
        assert_eq!(warned(&[("base_url", "http://desk.example.org")]), 1);
        assert_eq!(warned(&[("listen", "0.0.0.0:8080")]), 1);
        assert_eq!(warned(&[("base_url", "https://desk.example.org")]), 1);
        assert_eq!(warned(&[("base_url", "https://desk.example.org"), ("trusted_proxies", "127.0.0.1")]), 0);
    }
}
