//! The configuration: gathered, typed, checked, shown.

mod declared;
mod gather;
mod proxies;

pub use declared::ALL;
pub use gather::{Gathered, Said};
pub use proxies::Proxies;

use mainstay_desk::auth::sessions::Limits;
use mainstay_words::Language;
use std::fmt::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// The configuration in force, typed.
#[derive(Clone, Debug)]
pub struct Settings {
    pub data: PathBuf,
    /// The search index's folder.
    pub search: PathBuf,
    /// Address of the database; it may hold a password.
    pub database: String,
    pub database_connections: usize,
    pub listen: SocketAddr,
    /// Without a slash at the end; none: made from the address that is listened on.
    pub base_url: Option<String>,
    /// Name of the installation.
    pub site: String,
    /// What people can choose from; the first is the default.
    pub languages: Vec<Language>,
    pub sessions: Limits,
    pub trusted_proxies: Proxies,
    pub request_limit: Duration,
    pub connections: usize,
    pub body_bytes: usize,
    pub log: String,
    pub log_json: bool,
}

impl Settings {
    /// Types what was gathered.
    ///
    /// # Errors
    /// Every value that cannot be used, in words.
    pub fn typed(gathered: &Gathered) -> Result<Self, Vec<String>> {
        let mut reading = Reading { gathered, faults: Vec::new() };
        let data = PathBuf::from(reading.text("data"));
        let settings = Self {
            search: reading.folder("search", &data),
            database: database(&reading.text("database"), &data),
            database_connections: reading.number("database_connections", 1, 200),
            listen: reading
                .parsed("listen", "an address and port such as 127.0.0.1:8080")
                .unwrap_or(([127, 0, 0, 1], 8080).into()),
            base_url: reading.base_url(),
            site: reading.text("site"),
            languages: reading.languages(),
            sessions: reading.sessions(),
            trusted_proxies: reading
                .parsed("trusted_proxies", "addresses or networks such as 10.0.0.0/8")
                .unwrap_or_default(),
            request_limit: Duration::from_secs(reading.number("request_seconds", 1, 3600) as u64),
            connections: reading.number("connections", 1, 100_000),
            body_bytes: reading.number("body_mib", 1, 1024) << 20,
            log: reading.log(),
            log_json: reading.one_of("log_format", &["text", "json"]) == "json",
            data,
        };
        if settings.database.starts_with("sqlite:") || settings.database.starts_with("postgres") {
            if reading.faults.is_empty() { Ok(settings) } else { Err(reading.faults) }
        } else {
            reading.faults.push("database must begin with sqlite: or postgres://.".into());
            Err(reading.faults)
        }
    }

    /// The attachments' folder.
    pub fn files(&self) -> PathBuf {
        self.data.join("files")
    }
}

fn database(said: &str, data: &Path) -> String {
    if said.is_empty() { format!("sqlite:{}", data.join("mainstay.db").display()) } else { said.to_owned() }
}

struct Reading<'a> {
    gathered: &'a Gathered,
    faults: Vec<String>,
}

impl Reading<'_> {
    fn text(&self, key: &str) -> String {
        self.gathered.get(key).value.trim().to_owned()
    }

    fn folder(&self, key: &str, data: &Path) -> PathBuf {
        let text = self.text(key);
        if text.is_empty() { data.join(key) } else { PathBuf::from(text) }
    }

    fn fault(&mut self, key: &str, wanted: &str) {
        let held = self.gathered.get(key);
        self.faults.push(format!("{key} must be {wanted}; {:?} ({}) is not.", held.value, held.from));
    }

    fn parsed<T: FromStr>(&mut self, key: &str, wanted: &str) -> Option<T> {
        let parsed = self.text(key).parse().ok();
        if parsed.is_none() {
            self.fault(key, wanted);
        }
        parsed
    }

    fn number(&mut self, key: &str, least: usize, most: usize) -> usize {
        match self.text(key).parse() {
            Ok(number) if (least..=most).contains(&number) => number,
            _ => {
                self.fault(key, &format!("a whole number from {least} to {most}"));
                least
            }
        }
    }

    fn one_of(&mut self, key: &str, words: &[&str]) -> String {
        let text = self.text(key);
        if !words.contains(&text.as_str()) {
            self.fault(key, &words.join(" or "));
        }
        text
    }

    fn base_url(&mut self) -> Option<String> {
        let text = self.text("base_url");
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let plain = host.is_some_and(|h| {
            !h.trim_end_matches('/').is_empty() && !h.contains(|c: char| c.is_whitespace() || "?#@\"<>".contains(c))
        });
        match text.as_str() {
            "" => None,
            _ if plain => Some(text.trim_end_matches('/').to_owned()),
            _ => {
                self.fault("base_url", "an address that begins with https:// or http://");
                None
            }
        }
    }

    fn languages(&mut self) -> Vec<Language> {
        let text = self.text("languages");
        let known: Option<Vec<Language>> = text.split(',').map(|tag| Language::of_tag(tag.trim())).collect();
        let Some(known) = known else {
            let shipped: Vec<&str> = Language::shipped().into_iter().map(Language::tag).collect();
            self.fault("languages", &format!("tags separated by commas, out of {}", shipped.join(", ")));
            return Language::shipped();
        };
        known
    }

    fn sessions(&mut self) -> Limits {
        let hours = |n: usize| i64::try_from(n).unwrap_or(i64::MAX) * 3_600_000;
        let idle_ms = hours(self.number("session_idle_hours", 1, 720));
        Limits { idle_ms, absolute_ms: hours(self.number("session_days", 1, 90) * 24) }
    }

    fn log(&mut self) -> String {
        let text = self.text("log");
        if text.parse::<tracing_subscriber::filter::Targets>().is_err() {
            self.fault("log", "a level such as info, or parts such as info,mainstay_desk=debug");
        }
        text
    }
}

