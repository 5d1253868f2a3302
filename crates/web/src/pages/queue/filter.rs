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
use super::words::in_words;
use crate::address;
use crate::components::{Choice, Control, Field, FieldError as Wrong, ViewHead, error_summary, field, pane, view_head};
use crate::conditions::{Builder, Draft, Within, askable, sent_lines, stated};
use crate::failure::Failure;
use crate::flash::go_on;
use crate::form::Form;
use crate::pages::frame::{At, Frame, Place, STILL_OPEN};
use crate::session::Visit;
use crate::web::Web;

/// What the page of conditions shows.
struct Chooser {
    frame: Frame,
    asked: Asked,
    builder: Builder,
    /// What no line can say, with its words.
    kept: Vec<(String, String)>,
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
    let asked = read(&query, &form);
    let chooser = load(&web, &visit, process, asked, form).await?;
    Ok(chooser.page(&web, &visit, process, StatusCode::OK, "", &[]))
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
    let mut asked = Asked { by_default: false, after: Vec::new(), ..Asked::read(&format!("{query}&filter=")) };
    let typed = form.filled("where").unwrap_or_default().to_owned();
    let sent = form.clone();
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let made = stated(session, caller, process, &sent, "")?;
        Ok(made.map(|conditions| conditions.iter().map(ToString::to_string).collect::<Vec<_>>()))
    };
    let wrong = match web.read(&visit, Channel::Desk, work).await? {
        Ok(made) => {
            asked
                .filters
                .extend(made.into_iter().map(|text| if is_still_open(&text) { STILL_OPEN.into() } else { text }));
            if typed.is_empty() {
                return Ok(go_on(&asked.at(&format!("/{}", process.plural)), None));
            }
            match Condition::parse(&typed) {
                Ok(_) => {
                    asked.filters.push(typed);
                    return Ok(go_on(&asked.at(&format!("/{}", process.plural)), None));
                }
                Err(fault) => FieldError::new("where", fault.code, fault.says),
            }
        }
        Err(wrong) => wrong,
    };
    let chooser = load(&web, &visit, process, read(&query, &form), form).await?;
    Ok(chooser.page(&web, &visit, process, StatusCode::UNPROCESSABLE_ENTITY, &typed, &[wrong]))
}

fn is_still_open(text: &str) -> bool {
    Condition::parse(STILL_OPEN).is_ok_and(|open| open.to_string() == text)
}

/// What the list is asked for. A page that was built further holds its conditions as lines.
fn read(query: &str, form: &Form) -> Asked {
    let asked = Asked::read(query);
    if form.has("lines") { Asked { by_default: false, ..Asked::read(&format!("{query}&filter=")) } } else { asked }
}

async fn load(
    web: &Web,
    visit: &Visit,
    process: &'static Process,
    asked: Asked,
    form: Form,
) -> Result<Chooser, Failure> {
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let frame = Frame::load(session, caller)?;
        let fields = askable(session, process);
        let find = |key: &str| fields.iter().copied().find(|field| field.key == key);
        let draft = if form.has("lines") {
            Draft { rest: asked.filters.clone(), ..sent_lines(&form, "") }
        } else {
            Draft::of(&asked.filters, &find)
        };
        let mut kept = Vec::new();
        for filter in &draft.rest {
            kept.push((filter.clone(), in_words(session, process, filter)?));
        }
        let builder = Builder::load(session, caller, process, draft)?;
        Ok(Chooser { frame, asked, builder, kept })
    };
    web.read(visit, Channel::Desk, work).await
}

impl Chooser {
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
        let body = html! {
            (self.quick(process))
            turbo-frame #sentences { (self.sentences(process, typed, errors, &list)) }
        };
        let place = self.asked.view.map_or(Place::Process(process.key), Place::View);
        self.frame.page(web, visit, &At::new(&title, place).answered(status).of_record(), &pane(&head, &body))
    }

    /// Conditions that people want every day, one click each.
    fn quick(&self, process: &'static Process) -> Markup {
        let all = [
            ("Assigned to me", "assignee = me"),
            ("Without an assignee", "assignee is empty"),
            ("With my teams", "team in my_teams"),
            ("Still open", STILL_OPEN),
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

    fn sentences(&self, process: &'static Process, typed: &str, errors: &[FieldError], list: &str) -> Markup {
        let wrong: Vec<Wrong<'_>> = errors
            .iter()
            .map(|error| Wrong { field: Some(error.field.as_str().into()), message: error.detail.as_str().into() })
            .collect();
        let rebuild = format!("/{}/filter", process.plural);
        let asks = Within { rebuild: Some(&rebuild), personal: true, ..Within::default() };
        html! {
            form.form.sentences method="get" action={ (rebuild) "/apply" } {
                // The key Enter sends the form by its first button, which must not be one that removes a line.
                button.sr type="submit" tabindex="-1" aria-hidden="true" data-turbo-frame="_top" { "Show" }
                (error_summary(&wrong))
                (self.carried())
                (self.builder.sentences(&asks, errors))
                (self.kept())
                details.sentence-words open[!typed.is_empty()] {
                    summary { "In words of your own" }
                    (field(&self.builder.typed("where", typed, errors)))
                }
                button.btn.btn-s.needs-no-script type="submit" formaction=(rebuild) formnovalidate data-update-form { "Update form" }
                div.form-foot {
                    button.btn.btn-primary type="submit" data-turbo-frame="_top" { "Show" }
                    a.btn.btn-ghost href=(list) data-turbo-frame="_top" { "Cancel" }
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

    fn kept(&self) -> Markup {
        if self.kept.is_empty() {
            return html! {};
        }
        let options = self.kept.iter().map(|(text, words)| Choice::new(text.as_str(), words.as_str(), true)).collect();
        field(&Field::new("filter", "Also in force", Control::Checks { options }).answered())
    }
}
