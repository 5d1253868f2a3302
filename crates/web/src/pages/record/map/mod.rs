//! What hangs on a record: the map as a drawing and as tables, now or at an instant, and as a file.

mod asked;
mod drawing;
mod panel;
mod tables;

use axum::response::Response;
use mainstay_desk::maps::{
    self,
    picture::{self, Format, Picture},
};
use mainstay_desk::{Caller, Session};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_words::{t, tf, tn};
use maud::Markup;

pub use tables::hit_pill;

use super::here::Here;
use super::sheet::Sheet;
use super::tabs::Around;
use crate::address;
use crate::components::{Control, Field, Nothing, absolute, field, icon_small, input_value, nothing};
use crate::failure::Failure;
use crate::fields::zone_name;
use crate::pages::queue::saved;
use asked::{Asked, Shown};
use panel::Beside;

const GIVE_AN_INSTANT: &str = "Give a date and a time.";

/// Steps that can be chosen.
const DEPTHS: [u32; 7] = [1, 2, 3, 4, 5, 10, 20];

/// The section.
///
/// # Errors
/// The database's.
pub fn section(session: &mut Session<'_>, caller: &Caller, around: &Around<'_>) -> mainstay_desk::Result<Markup> {
    let sheet = around.sheet;
    let asked = Asked::read(around.query.unwrap_or_default());
    let found = asked.instant(&sheet.frame.zone);
    let read = match found {
        Ok(at) => match picture::picture(session, caller, sheet.process(), sheet.number(), &asked.wanted(at)) {
            Ok(picture) => Ok((at, picture)),
            Err(mainstay_desk::Error::Refused(refusal)) => Err(refusal.detail),
            Err(other) => return Err(other),
        },
        Err(()) => Err(t(GIVE_AN_INSTANT).to_owned()),
    };
    let look = Look { sheet, asked, now: around.now, token: around.token };
    Ok(match &read {
        Ok((at, picture)) => look.shown(*at, picture, &beside(session, caller, &look, *at)?),
        Err(wrong) => html! { div.details { (look.form(None, &[], Some(wrong))) } },
    })
}

/// The chosen record; the one in question where another is not to be had.
fn beside(
    session: &mut Session<'_>,
    caller: &Caller,
    look: &Look<'_>,
    at: Option<i64>,
) -> mainstay_desk::Result<Beside> {
    let (process, home) = (look.process(), look.sheet.number());
    let number = look.asked.chosen.as_deref().unwrap_or(home);
    let chosen = match maps::chosen(session, caller, process, number, at) {
        Err(mainstay_desk::Error::Refused(_)) if number != home => maps::chosen(session, caller, process, home, at)?,
        other => other?,
    };
    let about = |other: &&'static Process| maps::names_items(other).is_some_and(|(_, of)| of.key == process.key);
    let may = |other: &&'static Process| caller.rights.may_somewhere(other.key, "create");
    let opens = mainstay_processes::ALL.iter().copied().filter(about).filter(may).collect();
    Ok(Beside { chosen, opens })
}

/// `GET /{plural}/{number}/map/export?format=…`, with the words of the map's own address.
pub async fn export(here: Here) -> Result<Response, Failure> {
    let query = here.query.clone().unwrap_or_default();
    let asked = Asked::read(&query);
    let named = address::value(&address::pairs(&query), "format").and_then(Format::named);
    let format = named.ok_or_else(|| Refusal::missing("format"))?;
    let (process, number) = (here.process, here.number.clone());
    let name = format!("map-{number}.{}", format.key());
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let at = asked.instant(&caller.zone()).map_err(|()| Refusal::invalid("not_an_instant", GIVE_AN_INSTANT))?;
        picture::file(session, caller, process, (&number, &asked.wanted(at)), format)
    };
    let bytes = here.read_map(work).await?;
    Ok(saved(&name, format.media_type(), bytes))
}

/// What the page is made from.
pub struct Look<'a> {
    pub sheet: &'a Sheet,
    pub asked: Asked,
    now: i64,
    /// What every form carries.
    pub token: &'a str,
}

