//! The page of a meeting: what is before it now, the agenda, who is there; afterwards its minutes.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::boards::{self, Item, LONGEST, Meeting};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_words::{t, tf, tn};
use maud::Markup;

use super::before::{Before, votes};
use super::{TITLE, standing, title};
use crate::components::{
    Control, Field, Glyph, Person, Status, TextKind, field, person, status_glyph, status_pill, token_field,
};
use crate::failure::Failure;
use crate::markdown;
use crate::pages::around::{Around, Sheet};
use crate::pages::frame::Place;
use crate::pages::portal::Room;
use crate::pages::queue::number;
use crate::pages::record::conflicts::span_words;
use crate::session::Visit;
use crate::web::Web;

/// What the page shows.
struct Page<'a> {
    around: &'a Around,
    meeting: &'a Meeting,
    before: Option<&'a Before>,
    me: Option<i64>,
    now: i64,
    token: &'a str,
}

/// `GET /meetings/{id}`
pub async fn show(State(web): State<Web>, Path(id): Path<i64>, visit: Visit) -> Result<Response, Failure> {
    let load = move |session: &mut Session<'_>, caller: &Caller| {
        let around = Around::load(session, caller)?;
        let meeting = boards::get(session, caller, id)?;
        let before = match meeting.current() {
            Some(item) => Some(Before::load(session, caller, item)?),
            None => None,
        };
        let mark = boards::mark(session, caller, id)?;
        Ok((around, meeting, before, caller.person_id(), mark))
    };
    let (around, meeting, before, me, mark) = web.read_long(&visit, Channel::Desk, load).await?;
    let title = title(&meeting.row, &meeting.board, around.zone());
    let page = Page {
        around: &around,
        meeting: &meeting,
        before: before.as_ref(),
        me,
        now: visit.now(),
        token: visit.token(),
    };
    let sheet = Sheet {
        title: &title,
        status: StatusCode::OK,
        above: vec![(TITLE, "/meetings".to_owned())],
        actions: None,
        body: page.body(),
        whole: true,
    };
    let here = format!("/meetings/{id}");
    Ok(sheet.page_watching(&web, &visit, &around, (Place::Mine, Room::Approvals), Some((&here, &mark))))
}

