//! Choosing conditions for a list: sentences with lines that hold together or one by one, or the condition language.

use axum::extract::{Extension, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::condition::{Condition, Period};
use mainstay_engine::field::{FieldDef, Kind};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::FieldError;
use mainstay_markup::html;
use mainstay_words::{inside, t, tf};
use maud::Markup;

use super::asked::Asked;
use super::sentences::{Draft, Line, Verb, Wants, verbs};
use super::words::in_words;
use crate::address;
use crate::components::{
    Choice, Control, Field, FieldError as Wrong, TextKind, ViewHead, bare_field, error_summary, field, icon_small,
    pane, view_head,
};
use crate::failure::Failure;
use crate::fields::{Pickers, entry_named};
use crate::flash::go_on;
use crate::form::Form;
use crate::pages::frame::{At, Frame, Place, STILL_OPEN};
use crate::session::Visit;
use crate::shown::{capitalised, priority_word};
use crate::web::Web;

/// Lines of one page.
const MOST_LINES: usize = 30;

/// What the page of conditions shows.
struct Chooser {
    process: &'static Process,
    frame: Frame,
    asked: Asked,
    draft: Draft,
    /// What no line can say, with its words.
    kept: Vec<(String, String)>,
    pickers: Pickers,
    fields: Vec<&'static FieldDef>,
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
        let mut draft = sent_lines(&sent);
        let fields: Vec<&'static FieldDef> = session.config.fields(process).collect();
        for line in &mut draft.lines {
            name_entries(session, caller, &fields, line)?;
        }
        let find = |key: &str| fields.iter().copied().find(|field| field.key == key);
        let conditions = match draft.conditions(&find) {
            Ok(conditions) => conditions,
            Err((line, says)) => return Ok(Err((format!("v.{line}"), says))),
        };
        for condition in &conditions {
            if let Err(problems) = session.config.check(process, condition) {
                let says = problems.iter().map(|problem| problem.says.as_str()).collect::<Vec<_>>().join(" ");
                let named = |line: &&Line| condition.fields().contains(line.field.as_str());
                let line = draft.lines.iter().position(|line| named(&line)).unwrap_or_default();
                return Ok(Err((format!("v.{line}"), says)));
            }
        }
        Ok(Ok(conditions.iter().map(ToString::to_string).collect::<Vec<_>>()))
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
        Err((name, says)) => FieldError::new(&name, "bad_condition", says),
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

/// The lines that a form holds, after what its buttons do to them.
fn sent_lines(form: &Form) -> Draft {
    let count = form.number("lines").and_then(|count| usize::try_from(count).ok()).unwrap_or_default();
    let removed = form.number("_remove").and_then(|line| usize::try_from(line).ok());
    let line = |index: usize| Line {
        group: form.number(&format!("g.{index}")).and_then(|group| usize::try_from(group).ok()).unwrap_or_default(),
        field: form.get(&format!("f.{index}")).unwrap_or_default().to_owned(),
        verb: form.get(&format!("o.{index}")).unwrap_or_default().to_owned(),
        values: form.all(&format!("v.{index}")),
    };
    let lines = (0..count.min(MOST_LINES)).filter(|index| Some(*index) != removed).map(line).collect();
    let mut draft = Draft { any: form.get("join") == Some("any"), lines, rest: Vec::new() };
    if let Some(group) = form.number("_add").and_then(|group| usize::try_from(group).ok()) {
        let group = group.min(draft.groups() + 1);
        draft.lines.push(Line { group, ..Line::default() });
    }
    draft
}

/// Names that were typed become the numbers of their entries.
fn name_entries(
    session: &mut Session<'_>,
    caller: &Caller,
    fields: &[&'static FieldDef],
    line: &mut Line,
) -> mainstay_desk::Result<()> {
    let field = fields.iter().find(|field| field.key == line.field);
    let Some(Kind::Ref(register) | Kind::Refs(register)) = field.map(|field| field.kind) else { return Ok(()) };
    for value in &mut line.values {
        let word = ["me", "none", "my_teams", "my_organisation", ""].contains(&value.trim());
        if !word && let Some(id) = entry_named(session, caller, register, value)? {
            *value = id.to_string();
        }
    }
    Ok(())
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
        let askable = |field: &&'static FieldDef| !verbs(field).is_empty() && field.key != "matrix_version";
        let fields: Vec<&'static FieldDef> = session.config.fields(process).filter(askable).collect();
        let find = |key: &str| fields.iter().copied().find(|field| field.key == key);
        let mut draft = if form.has("lines") {
            Draft { rest: asked.filters.clone(), ..sent_lines(&form) }
        } else {
            Draft::of(&asked.filters, &find)
        };
        if draft.lines.is_empty() {
            draft.lines.push(Line::default());
        }
        let named = draft.lines.iter().filter_map(|line| find(&line.field));
        let pickers = Pickers::load(session, caller, named.collect::<Vec<_>>())?;
        let mut kept = Vec::new();
        for filter in &draft.rest {
            kept.push((filter.clone(), in_words(session, process, filter)?));
        }
        Ok(Chooser { process, frame, asked, draft, kept, pickers, fields })
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
        let groups = self.draft.groups();
        let (whole, inner) = if self.draft.any {
            ("any", t("and all of these hold"))
        } else {
            ("all", t("and at least one of these holds"))
        };
        let join = vec![
            Choice::new("all", t("all of these hold"), whole == "all"),
            Choice::new("any", t("at least one of these holds"), whole == "any"),
        ];
        let join =
            Field::new("join", "Show records of which", Control::Select { options: join, blank: None }).answered();
        let add = |group: usize, words: &str| {
            html! {
                button.btn.btn-s id={ "add-" (group) } type="submit" formaction=(rebuild) formnovalidate name="_add" value=(group) { (icon_small("plus")) (t(words)) }
            }
        };
        html! {
            form.form.sentences method="get" action={ (rebuild) "/apply" } {
                // The key Enter sends the form by its first button, which must not be one that removes a line.
                button.sr type="submit" tabindex="-1" aria-hidden="true" data-turbo-frame="_top" { "Show" }
                (error_summary(&wrong))
                (self.carried())
                input type="hidden" name="lines" value=(self.draft.lines.len());
                (field(&join))
                (self.lines(0, errors, &rebuild))
                div.btn-row { (add(0, "Add a condition")) (add(groups + 1, "Add a group")) }
                @for group in 1..=groups {
                    fieldset.sentence-group {
                        legend { (inner) }
                        (self.lines(group, errors, &rebuild))
                        div.btn-row { (add(group, "Add a condition here")) }
                    }
                }
                (self.kept())
                details.sentence-words open[!typed.is_empty()] {
                    summary { "In words of your own" }
                    (field(&self.typed(typed, errors)))
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

    fn lines(&self, group: usize, errors: &[FieldError], rebuild: &str) -> Markup {
        html! {
            @for (index, line) in self.draft.lines.iter().enumerate().filter(|(_, line)| line.group == group) {
                (self.line(index, line, errors, rebuild))
            }
        }
    }

    fn line(&self, index: usize, line: &Line, errors: &[FieldError], rebuild: &str) -> Markup {
        let def = self.fields.iter().copied().find(|field| field.key == line.field);
        let known: &[Verb] = def.map_or(&[], verbs);
        let verb = known.iter().find(|verb| verb.0 == line.verb).or(known.first());
        let fields =
            self.fields.iter().map(|each| Choice::new(each.key, t(each.label), each.key == line.field)).collect();
        let what = Control::Select { options: fields, blank: Some(t("Choose a field").into()) };
        let verbs = known.iter().map(|each| Choice::new(each.0, t(each.1), Some(each) == verb)).collect();
        let how = Control::Select { options: verbs, blank: None };
        let nth = index + 1;
        let error = errors.iter().find(|error| error.field == format!("v.{index}"));
        html! {
            div.sentence role="group" aria-label=(tf("Condition {n}", &[("n", &nth)])) {
                input type="hidden" name={ "g." (index) } value=(line.group);
                div data-updates-form { (bare_field(&Field::new(format!("f.{index}"), tf("Field {n}", &[("n", &nth)]), what))) }
                @if let (Some(def), Some(verb)) = (def, verb) {
                    div data-updates-form { (bare_field(&Field::new(format!("o.{index}"), tf("What holds {n}", &[("n", &nth)]), how))) }
                    @if verb.2 != Wants::Nothing {
                        @let control = self.answer(def, verb.2, line);
                        @let asked = Field::new(format!("v.{index}"), format!("{}: {}", t(def.label), t(verb.1)), control);
                        @let asked = Field { error: error.map(|error| error.detail.clone().into()), ..asked };
                        div.sentence-value {
                            (bare_field(&asked))
                            @if verb.2 == Wants::Length { span.quiet { "such as 30m, 4h, 7d or 2w" } }
                        }
                    }
                }
                button.icon-btn type="submit" formaction=(rebuild) formnovalidate name="_remove" value=(index) aria-label=(tf("Remove condition {n}", &[("n", &nth)])) { (icon_small("trash-2")) }
            }
        }
    }

    /// What the sentence is said with.
    fn answer(&self, def: &'static FieldDef, wants: Wants, line: &Line) -> Control<'static> {
        let first = line.values.first().cloned().unwrap_or_default();
        let chosen = |key: &str| line.values.iter().any(|value| value == key);
        match wants {
            Wants::Several => match self.several(def, &chosen) {
                Some(options) => Control::Checks { options },
                None => Control::Text { value: first.into(), kind: TextKind::Plain, max_length: Some(200) },
            },
            Wants::One => match def.kind {
                Kind::MultiChoice(choices) => Control::Select {
                    options: choices
                        .iter()
                        .map(|each| Choice::new(each.key, t(each.label), chosen(each.key)))
                        .collect(),
                    blank: Some("Choose".into()),
                },
                Kind::Refs(register) => self.pickers.choose_given(register, &[], &line.values, "Choose"),
                _ => Control::Text { value: first.into(), kind: TextKind::Plain, max_length: Some(200) },
            },
            Wants::Period => {
                let words = |name: &str| t(&capitalised(&name.replace('_', " "))).to_owned();
                let periods = Period::NAMED.iter().map(|(name, _)| Choice::new(*name, words(name), chosen(name)));
                Control::Select { options: periods.collect(), blank: None }
            }
            Wants::Day => Control::Date { value: first.into() },
            Wants::Length | Wants::Text | Wants::Nothing => {
                Control::Text { value: first.into(), kind: TextKind::Plain, max_length: Some(200) }
            }
        }
    }

    /// What a field can hold, to be ticked; none where that is too much for a list.
    fn several(&self, def: &'static FieldDef, chosen: &dyn Fn(&str) -> bool) -> Option<Vec<Choice<'static>>> {
        let plain = |all: Vec<(String, String)>| -> Vec<Choice<'static>> {
            all.into_iter().map(|(key, label)| Choice::new(key.clone(), t(&label).to_owned(), chosen(&key))).collect()
        };
        Some(match (def.key, def.kind) {
            ("state", _) => {
                plain(self.process.states.iter().map(|state| (state.key.into(), state.label.into())).collect())
            }
            ("phase", _) => {
                let words = ["Open", "Waiting", "Done", "Closed"];
                plain(words.iter().enumerate().map(|(n, word)| (n.to_string(), (*word).to_owned())).collect())
            }
            ("priority", _) => plain((1..=5).map(|n| (n.to_string(), format!("P{n} {}", priority_word(n)))).collect()),
            (_, Kind::Choice(choices)) => {
                let choices = choices.iter().map(|each| (each.key.to_owned(), each.label.to_owned()));
                plain(choices.chain([("none".to_owned(), "None".to_owned())]).collect())
            }
            (_, Kind::Ref(register)) => {
                let special = special(register).iter().map(|(key, label)| ((*key).to_owned(), (*label).to_owned()));
                let entries = self.pickers.listed(register)?;
                plain(special.chain(entries).collect())
            }
            _ => return None,
        })
    }

    fn kept(&self) -> Markup {
        if self.kept.is_empty() {
            return html! {};
        }
        let options = self.kept.iter().map(|(text, words)| Choice::new(text.as_str(), words.as_str(), true)).collect();
        field(&Field::new("filter", "Also in force", Control::Checks { options }).answered())
    }

    fn typed(&self, typed: &str, errors: &[FieldError]) -> Field<'static> {
        let control = Control::Text { value: typed.to_owned().into(), kind: TextKind::Plain, max_length: Some(2_000) };
        let mut asked = Field::new("where", "Condition", control);
        let keys: Vec<&str> = self.fields.iter().map(|field| field.key).collect();
        let help = format!(
            "For example: priority <= 2 and opened >= today - 7d and (assignee = me or assignee is empty). Fields: {}.",
            keys.join(", ")
        );
        asked.help = Some(help.into());
        asked.error = errors.iter().find(|error| error.field == "where").map(|error| error.detail.clone().into());
        asked
    }
}

/// Answers beside the entries themselves.
fn special(register: &str) -> &'static [(&'static str, &'static str)] {
    match register {
        "people" => &[("me", "Me"), ("none", "Nobody")],
        "teams" => &[("my_teams", "My teams"), ("none", "None")],
        "organisations" => &[("my_organisation", "My organisation"), ("none", "None")],
        _ => &[("none", "None")],
    }
}
