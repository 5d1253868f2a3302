//! Keys that do something: what is shipped, and what a person made of it.
//!
//! The pages say by the same words which element a shortcut presses, so that a new one is a line here and an
//! attribute there.

mod stroke;

pub use stroke::Stroke;

use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_store::preferences;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// The name under which a person's own keys are kept.
const NAME: &str = "shortcuts";
/// Between two ways to do the same.
const OR: &str = " or ";
/// Ways to do one thing.
const MOST_WAYS: usize = 3;

/// Where a shortcut works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// On every page.
    Everywhere,
    /// Where records stand in a list.
    List,
    /// Where a record is open.
    Record,
    /// In the inbox, before what the record beside it would do.
    Inbox,
}

impl Screen {
    /// Every one, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Everywhere, Self::List, Self::Record, Self::Inbox];

    /// The word for it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::List => "list",
            Self::Record => "record",
            Self::Inbox => "inbox",
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Everywhere => "Everywhere",
            Self::List => "In a list",
            Self::Record => "On a record",
            Self::Inbox => "In the inbox",
        }
    }

    /// Whether one key cannot mean something else on the other.
    const fn meets(self, other: Self) -> bool {
        !matches!((self, other), (Self::Record, Self::Inbox) | (Self::Inbox, Self::Record))
    }
}

/// Something that can be done with a key.
#[derive(Clone, Copy, Debug)]
pub struct Shortcut {
    /// What pages call it.
    pub id: &'static str,
    /// What it does, for people.
    pub words: &'static str,
    /// Where it works.
    pub screen: Screen,
    /// The keys that are shipped.
    pub keys: &'static str,
}

const fn shortcut(screen: Screen, id: &'static str, keys: &'static str, words: &'static str) -> Shortcut {
    Shortcut { id, words, screen, keys }
}

/// Everything that can be done with a key, in the order in which it is shown.
pub static ALL: &[Shortcut] = &[
    shortcut(Screen::Everywhere, "palette", "Mod+k", "Search or run anything"),
    shortcut(Screen::Everywhere, "sheet", "? or Mod+/", "Show what can be done with keys here"),
    shortcut(Screen::Everywhere, "search", "/", "Search"),
    shortcut(Screen::Everywhere, "new", "c", "Create a record"),
    shortcut(Screen::Everywhere, "go-inbox", "g i", "Go to the inbox"),
    shortcut(Screen::Everywhere, "go-mine", "g m", "Go to my work"),
    shortcut(Screen::Everywhere, "go-today", "g t", "Go to today"),
    shortcut(Screen::Everywhere, "go-queue", "g q", "Go to the first queue"),
    shortcut(Screen::Everywhere, "go-reports", "g d", "Go to the reports"),
    shortcut(Screen::Everywhere, "go-portal", "g p", "Go to the portal"),
    shortcut(Screen::Everywhere, "go-settings", "g s", "Go to the settings"),
    shortcut(Screen::List, "list-next", "j", "Next row"),
    shortcut(Screen::List, "list-previous", "k", "Previous row"),
    shortcut(Screen::List, "list-select", "x", "Select the row"),
    shortcut(Screen::List, "list-down", "Shift+ArrowDown", "Select one more below"),
    shortcut(Screen::List, "list-up", "Shift+ArrowUp", "Select one more above"),
    shortcut(Screen::List, "filter", "f", "Filter the list"),
    shortcut(Screen::Record, "fold-list", "[", "Fold the list away, or show it"),
    shortcut(Screen::Record, "fold-rail", "]", "Fold the details away, or show them"),
    shortcut(Screen::Record, "reply", "r", "Reply"),
    shortcut(Screen::Record, "note", "n", "Write an internal note"),
    shortcut(Screen::Record, "send", "Mod+Enter", "Send what is written"),
    shortcut(Screen::Record, "assignee", "a", "Assign"),
    shortcut(Screen::Record, "assign-me", "i", "Assign to me"),
    shortcut(Screen::Record, "status", "s", "Change the state"),
    shortcut(Screen::Record, "priority", "p", "Change the priority"),
    shortcut(Screen::Record, "team", "t", "Change the team"),
    shortcut(Screen::Record, "tags", "l", "Change the tags"),
    shortcut(Screen::Record, "finish", "e", "Finish: resolve or complete it"),
    shortcut(Screen::Record, "cancel", "#", "Cancel it"),
    shortcut(Screen::Record, "watch", "w", "Watch it, or stop watching"),
    shortcut(Screen::Record, "record-next", ">", "Next record of the list"),
    shortcut(Screen::Record, "record-previous", "<", "Previous record of the list"),
    shortcut(Screen::Record, "copy-number", "Mod+.", "Copy the number"),
    shortcut(Screen::Record, "copy-address", "Mod+Shift+. or Mod+Shift+>", "Copy the address"),
    shortcut(Screen::Inbox, "notice-done", "e", "Done with it"),
    shortcut(Screen::Inbox, "notice-snooze", "h", "Put it off"),
];

