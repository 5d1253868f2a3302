//! The form of an entry: a control for every field, grids where they read better.

use jiff::tz::TimeZone;
use mainstay_desk::Session;
use mainstay_engine::field::{FieldDef, Kind, Writer};
use mainstay_engine::process::{Policy, Process};
use mainstay_engine::refusal::FieldError;
use mainstay_engine::register::Register;
use mainstay_markup::html;
use mainstay_processes::registers::{SERVICE_LEVELS, SIGN_IN_RULES, is_asked};
use mainstay_words::{Language, tf};
use maud::Markup;

use super::draft::{Draft, Shape};
use super::grids;
use super::keyed;
use super::stated::Stated;
use crate::components::{Choice, Control, EachOf, Field, Text, TextKind, add_row, field, icon_small};
use crate::fields::rows::{RowGiven, columns};
use crate::fields::{Asking, Pickers, zone_picker};
use crate::pages::queue::{headings, orders};

/// The field of an entry that says of what kind it is.
pub const KIND: &str = "kind";

/// A key that tables declare, and its name for people.
type Named = (String, String);

fn named((key, label): (&str, &str)) -> Named {
    (key.to_owned(), label.to_owned())
}

/// What the fields of an entry may name: the fields, states, steps and policies of the process that it is about.
#[derive(Clone, Default)]
pub struct Vocabulary {
    fields: Vec<Named>,
    states: Vec<Named>,
    steps: Vec<Named>,
    events: Vec<Named>,
    policies: &'static [Policy],
    waits: Vec<Named>,
    /// What lists of the process can be ordered by, and what their headings can be.
    orders: Vec<Named>,
    headings: Vec<Named>,
    /// The fields themselves.
    known: Vec<&'static FieldDef>,
}

impl Vocabulary {
    /// The words of a process; none for an entry that is about no single one.
    pub fn of(session: &Session<'_>, process: Option<&'static Process>) -> Self {
        let Some(process) = process else { return Self::default() };
        let known: Vec<&'static FieldDef> = session.config.fields(process).collect();
        Self {
            orders: orders(process, &known),
            headings: headings(&known),
            fields: known.iter().map(|field| named((field.key, field.label))).collect(),
            states: process.states.iter().map(|state| named((state.key, state.label))).collect(),
            steps: keyed::steps(process),
            events: keyed::events(session, process),
            policies: process.policies,
            known,
            waits: match process.waits_for.map(|field| field.kind) {
                Some(Kind::Choice(options)) => options.iter().map(|option| named((option.key, option.label))).collect(),
                _ => Vec::new(),
            },
        }
    }

    /// What a text field may hold when that is not free; `path` is the field, with a dot before its column.
    fn options(&self, path: &str) -> Option<Vec<Named>> {
        let known = match path {
            keyed::PROCESS | "grants.process" | "target" => {
                mainstay_processes::ALL.iter().map(|p| named((p.key, p.label))).collect()
            }
            "mandatory.field" | "values.field" => self.fields.clone(),
            "mandatory.state" => self.states.clone(),
            keyed::STEP | "guards.step" => self.steps.clone(),
            keyed::EVENT => self.events.clone(),
            "sort" => self.orders.clone(),
            "language" => Language::shipped().iter().map(|each| named((each.tag(), each.name()))).collect(),
            "group" => self.headings.clone(),
            _ => Vec::new(),
        };
        (!known.is_empty()).then_some(known)
    }

    /// The field whose value a row gives, where a control of its own asks for that.
    fn valued(&self, row: &RowGiven) -> Option<&'static FieldDef> {
        let key = row.get("field")?.first()?;
        let asked =
            |kind: Kind| matches!(kind, Kind::Choice(_) | Kind::Bool | Kind::Ref(_) | Kind::Date | Kind::Number { .. });
        self.known.iter().copied().find(|field| field.key == key).filter(|field| asked(field.kind))
    }

    /// The fields to which the rows of an entry give values that are picked.
    pub fn picked<'a>(
        &'a self,
        register: &'static Register,
        draft: &'a Draft,
    ) -> impl Iterator<Item = &'static FieldDef> {
        let rows = register.fields.iter().filter(|field| gives_values(field));
        let rows = rows.flat_map(move |field| draft.rows(field.key));
        rows.filter_map(move |row| self.valued(row)).filter(|field| field.register().is_some())
    }

    /// What the words of a field are that holds several known ones.
    fn several(&self, key: &str) -> Option<&[Named]> {
        let known = match key {
            "pause_reasons" => &self.waits,
            "columns" => &self.fields,
            _ => return None,
        };
        (!known.is_empty()).then_some(known.as_slice())
    }
}

