//! Where each setting's value comes from: flag before environment before file before default.

use super::declared::{self, Setting};
use std::collections::BTreeMap;
use std::fmt;

/// Who said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Default,
    File(String),
    Environment(String),
    Flag,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(name) => write!(f, "file {name}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag => f.write_str("flag"),
        }
    }
}

/// A value and who said it.
#[derive(Clone, Debug)]
pub struct Held {
    pub value: String,
    pub from: Source,
}

/// Every setting with the value in force.
#[derive(Clone, Debug)]
pub struct Gathered {
    held: BTreeMap<&'static str, Held>,
}

/// The environment: the value of a variable.
pub type Variables = dyn Fn(&str) -> Option<String>;

/// What was said outside the program.
#[derive(Default)]
pub struct Said<'a> {
    /// Key and value of each flag.
    pub flags: Vec<(String, String)>,
    /// The value of an environment variable.
    pub environment: Option<&'a Variables>,
    /// Name and text of the configuration file.
    pub file: Option<(String, String)>,
}

impl Gathered {
    /// Puts together what was said.
    ///
    /// # Errors
    /// Every key that is no setting and every value that is no text, number or list, in words.
    pub fn from(said: &Said<'_>) -> Result<Self, Vec<String>> {
        let mut held: BTreeMap<&'static str, Held> = declared::ALL
            .iter()
            .map(|s| (s.key, Held { value: s.default.to_owned(), from: Source::Default }))
            .collect();
        let mut faults = Vec::new();
        if let Some((name, text)) = &said.file {
            match read_file(name, text) {
                Ok(values) => values.into_iter().for_each(|(setting, value)| {
                    held.insert(setting.key, Held { value, from: Source::File(name.clone()) });
                }),
                Err(wrong) => faults.extend(wrong),
            }
        }
        if let Some(environment) = said.environment {
            for setting in declared::ALL {
                let variable = setting.variable();
                if let Some(value) = environment(&variable) {
                    held.insert(setting.key, Held { value, from: Source::Environment(variable) });
                }
            }
        }
        for (key, value) in &said.flags {
            match declared::find(key) {
                Some(setting) => {
                    held.insert(setting.key, Held { value: value.clone(), from: Source::Flag });
                }
                None => faults.push(unknown(key, "--set")),
            }
        }
        if faults.is_empty() { Ok(Self { held }) } else { Err(faults) }
    }

    /// Whether anybody said it, as against the default.
    pub fn is_said(&self, key: &str) -> bool {
        self.get(key).from != Source::Default
    }

    /// The value of a declared setting.
    pub fn get(&self, key: &str) -> &Held {
        static NONE: Held = Held { value: String::new(), from: Source::Default };
        self.held.get(key).unwrap_or(&NONE)
    }
}

fn read_file(name: &str, text: &str) -> Result<Vec<(&'static Setting, String)>, Vec<String>> {
    let table: toml::Table = text.parse().map_err(|why| vec![format!("{name} cannot be read: {why}")])?;
    let mut values = Vec::new();
    let mut faults = Vec::new();
    for (key, value) in &table {
        match (declared::find(key), plain(value)) {
            (None, _) => faults.push(unknown(key, name)),
            (Some(_), None) => {
                faults.push(format!("{key} in {name} must be text, a number, true or false, or a list of texts."));
            }
            (Some(setting), Some(value)) => values.push((setting, value)),
        }
    }
    if faults.is_empty() { Ok(values) } else { Err(faults) }
}

fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(flag) => Some(flag.to_string()),
        toml::Value::Array(all) => Some(all.iter().map(toml::Value::as_str).collect::<Option<Vec<_>>>()?.join(", ")),
        _ => None,
    }
}

fn unknown(key: &str, place: &str) -> String {
    match declared::nearest(key) {
        Some(meant) => format!("There is no setting {key} (in {place}). Did you mean {meant}?"),
        None => format!("There is no setting {key} (in {place}). `mainstay serve --check` lists them all."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> (String, String) {
        ("mainstay.toml".to_owned(), text.to_owned())
    }

    #[test]
    fn flag_beats_environment_beats_file_beats_default() {
        let environment = |name: &str| match name {
            "MAINSTAY_LISTEN" => Some("env:1".to_owned()),
            "MAINSTAY_LOG" => Some("warn".to_owned()),
            _ => None,
        };
        let said = Said {
            flags: vec![("listen".into(), "flag:1".into())],
            environment: Some(&environment),
            file: Some(file(
                "listen = 'file:1'\nlog = 'debug'\nconnections = 7\ntrusted_proxies = ['10.0.0.1', '::1']",
            )),
        };
        let gathered = Gathered::from(&said).unwrap();
        assert_eq!((gathered.get("listen").value.as_str(), &gathered.get("listen").from), ("flag:1", &Source::Flag));
        assert_eq!(gathered.get("log").value, "warn");
        assert_eq!(gathered.get("connections").value, "7");
        assert_eq!(gathered.get("trusted_proxies").value, "10.0.0.1, ::1");
        assert_eq!((gathered.get("data").value.as_str(), &gathered.get("data").from), ("data", &Source::Default));
    }

    #[test]
    fn an_unknown_key_is_an_error_with_a_suggestion() {
        let faults =
            Gathered::from(&Said { file: Some(file("listn = 'x'\nzzz = 1\n[table]\na = 1")), ..Said::default() })
                .unwrap_err();
        assert_eq!(faults.len(), 3);
        assert!(faults[0].contains("listn") && faults[0].ends_with("Did you mean listen?"), "{faults:?}");
        let faults =
            Gathered::from(&Said { flags: vec![("base-url".into(), "x".into())], ..Said::default() }).unwrap_err();
        assert!(faults[0].contains("base_url"), "{faults:?}");
    }

    #[test]
    fn a_file_that_is_no_toml_is_named() {
        let faults = Gathered::from(&Said { file: Some(file("listen =")), ..Said::default() }).unwrap_err();
        assert!(faults[0].starts_with("mainstay.toml cannot be read"), "{faults:?}");
    }
}
