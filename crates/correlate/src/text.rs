//! Words that can be compared: without quotes and signatures, folded, with masks for what differs from report to report.

use std::collections::{BTreeMap, BTreeSet};

/// Behind these words a short number is a code and says something.
const BEFORE_CODES: &[&str] = &["error", "code", "status", "http", "fehler", "fehlercode", "event", "exit"];
/// Endings of file names that are no endings of hosts.
const FILES: &[&str] = &["exe", "dll", "doc", "docx", "xls", "xlsx", "pdf", "ppt", "pptx", "txt", "csv", "zip", "log"];
/// Most digits of a number that is a code.
const CODE_DIGITS: usize = 5;
/// Words that are shown as evidence.
const MOST_SHOWN: usize = 6;
/// Shorter words are no evidence.
const TELLING: usize = 4;

/// A text with its words folded and what differs from report to report masked: `<id>`, `<n>`, `<host>`, `<path>`,
/// `<date>`, `<mail>`. Error codes stay.
#[must_use]
pub fn normal(text: &str) -> String {
    tokens(text).join(" ")
}

/// The words of a text that say something, each once, in order of the alphabet; masks are none.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let found: BTreeSet<String> = tokens(text).into_iter().filter(|word| !word.starts_with('<')).collect();
    found.into_iter().filter(|word| word.chars().count() > 1).collect()
}

/// The words that at least half of the texts share, the commonest first: why they belong together.
#[must_use]
pub fn shared_words<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut all = 0;
    for text in texts {
        all += 1;
        for word in words(text).into_iter().filter(|word| word.chars().count() >= TELLING) {
            *seen.entry(word).or_default() += 1;
        }
    }
    let mut shared: Vec<(String, usize)> =
        seen.into_iter().filter(|(_, count)| *count > 1 && count * 2 >= all).collect();
    shared.sort_by(|(one, a), (other, b)| b.cmp(a).then_with(|| one.cmp(other)));
    shared.into_iter().take(MOST_SHOWN).map(|(word, _)| word).collect()
}

/// What the writer wrote: lines before a signature or an older message, without quoted ones.
fn own_lines(text: &str) -> impl Iterator<Item = &str> {
    let ends = |line: &str| {
        let line = line.trim();
        let older = line.ends_with("wrote:") || line.ends_with("schrieb:");
        line == "--" || line.starts_with("-----") || older && (line.starts_with("On ") || line.starts_with("Am "))
    };
    text.lines().take_while(move |line| !ends(line)).filter(|line| !line.trim_start().starts_with('>'))
}

/// The tokens of a text in order, masked ones in angle brackets.
pub(crate) fn tokens(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for raw in own_lines(text).flat_map(str::split_whitespace) {
        let edge = |c: char| !c.is_alphanumeric() && c != '/' && c != '\\';
        let raw = raw.trim_matches(edge);
        if raw.is_empty() {
            continue;
        }
        if let Some(mask) = masked(raw) {
            found.push(mask.to_owned());
        } else if is_code(raw) {
            found.push(fold(raw));
        } else {
            for part in raw.split(|c: char| !c.is_alphanumeric() && !is_mark(c)).filter(|part| !part.is_empty()) {
                push_word(&mut found, part);
            }
        }
    }
    found
}

fn push_word(found: &mut Vec<String>, part: &str) {
    let word = fold(part);
    if word.is_empty() {
        return;
    }
    let numeric = word.bytes().all(|byte| byte.is_ascii_digit());
    let coded = || found.last().is_some_and(|before| BEFORE_CODES.contains(&before.as_str()));
    if numeric && !(word.len() <= CODE_DIGITS && coded()) {
        found.push("<n>".to_owned());
    } else if is_id(&word) {
        found.push("<id>".to_owned());
    } else {
        found.push(word);
    }
}

/// The mask of a token that differs from report to report.
fn masked(raw: &str) -> Option<&'static str> {
    let digits = raw.bytes().filter(u8::is_ascii_digit).count();
    if raw.contains("://") {
        return Some("<path>");
    }
    if raw.contains('@') && !raw.starts_with('@') {
        return Some("<mail>");
    }
    let only = |more: &str| raw.chars().all(|c| c.is_ascii_digit() || more.contains(c));
    let parts = |by: char| raw.split(by).collect::<Vec<_>>();
    if digits > 0 && only(".:-/TZ+") && raw.contains(['.', ':', '-', '/']) {
        let quad = parts('.');
        let address = quad.len() == 4 && quad.iter().all(|part| part.parse::<u8>().is_ok());
        return Some(if address { "<host>" } else { "<date>" });
    }
    if raw.contains('\\') || raw.starts_with('/') || raw.matches('/').count() > 1 {
        return Some("<path>");
    }
    if is_uuid(raw) {
        return Some("<id>");
    }
    let labels = parts('.');
    let named = |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let last = labels.last().copied().unwrap_or_default().to_ascii_lowercase();
    let host = labels.len() > 1
        && labels.iter().all(named)
        && last.len() > 1
        && last.bytes().all(|byte| byte.is_ascii_alphabetic())
        && labels.iter().any(|label| label.len() > 2)
        && !FILES.contains(&last.as_str());
    // Two words with a dot between them and no space are an end of a sentence when the second begins large.
    let sentence = labels.len() == 2 && labels[1].starts_with(|c: char| c.is_uppercase());
    if host && !sentence {
        return Some("<host>");
    }
    None
}

