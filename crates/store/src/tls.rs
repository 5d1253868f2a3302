//! Where a `PostgreSQL` server is and how to reach it: encrypted and with its certificate verified, unless it is on
//! this machine or the address says otherwise.

use crate::wire::Wire;
use crate::{Conn, Error, Result};
use rustls::{ClientConfig, RootCertStore, pki_types::CertificateDer, pki_types::pem::PemObject};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Run on every new connection: no session may hold locks for ever because its program hangs.
const SESSION: &str = "SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'; \
    SET timezone = 'UTC'; SET client_min_messages = 'warning'";

/// A server and the way to it.
pub(crate) struct Target {
    config: tokio_postgres::Config,
    tls: Option<MakeRustlsConnect>,
}

impl Target {
    /// Reads an address such as `postgres://user@host/database?sslmode=require&sslrootcert=/path/ca.pem`.
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let (url, mode, root) = split(url);
        let mut config =
            tokio_postgres::Config::from_str(&url).map_err(|why| Error::Query(format!("database address: {why}")))?;
        let encrypted = match mode.as_deref() {
            None => !config.get_hosts().iter().all(is_near),
            Some("disable") => false,
            Some("require" | "verify-ca" | "verify-full") => true,
            Some(other) => {
                let why = format!("sslmode={other}: choose disable or verify-full");
                return Err(Error::Query(why));
            }
        };
        config
            .application_name("mainstay")
            .ssl_mode(if encrypted { SslMode::Require } else { SslMode::Disable })
            .connect_timeout(Duration::from_secs(5))
            .tcp_user_timeout(Duration::from_secs(15))
            .keepalives_idle(Duration::from_secs(10));
        let tls = encrypted.then(|| connector(root.as_deref())).transpose()?;
        Ok(Self { config, tls })
    }

    /// Opens a connection; call it on a thread that runs no async code.
    pub(crate) fn connect(&self) -> Result<Conn> {
        // Whatever is wrong with the way to the server, it is the server that cannot be reached.
        let wire = Wire::open(&self.config, self.tls.as_ref()).map_err(|error| match error {
            Error::Query(why) => Error::Unavailable(why),
            other => other,
        })?;
        let mut conn = Conn::postgres(wire);
        conn.batch(SESSION)?;
        Ok(conn)
    }
}

/// Takes out the two parameters the client library reads differently or not at all.
fn split(url: &str) -> (String, Option<String>, Option<String>) {
    let Some((base, query)) = url.split_once('?') else { return (url.to_owned(), None, None) };
    let (mut mode, mut root, mut rest) = (None, None, Vec::new());
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("sslmode", value)) => mode = Some(value.to_owned()),
            Some(("sslrootcert", value)) => root = Some(value.replace("%2F", "/")),
            _ => rest.push(pair),
        }
    }
    let url = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
    (url, mode, root)
}

/// True for this very machine, where nobody listens on the wire.
fn is_near(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    }
}

fn connector(root: Option<&str>) -> Result<MakeRustlsConnect> {
    let mut trusted = RootCertStore::empty();
    if let Some(path) = root {
        let broken = |why| Error::File(format!("sslrootcert {path}: {why}"));
        for certificate in CertificateDer::pem_file_iter(path).map_err(|why| broken(why.to_string()))? {
            let certificate = certificate.map_err(|why| broken(why.to_string()))?;
            trusted.add(certificate).map_err(|why| broken(why.to_string()))?;
        }
    } else {
        trusted.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|why| Error::Query(why.to_string()))?
        .with_root_certificates(trusted)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_elsewhere_is_reached_encrypted_unless_told_otherwise() {
        for (url, encrypted) in [
            ("postgres://desk@db.example/mainstay", true),
            ("postgres://desk@localhost/mainstay", false),
            ("postgres://desk@127.0.0.1/mainstay", false),
            ("postgres://desk@localhost/mainstay?sslmode=verify-full", true),
            ("postgres://desk@db.example/mainstay?sslmode=disable", false),
            ("host=/run/postgresql dbname=mainstay", false),
        ] {
            assert_eq!(Target::parse(url).unwrap().tls.is_some(), encrypted, "{url}");
        }
        assert!(Target::parse("postgres://desk@db.example/mainstay?sslmode=prefer").is_err());
    }
}
