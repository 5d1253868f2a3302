//! Words about what happened, what holds, and what is not there.

use mainstay_markup::html;
use mainstay_words::{sentence, t, tf};
use maud::Markup;

use super::{Text, Tone, icon, icon_large, icon_small, token_field};

/// What just happened, shown once.
#[derive(Clone, Debug, Default)]
pub struct Toast<'a> {
    /// One sentence.
    pub words: Text<'a>,
    /// Went wrong; read out at once and it stays until dismissed.
    pub failed: bool,
    /// Address and token of a form that takes it back.
    pub undo: Option<(Text<'a>, Text<'a>)>,
}

/// A toast; it leaves by itself unless it reports a failure.
#[must_use]
pub fn toast(toast: &Toast) -> Markup {
    let inner = html! {
        div.toast role=(if toast.failed { "alert" } else { "status" }) {
            span.(if toast.failed { "ink-red" } else { "ink-green" }) { (icon(if toast.failed { "circle-alert" } else { "circle-check" })) }
            span.grow dir="auto" { (sentence(&toast.words)) }
            @if let Some((action, token)) = &toast.undo {
                form method="post" action=(action) { (token_field(token)) button.btn.btn-s type="submit" { "Undo" } }
            }
            button.icon-btn.needs-script type="button" data-dismiss aria-label="Dismiss" { (icon_small("x")) }
        }
    };
    html! { @if toast.failed { (inner) } @else { toast-message { (inner) } } }
}

/// How serious a banner is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    /// To know.
    #[default]
    Info,
    /// To mind.
    Warning,
    /// To act on.
    Danger,
    /// To be glad of.
    Success,
}

/// Something that holds for the page, the record or the service.
#[derive(Clone, Debug, Default)]
pub struct Banner<'a> {
    /// How serious.
    pub weight: Weight,
    /// What.
    pub title: Text<'a>,
    /// More about it.
    pub text: Text<'a>,
    /// A button or a form.
    pub action: Option<Markup>,
    /// One thin line instead of a card.
    pub slim: bool,
}

/// A banner with an icon of its weight.
#[must_use]
pub fn banner(banner: &Banner) -> Markup {
    let (class, name) = match banner.weight {
        Weight::Info => ("banner-info", "info"),
        Weight::Warning => ("banner-warning", "triangle-alert"),
        Weight::Danger => ("banner-danger", "circle-alert"),
        Weight::Success => ("banner-success", "circle-check"),
    };
    html! {
        div.banner.(class).banner-slim[banner.slim] {
            span.banner-icon { @if banner.slim { (icon(name)) } @else { (icon_large(name)) } }
            div.grow { div.banner-title dir="auto" { (sentence(&banner.title)) } @if !banner.text.is_empty() { p dir="auto" { (sentence(&banner.text)) } } }
            @if let Some(action) = &banner.action { (action) }
        }
    }
}

/// Why there is nothing to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nothing {
    /// There is nothing yet.
    Yet,
    /// The filter hides it all.
    Filtered,
    /// The viewer may not see it.
    Forbidden,
    /// It is not there.
    Missing,
    /// It failed.
    Failed,
}

impl Nothing {
    fn icon(self) -> Markup {
        match self {
            Self::Yet => icon_large("inbox"),
            Self::Filtered => icon_large("list-filter"),
            Self::Forbidden => icon_large("lock"),
            Self::Missing => icon_large("circle-help"),
            Self::Failed => icon_large("triangle-alert"),
        }
    }
}

/// An empty, refused or failed view: why, and one thing to do about it.
///
/// `reference` is the id a person quotes when asking for help. The title is empty where the page's heading says it.
#[must_use]
pub fn nothing(kind: Nothing, title: &str, text: &str, actions: &Markup, reference: Option<&str>) -> Markup {
    html! {
        div.state {
            span.state-icon { (kind.icon()) }
            @if !title.is_empty() { h2 { (sentence(title)) } }
            p { (sentence(text)) }
            div.btn-row { (actions) }
            @if let Some(reference) = reference { code { (tf("Reference {code}", &[("code", &reference)])) } }
        }
    }
}

/// A step towards something, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Behind us.
    Done,
    /// Where we are.
    Now,
    /// Still ahead.
    Ahead,
    /// Where it went wrong.
    Failed,
}

/// Numbered steps with words under them.
#[must_use]
pub fn stepper(label: &str, steps: &[(&str, Step)]) -> Markup {
    html! {
        ol.stepper aria-label=(label) {
            @for (index, (name, step)) in steps.iter().enumerate() {
                li.step.(step_class(*step)) aria-current=[(*step == Step::Now).then_some("step")] {
                    span.step-disc { @match step { Step::Done => (icon_small("check")), Step::Failed => (icon_small("x")), Step::Now | Step::Ahead => (index + 1) } }
                    span { (t(name)) @if *step == Step::Done { span.sr { " (done)" } } }
                }
            }
        }
    }
}

fn step_class(step: Step) -> &'static str {
    match step {
        Step::Done => "step-done",
        Step::Now => "step-now",
        Step::Ahead => "step-ahead",
        Step::Failed => "step-failed",
    }
}

/// Progress as a row of short bars: `reached` of `all`. The words beside it say the same.
#[must_use]
pub fn progress(reached: usize, all: usize) -> Markup {
    let finished = reached >= all;
    html! {
        div.steps {
            svg viewBox={ "0 0 " (all * 100) " 5" } preserveAspectRatio="none" aria-hidden="true" {
                @for index in 0..all {
                    rect.(if finished { "finished" } else if index < reached { "reached" } else { "ahead" })
                        x=(index * 100) width=(if index + 1 == all { 100 } else { 91 }) height="5" rx="4" {}
                }
            }
        }
    }
}

/// A tile with an icon in one of the state colours.
#[must_use]
pub fn tile(name: &str, tone: Tone) -> Markup {
    html! { span.tile.(tone.fill()) { (icon(name)) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_stays_and_is_read_out_at_once() {
        let text = toast(&Toast { words: "Not saved".into(), failed: true, undo: None }).into_string();
        assert!(text.contains(r#"role="alert""#) && !text.contains("toast-message"), "{text}");
        let text = toast(&Toast { words: "Saved".into(), failed: false, undo: Some(("/undo".into(), "t".into())) })
            .into_string();
        assert!(text.starts_with("<toast-message>") && text.contains("Undo"), "{text}");
    }

    #[test]
    fn a_step_says_where_we_are() {
        let text = stepper("Progress", &[("Approve", Step::Done), ("Build", Step::Now), ("Hand over", Step::Ahead)])
            .into_string();
        assert_eq!(text.matches("aria-current=\"step\"").count(), 1);
        assert!(text.contains("(done)") && text.contains(">3</span>"), "{text}");
    }

    #[test]
    fn finished_progress_changes_colour() {
        assert_eq!(progress(2, 4).into_string().matches("reached").count(), 2);
        assert_eq!(progress(4, 4).into_string().matches("finished").count(), 4);
    }
}
