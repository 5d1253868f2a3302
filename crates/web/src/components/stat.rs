//! A number that matters, and where it comes from.

use mainstay_markup::html;
use mainstay_words::t;
use maud::Markup;

use super::{Text, icon_small};
use crate::chart::sparkline;

/// Whether a number got better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trend {
    /// Went up, which is good.
    UpGood,
    /// Went up, which is bad.
    UpBad,
    /// Went down, which is good.
    DownGood,
    /// Went down, which is bad.
    DownBad,
    /// Stayed.
    Level,
}

/// A number that matters.
#[derive(Clone, Debug, Default)]
pub struct Stat<'a> {
    /// What is counted.
    pub name: Text<'a>,
    /// The number as shown.
    pub value: Text<'a>,
    /// How it changed, and in words since when.
    pub trend: Option<(Trend, Text<'a>)>,
    /// The values behind it, oldest first.
    pub history: Vec<f64>,
    /// The records behind it.
    pub href: Option<Text<'a>>,
}

/// Tiles side by side.
#[must_use]
pub fn stats(tiles: &[Stat]) -> Markup {
    html! { div.stats { @for each in tiles { (stat_tile(each)) } } }
}

/// A number with its name, its trend and its history; the whole tile leads to the records.
#[must_use]
pub fn stat_tile(stat: &Stat) -> Markup {
    let inner = html! {
        span.stat-name { (t(&stat.name)) }
        span.stat-value { (stat.value) }
        @if let Some((trend, words)) = &stat.trend { (trend_line(*trend, words)) }
        @if stat.history.len() > 1 { (sparkline(&stat.history)) }
    };
    html! {
        @match &stat.href {
            Some(href) => { a.stat href=(href) { (inner) } }
            None => { div.stat { (inner) } }
        }
    }
}

fn trend_line(trend: Trend, words: &str) -> Markup {
    let (class, arrow, said) = match trend {
        Trend::UpGood => ("ink-green", "arrow-up", "up, better"),
        Trend::UpBad => ("ink-red", "arrow-up", "up, worse"),
        Trend::DownGood => ("ink-green", "arrow-down", "down, better"),
        Trend::DownBad => ("ink-red", "arrow-down", "down, worse"),
        Trend::Level => ("quiet", "minus", "unchanged"),
    };
    html! { span.stat-trend { span.(class) { (icon_small(arrow)) } span.sr { (t(said)) ": " } (words) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trend_is_said_in_words_too() {
        let stat = Stat {
            name: "Backlog".into(),
            value: "64".into(),
            trend: Some((Trend::DownGood, "12 since Monday".into())),
            ..Stat::default()
        };
        let text = stat_tile(&stat).into_string();
        assert!(text.contains("down, better: ") && text.contains("#arrow-down"), "{text}");
        assert!(text.starts_with("<div") && !text.contains("<svg class=\"spark"));
    }
}