/// The effective configuration for a person to read, secrets hidden.
pub fn shown(gathered: &Gathered) -> String {
    let mut text = String::new();
    for setting in ALL {
        let held = gathered.get(setting.key);
        let value = without_secret(&held.value);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# {}\n{} = {value:?}  # {}\n", setting.help, setting.key, held.from);
    }
    text
}

/// An address without the password in it.
pub fn without_secret(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else { return hide_words(value) };
    let authority_end = rest.find('/').unwrap_or(rest.len());
    let hidden = match rest[..authority_end].rfind('@') {
        Some(at) => {
            let user = rest[..at].split(':').next().unwrap_or_default();
            let colon = if rest[..at].contains(':') { ":***" } else { "" };
            format!("{user}{colon}{}", &rest[at..])
        }
        None => rest.to_owned(),
    };
    format!("{scheme}://{}", hide_words(&hidden))
}

/// Hides `password=…` in a list of words or of query parameters.
fn hide_words(text: &str) -> String {
    let Some(at) = text.find("password=") else { return text.to_owned() };
    let from = at + "password=".len();
    let to = text[from..].find(['&', ' ']).map_or(text.len(), |end| from + end);
    format!("{}***{}", &text[..from], &text[to..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(flags: &[(&str, &str)]) -> Result<Settings, Vec<String>> {
        let flags = flags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Settings::typed(&Gathered::from(&Said { flags, ..Said::default() }).unwrap())
    }

    /// The table of settings in the operations manual, as the list gives it.
    fn table() -> String {
        let mut text = String::from("| Key | Environment | Default | Meaning |\n| --- | --- | --- | --- |\n");
        for setting in ALL {
            let default = if setting.default.is_empty() { String::new() } else { format!("`{}`", setting.default) };
            let _ = writeln!(text, "| `{}` | `{}` | {default} | {} |", setting.key, setting.variable(), setting.help);
        }
        text
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "whether to write the file anew is said by the environment")]
    fn generated_table_of_settings_is_fresh() {
        const BEGIN: &str = "<!-- settings: generated -->\n";
        const END: &str = "<!-- end -->";
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/OPERATIONS.md");
        let manual = std::fs::read_to_string(path).unwrap();
        let from = manual.find(BEGIN).unwrap() + BEGIN.len();
        let to = from + manual[from..].find(END).unwrap();
        if std::env::var_os("UPDATE_GENERATED").is_some() {
            std::fs::write(path, format!("{}{}{}", &manual[..from], table(), &manual[to..])).unwrap();
        } else {
            assert_eq!(manual[from..to], table(), "run `make generate`");
        }
    }

    #[test]
    fn defaults_are_usable() {
        let settings = typed(&[]).unwrap();
        assert_eq!(settings.database, "sqlite:data/mainstay.db");
        assert_eq!(settings.body_bytes, 32 << 20);
        assert!(settings.base_url.is_none() && !settings.log_json);
        let tags: Vec<&str> = settings.languages.iter().map(|language| language.tag()).collect();
        assert_eq!(tags, ["en", "de"]);
    }

    #[test]
    fn every_wrong_value_is_named_at_once() {
        let faults = typed(&[
            ("listen", "here"),
            ("connections", "0"),
            ("trusted_proxies", "10.0.0.0/99"),
            ("log_format", "xml"),
            ("base_url", "desk.example.org"),
            ("log", "a=b=c"),
            ("languages", "en,tlh"),
            ("database", "mysql://x"),
        ])
        .unwrap_err();
        assert_eq!(faults.len(), 8, "{faults:#?}");
        assert!(faults[0].contains("\"here\" (flag)"), "{faults:?}");
    }

    #[test]
    fn secrets_are_not_shown() {
        for (address, shown) in [
            ("postgres://me:s3cr3t@db:5432/desk", "postgres://me:***@db:5432/desk"),
            ("postgres://me:a@b@db/desk?sslmode=require", "postgres://me:***@db/desk?sslmode=require"),
            (
                "postgres://db/desk?user=me&password=x&sslmode=require",
                "postgres://db/desk?user=me&password=***&sslmode=require",
            ),
            ("host=db password=x user=me", "host=db password=*** user=me"),
            ("sqlite:/var/lib/mainstay/mainstay.db", "sqlite:/var/lib/mainstay/mainstay.db"),
        ] {
            assert_eq!(without_secret(address), shown);
        }
    }
}