impl Page<'_> {
    fn state(&self) -> &str {
        &self.meeting.row.state
    }

    fn at(&self, deed: &str) -> String {
        format!("/meetings/{}/{deed}", self.meeting.row.id)
    }

    fn name(&self, id: i64) -> &str {
        self.meeting.names.get(&id).map_or("", String::as_str)
    }

    fn body(&self) -> Markup {
        let row = &self.meeting.row;
        let zone = self.around.zone();
        html! {
            div.meeting {
                p.line.wrap {
                    (status_pill(&standing(row, self.now)))
                    b { (span_words((row.starts, row.ends), zone, self.now)) }
                    @if let Some(chair) = row.chair { span.quiet { (tf("In the chair: {name}", &[("name", &self.name(chair))])) } }
                }
                @if let Some(reason) = &row.reason { p dir="auto" { (reason) } }
                @if self.meeting.may_run { (self.deeds()) }
                @if let (Some(item), Some(before)) = (self.meeting.current(), self.before) {
                    (before.card(self.meeting, item, &self.drawn()))
                }
                (self.agenda())
                (self.people())
            }
        }
    }

    fn drawn(&self) -> super::before::Drawn<'_> {
        super::before::Drawn { around: self.around, now: self.now, token: self.token }
    }

    /// What whoever holds it does with the whole meeting.
    fn deeds(&self) -> Markup {
        let button = |deed: &str, label: &str, first: bool| {
            html! {
                form method="post" action=(self.at(deed)) {
                    (token_field(self.token))
                    button.btn.btn-primary[first] type="submit" { (t(label)) }
                }
            }
        };
        html! {
            div.btn-row {
                @match self.state() {
                    "planned" => { (button("begin", "Begin the meeting", true)) },
                    "running" => { (button("end", "End the meeting", self.meeting.row.open_item.is_none())) },
                    _ => {},
                }
            }
            @if self.state() == "planned" {
                details {
                    summary { "Cancel the meeting" }
                    form.form method="post" action=(self.at("cancel")) {
                        (token_field(self.token))
                        (field(&words("reason", "Reason")))
                        button.btn type="submit" { "Cancel the meeting" }
                    }
                }
            }
        }
    }

    fn agenda(&self) -> Markup {
        let over = matches!(self.state(), "ended");
        let all = &self.meeting.items;
        let minutes: i64 = all.iter().map(|item| item.row.minutes.unwrap_or(self.meeting.board.minutes)).sum();
        html! {
            section.card aria-labelledby="agenda" {
                div.line.wrap {
                    h2 #agenda .card-title { @if over { (t("Minutes")) } @else { (t("Agenda")) } }
                    span.grow {}
                    @if !all.is_empty() && !over { span.quiet { (tn(minutes, "{n} minute", "{n} minutes")) } }
                }
                @if all.is_empty() { p.quiet { "Nothing is on the agenda." } }
                ol.meeting-items { @for (place, item) in all.iter().enumerate() { li { (self.line(place, item)) } } }
                @if !self.meeting.removed.is_empty() {
                    h3 { "Taken off" }
                    ul.news {
                        @for item in &self.meeting.removed {
                            li { div.line.wrap { (self.named(item)) span.quiet dir="auto" { (item.row.removed.as_deref().unwrap_or_default()) } } }
                        }
                    }
                }
                @if self.meeting.may_run && matches!(self.state(), "planned" | "running") { (self.adding()) }
            }
        }
    }

    fn named(&self, item: &Item) -> Markup {
        let number = number(&item.record);
        let home = self.around.home(item.record.process);
        html! {
            @match self.around {
                Around::Staff(_) => { a.link href={ (home) "/" (number) } { bdi { (number) } } },
                Around::Portal(_) => { bdi { (number) } },
            }
            span dir="auto" { (item.record.value(spine::TITLE.def.key).as_text().unwrap_or_default()) }
        }
    }

    fn line(&self, place: usize, item: &Item) -> Markup {
        let current = self.meeting.row.open_item == Some(item.row.record);
        let minutes = item.row.minutes.unwrap_or(self.meeting.board.minutes);
        html! {
            div.line.wrap.meeting-item aria-current=[current.then_some("true")] {
                (self.named(item))
                span.grow {}
                @if let Some(decision) = item.row.decision.as_deref() {
                    @if item.row.advice { span.quiet { "Advice" } }
                    (status_pill(&decided(decision)))
                } @else if self.state() != "ended" { span.quiet { (tn(minutes, "{n} minute", "{n} minutes")) } }
            }
            @if item.row.decision.is_some() || self.state() == "ended" {
                (votes(self.meeting, item))
                (voices(item, self.meeting))
                @if let Some(note) = item.row.note.as_ref().filter(|_| item.internal) {
                    div.prose dir="auto" { (markdown::render(note)) }
                }
            }
            @if self.meeting.may_run && matches!(self.state(), "planned" | "running") {
                (self.item_deeds(place, item, current))
            }
        }
    }

    fn item_deeds(&self, place: usize, item: &Item, current: bool) -> Markup {
        let number = number(&item.record);
        let at = |deed: &str| self.at(&format!("items/{number}/{deed}"));
        let press = |deed: &str, label: &str, value: Option<usize>| {
            html! {
                form method="post" action=(at(deed)) {
                    (token_field(self.token))
                    @if let Some(value) = value { input type="hidden" name="place" value=(value); }
                    button.btn.btn-s type="submit" { (t(label)) span.sr { ": " (number) } }
                }
            }
        };
        html! {
            div.btn-row {
                @if self.state() == "running" && !current { (press("call", "Call it", None)) }
                @if place > 0 { (press("arrange", "Earlier", Some(place))) }
                @if place + 1 < self.meeting.items.len() { (press("arrange", "Later", Some(place + 2))) }
            }
            @if item.row.decision.is_none() {
                details {
                    summary { "Take it off the agenda" span.sr { ": " (number) } }
                    form.form method="post" action=(at("remove")) {
                        (token_field(self.token))
                        (field(&words(&format!("reason-{number}"), "Reason")))
                        button.btn type="submit" { "Take it off" }
                    }
                }
            }
        }
    }

    fn adding(&self) -> Markup {
        let control = Control::Text { value: "".into(), kind: TextKind::Plain, max_length: Some(40) };
        let asked = Field { required: true, ..Field::new("number", "Number", control) };
        html! {
            details {
                summary { "Put something on the agenda" }
                form.form method="post" action=(self.at("items")) {
                    (token_field(self.token))
                    (field(&asked))
                    button.btn type="submit" { "Put it on the agenda" }
                }
            }
        }
    }

    fn people(&self) -> Markup {
        let running = self.state() == "running";
        let here = |id: i64| self.meeting.people.iter().any(|each| each.person == id && each.present);
        html! {
            section.card aria-labelledby="people" {
                h2 #people .card-title { "People" }
                @if self.meeting.people.is_empty() { p.quiet { "The board has no members yet." } }
                ul.news {
                    @for each in &self.meeting.people {
                        li {
                            div.line.wrap {
                                (person(&Person { name: self.name(each.person).into(), hue: Person::hue_of(each.person) }))
                                @if !each.member { span.quiet { "Guest" } }
                                span.grow {}
                                @if self.state() != "planned" { (there(each.present)) }
                                @if running && self.meeting.may_run { (self.attending(Some(each.person), !each.present)) }
                            }
                        }
                    }
                }
                @if let Some(me) = self.me.filter(|me| running && !self.meeting.may_run && !here(*me)) {
                    (self.attending(Some(me), true))
                }
            }
        }
    }

    fn attending(&self, who: Option<i64>, present: bool) -> Markup {
        let mine = who == self.me;
        let label = match (present, mine) {
            (true, true) => "I am here",
            (true, false) => "Is here",
            (false, true) => "I leave",
            (false, false) => "Is not here",
        };
        html! {
            form method="post" action=(self.at("attend")) {
                (token_field(self.token))
                @if let Some(who) = who { input type="hidden" name="person" value=(who); }
                input type="hidden" name="present" value=(present);
                button.btn.btn-s type="submit" { (t(label)) @if let Some(who) = who { span.sr { ": " (self.name(who)) } } }
            }
        }
    }
}

