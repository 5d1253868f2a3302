//! What of a record, or of the items that it names, has a last day that is near or past.

use mainstay_desk::records::Lapsing;
use mainstay_engine::value::day_to_date;
use mainstay_markup::html;
use mainstay_words::{dated, t, tf, tn};
use maud::Markup;

use super::sheet::Sheet;
use crate::components::{Banner, Tone, Weight, banner, button_link, icon_small, pill};

/// As many as are told one by one above a record.
const FEW: usize = 3;

/// When it ends or has ended, in a sentence.
fn says(each: &Lapsing) -> String {
    let date = day_to_date(each.day).map(|day| dated(day, "%-d %b %Y")).unwrap_or_default();
    tf(if each.over { each.lapse.over } else { each.lapse.ends }, &[("date", &date)])
}

/// Above the record.
pub fn above(sheet: &Sheet) -> Markup {
    let all = &sheet.lapses;
    html! {
        @for each in all.iter().take(FEW) { (one(sheet, each)) }
        @if let Some(more @ 1..) = all.len().checked_sub(FEW) {
            p.quiet.notice-more { (tn(more, "{n} more last day is near or past.", "{n} more last days are near or past.")) }
        }
    }
}

fn one(sheet: &Sheet, each: &Lapsing) -> Markup {
    let weight = if each.over { Weight::Warning } else { Weight::Info };
    let own = each.number == sheet.number();
    let named = format!("{} {}", each.number, each.title);
    let way = || button_link(&format!("/{}/{}", each.process.plural, each.number), t("Look at it"), None, false);
    let (title, text, action) = if own { (says(each), String::new(), None) } else { (named, says(each), Some(way())) };
    banner(&Banner { weight, title: title.into(), text: text.into(), action, slim: true })
}

/// In a form, beneath the items that it names.
pub fn beneath(all: &[Lapsing]) -> Markup {
    html! {
        @if !all.is_empty() {
            div.card.carried role="group" aria-labelledby="lapses-title" {
                h3 #lapses-title .card-title { "Warranty and support" }
                @for each in all {
                    div.line.wrap {
                        (icon_small("calendar-clock"))
                        bdi.strong { (each.number) }
                        span.grow dir="auto" { (says(each)) }
                        @if each.over { (pill(Tone::Amber, "Over")) } @else { (pill(Tone::Blue, "Soon")) }
                    }
                }
            }
        }
    }
}
