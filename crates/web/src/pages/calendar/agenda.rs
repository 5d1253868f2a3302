//! What is planned day by day, as lists: the whole calendar without a picture, and on a phone.

use jiff::civil::Date;
use mainstay_desk::schedule::{Band, Entry};
use mainstay_markup::html;
use mainstay_words::{dated, t, tn};
use maud::Markup;

use super::{Calendar, grid};
use crate::components::{Nothing, Tone, clock, icon, nothing, pill};
use crate::pages::record::conflicts::span_words;

/// Each day on which anything is planned or kept free; `alone` when it is all that is shown.
pub fn agenda(calendar: &Calendar, days: &[Date], alone: bool) -> Markup {
    let empty = calendar.agenda.entries.is_empty() && calendar.agenda.bands.is_empty();
    html! {
        div.cal-agenda.cal-alone[alone] {
            @if empty {
                (nothing(Nothing::Yet, "Nothing is planned", "No record has a planned time in these days.", &html! {}, None))
            }
            @for day in days { (of_day(calendar, *day)) }
        }
    }
}

fn of_day(calendar: &Calendar, day: Date) -> Markup {
    let (from, until) = calendar.of_day(day);
    // What goes on for days is told where it begins, and on the first day that is shown.
    let first = calendar.days().first() == Some(&day);
    let begins = |start: i64, end: i64| (from..until).contains(&start) || first && start < from && end > from;
    let entries: Vec<&Entry> =
        calendar.agenda.entries.iter().filter(|entry| begins(entry.planned.start, entry.planned.end)).collect();
    let bands: Vec<&Band> = calendar.agenda.bands.iter().filter(|band| begins(band.from, band.until)).collect();
    if entries.is_empty() && bands.is_empty() {
        return Markup::default();
    }
    let conflicts = entries.iter().filter(|entry| entry.open_conflicts() > 0).count();
    let words =
        day.at(12, 0, 0, 0).to_zoned(calendar.zone.clone()).map(|at| dated(&at, "%a %-d %b")).unwrap_or_default();
    html! {
        section {
            div.line.wrap {
                h3 { (words) @if day == calendar.today { " · " (t("today")) } }
                span.grow {}
                @if conflicts > 0 { (pill(Tone::Red, &tn(conflicts, "{n} with a conflict", "{n} with conflicts"))) }
            }
            @for band in bands {
                p.line { (grid::named(band)) span.quiet { (span_words((band.from, band.until), &calendar.zone, calendar.now)) } }
            }
            @if !entries.is_empty() { ul.card.cal-list { @for entry in entries { li { (line(calendar, entry)) } } } }
        }
    }
}

fn line(calendar: &Calendar, entry: &Entry) -> Markup {
    let planned = &entry.planned;
    let service = planned.services.first().and_then(|id| calendar.agenda.names.get(id));
    html! {
        a.cal-item href=(calendar.opens(entry)) aria-current=[(calendar.asked.open.as_deref() == Some(planned.number())).then_some("true")] {
            span.cal-times.digits { b { (clock(planned.start, &calendar.zone)) } span { (clock(planned.end, &calendar.zone)) } }
            span class={ "cal-mark " (Calendar::class(entry)) } aria-hidden="true" {}
            span.grow {
                b dir="auto" { (planned.title()) }
                span.quiet.cal-about {
                    bdi { (planned.number()) } " · " (calendar.kind(entry))
                    @if let Some(service) = service { " · " bdi { (service) } }
                    " · " (t(planned.record.state.label))
                }
            }
            @if entry.open_conflicts() > 0 { span.cal-warn { (icon("triangle-alert")) span.sr { (t("Conflict")) } } }
        }
    }
}
