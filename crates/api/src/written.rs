//! Records, rows and clocks as JSON, written as they are read: no tree of values is built for what is asked most.

use crate::shape::{Names, instant, maybe_instant};
use mainstay_desk::records::{Can, ClockView, Row, View};
use mainstay_engine::clock::{Adjusted, Doing, Segment, Target};
use mainstay_engine::field::{Audience, FieldDef, Kind};
use mainstay_engine::process::{Asks, State, Transition};
use mainstay_engine::record::Record;
use mainstay_engine::value::{Plain, Value};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::json;

/// Fields that a record's own members say better.
const SAID_OTHERWISE: [&str; 2] = ["state", "phase"];

/// A record as its own address shows it, with the number of the record that a step made.
pub struct Whole<'a> {
    pub view: &'a View,
    pub made: Option<&'a str>,
    /// The event by which the change can be taken back, in the answer to one.
    pub event: Option<i64>,
}

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (view, record) = (self.view, &self.view.record);
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("id", &record.id)?;
        members.serialize_entry("process", record.process.key)?;
        members.serialize_entry("version", &record.version)?;
        state_members(&mut members, record.state)?;
        members.serialize_entry("plain", record.state.plain)?;
        members.serialize_entry("next", record.state.next)?;
        for field in view.fields.iter().filter(|f| !SAID_OTHERWISE.contains(&f.key)) {
            members.serialize_entry(field.key, &Shown { field, value: record.value(field.key), names: &view.names })?;
        }
        members.serialize_entry("own", &view.own)?;
        members.serialize_entry("can", &Rights(view.can))?;
        members
            .serialize_entry("actions", &Each(&view.options, |step: &&'static Transition| Action { step, record }))?;
        if record.process.has_clocks() {
            members.serialize_entry("clocks", &clocks(&view.clocks, &view.names))?;
        }
        if let Some(made) = self.made {
            members.serialize_entry("made", made)?;
        }
        if let Some(event) = self.event {
            members.serialize_entry("event", &event)?;
        }
        members.end()
    }
}

/// A record as a row of a list. With `chosen`, only number, version and the fields it names.
pub struct Line<'a> {
    pub row: &'a Row,
    pub fields: &'a [&'static FieldDef],
    pub names: &'a Names,
    pub chosen: Option<&'a [String]>,
    /// Whether it says of which process it is.
    pub with_process: bool,
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let record = &self.row.record;
        let wanted = |key: &str| self.chosen.is_none_or(|keys| keys.iter().any(|k| k == key));
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("number", &Plain(record.value("number")))?;
        members.serialize_entry("version", &record.version)?;
        if self.with_process {
            members.serialize_entry("process", record.process.key)?;
        }
        if self.chosen.is_none() {
            members.serialize_entry("id", &record.id)?;
        }
        if wanted("state") {
            state_members(&mut members, record.state)?;
        } else if wanted("phase") {
            members.serialize_entry("phase", record.state.phase.key())?;
        }
        for field in self.fields.iter().filter(|f| f.key != "number" && !SAID_OTHERWISE.contains(&f.key)) {
            if field.audience == Audience::Everyone || self.row.seen.internal() {
                let shown = Shown { field, value: record.value(field.key), names: self.names };
                members.serialize_entry(field.key, &shown)?;
            }
        }
        members.end()
    }
}

/// Items, each as what a function makes of it.
pub struct Each<'a, T, F>(pub &'a [T], pub F);

impl<'a, T, F, W> Serialize for Each<'a, T, F>
where
    F: Fn(&'a T) -> W,
    W: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(&self.1))
    }
}

/// Service-level clocks, read at this instant.
pub fn clocks<'a>(clocks: &'a [ClockView], names: &'a Names) -> impl Serialize + 'a {
    Each(clocks, move |clock| Clock { clock, names })
}

/// A service-level clock, read at this instant.
pub struct Clock<'a> {
    pub clock: &'a ClockView,
    pub names: &'a Names,
}

impl Serialize for Clock<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (clock, reading, names) = (self.clock, &self.clock.reading, self.names);
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("id", &clock.id)?;
        members.serialize_entry("metric", clock.metric.key())?;
        members.serialize_entry("level", &Reference { id: clock.level, names })?;
        members.serialize_entry("level_version", &clock.level_version)?;
        members.serialize_entry("calendar", &Reference { id: clock.calendar, names })?;
        members.serialize_entry("target", &Amount(clock.target))?;
        members.serialize_entry("state", reading.state.key())?;
        members.serialize_entry("provisional", &reading.provisional)?;
        members.serialize_entry("due", &maybe_instant(reading.due))?;
        members.serialize_entry("due_if_resumed", &maybe_instant(clock.due_if_resumed))?;
        members.serialize_entry("breached_at", &maybe_instant(reading.breached_at))?;
        members.serialize_entry("stopped_at", &maybe_instant(reading.stopped_at))?;
        members.serialize_entry("elapsed_ms", &reading.elapsed)?;
        members.serialize_entry("amount_ms", &reading.amount)?;
        members.serialize_entry("remaining_ms", &reading.remaining())?;
        members.serialize_entry("paused_ms", &reading.paused)?;
        let adjusted = reading.adjusted.as_ref().map(|a| adjusted(a, clock.adjusted_reason.as_deref()));
        members.serialize_entry("adjusted", &adjusted)?;
        members.serialize_entry("segments", &Each(&clock.segments, |segment| Stretch { segment, names }))?;
        members.end()
    }
}

