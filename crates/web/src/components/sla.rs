//! Service-level targets: how much time is left, in words, with an icon, with a colour.

use jiff::tz::TimeZone;
use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use super::{Text, clock, icon, short_duration};

/// Where a target stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlaState {
    /// The clock runs, and is due in this many milliseconds on the wall; zero or less once breached.
    Running(i64),
    /// The clock stands still.
    Paused,
    /// Kept, after this many milliseconds where they are known.
    Met(Option<i64>),
    /// Done too late, by this many milliseconds.
    Missed(i64),
}

/// How near a running target is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Urgency {
    /// Plenty of time.
    #[default]
    Calm,
    /// Act soon.
    Soon,
    /// Act now.
    Now,
}

/// One target of a record.
#[derive(Clone, Debug)]
pub struct Sla<'a> {
    /// What the target is for, as "Resolution".
    pub name: Text<'a>,
    /// Where it stands.
    pub state: SlaState,
    /// How near it is.
    pub urgency: Urgency,
    /// When it is due, where the clock runs.
    pub due: Option<i64>,
    /// How much of the time is used, in percent; draws the meter.
    pub used: Option<u8>,
    /// What else is to be said of it, under its line in the card.
    pub beneath: Markup,
}

impl Sla<'_> {
    /// The words of the chip: `38m`, `Breached 12m`, `Paused`, `Met`, `Missed by 2h`.
    #[must_use]
    pub fn words(&self) -> String {
        match self.state {
            SlaState::Running(left) if left > 0 => short_duration(left),
            SlaState::Running(left) => tf("Breached {time}", &[("time", &short_duration(left))]),
            SlaState::Paused => t("Paused").to_owned(),
            SlaState::Met(_) => t("Met").to_owned(),
            SlaState::Missed(by) => tf("Missed by {time}", &[("time", &short_duration(by))]),
        }
    }

    fn icon(&self) -> Markup {
        match self.state {
            SlaState::Running(left) if left > 0 => icon("clock"),
            SlaState::Running(_) | SlaState::Missed(_) => icon("circle-alert"),
            SlaState::Paused => icon("pause"),
            SlaState::Met(_) => icon("check"),
        }
    }

    /// The suffix of the colour classes.
    fn colour(&self) -> &'static str {
        match (self.state, self.urgency) {
            (SlaState::Running(..=0) | SlaState::Missed(_), _) | (SlaState::Running(_), Urgency::Now) => "red",
            (SlaState::Running(_), Urgency::Soon) => "amber",
            (SlaState::Running(_), Urgency::Calm) => "plain",
            (SlaState::Paused, _) => "violet",
            (SlaState::Met(_), _) => "green",
        }
    }
}

/// The chip of a row or a card; it counts down by itself. `now` is the present instant.
#[must_use]
pub fn sla_chip(sla: &Sla, now: i64) -> Markup {
    ticking(
        sla,
        now,
        &html! {
            span.sla.{ "ink-" (sla.colour()) } {
                (sla.icon())
                span.sr { (t(&sla.name)) ": " }
                span data-left { (sla.words()) }
            }
        },
    )
}

/// The chip of a record's head: "38m to resolve", with what `purpose` says behind the time.
#[must_use]
pub fn sla_pill(sla: &Sla, purpose: &str, now: i64) -> Markup {
    let tone = sla.colour();
    let running = matches!(sla.state, SlaState::Running(1..));
    ticking(
        sla,
        now,
        &html! {
            span.pill.{ "tone-" (tone) } {
                (sla.icon())
                span.digits { span data-left { (sla.words()) } @if running { " " (purpose) } }
            }
        },
    )
}

fn ticking(sla: &Sla, now: i64, chip: &Markup) -> Markup {
    let SlaState::Running(left) = sla.state else {
        return html! { (chip) };
    };
    html! { sla-clock left=(left) as-of=(now) breached=(t("Breached {time}")) { (chip) } }
}