/// What a form is made with.
pub struct Editor<'a> {
    pub register: &'static Register,
    pub pickers: &'a Pickers,
    pub vocabulary: &'a Vocabulary,
    pub zone: &'a TimeZone,
    pub errors: &'a [FieldError],
    /// The conditions that the entry holds.
    pub stated: &'a [Stated],
    /// Shown, not changed.
    pub locked: bool,
}

impl Editor<'_> {
    /// Every field of the register, the name first.
    pub fn fields(&self, draft: &Draft) -> Markup {
        let kind = draft.text(KIND);
        let asked = self.register.fields.iter().filter(|field| field.writer != Writer::Engine);
        let asked = asked.filter(|field| is_asked(self.register, field.key, kind));
        html! {
            section.form-section {
                div.form-grid {
                    (field(&self.name(draft)))
                    @for each in asked.clone().filter(|f| Shape::of(self.register, f) == Shape::Plain) {
                        (field(&self.plain(each, draft)))
                    }
                }
            }
            @for each in asked.filter(|f| Shape::of(self.register, f) != Shape::Plain) {
                section.form-section { (self.shaped(each, draft)) }
            }
        }
    }

    fn error(&self, key: &str) -> Option<&str> {
        // A grid tells at its head what was refused of its cells.
        let of_field = |name: &str| name.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        self.errors.iter().find(|error| of_field(&error.field)).map(|error| error.detail.as_str())
    }

    fn name(&self, draft: &Draft) -> Field<'static> {
        let control = Control::Text { value: draft.name.clone().into(), kind: TextKind::Plain, max_length: Some(200) };
        Field {
            required: true,
            locked: self.locked,
            error: self.error("name").map(|error| error.to_owned().into()),
            ..Field::new("name", "Name", control)
        }
    }

    fn asking(&self) -> Asking<'_> {
        Asking { pickers: self.pickers, zone: self.zone, errors: self.errors }
    }

    fn plain(&self, def: &'static FieldDef, draft: &Draft) -> Field<'static> {
        let given = draft.given(def.key);
        let mut asked = self.asking().field(def, given);
        asked.locked = self.locked;
        // A box is a yes or a no; nothing is a no.
        asked.required = def.required && def.kind != Kind::Bool;
        if let Some(options) = self.vocabulary.options(def.key) {
            asked.control = select(&options, draft.text(def.key));
            asked.help = None;
        }
        if let Some(known) = self.vocabulary.several(def.key).filter(|_| def.kind == Kind::Tags) {
            asked.control = checks(known, given, self.locked);
        }
        if let Some(each) = each_alone(self.register, def) {
            asked.control = several(each, given, self.locked);
        }
        if let ("zone", Kind::Text { .. }, false) = (def.key, def.kind, self.locked) {
            asked.control = zone_picker(draft.text(def.key).to_owned());
            asked.help = Some("Type a city, such as London.".into());
        }
        asked
    }

    fn shaped(&self, def: &'static FieldDef, draft: &Draft) -> Markup {
        let grid = match Shape::of(self.register, def) {
            Shape::Week => grids::week(def, draft, self.locked),
            Shape::Targets => grids::targets(def, draft, self.locked),
            Shape::Matrix => grids::matrix(def, draft, self.locked),
            Shape::Policies => grids::policies(def, draft, self.vocabulary.policies, self.locked),
            Shape::Permissions => grids::permissions(def, draft, self.locked),
            Shape::Condition => return self.condition(def, draft),
            Shape::Cards if !self.locked => return self.cards(def, draft),
            Shape::Cards | Shape::Rows | Shape::Plain => return self.rows(def, draft),
        };
        grids::framed(def, self.error(def.key), &grid)
    }

    /// The sentences of a condition; as long as nobody knows what it is about there are none.
    fn sentences(&self, name: &str, def: &FieldDef) -> Option<Markup> {
        let stated = self.stated.iter().find(|stated| stated.is(name) && !self.locked)?;
        Some(stated.asked(def, self.errors))
    }

    fn condition(&self, def: &'static FieldDef, draft: &Draft) -> Markup {
        self.sentences(def.key, def).unwrap_or_else(|| field(&self.plain(def, draft)))
    }

    fn rows(&self, def: &'static FieldDef, draft: &Draft) -> Markup {
        if self.locked && draft.rows(def.key).is_empty() {
            return html! { div.field { span.field-label { (def.label) } p.quiet { "None" } } };
        }
        field(&self.table(def, draft))
    }

    fn table(&self, def: &'static FieldDef, draft: &Draft) -> Field<'static> {
        let given = draft.rows(def.key);
        let mut asked = self.asking().rows(def, given);
        // Rows that only one kind of an entry has are what makes it that kind.
        asked.required |= !is_asked(self.register, def.key, "");
        if let Control::Table { rows, .. } = &mut asked.control {
            for (cells, row) in rows.iter_mut().zip(given) {
                for (cell, column) in cells.iter_mut().zip(columns(def)) {
                    cell.locked = self.locked;
                    // Which field it is decides how its value is asked for.
                    cell.updates_form = gives_values(def) && column.key == "field";
                    if let Some(valued) =
                        self.vocabulary.valued(row).filter(|_| gives_values(def) && column.key == "value")
                    {
                        let given = row.get(column.key).map(Vec::as_slice).unwrap_or_default();
                        cell.control = self.asking().field(valued, given).control;
                    }
                    if let Some(options) = self.vocabulary.options(&format!("{}.{}", def.key, column.key)) {
                        let held = row.get(column.key).and_then(|given| given.first()).map_or("", String::as_str);
                        cell.control = select(&options, held);
                    }
                }
            }
        }
        asked
    }

    /// The rows of a table one below the other, each with the sentences of its condition.
    fn cards(&self, def: &'static FieldDef, draft: &Draft) -> Markup {
        let table = self.table(def, draft);
        let Control::Table { rows, .. } = table.control else { return Markup::default() };
        let card = |cells: Vec<Field<'static>>| {
            html! {
                @for (cell, column) in cells.into_iter().zip(columns(def)) {
                    @let sentences = self.sentences(&cell.name, column);
                    (sentences.unwrap_or_else(|| field(&Field { label: column.label.into(), ..cell }.answered())))
                }
            }
        };
        grids::framed(
            def,
            table.error.as_deref(),
            &html! {
                @for (index, cells) in rows.into_iter().enumerate() {
                    fieldset.sentence-group {
                        legend.sr { (tf("Row {n}", &[("n", &(index + 1))])) }
                        (card(cells))
                        div { button.btn.btn-s type="submit" formnovalidate name="_remove_row" value={ (def.key) ":" (index) } aria-label=(tf("Remove row {n}", &[("n", &(index + 1))])) { (icon_small("trash-2")) "Remove" } }
                    }
                }
                div { (add_row(def.key)) }
            },
        )
    }
}

