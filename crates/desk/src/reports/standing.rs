//! Records as they stood at an instant: their present values with every later change taken back, by the event log.

use super::course::changes;
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::records;
use mainstay_engine::field::{Audience, FieldDef, Home, Kind};
use mainstay_engine::process::{Phase, Process, State};
use mainstay_engine::refusal::Refusal;
use mainstay_engine::value::Value;
use mainstay_store::{Column, Filter, Question, Scope, hangings, reports};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Records that are read at a time: what a report keeps of each is small, what it reads is not.
const BATCH: usize = 1_000;

/// Fields that change without a line in the log: of them only the present is known.
pub const PRESENT_ONLY: [&str; 2] = ["updated", "due"];

/// A record as it stood.
#[derive(Clone, Debug)]
pub struct Standing {
    pub id: i64,
    pub state: &'static State,
    /// When it last changed, in epoch milliseconds UTC. This and what follows is of the present, for who may see it
    /// follows from that.
    pub updated: i64,
    pub organisation: Option<i64>,
    pub restricted: bool,
    values: Vec<(&'static FieldDef, Value)>,
    /// The numbers of the records at the other ends of the links of a relation, where it was read.
    links: Option<(&'static str, Value)>,
}

impl Standing {
    /// A field's value, or what the links of a relation name; null of what was not read.
    #[must_use]
    pub fn value(&self, key: &str) -> Value {
        match key {
            "state" => Value::from(self.state.key),
            "phase" => Value::Int(self.state.phase.number()),
            _ if self.links.as_ref().is_some_and(|(relation, _)| *relation == key) => {
                self.links.as_ref().map_or(Value::Null, |(_, named)| named.clone())
            }
            _ => self.values.iter().find(|(f, _)| f.key == key).map_or(Value::Null, |(_, value)| value.clone()),
        }
    }

    /// It never was what it claimed to be.
    #[must_use]
    pub fn is_void(&self) -> bool {
        self.state.void
    }

    /// Resolved or closed, and not withdrawn.
    #[must_use]
    pub fn is_resolved(&self) -> bool {
        !self.state.void && matches!(self.state.phase, Phase::Done | Phase::Closed)
    }
}

/// Refuses a field of which the log does not keep the past.
///
/// # Errors
/// `only_present`.
pub fn has_past(field: &FieldDef) -> Result<()> {
    if PRESENT_ONLY.contains(&field.key) {
        let says = format!("{} is known of the present only; a report of a period cannot rest on it.", field.label);
        return Err(Refusal::invalid("only_present", says).into());
    }
    Ok(())
}

/// Reads records as they stood at an instant.
pub struct Reader {
    process: &'static Process,
    scope: Scope,
    fields: Vec<&'static FieldDef>,
    columns: Vec<Column>,
    /// The relation whose links are read too.
    relation: Option<&'static str>,
}

/// Columns that are read whatever the fields.
const ALWAYS: [Column; 5] = [
    Column::Record("updated"),
    Column::Record("organisation"),
    Column::Record("restricted"),
    Column::Record("state"),
    Column::Record("custom"),
];

impl Reader {
    /// A reader of these fields, for a caller. When one is internal, only records whose internal content the caller
    /// reads take part: nothing can be inferred of others.
    #[must_use]
    pub fn new(caller: &Caller, process: &'static Process, mut fields: Vec<&'static FieldDef>) -> Self {
        fields.sort_unstable_by_key(|f| f.key);
        fields.dedup_by_key(|f| f.key);
        fields.retain(|f| !["state", "phase"].contains(&f.key));
        let internal = fields.iter().any(|f| f.audience == Audience::Internal);
        let scope = if internal { caller.scope.internal_only() } else { caller.scope.clone() };
        // The fields that an organisation added are all in one column.
        let kept = fields.iter().filter(|f| f.home != Home::Custom).filter_map(|f| records::column(f));
        let columns = ALWAYS.into_iter().chain(kept).collect();
        Self { process, scope, fields, columns, relation: None }
    }

    /// The same, with what the links of a relation name.
    #[must_use]
    pub fn linked(self, relation: Option<&'static str>) -> Self {
        Self { relation, ..self }
    }

    /// A reader of these fields too.
    #[must_use]
    pub fn and(&self, caller: &Caller, more: &[&'static FieldDef]) -> Self {
        Self::new(caller, self.process, [self.fields.as_slice(), more].concat()).linked(self.relation)
    }

    /// Whom it reads for.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Hands each visible record among `ids`, as it stood before `at`, to `take`.
    ///
    /// # Errors
    /// The database's.
    pub fn each(&self, session: &mut Session<'_>, ids: &[i64], at: i64, mut take: impl FnMut(&Standing)) -> Result<()> {
        for batch in ids.chunks(BATCH) {
            self.batch(session, batch, at)?.iter().for_each(&mut take);
        }
        Ok(())
    }

    fn batch(&self, session: &mut Session<'_>, ids: &[i64], at: i64) -> Result<Vec<Standing>> {
        let these = Filter::In(Column::Record("id"), ids.iter().map(|id| (*id).into()).collect());
        let question = Question { scope: &self.scope, table: Some(records::table(self.process)), filter: &these };
        let mut found = Vec::with_capacity(ids.len());
        let mut changed: HashMap<i64, usize> = HashMap::new();
        question.columns(session.conn, &self.columns, |id, values| {
            if values[0].as_int().is_some_and(|updated| updated >= at) {
                changed.insert(id, found.len());
            }
            found.push(self.read(id, values));
            Ok(())
        })?;
        self.read_links(session, ids, &mut found)?;
        self.take_back(session, &mut found, &changed, at)?;
        if let Some(relation) = self.relation {
            self.read_relation(session, relation, &mut found, at)?;
        }
        Ok(found)
    }

    /// The links of a relation as they stood, whoever may see what they lead to: that is asked at the answer.
    fn read_relation(
        &self,
        session: &mut Session<'_>,
        relation: &'static str,
        found: &mut [Standing],
        at: i64,
    ) -> Result<()> {
        let ids: Vec<i64> = found.iter().map(|standing| standing.id).collect();
        let mut named: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
        for (from, _, to) in records::links_before(session, self.process, &ids, Some(&[relation]), at)? {
            named.entry(from).or_default().insert(to);
        }
        let ends: BTreeSet<i64> = ids.iter().filter_map(|id| named.get(id)).flatten().copied().collect();
        let ends: Vec<i64> = ends.into_iter().collect();
        let numbers: HashMap<i64, String> = reports::numbers(session.conn, &ends)?.into_iter().collect();
        for standing in found {
            let others = named.get(&standing.id).into_iter().flatten().filter_map(|id| numbers.get(id));
            standing.links = Some((relation, Value::List(others.map(|number| Value::from(number.as_str())).collect())));
        }
        Ok(())
    }

    fn read_links(&self, session: &mut Session<'_>, ids: &[i64], found: &mut [Standing]) -> Result<()> {
        let links = self.fields.iter().filter(|f| matches!(f.kind, Kind::Link(_)));
        let keys: Vec<&str> = links.map(|field| field.key).collect();
        if keys.is_empty() {
            return Ok(());
        }
        let at: HashMap<i64, usize> = found.iter().enumerate().map(|(n, standing)| (standing.id, n)).collect();
        for (id, key, number) in hangings::pointed(session.conn, ids, &keys)? {
            let standing = at.get(&id).and_then(|n| found.get_mut(*n));
            let value = standing.and_then(|s| s.values.iter_mut().find(|(f, _)| f.key == key));
            if let Some((_, value)) = value {
                *value = Value::Text(number);
            }
        }
        Ok(())
    }

    fn read(&self, id: i64, values: Vec<mainstay_store::Value>) -> Standing {
        let mut values = values.into_iter();
        let updated = values.next().and_then(|at| at.as_int()).unwrap_or_default();
        let organisation = values.next().and_then(|id| id.as_int());
        let restricted = values.next().and_then(|flag| flag.as_bool()).unwrap_or(true);
        let state = values.next().and_then(|key| self.process.state(key.as_text()?)).unwrap_or(self.process.initial());
        let custom = values.next().and_then(|text| serde_json::from_str::<Map<String, Json>>(text.as_text()?).ok());
        let mut read = |field: &'static FieldDef| match field.home {
            // What names a record stands among the links.
            _ if matches!(field.kind, Kind::Link(_)) => Value::Null,
            Home::Custom => custom.as_ref().and_then(|c| c.get(field.key)).map_or(Value::Null, Value::from_plain),
            // A flag of the spine that is off is empty, as in every record.
            Home::Spine => match values.next().map(|v| records::value_of(field, v)) {
                None | Some(Value::Bool(false)) => Value::Null,
                Some(value) => value,
            },
            Home::Own => values.next().map_or(Value::Null, |v| records::value_of(field, v)),
        };
        let values = self.fields.iter().map(|field| (*field, read(field))).collect();
        Standing { id, state, updated, organisation, restricted, values, links: None }
    }

    /// The value before the first change from `at` on is the value at `at`.
    fn take_back(
        &self,
        session: &mut Session<'_>,
        found: &mut [Standing],
        changed: &HashMap<i64, usize>,
        at: i64,
    ) -> Result<()> {
        if changed.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = changed.keys().copied().collect();
        let mut done: HashSet<(i64, String)> = HashSet::new();
        reports::changes_since(session.conn, &self.scope, &ids, at, |id, text| {
            let Some(standing) = changed.get(&id).and_then(|n| found.get_mut(*n)) else { return Ok(()) };
            for change in changes(text) {
                let known = (id, change.field.to_string());
                if done.contains(&known) {
                    continue;
                }
                if change.field == "state" {
                    let old = change.before();
                    standing.state = old.as_text().and_then(|key| self.process.state(key)).unwrap_or(standing.state);
                } else if let Some((_, value)) = standing.values.iter_mut().find(|(f, _)| f.key == change.field) {
                    *value = change.before();
                } else {
                    continue;
                }
                done.insert(known);
            }
            Ok(())
        })?;
        Ok(())
    }
}
