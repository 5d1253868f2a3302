//! Which passwords are taken (OWASP ASVS 5.0, 6.2): length counts, composition does not, and what everybody tries
//! first is refused.

use super::password::Password;
use mainstay_engine::refusal::FieldError;

/// Fewest characters of a password.
pub const FEWEST: usize = 8;
/// Characters that the form recommends.
pub const RECOMMENDED: usize = 15;
/// Most bytes of a password: far beyond any phrase, and an end to what one request can make us hash.
pub const LONGEST_BYTES: usize = 1024;

/// The commonest passwords in lower case, without what people hang onto them.
const COMMON: &str = include_str!("common_passwords.txt");
/// Keys in the order in which fingers find them, and the alphabet.
const ROWS: [&str; 6] = [
    "1234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
];

/// Whether a password may be set. `about` is what strangers know of the person: name, e-mail, organisation.
///
/// # Errors
/// `too_short`, `too_long` or `too_common`, on the field `password`.
pub fn check(password: &Password, about: &[&str]) -> Result<(), FieldError> {
    check_at_least(password, about, FEWEST)
}

/// As [`check`], where the house asks for more characters.
///
/// # Errors
/// As [`check`].
pub fn check_at_least(password: &Password, about: &[&str], fewest: usize) -> Result<(), FieldError> {
    let text = password.reveal();
    let error = |code: &str, detail: String| Err(FieldError::new("password", code, detail));
    if text.len() > LONGEST_BYTES {
        return error("too_long", format!("The password must not be longer than {LONGEST_BYTES} bytes."));
    }
    if text.chars().count() < fewest {
        let says = if fewest < RECOMMENDED {
            format!("The password needs at least {fewest} characters; {RECOMMENDED} are better.")
        } else {
            format!("The password needs at least {fewest} characters.")
        };
        return error("too_short", says);
    }
    if is_guessable(&text.to_lowercase(), about) {
        let detail = "The password is among the first that anybody would try. Take several words instead.";
        return error("too_common", detail.to_owned());
    }
    Ok(())
}

fn is_guessable(text: &str, about: &[&str]) -> bool {
    let plain = unmasked(text);
    let forms = [text, core(text), plain.as_str(), core(&plain)];
    forms.iter().any(|form| is_common(form)) || is_about(text, about) || is_run(text) || repeats(text)
}

fn is_common(text: &str) -> bool {
    COMMON.lines().any(|word| word == text)
}

/// Little more than what strangers know of the person, or the product's name.
fn is_about(text: &str, about: &[&str]) -> bool {
    let said = about.iter().flat_map(|said| said.split(|c: char| !c.is_alphanumeric()));
    let words = said.chain(["mainstay"]).map(str::to_lowercase).filter(|word| word.chars().count() > 2);
    let rest = words.fold(text.to_owned(), |rest, word| rest.replace(&word, ""));
    rest.len() < text.len() && rest.chars().filter(|c| c.is_alphabetic()).count() < 4
}

/// The text without the digits and signs around it: what remains of `Summer2026!` is `summer`.
fn core(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphabetic())
}

/// The text with the usual masks off: `p@ssw0rd` is `password`.
fn unmasked(text: &str) -> String {
    let letter = |c: char| match c {
        '@' | '4' => 'a',
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    // What hangs at the end is no mask: the 1 of "password1" is a digit.
    let end = text.trim_end_matches(|c: char| !c.is_alphabetic()).len();
    text[..end].chars().map(letter).collect()
}

/// A run along the keyboard, the alphabet or the digits, in either direction.
fn is_run(text: &str) -> bool {
    let backwards: String = text.chars().rev().collect();
    ROWS.iter().any(|row| {
        let round = row.repeat(2);
        [text, backwards.as_str()].iter().any(|t| round.contains(t))
    })
}

/// One to four characters over and over.
fn repeats(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    (1..=4).any(|period| letters.iter().zip(letters.iter().skip(period)).all(|(a, b)| a == b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str) -> Option<String> {
        check(&Password::new(text), &["Ann Example-Smith", "ann.smith@acme.example"]).err().map(|error| error.code)
    }

    #[test]
    fn length_is_counted_in_characters_and_ends_at_a_kibibyte() {
        assert_eq!(verdict("kÖ7§tzé"), Some("too_short".into()));
        assert_eq!(verdict("kÖ7§tzéq"), None);
        assert_eq!(verdict(""), Some("too_short".into()));
        let phrase = "correct horse battery staple ".repeat(40);
        assert_eq!(verdict(&phrase[..1024]), None);
        assert_eq!(verdict(&phrase[..1025]), Some("too_long".into()));
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        let tried = [
            "password",
            "Password1!",
            "P@ssw0rd2026",
            "Summer2026!",
            "welcome123",
            "12345678",
            "87654321",
            "1234567890123",
            "qwertyui",
            "asdfghjkl",
            "1qaz2wsx3edc",
            "aaaaaaaa",
            "abcabcabc",
            "!!!!!!!!!",
            "Mainstay2026",
            "letmein!!",
            "abcdefgh",
            "zaq12wsx",
            "Servicedesk1",
            "Example-Smith",
            "annexample",
            "smith-2026",
            "ann.smith@acme.example",
            "iloveyou",
            "        ",
        ];
        for password in tried {
            assert_eq!(verdict(password), Some("too_common".into()), "{password}");
        }
    }

    #[test]
    fn no_composition_is_asked_for_and_nothing_is_changed() {
        for password in [
            "correct horse battery",
            "plum-otter-brass",
            "kzqvwmhtr",
            " leading space",
            "пароль от сейфа",
            "summer rain on tin",
            "ann likes plums",
        ] {
            assert_eq!(verdict(password), None, "{password}");
        }
    }
}
