//! Asking what is done to many records, trying it, and doing it.

use std::collections::HashMap;

use axum::extract::{Extension, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::records::{self, Bulk, BulkRow, Listing, MOST_IN_BULK};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::condition::Operand;
use mainstay_engine::process::{Asks, Process, Relation};
use mainstay_engine::refusal::Refusal;
use mainstay_markup::html;
use mainstay_words::{inside, sentence, t, tf};
use maud::Markup;

use super::offers::{Offers, What};
use crate::address;
use crate::components::{
    Banner, Choice, Control, Field, Picked, PickerKind, ViewHead, Weight, Width, banner, data_table, field, pane,
    token_field, view_head,
};
use crate::components::{Column, Row};
use crate::failure::Failure;
use crate::fields::{Asking, Pickers, resolve, values};
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::pages::frame::{At, Frame, Place};
use crate::pages::new::FROM;
use crate::pages::queue::Asked;
use crate::pages::queue::list::number;
use crate::pages::queue::look::{Plan, plan};
use crate::session::{Posted, Visit};
use crate::web::Web;

/// A condition that names records by their numbers is no longer than this.
const LONGEST_LIST: usize = 3_900;
/// The address of a list is no longer than this in an address that leads back to it.
const LONGEST_BACK: usize = 800;
/// Records named on the page before the rest is only counted.
const MOST_NAMED: usize = 12;

/// What the page knows.
struct Job {
    frame: Frame,
    asked: Asked,
    form: Form,
    numbers: Vec<String>,
    titles: HashMap<String, String>,
    /// The list holds more than one request may name.
    cut: bool,
    offers: Offers,
    what: Option<What>,
    pickers: Pickers,
    /// Macros that there are, by name.
    macros: Vec<(i64, String)>,
    /// How its records can belong together with others.
    relations: Vec<&'static Relation>,
    /// What it would come to, once that was tried.
    tried: Option<Vec<BulkRow>>,
}

/// `GET /{plural}/bulk`
pub async fn ask(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Failure> {
    let form = Form::of(address::pairs(&query.unwrap_or_default()))?;
    let trial = move |session: &mut Session<'_>, caller: &Caller| {
        let mut job = Job::load(session, caller, process, form.clone())?;
        // What asks nothing is tried at once.
        if job.what.is_some_and(What::asks_nothing) && !job.numbers.is_empty() {
            let bulk = job.bulk(session, caller, true)?;
            job.tried = Some(records::bulk(session, caller, process, &bulk)?.rows);
        }
        Ok(job)
    };
    let job = web.write(&visit, Channel::Desk, trial).await?;
    // Its own form asks the rest.
    if let Some(What::Open(other)) = job.what.filter(|_| !job.numbers.is_empty()) {
        let from = job.numbers.iter().map(|number| (FROM, number.as_str()));
        return Ok(go_on(&address::with_query(&format!("/{}/new", other.plural), from), None));
    }
    Ok(job.page(&web, &visit, process, StatusCode::OK, None))
}

/// What sending the form came to.
enum Came {
    /// It was tried only, or refused.
    Asked(Box<Job>, Option<Refusal>),
    /// It was done: the run, how many changed, how many were left.
    Done { run: Option<i64>, changed: usize, skipped: usize, label: String },
}

/// `POST /{plural}/bulk`: tries it, or does it.
pub async fn take(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    Posted { visit, form }: Posted,
) -> Result<Response, Failure> {
    let list = Asked::read(process, &form.typed()).at(&format!("/{}", process.plural));
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let mut job = Job::load(session, caller, process, form.clone())?;
        let go = form.has("_go");
        let Some(what) = job.what else { return Ok(Came::Asked(Box::new(job), None)) };
        let done = session.attempt(|session| {
            let bulk = job.bulk(session, caller, !go)?;
            records::bulk(session, caller, process, &bulk)
        });
        match done {
            Err(mainstay_desk::Error::Refused(refusal)) => Ok(Came::Asked(Box::new(job), Some(refusal))),
            Err(error) => Err(error),
            Ok(done) if go => {
                let skipped = done.rows.iter().filter(|row| row.refused.is_some()).count();
                let changed = done.rows.len() - skipped;
                Ok(Came::Done { run: done.run, changed, skipped, label: what.label() })
            }
            Ok(done) => {
                job.tried = Some(done.rows);
                Ok(Came::Asked(Box::new(job), None))
            }
        }
    };
    match web.write(&visit, Channel::Desk, work).await? {
        // Nothing was done yet, so this is no success; and only so it is shown.
        Came::Asked(job, refusal) => {
            Ok(job.page(&web, &visit, process, StatusCode::UNPROCESSABLE_ENTITY, refusal.as_ref()))
        }
        Came::Done { run: Some(run), changed, skipped, .. } if skipped > 0 || changed == 0 => {
            let place = address::with_query(
                &format!("/{}/bulk/{run}", process.plural),
                [("list", list.as_str())].into_iter().filter(|_| list.contains('?')),
            );
            Ok(go_on(&place, None))
        }
        Came::Done { run, changed, label, .. } => {
            let flash = Flash::done(format!("{label}: {} changed.", counted(process, changed)));
            let flash = match run {
                Some(run) => flash.undone_by(undo_address(process, run, &list)),
                None => flash,
            };
            Ok(go_on(&list, Some(flash)))
        }
    }
}

