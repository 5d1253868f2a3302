//! A calendar as it is written down, and the check that makes it one to count with.

use super::{Calendar, DAY, Span, zone};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
/// The days since 1970-01-01 of -9999-01-01 and 9999-12-31, the dates that can be written.
const DATES: std::ops::RangeInclusive<i64> = -4_371_587..=2_932_896;

/// A calendar before it is checked: a zone, and rows as a person fills them in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    zone: String,
    #[serde(default)]
    hours: Vec<Hours>,
    #[serde(default)]
    holidays: Vec<Holiday>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Hours {
    day: String,
    from: String,
    to: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Holiday {
    #[serde(with = "iso_date")]
    date: i64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Exception {
    #[serde(with = "iso_date")]
    date: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
}

/// What is wrong with a draft: the field, a code for machines, a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `zone`, `hours`, `holidays` or `exceptions`.
    pub field: &'static str,
    pub code: &'static str,
    pub says: String,
}

impl Draft {
    /// A draft without any hours, in the zone of this IANA name.
    #[must_use]
    pub fn new(zone: &str) -> Self {
        Self { zone: zone.to_owned(), ..Self::default() }
    }

    /// Adds hours to a weekday, 0 being Monday; times as `09:00`, the end may be `24:00`.
    pub fn weekly(&mut self, weekday: usize, from: &str, to: &str) {
        let day = WEEKDAYS.get(weekday).copied().unwrap_or_default().to_owned();
        self.hours.push(Hours { day, from: from.to_owned(), to: to.to_owned() });
    }

    /// Closes a date, given in days since 1970-01-01.
    pub fn holiday(&mut self, date: i64, name: &str) {
        self.holidays.push(Holiday { date, name: name.to_owned() });
    }

    /// Gives a date hours of its own, whatever its weekday and holiday say; several rows make
    /// several spans, a row without times closes the date. Days since 1970-01-01.
    pub fn exception(&mut self, date: i64, from: Option<&str>, to: Option<&str>) {
        self.exceptions.push(Exception { date, from: from.map(str::to_owned), to: to.map(str::to_owned) });
    }

    /// Checks the draft and makes the calendar.
    ///
    /// # Errors
    /// Every fault at once: a zone that does not exist, times that cannot be read, spans that
    /// overlap or end before they begin, a date that is open and closed, no service time at all.
    pub fn finish(self) -> Result<Calendar, Vec<Fault>> {
        let mut faults = Vec::new();
        let zone = zone::find(&self.zone);
        if zone.is_none() {
            let says = format!("There is no time zone called {}; Europe/London is one.", self.zone);
            faults.push(Fault { field: "zone", code: "unknown_zone", says });
        }
        let week = self.week(&mut faults);
        let special = self.special(&mut faults);
        let empty = week.iter().all(Vec::is_empty) && special.values().all(Vec::is_empty);
        if empty && faults.is_empty() {
            faults.push(fault("hours", "no_service_time", "A calendar needs hours in which service time counts."));
        }
        match zone {
            Some(zone) if faults.is_empty() => Ok(Calendar { draft: self, zone, week, special }),
            _ => Err(faults),
        }
    }

    fn week(&self, faults: &mut Vec<Fault>) -> [Vec<Span>; 7] {
        let mut week: [Vec<Span>; 7] = Default::default();
        for row in &self.hours {
            match WEEKDAYS.iter().position(|name| *name == row.day) {
                Some(day) => week[day].extend(read_span("hours", &row.from, &row.to, faults)),
                None => faults.push(fault("hours", "unknown_day", format!("There is no weekday called {}.", row.day))),
            }
        }
        for (spans, name) in week.iter_mut().zip(WEEKDAYS) {
            refuse_overlap("hours", name, spans, faults);
        }
        week
    }

    fn special(&self, faults: &mut Vec<Fault>) -> BTreeMap<i64, Vec<Span>> {
        let mut special = BTreeMap::new();
        for row in &self.exceptions {
            check_date("exceptions", row.date, faults);
            let spans: &mut Vec<Span> = special.entry(row.date).or_default();
            if row.from.is_some() || row.to.is_some() {
                let text = |time: &Option<String>| time.clone().unwrap_or_default();
                spans.extend(read_span("exceptions", &text(&row.from), &text(&row.to), faults));
            } else if self.exceptions.iter().filter(|other| other.date == row.date).count() > 1 {
                let says = format!("{} is both closed and listed again.", iso_date::text(row.date));
                faults.push(fault("exceptions", "open_and_closed", says));
            }
        }
        for (day, spans) in &mut special {
            refuse_overlap("exceptions", &iso_date::text(*day), spans, faults);
        }
        for row in &self.holidays {
            check_date("holidays", row.date, faults);
            special.entry(row.date).or_default();
        }
        special
    }
}

impl TryFrom<Draft> for Calendar {
    type Error = String;

    fn try_from(draft: Draft) -> Result<Self, String> {
        draft.finish().map_err(|faults| faults.into_iter().map(|fault| fault.says).collect::<Vec<_>>().join(" "))
    }
}

impl From<Calendar> for Draft {
    fn from(calendar: Calendar) -> Self {
        calendar.draft
    }
}

fn fault(field: &'static str, code: &'static str, says: impl Into<String>) -> Fault {
    Fault { field, code, says: says.into() }
}

fn check_date(field: &'static str, day: i64, faults: &mut Vec<Fault>) {
    if !DATES.contains(&day) {
        faults.push(fault(field, "not_a_date", format!("Day {day} is beyond the dates that can be written.")));
    }
}

fn read_span(field: &'static str, from: &str, to: &str, faults: &mut Vec<Fault>) -> Option<Span> {
    let mut read = |text: &str| {
        let time = time_of_day(text);
        if time.is_none() {
            faults.push(fault(field, "not_a_time", format!("“{text}” is not a time such as 09:00.")));
        }
        time
    };
    let (start, end) = (read(from), read(to));
    let span = Span { from: start?, to: end? };
    if span.from < span.to {
        return Some(span);
    }
    faults.push(fault(field, "empty_span", format!("{from} to {to} holds no time; the end must come later.")));
    None
}

/// Milliseconds since midnight of a time written as `09:00`; `24:00` is the end of a date.
fn time_of_day(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |part: &str| {
        let digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse::<i64>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let time = (hours * 60 + minutes) * 60_000;
    (minutes < 60 && time <= DAY).then_some(time)
}

fn refuse_overlap(field: &'static str, whose: &str, spans: &mut [Span], faults: &mut Vec<Fault>) {
    spans.sort_unstable();
    if spans.windows(2).any(|pair| pair[1].from < pair[0].to) {
        faults.push(fault(field, "overlap", format!("Two spans of {whose} overlap.")));
    }
}

/// Dates in JSON as 2025-12-24, in memory as days since 1970-01-01.
mod iso_date {
    use jiff::civil::{Date, date};
    use jiff::{Span, Unit};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    const EPOCH: Date = date(1970, 1, 1);

    pub fn text(day: i64) -> String {
        let date = Span::new().try_days(day).ok().and_then(|days| EPOCH.checked_add(days).ok());
        date.map_or_else(|| format!("day {day}"), |date| date.to_string())
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over by reference")]
    pub fn serialize<S: Serializer>(day: &i64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&text(*day))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
        let text = String::deserialize(deserializer)?;
        let date: Date =
            text.parse().map_err(|_| D::Error::custom(format!("“{text}” is not a date such as 2025-12-24")))?;
        let days = EPOCH.until((Unit::Day, date)).map_err(D::Error::custom)?;
        Ok(i64::from(days.get_days()))
    }
}
