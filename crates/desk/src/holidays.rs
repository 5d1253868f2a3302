//! Holidays from a calendar file (RFC 5545), as authorities and countries publish them: whole days, and rules that bring
//! a day back every year.

use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::registers::{self, EntryDraft};
use icalendar::parser::{Component, read_calendar, unfold};
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::register::Entry;
use mainstay_engine::value::{Value, day_to_date};
use mainstay_processes::registers::CALENDARS;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// Largest file in bytes.
pub const LARGEST: usize = 2 * 1024 * 1024;
/// Most years at once.
const MOST_YEARS: i16 = 10;
/// Most days of one holiday.
const MOST_DAYS: i32 = 31;
/// Longest name in characters.
const LONGEST: usize = 100;

/// What is in a file, for the years asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// By date.
    pub holidays: BTreeMap<Date, String>,
    /// What was left out, and why.
    pub left_out: Vec<(String, &'static str)>,
}

/// What an import brings to a calendar.
#[derive(Clone, Debug)]
pub struct Plan {
    pub calendar: Entry,
    /// New to the calendar.
    pub fresh: BTreeMap<Date, String>,
    /// There already.
    pub known: usize,
    pub left_out: Vec<(String, &'static str)>,
}

fn refused(code: &str, says: &str) -> Refusal {
    let error = FieldError::new("file", code, says);
    Refusal { errors: vec![error], ..Refusal::invalid(code, says) }
}

/// Reads the holidays of some years from the text of a file.
///
/// # Errors
/// `not_a_calendar`, `too_large`, `years`: each on the field `file`.
pub fn read(text: &str, (first, last): (i16, i16)) -> std::result::Result<Found, Refusal> {
    if text.len() > LARGEST {
        return Err(refused("too_large", "The file is larger than 2 MB."));
    }
    if first > last || last - first >= MOST_YEARS || !(1970..=9000).contains(&first) {
        return Err(refused("years", "Choose at most ten years, the first one first."));
    }
    let unfolded = unfold(text);
    let calendar = read_calendar(&unfolded)
        .map_err(|_| refused("not_a_calendar", "This is no calendar file. Choose one that ends in .ics."))?;
    let mut found = Found::default();
    for event in calendar.components.iter().filter(|each| each.name.as_str() == "VEVENT") {
        let name = name_of(event);
        match days_of(event, first, last) {
            Ok(days) => days.into_iter().for_each(|day| {
                found.holidays.entry(day).or_insert_with(|| name.clone());
            }),
            Err(why) => found.left_out.push((name, why)),
        }
    }
    Ok(found)
}

fn text<'a>(event: &'a Component<'_>, key: &str) -> Option<&'a str> {
    event.find_prop(key).map(|property| property.val.as_str().trim()).filter(|value| !value.is_empty())
}

fn name_of(event: &Component<'_>) -> String {
    let raw = text(event, "SUMMARY").unwrap_or("Holiday");
    let plain =
        raw.replace("\\n", " ").replace("\\N", " ").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\");
    plain.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

/// A day as `20251225`, with whatever time stands behind it.
fn date(text: &str) -> Option<Date> {
    let digits = text.get(..8).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
    Date::new(digits[..4].parse().ok()?, digits[4..6].parse().ok()?, digits[6..].parse().ok()?).ok()
}

/// The days of an event in the years asked for.
fn days_of(event: &Component<'_>, first: i16, last: i16) -> std::result::Result<Vec<Date>, &'static str> {
    if text(event, "STATUS").is_some_and(|status| status.eq_ignore_ascii_case("CANCELLED")) {
        return Err("it is cancelled");
    }
    let begins = text(event, "DTSTART").ok_or("it has no date")?;
    let start = date(begins).ok_or("its date cannot be read")?;
    if begins.len() > 8 {
        return Err("it is not a whole day");
    }
    // The end is the day after the last one.
    let end = text(event, "DTEND").and_then(date).filter(|end| *end > start);
    let length = end.map_or(1, |end| (end - start).get_days());
    if length > MOST_DAYS {
        return Err("it is longer than a month");
    }
    let starts = match text(event, "RRULE") {
        Some(rule) => Rule::read(rule).ok_or("its rule is not a yearly one")?.dates(start, last),
        None => vec![start],
    };
    let without: Vec<Date> = event
        .properties
        .iter()
        .filter(|property| property.name.as_str() == "EXDATE")
        .flat_map(|property| property.val.as_str().split(',').filter_map(|each| date(each.trim())))
        .collect();
    let days = starts
        .into_iter()
        .filter(|start| !without.contains(start))
        .flat_map(|start| (0..length).filter_map(move |n| start.checked_add(n.days()).ok()))
        .filter(|day| (first..=last).contains(&day.year()));
    Ok(days.collect())
}

/// A rule that brings a day back every year, or every few.
struct Rule {
    interval: i16,
    count: Option<usize>,
    until: Option<Date>,
    months: Vec<i8>,
    /// Days of the month; negative ones count from its end.
    days: Vec<i8>,
    /// The n-th such day of the week of the month; negative ones count from its end.
    weekdays: Vec<(i8, Weekday)>,
}

impl Rule {
    /// None for rules that are not yearly, or that say more than is understood.
    fn read(text: &str) -> Option<Self> {
        let mut rule =
            Self { interval: 1, count: None, until: None, months: Vec::new(), days: Vec::new(), weekdays: Vec::new() };
        let mut yearly = false;
        for part in text.split(';').filter(|part| !part.is_empty()) {
            let (key, value) = part.split_once('=')?;
            match key.to_ascii_uppercase().as_str() {
                "FREQ" => yearly = value.eq_ignore_ascii_case("YEARLY"),
                "INTERVAL" => rule.interval = value.parse().ok().filter(|n| *n > 0)?,
                "COUNT" => rule.count = Some(value.parse().ok()?),
                "UNTIL" => rule.until = Some(date(value)?),
                "BYMONTH" => rule.months = value.split(',').map(|m| m.parse().ok()).collect::<Option<_>>()?,
                "BYMONTHDAY" => rule.days = value.split(',').map(|d| d.parse().ok()).collect::<Option<_>>()?,
                "BYDAY" => rule.weekdays = value.split(',').map(weekday).collect::<Option<_>>()?,
                "WKST" => {}
                _ => return None,
            }
        }
        // The twentieth Monday of a year is no holiday anywhere.
        let clear = rule.weekdays.is_empty() || !rule.months.is_empty() && rule.days.is_empty();
        (yearly && clear).then_some(rule)
    }

    /// The days that it brings until the end of a year.
    fn dates(&self, start: Date, last: i16) -> Vec<Date> {
        let own = [start.month()];
        let months: &[i8] = if self.months.is_empty() { &own } else { &self.months };
        let mut dates = Vec::new();
        let mut year = start.year();
        while year <= last {
            let mut these: Vec<Date> = months.iter().flat_map(|month| self.in_month(year, *month, start)).collect();
            these.sort_unstable();
            dates.extend(these.into_iter().filter(|day| *day >= start));
            year += self.interval;
        }
        dates.retain(|day| self.until.is_none_or(|until| *day <= until));
        dates.truncate(self.count.unwrap_or(usize::MAX));
        dates
    }

    fn in_month(&self, year: i16, month: i8, start: Date) -> Vec<Date> {
        let Ok(begin) = Date::new(year, month, 1) else { return Vec::new() };
        if !self.weekdays.is_empty() {
            let nth = |(n, day): &(i8, Weekday)| begin.nth_weekday_of_month(*n, *day).ok();
            return self.weekdays.iter().filter_map(nth).collect();
        }
        let own = [start.day()];
        let days: &[i8] = if self.days.is_empty() { &own } else { &self.days };
        let day = |n: &i8| {
            let day = if *n < 0 { begin.days_in_month() + 1 + n } else { *n };
            Date::new(year, month, day).ok()
        };
        days.iter().filter_map(day).collect()
    }
}

/// `-1MO`: the last Monday.
fn weekday(text: &str) -> Option<(i8, Weekday)> {
    let text = text.trim();
    let (number, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let day = match day.to_ascii_uppercase().as_str() {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    };
    let number: i8 = number.parse().ok()?;
    (number != 0).then_some((number, day))
}

/// What a file would bring to a calendar. Nothing is written.
///
/// # Errors
/// No right to manage calendars; a file that cannot be read.
pub fn plan(session: &mut Session<'_>, caller: &Caller, calendar: i64, text: &str, years: (i16, i16)) -> Result<Plan> {
    if !caller.rights.may(CALENDARS.key, "manage", None) {
        return Err(Refusal::forbidden("no_right", "You may not change calendars.").into());
    }
    let calendar = registers::get(session.conn, caller, &CALENDARS, calendar)?;
    let found = read(text, years)?;
    let there: Vec<Date> = held(&calendar).into_iter().map(|(date, _)| date).collect();
    let all = found.holidays.len();
    let fresh: BTreeMap<Date, String> = found.holidays.into_iter().filter(|(date, _)| !there.contains(date)).collect();
    Ok(Plan { known: all - fresh.len(), fresh, left_out: found.left_out, calendar })
}

/// The holidays that a calendar has.
fn held(calendar: &Entry) -> Vec<(Date, String)> {
    let row = |row: &Value| {
        let date = row.column("date").as_int().and_then(day_to_date)?;
        Some((date, row.column("name").as_text().unwrap_or_default().to_owned()))
    };
    calendar.value("holidays").as_list().iter().filter_map(row).collect()
}

/// Puts the holidays of a file into a calendar, beside those that it has; answers how many were new.
///
/// # Errors
/// Those of [`plan`]; `nothing_new`; what the register refuses.
pub fn import(
    session: &mut Session<'_>,
    caller: &Caller,
    calendar: i64,
    text: &str,
    years: (i16, i16),
) -> Result<usize> {
    let plan = plan(session, caller, calendar, text, years)?;
    if plan.fresh.is_empty() {
        return Err(refused("nothing_new", "The file brings nothing new in these years.").into());
    }
    let mut all = held(&plan.calendar);
    let fresh = plan.fresh.len();
    all.extend(plan.fresh);
    all.sort();
    let rows: Vec<Json> = all.iter().map(|(date, name)| json!({ "date": date.to_string(), "name": name })).collect();
    let values: Map<String, Json> = [("holidays".to_owned(), Json::from(rows))].into_iter().collect();
    let reason = Some("Holidays of a calendar file".to_owned());
    let draft = EntryDraft { values, reason, ..EntryDraft::default() };
    registers::update(session, caller, &CALENDARS, calendar, plan.calendar.version, &draft)?;
    Ok(fresh)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(events: &str) -> String {
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\n{events}END:VCALENDAR\r\n")
    }

    fn event(lines: &[&str]) -> String {
        format!("BEGIN:VEVENT\r\nUID:{}\r\n{}\r\nEND:VEVENT\r\n", lines.len(), lines.join("\r\n"))
    }

    fn dates(lines: &[&str]) -> Vec<String> {
        let found = read(&file(&event(lines)), (2025, 2028)).expect("a calendar");
        found.holidays.keys().map(Date::to_string).collect()
    }

    #[test]
    fn whole_days_and_stretches_of_them_are_read() {
        assert_eq!(dates(&["DTSTART;VALUE=DATE:20251225", "SUMMARY:Christmas"]), ["2025-12-25"]);
        let two = ["DTSTART;VALUE=DATE:20251225", "DTEND;VALUE=DATE:20251227", "SUMMARY:Christmas"];
        assert_eq!(dates(&two), ["2025-12-25", "2025-12-26"], "the end is the day after");
        assert!(dates(&["DTSTART;VALUE=DATE:20241225", "SUMMARY:Past"]).is_empty());
    }

    #[test]
    fn yearly_rules_bring_their_days_back() {
        let every = ["DTSTART;VALUE=DATE:20200501", "RRULE:FREQ=YEARLY", "SUMMARY:Labour Day"];
        assert_eq!(dates(&every), ["2025-05-01", "2026-05-01", "2027-05-01", "2028-05-01"]);
        let last_monday = ["DTSTART;VALUE=DATE:20200525", "RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO", "SUMMARY:Spring"];
        assert_eq!(dates(&last_monday), ["2025-05-26", "2026-05-25", "2027-05-31", "2028-05-29"]);
        let until = ["DTSTART;VALUE=DATE:20250101", "RRULE:FREQ=YEARLY;INTERVAL=2;UNTIL=20270101", "SUMMARY:Odd"];
        assert_eq!(dates(&until), ["2025-01-01", "2027-01-01"]);
        let leap = ["DTSTART;VALUE=DATE:20240229", "RRULE:FREQ=YEARLY", "SUMMARY:Leap"];
        assert_eq!(dates(&leap), ["2028-02-29"], "a day that a year does not have is left out");
        let but =
            ["DTSTART;VALUE=DATE:20250601", "RRULE:FREQ=YEARLY;COUNT=3", "EXDATE;VALUE=DATE:20260601", "SUMMARY:But"];
        assert_eq!(dates(&but), ["2025-06-01", "2027-06-01"]);
    }

    #[test]
    fn what_is_no_holiday_is_left_out_with_its_reason() {
        let events = [
            event(&["DTSTART:20250601T090000Z", "SUMMARY:Meeting"]),
            event(&["DTSTART;VALUE=DATE:20250601", "RRULE:FREQ=WEEKLY", "SUMMARY:Weekly"]),
            event(&["DTSTART;VALUE=DATE:20250602", "STATUS:CANCELLED", "SUMMARY:Off"]),
            event(&["DTSTART;VALUE=DATE:20250603", "SUMMARY:Folded na", " me\\, with comma"]),
        ];
        let found = read(&file(&events.concat()), (2025, 2025)).expect("a calendar");
        let why: Vec<&str> = found.left_out.iter().map(|(_, why)| *why).collect();
        assert_eq!(why, ["it is not a whole day", "its rule is not a yearly one", "it is cancelled"]);
        assert_eq!(found.holidays.values().collect::<Vec<_>>(), ["Folded name, with comma"]);
        for (text, years) in [("hello", (2025, 2025)), (&*file(""), (2025, 2040)), (&*file(""), (2026, 2025))] {
            assert!(read(text, years).is_err(), "{text} {years:?}");
        }
    }
}