/// How the items of a list are asked for one by one, where words between commas would not do.
fn each_alone(register: &Register, def: &FieldDef) -> Option<EachOf> {
    match (register.key, def.key) {
        (key, "warn_at") if key == SERVICE_LEVELS.key => Some(EachOf::Percent),
        (key, "addresses") if key == SIGN_IN_RULES.key => Some(EachOf::Network),
        _ => None,
    }
}

/// A control for each item and room for more.
fn several(each: EachOf, given: &[String], locked: bool) -> Control<'static> {
    let items = given.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|item| !item.is_empty());
    let mut values: Vec<Text<'static>> = items.map(|item| item.to_owned().into()).collect();
    if !locked {
        values.resize((values.len() + 1).max(FEWEST_ITEMS), Text::default());
    }
    Control::Several { values, each }
}

/// Controls of a list while little is filled in.
const FEWEST_ITEMS: usize = 3;

/// Whether each row of a table gives a value to a field of the process.
pub fn gives_values(field: &FieldDef) -> bool {
    let has = |key: &str| columns(field).iter().any(|column| column.key == key);
    has("field") && has("value")
}

/// Several of the known words: those that are chosen stand first, in their order, and alone where nobody may change
/// it. One that is no longer known stays until somebody takes it out.
fn checks(known: &[Named], given: &[String], locked: bool) -> Control<'static> {
    let chosen: Vec<&str> =
        given.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|key| !key.is_empty()).collect();
    let label = |key: &str| known.iter().find(|(known, _)| known == key).map_or(key, |(_, label)| label).to_owned();
    let first = chosen.iter().map(|key| Choice::new((*key).to_owned(), label(key), true));
    let rest = known.iter().filter(|(key, _)| !locked && !chosen.contains(&key.as_str()));
    let options = first.chain(rest.map(|(key, label)| Choice::new(key.clone(), label.clone(), false))).collect();
    Control::Checks { options }
}

/// A choice among known words; a word that is no longer known stays until somebody changes it.
fn select(known: &[Named], given: &str) -> Control<'static> {
    let mut options: Vec<Choice<'static>> =
        known.iter().map(|(key, label)| Choice::new(key.clone(), label.clone(), *key == given)).collect();
    if !given.is_empty() && options.iter().all(|option| !option.chosen) {
        options.push(Choice::new(given.to_owned(), given.to_owned(), true));
    }
    Control::Select { options, blank: Some("–".into()) }
}
