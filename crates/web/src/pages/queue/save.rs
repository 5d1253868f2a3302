//! Keeping a list as a view: for oneself, for teams or for all staff; or changing the view that it began with.

use axum::extract::{Extension, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::registers::{self as door, EntryDraft};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::register::Entry;
use mainstay_markup::html;
use mainstay_processes::registers;
use mainstay_store::entries;
use mainstay_words::{sentence, t, tf};
use maud::Markup;
use serde_json::{Map, Value as Json, json};

use super::asked::{Asked, UNGROUPED};
use super::look::{Look, Plan, plan};
use super::words::in_words;
use crate::components::{Choice, Control, Field, TextKind, ViewHead, field, form_foot, pane, token_field, view_head};
use crate::failure::{Failure, status_of};
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::pages::frame::{At, Frame, Place};
use crate::pages::record::Wrong;
use crate::session::{Posted, Visit};
use crate::web::Web;

/// What the page shows.
struct Keeping {
    frame: Frame,
    asked: Asked,
    look: Look,
    condition: Option<String>,
    sentences: Vec<String>,
    /// The view that the list began with, if the viewer may change it.
    begun: Option<Entry>,
    /// The teams that a view can be shared with.
    teams: Vec<(i64, String)>,
    may_share: bool,
}

/// `GET /{plural}/views`: asks for a name, with the words of the list's own address.
pub async fn ask_name(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Failure> {
    let keeping = load(&web, &visit, process, Asked::read(process, &query.unwrap_or_default())).await?;
    Ok(keeping.page(&web, &visit, process, None, None))
}

/// `POST /{plural}/views`
pub async fn save(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    Posted { visit, form }: Posted,
) -> Result<Response, Failure> {
    let name = form.filled("name").unwrap_or_default().to_owned();
    let changes = form.number("_change");
    let sent = form.clone();
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let values = values(process, &sent);
        let name = Some(sent.filled("name").unwrap_or_default().to_owned());
        let draft = EntryDraft { values, name, ..EntryDraft::default() };
        let Some(id) = changes else { return door::create(session, caller, &registers::VIEWS, &draft) };
        let view = door::get(session.conn, caller, &registers::VIEWS, id)?;
        door::update(session, caller, &registers::VIEWS, id, view.version, &draft)
    };
    match web.write(&visit, Channel::Desk, work).await.map_err(Failure::for_form) {
        Ok(view) => {
            let words = if changes.is_some() {
                format!("“{name}” is changed.")
            } else {
                format!("“{name}” is in the sidebar now.")
            };
            Ok(go_on(&format!("/{}?view={}", process.plural, view.id), Some(Flash::done(words))))
        }
        Err(Ok(refusal)) => {
            let asked = Asked::read(process, form.get("_list").unwrap_or_default());
            let keeping = load(&web, &visit, process, asked).await?;
            Ok(keeping.page(&web, &visit, process, Some(&form), Some(&refusal)))
        }
        Err(Err(failure)) => Err(failure),
    }
}

/// What a form says of a view; what it leaves empty is emptied.
fn values(process: &'static Process, form: &Form) -> Map<String, Json> {
    let text = |name: &str| form.filled(name).map(Json::from);
    let teams: Vec<i64> = form.all("teams").iter().filter_map(|id| id.parse().ok()).collect();
    let columns: Vec<String> = form.all("columns");
    let shared = form.filled("shared").unwrap_or("own").to_owned();
    let mut all: Map<String, Json> = ["condition", "sort", "show", "group", "density"]
        .map(|key| (key.to_owned(), text(key).into()))
        .into_iter()
        .collect();
    all.insert("process".into(), json!(process.key));
    all.insert("columns".into(), if columns.is_empty() { Json::Null } else { json!(columns) });
    all.insert("teams".into(), if shared == "team" { json!(teams) } else { Json::Null });
    all.insert("shared".into(), json!(shared));
    all
}

async fn load(web: &Web, visit: &Visit, process: &'static Process, asked: Asked) -> Result<Keeping, Failure> {
    let work = move |session: &mut Session<'_>, caller: &Caller| {
        let frame = Frame::load(session, caller)?;
        let Plan { view, look, .. } = plan(session, caller, process, &asked)?;
        let of_view = view.as_ref().and_then(|view| view.text("condition"));
        let condition = asked.condition(of_view);
        let mut sentences = Vec::new();
        for text in of_view.into_iter().chain(asked.filters.iter().map(String::as_str)) {
            sentences.push(in_words(session, process, text)?);
        }
        let may_share = caller.rights.may(registers::VIEWS.key, "manage", None);
        let mine = caller.person.as_ref().map(|person| person.teams.clone()).unwrap_or_default();
        let mut teams: Vec<(i64, String)> =
            entries::names(session.conn, &mine)?.into_iter().map(|(id, _, name)| (id, name)).collect();
        if may_share {
            let listing = door::EntryListing { limit: 200, ..door::EntryListing::default() };
            let all = door::list(session.conn, caller, &registers::TEAMS, &listing).unwrap_or_default();
            teams = all.into_iter().map(|team| (team.id, team.name)).collect();
        }
        teams.sort_by_key(|(_, name)| name.to_lowercase());
        let begun = view.filter(|view| door::may_change(caller, &registers::VIEWS, view));
        Ok(Keeping { frame, asked, look, condition, sentences, begun, teams, may_share })
    };
    web.read(visit, Channel::Desk, work).await
}

