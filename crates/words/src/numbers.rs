//! Numbers as each language writes them: what stands between thousands and before decimals is in its catalogue.

use crate::catalogue::tc;

/// A whole number: `1,234`.
#[must_use]
pub fn number(value: i64) -> String {
    let digits = grouped(&value.unsigned_abs().to_string());
    if value < 0 { format!("-{digits}") } else { digits }
}

/// An amount of minor units with two places: `1,234.05`.
#[must_use]
pub fn amount(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let (whole, cents) = (minor.unsigned_abs() / 100, minor.unsigned_abs() % 100);
    format!("{sign}{}{}{cents:02}", grouped(&whole.to_string()), point())
}

/// A measured number with at most one decimal: `1,234.5`.
#[must_use]
pub fn decimal(value: f64) -> String {
    let text = format!("{:.1}", value.abs());
    let (whole, tenths) = text.split_once('.').unwrap_or((&text, "0"));
    let sign = if value < 0.0 && text != "0.0" { "-" } else { "" };
    let tenths = if tenths == "0" { String::new() } else { format!("{}{tenths}", point()) };
    format!("{sign}{}{tenths}", grouped(whole))
}

/// A share: `94.5%`.
#[must_use]
pub fn percent(value: f64) -> String {
    crate::fill(tc("number", "{n}%"), &[("n", &decimal(value))])
}

fn point() -> &'static str {
    tc("number", ".")
}

fn grouped(digits: &str) -> String {
    let between = tc("number", ",");
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push_str(between);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Language, within};

    #[tokio::test]
    async fn numbers_are_written_as_the_language_does() {
        let all =
            || [number(-1_234_567), number(999), amount(123_405), decimal(1234.56), decimal(-0.01), percent(94.5)];
        assert_eq!(all(), ["-1,234,567", "999", "1,234.05", "1,234.6", "0", "94.5%"].map(str::to_owned));
        let german = Language::of_tag("de").expect("it is shipped");
        let expected = ["-1.234.567", "999", "1.234,05", "1.234,6", "0", "94,5\u{a0}%"].map(str::to_owned);
        assert_eq!(within(german, async { all() }).await, expected);
    }
}
