//! Policies: whom each part of an approval asks, and when they have said enough.

use crate::config::{entry_of, values_of};
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::field::{FieldDef, FieldType as _};
use mainstay_engine::process::Approvals;
use mainstay_engine::record::Record;
use mainstay_engine::register::{Entry, Values};
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_processes::registers::{Asked, Enough, Expiry, PEOPLE, PERSON_TEAMS};
use mainstay_store::approvals::{ApprovalRow, RoundRow};
use mainstay_store::entries;

/// The most people that one part asks.
const MOST: i64 = 200;

/// By which field people refer to the roles that they hold.
const HELD_ROLE: &str = "grants.role";

/// One part of a policy: people who are asked together, and when they have said enough.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its place in the order; those of one step are asked together.
    pub step: i64,
    /// The row of the policy, from 0.
    pub place: i64,
    pub name: String,
    pub rule: Enough,
    quorum: i64,
    /// It is heard and decides nothing.
    pub advisory: bool,
    asks: Asked,
    whom: Value,
}

/// A policy in one version.
#[derive(Clone, Debug)]
pub struct Policy {
    pub id: i64,
    pub version: i64,
    pub parts: Vec<Part>,
    pub self_approval: bool,
    /// Working days to answer; none: as long as it takes.
    pub days: Option<i64>,
    pub expiry: Expiry,
}

/// How a part stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Open,
    Granted,
    Refused,
}

impl Part {
    fn of(place: usize, row: &Value) -> Option<Self> {
        let asks = Asked::from_value(row.column("asks"))?;
        Some(Self {
            step: row.column("step").as_int()?,
            place: i64::try_from(place).ok()?,
            name: row.column("name").as_text()?.to_owned(),
            rule: Enough::from_value(row.column("rule"))?,
            quorum: row.column("quorum").as_int().unwrap_or(1).max(1),
            advisory: row.column("advisory").as_bool().unwrap_or_default(),
            asks,
            whom: row.column(asks.named_by()).clone(),
        })
    }

    /// The team that it asks, where it asks one.
    #[must_use]
    pub fn team(&self) -> Option<i64> {
        self.whom.as_int().filter(|_| self.asks == Asked::Team)
    }

    /// How many of so many have to approve; never none.
    #[must_use]
    pub fn needed(&self, asked: usize) -> usize {
        match self.rule {
            Enough::All => asked.max(1),
            Enough::Any => 1,
            Enough::Some => usize::try_from(self.quorum).unwrap_or(usize::MAX),
            Enough::Majority => asked / 2 + 1,
        }
    }

    /// How it stands by what was said. Whoever speaks for several counts once where a number of people is wanted.
    #[must_use]
    pub fn standing(&self, voices: &[&ApprovalRow]) -> Standing {
        let open = voices.iter().filter(|voice| matches!(voice.state.as_str(), "open" | "waiting")).count();
        let mut granted: Vec<Option<i64>> =
            voices.iter().filter(|voice| voice.state == "granted").map(|voice| voice.voter).collect();
        if self.rule != Enough::All {
            granted.sort_unstable();
            granted.dedup();
        }
        let needed = self.needed(voices.len());
        if granted.len() >= needed {
            Standing::Granted
        } else if granted.len() + open < needed {
            Standing::Refused
        } else {
            Standing::Open
        }
    }

    /// Whom it asks of this record, each once.
    fn people(&self, session: &mut Session<'_>, record: &Record) -> Result<Vec<i64>> {
        let members = |session: &mut Session<'_>, team: i64| {
            entries::referring_first(session.conn, PERSON_TEAMS.def.key, team, MOST)
        };
        let mut people = match (self.asks, self.whom.as_int()) {
            (Asked::Person, Some(person)) => vec![person],
            (Asked::Team, Some(team)) => members(session, team)?,
            (Asked::Role, Some(role)) => holders(session, record, role)?,
            (Asked::Field, _) => {
                let field = self.whom.as_text().and_then(|key| session.config.field(record.process, key));
                let Some(field) = field else { return Ok(Vec::new()) };
                let named = field.references(record.value(field.key));
                if field.register() == Some(PEOPLE.key) {
                    named
                } else {
                    let mut all = Vec::new();
                    for team in named {
                        all.extend(members(session, team)?);
                    }
                    all
                }
            }
            _ => Vec::new(),
        };
        people.sort_unstable();
        people.dedup();
        let known = entries::several(session.conn, PEOPLE.key, &people)?;
        Ok(known.into_iter().filter(|row| row.active).map(|row| row.id).collect())
    }
}

