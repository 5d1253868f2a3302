//! What stands in the way of a record in its planned time, when there is room for it, and moving it there.

use axum::response::Response;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use mainstay_desk::records::{self, Amend};
use mainstay_desk::schedule::{self, Conflict, Conflicts, Freeze, Met, Reason, Shown};
use mainstay_desk::{Caller, Session};
use mainstay_engine::field::{Field as Declared, FieldDef};
use mainstay_engine::process::{Process, Schedule};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::value::Value;
use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;
use serde_json::{Map, json};

use super::here::{Again, Here, Sent};
use super::tabs::Around;
use crate::components::{
    Control, Field, Nothing, TextKind, Tone, absolute, calendar_words, clock, field, form_foot, icon, moment, nothing,
    pill, status_pill, token_field,
};
use crate::failure::Failure;
use crate::fields::{Asking, Pickers, json_of};
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::pages::frame::Frame;
use crate::shown::status;

const START: FieldDef = Declared::instant("start", "Planned start").required().def;
const END: FieldDef = Declared::instant("end", "Planned end").required().def;

/// The section.
///
/// # Errors
/// Not the caller's to see; the database's.
pub fn section(session: &mut Session<'_>, caller: &Caller, around: &Around<'_>) -> mainstay_desk::Result<Markup> {
    let sheet = around.sheet;
    let shown = schedule::shown(session, caller, sheet.process(), sheet.number())?;
    let at = Drawn {
        home: format!("/{}/{}", sheet.process().plural, sheet.number()),
        back: None,
        zone: &sheet.frame.zone,
        now: around.now,
        token: around.token,
    };
    Ok(html! { div.record-body { h2.sr { "Conflicts" } (at.of(&shown)) } })
}

/// What conflicts are drawn with.
pub struct Drawn<'a> {
    /// The address of the record.
    pub home: String,
    /// Where a form leads back to; none: to the section of the record.
    pub back: Option<String>,
    pub zone: &'a TimeZone,
    pub now: i64,
    pub token: &'a str,
}

