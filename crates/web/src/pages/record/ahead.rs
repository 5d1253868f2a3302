//! What a step would bring about, above the form that takes it: records that follow, and a conversation put together.

use std::collections::HashMap;

use mainstay_desk::records::Outlook;
use mainstay_engine::process::{Effect, Transition};
use mainstay_engine::record::Record;
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_words::{t, tf, tn};
use maud::Markup;

use super::related::record_picker;
use crate::components::{Banner, Field, Tone, Weight, banner, field, moment, pill};
use crate::form::Form;
use crate::markdown;
use crate::shown::Reader;

/// Under this name a form sends the numbers of records that take a step with it.
pub const FOLLOWER: &str = "follower";

/// What the person reads before they take the step.
pub struct Ahead {
    /// What would follow.
    pub outlook: Outlook,
    /// Names of whoever said something.
    pub names: HashMap<i64, String>,
    /// The number that was asked for and names nothing the person may see.
    pub lost: Option<String>,
}

fn number(record: &Record) -> &str {
    record.value(spine::NUMBER.def.key).as_text().unwrap_or_default()
}

impl Ahead {
    /// Which records take a step with this one.
    pub fn followers(&self, step: &Transition) -> Markup {
        let all = &self.outlook.followers;
        if all.is_empty() {
            return html! {};
        }
        let named: Vec<&str> = all.iter().take(8).map(number).collect();
        let more = all.len().saturating_sub(named.len());
        let mut list = named.join(", ");
        if more > 0 {
            list.push_str(&tf(" and {n} more", &[("n", &more)]));
        }
        let title = tn(all.len(), "This also changes {n} record below it.", "This also changes {n} records below it.");
        let text = tf("{step} reaches {list}.", &[("step", &t(step.label)), ("list", &list)]);
        banner(&Banner { weight: Weight::Info, title: title.into(), text: text.into(), ..Banner::default() })
    }

    /// Which records may take a step with this one, all of them until somebody chose.
    pub fn choices(&self, form: Option<&Form>) -> Markup {
        let all = &self.outlook.choices;
        let sent = form.map(|form| form.all(FOLLOWER));
        let goes = |record: &Record| sent.as_ref().is_none_or(|sent| sent.iter().any(|one| one == number(record)));
        html! {
            @if !all.is_empty() {
                fieldset.card.choices {
                    legend.card-title { "These wait for it. Which of them end with it?" }
                    @for record in all {
                        label.option {
                            input.check type="checkbox" name=(FOLLOWER) value=(number(record)) checked[goes(record)];
                            bdi.strong { (number(record)) }
                            span.grow.clip dir="auto" { (record.value(spine::TITLE.def.key).as_text().unwrap_or_default()) }
                        }
                    }
                    p.quiet { "Whoever reported them is told, each on the own record." }
                }
            }
        }
    }

    /// Whether a step puts two conversations together.
    #[must_use]
    pub fn absorbs(step: &Transition) -> bool {
        step.effects.iter().any(|effect| matches!(effect, Effect::Absorb { .. }))
    }

    /// The number of the record that would go on; none as long as nobody said it.
    pub fn survivor(&self) -> Option<&str> {
        self.outlook.into.as_ref().map(number)
    }

    /// The question which record goes on, and the conversation as it would read there.
    pub fn merged(&self, step: &Transition, here: &str, action: &str, reader: &Reader<'_>, now: i64) -> Markup {
        if !Self::absorbs(step) {
            return html! {};
        }
        let into = self.outlook.into.as_ref();
        let said = self.outlook.words.len();
        let named = self.lost.as_deref().or(into.map(number)).unwrap_or_default().to_owned();
        let mut other = Field::new("with", "Which record goes on?", record_picker(named));
        other.required = true;
        other.help = Some("A number, or words of the title. What was said here is read there, and this record is closed as its duplicate.".into());
        other.error = self.lost.is_some().then(|| "There is no record of this number that you may see.".into());
        html! {
            form.form method="get" action=(action) {
                (field(&other))
                div.form-foot { button.btn.btn-primary[into.is_none()] type="submit" { "Preview" } }
            }
            @if let Some(into) = into {
                section #merged .card.merged aria-labelledby="merged-title" {
                    div.merged-head {
                        h2 #merged-title .card-title { (tf("How {number} would read", &[("number", &number(into))])) }
                        p.strong dir="auto" { (into.value(spine::TITLE.def.key).as_text().unwrap_or_default()) }
                        p.quiet { (tn(said, "{n} message", "{n} messages")) " · " (tn(self.outlook.files, "{n} file", "{n} files")) }
                    }
                    ol.news {
                        @for (of, row) in &self.outlook.words {
                            li {
                                div.line {
                                    bdi.strong { (row.author.map_or_else(|| "Mainstay".to_owned(), |id| reader.name(id))) }
                                    span.quiet { (moment(row.at, reader.zone, now)) }
                                    @if row.internal { (pill(Tone::Amber, t("Internal"))) }
                                    @if of == here { (pill(Tone::Blue, of)) }
                                }
                                div.prose { (markdown::render(&row.body)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
