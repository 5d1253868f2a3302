//! Choosing conditions for a list: sentences with lines that hold together or one by one, or the condition language.

use axum::extract::{Extension, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::condition::Condition;
use mainstay_engine::process::Process;
use mainstay_engine::refusal::FieldError;
use mainstay_markup::html;
use mainstay_words::{inside, t, tf};
use maud::Markup;

use super::asked::Asked;
use crate::address;
use crate::components::{ViewHead, pane, view_head};
use crate::conditions::{Chooser, Ways, conclude, typed};
use crate::failure::Failure;
use crate::flash::go_on;
use crate::form::Form;
use crate::pages::frame::{At, Frame, Place, begins_with, first_words};
use crate::session::Visit;
use crate::web::Web;

/// What the page of conditions shows.
struct Choosing {
    frame: Frame,
    asked: Asked,
    chooser: Chooser,
}

/// `GET /{plural}/filter`
pub async fn choose(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    let form = Form::of(address::pairs(&query))?;
    let asked = read(process, &query, &form);
    let choosing = load(&web, &visit, process, asked, form).await?;
    Ok(choosing.page(&web, &visit, process, StatusCode::OK, "", &[]))
}

/// `GET /{plural}/filter/apply`: turns sentences into conditions and leads to the list.
pub async fn apply(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    let form = Form::of(address::pairs(&query))?;
    let mut asked = Asked { by_default: false, after: Vec::new(), ..Asked::read(process, &format!("{query}&filter=")) };
    let sent = form.clone();
    let work = move |session: &mut Session<'_>, caller: &Caller| conclude(session, caller, process, &sent);
    let wrong = match web.read(&visit, Channel::Desk, work).await? {
        Ok(made) => {
            let begins = begins_with(process);
            asked
                .filters
                .extend(made.into_iter().map(|text| if is_same(&text, begins) { begins.into() } else { text }));
            return Ok(go_on(&asked.at(&format!("/{}", process.plural)), None));
        }
        Err(wrong) => wrong,
    };
    let words = typed(&form).to_owned();
    let choosing = load(&web, &visit, process, read(process, &query, &form), form).await?;
    Ok(choosing.page(&web, &visit, process, StatusCode::UNPROCESSABLE_ENTITY, &words, &[wrong]))
}

/// Whether a condition is the one that a list begins with, however it was written.
fn is_same(text: &str, begins: &str) -> bool {
    Condition::parse(begins).is_ok_and(|begins| begins.to_string() == text)
}

/// What the list is asked for. A page that was built further holds its conditions as lines.
fn read(process: &Process, query: &str, form: &Form) -> Asked {
    let asked = Asked::read(process, query);
    if form.has("lines") {
        Asked { by_default: false, ..Asked::read(process, &format!("{query}&filter=")) }
    } else {
        asked
    }
}

async fn load(
    web: &Web,
    visit: &Visit,
    process: &'static Process,
    asked: Asked,
    form: Form,
) -> Result<Choosing, Failure> {
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let frame = Frame::load(session, caller)?;
        let chooser = Chooser::load(session, caller, process, &form, &asked.filters)?;
        Ok(Choosing { frame, asked, chooser })
    };
    web.read(visit, Channel::Desk, work).await
}

impl Choosing {
    fn page(
        &self,
        web: &Web,
        visit: &Visit,
        process: &'static Process,
        status: StatusCode,
        typed: &str,
        errors: &[FieldError],
    ) -> Response {
        let title = tf("Filter {records}", &[("records", &inside(process.label_plural))]);
        let list = self.asked.closed().at(&format!("/{}", process.plural));
        let above = vec![(process.label_plural.into(), list.as_str().into())];
        let head = view_head(&ViewHead { title: title.as_str().into(), above, ..ViewHead::default() });
        let page = format!("/{}/filter", process.plural);
        let ways = Ways { page: &page, back: &list, carried: &self.carried() };
        let body = html! { (self.quick(process)) (self.chooser.form(&ways, typed, errors)) };
        let place = self.asked.view.map_or(Place::Process(process.key), Place::View);
        self.frame.page(web, visit, &At::new(&title, place).answered(status).of_record(), &pane(&head, &body))
    }

    /// Conditions that people want every day, one click each.
    fn quick(&self, process: &'static Process) -> Markup {
        let all = [
            ("Assigned to me", "assignee = me"),
            ("Without an assignee", "assignee is empty"),
            ("With my teams", "team in my_teams"),
            (first_words(process), begins_with(process)),
            ("Due today", "due during today"),
            ("Critical and high", "priority <= 2"),
            ("Reported today", "opened during today"),
        ];
        let known = |text: &str| text.split(' ').next().is_some_and(|key| process.field(key).is_some());
        html! {
            div.line.wrap {
                @for (words, text) in all.into_iter().filter(|(_, text)| known(text)) {
                    a.pill.pill-line href=(self.asked.narrowed(text).at(&format!("/{}", process.plural))) { (t(words)) }
                }
            }
        }
    }

    /// What the list keeps while its conditions change.
    fn carried(&self) -> Markup {
        html! {
            @if let Some(view) = self.asked.view { input type="hidden" name="view" value=(view); }
            @let columns = self.asked.columns.join(",");
            @for (name, value) in self.asked.looks(&columns) { input type="hidden" name=(name) value=(value); }
        }
    }
}
