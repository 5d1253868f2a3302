//! What is before a meeting now: everything that whoever votes wants to know, the votes so far, and the decision.

use mainstay_desk::boards::{self, Item, LONGEST, Meeting};
use mainstay_desk::records::{self, View};
use mainstay_desk::schedule::{self, Shown};
use mainstay_desk::{Caller, Session};
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_words::{t, tf, tn};
use maud::Markup;

use crate::components::{Control, Field, Tone, field, pill, status_pill, time, token_field};
use crate::pages::approvals::facts;
use crate::pages::around::Around;
use crate::pages::queue::number;
use crate::pages::record::conflicts::{met_words, reason_words};
use crate::pages::record::risk::verdict;
use crate::shown::status;

/// What is read of the record.
pub struct Before {
    view: View,
    conflicts: Option<Shown>,
}

/// What it is drawn with.
pub struct Drawn<'a> {
    pub around: &'a Around,
    pub now: i64,
    pub token: &'a str,
}

impl Before {
    /// Reads the record, and what stands in its way where the viewer may know that.
    pub fn load(session: &mut Session<'_>, caller: &Caller, item: &Item) -> mainstay_desk::Result<Self> {
        let (process, number) = (item.record.process, number(&item.record));
        let view = records::get(session, caller, process, &number)?;
        let conflicts = match schedule::shown(session, caller, process, &number) {
            Err(mainstay_desk::Error::Refused(_)) => None,
            other => Some(other?),
        };
        Ok(Self { view, conflicts })
    }

    pub fn card(&self, meeting: &Meeting, item: &Item, drawn: &Drawn<'_>) -> Markup {
        let record = &self.view.record;
        let number = number(record);
        let minutes = item.row.minutes.unwrap_or(meeting.board.minutes);
        html! {
            section.card.meeting-now aria-labelledby="before" {
                div.line.wrap {
                    @match drawn.around {
                        Around::Staff(_) => { a.link href={ "/" (record.process.plural) "/" (number) } { bdi { (number) } } },
                        Around::Portal(_) => { bdi { (number) } },
                    }
                    (status_pill(&status(record.process, record.state)))
                    span.grow {}
                    @if let Some(called) = meeting.row.called {
                        span.quiet { (time(called, drawn.around.zone(), drawn.now)) " · " (tn(minutes, "{n} minute meant for it", "{n} minutes meant for it")) }
                    }
                }
                h2 #before dir="auto" { (record.value(spine::TITLE.def.key).as_text().unwrap_or_default()) }
                (votes(meeting, item))
                @for row in &item.mine { (self.vote(meeting, item, row.id, drawn)) }
                @if meeting.may_run { (decision(meeting, &number, drawn)) }
            }
            (self.risk())
            (self.in_its_way())
            (facts(&self.view, drawn.around.zone()))
        }
    }

    fn vote(&self, meeting: &Meeting, item: &Item, approval: i64, drawn: &Drawn<'_>) -> Markup {
        let mut parts = item.round.iter().flat_map(|round| &round.parts);
        let part = parts.find(|part| part.voices.iter().any(|voice| voice.id == approval));
        let name = format!("reason-{approval}");
        let mut words = Field::new(name, "Words", Control::Markdown { value: "".into(), rows: 2 });
        words.help = Some("Needed when you refuse.".into());
        html! {
            form.form method="post" action={ "/meetings/" (meeting.row.id) "/items/" (number(&self.view.record)) "/vote" } {
                h3 dir="auto" { (tf("Your vote: {part}", &[("part", &part.map_or("", |part| part.name.as_str()))])) }
                (token_field(drawn.token))
                input type="hidden" name="approval" value=(approval);
                input type="hidden" name="version" value=(self.view.record.version);
                div.btn-row {
                    button.btn.btn-primary type="submit" name="answer" value="approve" { "Approve" }
                    button.btn.btn-danger type="submit" name="answer" value="reject" { "Refuse" }
                }
                (field(&words))
            }
        }
    }

    fn risk(&self) -> Markup {
        let assessed = self.view.record.process.assessed();
        let reads = |key: &str| self.view.fields.iter().any(|field| field.key == key);
        html! {
            @if let Some(assessed) = assessed.filter(|assessed| reads(assessed.level.key)) { (verdict(&self.view.record, assessed)) }
        }
    }

    fn in_its_way(&self) -> Markup {
        let Some(shown) = &self.conflicts else { return html! {} };
        let all = &shown.conflicts.of[0];
        html! {
            section.card aria-labelledby="in-its-way" {
                h2 #in-its-way .card-title { "Conflicts" }
                @if all.is_empty() { p { (pill(Tone::Green, "No conflicts")) } }
                ul.news {
                    @for conflict in all {
                        li {
                            div.line.wrap {
                                span.grow dir="auto" { (met_words(conflict)) }
                                @if conflict.is_settled() { (pill(Tone::Green, "Settled")) } @else { (pill(Tone::Amber, "Open")) }
                            }
                            @for reason in &conflict.reasons { p.quiet { (reason_words(*reason, &shown.conflicts)) } }
                            @if let Some(accepted) = &conflict.accepted { p dir="auto" { (accepted.reason) } }
                        }
                    }
                }
            }
        }
    }
}

/// What whoever holds the meeting keeps of an item.
fn decision(meeting: &Meeting, number: &str, drawn: &Drawn<'_>) -> Markup {
    let note = Field {
        help: Some("Goes to the record; needed unless the votes decide.".into()),
        ..Field::new("note", "Note", Control::Markdown { value: "".into(), rows: 2 })
    };
    let all = [
        ("voted", "Decide by the votes", true),
        ("postponed", "Postpone it", false),
        ("discussed", "Only discussed", false),
    ];
    html! {
        form.form.meeting-decision method="post" action={ "/meetings/" (meeting.row.id) "/items/" (number) "/decide" } aria-label="The decision" {
            (token_field(drawn.token))
            (field(&note))
            div.btn-row {
                @for (key, label, first) in all {
                    button.btn.btn-primary[first] type="submit" name="decision" value=(key) { (t(label)) }
                }
            }
            p.quiet { (tf("A note has at most {n} characters.", &[("n", &LONGEST)])) }
        }
    }
}

/// How the votes stand, part by part, and whether there is a quorum.
pub fn votes(meeting: &Meeting, item: &Item) -> Markup {
    let all = boards::tallies(meeting, item);
    let open = item.row.decision.is_none() && meeting.row.state == "running";
    html! {
        @if item.round.is_none() { p.quiet { "No approval of it is asked for." } }
        ul.news aria-label="Votes" {
            @for tally in all {
                li {
                    div.line.wrap {
                        b dir="auto" { (tally.part) }
                        span { (tf("{granted} of {asked} approve, {needed} are needed", &[("granted", &tally.granted), ("asked", &tally.asked), ("needed", &tally.needed)])) }
                        @if tally.refused > 0 { span { (tn(tally.refused, "{n} refuses", "{n} refuse")) } }
                        @if tally.advisory { span.quiet { "Advice only" } }
                        span.grow {}
                        @if open && tally.lacks_quorum() { (pill(Tone::Amber, "No quorum")) }
                    }
                }
            }
        }
    }
}