/// Which shortcuts a person wants at all. (WCAG 2.1.4)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Use {
    /// All of them.
    #[default]
    All,
    /// Those with Ctrl, ⌘ or Alt, which no voice and no stray finger sets off.
    Modified,
    /// None.
    Off,
}

impl Use {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::All, Self::Modified, Self::Off];

    /// The word for it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Modified => "modified",
            Self::Off => "off",
        }
    }

    /// Reads the word for it.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|each| each.key() == word)
    }
}

/// A person's keys: what is shipped, with what they changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// Which of them work.
    pub used: Use,
    /// What the person set themselves, by the id of the shortcut; an empty text is no key.
    own: BTreeMap<&'static str, String>,
}

impl Keys {
    /// Reads what was kept; what is not known any more is left out.
    #[must_use]
    pub fn read(kept: &str) -> Self {
        let kept: Json = serde_json::from_str(kept).unwrap_or_default();
        let own = ALL.iter().filter_map(|each| Some((each.id, kept["keys"].get(each.id)?.as_str()?.to_owned())));
        Self { used: kept["use"].as_str().and_then(Use::read).unwrap_or_default(), own: own.collect() }
    }

    fn kept(&self) -> String {
        json!({ "use": self.used.key(), "keys": self.own }).to_string()
    }

    /// The keys of a shortcut whether it is in use or not, as people type them; empty for none.
    #[must_use]
    pub fn set_for(&self, shortcut: &Shortcut) -> &str {
        self.own.get(shortcut.id).map_or(shortcut.keys, String::as_str)
    }

    /// The strokes that fire a shortcut for this person.
    pub fn of(&self, shortcut: &Shortcut) -> impl Iterator<Item = Vec<Stroke>> {
        let used = self.used;
        let ways = ways(self.set_for(shortcut)).unwrap_or_default();
        ways.into_iter().filter(move |way| match used {
            Use::All => true,
            Use::Modified => way.iter().all(Stroke::is_modified),
            Use::Off => false,
        })
    }

    /// The keys of a shortcut for the eye, such as `G I`; none when it does not fire.
    #[must_use]
    pub fn shown(&self, id: &str) -> Option<Vec<String>> {
        let way = self.of(ALL.iter().find(|each| each.id == id)?).next()?;
        Some(way.iter().flat_map(Stroke::caps).collect())
    }

    /// Whether every key is as it is shipped.
    #[must_use]
    pub fn is_shipped(&self) -> bool {
        self.own.is_empty()
    }
}

/// The ways that a text names.
fn ways(text: &str) -> std::result::Result<Vec<Vec<Stroke>>, ()> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let ways: Vec<Vec<Stroke>> = text.split(OR).map(Stroke::sequence).collect::<Option<_>>().ok_or(())?;
    if ways.len() > MOST_WAYS { Err(()) } else { Ok(ways) }
}

/// A person's keys.
///
/// # Errors
/// The database's.
pub fn of(session: &mut Session<'_>, caller: &Caller) -> Result<Keys> {
    let Some(person) = caller.person_id() else { return Ok(Keys::default()) };
    Ok(preferences::read(session.conn, person, NAME)?.map(|kept| Keys::read(&kept)).unwrap_or_default())
}

/// Says that [`of`] will be asked.
pub fn foresee(session: &mut Session<'_>, caller: &Caller) {
    if let Some(person) = caller.person_id() {
        preferences::foresee(session.conn, person, NAME);
    }
}

/// Sets the caller's keys: `wanted` holds texts by the ids of shortcuts, empty for none; what it does not name stays
/// as it is shipped.
///
/// # Errors
/// A text that names no keys, an unknown shortcut, two that would be the same: by field; the database's.
pub fn set(session: &mut Session<'_>, caller: &Caller, used: Use, wanted: &Map<String, Json>) -> Result<Keys> {
    let Some(person) = caller.person_id() else { return Err(Refusal::missing("profile").into()) };
    let keys = chosen(used, wanted)?;
    if keys == Keys::default() {
        preferences::forget(session.conn, person, NAME)?;
    } else {
        preferences::keep(session.conn, person, NAME, &keys.kept(), session.now)?;
    }
    Ok(keys)
}

