//! All that the form asks, of whom, in which steps, and whether a step's answers will do.

use mainstay_words::{t, tf};
use std::collections::BTreeMap;

use mainstay_desk::records::{self, Opening};
use mainstay_desk::registers::{self as door, EntryListing};
use mainstay_desk::troubles::{self, Trouble};
use mainstay_desk::{Caller, Error, Session, colleague, for_colleagues};
use mainstay_engine::field::{FieldDef, Kind};
use mainstay_engine::process::{Invitation, Process, Question};
use mainstay_engine::record::Record;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_engine::register::Entry;
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_processes::registers::{self, Reach};

use super::super::frame::Guest;
use super::super::home::{self, UNFINISHED};
use super::super::lines::{self, Lines, Wanted};
use super::begun::Begun;
use crate::fields::{Pickers, as_filled, decisive, entry_named, json_of};
use crate::form::Form;

/// The name under which an answer is sent: this and the key of its field.
pub const ANSWER: &str = "answer.";
/// Whose matter it is: empty, or [`OTHER`].
pub const WHO: &str = "who";
/// It is somebody else's matter.
pub const OTHER: &str = "other";
/// Somebody else, by name or address.
pub const PERSON: &str = "person";
/// People offered when a name fits several.
const MOST_NAMESAKES: i64 = 8;
/// Similar requests that are offered.
const MOST_ALIKE: usize = 3;
/// Words shorter than this tell requests apart badly, in letters.
const TELLING: usize = 4;

/// A step of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What is wrong, in words.
    Words,
    /// The plain questions.
    Questions,
    /// What else may help, files, and all of it once more before it is sent.
    Details,
}

/// All that the form asks, and of whom.
pub struct Paper {
    pub guest: Guest,
    pub process: &'static Process,
    pub invitation: Invitation,
    /// Asked first: words.
    pub words: Vec<&'static FieldDef>,
    /// Asked last.
    pub rest: Vec<&'static FieldDef>,
    pub services: Vec<Entry>,
    pub pickers: Pickers,
    /// The viewer may speak for others.
    pub acts_for_others: bool,
    /// The viewer may look others up; else their whole name or address has to be known.
    pub reads_directory: bool,
    pub begun: Begun,
    /// Fields that what is written leaves no room for.
    pub hidden: Vec<&'static str>,
    /// Fields on which others depend.
    pub decisive: Vec<String>,
}

/// Under which name the form of a process is kept.
pub fn name_of(process: &Process) -> String {
    format!("report.{}", process.key)
}

impl Paper {
    /// Reads the form with what its viewer has written so far.
    ///
    /// # Errors
    /// There is no such form for the viewer; the database's.
    pub fn load(session: &mut Session<'_>, caller: &Caller, plural: &str) -> mainstay_desk::Result<Self> {
        let guest = Guest::load(session, caller)?;
        let offer = guest.offers.iter().find(|(process, _)| process.plural == plural).copied();
        let (process, invitation) = offer.ok_or_else(|| Refusal::missing("form"))?;
        let asked: Vec<_> = process.asks_requester.iter().filter_map(|key| process.field(key)).collect();
        let is_words = |field: &&FieldDef| matches!(field.kind, Kind::Text { .. } | Kind::Markdown);
        let first = asked.iter().take_while(|field| is_words(field)).count();
        let own = &session.config.process(process).custom;
        let custom = own.iter().filter(|each| each.requester).map(|each| each.def);
        let rest: Vec<_> = asked[first..].iter().copied().chain(custom).collect();
        let pickers = Pickers::load(session, caller, rest.iter().copied())?;
        let services = home::services(session, caller, &guest, usize::MAX)?;
        let begun = Begun::load(session, caller, &name_of(process))?;
        let reads_directory = caller.rights.grants.iter().any(|grant| grant.role.reach >= Reach::Customer);
        let acts_for_others = reads_directory || for_colleagues(session.conn, caller)?;
        let words = asked[..first].to_vec();
        let (hidden, decisive) = (Vec::new(), decisive(session, process));
        let mut paper = Self {
            guest,
            process,
            invitation,
            words,
            rest,
            services,
            pickers,
            acts_for_others,
            reads_directory,
            begun,
            hidden,
            decisive,
        };
        paper.hidden = paper.left_out(session, caller)?;
        Ok(paper)
    }