fn adjusted(adjusted: &Adjusted, reason: Option<&str>) -> serde_json::Value {
    json!({
        "state": adjusted.state.key(),
        "breached_at": maybe_instant(adjusted.breached_at),
        "elapsed_ms": adjusted.elapsed,
        "reason": reason,
    })
}

struct Amount(Target);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (unit, amount) = match self.0 {
            Target::ServiceTime(ms) => ("service_time", ms),
            Target::WorkingDays(days) => ("working_days", i64::from(days)),
        };
        let mut members = serializer.serialize_map(Some(2))?;
        members.serialize_entry("unit", unit)?;
        members.serialize_entry("amount", &amount)?;
        members.end()
    }
}

struct Stretch<'a> {
    segment: &'a Segment,
    names: &'a Names,
}

impl Serialize for Stretch<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (segment, names) = (self.segment, self.names);
        let doing = match segment.doing {
            Doing::Running => "running",
            Doing::Paused => "paused",
            Doing::Stopped => "stopped",
        };
        let who = |id: Option<i64>| id.map(|id| Reference { id, names });
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("doing", doing)?;
        members.serialize_entry("from", &instant(segment.from))?;
        members.serialize_entry("to", &maybe_instant(segment.to))?;
        members.serialize_entry("reason", &segment.reason)?;
        members.serialize_entry("by", &who(segment.by))?;
        members.serialize_entry("ended", &segment.ended)?;
        members.serialize_entry("ended_by", &who(segment.ended_by))?;
        members.end()
    }
}

/// What a caller may do beside the steps.
struct Rights(Can);

impl Serialize for Rights {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let can = self.0;
        serializer.collect_map([
            ("update", can.update),
            ("comment", can.comment),
            ("note", can.note),
            ("link", can.link),
            ("attach", can.attach),
            ("task", can.task),
            ("follow_up", can.follow_up),
            ("watch_others", can.watch_others),
            ("split", can.split),
        ])
    }
}

/// A step that the caller may take now, with what it asks for.
struct Action<'a> {
    step: &'static Transition,
    record: &'a Record,
}

impl Serialize for Action<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let step = self.step;
        let asks = match step.asks_words(self.record) {
            Asks::Reason => Some("reason"),
            Asks::Comment => Some("comment"),
            Asks::Nothing => None,
        };
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("verb", step.verb)?;
        members.serialize_entry("label", step.label)?;
        members.serialize_entry("to", &step.to.map(|s| s.key))?;
        members.serialize_entry("primary", &step.primary)?;
        members.serialize_entry("needs", &Each(step.needs, |field: &FieldDef| field.key))?;
        members.serialize_entry("takes", &Each(step.takes, |field: &FieldDef| field.key))?;
        members.serialize_entry("asks", &asks)?;
        members.serialize_entry("links", &step.links)?;
        members.end()
    }
}

fn state_members<M: SerializeMap>(members: &mut M, state: &State) -> Result<(), M::Error> {
    members.serialize_entry("state", state.key)?;
    members.serialize_entry("state_label", state.label)?;
    members.serialize_entry("phase", state.phase.key())
}

/// An entry that something refers to.
struct Reference<'a> {
    id: i64,
    names: &'a Names,
}

impl Serialize for Reference<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(Some(2))?;
        members.serialize_entry("id", &self.id)?;
        members.serialize_entry("name", &self.names.get(&self.id))?;
        members.end()
    }
}

/// A field's value with the names of what it refers to.
struct Shown<'a> {
    field: &'a FieldDef,
    value: &'a Value,
    names: &'a Names,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let names = self.names;
        match (self.field.kind, self.value) {
            (Kind::Ref(_), Value::Int(id)) => Reference { id: *id, names }.serialize(serializer),
            (Kind::Refs(_), Value::List(ids)) => {
                serializer.collect_seq(ids.iter().filter_map(Value::as_int).map(|id| Reference { id, names }))
            }
            (Kind::Table(columns), Value::List(rows)) => {
                let mut all = serializer.serialize_seq(Some(rows.len()))?;
                for row in rows {
                    all.serialize_element(&Cells { columns, row, names })?;
                }
                all.end()
            }
            (Kind::Instant | Kind::Date, value) => value.to_json(self.field).serialize(serializer),
            (_, value) => Plain(value).serialize(serializer),
        }
    }
}

struct Cells<'a> {
    columns: &'static [FieldDef],
    row: &'a Value,
    names: &'a Names,
}

impl Serialize for Cells<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let cell = |field: &'static FieldDef| Shown { field, value: self.row.column(field.key), names: self.names };
        serializer.collect_map(self.columns.iter().map(|column| (column.key, cell(column))))
    }
}
