//! Sentences that the desk made, said in another language: a refusal is English for every client, and a page knows
//! its sentence again by the template it came from.

use std::borrow::Cow;
use std::fmt::Display;
use std::sync::LazyLock;

use crate::catalogue::{CATALOGUES, t};
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
            self.names.iter().zip(values).map(|(name, value)| (*name, value_said(value))).collect();
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

/// A name of a table in a sentence, which English may have written small; any other value stays.
fn value_said(value: &str) -> Cow<'_, str> {
    let said = t(value);
    if said != value {
        return Cow::Borrowed(said);
    }
    let mut letters = value.chars();
    let capital: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    let said = t(&capital);
    if said == capital { Cow::Borrowed(value) } else { Cow::Owned(said.to_owned()) }
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
        })
        .await;
    }
}
