//! Record numbers: how people write them, and how the index keeps them.

/// Letters before the digits of a number; longer words are text.
const LETTERS: usize = 8;
/// Digits that always fit a `u64`.
const DIGITS: usize = 18;

/// The forms under which a number is found: `inc4821` and `4821` for `INC-4821`.
pub(crate) fn keys(number: &str) -> Vec<String> {
    let whole = compact(number);
    let digits = trailing_digits(&whole);
    let (letters, digits) = whole.split_at(whole.len() - digits.len());
    let short = digits.trim_start_matches('0');
    let mut keys = vec![whole.clone()];
    if !digits.is_empty() {
        keys.extend([digits.into(), short.into(), format!("{letters}{short}")]);
    }
    keys.retain(|key| !key.is_empty());
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The key a query asks for when all of it reads like a number: `INC-4821`, `inc 4821`, `#4821`.
pub(crate) fn asked(text: &str) -> Option<String> {
    let whole = begun(text)?;
    let digits = trailing_digits(&whole).len();
    let letters = whole.len() - digits;
    let written_so = letters <= LETTERS && whole[..letters].bytes().all(|b| b.is_ascii_lowercase());
    (written_so && (1..=DIGITS).contains(&digits)).then_some(whole)
}

/// The beginning of a number, if the text can be one: `inc-48`.
pub(crate) fn begun(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = text.len() <= LETTERS + DIGITS + 4 && text.chars().all(belongs);
    fits.then(|| compact(text)).filter(|text| !text.is_empty())
}

/// Splits a number into a part that few records differ in and one that fits an integer, so that
/// both are cheap to keep in columns.
pub(crate) fn split(number: &str) -> (&str, Option<u64>) {
    let digits = trailing_digits(number);
    let value = digits.trim_start_matches('0');
    let value = &value[value.len().saturating_sub(DIGITS)..];
    let head = &number[..number.len() - value.len()];
    value.parse().map_or((number, None), |value| (head, Some(value)))
}

fn belongs(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | ' ' | '#' | '_' | '/')
}

fn compact(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn trailing_digits(text: &str) -> &str {
    let head = text.trim_end_matches(|c: char| c.is_ascii_digit());
    &text[head.len()..]
}

#[cfg(test)]
mod tests {
    use super::{asked, keys, split};

    #[test]
    fn a_number_is_found_with_and_without_letters_and_zeros() {
        assert_eq!(keys("INC-4821"), ["4821", "inc4821"]);
        assert_eq!(keys("CHG-0042"), ["0042", "42", "chg0042", "chg42"]);
        assert_eq!(keys("draft"), ["draft"]);
    }

    #[test]
    fn only_what_reads_like_a_number_asks_for_one() {
        assert_eq!(asked(" INC-4821 ").as_deref(), Some("inc4821"));
        assert_eq!(asked("inc 4821").as_deref(), Some("inc4821"));
        assert_eq!(asked("#4821").as_deref(), Some("4821"));
        for text in ["", "printer", "4821 offline", "a2b3", "INC-", "\"4821\"", "９９"] {
            assert_eq!(asked(text), None, "{text}");
        }
    }

    #[test]
    fn a_split_number_joins_to_itself() {
        for number in ["INC-4821", "CHG-0042", "X", "", "000", "7", "é-18446744073709551615999"] {
            let (head, value) = split(number);
            let tail = value.map(|v| v.to_string()).unwrap_or_default();
            assert_eq!(format!("{head}{tail}"), number);
        }
        assert_eq!(split("INC-4821"), ("INC-", Some(4821)));
    }
}
