//! Every setting, declared once: file, environment, flags, check and manual follow from this list.

/// One setting.
pub struct Setting {
    /// Its name in the file and for `--set`.
    pub key: &'static str,
    /// What counts when nobody says anything; empty: see the help.
    pub default: &'static str,
    pub help: &'static str,
}

impl Setting {
    /// Its name in the environment: `MAINSTAY_` and the key in capitals.
    pub fn variable(&self) -> String {
        format!("MAINSTAY_{}", self.key.to_uppercase())
    }
}

const fn setting(key: &'static str, default: &'static str, help: &'static str) -> Setting {
    Setting { key, default, help }
}

pub static ALL: &[Setting] = &[
    setting("data", "data", "Folder of the database, the attachments and the search index."),
    setting(
        "database",
        "",
        "Address of the database: `sqlite:/path/to/file.db` or `postgres://user:password@host/name?sslmode=verify-full`. \
         Empty: `mainstay.db` in the data folder.",
    ),
    setting("database_connections", "8", "Connections to the database, for reading and for writing each; 1 to 200."),
    setting("search", "", "Folder of the search index; every node has its own. Empty: `search` in the data folder."),
    setting("listen", "127.0.0.1:8080", "Address and port to listen on; port 0 picks a free one."),
    setting(
        "base_url",
        "",
        "The address people type, such as `https://desk.example.org`; links are made from it. Empty: `http://` and the listen address.",
    ),
    setting("site", "Mainstay", "Name of the installation, in the head of every page."),
    setting(
        "languages",
        "en,de",
        "Languages that people can choose, separated by commas; whoever's browser asks for none of them reads the first.",
    ),
    setting("session_idle_hours", "12", "A session without a request ends after so long; 1 to 720."),
    setting("session_days", "7", "Every session ends after so long, however busy; 1 to 90."),
    setting(
        "trusted_proxies",
        "",
        "Reverse proxies whose `X-Forwarded-For` is believed: addresses or networks such as `10.0.0.0/8`, separated by commas.",
    ),
    setting(
        "request_seconds",
        "60",
        "A request that takes longer is answered 504, and what it reads of the database is ended; 1 to 3600.",
    ),
    setting("connections", "1024", "Connections served at the same time; more wait; 1 to 100000."),
    setting("body_mib", "32", "Largest request body in MiB; 1 to 1024."),
    setting(
        "log",
        "info",
        "What is logged: `error`, `warn`, `info`, `debug`, or per part such as `info,mainstay_desk=debug`.",
    ),
    setting("log_format", "text", "`text` for people, `json` for collectors."),
];

/// The setting with this key.
pub fn find(key: &str) -> Option<&'static Setting> {
    ALL.iter().find(|s| s.key == key)
}

/// The key that was probably meant.
pub fn nearest(key: &str) -> Option<&'static str> {
    let alike = |s: &&Setting| strsim::normalized_damerau_levenshtein(s.key, key);
    let best = ALL.iter().max_by(|a, b| alike(a).total_cmp(&alike(b)))?;
    (alike(&best) >= 0.5).then_some(best.key)
}
