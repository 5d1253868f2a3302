//! Dates as each language writes them: the pattern and the names of months and days are in its catalogue.

use jiff::fmt::strtime::BrokenDownTime;

use crate::catalogue::{t, tc};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A day or an instant by a pattern of `strftime`, which is a key of the catalogues: `dated(&at, "%-d %b %Y")`.
#[must_use]
pub fn dated(at: impl Into<BrokenDownTime>, pattern: &str) -> String {
    let at = at.into();
    let Ok(day) = at.to_date() else { return String::new() };
    let name = |names: &[&'static str], index: i8| names[usize::try_from(index).unwrap_or_default() % names.len()];
    let month = tc("month", name(&MONTHS, day.month() - 1));
    let weekday = tc("day", name(&DAYS, day.weekday().to_monday_zero_offset()));
    at.to_string(t(pattern).replace("%b", month).replace("%a", weekday)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Language, within};
    use jiff::Zoned;

    #[tokio::test]
    async fn dates_are_written_as_the_language_does() {
        let at: Zoned = "2026-11-29T14:05:00[Europe/Berlin]".parse().expect("an instant");
        let all = || [dated(&at, "%-d %b %Y, %H:%M %Z"), dated(&at, "%-d %b %Y"), dated(&at, "%a %-d %b %H:%M")];
        assert_eq!(all(), ["29 Nov 2026, 14:05 CET", "29 Nov 2026", "Sun 29 Nov 14:05"].map(str::to_owned));
        let german = Language::of_tag("de").expect("it is shipped");
        let expected = ["29. Nov. 2026, 14:05 CET", "29. Nov. 2026", "So. 29. Nov. 14:05"].map(str::to_owned);
        assert_eq!(within(german, async { all() }).await, expected);
    }
}
