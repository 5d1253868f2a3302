//! Records that are opened because rules of the organisation want one for another record. (EVA-01)

use super::open::{Opening, open};
use crate::caller::{Caller, Channel};
use crate::config::entry_of;
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::process::{ByRule, OpenedFrom, Process};
use mainstay_engine::record::Record;
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_processes::registers::{Criticality, RULE_CRITICALITY, SERVICES};
use mainstay_store::{entries, hangings};

/// What rules may want for a record of this process: of which process, by which way.
fn wanted(process: &'static Process) -> impl Iterator<Item = (&'static Process, &'static OpenedFrom, &'static ByRule)> {
    let ways = mainstay_processes::ALL.iter().flat_map(|other| other.opened_from.iter().map(move |way| (*other, way)));
    ways.filter(|(_, way)| way.process == process.key)
        .filter_map(|(other, way)| way.by_rule.as_ref().map(|rule| (other, way, rule)))
}

/// Whether rules of this kind are asked for records of a process.
#[must_use]
pub fn is_ruled(process: &'static Process) -> bool {
    wanted(process).next().is_some()
}

fn is_asked(rule: &ByRule, record: &Record) -> bool {
    rule.asked_in.iter().any(|state| state.key == record.state.key)
}

/// Brings the mark of a record that is about to be written up to the rules, while they are asked.
pub(super) fn follow(session: &mut Session<'_>, after: &mut Record) -> Result<()> {
    for (other, _, rule) in wanted(after.process) {
        if is_asked(rule, after) {
            let wants = session.config.process(other).enabled && fits(session, rule, after)?;
            after.put(&rule.mark, if wants { Value::Bool(true) } else { Value::Null });
        }
    }
    Ok(())
}

/// Opens what the rules want for a record that was written, unless it is there; what turned out to be none is not.
pub(super) fn open_wanted(session: &mut Session<'_>, caller: &Caller, record: &Record) -> Result<()> {
    for (other, way, rule) in wanted(record.process) {
        if !is_asked(rule, record) || record.value(rule.mark.key).as_bool() != Some(true) {
            continue;
        }
        let links = hangings::links(session.conn, record.id)?;
        let void = |state: &str| other.state(state).is_some_and(|state| state.void);
        let is_one = |link: &hangings::LinkRow| {
            link.outgoing && link.relation == way.relation && link.process == other.key && !void(&link.state)
        };
        if links.iter().any(is_one) {
            continue;
        }
        let number = record.value(spine::NUMBER.def.key).as_text().unwrap_or_default().to_owned();
        let opening = Opening { from: vec![number], ..Opening::default() };
        // Whoever set it off need not have the right to open one.
        let opener = Caller { person: caller.person.clone(), ..Caller::engine(Channel::Engine) };
        open(session, &opener, other, &opening)?;
    }
    Ok(())
}

/// Whether any rule wants one for this record.
fn fits(session: &mut Session<'_>, rule: &ByRule, record: &Record) -> Result<bool> {
    let (context, config) = (session.context(), session.config);
    let mut critical = None;
    for each in config.evaluations.iter().filter(|each| each.process == record.process.key) {
        let holds = each.condition.as_ref().is_none_or(|it| it.resolve(&context).matches(&|key| record.read(key)));
        let least = each.entry.text(RULE_CRITICALITY.def.key).and_then(Criticality::from_key);
        if !holds {
            continue;
        }
        let Some(least) = least else { return Ok(true) };
        let most = match critical {
            Some(known) => known,
            None => *critical.insert(most_critical(session, rule, record)?),
        };
        if most.is_some_and(|most| most <= least) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How critical the most critical service is that the record names: the options begin with the highest.
fn most_critical(session: &mut Session<'_>, rule: &ByRule, record: &Record) -> Result<Option<Criticality>> {
    let ids: Vec<i64> = rule.services.iter().flat_map(|field| field.references(record.value(field.key))).collect();
    let services = entries::several(session.conn, SERVICES.key, &ids)?;
    Ok(services.into_iter().map(entry_of).filter_map(|e| Criticality::from_key(e.text("criticality")?)).min())
}