/// All targets of a record, with the hour at which each is due in the viewer's zone.
#[must_use]
pub fn sla_card(targets: &[Sla], zone: &TimeZone, now: i64) -> Markup {
    html! {
        section.card aria-labelledby="service-levels" {
            h2 #service-levels .card-title { "Service levels" }
            @if targets.is_empty() { p.quiet { "No target applies." } }
            @for sla in targets { (row(sla, zone, now)) }
        }
    }
}

fn row(sla: &Sla, zone: &TimeZone, now: i64) -> Markup {
    html! {
        div.sla-row {
            span {
                (t(&sla.name))
                @if let Some(due) = sla.due { " " span.quiet.digits title=(super::absolute(due, zone)) { (tf("by {time}", &[("time", &due_words(due, zone, now))])) } }
            }
            @match sla.state {
                SlaState::Met(Some(took)) => { span.sla.ink-green { (sla.icon()) (tf("Met in {time}", &[("time", &short_duration(took))])) } }
                _ => (sla_chip(sla, now)),
            }
            @if let Some(used) = sla.used { (meter(used, sla.colour())) }
            (sla.beneath)
        }
    }
}

/// The clock alone when it is due within the day.
fn due_words(due: i64, zone: &TimeZone, now: i64) -> String {
    if super::is_today(due, zone, now) { clock(due, zone) } else { super::calendar_words(due, zone, now) }
}

/// A bar of 0 to 100 percent, `red`, `amber`, `green`, `violet` or `plain`.
#[must_use]
pub fn meter(percent: u8, colour: &str) -> Markup {
    html! {
        svg.meter viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" {
            rect.track width="100" height="4" {}
            rect.level.{ "level-" (colour) } width=(percent.min(100)) height="4" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sla(state: SlaState, urgency: Urgency) -> Sla<'static> {
        Sla { name: "Resolution".into(), state, urgency, due: None, used: None, beneath: Markup::default() }
    }

    fn running(left: i64) -> SlaState {
        SlaState::Running(left)
    }

    #[test]
    fn every_state_has_its_own_words_icon_and_colour() {
        for (state, words, icon, colour) in [
            (running(38 * 60_000), "38m", "#clock", "ink-plain"),
            (running(-12 * 60_000), "Breached 12m", "#circle-alert", "ink-red"),
            (SlaState::Paused, "Paused", "#pause", "ink-violet"),
            (SlaState::Met(None), "Met", "#check", "ink-green"),
            (SlaState::Missed(7_200_000), "Missed by 2h", "#circle-alert", "ink-red"),
        ] {
            let text = sla_chip(&sla(state, Urgency::Calm), 0).into_string();
            assert!(
                text.contains(&format!(">{words}</span>")) && text.contains(icon) && text.contains(colour),
                "{text}"
            );
        }
    }

    #[test]
    fn a_clock_at_zero_is_breached() {
        assert_eq!(sla(running(0), Urgency::Calm).words(), "Breached <1m");
        assert_eq!(sla(running(1), Urgency::Calm).words(), "<1m");
    }

    #[test]
    fn only_a_running_clock_ticks() {
        let open = SlaState::Running(60_000);
        let text = sla_chip(&sla(open, Urgency::Soon), 7).into_string();
        assert!(text.starts_with(r#"<sla-clock left="60000" as-of="7" breached="Breached {time}">"#), "{text}");
        assert!(!sla_chip(&sla(SlaState::Paused, Urgency::Calm), 7).into_string().contains("sla-clock"));
    }

    #[test]
    fn the_card_names_the_hour_it_is_due() {
        let mut target = sla(running(38 * 60_000), Urgency::Soon);
        target.due = Some(1_795_169_940_000); // 20 November 2026, 10:19 UTC
        target.used = Some(74);
        let text = sla_card(&[target], &TimeZone::UTC, 1_795_167_660_000).into_string();
        assert!(text.contains("by 10:19") && text.contains("title=\"20 Nov 2026, 10:19 UTC\""), "{text}");
        assert!(text.contains(r#"class="level level-amber" width="74""#), "{text}");
    }
}
