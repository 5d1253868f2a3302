//! Choosing conditions for a list: by questions with answers, or in the condition language.

use axum::extract::{Extension, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::{Caller, Channel, Session, registers as door};
use mainstay_engine::condition::Condition;
use mainstay_engine::field::{FieldDef, Home, Kind, Writer};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::FieldError;
use mainstay_markup::html;
use mainstay_processes::registers;
use maud::Markup;

use super::asked::Asked;
use super::words::in_words;
use crate::address;
use crate::components::{
    Choice, Control, Field, FieldError as Wrong, TextKind, ViewHead, Width, error_summary, field, form_foot, pane,
    token_field, view_head,
};
use crate::failure::Failure;
use crate::fields::{Pickers, entry_named};
use crate::flash::go_on;
use crate::form::Form;
use crate::pages::frame::{At, Frame, Place};
use crate::session::Visit;
use crate::shown::priority_word;
use crate::web::Web;

/// Names of the controls begin so.
const ASKED: &str = "f.";
const PERIODS: [(&str, &str); 8] = [
    ("today", "Today"),
    ("yesterday", "Yesterday"),
    ("this_week", "This week"),
    ("last_week", "Last week"),
    ("this_month", "This month"),
    ("last_month", "Last month"),
    ("this_year", "This year"),
    ("last_year", "Last year"),
];

/// What the page of conditions shows.
struct Chooser {
    frame: Frame,
    asked: Asked,
    kept: Vec<(String, String)>,
    of_view: Option<(String, Option<String>)>,
    pickers: Pickers,
    fields: Vec<&'static FieldDef>,
    keys: Vec<(&'static str, &'static str)>,
    may_share: bool,
}

/// `GET /{plural}/filter`
pub async fn choose(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Failure> {
    let asked = Asked::read(&query.unwrap_or_default());
    let chooser = load(&web, &visit, process, asked).await?;
    Ok(chooser.page(&web, &visit, process, StatusCode::OK, "", &[]))
}

/// `GET /{plural}/filter/apply`: turns answers into conditions and leads to the list.
pub async fn apply(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    let form = Form::of(address::pairs(&query))?;
    let mut asked = Asked { by_default: false, ..Asked::read(&format!("{query}&filter=")) };
    let typed = form.filled("where").unwrap_or_default().to_owned();
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let mut made = Vec::new();
        let fields: Vec<&'static FieldDef> = filterable(session, process).collect();
        for field in fields {
            made.extend(answer(session, caller, field, &form)?);
        }
        Ok(made)
    };
    asked.filters.extend(web.read(&visit, Channel::Desk, work).await?);
    asked.after.clear();
    if !typed.is_empty() {
        if let Err(fault) = Condition::parse(&typed) {
            let chooser = load(&web, &visit, process, asked).await?;
            let error = FieldError::new("where", fault.code, fault.says);
            return Ok(chooser.page(&web, &visit, process, StatusCode::UNPROCESSABLE_ENTITY, &typed, &[error]));
        }
        asked.filters.push(typed);
    }
    Ok(go_on(&asked.at(&format!("/{}", process.plural)), None))
}

async fn load(web: &Web, visit: &Visit, process: &'static Process, asked: Asked) -> Result<Chooser, Failure> {
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let frame = Frame::load(session, caller)?;
        let fields: Vec<&'static FieldDef> = filterable(session, process).collect();
        let pickers = Pickers::load(session, caller, fields.iter().copied())?;
        let mut kept = Vec::new();
        for filter in &asked.filters {
            kept.push((filter.clone(), in_words(session, process, filter)?));
        }
        let of_view = match asked.view {
            Some(id) => {
                let view = door::get(session.conn, caller, &registers::VIEWS, id)?;
                let condition = view.text("condition").map(str::to_owned);
                Some((view.name, condition))
            }
            None => None,
        };
        let keys = session.config.fields(process).map(|field| (field.key, field.label)).collect();
        let may_share = caller.rights.may(registers::VIEWS.key, "manage", None);
        Ok(Chooser { frame, asked, kept, of_view, pickers, fields, keys, may_share })
    };
    web.read(visit, Channel::Desk, work).await
}