    /// The fields that what is written so far leaves no room for.
    fn left_out(&self, session: &mut Session<'_>, caller: &Caller) -> mainstay_desk::Result<Vec<&'static str>> {
        let mut record = Record::new(self.process);
        if !self.decisive.is_empty() {
            let form = self.begun.form();
            for question in self.process.questions {
                if let Some(answer) = form.filled(&answer_name(question)) {
                    record.put(&question.field, Value::from(answer));
                }
            }
            record = as_filled(session, caller, &record, self.fields(), &form)?;
        }
        Ok(records::hidden(session, &record))
    }

    /// What is asked last, of what is written so far.
    pub fn last(&self) -> impl Iterator<Item = &'static FieldDef> + '_ {
        self.rest.iter().copied().filter(|field| !self.hidden.contains(&field.key))
    }

    /// The steps, in their order.
    pub fn parts(&self) -> Vec<Part> {
        let all = [Part::Words, Part::Questions, Part::Details];
        all.into_iter().filter(|part| *part != Part::Questions || !self.process.questions.is_empty()).collect()
    }

    /// The names of what a step asks.
    pub fn names(&self, part: Part) -> Vec<String> {
        let keys = |fields: &[&'static FieldDef]| fields.iter().map(|f| f.key.to_owned()).collect::<Vec<_>>();
        match part {
            Part::Words => keys(&self.words),
            Part::Questions => self.process.questions.iter().map(answer_name).collect(),
            Part::Details => {
                let mut names = keys(&self.rest);
                if self.acts_for_others {
                    names.extend([WHO.to_owned(), PERSON.to_owned()]);
                }
                names
            }
        }
    }

    /// The step that asks for what an error names; the last for anything else.
    pub fn part_of(&self, error: &FieldError) -> Part {
        let asks = |part: &Part| {
            let names = self.names(*part);
            names.contains(&error.field) || names.contains(&format!("{ANSWER}{}", error.field))
        };
        self.parts().into_iter().find(asks).unwrap_or(Part::Details)
    }

    pub fn fields(&self) -> impl Iterator<Item = &'static FieldDef> + '_ {
        self.words.iter().chain(&self.rest).copied()
    }

    /// What a step's answers lack.
    pub fn lacks(&self, part: Part) -> Vec<FieldError> {
        let form = self.begun.form();
        match part {
            Part::Words => self.words.iter().flat_map(|field| self.lack_of(field, &form)).collect(),
            Part::Questions => self.process.questions.iter().filter_map(|q| unanswered(q, &form)).collect(),
            Part::Details => {
                let mut errors: Vec<_> = self.last().flat_map(|field| self.lack_of(field, &form)).collect();
                if self.is_for_other(&form) && form.filled(PERSON).is_none() {
                    errors.push(FieldError::new(PERSON, "required", "Whose is it? Type a name or an e-mail address."));
                }
                errors
            }
        }
    }

    fn lack_of(&self, field: &'static FieldDef, form: &Form) -> Vec<FieldError> {
        let given = json_of(field, form, field.key, &self.guest.zone);
        let rows = given.as_array().is_some_and(|rows| !rows.is_empty());
        if field.required && form.filled(field.key).is_none() && !rows {
            return vec![FieldError::new(field.key, "required", "Please write a few words here.")];
        }
        let misfits = Value::read(field, &given).err().unwrap_or_default();
        // What is named in words is looked up when it is sent.
        let wrong = misfits.iter().filter(|misfit| misfit.code != "not_a_reference");
        wrong.map(|misfit| FieldError::misfit(field, misfit)).collect()
    }

    /// It is somebody else's matter.
    pub fn is_for_other(&self, form: &Form) -> bool {
        self.acts_for_others && form.get(WHO) == Some(OTHER)
    }

    /// What was written, in the words of the desk.
    pub fn opening(&self) -> Opening {
        let form = self.begun.form();
        let values = self.fields().map(|f| (f.key.to_owned(), json_of(f, &form, f.key, &self.guest.zone)));
        let answer = |question: &Question| {
            Some((question.field.key.to_owned(), form.filled(&answer_name(question))?.to_owned()))
        };
        let answers: BTreeMap<String, String> = self.process.questions.iter().filter_map(answer).collect();
        Opening { values: values.collect(), answers, reported: true, ..Opening::default() }
    }

    /// The known trouble that may be what was written, by its service or by its words.
    ///
    /// # Errors
    /// The database's.
    pub fn known(&self, session: &mut Session<'_>, caller: &Caller) -> mainstay_desk::Result<Vec<Trouble>> {
        let form = self.begun.form();
        let words = form.get(spine::TITLE.def.key).unwrap_or_default();
        let service = form.filled(spine::SERVICE.def.key).and_then(|id| id.parse().ok());
        if words.trim().is_empty() && service.is_none() {
            return Ok(Vec::new());
        }
        let mut known = troubles::now(session, caller)?;
        known.retain(|trouble| trouble.is_about(words, service));
        Ok(known)
    }

    /// The viewer's own open requests that share telling words with what was written, the most alike first.
    ///
    /// # Errors
    /// The database's.
    pub fn alike(&self, session: &mut Session<'_>, caller: &Caller) -> mainstay_desk::Result<Vec<Record>> {
        let form = self.begun.form();
        let title = form.get(spine::TITLE.def.key).unwrap_or_default().to_lowercase();
        let mut words: Vec<&str> = title.split(|c: char| !c.is_alphanumeric()).collect();
        words.retain(|word| word.chars().count() >= TELLING);
        words.sort_unstable_by_key(|word| std::cmp::Reverse(word.len()));
        words.dedup();
        words.truncate(6);
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let any: Vec<String> =
            words.iter().map(|word| format!("title contains {}", serde_json::Value::from(*word))).collect();
        let filter = lines::own(caller, &format!("{UNFINISHED} and ({})", any.join(" or ")));
        let wanted = Wanted { filter: &filter, limit: 25, after: None };
        let mut found: Vec<(usize, Record)> = Vec::new();
        for row in Lines::load(session, caller, self.process, &wanted)?.rows {
            let theirs = row.record.value(spine::TITLE.def.key).as_text().unwrap_or_default().to_lowercase();
            found.push((words.iter().filter(|word| theirs.contains(**word)).count(), row.record));
        }
        found.sort_by_key(|(shared, _)| std::cmp::Reverse(*shared));
        Ok(found.into_iter().take(MOST_ALIKE).map(|(_, record)| record).collect())
    }
}

/// The name of a question's answer.
pub fn answer_name(question: &Question) -> String {
    format!("{ANSWER}{}", question.field.key)
}

fn unanswered(question: &Question, form: &Form) -> Option<FieldError> {
    let name = answer_name(question);
    let known = form.filled(&name).is_some_and(|given| question.answers.iter().any(|each| each.key == given));
    (!known).then(|| {
        FieldError::new(&name, "required", tf("{words} Choose what comes nearest.", &[("words", &t(question.words))]))
    })
}

/// The person whom somebody means.
///
/// # Errors
/// Nobody whom the viewer may speak for is called so, or several are; the database's.
pub fn person(session: &mut Session<'_>, caller: &Caller, typed: &str) -> mainstay_desk::Result<i64> {
    if let Some(id) = entry_named(session, caller, registers::PEOPLE.key, typed)? {
        return Ok(id);
    }
    if let Some(id) = colleague(session.conn, caller, typed)? {
        return Ok(id);
    }
    let says = match namesakes(session, caller, typed)?.as_slice() {
        [only] => return Ok(only.id),
        [] => format!("Nobody here is called “{typed}”. Type the whole name or the e-mail address."),
        _ => format!("Several people fit “{typed}”. Choose one."),
    };
    Err(Refusal {
        errors: vec![FieldError::new(PERSON, "unknown_reference", says.clone())],
        ..Refusal::invalid("invalid_fields", says)
    }
    .into())
}

/// The people whom a name may mean, as far as the viewer may know them.
///
/// # Errors
/// The database's.
pub fn namesakes(session: &mut Session<'_>, caller: &Caller, typed: &str) -> mainstay_desk::Result<Vec<Entry>> {
    let name_contains = Some(typed.trim().to_owned()).filter(|typed| !typed.is_empty());
    let listing = EntryListing { name_contains, limit: MOST_NAMESAKES, ..EntryListing::default() };
    match door::list(session.conn, caller, &registers::PEOPLE, &listing) {
        Err(Error::Refused(_)) => Ok(Vec::new()),
        other => other,
    }
}