impl Look<'_> {
    fn process(&self) -> &'static Process {
        self.sheet.process()
    }

    /// The page with another question, at the instant that is shown.
    pub fn place(&self, at: Option<i64>, asked: &Asked) -> String {
        format!("{}?{}", self.sheet.path("/map"), asked.query(at, None))
    }

    fn shown(&self, at: Option<i64>, picture: &Picture, beside: &Beside) -> Markup {
        let process = self.process();
        let asked = &self.asked;
        let narrowed = asked.class.is_some() || asked.environment.is_some() || asked.fails.is_some();
        let alone = picture.wide.nodes.len() <= 1 && !narrowed;
        html! {
            div.details.map-page {
                (self.bar(at, picture))
                (self.form(at, &picture.classes, None))
                @if alone {
                    (nothing(Nothing::Yet, "Nothing hangs on it yet", "Link it under Related with what it depends on.", &html! {}, None))
                } @else {
                    section.map-part aria-labelledby="map-title" {
                        h2.card-title.sr[at.is_none()] #map-title tabindex="-1" { (self.title(at)) }
                        (left_out("map-for-wide", picture.wide.left_out))
                        (left_out("map-for-narrow", picture.narrow.left_out))
                        @if picture.more() { p.quiet { "There is more than is shown here." } }
                        (drawing::drawings(self, at, picture, beside.chosen.record.id))
                        (drawing::notes())
                    }
                }
                (panel::panel(self, at, picture, beside))
                @if !alone { div.map-tables #map-tables tabindex="-1" { (tables::tables(process, picture)) } }
            }
        }
    }

    /// Which way, drawing or tables, what fails, and the same as files.
    fn bar(&self, at: Option<i64>, picture: &Picture) -> Markup {
        let home = self.sheet.number();
        let on = self.asked.fails.as_ref().is_none_or(|failing| !failing.is_empty());
        let other = if on { Vec::new() } else { vec![home.to_owned()] };
        let simulated = picture.around.up.is_some();
        html! {
            div.map-bar {
                nav.segments aria-label="Direction" {
                    @for shown in Shown::ALL {
                        a.segment href=(self.place(at, &Asked { shown, ..self.asked.clone() })) data-turbo-action="replace" aria-current=[(shown == self.asked.shown).then_some("true")] {
                            @if let Some(name) = shown.icon() { (icon_small(name)) }
                            (t(shown.label()))
                        }
                    }
                }
                @if simulated { (panel::switch(self, at, &self.asked.with_outage(other, home), t("Simulate outage"), on)) }
                span.grow {}
                nav.segments aria-label="Drawing or tables" {
                    a.segment href="#map-title" { (icon_small("network")) span.map-word { "Drawing" } }
                    a.segment href="#map-tables" { (icon_small("table-2")) span.map-word { "Tables" } }
                }
                (self.files(at))
            }
        }
    }

    fn title(&self, at: Option<i64>) -> String {
        match at {
            Some(at) => tf("Map as it was on {date}", &[("date", &absolute(at, &self.sheet.frame.zone))]),
            None => t("Map").to_owned(),
        }
    }

    /// The same as files.
    fn files(&self, at: Option<i64>) -> Markup {
        let place = |format: &str| format!("{}?{}", self.sheet.path("/map/export"), self.asked.query(at, Some(format)));
        html! {
            @for (format, name) in [("svg", "SVG"), ("pdf", "PDF")] {
                a.btn.btn-s href=(place(format)) download data-turbo="false" aria-label=(tf("Save the map as {format}", &[("format", &name)])) { (icon_small("download")) (name) }
            }
        }
    }

    fn form(&self, at: Option<i64>, classes: &[(i64, String)], wrong: Option<&str>) -> Markup {
        let zone = &self.sheet.frame.zone;
        let given = at.map(|at| input_value(at, zone)).or_else(|| self.asked.at.clone()).unwrap_or_default();
        let control = Control::DateTime { value: given.into(), zone: zone_name(zone).into() };
        let mut field_at = Field::new("at", "As it was on", control);
        field_at.error = wrong.map(|wrong| wrong.to_owned().into());
        let opened = self.sheet.view.record.get(&spine::OPENED).map_or(self.now, |opened| opened.0);
        let depths = DEPTHS.into_iter().chain((!DEPTHS.contains(&self.asked.depth)).then_some(self.asked.depth));
        // The form asks for the others itself.
        let kept = self.asked.pairs(None).into_iter().filter(|(name, _)| ["way", "fails", "chosen"].contains(name));
        html! {
            form.map-controls method="get" action=(self.sheet.path("/map")) data-turbo-action="replace" aria-label=(t("What is shown")) data-map-form {
                @for (name, value) in kept { input type="hidden" name=(name) value=(value); }
                label.cal-choice { span { "Steps" }
                    select.control name="depth" { @for depth in depths { option value=(depth) selected[depth == self.asked.depth] { (depth) } } }
                }
                label.cal-choice { span { "Class" }
                    select.control name="class" {
                        option value="" { "All" }
                        @for (id, name) in classes { option value=(id) selected[Some(*id) == self.asked.class] { (t(name)) } }
                    }
                }
                label.cal-choice { span { "Environment" }
                    select.control name="environment" {
                        option value="" { "All" }
                        @for choice in picture::environments(self.process()) { option value=(choice.key) selected[self.asked.environment.as_deref() == Some(choice.key)] { (t(choice.label)) } }
                    }
                }
                div.map-at { (field(&field_at)) }
                @if opened < self.now {
                    label.cal-choice.map-time hidden data-map-time { span { "Point in time" }
                        input type="range" name="moment" min=(opened) max=(self.now) step=(step(self.now - opened)) value=(at.unwrap_or(self.now)) disabled data-zone=(zone.iana_name().unwrap_or("UTC"));
                    }
                }
                button.btn type="submit" { "Show" }
                @if at.is_some() || wrong.is_some() { a.btn.btn-ghost href={ (self.sheet.path("/map")) "?" (self.asked.query(None, None)) } { "As it is now" } }
            }
        }
    }
}

/// How many records a drawing has no room for.
fn left_out(class: &str, many: usize) -> Markup {
    let words =
        tn(many, "{n} item has no box; it stands in the tables.", "{n} items have no box; they stand in the tables.");
    html! { @if many > 0 { p.quiet.(class) { (words) } } }
}

/// Two hundred steps over a stretch of time, none shorter than a minute.
fn step(stretch: i64) -> i64 {
    (stretch / 200).max(60_000)
}