/// The fields that are asked about: whom it concerns, where it lies, how it is sorted into kinds.
fn filterable<'a>(session: &'a Session<'_>, process: &'static Process) -> impl Iterator<Item = &'static FieldDef> + 'a {
    let fits = |field: &&'static FieldDef| match field.key {
        "state" | "priority" | "title" | "opened" => true,
        _ if matches!(field.kind, Kind::Link(_)) => true,
        _ => {
            let settable = matches!(field.writer, Writer::Anyone | Writer::Staff | Writer::Opener);
            settable && field.home != Home::Custom && matches!(field.kind, Kind::Ref(_) | Kind::Choice(_))
        }
    };
    session.config.fields(process).filter(fits)
}

/// The condition that an answer comes to; none where nothing was answered.
fn answer(
    session: &mut Session<'_>,
    caller: &Caller,
    field: &'static FieldDef,
    form: &Form,
) -> mainstay_desk::Result<Option<String>> {
    let name = format!("{ASKED}{}", field.key);
    let given: Vec<String> = form.all(&name).into_iter().filter(|each| !each.trim().is_empty()).collect();
    let Some(first) = given.first() else { return Ok(None) };
    let quoted = |text: &str| mainstay_engine::condition::Operand::Text(text.to_owned()).to_string();
    let key = field.key;
    Ok(match (key, field.kind) {
        ("title", _) => Some(format!("title contains {}", quoted(first.trim()))),
        ("opened", _) => {
            PERIODS.iter().find(|(period, _)| period == first).map(|(period, _)| format!("opened during {period}"))
        }
        ("priority", _) => {
            let levels: Vec<String> = given.iter().filter(|level| level.parse::<u8>().is_ok()).cloned().collect();
            (!levels.is_empty()).then(|| one_of(key, &levels))
        }
        (_, Kind::Link(_)) if first.trim().eq_ignore_ascii_case("none") => Some(format!("{key} is empty")),
        (_, Kind::Link(_)) => Some(format!("{key} = {}", quoted(first.trim()))),
        (_, Kind::Ref(register)) => match first.as_str() {
            "me" => Some(format!("{key} = me")),
            "none" => Some(format!("{key} is empty")),
            "my_teams" => Some(format!("{key} in my_teams")),
            "my_organisation" => Some(format!("{key} = my_organisation")),
            named => entry_named(session, caller, register, named)?.map(|id| format!("{key} = {id}")),
        },
        _ => Some(one_of(key, &given.iter().map(|each| quoted(each)).collect::<Vec<_>>())),
    })
}

