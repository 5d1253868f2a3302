//! What a report says of the records of a period, each with the values that it can be grouped and filtered by.

use super::Key;
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::reports::open::Door;
use crate::reports::ordered::{Places, exchange};
use crate::reports::standing::Standing;
use mainstay_engine::value::Value;
use std::mem::size_of;

/// Most fields of which a value is kept.
pub const MOST_FIELDS: usize = 8;

/// About what a value costs that occurs, beside its text.
const VALUE_BYTES: usize = 96;

/// A record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact {
    pub id: i64,
    /// The place of its organisation, and whether it is restricted: of the present, for who may see it follows from
    /// them.
    organisation: u32,
    restricted: bool,
    /// When it last changed, in epoch milliseconds UTC.
    pub updated: i64,
    /// Each the place of a value as it stood at the end of the period.
    pub values: [u32; MOST_FIELDS],
}

impl Fact {
    /// What decides whether grants open it.
    pub fn door(&self) -> Door {
        (self.id, self.organisation, self.restricted)
    }
}

/// That a record counts in a column by something that happened at an instant, with an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    pub record: i64,
    /// Epoch milliseconds UTC.
    pub at: i64,
    pub amount: i64,
    /// Its place among those of the key.
    pub column: u8,
}

/// What a report says, each list in the order of records.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// The records that count somewhere.
    pub facts: Vec<Fact>,
    pub lines: Vec<Line>,
    /// Of which time alone may make another thing, each with the instant from which on it may.
    waiting: Vec<(i64, i64)>,
    organisations: Places<Option<i64>>,
    values: [Places<Value>; MOST_FIELDS],
    /// What the texts of values take.
    text_bytes: usize,
}

impl Sheet {
    /// Reads what a report says of every record, or of those among some whose ids are in order: one question for both,
    /// so that what is read again cannot be another thing than what was read at first. None when it takes more than
    /// `most` bytes.
    ///
    /// # Errors
    /// The database's.
    pub fn read(
        session: &mut Session<'_>,
        engine: &Caller,
        key: &Key,
        among: Option<&[i64]>,
        most: usize,
    ) -> Result<Option<Self>> {
        let (fields, columns) = (key.fields(), key.columns());
        let (mut sheet, mut too_much) = (Self::default(), false);
        let mut asked = key.ask(session, engine, among)?;
        key.say(&mut asked, &mut |standing, column, at, amount| {
            if too_much {
                return;
            }
            sheet.take(standing, &fields);
            let column = columns.iter().position(|known| *known == column).and_then(|n| u8::try_from(n).ok());
            if let Some(column) = column {
                sheet.lines.push(Line { record: standing.id, at, amount, column });
            }
            if sheet.bytes() > most {
                too_much = true;
                sheet = Self::default();
            }
        })?;
        if too_much {
            return Ok(None);
        }
        sheet.waiting = std::mem::take(&mut asked.waiting);
        sheet.facts.sort_by_key(|fact| fact.id);
        sheet.facts.dedup_by_key(|fact| fact.id);
        sheet.lines.sort_by_key(|line| line.record);
        sheet.facts.shrink_to_fit();
        sheet.lines.shrink_to_fit();
        Ok(Some(sheet))
    }

    fn take(&mut self, standing: &Standing, fields: &[&str]) {
        if self.facts.last().is_some_and(|fact| fact.id == standing.id) {
            return;
        }
        let mut values = [0; MOST_FIELDS];
        for (field, key) in fields.iter().enumerate() {
            values[field] = self.place(field, standing.value(key));
        }
        let organisation = self.organisations.of(standing.organisation);
        let Standing { id, updated, restricted, .. } = *standing;
        self.facts.push(Fact { id, organisation, restricted, updated, values });
    }

    /// The values that occur of a field.
    pub fn values(&self, field: usize) -> &[Value] {
        self.values[field].all()
    }

    /// The organisations that occur.
    pub fn organisations(&self) -> &[Option<i64>] {
        self.organisations.all()
    }

    /// The records of which time may have made another thing by an instant.
    pub fn waited(&self, now: i64) -> impl Iterator<Item = i64> + '_ {
        self.waiting.iter().filter(move |(from, _)| *from <= now).map(|(_, record)| *record)
    }

    /// What it takes in memory.
    pub fn bytes(&self) -> usize {
        let values: usize = self.values.iter().map(|known| known.all().len()).sum();
        self.facts.capacity() * size_of::<Fact>()
            + self.lines.capacity() * size_of::<Line>()
            + self.waiting.capacity() * size_of::<(i64, i64)>()
            + (values + self.organisations.all().len()) * VALUE_BYTES
            + self.text_bytes
    }

    /// Puts what is said now of these records, whose ids are in order, in the place of what was said of them.
    pub fn replace(&mut self, ids: &[i64], news: Self) {
        let mut facts = news.facts;
        for fact in &mut facts {
            let organisation = news.organisations.all().get(fact.organisation as usize).copied().flatten();
            fact.organisation = self.organisations.of(organisation);
            for (field, place) in fact.values.iter_mut().enumerate() {
                // Of fewer fields than there is room for, nothing occurs in the rest.
                if let Some(value) = news.values[field].all().get(*place as usize) {
                    *place = self.place(field, value.clone());
                }
            }
        }
        exchange(&mut self.facts, ids, facts, |fact| fact.id);
        exchange(&mut self.lines, ids, news.lines, |line| line.record);
        self.waiting.retain(|(_, record)| ids.binary_search(record).is_err());
        self.waiting.extend(news.waiting);
    }

    fn place(&mut self, field: usize, value: Value) -> u32 {
        let known = &mut self.values[field];
        let (before, text) = (known.all().len(), text_bytes(&value));
        let place = known.of(value);
        if known.all().len() > before {
            self.text_bytes += text;
        }
        place
    }
}

fn text_bytes(value: &Value) -> usize {
    match value {
        // Once as it is listed and once as it is looked up.
        Value::Text(text) => 2 * text.len(),
        Value::List(items) => items.iter().map(|item| VALUE_BYTES + text_bytes(item)).sum(),
        _ => 0,
    }
}