/// Where a run is taken back; that leads to the list again.
pub fn undo_address(process: &Process, run: i64, list: &str) -> String {
    let back = [("list", list)].into_iter().filter(|(_, list)| list.contains('?') && list.len() < LONGEST_BACK);
    address::with_query(&format!("/{}/bulk/{run}/undo", process.plural), back)
}

/// "1 incident", "23 incidents".
pub fn counted(process: &Process, count: usize) -> String {
    let word = if count == 1 { process.label } else { process.label_plural };
    format!("{count} {}", inside(word))
}

impl Job {
    fn load(
        session: &mut Session<'_>,
        caller: &Caller,
        process: &'static Process,
        form: Form,
    ) -> mainstay_desk::Result<Self> {
        let frame = Frame::load(session, caller)?;
        let asked = Asked::read(process, &form.typed());
        let (mut numbers, mut cut) = (form.all("n"), false);
        let mut titles = HashMap::new();
        if form.has("all") {
            let Plan { listing, .. } = plan(session, caller, process, &asked)?;
            let listing = Listing { limit: MOST_IN_BULK, fields: Some(Vec::new()), after: None, ..listing };
            let page = records::list(session, caller, process, &listing)?;
            cut = page.next.is_some();
            numbers = page.rows.iter().map(|row| number(&row.record)).collect();
        }
        numbers.truncate(MOST_IN_BULK);
        if !numbers.is_empty() {
            let mut filter = String::new();
            for each in &numbers {
                let quoted = Operand::Text(each.clone()).to_string();
                if filter.len() + quoted.len() > LONGEST_LIST {
                    break;
                }
                filter += if filter.is_empty() { "number in (" } else { ", " };
                filter += &quoted;
            }
            filter.push(')');
            let fields = Some(Vec::new());
            let listing = Listing { filter: Some(filter), fields, limit: MOST_IN_BULK, ..Listing::default() };
            let page = records::list(session, caller, process, &listing)?;
            let title = |row: &records::Row| row.record.value("title").as_text().unwrap_or_default().to_owned();
            titles.extend(page.rows.iter().map(|row| (number(&row.record), title(row))));
        }
        let offers = Offers::of(session, caller, process);
        let what = form.get("do").and_then(|key| offers.named(key));
        let pickers = Pickers::load(session, caller, what.into_iter().flat_map(What::fields))?;
        let macros = match what {
            Some(What::Macro) => records::macros_of(session, caller, process)?,
            _ => Vec::new(),
        };
        // Into one of the chosen the others are merged.
        if let (Some(What::Step(_)), Some(into)) = (what, form.filled("link")) {
            numbers.retain(|number| !number.eq_ignore_ascii_case(into));
        }
        let relations = session.config.relations(process).collect();
        Ok(Self { frame, asked, form, numbers, titles, cut, offers, what, pickers, macros, relations, tried: None })
    }

    /// The command that the form comes to.
    fn bulk(&self, session: &mut Session<'_>, caller: &Caller, dry_run: bool) -> mainstay_desk::Result<Bulk> {
        let Some(what) = self.what else { return Ok(Bulk::default()) };
        let words = |name: &str| self.form.filled(name).map(str::to_owned);
        let fields = what.fields();
        let mut given = values(fields.iter().copied(), &self.form, &self.frame.zone);
        resolve(session, caller, fields, &mut given)?;
        if matches!(what, What::Step(_)) {
            // What is left empty stays with each record as it is.
            given.retain(|_, value| !value.is_null());
        }
        Ok(Bulk {
            verb: what.verb().to_owned(),
            numbers: self.numbers.clone(),
            values: given,
            reason: words("reason"),
            comment: words("comment"),
            macro_: self.form.number("macro"),
            held: true,
            relation: words("relation"),
            link: words("link").map(|number| number.to_uppercase()),
            dry_run,
        })
    }