/// Whom the policies in force ask beside somebody: by name, in the same team or by the same role.
///
/// # Errors
/// The database's.
pub fn asked_beside(session: &mut Session<'_>, person: i64) -> Result<Vec<i64>> {
    let rules = session.config.approval_policies.iter();
    let parts = rules.flat_map(|rule| Policy::of(rule.entry.id, rule.entry.version, &rule.entry.values).parts);
    let mut whom: Vec<(&str, i64)> = Vec::new();
    for part in parts {
        let Some(id) = part.whom.as_int() else { continue };
        let by = match part.asks {
            Asked::Team => PERSON_TEAMS.def.key,
            Asked::Role => HELD_ROLE,
            Asked::Person | Asked::Field => continue,
        };
        if !whom.contains(&(by, id)) {
            whom.push((by, id));
        }
    }
    let mut found = Vec::new();
    for (by, id) in whom {
        let people = entries::referring_first(session.conn, by, id, MOST)?;
        if people.contains(&person) {
            found.extend(people);
        }
    }
    found.sort_unstable();
    found.dedup();
    found.retain(|each| *each != person);
    Ok(found)
}

/// Who has a role for the record's process and organisation.
fn holders(session: &mut Session<'_>, record: &Record, role: i64) -> Result<Vec<i64>> {
    if !session.config.roles.contains_key(&role) {
        return Ok(Vec::new());
    }
    let people = entries::referring_first(session.conn, HELD_ROLE, role, MOST)?;
    let rows = entries::several(session.conn, PEOPLE.key, &people)?;
    Ok(rows.into_iter().map(entry_of).filter(|entry| holds(entry, role, record)).map(|entry| entry.id).collect())
}

/// Whether a person has a role for the record's process and organisation.
#[must_use]
pub fn holds(person: &Entry, role: i64, record: &Record) -> bool {
    let covers = |grant: &Value| {
        let organisation = grant.column("organisation");
        grant.column("role").as_int() == Some(role)
            && grant.column("process").as_text().is_none_or(|process| process == record.process.key)
            && (organisation.is_null() || organisation == record.value(spine::ORGANISATION.def.key))
    };
    person.value("grants").as_list().iter().any(covers)
}

impl Policy {
    fn of(id: i64, version: i64, values: &Values) -> Self {
        let value = |key: &str| values.get(key).unwrap_or(&Value::Null);
        let parts = value("steps").as_list().iter().enumerate().filter_map(|(place, row)| Part::of(place, row));
        Self {
            id,
            version,
            parts: parts.collect(),
            self_approval: value("self_approval").as_bool().unwrap_or_default(),
            days: value("days").as_int(),
            expiry: Expiry::from_value(value("expiry")).unwrap_or(Expiry::Remind),
        }
    }

    /// The first policy whose condition the record meets.
    #[must_use]
    pub fn applying(session: &Session<'_>, record: &Record) -> Option<Self> {
        let context = session.context();
        let fits = |condition: &mainstay_engine::condition::Checked| {
            condition.resolve(&context).matches(&|key| record.read(key))
        };
        let mut policies = session.config.approval_policies.iter().filter(|rule| rule.process == record.process.key);
        let rule = policies.find(|rule| rule.condition.as_ref().is_none_or(fits))?;
        Some(Self::of(rule.entry.id, rule.entry.version, &rule.entry.values))
    }

    /// The policy of a round, in the version that was in force when it was opened. (GEN-21)
    ///
    /// # Errors
    /// The database's.
    pub fn of_round(session: &mut Session<'_>, round: &RoundRow) -> Result<Self> {
        let (id, version) = (round.policy, round.policy_version);
        let present = session.config.approval_policies.iter().map(|rule| &rule.entry);
        if let Some(entry) = present.into_iter().find(|entry| entry.id == id && entry.version == version) {
            return Ok(Self::of(id, version, &entry.values));
        }
        let kept = entries::version(session.conn, id, version)?.unwrap_or_default();
        Ok(Self::of(id, version, &values_of(&kept)))
    }

