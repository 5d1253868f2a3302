//! Freezes and maintenance windows, as the organisation keeps them.

use crate::config::Config;
use mainstay_engine::calendar::Recurrence;
use mainstay_engine::field::FieldType as _;
use mainstay_engine::register::Entry;
use mainstay_engine::value::Value;
use mainstay_processes::registers::{
    FreezeEffect, WINDOW_EFFECT, WINDOW_ITEMS, WINDOW_KIND, WINDOW_ORGANISATIONS, WINDOW_PERSON, WINDOW_PROCESS,
    WINDOW_ROLE, WINDOW_SERVICES, WindowKind, recurrence_of,
};

/// A freeze or a maintenance window.
#[derive(Clone, Debug)]
pub struct Window {
    pub id: i64,
    pub version: i64,
    pub name: String,
    pub kind: WindowKind,
    /// A freeze that refuses what is planned in it.
    pub blocks: bool,
    pub times: Recurrence,
    /// Who may allow an exception.
    pub person: Option<i64>,
    pub role: Option<i64>,
    process: Option<String>,
    services: Vec<i64>,
    organisations: Vec<i64>,
    items: Vec<String>,
}

/// What planned work touches, as windows ask for it.
#[derive(Clone, Debug, Default)]
pub struct Reach<'a> {
    pub process: &'a str,
    pub services: &'a [i64],
    pub organisation: Option<i64>,
    /// Numbers of items.
    pub items: &'a [&'a str],
}

impl Window {
    /// Reads an entry; none where it does not say when it is.
    #[must_use]
    pub fn of(entry: &Entry) -> Option<Self> {
        let text = |value: &Value| value.as_text().map(|text| text.trim().to_uppercase());
        let kind = WindowKind::from_value(entry.value(WINDOW_KIND.def.key))?;
        let warns = entry.text(WINDOW_EFFECT.def.key) == Some(FreezeEffect::Warn.key());
        Some(Self {
            id: entry.id,
            version: entry.version,
            name: entry.name.clone(),
            kind,
            blocks: kind == WindowKind::Freeze && !warns,
            times: recurrence_of(&entry.values).ok()?,
            person: entry.int(WINDOW_PERSON.def.key),
            role: entry.int(WINDOW_ROLE.def.key),
            process: entry.text(WINDOW_PROCESS.def.key).map(str::to_owned),
            services: entry.ids(WINDOW_SERVICES.def.key).collect(),
            organisations: entry.ids(WINDOW_ORGANISATIONS.def.key).collect(),
            items: entry.value(WINDOW_ITEMS.def.key).as_list().iter().filter_map(text).collect(),
        })
    }

    /// It is for everything.
    #[must_use]
    pub fn is_general(&self) -> bool {
        self.services.is_empty() && self.organisations.is_empty() && self.items.is_empty()
    }

    /// Whether it is about such work: for everything, or for one of what the work touches.
    #[must_use]
    pub fn is_about(&self, config: &Config, reach: &Reach<'_>) -> bool {
        let of_process = self.process.as_deref().is_none_or(|process| process == reach.process);
        let organisation =
            |above: &i64| reach.organisation.is_some_and(|organisation| config.under(organisation, *above));
        of_process
            && (self.is_general()
                || self.services.iter().any(|service| reach.services.contains(service))
                || self.organisations.iter().any(organisation)
                || self.items.iter().any(|item| reach.items.contains(&item.as_str())))
    }
}

/// The maintenance windows that are meant for such work: those that are for what it touches, else those for everything.
#[must_use]
pub fn meant_for<'c>(config: &'c Config, reach: &Reach<'_>) -> Vec<&'c Window> {
    let about = config.windows.iter().filter(|w| w.kind == WindowKind::Maintenance && w.is_about(config, reach));
    let (general, special): (Vec<&Window>, Vec<&Window>) = about.partition(|window| window.is_general());
    if special.is_empty() { general } else { special }
}

/// The freezes that are about such work.
pub fn freezes<'c>(config: &'c Config, reach: &'c Reach<'_>) -> impl Iterator<Item = &'c Window> {
    config.windows.iter().filter(move |w| w.kind == WindowKind::Freeze && w.is_about(config, reach))
}
