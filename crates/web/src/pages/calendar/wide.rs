//! Many days at once: a month as weeks, and records along a line of days.

use jiff::civil::Date;
use mainstay_desk::schedule::{Band, Entry};
use mainstay_markup::html;
use mainstay_words::{dated, t, tn};
use maud::Markup;

use super::asked::{Asked, Show};
use super::{Calendar, grid, local};
use crate::components::{clock, icon_small};
use crate::pages::record::conflicts::span_words;

/// Records of one day that a month shows.
const MOST: usize = 4;

fn words(calendar: &Calendar, day: Date, format: &str) -> String {
    day.at(12, 0, 0, 0).to_zoned(calendar.zone.clone()).map(|at| dated(&at, format)).unwrap_or_default()
}

fn bands_of(calendar: &Calendar, day: Date) -> impl Iterator<Item = &Band> {
    let (from, until) = calendar.of_day(day);
    calendar.agenda.bands.iter().filter(move |band| band.from < until && band.until > from)
}

fn entries_of(calendar: &Calendar, day: Date) -> Vec<&Entry> {
    let (from, until) = calendar.of_day(day);
    let meets = |entry: &&Entry| entry.planned.start < until && entry.planned.end > from;
    calendar.agenda.entries.iter().filter(meets).collect()
}

/// Weeks as rows.
pub fn month(calendar: &Calendar, days: &[Date]) -> Markup {
    let month = calendar.asked.day.unwrap_or(calendar.today).month();
    html! {
        div.cal-month tabindex="0" role="group" aria-label=(t("Days by week")) {
            @for day in days {
                @let entries = entries_of(calendar, *day);
                section.cal-cell.cal-today[*day == calendar.today].cal-beside[day.month() != month] aria-label=(words(calendar, *day, "%a %-d %b %Y")) {
                    h3.cal-date { span { (words(calendar, *day, "%a")) } " " b { (words(calendar, *day, "%-d")) } }
                    @for band in bands_of(calendar, *day) { (grid::named(band)) }
                    ul {
                        @for entry in entries.iter().take(MOST) { li { (line(calendar, entry)) } }
                    }
                    @if entries.len() > MOST {
                        @let whole = Asked { show: Show::Day, day: Some(*day), open: None, ..calendar.asked.clone() };
                        a.link href=(calendar.place(&whole)) { (tn(entries.len() - MOST, "{n} more", "{n} more")) }
                    }
                }
            }
        }
    }
}

fn line(calendar: &Calendar, entry: &Entry) -> Markup {
    html! {
        a.cal-line.(Calendar::class(entry)) href=(calendar.opens(entry)) title=(entry.planned.title()) {
            @if entry.open_conflicts() > 0 { (icon_small("triangle-alert")) span.sr { (t("Conflict")) ": " } }
            span.digits { (clock(entry.planned.start, &calendar.zone)) } " "
            bdi { (entry.planned.title()) }
        }
    }
}

/// A record on each line, along the days.
pub fn timeline(calendar: &Calendar, days: &[Date]) -> Markup {
    let Some((first, last)) = days.first().zip(days.last()) else { return Markup::default() };
    let place = |start: i64, end: i64| {
        let at = |date: Date| date.since(*first).map_or(0, |span| span.get_days());
        let from = at(local(start, &calendar.zone).max(*first));
        let until = at(local(end - 1, &calendar.zone).min(*last));
        format!("cal-from-{from} cal-days-{}", (until - from + 1).max(1))
    };
    html! {
        div.cal-timeline tabindex="0" role="group" aria-label=(t("Records along the days")) {
            div.cal-scale aria-hidden="true" {
                @for day in days { span { small { (words(calendar, *day, "%a")) } b.cal-today[*day == calendar.today] { (words(calendar, *day, "%-d")) } } }
            }
            @for band in &calendar.agenda.bands {
                div.cal-row { span class={ "cal-length " (place(band.from, band.until)) } { (grid::named(band)) } }
            }
            @for entry in &calendar.agenda.entries {
                @let planned = &entry.planned;
                div.cal-row {
                    a class={ "cal-length cal-line " (Calendar::class(entry)) " " (place(planned.start, planned.end)) } href=(calendar.opens(entry))
                        title=(span_words((planned.start, planned.end), &calendar.zone, calendar.now)) {
                        @if entry.open_conflicts() > 0 { (icon_small("triangle-alert")) span.sr { (t("Conflict")) ": " } }
                        bdi { (planned.number()) } " " bdi { (planned.title()) }
                    }
                }
            }
        }
    }
}
