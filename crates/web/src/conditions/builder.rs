//! The sentences of a form: choosing field, verb and answer, in lines that hold together or one by one.

use mainstay_desk::{Caller, Session};
use mainstay_engine::condition::{Condition, Period};
use mainstay_engine::field::{FieldDef, Kind};
use mainstay_engine::process::Process;
use mainstay_engine::refusal::FieldError;
use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use super::sentences::{Draft, Line, Verb, Wants, verbs};
use crate::components::{Choice, Control, Field, TextKind, bare_field, field, icon_small};
use crate::fields::{Pickers, entry_named};
use crate::form::Form;
use crate::shown::{capitalised, priority_word};

/// Lines of one page.
const MOST_LINES: usize = 30;

/// The form that the sentences are part of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Within<'a> {
    /// What the names of all controls begin with.
    pub prefix: &'a str,
    /// Where a form goes that only asks again; the form's own address unless another is named.
    pub rebuild: Option<&'a str>,
    /// The frame that such an answer fills.
    pub frame: Option<&'a str>,
    /// There is somebody whom “me” and “my teams” can mean.
    pub personal: bool,
}

/// Sentences, and what they can be about.
pub struct Builder {
    process: &'static Process,
    draft: Draft,
    pickers: Pickers,
    fields: Vec<&'static FieldDef>,
}

/// The fields of a process that a sentence can be about.
pub fn askable(session: &Session<'_>, process: &'static Process) -> Vec<&'static FieldDef> {
    let askable = |field: &&'static FieldDef| !verbs(field).is_empty() && field.key != "matrix_version";
    session.config.fields(process).filter(askable).collect()
}

/// The lines that a form holds, after what its buttons do to them.
pub fn sent_lines(form: &Form, prefix: &str) -> Draft {
    let name = |of: &str| format!("{prefix}{of}");
    let count = form.number(&name("lines")).and_then(|count| usize::try_from(count).ok()).unwrap_or_default();
    let removed = form.number(&name("_remove")).and_then(|line| usize::try_from(line).ok());
    let line = |index: usize| Line {
        group: form
            .number(&format!("{prefix}g.{index}"))
            .and_then(|group| usize::try_from(group).ok())
            .unwrap_or_default(),
        field: form.get(&format!("{prefix}f.{index}")).unwrap_or_default().to_owned(),
        verb: form.get(&format!("{prefix}o.{index}")).unwrap_or_default().to_owned(),
        values: form.all(&format!("{prefix}v.{index}")),
    };
    let lines = (0..count.min(MOST_LINES)).filter(|index| Some(*index) != removed).map(line).collect();
    let mut draft = Draft { any: form.get(&name("join")) == Some("any"), lines, rest: Vec::new() };
    if let Some(group) = form.number(&name("_add")).and_then(|group| usize::try_from(group).ok()) {
        let group = group.min(draft.groups() + 1);
        draft.lines.push(Line { group, ..Line::default() });
    }
    draft
}

/// Names that were typed become the numbers of their entries.
///
/// # Errors
/// The database's.
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

/// The conditions that the sentences of a form come to; else the sentence that cannot be read, by the name of its answer.
///
/// # Errors
/// The database's.
pub fn stated(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    form: &Form,
    prefix: &str,
) -> mainstay_desk::Result<Result<Vec<Condition>, FieldError>> {
    let fields = askable(session, process);
    let mut draft = sent_lines(form, prefix);
    for line in &mut draft.lines {
        name_entries(session, caller, &fields, line)?;
    }
    let find = |key: &str| fields.iter().copied().find(|field| field.key == key);
    let wrong = |line: usize, says: String| FieldError::new(&format!("{prefix}v.{line}"), "bad_condition", says);
    let conditions = match draft.conditions(&find) {
        Ok(conditions) => conditions,
        Err((line, says)) => return Ok(Err(wrong(line, says))),
    };
    for condition in &conditions {
        if let Err(problems) = session.config.check(process, condition) {
            let says = problems.iter().map(|problem| problem.says.as_str()).collect::<Vec<_>>().join(" ");
            let named = |line: &Line| condition.fields().contains(line.field.as_str());
            return Ok(Err(wrong(draft.lines.iter().position(named).unwrap_or_default(), says)));
        }
    }
    Ok(Ok(conditions))
}