fn is_uuid(raw: &str) -> bool {
    let parts: Vec<&str> = raw.split('-').collect();
    let lengths = [8, 4, 4, 4, 12];
    parts.len() == lengths.len()
        && parts
            .iter()
            .zip(lengths)
            .all(|(part, length)| part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Letters with a short number: ORA-12154, KB50123, 0x80070005, E101.
fn is_code(raw: &str) -> bool {
    if let Some(hex) = raw.strip_prefix("0x").or_else(|| raw.strip_prefix("0X")) {
        return !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    let letters = raw.bytes().take_while(u8::is_ascii_alphabetic).count();
    let rest = raw[letters..].strip_prefix(['-', '_']).unwrap_or(&raw[letters..]);
    (1..=6).contains(&letters)
        && (1..=CODE_DIGITS).contains(&rest.len())
        && rest.bytes().all(|byte| byte.is_ascii_digit())
}

/// Long runs with many digits: serial numbers, hashes, numbers of records.
fn is_id(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    digits > CODE_DIGITS || digits > 2 && word.len() >= 12
}

const fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// A word in small letters without accents.
fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for c in word.chars().flat_map(char::to_lowercase) {
        match c {
            'à'..='å' | 'ā' | 'ă' | 'ą' => folded.push('a'),
            'æ' => folded.push_str("ae"),
            'ç' | 'ć' | 'č' => folded.push('c'),
            'ď' | 'đ' | 'ð' => folded.push('d'),
            'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' => folded.push('e'),
            'ì'..='ï' | 'ī' | 'į' | 'ı' => folded.push('i'),
            'ł' => folded.push('l'),
            'ñ' | 'ń' | 'ň' => folded.push('n'),
            'ò'..='ö' | 'ø' | 'ō' | 'ő' => folded.push('o'),
            'œ' => folded.push_str("oe"),
            'ř' => folded.push('r'),
            'ś' | 'ş' | 'š' | 'ș' => folded.push('s'),
            'ß' => folded.push_str("ss"),
            'ť' | 'ţ' | 'ț' => folded.push('t'),
            'ù'..='ü' | 'ū' | 'ů' | 'ű' => folded.push('u'),
            'ý' | 'ÿ' => folded.push('y'),
            'ź' | 'ż' | 'ž' => folded.push('z'),
            c if is_mark(c) => {}
            c => folded.push(c),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_differs_is_masked_and_error_codes_stay() {
        for (text, becomes) in [
            ("Outlook: Error 0x80070005 on PC-0042!", "outlook error 0x80070005 on pc-0042"),
            ("ORA-12154 since 2025-03-01 08:15", "ora-12154 since <date> <date>"),
            ("HTTP 503 from shop.example.com", "http 503 from <host>"),
            ("Server 10.0.12.7 lost 4711 mails", "server <host> lost <n> mails"),
            ("C:\\Users\\ann\\x.txt and /var/log/syslog gone", "<path> and <path> gone"),
            ("see https://x.org/a?b=1, mail ann@x.org", "see <path> mail <mail>"),
            ("Ticket INC-000123, 550e8400-e29b-41d4-a716-446655440000", "ticket inc <id_or_n> <id>"),
            ("Größe, café, cafe\u{301}", "grosse cafe cafe"),
            ("It fails.\n> quoted words\nAgain\n-- \nAnn, Sales", "it fails again"),
            ("Broken.\nOn Monday Bob wrote:\nolder", "broken"),
            ("", ""),
        ] {
            assert_eq!(normal(text), becomes.replace("<id_or_n>", "<n>"), "{text}");
        }
    }

    #[test]
    fn shared_words_are_those_of_half_of_the_texts() {
        let texts = ["Gateway drops connections", "gateway is slow", "The gateway drops everything", "Printer"];
        assert_eq!(shared_words(texts), ["gateway", "drops"]);
        assert_eq!(shared_words(["alone here"]), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn any_text_can_be_read_and_what_is_normal_stays_so(text in ".{0,200}") {
            let all = words(&text);
            prop_assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert_eq!(words(&text.to_uppercase().to_lowercase()), words(&text.to_uppercase().to_lowercase()));
        }

        #[test]
        fn numbers_never_tell_two_reports_apart(a in 100_000u64..999_999_999, b in 100_000u64..999_999_999) {
            prop_assert_eq!(normal(&format!("Order {a} hangs")), normal(&format!("Order {b} hangs")));
        }
    }
}
