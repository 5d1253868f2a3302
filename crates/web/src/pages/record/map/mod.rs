//! What hangs on a record: the map as a drawing and as tables, now or at an instant, and as a file.

mod asked;
mod drawing;
mod tables;

use axum::response::Response;
use mainstay_desk::maps::picture::{self, Format, Picture};
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
    let look = Look { sheet, asked, now: around.now };
    Ok(match &read {
        Ok((at, picture)) => look.shown(*at, picture),
        Err(wrong) => html! { div.details { (look.form(None, &[], Some(wrong))) } },
    })
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

struct Look<'a> {
    sheet: &'a Sheet,
    asked: Asked,
    now: i64,
}

impl Look<'_> {
    fn process(&self) -> &'static Process {
        self.sheet.process()
    }

    fn shown(&self, at: Option<i64>, picture: &Picture) -> Markup {
        let process = self.process();
        let impact = picture.around.up.as_ref();
        let alone = picture.nodes.len() <= 1 && self.asked.class.is_none();
        html! {
            div.details.map-page {
                (self.form(at, &picture.classes, None))
                @if let Some(impact) = impact {
                    section.card.map-says aria-labelledby="if-it-fails" {
                        h2 #if-it-fails .card-title { @if at.is_some() { "If it had failed" } @else { "If it fails" } }
                        p { (tables::summary(impact)) }
                    }
                }
                @if alone {
                    (nothing(Nothing::Yet, "Nothing hangs on it yet", "Link it under Related with what it depends on.", &html! {}, None))
                } @else {
                    section.map-part aria-labelledby="map-title" {
                        div.line {
                            h2.card-title.grow #map-title { (self.title(at)) }
                            (self.files(at))
                        }
                        (drawing::drawing(process, picture))
                        @if picture.rest() > 0 { p.quiet { (tn(picture.rest(), "{n} item has no box; it stands in the tables.", "{n} items have no box; they stand in the tables.")) } }
                        @if picture.more() { p.quiet { "There is more than is shown here." } }
                    }
                    div.map-tables { (tables::tables(process, picture)) }
                }
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
        html! {
            form.map-controls method="get" action=(self.sheet.path("/map")) data-turbo-action="replace" aria-label=(t("What is shown")) data-map-form {
                label.cal-choice { span { "Direction" }
                    select.control name="way" {
                        @for shown in Shown::ALL { option value=(shown.key()) selected[shown == self.asked.shown] { (t(shown.label())) } }
                    }
                }
                label.cal-choice { span { "Steps" }
                    select.control name="depth" { @for depth in depths { option value=(depth) selected[depth == self.asked.depth] { (depth) } } }
                }
                label.cal-choice { span { "Class" }
                    select.control name="class" {
                        option value="" { "All" }
                        @for (id, name) in classes { option value=(id) selected[Some(*id) == self.asked.class] { (t(name)) } }
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

/// Two hundred steps over a stretch of time, none shorter than a minute.
fn step(stretch: i64) -> i64 {
    (stretch / 200).max(60_000)
}