fn words<'a>(name: &str, label: &'a str) -> Field<'a> {
    let control = Control::Text { value: "".into(), kind: TextKind::Plain, max_length: u32::try_from(LONGEST).ok() };
    Field { required: true, ..Field::new(name.to_owned(), label, control) }
}

fn there(present: bool) -> Markup {
    let (glyph, word) = if present { (Glyph::Done, "Present") } else { (Glyph::Stopped, "Absent") };
    status_pill(&Status { glyph, word: word.into() })
}

/// What was decided, in a word.
fn decided(decision: &str) -> Status<'static> {
    let (glyph, word) = match decision {
        "approved" => (Glyph::Done, "Approved"),
        "refused" => (Glyph::Failed, "Refused"),
        "postponed" => (Glyph::Paused, "Postponed"),
        "discussed" => (Glyph::Active, "Discussed"),
        _ => (Glyph::Stopped, "Not reached"),
    };
    Status { glyph, word: word.into() }
}

/// Who voted how.
fn voices(item: &Item, meeting: &Meeting) -> Markup {
    let all = item.round.iter().flat_map(|round| &round.parts).flat_map(|part| &part.voices);
    let said: Vec<_> = all.filter(|voice| matches!(voice.state.as_str(), "granted" | "refused")).collect();
    html! {
        @if !said.is_empty() {
            ul.news {
                @for voice in said {
                    @let (glyph, word) = if voice.state == "granted" { (Glyph::Done, "Approved") } else { (Glyph::Failed, "Refused") };
                    @let who = voice.voter.unwrap_or(voice.approver);
                    li {
                        div.line.wrap {
                            (status_glyph(&Status { glyph, word: word.into() }))
                            span dir="auto" { (meeting.names.get(&who).map_or("", String::as_str)) }
                            @if let Some(words) = &voice.words { span.quiet dir="auto" { (words) } }
                        }
                    }
                }
            }
        }
    }
}
