//! Looking words up.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::filling::fill;
use crate::language::Language;
use crate::spoken::spoken;
use crate::{numbers, pseudo};

/// One text and its forms in a language: one, or as many as the language has plurals.
pub(crate) struct Message {
    pub context: &'static str,
    pub id: &'static str,
    pub forms: &'static [&'static str],
}

/// What a file of `locales/` says.
pub(crate) struct Catalogue {
    pub tag: &'static str,
    pub messages: &'static [Message],
    /// Which form a number takes.
    pub plural: fn(u64) -> usize,
}

include!(concat!(env!("OUT_DIR"), "/catalogues.rs"));

/// A language's texts by context and English.
type Texts = HashMap<(&'static str, &'static str), &'static [&'static str]>;

static TEXTS: LazyLock<Vec<Texts>> = LazyLock::new(|| CATALOGUES.iter().map(texts).collect());

fn texts(catalogue: &Catalogue) -> Texts {
    catalogue.messages.iter().map(|message| ((message.context, message.id), message.forms)).collect()
}

fn forms(language: Language, context: &str, key: &str) -> Option<&'static [&'static str]> {
    if language == Language::PSEUDO {
        return pseudo::forms(context, key);
    }
    TEXTS.get(language.place()?)?.get(&(context, key)).copied()
}

fn form(language: Language, count: u64) -> usize {
    language.place().and_then(|place| CATALOGUES.get(place)).map_or(usize::from(count != 1), |it| (it.plural)(count))
}

/// Words of the interface in the language that is spoken; what no catalogue knows stays as it is, so names that people
/// gave may be handed in with those that were shipped.
#[must_use]
pub fn t(key: &str) -> &str {
    tc("", key)
}

/// The same for an English word with more than one meaning.
#[must_use]
pub fn tc<'a>(context: &str, key: &'a str) -> &'a str {
    tc_in(spoken(), context, key)
}

/// The same for whatever holds a name: markup calls it for labels.
#[must_use]
pub fn said(name: &(impl AsRef<str> + ?Sized)) -> &str {
    t(name.as_ref())
}

/// A name as it stands inside of a sentence: English writes it small there.
#[must_use]
pub fn inside(name: &str) -> String {
    let said = t(name);
    if spoken() == Language::ENGLISH { said.to_lowercase() } else { said.to_owned() }
}

/// What the catalogue of the language that is spoken says for a key; none for what it does not know.
pub(crate) fn known(key: &str) -> Option<&'static str> {
    let language = spoken();
    if language == Language::ENGLISH { None } else { forms(language, "", key)?.first().copied() }
}

pub(crate) fn tc_in<'a>(language: Language, context: &str, key: &'a str) -> &'a str {
    if language == Language::ENGLISH {
        return key;
    }
    forms(language, context, key).and_then(<[_]>::first).copied().unwrap_or(key)
}

/// A sentence that counts; `{n}` in it is the number.
#[must_use]
pub fn tn(count: impl TryInto<i64>, one: &str, many: &str) -> String {
    tnf(count, one, many, &[])
}

/// The same with more values.
#[must_use]
pub fn tnf(count: impl TryInto<i64>, one: &str, many: &str, values: &[(&str, &dyn std::fmt::Display)]) -> String {
    let count = count.try_into().unwrap_or(i64::MAX);
    let language = spoken();
    let at = form(language, count.unsigned_abs());
    let english = if count == 1 { one } else { many };
    let known = forms(language, "", one).filter(|_| language != Language::ENGLISH);
    let template = known.and_then(|forms| forms.get(at).or_else(|| forms.last())).copied().unwrap_or(english);
    let number = numbers::number(count);
    let mut all: Vec<(&str, &dyn std::fmt::Display)> = vec![("n", &number)];
    all.extend_from_slice(values);
    fill(template, &all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::within;

    fn german() -> Language {
        Language::of_tag("de").expect("it is shipped")
    }

    #[tokio::test]
    async fn words_are_said_in_the_language_of_the_request() {
        assert_eq!(t("Save"), "Save");
        within(german(), async {
            assert_eq!(t("Save"), "Speichern");
            assert_eq!(t("Printers of the third floor"), "Printers of the third floor");
        })
        .await;
    }

    #[tokio::test]
    async fn a_number_takes_the_form_of_its_language() {
        let rows = |count: i64| tn(count, "{n} row", "{n} rows");
        assert_eq!((rows(0).as_str(), rows(1).as_str(), rows(2).as_str()), ("0 rows", "1 row", "2 rows"));
        within(german(), async {
            assert_eq!((rows(1).as_str(), rows(1234).as_str()), ("1 Zeile", "1.234 Zeilen"));
        })
        .await;
    }

    #[test]
    fn every_catalogue_has_all_forms_of_its_plurals() {
        for catalogue in CATALOGUES {
            let most = (0..200).map(catalogue.plural).max().unwrap_or_default();
            for message in catalogue.messages.iter().filter(|message| message.forms.len() > 1) {
                assert_eq!(message.forms.len(), most + 1, "{}: {}", catalogue.tag, message.id);
            }
        }
    }
}
