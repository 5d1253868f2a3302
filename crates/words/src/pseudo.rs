//! The language that nobody speaks: every key accented, longer by about a third, from right to left.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::catalogue::CATALOGUES;

/// Its tag: Arabic as nobody writes it, as browsers call such a language.
pub(crate) const TAG: &str = "ar-XB";

/// Contexts whose texts are not words.
const SIGNS: [&str; 3] = ["number", "direction", "language"];

type Texts = HashMap<(&'static str, &'static str), &'static [&'static str]>;

/// The keys of every catalogue; each language has all of them.
static TEXTS: LazyLock<Texts> = LazyLock::new(|| {
    let all = CATALOGUES.iter().flat_map(|catalogue| catalogue.messages);
    let words = all.filter(|message| !SIGNS.contains(&message.context));
    // They are made once and live as long as the program, like the catalogues themselves.
    words
        .map(|message| {
            let text: &'static str = String::leak(accented(message.id));
            ((message.context, message.id), &*Vec::leak(vec![text]))
        })
        .collect()
});

pub(crate) fn forms(context: &str, key: &str) -> Option<&'static [&'static str]> {
    TEXTS.get(&(context, key)).copied()
}

/// The text with every letter accented and its vowels doubled; what a program reads in it (`{name}`, `%H`, `<b>`)
/// stays.
fn accented(text: &str) -> String {
    let mut made = String::with_capacity(text.len() * 2);
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '{' => {
                made.push(letter);
                made.extend(letters.by_ref().take_while(|next| *next != '}'));
                made.push('}');
            }
            '%' => {
                made.push(letter);
                for next in letters.by_ref() {
                    made.push(next);
                    if next != '-' {
                        break;
                    }
                }
            }
            _ => {
                let (changed, twice) = changed(letter);
                made.push(changed);
                if twice {
                    made.push(changed);
                }
            }
        }
    }
    made
}

fn changed(letter: char) -> (char, bool) {
    const SMALL: &str = "åƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýž";
    const LARGE: &str = "ÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽ";
    let (first, accented) = if letter.is_ascii_uppercase() { ('A', LARGE) } else { ('a', SMALL) };
    let place = u32::from(letter).checked_sub(u32::from(first)).and_then(|place| usize::try_from(place).ok());
    let found = place.filter(|_| letter.is_ascii_alphabetic()).and_then(|place| accented.chars().nth(place));
    found.map_or((letter, false), |accented| (accented, "aeiou".contains(letter)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Language, t, tf, tn, within};

    #[test]
    fn letters_change_and_places_for_values_stay() {
        assert_eq!(accented("Message to {name}"), "Ṁééššååĝéé ţöö {name}");
        assert_eq!(accented("Today %H:%M, %-d"), "Ţööðååý %H:%M, %-d");
    }

    #[tokio::test]
    async fn what_is_translated_can_be_told_by_eye_and_by_test() {
        within(Language::PSEUDO, async {
            assert_eq!(t("Save"), "Šååṽéé");
            assert_eq!(t("Printer 7"), "Printer 7");
            assert_eq!(tn(3, "{n} row", "{n} rows"), "3 ŕööŵ");
            assert_eq!(tf("Message to {name}", &[("name", &"Mei")]), "Ṁééššååĝéé ţöö Mei");
        })
        .await;
    }
}
