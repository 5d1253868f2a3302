//! What the address of a report asks for, and the addresses of its neighbours.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use mainstay_desk::reports::Params;
use mainstay_engine::process::Process;
use serde::Deserialize;

use crate::address::with_query;

/// What the form of a report sends. The last day is meant with all its hours.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    pub from: String,
    #[serde(default)]
    pub until: String,
    #[serde(default)]
    pub by: String,
    #[serde(default)]
    pub filter: String,
    #[serde(default)]
    pub of: String,
}

impl Asked {
    /// A period of whole days.
    pub fn days(from: Date, until: Date) -> Self {
        Self { from: from.to_string(), until: until.to_string(), ..Self::default() }
    }

    /// The same in the words of the desk.
    pub fn params(&self) -> Params {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        // What is no date goes to the desk as it is, which says what is wrong with it.
        let next = |text: String| match text.parse::<Date>().ok().and_then(|day| day.tomorrow().ok()) {
            Some(day) => day.to_string(),
            None => text,
        };
        Params {
            from: some(&self.from),
            to: some(&self.until).map(next),
            zone: None,
            group_by: some(&self.by),
            filter: some(&self.filter),
            of: some(&self.of),
        }
    }

    /// Names and values for an address.
    pub fn pairs(&self) -> Vec<(&str, &str)> {
        let all = [
            ("from", self.from.as_str()),
            ("until", self.until.as_str()),
            ("by", self.by.as_str()),
            ("filter", self.filter.as_str()),
            ("of", self.of.as_str()),
        ];
        all.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect()
    }

    /// Where a report says this.
    pub fn place(&self, process: &Process, key: &str) -> String {
        with_query(&format!("/reports/{}/{key}", process.plural), self.pairs())
    }

    /// Where the records behind a figure are listed.
    pub fn behind(&self, process: &Process, key: &str, row: &str, column: &str) -> String {
        let figure = [("row", row), ("column", column)];
        with_query(&format!("/reports/{}/{key}/records", process.plural), self.pairs().into_iter().chain(figure))
    }

    /// Where the report comes as a file.
    pub fn file(&self, process: &Process, key: &str, format: &str) -> String {
        let format = [("format", format)];
        with_query(&format!("/reports/{}/{key}/export", process.plural), self.pairs().into_iter().chain(format))
    }

    /// The same question about another period.
    pub fn within(&self, (from, until): (Date, Date)) -> Self {
        Self { from: from.to_string(), until: until.to_string(), ..self.clone() }
    }
}

/// Periods that people mostly want, by their first and last day: name and days.
pub fn periods(now: i64, zone: &TimeZone) -> Vec<(&'static str, (Date, Date))> {
    let today = Timestamp::from_millisecond(now).unwrap_or_default().to_zoned(zone.clone()).date();
    let month = today.first_of_month();
    let before = month.yesterday().unwrap_or(month);
    let back = |days: i64| today.checked_sub(days.days()).unwrap_or(today);
    let year = today.first_of_year();
    vec![
        ("Last 7 days", (back(6), today)),
        ("Last 30 days", (back(29), today)),
        ("This month", (month, today)),
        ("Last month", (before.first_of_month(), before)),
        ("This year", (year, today)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_counts_to_its_end() {
        let asked = Asked { from: "2025-06-01".into(), until: "2025-06-30".into(), ..Asked::default() };
        let params = asked.params();
        assert_eq!((params.from.as_deref(), params.to.as_deref()), (Some("2025-06-01"), Some("2025-07-01")));
        let odd = Asked { until: "soon".into(), ..asked };
        assert_eq!(odd.params().to.as_deref(), Some("soon"));
    }

    #[test]
    fn periods_are_days_of_the_viewers_calendar() {
        // 31 May 2025, 23:30 UTC is 1 June in London and 31 May in New York.
        let at = 1_748_734_200_000;
        let last_month = |zone: &str| {
            let zone = TimeZone::get(zone).expect("a zone");
            let found = periods(at, &zone).into_iter().find(|(name, _)| *name == "Last month");
            found.map(|(_, (from, until))| format!("{from} {until}")).unwrap_or_default()
        };
        assert_eq!(last_month("Europe/London"), "2025-05-01 2025-05-31");
        assert_eq!(last_month("America/New_York"), "2025-04-01 2025-04-30");
    }
}
