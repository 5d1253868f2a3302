//! Values of records in words: what a field holds, where a record stands, how urgent it is.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::tz::TimeZone;
use mainstay_desk::records::{ClockView, Targets};
use mainstay_engine::clock::{Reading, State as ClockState};
use mainstay_engine::field::{Choice, FieldDef, HIDDEN_LINK, Kind};
use mainstay_engine::process::{Phase, Process, State};
use mainstay_engine::record::Record;
use mainstay_engine::spine;
use mainstay_engine::value::{Value, day_to_date};
use mainstay_markup::html;
use mainstay_words::{amount, dated, inside, number, t, tn};
use maud::Markup;

use crate::components::{
    Glyph, Person, Priority, Sla, SlaState, Status, Urgency, absolute, age_or_date, ago, person, priority_words,
    short_duration, status_words, value_text,
};
use crate::markdown;

const MINUTE: i64 = 60_000;

/// What words depend on beside the value: the names behind ids and the viewer's time zone.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// Names of entries by id.
    pub names: &'a HashMap<i64, String>,
    /// Titles of the records that values name, by number; numbers without one lead nowhere.
    pub targets: &'a Targets,
    /// The viewer's time zone.
    pub zone: &'a TimeZone,
}

static NO_TARGETS: LazyLock<Targets> = LazyLock::new(Targets::default);

impl<'a> Reader<'a> {
    /// A reader for values that name no records.
    #[must_use]
    pub fn new(names: &'a HashMap<i64, String>, zone: &'a TimeZone) -> Self {
        Self { names, targets: &NO_TARGETS, zone }
    }

    /// The same, for values that name these records.
    #[must_use]
    pub fn naming(self, targets: &'a Targets) -> Self {
        Self { targets, ..self }
    }

    /// The name of an entry; its number when nobody told it.
    #[must_use]
    pub fn name(&self, id: i64) -> String {
        self.names.get(&id).cloned().unwrap_or_else(|| format!("#{id}"))
    }