/// The keys that a person asks for, when they can be told apart.
fn chosen(used: Use, wanted: &Map<String, Json>) -> std::result::Result<Keys, Refusal> {
    let mut keys = Keys { used, ..Keys::default() };
    let mut errors = Vec::new();
    for (id, text) in wanted {
        let Some(shortcut) = ALL.iter().find(|each| each.id == id) else {
            errors.push(FieldError::new(id, "unknown_member", format!("There is no shortcut “{id}”.")));
            continue;
        };
        match text.as_str().map(|text| (text, ways(text))) {
            Some((_, Ok(ways))) => {
                let text = ways.iter().map(|way| Stroke::text(way)).collect::<Vec<_>>().join(OR);
                if text != shortcut.keys {
                    keys.own.insert(shortcut.id, text);
                }
            }
            _ => errors.push(FieldError::new(id, "no_keys", no_keys(shortcut))),
        }
    }
    Refusal::unless_empty(errors)?;
    Refusal::unless_empty(conflicts(&keys))?;
    Ok(keys)
}

fn no_keys(shortcut: &Shortcut) -> String {
    format!("{}: write keys as in R, Shift+A, Mod+Enter or G I; several ways with “or” between them.", shortcut.words)
}

/// Every shortcut whose keys are, or begin, those of another where both work.
fn conflicts(keys: &Keys) -> Vec<FieldError> {
    let all: Vec<(&Shortcut, Vec<Stroke>)> = ALL
        .iter()
        .flat_map(|each| ways(keys.set_for(each)).unwrap_or_default().into_iter().map(move |way| (each, way)))
        .collect();
    let mut errors = Vec::new();
    for (at, (one, way)) in all.iter().enumerate() {
        for (other, held) in &all[..at] {
            let same = way.iter().zip(held).all(|(a, b)| a.is_same(b));
            if one.id == other.id || !one.screen.meets(other.screen) || !same {
                continue;
            }
            // The one that was changed is the one to change again.
            let (field, taken) = if keys.own.contains_key(one.id) { (one, other) } else { (other, one) };
            let says = format!(
                "{}: {} is “{}” already.",
                field.words,
                caps(if field.id == one.id { held } else { way }),
                taken.words
            );
            errors.push(FieldError::new(field.id, "taken", says));
        }
    }
    errors
}

fn caps(way: &[Stroke]) -> String {
    way.iter().map(|stroke| stroke.caps().join("+")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&str, &str)]) -> std::result::Result<Keys, Refusal> {
        let wanted = pairs.iter().map(|(id, text)| ((*id).to_owned(), Json::from(*text))).collect();
        chosen(Use::All, &wanted)
    }

    fn code(answer: std::result::Result<Keys, Refusal>) -> (String, String) {
        let refusal = answer.expect_err("a refusal");
        (refusal.errors[0].field.clone(), refusal.errors[0].code.clone())
    }

    #[test]
    fn what_is_shipped_can_be_told_apart() {
        assert_eq!(asked(&[]), Ok(Keys::default()));
        for shortcut in ALL {
            assert!(!ways(shortcut.keys).expect(shortcut.id).is_empty());
            assert_eq!(ALL.iter().filter(|each| each.id == shortcut.id).count(), 1);
        }
    }

    #[test]
    fn a_key_that_is_taken_is_refused_where_both_would_work() {
        assert_eq!(code(asked(&[("reply", "j")])), ("reply".into(), "taken".into()));
        assert_eq!(code(asked(&[("reply", "g")])), ("reply".into(), "taken".into()), "it begins another");
        assert_eq!(code(asked(&[("reply", "g i")])), ("reply".into(), "taken".into()));
        let swapped = asked(&[("reply", "n"), ("note", "R")]).expect("they changed places");
        assert_eq!(swapped.shown("note"), Some(vec!["R".into()]));
        assert!(asked(&[("notice-snooze", "r")]).is_ok(), "in the inbox it comes before the record's");
    }

    #[test]
    fn what_is_no_key_or_no_shortcut_is_named() {
        assert_eq!(code(asked(&[("reply", "rr")])), ("reply".into(), "no_keys".into()));
        assert_eq!(code(asked(&[("fly", "f")])), ("fly".into(), "unknown_member".into()));
    }

    #[test]
    fn a_person_can_do_without_some_or_without_all() {
        let keys = asked(&[("reply", "y"), ("note", "")]).expect("keys");
        assert_eq!(Keys::read(&keys.kept()), keys);
        assert_eq!((keys.shown("reply"), keys.shown("note")), (Some(vec!["Y".into()]), None));
        let modified = Keys { used: Use::Modified, ..keys.clone() };
        assert_eq!(modified.shown("reply"), None);
        assert!(modified.shown("palette").is_some());
        assert_eq!(modified.shown("sheet"), Some(vec!["⌘".into(), "/".into()]), "the way that is left");
        assert_eq!(Keys { used: Use::Off, ..keys }.shown("palette"), None);
    }
}