impl Builder {
    /// The sentences of a draft, with an empty one where there is none.
    ///
    /// # Errors
    /// The database's.
    pub fn load(
        session: &mut Session<'_>,
        caller: &Caller,
        process: &'static Process,
        mut draft: Draft,
    ) -> mainstay_desk::Result<Self> {
        let fields = askable(session, process);
        if draft.lines.is_empty() {
            draft.lines.push(Line::default());
        }
        let named = draft.lines.iter().filter_map(|line| fields.iter().copied().find(|field| field.key == line.field));
        let pickers = Pickers::load(session, caller, named.collect::<Vec<_>>())?;
        Ok(Self { process, draft, pickers, fields })
    }

    /// The same about these fields only.
    #[must_use]
    pub fn about(mut self, fields: &[&'static FieldDef]) -> Self {
        self.fields.retain(|field| fields.iter().any(|open| open.key == field.key));
        self
    }

    /// The lines with what adds and removes them.
    pub fn sentences(&self, asks: &Within<'_>, errors: &[FieldError]) -> Markup {
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
        let join = Control::Select { options: join, blank: None };
        let label = if asks.prefix.is_empty() { "Show records of which" } else { "Records of which" };
        let join = Field::new(asks.name("join"), t(label), join).answered();
        let add = |group: usize, words: &str| {
            html! {
                button.btn.btn-s id=(asks.name(&format!("add-{group}"))) type="submit" formaction=[asks.rebuild] data-turbo-frame=[asks.frame] formnovalidate name=(asks.name("_add")) value=(group) { (icon_small("plus")) (t(words)) }
            }
        };
        html! {
            input type="hidden" name=(asks.name("lines")) value=(self.draft.lines.len());
            (field(&join))
            (self.lines(0, asks, errors))
            div.btn-row { (add(0, "Add a condition")) (add(groups + 1, "Add a group")) }
            @for group in 1..=groups {
                fieldset.sentence-group {
                    legend { (inner) }
                    (self.lines(group, asks, errors))
                    div.btn-row { (add(group, "Add a condition here")) }
                }
            }
        }
    }

    fn lines(&self, group: usize, asks: &Within<'_>, errors: &[FieldError]) -> Markup {
        html! {
            @for (index, line) in self.draft.lines.iter().enumerate().filter(|(_, line)| line.group == group) {
                (self.line(index, line, asks, errors))
            }
        }
    }

    fn line(&self, index: usize, line: &Line, asks: &Within<'_>, errors: &[FieldError]) -> Markup {
        let def = self.fields.iter().copied().find(|field| field.key == line.field);
        let known: &[Verb] = def.map_or(&[], verbs);
        let verb = known.iter().find(|verb| verb.0 == line.verb).or(known.first());
        let fields =
            self.fields.iter().map(|each| Choice::new(each.key, t(each.label), each.key == line.field)).collect();
        let what = Control::Select { options: fields, blank: Some(t("Choose a field").into()) };
        let verbs = known.iter().map(|each| Choice::new(each.0, t(each.1), Some(each) == verb)).collect();
        let how = Control::Select { options: verbs, blank: None };
        let nth = index + 1;
        let error = errors.iter().find(|error| error.field == asks.nth("v", index));
        html! {
            div.sentence role="group" aria-label=(tf("Condition {n}", &[("n", &nth)])) {
                input type="hidden" name=(asks.nth("g", index)) value=(line.group);
                div data-updates-form { (bare_field(&Field::new(asks.nth("f", index), tf("Field {n}", &[("n", &nth)]), what))) }
                @if let (Some(def), Some(verb)) = (def, verb) {
                    div data-updates-form { (bare_field(&Field::new(asks.nth("o", index), tf("What holds {n}", &[("n", &nth)]), how))) }
                    @if verb.2 != Wants::Nothing {
                        @let control = self.answer(def, verb.2, line, asks);
                        @let asked = Field::new(asks.nth("v", index), format!("{}: {}", t(def.label), t(verb.1)), control);
                        @let asked = Field { error: error.map(|error| error.detail.clone().into()), ..asked };
                        div.sentence-value {
                            (bare_field(&asked))
                            @if verb.2 == Wants::Length { span.quiet { "such as 30m, 4h, 7d or 2w" } }
                        }
                    }
                }
                button.icon-btn type="submit" formaction=[asks.rebuild] data-turbo-frame=[asks.frame] formnovalidate name=(asks.name("_remove")) value=(index) aria-label=(tf("Remove condition {n}", &[("n", &nth)])) { (icon_small("trash-2")) }
            }
        }
    }

    /// What the sentence is said with.
    fn answer(&self, def: &'static FieldDef, wants: Wants, line: &Line, asks: &Within<'_>) -> Control<'static> {
        let first = line.values.first().cloned().unwrap_or_default();
        let chosen = |key: &str| line.values.iter().any(|value| value == key);
        match wants {
            Wants::Several => match self.several(def, &chosen, asks) {
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
    fn several(
        &self,
        def: &'static FieldDef,
        chosen: &dyn Fn(&str) -> bool,
        asks: &Within<'_>,
    ) -> Option<Vec<Choice<'static>>> {
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
            ("priority", _) => {
                plain((1..=5).map(|n| (n.to_string(), format!("P{n} {}", t(priority_word(n))))).collect())
            }
            (_, Kind::Choice(choices)) => {
                let choices = choices.iter().map(|each| (each.key.to_owned(), each.label.to_owned()));
                plain(choices.chain([("none".to_owned(), "None".to_owned())]).collect())
            }
            (_, Kind::Ref(register)) => {
                let special =
                    asks.special(register).iter().map(|(key, label)| ((*key).to_owned(), (*label).to_owned()));
                let entries = self.pickers.listed(register)?;
                plain(special.chain(entries).collect())
            }
            _ => return None,
        })
    }