    fn page(
        &self,
        web: &Web,
        visit: &Visit,
        process: &'static Process,
        status: StatusCode,
        refusal: Option<&Refusal>,
    ) -> Response {
        let title = match self.what {
            Some(what) => tf(
                "{act}: {records}",
                &[("act", &t(&what.label())), ("records", &counted(process, self.numbers.len()))],
            ),
            None => tf("Change {records}", &[("records", &counted(process, self.numbers.len()))]),
        };
        let list = self.asked.closed().at(&format!("/{}", process.plural));
        let above = vec![(process.label_plural.into(), list.as_str().into())];
        let head = view_head(&ViewHead { title: title.as_str().into(), above, ..ViewHead::default() });
        let body = if self.numbers.is_empty() {
            let words = t("Choose records in the list first: the box stands before each row.");
            let back = crate::components::button_link(&list, t("Back to the list"), None, true);
            crate::components::nothing(crate::components::Nothing::Filtered, t("Nothing chosen"), words, &back, None)
        } else {
            self.body(visit, process, refusal, &list)
        };
        let place = self.asked.view.map_or(Place::Process(process.key), Place::View);
        let at = At::new(&title, place).answered(status).of_record();
        self.frame.page(web, visit, &at, &pane(&head, &body))
    }

    fn body(&self, visit: &Visit, process: &'static Process, refusal: Option<&Refusal>, list: &str) -> Markup {
        html! {
            (self.chosen())
            @if let Some(refusal) = refusal.filter(|refusal| refusal.errors.is_empty()) { (refused(refusal)) }
            @if let Some(rows) = &self.tried { (self.trial(rows)) }
            @if self.what.is_none() {
                form.form method="get" action={ "/" (process.plural) "/bulk" } {
                    (self.carried())
                    (field(&self.what_to_do()))
                    div.form-foot { button.btn.btn-primary type="submit" { "Go on" } a.btn.btn-ghost href=(list) { "Cancel" } }
                }
            } @else {
                form.form method="post" action={ "/" (process.plural) "/bulk" } {
                    (token_field(visit.token()))
                    (self.carried())
                    input type="hidden" name="do" value=(self.form.get("do").unwrap_or_default());
                    div.form-grid { @for each in self.questions(process, refusal) { (field(&each)) } }
                    (self.foot(list))
                }
            }
        }
    }

    /// Which records it is about.
    fn chosen(&self) -> Markup {
        let more = self.numbers.len().saturating_sub(MOST_NAMED);
        html! {
            ul.bulk-chosen aria-label="Chosen records" {
                @for number in self.numbers.iter().take(MOST_NAMED) {
                    li { bdi.nowrap { (number) } " " span.quiet dir="auto" { (self.titles.get(number).map(String::as_str).unwrap_or_default()) } }
                }
                @if more > 0 { li.quiet { (tf("and {n} more", &[("n", &more)])) } }
            }
            @if self.cut {
                p.quiet { (tf("The list holds more; the first {n} can be changed at once.", &[("n", &MOST_IN_BULK)])) }
            }
        }
    }

    /// The chosen records and the list, as hidden values.
    fn carried(&self) -> Markup {
        html! {
            @for number in &self.numbers { input type="hidden" name="n" value=(number); }
            @if let Some(view) = self.asked.view { input type="hidden" name="view" value=(view); }
            @if !self.asked.by_default {
                @for filter in &self.asked.filters { input type="hidden" name="filter" value=(filter); }
                @if self.asked.filters.is_empty() && self.asked.view.is_none() { input type="hidden" name="filter" value=""; }
            }
            @let columns = self.asked.columns.join(",");
            @for (name, value) in self.asked.looks(&columns) { input type="hidden" name=(name) value=(value); }
        }
    }

