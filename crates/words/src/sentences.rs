//! Sentences that the desk made, said in another language: a refusal is English for every client, and a page knows
//! its sentence again by the template it came from.

use std::borrow::Cow;
use std::fmt::Display;
use std::sync::LazyLock;

use jiff::civil::DateTime;

use crate::catalogue::{CATALOGUES, known, t};
use crate::dates::dated;
use crate::filling::fill;
use crate::language::Language;
use crate::spoken::spoken;

/// A template with this few letters of its own would fit anything.
const FEWEST_LETTERS: usize = 6;

/// A key with places for values: what stands between them, and how they are called.
struct Template {
    key: &'static str,
    fixed: Vec<&'static str>,
    names: Vec<&'static str>,
    letters: usize,
}

/// The templates of every catalogue, those that say most themselves first.
static TEMPLATES: LazyLock<Vec<Template>> = LazyLock::new(|| {
    let all = CATALOGUES.iter().flat_map(|catalogue| catalogue.messages).filter(|message| message.context.is_empty());
    let mut found: Vec<Template> = all.filter_map(|message| Template::of(message.id)).collect();
    found.sort_by_key(|template| std::cmp::Reverse(template.letters));
    found
});

impl Template {
    fn of(key: &'static str) -> Option<Self> {
        let (mut fixed, mut names, mut rest) = (Vec::new(), Vec::new(), key);
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}')?;
            fixed.push(before);
            names.push(name);
            rest = behind;
        }
        fixed.push(rest);
        let letters = fixed.iter().map(|part| part.chars().filter(|letter| letter.is_alphabetic()).count()).sum();
        (!names.is_empty() && letters >= FEWEST_LETTERS).then_some(Self { key, fixed, names, letters })
    }

    /// The values in a sentence that was made from it.
    fn values<'a>(&self, sentence: &'a str) -> Option<Vec<&'a str>> {
        let (first, rest) = self.fixed.split_first()?;
        let (last, between) = rest.split_last()?;
        let mut text = sentence.strip_prefix(first)?.strip_suffix(last)?;
        let mut values = Vec::with_capacity(self.names.len());
        for part in between {
            let (value, behind) = text.split_once(part)?;
            values.push(value);
            text = behind;
        }
        values.push(text);
        Some(values)
    }

    fn said(&self, values: &[&str]) -> String {
        let mut values: Vec<(&str, Cow<'_, str>)> =
            self.names.iter().zip(values).map(|(name, value)| (*name, value_said(name, value))).collect();
        let mut template = t(self.key).to_owned();
        // Places without a name are filled in their order.
        while let Some(at) = values.iter().position(|(name, _)| name.is_empty()) {
            let (_, value) = values.remove(at);
            template = template.replacen("{}", &value, 1);
        }
        let named: Vec<(&str, &dyn Display)> =
            values.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
        fill(&template, &named)
    }
}

/// A name of a table in a sentence, which English may have written small, a moment, or the sentence that says why; any
/// other value stays.
fn value_said<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    match name {
        "why" => return sentence(value),
        "due" => return moment_said(value),
        _ => {}
    }
    if let Some(said) = known(value) {
        return Cow::Borrowed(said);
    }
    let mut letters = value.chars();
    let capital: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    // A language may write a name as English does, but never small.
    known(&capital).map_or(Cow::Borrowed(value), Cow::Borrowed)
}

/// A moment as the desk writes one, with its zone behind it.
fn moment_said(value: &str) -> Cow<'_, str> {
    let moment = value.rsplit_once(' ').and_then(|(moment, zone)| {
        let at = DateTime::strptime("%d %b %Y %H:%M", moment).ok()?;
        Some(format!("{} {zone}", dated(at, "%-d %b %Y %H:%M")))
    });
    moment.map_or(Cow::Borrowed(value), Cow::Owned)
}

/// A sentence in the language that is spoken, when it or the template that it was made from is known; else as it is.
#[must_use]
pub fn sentence(text: &str) -> Cow<'_, str> {
    if spoken() == Language::ENGLISH || text.is_empty() {
        return Cow::Borrowed(text);
    }
    let whole = t(text);
    if whole != text {
        return Cow::Borrowed(whole);
    }
    let fitting = TEMPLATES.iter().find_map(|template| Some(template.said(&template.values(text)?)));
    fitting.map_or(Cow::Borrowed(text), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::within;

    #[tokio::test]
    async fn a_refusal_is_said_in_the_language_of_its_reader() {
        let german = Language::of_tag("de").expect("it is shipped");
        let missing = "There is no record here that you may see.";
        assert_eq!(sentence(missing), missing);
        within(german, async {
            assert_eq!(sentence("Title is needed."), "Titel fehlt.");
            assert_eq!(sentence("Somebody wrote this."), "Somebody wrote this.");
            assert_eq!(sentence("You may not export incidents."), "Sie dürfen Incidents nicht exportieren.");
            assert_eq!(
                sentence("“Open work” could not be made: Title is needed."),
                "„Open work“ konnte nicht erstellt werden: Titel fehlt."
            );
            assert_eq!(
                sentence("INC-7: answer by 2 Oct 2026 12:00 CEST"),
                "INC-7: antworten bis 2. Okt. 2026 12:00 CEST"
            );
        })
        .await;
    }
}