impl Drawn<'_> {
    /// Everything about the planned time of a record.
    pub fn of(&self, shown: &Shown) -> Markup {
        let planned = shown.record.process.schedule.as_ref().and_then(|schedule| schedule.span(&shown.record));
        let Some(span) = planned else {
            let way = html! { @if shown.may_accept { a.btn href={ (self.home) "/move" } { "Plan it…" } } };
            return nothing(
                Nothing::Yet,
                "It has no planned time",
                "With a planned start and end, what stands in its way is shown here.",
                &way,
                None,
            );
        };
        let all = &shown.conflicts.of[0];
        html! {
            p.line.wrap {
                b { (span_words(span, self.zone, self.now)) }
                @if shown.may_accept { a.btn.btn-s href={ (self.home) "/move" @if let Some(back) = &self.back { "?" (crate::address::query([("back", back.as_str())])) } } { "Move to…" } }
            }
            @if all.is_empty() { p { (pill(Tone::Green, "No conflicts")) } }
            @for (place, conflict) in all.iter().enumerate() { (self.card(place, conflict, shown)) }
            @if !shown.free.is_empty() && shown.may_accept { (self.free(shown)) }
        }
    }

    fn card(&self, place: usize, conflict: &Conflict, shown: &Shown) -> Markup {
        let heading = format!("conflict-{place}");
        html! {
            section.card.form-section.conflict.conflict-open[!conflict.is_settled()] aria-labelledby=(heading) {
                h3 id=(heading) .card-title { (icon(sign(conflict))) " " (self.met(conflict)) }
                @if !conflict.reasons.is_empty() {
                    ul.news { @for reason in &conflict.reasons { li { (reason_words(*reason, &shown.conflicts)) } } }
                }
                @if let Met::Freeze(freeze) = &conflict.met { p { (freeze_words(freeze, &shown.conflicts)) } }
                (self.standing(conflict, shown))
            }
        }
    }

    /// What it meets, with its time.
    fn met(&self, conflict: &Conflict) -> Markup {
        match &conflict.met {
            Met::Record(other) => html! {
                a.link href={ "/" (other.record.process.plural) "/" (other.number()) } { bdi { (other.number()) } }
                " " bdi { (other.title()) } " "
                span.quiet { (span_words((other.start, other.end), self.zone, self.now)) }
                " " (status_pill(&status(other.record.process, other.record.state)))
            },
            Met::Freeze(freeze) => html! {
                (tf("In the freeze {name}", &[("name", &freeze.name)])) " "
                span.quiet { (span_words((freeze.from, freeze.until), self.zone, self.now)) }
            },
            Met::Outside(names) => {
                html! { (tf("Outside the maintenance window {names}", &[("names", &names.join(", "))])) }
            }
        }
    }

    /// What became of it, or what can be done about it.
    fn standing(&self, conflict: &Conflict, shown: &Shown) -> Markup {
        if let Some(accepted) = &conflict.accepted {
            let name = shown.conflicts.names.get(&accepted.person).cloned().unwrap_or_default();
            return html! {
                p.line.wrap { (pill(Tone::Green, "Accepted")) span { (tf("by {name}", &[("name", &name)])) } (moment(accepted.at, self.zone, self.now)) }
                p dir="auto" { (accepted.reason) }
            };
        }
        if conflict.passes {
            let words = match conflict.met {
                Met::Record(_) => "It is a draft only: nothing has to be said about it.",
                _ => "An emergency passes.",
            };
            return html! { p.quiet { (t(words)) } };
        }
        let (may, label) = match &conflict.met {
            Met::Freeze(freeze) if freeze.blocks => (shown.may_except.contains(&freeze.window), "Allow the exception"),
            _ => (shown.may_accept, "Accept with this reason"),
        };
        if !may {
            return html! { p { (pill(Tone::Amber, "Open")) } };
        }
        let key = conflict.key();
        let words = Control::Text { value: "".into(), kind: TextKind::Plain, max_length: Some(2_000) };
        let reason = Field { required: true, ..Field::new(format!("reason-{key}"), "Reason", words) };
        html! {
            form.form method="post" action={ (self.home) "/conflicts/" (key) } {
                (token_field(self.token))
                @if let Some(back) = &self.back { input type="hidden" name="back" value=(back); }
                (field(&reason))
                button.btn type="submit" { (t(label)) span.sr { ": " (called(conflict)) } }
            }
        }
    }

    /// The next stretches without a conflict, each a press away.
    fn free(&self, shown: &Shown) -> Markup {
        html! {
            section.card.form-section aria-labelledby="free" {
                h3 #free .card-title { "Next free slots" }
                ul.news {
                    @for span in &shown.free {
                        li {
                            form.line.wrap method="post" action={ (self.home) "/move" } {
                                (token_field(self.token))
                                input type="hidden" name="version" value=(shown.record.version);
                                input type="hidden" name="at" value=(span.0);
                                @if let Some(back) = &self.back { input type="hidden" name="back" value=(back); }
                                span.grow { (span_words(*span, self.zone, self.now)) }
                                button.btn.btn-s type="submit" { "Move here" span.sr { ": " (span_words(*span, self.zone, self.now)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What it conflicts with, by name.
fn called(conflict: &Conflict) -> String {
    match &conflict.met {
        Met::Record(other) => other.number().to_owned(),
        Met::Freeze(freeze) => freeze.name.clone(),
        Met::Outside(names) => names.join(", "),
    }
}

/// What a record conflicts with, in a line.
pub fn met_words(conflict: &Conflict) -> String {
    match &conflict.met {
        Met::Record(other) => format!("{} {}", other.number(), other.title()),
        Met::Freeze(freeze) => tf("In the freeze {name}", &[("name", &freeze.name)]),
        Met::Outside(names) => tf("Outside the maintenance window {names}", &[("names", &names.join(", "))]),
    }
}

fn sign(conflict: &Conflict) -> &'static str {
    match conflict.met {
        Met::Record(_) => "triangle-alert",
        Met::Freeze(_) => "ban",
        Met::Outside(_) => "wrench",
    }
}

/// A stretch of time: on one day its date once.
pub fn span_words((start, end): (i64, i64), zone: &TimeZone, now: i64) -> String {
    let day = |at: i64| Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(zone.clone()).date();
    let until = if day(start) == day(end) { clock(end, zone) } else { calendar_words(end, zone, now) };
    format!("{} – {until}", calendar_words(start, zone, now))
}

/// Why two records stand in each other's way, in a sentence.
pub fn reason_words(reason: Reason, all: &Conflicts) -> String {
    let name = |id: i64| all.names.get(&id).cloned().unwrap_or_default();
    let item = |id: i64| {
        let known = all.items.get(&id).and_then(|item| Some((&item.number, item.title.as_ref()?)));
        known.map(|(number, title)| format!("{title} ({number})"))
    };
    match reason {
        Reason::Item(id) => match item(id) {
            Some(item) => tf("Both touch {item}.", &[("item", &item)]),
            None => t("Both touch the same item.").to_owned(),
        },
        Reason::Depends { upper, lower } => match (item(upper), item(lower)) {
            (Some(upper), Some(lower)) => tf("{upper} depends on {lower}.", &[("upper", &upper), ("lower", &lower)]),
            _ => t("An item of one depends on an item of the other.").to_owned(),
        },
        Reason::Service(id) => tf("Both affect the service {service}.", &[("service", &name(id))]),
        Reason::Person(id) => tf("{person} is busy with both.", &[("person", &name(id))]),
    }
}

fn freeze_words(freeze: &Freeze, all: &Conflicts) -> String {
    let named = |id: Option<i64>| id.and_then(|id| all.names.get(&id)).cloned();
    let by = [named(freeze.person), named(freeze.role)].into_iter().flatten().collect::<Vec<_>>().join(", ");
    match (freeze.blocks, by.is_empty()) {
        (false, _) => t("Work in it is accepted with a reason.").to_owned(),
        (true, true) => t("Work in it is refused; emergencies pass.").to_owned(),
        (true, false) => {
            tf("Work in it is refused unless {who} allows an exception; emergencies pass.", &[("who", &by)])
        }
    }
}

/// `POST /{plural}/{number}/conflicts/{id}`
pub async fn accept(Sent { here, form }: Sent) -> Result<Response, Failure> {
    let (process, number, key) = (here.process, here.number.clone(), here.word.clone());
    let reason = form.get(&format!("reason-{key}")).unwrap_or_default().to_owned();
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        schedule::accept(session, caller, process, &number, &key, &reason).map(|_| ())
    };
    let says = match here.write(work).await? {
        Ok(()) => Flash::done("Accepted. Another time asks for it anew."),
        Err(refusal) => Flash::failed(refusal.detail),
    };
    Ok(go_on(&place(&here, &form), Some(says)))
}

/// Where a form leads back to.
fn place(here: &Here, form: &Form) -> String {
    form.filled("back").and_then(crate::address::own).map_or_else(|| here.at("/conflicts"), str::to_owned)
}

/// What the page shows.
struct Moving {
    frame: Frame,
    record: Record,
}

/// `GET /{plural}/{number}/move`
pub async fn ask_move(here: Here) -> Result<Response, Failure> {
    Ok(load(&here).await?.page(&here, Again::default()))
}

/// `POST /{plural}/{number}/move`: to a start and an end, or, keeping its length, to a start alone. It is an edit like any
/// other, and is taken back like one.
pub async fn take_move(Sent { here, form }: Sent) -> Result<Response, Failure> {
    let (process, number, given) = (here.process, here.number.clone(), form.clone());
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let before = records::get(session, caller, process, &number)?.record;
        let schedule = scheduled(process)?;
        let (start, end) = wanted(caller, schedule, &before, &given)?;
        let instant = |at: i64| Timestamp::from_millisecond(at).map(|at| json!(at.to_string())).unwrap_or_default();
        let values = Map::from_iter([
            (schedule.start.key.to_owned(), instant(start)),
            (schedule.end.key.to_owned(), instant(end)),
        ]);
        let version = given.number("version").unwrap_or(before.version);
        let acted = records::amend(session, caller, process, &number, &Amend { version, values, reason: None })?;
        let left = schedule::of_record(session, caller, &acted.view.record)?;
        Ok((acted.event, left.of[0].iter().filter(|each| !each.is_settled()).count(), caller.zone(), start))
    };
    match here.write(work).await? {
        Ok((event, conflicts, zone, start)) => {
            let at = absolute(start, &zone);
            let says = match conflicts {
                0 => tf("Moved to {at}. Nothing stands in its way.", &[("at", &at)]),
                _ => tf("Moved to {at}. Something stands in its way.", &[("at", &at)]),
            };
            let undo = here.at(&format!("/events/{event}/undo"));
            Ok(go_on(&place(&here, &form), Some(Flash::done(says).undone_by(undo))))
        }
        Err(refusal) if form.has("at") => Ok(go_on(&place(&here, &form), Some(Flash::failed(refusal.detail)))),
        Err(refusal) => Ok(load(&here).await?.page(&here, Again::of(&form, &refusal))),
    }
}

fn scheduled(process: &'static Process) -> Result<&'static Schedule, Refusal> {
    process.schedule.as_ref().ok_or_else(|| Refusal::missing("schedule"))
}

/// The time that a form names.
fn wanted(caller: &Caller, schedule: &Schedule, before: &Record, form: &Form) -> Result<(i64, i64), Refusal> {
    if let Some(at) = form.number("at") {
        let Some((start, end)) = schedule.span(before) else {
            return Err(Refusal::conflict("not_planned", "It has no planned time yet."));
        };
        return Ok((at, at + (end - start)));
    }
    let mut errors = Vec::new();
    let mut read = |def: &FieldDef| match Value::from_json(def, &json_of(def, form, def.key, &caller.zone())) {
        Ok(value) if value.as_int().is_some() => value.as_int().unwrap_or_default(),
        Ok(_) => {
            errors.push(FieldError::required(def));
            0
        }
        Err(why) => {
            errors.push(FieldError::misfit(def, &why));
            0
        }
    };
    let (start, end) = (read(&START), read(&END));
    if errors.is_empty() && end <= start {
        errors.push(FieldError::new(
            END.key,
            "ends_before_it_starts",
            "The planned end lies before the planned start.",
        ));
    }
    Refusal::unless_empty(errors)?;
    Ok((start, end))
}

async fn load(here: &Here) -> Result<Moving, Failure> {
    let (process, number) = (here.process, here.number.clone());
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let frame = Frame::load(session, caller)?;
        scheduled(process)?;
        let view = records::get(session, caller, process, &number)?;
        if !view.can.update {
            return Err(Refusal::forbidden("no_right", "You may not edit this, or it is closed.").into());
        }
        Ok(Moving { frame, record: view.record })
    };
    here.read(work).await
}

impl Moving {
    fn page(&self, here: &Here, again: Again<'_>) -> Response {
        let pickers = Pickers::default();
        let zone = &self.frame.zone;
        let asking = Asking { pickers: &pickers, zone, errors: again.errors() };
        let held = |key: &str| {
            let at = self.record.value(key).as_int();
            at.map(|at| crate::components::input_value(at, zone)).into_iter().collect::<Vec<_>>()
        };
        let schedule = here.process.schedule.as_ref();
        let keys = schedule.map(|schedule| (schedule.start.key, schedule.end.key)).unwrap_or_default();
        let back = again.form().and_then(|form| form.filled("back").map(str::to_owned));
        let asked = here.query.as_deref().map(crate::address::pairs).unwrap_or_default();
        let back = back.or_else(|| crate::address::value(&asked, "back").map(str::to_owned)).unwrap_or_default();
        let version = again.form().and_then(|form| form.number("version")).unwrap_or(self.record.version);
        let home = format!("/{}/{}", here.process.plural, here.number);
        let body = html! {
            form.form method="post" action={ (home) "/move" } {
                (again.summary())
                @if let Some(refusal) = again.conflict() { p.error role="alert" { (refusal.detail) } }
                (token_field(here.visit.token()))
                input type="hidden" name="version" value=(version);
                input type="hidden" name="back" value=(back);
                p.quiet { (tf("Times are in {zone}.", &[("zone", &zone.iana_name().unwrap_or("UTC"))])) }
                div.form-grid {
                    (field(&asking.field(&START, &again.given(&START, || held(keys.0)))))
                    (field(&asking.field(&END, &again.given(&END, || held(keys.1)))))
                }
                (form_foot("Move", Some(crate::address::own(&back).unwrap_or(&format!("{home}/conflicts")))))
            }
        };
        here.page(&self.frame, &tf("Move {number}", &[("number", &here.number)]), "/conflicts", again, &body)
    }
}