fn one_of(key: &str, values: &[String]) -> String {
    match values {
        [only] => format!("{key} = {only}"),
        many => format!("{key} in ({})", many.join(", ")),
    }
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
        let title = format!("Filter {}", process.label_plural.to_lowercase());
        let head = view_head(&ViewHead { title: title.as_str().into(), ..ViewHead::default() });
        let body = html! {
            (self.quick(process))
            (self.questions(process, typed, errors))
            (self.save_form(process, visit.token()))
        };
        let place = self.asked.view.map_or(Place::Process(process.key), Place::View);
        self.frame.page(web, visit, &At::new(&title, place).answered(status), &pane(&head, &body))
    }

    /// Conditions that people want every day, one click each.
    fn quick(&self, process: &'static Process) -> Markup {
        let all = [
            ("Assigned to me", "assignee = me"),
            ("Without an assignee", "assignee is empty"),
            ("With my teams", "team in my_teams"),
            ("Still open", super::super::frame::STILL_OPEN),
            ("Due today", "due during today"),
            ("Critical and high", "priority <= 2"),
            ("Reported today", "opened during today"),
        ];
        let known = |text: &str| text.split(' ').next().is_some_and(|key| process.field(key).is_some());
        html! {
            div.line.wrap {
                @for (words, text) in all.into_iter().filter(|(_, text)| known(text)) {
                    a.pill.pill-line href=(self.asked.narrowed(text).at(&format!("/{}", process.plural))) { (words) }
                }
            }
        }
    }

    fn questions(&self, process: &'static Process, typed: &str, errors: &[FieldError]) -> Markup {
        let wrong: Vec<Wrong<'_>> = errors
            .iter()
            .map(|error| Wrong { field: Some(error.field.as_str().into()), message: error.detail.as_str().into() })
            .collect();
        let back = self.asked.at(&format!("/{}", process.plural));
        html! {
            form.form.asks method="get" action={ "/" (process.plural) "/filter/apply" } {
                (error_summary(&wrong))
                (self.carried())
                (self.kept())
                div.form-grid { @for each in &self.fields { (field(&self.question(process, each))) } }
                (field(&self.typed(typed, errors)))
                (form_foot("Show", Some(&back)))
            }
        }
    }

    /// What the list keeps while its conditions change.
    fn carried(&self) -> Markup {
        html! {
            @if let Some(view) = self.asked.view { input type="hidden" name="view" value=(view); }
            @if let Some(sort) = &self.asked.sort { input type="hidden" name="sort" value=(sort); }
            @if self.asked.table { input type="hidden" name="show" value="table"; }
        }
    }

    fn kept(&self) -> Markup {
        if self.kept.is_empty() {
            return html! {};
        }
        let options = self.kept.iter().map(|(text, words)| Choice::new(text.as_str(), words.as_str(), true)).collect();
        let mut kept = Field::new("filter", "In force now", Control::Checks { options });
        kept.required = true;
        field(&kept)
    }

    fn question(&self, process: &'static Process, def: &'static FieldDef) -> Field<'static> {
        let options = |all: Vec<(String, String)>| -> Vec<Choice<'static>> {
            all.into_iter().map(|(value, label)| Choice::new(value, label, false)).collect()
        };
        let control = match (def.key, def.kind) {
            ("title", _) => Control::Text { value: "".into(), kind: TextKind::Plain, max_length: Some(200) },
            ("state", _) => Control::Checks {
                options: options(process.states.iter().map(|s| (s.key.into(), s.label.into())).collect()),
            },
            ("priority", _) => {
                let levels = (1..=5).map(|level| (level.to_string(), format!("P{level} {}", priority_word(level))));
                Control::Checks { options: options(levels.collect()) }
            }
            ("opened", _) => {
                let periods = PERIODS.iter().map(|(key, label)| ((*key).into(), (*label).into())).collect();
                Control::Select { options: options(periods), blank: Some("Whenever".into()) }
            }
            (_, Kind::Choice(choices)) => {
                let all = choices.iter().map(|choice| (choice.key.into(), choice.label.into())).collect();
                Control::Select { options: options(all), blank: Some("Any".into()) }
            }
            (_, Kind::Ref(register)) => self.pickers.choose(register, &special(register)),
            _ => Control::Text { value: "".into(), kind: TextKind::Plain, max_length: Some(200) },
        };
        let mut asked = Field::new(format!("{ASKED}{}", def.key), def.label, control);
        asked.required = false;
        asked.width = Width::Half;
        asked.help = matches!(def.kind, Kind::Link(_)).then(|| "The number of a record, or none".into());
        asked
    }

    fn typed(&self, typed: &str, errors: &[FieldError]) -> Field<'static> {
        let control = Control::Text { value: typed.to_owned().into(), kind: TextKind::Plain, max_length: Some(2_000) };
        let mut asked = Field::new("where", "Or in words of your own", control);
        let keys: Vec<String> = self.keys.iter().map(|(key, _)| (*key).to_owned()).collect();
        let help = format!(
            "For example: priority <= 2 and opened >= today - 7d and (assignee = me or assignee is empty). Fields: {}.",
            keys.join(", ")
        );
        asked.help = Some(help.into());
        asked.error = errors.iter().find(|error| error.field == "where").map(|error| error.detail.clone().into());
        asked
    }

    /// Keeps the conditions in force as a view in the sidebar.
    fn save_form(&self, process: &'static Process, token: &str) -> Markup {
        let condition = self.asked.condition(self.of_view.as_ref().and_then(|(_, condition)| condition.as_deref()));
        let name = Control::Text { value: "".into(), kind: TextKind::Plain, max_length: Some(200) };
        let mut name = Field::new("name", "Name", name);
        name.required = true;
        let everyone = Field::new("shared", "For all staff", Control::Bool { value: false });
        html! {
            form.form.form-section method="post" action={ "/" (process.plural) "/views" } {
                h2 { "Keep what is in force now as a view" }
                (token_field(token))
                input type="hidden" name="condition" value=(condition.unwrap_or_default());
                input type="hidden" name="sort" value=(self.asked.sort.as_deref().unwrap_or_default());
                (field(&name))
                @if self.may_share { (field(&everyone)) }
                (form_foot("Save view", None))
            }
        }
    }
}

/// Answers beside the entries themselves.
fn special(register: &str) -> Vec<(&'static str, &'static str)> {
    match register {
        "people" => vec![("me", "Me"), ("none", "Nobody")],
        "teams" => vec![("my_teams", "My teams"), ("none", "None")],
        "organisations" => vec![("my_organisation", "My organisation"), ("none", "None")],
        _ => vec![("none", "None")],
    }
}