    /// A person with name and hue.
    #[must_use]
    pub fn person(&self, id: i64) -> Person<'static> {
        Person { name: self.name(id).into(), hue: Person::hue_of(id) }
    }

    /// A field's value in words; none when it is empty.
    #[must_use]
    pub fn words(&self, field: &FieldDef, value: &Value) -> Option<String> {
        if value.is_blank() {
            return None;
        }
        if field.key == spine::PRIORITY.def.key {
            return value.as_int().map(|level| format!("P{level} {}", t(priority_word(level))));
        }
        let many = |word: &dyn Fn(&Value) -> String| value.as_list().iter().map(word).collect::<Vec<_>>().join(", ");
        match field.kind {
            Kind::Link(_) if value.as_text() == Some(HIDDEN_LINK) => Some(t("A record you may not see").to_owned()),
            Kind::Text { .. } | Kind::Markdown | Kind::Link(_) => value.as_text().map(str::to_owned),
            Kind::Number { .. } => value.as_int().map(number),
            Kind::Money { currency } => value.as_int().map(|minor| format!("{} {currency}", amount(minor))),
            Kind::Bool => value.as_bool().map(|yes| t(if yes { "Yes" } else { "No" }).to_owned()),
            Kind::Date => value.as_int().and_then(day_to_date).map(|date| dated(date, "%-d %b %Y")),
            Kind::Instant => value.as_int().map(|at| absolute(at, self.zone)),
            Kind::Duration => value.as_int().map(short_duration),
            Kind::Choice(choices) => value.as_text().map(|key| label(choices, key)),
            Kind::MultiChoice(choices) => Some(many(&|each| label(choices, each.as_text().unwrap_or_default()))),
            Kind::Tags => Some(many(&|each| each.as_text().unwrap_or_default().to_owned())),
            Kind::Ref("people") => value.as_int().map(|id| self.name(id)),
            // What was shipped and nobody renamed is in the catalogue.
            Kind::Ref(_) => value.as_int().map(|id| t(&self.name(id)).to_owned()),
            Kind::Refs(_) => Some(many(&|each| self.name(each.as_int().unwrap_or_default()))),
            Kind::Table(_) => Some(tn(value.as_list().len(), "{n} row", "{n} rows")),
        }
    }

    /// A field's value as a page shows it; none when it is empty.
    #[must_use]
    pub fn markup(&self, field: &FieldDef, value: &Value) -> Option<Markup> {
        let words = self.words(field, value)?;
        Some(match field.kind {
            Kind::Markdown => html! { div.prose dir="auto" { (self.prose(&words)) } },
            Kind::Ref("people") => person(&self.person(value.as_int().unwrap_or_default())),
            Kind::Number { .. } if field.key == spine::PRIORITY.def.key => {
                priority(value).as_ref().map(priority_words).unwrap_or_default()
            }
            Kind::Link(_) => self.link(&words),
            _ => value_text(&words),
        })
    }

    /// Words of people, in which numbers of records lead to them.
    #[must_use]
    pub fn prose(&self, words: &str) -> Markup {
        markdown::render_linked(words, &|number| self.place(number))
    }

    /// A record that a value names: with its title for those who see it, else in words.
    fn link(&self, number: &str) -> Markup {
        let Some((href, title)) = self.place(number) else { return html! { span.quiet.clip { (number) } } };
        html! { a.link.clip href=(href) title=(title) { bdi { (number) } } }
    }

    /// The address and title of a record that a value names, for those who see it.
    #[must_use]
    pub fn place(&self, number: &str) -> Option<(String, &str)> {
        let title = self.targets.get(number)?;
        let process = mainstay_processes::of_number(number)?;
        Some((format!("/{}/{number}", process.plural), title))
    }

    /// One row of a table in words, column by column.
    #[must_use]
    pub fn row(&self, columns: &[FieldDef], row: &Value) -> String {
        let words = columns.iter().filter_map(|column| self.words(column, row.column(column.key)));
        words.collect::<Vec<_>>().join(" · ")
    }

    /// The rows of a table as a small one.
    #[must_use]
    pub fn grid(&self, field: &FieldDef, value: &Value) -> Markup {
        let Kind::Table(columns) = field.kind else { return html! {} };
        html! {
            div.field-rows.rows-shown tabindex="0" role="region" aria-label=(field.label) {
                table {
                    thead { tr { @for column in columns { th.amount[is_amount(column)] scope="col" { (column.label) } } } }
                    tbody {
                        @for row in value.as_list() {
                            tr {
                                @for column in columns {
                                    td.amount[is_amount(column)] dir="auto" {
                                        @if let Some(words) = self.words(column, row.column(column.key)) { (words) } @else { "–" }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn is_amount(field: &FieldDef) -> bool {
    matches!(field.kind, Kind::Number { .. } | Kind::Money { .. })
}

/// The label of an option; its key when it is no longer offered.
#[must_use]
pub fn label(choices: &[Choice], key: &str) -> String {
    choices.iter().find(|choice| choice.key == key).map_or(key, |choice| t(choice.label)).to_owned()
}

/// A key or word as it begins a line.
#[must_use]
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The word for a priority from 1 to 5.
#[must_use]
pub fn priority_word(level: i64) -> &'static str {
    match level {
        1 => "Critical",
        2 => "High",
        3 => "Medium",
        4 => "Low",
        _ => "Lowest",
    }
}

/// A priority as it is shown.
#[must_use]
pub fn priority(value: &Value) -> Option<Priority<'static>> {
    let level = value.as_int()?;
    Some(Priority { level: u8::try_from(level).unwrap_or(5), word: priority_word(level).into() })
}

/// A state as it is shown: the phase gives the shape, the table the word.
#[must_use]
pub fn status(process: &Process, state: &State) -> Status<'static> {
    let glyph = match state.phase {
        Phase::Open if state.key == process.states[0].key => Glyph::New,
        Phase::Open => Glyph::Active,
        Phase::Paused => Glyph::Paused,
        Phase::Done => Glyph::Done,
        Phase::Closed if state.void => Glyph::Stopped,
        Phase::Closed => Glyph::Closed,
    };
    Status { glyph, word: state.label.into() }
}

/// The state of a record without a pill.
#[must_use]
pub fn status_line(record: &Record) -> Markup {
    status_words(&status(record.process, record.state))
}

/// When a record was last touched, or, once it is done, when that was: `3m`, `20 Nov 2025`, `closed 4d ago`.
#[must_use]
pub fn lately(record: &Record, zone: &TimeZone, now: i64) -> String {
    let at = |field: &FieldDef| record.value(field.key).as_int();
    let ended = match record.state.phase {
        Phase::Closed => at(&spine::CLOSED.def),
        Phase::Done => at(&spine::RESOLVED.def),
        Phase::Open | Phase::Paused => None,
    };
    if let Some(ended) = ended {
        return format!("{} {}", inside(record.state.label), ago(ended, zone, now));
    }
    let touched = at(&spine::UPDATED.def).or_else(|| at(&spine::OPENED.def));
    age_or_date(touched.unwrap_or(now), zone, now)
}

/// The target that is due first, as a row of a list knows it.
#[must_use]
pub fn due_chip(record: &Record, now: i64) -> Option<Sla<'static>> {
    let sla =
        |state, urgency, due| Sla { name: "Due".into(), state, urgency, due, used: None, beneath: Markup::default() };
    let due = record.value(spine::DUE.def.key).as_int().filter(|_| record.state.phase.is_live());
    let Some(due) = due else {
        // Waiting for somebody else mostly stops the clocks; where it does not, there is an instant.
        return (record.state.phase == Phase::Paused).then(|| sla(SlaState::Paused, Urgency::Calm, None));
    };
    let left = due - now;
    let urgency = match left {
        ..=1_800_000 => Urgency::Now,
        1_800_001..=7_200_000 => Urgency::Soon,
        _ => Urgency::Calm,
    };
    Some(sla(SlaState::Running(left), urgency, Some(due)))
}

/// A clock as its card shows it; none for one that does not run on the record.
#[must_use]
pub fn clock(view: &ClockView, now: i64) -> Option<Sla<'static>> {
    let reading = &view.reading;
    let state = match reading.state {
        ClockState::NotStarted | ClockState::Cancelled => return None,
        ClockState::Paused => SlaState::Paused,
        ClockState::Met => SlaState::Met(Some(reading.elapsed)),
        ClockState::BreachedClosed => SlaState::Missed(reading.remaining().map_or(MINUTE, |left| (-left).max(MINUTE))),
        ClockState::Running | ClockState::BreachedOpen => running(reading, now),
    };
    let used = reading.used_permille().map(|used| u8::try_from(used / 10).unwrap_or(100).min(100));
    let live = matches!(reading.state, ClockState::Running | ClockState::BreachedOpen);
    Some(Sla {
        name: metric_name(view).into(),
        state,
        urgency: urgency(reading),
        due: if live { reading.due.or(reading.breached_at) } else { None },
        used: used.filter(|_| live || reading.state == ClockState::Paused),
        beneath: Markup::default(),
    })
}

fn running(reading: &Reading, now: i64) -> SlaState {
    let left = match (reading.breached_at, reading.due) {
        (Some(breached), _) => breached - now,
        (None, Some(due)) => due - now,
        (None, None) => reading.remaining().unwrap_or_default(),
    };
    SlaState::Running(left)
}

fn urgency(reading: &Reading) -> Urgency {
    match reading.used_permille() {
        Some(900..) => Urgency::Now,
        Some(750..) => Urgency::Soon,
        _ => Urgency::Calm,
    }
}

/// The name of a clock for people.
#[must_use]
pub fn metric_name(view: &ClockView) -> &'static str {
    match view.metric {
        mainstay_engine::clock::Metric::Response => "First response",
        mainstay_engine::clock::Metric::Resolution => "Resolution",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mainstay_engine::field::{Field, choice};

    #[test]
    fn values_are_said_in_words() {
        let names = HashMap::from([(7, "Network".to_owned())]);
        let zone = TimeZone::UTC;
        let reader = Reader::new(&names, &zone);
        let words = |field: FieldDef, value: Value| reader.words(&field, &value);
        assert_eq!(words(Field::entry("team", "Team", "teams").def, Value::Int(7)).as_deref(), Some("Network"));
        assert_eq!(words(Field::entry("team", "Team", "teams").def, Value::Int(8)).as_deref(), Some("#8"));
        assert_eq!(words(spine::PRIORITY.def, Value::Int(2)).as_deref(), Some("P2 High"));
        assert_eq!(words(Field::bool("a", "A").def, Value::Bool(false)).as_deref(), Some("No"));
        let money = Field::any("cost", "Cost", Kind::Money { currency: "EUR" }).def;
        assert_eq!(words(money, Value::Int(123_405)).as_deref(), Some("1,234.05 EUR"));
        let day = Field::<i64>::date("d", "D").def;
        assert_eq!(words(day, Value::Int(0)).as_deref(), Some("1 Jan 1970"));
        assert_eq!(words(day, Value::Null), None);
    }

    #[test]
    fn a_record_is_named_with_its_title_or_not_at_all() {
        let process = mainstay_processes::ALL[0];
        let (names, seen) = (HashMap::new(), format!("{}-7", process.prefix));
        let targets = Targets::from([(seen.clone(), "Disk \"full\"".to_owned())]);
        let zone = TimeZone::UTC;
        let reader = Reader::new(&names, &zone).naming(&targets);
        let cause = Field::link("cause", "Caused by").def;
        let shown = |number: &str| reader.markup(&cause, &Value::from(number)).map(Markup::into_string);
        let link = shown(&seen).expect("a link");
        assert!(link.contains(&format!("href=\"/{}/{seen}\"", process.plural)), "{link}");
        assert!(link.contains("title=\"Disk &quot;full&quot;\""), "{link}");
        let hidden = shown(HIDDEN_LINK).expect("words");
        assert!(hidden.contains("A record you may not see") && !hidden.contains("href"), "{hidden}");
    }

    #[test]
    fn a_record_that_is_closed_says_when() {
        use mainstay_engine::field::Instant;
        const DAY: i64 = 86_400_000;
        let process = mainstay_processes::ALL[0];
        let now = 20_000 * DAY;
        let mut record = Record::new(process);
        record.set(&spine::UPDATED, Instant(now - 2 * DAY));
        assert_eq!(lately(&record, &TimeZone::UTC, now), "2d");
        let closed = process.states.iter().find(|state| state.phase == Phase::Closed && !state.void);
        record.state = closed.expect("every process ends");
        record.set(&spine::CLOSED, Instant(now - 3 * DAY));
        let word = record.state.label.to_lowercase();
        assert_eq!(lately(&record, &TimeZone::UTC, now), format!("{word} 3d ago"));
        record.set(&spine::CLOSED, Instant(0));
        assert_eq!(lately(&record, &TimeZone::UTC, now), format!("{word} 1 Jan 1970"));
    }

    #[test]
    fn an_option_that_is_gone_shows_its_key() {
        assert_eq!(label(&[choice("a", "Alpha")], "a"), "Alpha");
        assert_eq!(label(&[choice("a", "Alpha")], "b"), "b");
    }
}