    fn what_to_do(&self) -> Field<'static> {
        let options = self.offers.all().map(|(key, label)| Choice::new(key, t(&label).to_owned(), false)).collect();
        let mut asked = Field::new("do", t("What to do"), Control::Select { options, blank: Some(t("Choose").into()) });
        asked.required = true;
        asked
    }

    fn questions(&self, process: &'static Process, refusal: Option<&Refusal>) -> Vec<Field<'static>> {
        let Some(what) = self.what else { return Vec::new() };
        let errors = refusal.map(|refusal| refusal.errors.as_slice()).unwrap_or_default();
        let asking = Asking { pickers: &self.pickers, zone: &self.frame.zone, errors };
        let mut asked: Vec<Field<'static>> =
            what.fields().into_iter().map(|def| asking.sent(def, &self.form)).collect();
        for each in &mut asked {
            each.required = false;
            if matches!(what, What::Step(_)) && each.help.is_none() {
                each.help = Some(t("Left empty, each record keeps what it has.").into());
            }
        }
        let given = |name: &str| self.form.get(name).unwrap_or_default().to_owned();
        let number = |label: &str| {
            let chosen = |number: &String| {
                let title = self.titles.get(number).map(String::as_str).unwrap_or_default();
                Picked { value: number.clone().into(), label: format!("{number} {title}").into() }
            };
            let control = Control::Picker {
                kind: PickerKind::Record,
                picked: Some(given("link"))
                    .filter(|to| !to.is_empty())
                    .map(|to| Picked { value: to.into(), label: "".into() }),
                options: self.numbers.iter().map(chosen).collect(),
                source: Some("/pick/records".into()),
            };
            let mut link = Field::new("link", label.to_owned(), control);
            link.help = Some(t("A number, or words of its title. It may be one of the chosen.").into());
            link.required = true;
            link
        };
        let words = |name: &'static str, label: &'static str| {
            let mut words = Field::new(name, label, Control::Markdown { value: given(name).into(), rows: 3 });
            words.width = Width::Full;
            words
        };
        match what {
            What::Link => {
                let now = given("relation");
                let options = self.relations.iter();
                let options = options.map(|r| Choice::new(r.key, t(r.label), r.key == now)).collect();
                let mut relation =
                    Field::new("relation", t("How they belong together"), Control::Select { options, blank: None });
                relation.required = true;
                asked.extend([relation, number("Record")]);
            }
            What::Step(step) => {
                if let Some(relation) = step.links.and_then(|key| process.relation(key)) {
                    asked.push(number(relation.label));
                }
                match step.asks {
                    Asks::Reason => asked.push(words("reason", "Reason")),
                    Asks::Comment => asked.push(words("comment", "Words to the requester")),
                    Asks::Nothing => {}
                }
            }
            What::Reply => asked.push(Field { required: true, ..words("comment", "Words to the requester") }),
            What::Macro => {
                let now = self.form.number("macro");
                let option = |(id, name): &(i64, String)| Choice::new(id.to_string(), name.clone(), Some(*id) == now);
                let options = self.macros.iter().map(option).collect();
                let blank = Some(t("Choose").into());
                asked.push(Field {
                    required: true,
                    ..Field::new("macro", t("Macro"), Control::Select { options, blank })
                });
            }
            What::Field(_) | What::Tag(_) | What::Watch | What::Open(_) => {}
        }
        asked
    }

    /// What it would come to, in a sentence, and who cannot and why.
    fn trial(&self, rows: &[BulkRow]) -> Markup {
        let skipped: Vec<&BulkRow> = rows.iter().filter(|row| row.refused.is_some()).collect();
        let able = rows.len() - skipped.len();
        let weight = match (able, skipped.len()) {
            (_, 0) => Weight::Success,
            (0, _) => Weight::Danger,
            _ => Weight::Warning,
        };
        let title = tf("{able} of {all} can change", &[("able", &able), ("all", &rows.len())]);
        let text = if skipped.is_empty() {
            "Nothing has changed yet."
        } else {
            "The others stay as they are; why stands below. Nothing has changed yet."
        };
        let line = |row: &&BulkRow| {
            let says = row.refused.as_ref().map(|refusal| sentence(&refusal.detail).into_owned()).unwrap_or_default();
            let title = self.titles.get(&row.number).cloned().unwrap_or_default();
            Row {
                id: format!("skipped-{}", row.number).into(),
                cells: vec![
                    html! { bdi.nowrap { (row.number) } },
                    html! { span dir="auto" { (title) } },
                    html! { (says) },
                ],
                ..Row::default()
            }
        };
        let columns =
            ["Number", "Title", "Why not"].map(|label| Column { label: t(label).into(), ..Column::default() });
        html! {
            div #trial role="status" tabindex="-1" { (banner(&Banner { weight, title: title.into(), text: t(text).into(), ..Banner::default() })) }
            @if !skipped.is_empty() { (data_table(t("What stays as it is"), &columns, &skipped.iter().map(line).collect::<Vec<_>>())) }
        }
    }

    fn foot(&self, list: &str) -> Markup {
        let able = self.tried.as_ref().map(|rows| rows.iter().filter(|row| row.refused.is_none()).count());
        let asks = !self.what.is_some_and(What::asks_nothing);
        html! {
            div.form-foot {
                @match able {
                    Some(0) => { @if asks { button.btn.btn-primary type="submit" { "Check again" } } }
                    Some(able) => {
                        button.btn.btn-primary type="submit" name="_go" value="1" { (tf("Change {records}", &[("records", &able)])) }
                        @if asks { button.btn type="submit" { "Check again" } }
                    }
                    None => { button.btn.btn-primary type="submit" { "Check" } }
                }
                a.btn.btn-ghost href=(list) { "Cancel" }
            }
        }
    }
}

fn refused(refusal: &Refusal) -> Markup {
    banner(&Banner {
        weight: Weight::Danger,
        title: t("Not possible").into(),
        text: sentence(&refusal.detail).into_owned().into(),
        ..Banner::default()
    })
}
