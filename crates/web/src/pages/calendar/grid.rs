//! Days as columns of half hours.

use jiff::Timestamp;
use jiff::civil::Date;
use mainstay_desk::schedule::{Band, Entry};
use mainstay_markup::html;
use mainstay_processes::registers::WindowKind;
use mainstay_words::{dated, t};
use maud::Markup;

use super::Calendar;
use crate::components::{clock, icon_small};

/// Half hours of a day.
const SLOTS: i64 = 48;
/// Records that begin beside each other are told apart by so many places.
const LANES: usize = 4;

/// The hours down, the days across.
pub fn grid(calendar: &Calendar, days: &[Date]) -> Markup {
    html! {
        div.cal-grid.cal-one[days.len() == 1] tabindex="0" role="group" aria-label=(t("Days by hour")) {
            div.cal-hours aria-hidden="true" {
                @for hour in 1..24 { span { (format!("{hour:02}:00")) } }
            }
            @for day in days { (column(calendar, *day)) }
        }
    }
}

fn column(calendar: &Calendar, day: Date) -> Markup {
    let (from, until) = calendar.of_day(day);
    let midday = day.at(12, 0, 0, 0).to_zoned(calendar.zone.clone());
    let words = |format: &str| midday.as_ref().map(|at| dated(at, format)).unwrap_or_default();
    let bands: Vec<&Band> =
        calendar.agenda.bands.iter().filter(|band| band.from < until && band.until > from).collect();
    let entries: Vec<&Entry> = calendar
        .agenda
        .entries
        .iter()
        .filter(|entry| entry.planned.start < until && entry.planned.end > from)
        .collect();
    html! {
        section.cal-day.cal-today[day == calendar.today] data-day=(from) aria-label=(words("%a %-d %b %Y")) {
            h3.cal-date { span { (words("%a")) } " " b { (words("%-d")) } }
            div.cal-all { @for band in &bands { (named(band)) } }
            div.cal-slots {
                @for band in &bands {
                    @let (at, slots) = place(calendar, (band.from, band.until), (from, until));
                    div class={ "cal-band " (shade(band)) " cal-at-" (at) " cal-for-" (slots) } aria-hidden="true" {}
                }
                @for (index, entry) in entries.iter().enumerate() {
                    (event(calendar, entry, (from, until), lane(&entries[..index], entry)))
                }
                @if (from..until).contains(&calendar.now) {
                    div class={ "cal-now cal-at-" (slot(calendar, calendar.now)) } aria-hidden="true" {}
                }
            }
        }
    }
}

fn shade(band: &Band) -> &'static str {
    if band.window.kind == WindowKind::Freeze { "cal-freeze" } else { "cal-maintenance" }
}

/// A freeze or a window in words.
pub fn named(band: &Band) -> Markup {
    let freeze = band.window.kind == WindowKind::Freeze;
    let kind = if freeze { "Freeze" } else { "Maintenance window" };
    html! {
        span.cal-name.(shade(band)) title=(band.window.name) {
            (icon_small(if freeze { "ban" } else { "wrench" }))
            span.sr { (t(kind)) ": " }
            bdi { (band.window.name) }
        }
    }
}

/// How many that begin before it run beside it.
fn lane(before: &[&Entry], entry: &Entry) -> usize {
    before.iter().filter(|other| other.planned.meets(&entry.planned)).count().min(LANES - 1)
}

/// The half hour of the day on the wall, from 0.
fn slot(calendar: &Calendar, at: i64) -> i64 {
    let wall = Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(calendar.zone.clone());
    i64::from(wall.hour()) * 2 + i64::from(wall.minute() / 30)
}

/// Where a stretch stands in a day: its first half hour and how many there are.
fn place(calendar: &Calendar, (start, end): (i64, i64), (from, until): (i64, i64)) -> (i64, i64) {
    let at = if start <= from { 0 } else { slot(calendar, start) };
    let last = if end >= until { SLOTS - 1 } else { slot(calendar, end - 1) };
    (at, (last - at + 1).clamp(1, SLOTS - at))
}

fn event(calendar: &Calendar, entry: &Entry, day: (i64, i64), lane: usize) -> Markup {
    let planned = &entry.planned;
    let (at, slots) = place(calendar, (planned.start, planned.end), day);
    let class = format!("cal-event {} cal-at-{at} cal-for-{slots} cal-lane-{lane}", Calendar::class(entry));
    let open = calendar.asked.open.as_deref() == Some(planned.number());
    let movable = Calendar::is_movable(entry);
    html! {
        a class=(class) href=(calendar.opens(entry)) aria-current=[open.then_some("true")] draggable=[movable.then_some("true")]
            data-move=[movable.then(|| format!("/{}/{}/move", calendar.process.plural, planned.number()))]
            data-version=(planned.record.version) data-start=(planned.start) title=(planned.title()) {
            span.cal-title {
                @if entry.open_conflicts() > 0 { (icon_small("triangle-alert")) span.sr { (t("Conflict")) ": " } }
                bdi { (planned.title()) }
            }
            span.cal-number { bdi { (planned.number()) } }
            span.sr {
                ", " (calendar.kind(entry)) ", " (clock(planned.start, &calendar.zone)) " – " (clock(planned.end, &calendar.zone))
            }
        }
    }
}