impl Keeping {
    fn page(
        &self,
        web: &Web,
        visit: &Visit,
        process: &'static Process,
        form: Option<&Form>,
        refusal: Option<&Refusal>,
    ) -> Response {
        let title = t("Save as a view");
        let list = self.asked.closed().at(&format!("/{}", process.plural));
        let above = vec![(process.label_plural.into(), list.as_str().into())];
        let head = view_head(&ViewHead { title: title.into(), above, ..ViewHead::default() });
        let body = html! {
            (self.facts(process))
            form.form method="post" action={ "/" (process.plural) "/views" } {
                (Wrong { refusal }.summary())
                (token_field(visit.token()))
                (self.hidden())
                (field(&self.name(form, refusal)))
                (field(&self.for_whom(form, refusal)))
                @if !self.teams.is_empty() { (field(&self.teams(form))) }
                @if let Some(view) = &self.begun { (field(&Self::new_or_changed(view, form))) }
                (form_foot(t("Save view"), Some(&list)))
            }
        };
        let place = self.asked.view.map_or(Place::Process(process.key), Place::View);
        let status = refusal.map_or(StatusCode::OK, status_of);
        self.frame.page(web, visit, &At::new(title, place).answered(status).of_record(), &pane(&head, &body))
    }

    /// What the view will show, in words.
    fn facts(&self, process: &'static Process) -> Markup {
        html! {
            p.reminder {
                span { (process.label_plural) }
                @for sentence in &self.sentences { bdi.pill.tone-accent { (sentence) } }
                @if self.sentences.is_empty() { span.quiet { "all of them" } }
            }
        }
    }

    fn hidden(&self) -> Markup {
        let list = self.asked.closed().at("");
        let show = if self.look.table || self.asked.table == Some(true) { "table" } else { "rows" };
        // What follows from the order by itself is no choice.
        let group = self.asked.group.clone().or_else(|| match self.look.group {
            Some(field) if field.key != self.look.sort => Some(field.key.to_owned()),
            None if ["due", "priority"].contains(&self.look.sort.as_str()) => Some(UNGROUPED.to_owned()),
            _ => None,
        });
        html! {
            input type="hidden" name="_list" value=(list.trim_start_matches('?'));
            input type="hidden" name="condition" value=(self.condition.as_deref().unwrap_or_default());
            input type="hidden" name="sort" value=(self.look.sort);
            input type="hidden" name="show" value=(show);
            @if let Some(group) = group { input type="hidden" name="group" value=(group); }
            @for column in &self.look.columns { input type="hidden" name="columns" value=(column); }
            @if let Some(compact) = self.look.compact {
                input type="hidden" name="density" value=(if compact { "compact" } else { "comfortable" });
            }
        }
    }

    fn name(&self, form: Option<&Form>, refusal: Option<&Refusal>) -> Field<'static> {
        let held = || self.begun.as_ref().map(|view| view.name.clone());
        let value = form.and_then(|form| form.get("name")).map(str::to_owned).or_else(held).unwrap_or_default();
        let mut name = Field::new(
            "name",
            "Name",
            Control::Text { value: value.into(), kind: TextKind::Plain, max_length: Some(200) },
        );
        name.required = true;
        name.error = said(refusal, "name");
        name
    }

    fn for_whom(&self, form: Option<&Form>, refusal: Option<&Refusal>) -> Field<'static> {
        let held = self.begun.as_ref().and_then(|view| view.text("shared")).unwrap_or("own");
        let now = form.and_then(|form| form.get("shared")).unwrap_or(held).to_owned();
        let option = |value: &'static str, label: &'static str, help: &'static str| Choice {
            help: Some(t(help).into()),
            ..Choice::new(value, t(label), now == value)
        };
        let mut options = vec![option("own", "Only me", "It stands in your sidebar.")];
        if !self.teams.is_empty() {
            options.push(option(
                "team",
                "Teams",
                "Everybody in the teams below has it, with the records that each may see.",
            ));
        }
        if self.may_share {
            options.push(option("everyone", "All staff", "Everybody has it, with the records that each may see."));
        }
        let mut asked = Field::new("shared", "For whom", Control::Radios { options });
        asked.required = true;
        asked.error = said(refusal, "shared");
        asked
    }

    fn teams(&self, form: Option<&Form>) -> Field<'static> {
        let held: Vec<i64> = match form {
            Some(form) => form.all("teams").iter().filter_map(|id| id.parse().ok()).collect(),
            None => self.begun.as_ref().map(|view| view.ids("teams").collect()).unwrap_or_default(),
        };
        let options =
            self.teams.iter().map(|(id, name)| Choice::new(id.to_string(), name.clone(), held.contains(id))).collect();
        Field::new("teams", "Teams", Control::Checks { options })
    }

    fn new_or_changed(view: &Entry, form: Option<&Form>) -> Field<'static> {
        let change = form.is_some_and(|form| form.filled("_change").is_some());
        let options = vec![
            Choice::new("", t("A new view"), !change),
            Choice::new(view.id.to_string(), tf("Change “{view}”", &[("view", &view.name)]), change),
        ];
        let mut asked = Field::new("_change", "Save as", Control::Radios { options });
        asked.required = true;
        asked
    }
}

pub(super) fn said(refusal: Option<&Refusal>, name: &str) -> Option<std::borrow::Cow<'static, str>> {
    let error = refusal?.errors.iter().find(|error| error.field == name)?;
    Some(sentence(&error.detail).into_owned().into())
}