    /// Whom a part asks of a record, but for those who have a part in it.
    ///
    /// # Errors
    /// The database's.
    pub fn people(&self, session: &mut Session<'_>, record: &Record, part: &Part) -> Result<Vec<i64>> {
        let mut people = part.people(session, record)?;
        if !self.self_approval {
            people.retain(|person| !is_involved(record, *person));
        }
        Ok(people)
    }
}

/// The fields that say who has a part in a record.
fn parts_of(record: &Record) -> impl Iterator<Item = &'static FieldDef> {
    let own = record.process.approvals.as_ref().map_or(&[][..], |approvals: &Approvals| approvals.involved);
    [&spine::REQUESTER.def, &spine::ASSIGNEE.def].into_iter().chain(own)
}

/// Whether somebody asks for the record, owns it or carries it out.
#[must_use]
pub fn is_involved(record: &Record, person: i64) -> bool {
    parts_of(record).any(|field| field.references(record.value(field.key)).contains(&person))
}

/// Who has a part in a record by a change of it and had none before, with the field that says so.
#[must_use]
pub fn drawn_in(before: &Record, after: &Record) -> Vec<(&'static FieldDef, i64)> {
    let people =
        |field: &'static FieldDef| field.references(after.value(field.key)).into_iter().map(move |id| (field, id));
    parts_of(after).flat_map(people).filter(|(_, person)| !is_involved(before, *person)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(rule: Enough, quorum: i64) -> Part {
        let (name, whom) = (String::new(), Value::Null);
        Part { step: 1, place: 0, name, rule, quorum, advisory: false, asks: Asked::Team, whom }
    }

    fn voice(state: &str, voter: i64) -> ApprovalRow {
        ApprovalRow {
            id: 0,
            round: 1,
            record: 1,
            step: 1,
            part: 0,
            approver: voter,
            state: state.into(),
            voter: matches!(state, "granted" | "refused").then_some(voter),
            at: None,
            record_version: None,
            words: None,
        }
    }

    fn standing(part: &Part, voices: &[(&str, i64)]) -> Standing {
        let rows: Vec<ApprovalRow> = voices.iter().map(|(state, voter)| voice(state, *voter)).collect();
        part.standing(&rows.iter().collect::<Vec<_>>())
    }

    #[test]
    fn gen_16_a_part_is_decided_as_soon_as_nothing_can_change_it() {
        let all = part(Enough::All, 1);
        assert_eq!(standing(&all, &[("granted", 1), ("open", 2)]), Standing::Open);
        assert_eq!(standing(&all, &[("granted", 1), ("granted", 2)]), Standing::Granted);
        assert_eq!(standing(&all, &[("refused", 1), ("open", 2)]), Standing::Refused);
        assert_eq!(standing(&all, &[]), Standing::Refused, "nobody is never enough");
        let any = part(Enough::Any, 1);
        assert_eq!(standing(&any, &[("refused", 1), ("open", 2)]), Standing::Open);
        assert_eq!(standing(&any, &[("refused", 1), ("refused", 2)]), Standing::Refused);
        let most = part(Enough::Majority, 1);
        let five = |granted: usize| -> Vec<(&str, i64)> {
            (1..=5_usize).map(|n| (if n <= granted { "granted" } else { "open" }, i64::try_from(n).unwrap())).collect()
        };
        assert_eq!(standing(&most, &five(2)), Standing::Open, "two of five are no quorum");
        assert_eq!(standing(&most, &five(3)), Standing::Granted);
        assert_eq!(
            standing(&most, &[("granted", 1), ("refused", 2)]),
            Standing::Refused,
            "one of two is not more than half"
        );
    }

    #[test]
    fn who_speaks_for_two_is_one_where_a_number_of_people_is_wanted() {
        let two = part(Enough::Some, 2);
        assert_eq!(standing(&two, &[("granted", 1), ("granted", 1), ("open", 3)]), Standing::Open);
        assert_eq!(standing(&two, &[("granted", 1), ("granted", 1)]), Standing::Refused);
        assert_eq!(standing(&two, &[("granted", 1), ("granted", 2), ("open", 3)]), Standing::Granted);
        assert_eq!(standing(&part(Enough::All, 1), &[("granted", 1), ("granted", 1)]), Standing::Granted);
    }
}