    /// The condition in the words of its language.
    pub fn typed(&self, name: &str, typed: &str, errors: &[FieldError]) -> Field<'static> {
        let control = Control::Text { value: typed.to_owned().into(), kind: TextKind::Plain, max_length: Some(2_000) };
        let mut asked = Field::new(name.to_owned(), "Condition", control);
        let keys: Vec<&str> = self.fields.iter().map(|field| field.key).collect();
        let help = format!(
            "For example: priority <= 2 and opened >= today - 7d and (assignee = me or assignee is empty). Fields: {}.",
            keys.join(", ")
        );
        asked.help = Some(help.into());
        asked.error = errors.iter().find(|error| error.field == name).map(|error| error.detail.clone().into());
        asked
    }
}

impl Within<'_> {
    fn name(&self, of: &str) -> String {
        format!("{}{of}", self.prefix)
    }

    fn nth(&self, of: &str, index: usize) -> String {
        format!("{}{of}.{index}", self.prefix)
    }

    /// Answers beside the entries themselves.
    fn special(&self, register: &str) -> &'static [(&'static str, &'static str)] {
        match register {
            "people" if !self.personal => &[("none", "Nobody")],
            _ if !self.personal => &[("none", "None")],
            "people" => &[("me", "Me"), ("none", "Nobody")],
            "teams" => &[("my_teams", "My teams"), ("none", "None")],
            "organisations" => &[("my_organisation", "My organisation"), ("none", "None")],
            _ => &[("none", "None")],
        }
    }
}
