//! From the rows of one incident to a record with its past.

use super::ORIGIN;
use super::columns::Columns;
use super::fields::{self, LINKED, MAPPED};
use super::row::{Fault, Standing, given_instant, instant, verb};
use crate::import::SourceRow;
use mainstay_desk::import::{Given, Past, Step};
use mainstay_engine::field::FieldType;
use mainstay_engine::process::Phase;
use mainstay_engine::spine;
use mainstay_processes::bundles::SYMPTOMS;
use mainstay_processes::operation::incident::{
    CATEGORY, CLOSING_CATEGORY, FIRST_ASSIGNEE, HOLD_REASON, INCIDENT, RESOLUTION, RESTORED,
};
use std::borrow::Cow;

/// What the rows of one incident come to.
pub struct Told {
    /// The incident with the rows that made it; none when no row could be read.
    pub past: Option<(Past, Vec<SourceRow>)>,
    pub rejected: Vec<(SourceRow, Fault)>,
    /// Rows taken whose state the log has lost.
    pub lost: u64,
}

type Values = Vec<(Cow<'static, str>, Given)>;

/// Tells the history that rows of one incident hold. A row that cannot be read is rejected alone: the next one holds
/// every column anew, so what it changed shows there.
pub fn tell(columns: &Columns, rows: Vec<SourceRow>) -> Told {
    let mut teller = Teller { columns, steps: Vec::new(), last: None, resolved: None, assigned_before: false };
    let mut told = Told { past: None, rejected: Vec::new(), lost: 0 };
    let mut kept: Vec<SourceRow> = Vec::with_capacity(rows.len());
    for row in rows {
        match teller.take(kept.last().map(|row| row.cells.as_slice()), &row.cells) {
            Ok(()) => {
                told.lost += u64::from(Standing::is_lost(columns, &row.cells));
                kept.push(row);
            }
            Err(fault) => told.rejected.push((row, fault)),
        }
    }
    let number = kept.first().and_then(|row| columns.get(&row.cells, "number")).map(str::to_owned);
    told.past = number.map(|external_key| {
        let past =
            Past { process: &INCIDENT, origin: ORIGIN.into(), external_key, steps: teller.steps, comments: Vec::new() };
        (past, kept)
    });
    told
}

struct Teller<'c> {
    columns: &'c Columns,
    steps: Vec<Step>,
    last: Option<Standing>,
    /// The instant of resolution as last set.
    resolved: Option<i64>,
    assigned_before: bool,
}

impl Teller<'_> {
    /// Takes a row; `before` is the last one that could be read.
    fn take(&mut self, before: Option<&[String]>, cells: &[String]) -> Result<(), Fault> {
        let standing = Standing::of(self.columns, cells, self.last.as_ref())?;
        let mut values = self.plain(before, cells)?;
        self.category(before, cells, &standing, &mut values);
        let assigns = !self.assigned_before && self.columns.get(cells, "assigned_to").is_some();
        if let (true, Some(id)) = (assigns, self.columns.get(cells, "assigned_to")) {
            values.push((FIRST_ASSIGNEE.def.key.into(), Given::Entry(fields::person("assignee", id))));
        }
        let resolved = self.resolution(&standing, cells, &mut values)?;
        // Nothing may be kept of a row before all of it could be read.
        self.assigned_before |= assigns;
        self.resolved = resolved;
        let opening = self.opening(&standing, cells);
        self.steps.extend(opening);
        self.hold(&standing, &mut values);
        let links = self.links(before, cells);
        let actor = self.columns.get(cells, "sys_updated_by").map(|id| fields::person("editor", id));
        let verb = Some(self.verb(&standing, before, cells));
        self.steps.push(Step { at: standing.at, actor, verb, state: standing.state, values, links });
        self.last = Some(standing);
        Ok(())
    }

    fn changed(&self, before: Option<&[String]>, cells: &[String], column: &str) -> bool {
        before.is_none_or(|before| self.columns.get(before, column) != self.columns.get(cells, column))
    }

    /// The fields of columns that differ from the row before.
    fn plain(&self, before: Option<&[String]>, cells: &[String]) -> Result<Values, Fault> {
        let mut values = Values::new();
        for mapped in MAPPED.iter().filter(|m| self.changed(before, cells, m.column)) {
            let given = match self.columns.get(cells, mapped.column) {
                Some(text) => (mapped.read)(text)
                    .map_err(|fault| Fault { says: format!("{}: {}", mapped.column, fault.says), ..fault })?,
                None if before.is_none() => continue,
                None => Given::NOTHING,
            };
            values.push((mapped.field.into(), given));
        }
        Ok(values)
    }

    fn category_of(&self, cells: &[String]) -> Given {
        let category = self.columns.get(cells, "category");
        category.map_or(Given::NOTHING, |id| Given::Entry(fields::category(id, self.columns.get(cells, "subcategory"))))
    }

    /// The category; that of a resolved incident is what it turned out to be.
    fn category(&self, before: Option<&[String]>, cells: &[String], standing: &Standing, values: &mut Values) {
        let changed = ["category", "subcategory"].iter().any(|column| self.changed(before, cells, column));
        if changed {
            values.push((CATEGORY.def.key.into(), self.category_of(cells)));
        }
        let was_over = self.last.is_some_and(|last| last.is_over());
        if standing.is_over() && (changed || !was_over) {
            values.push((CLOSING_CATEGORY.def.key.into(), self.category_of(cells)));
        }
    }

    /// The log writes the final resolution into every row of an incident; it belongs to those that are resolved.
    fn resolution(&self, standing: &Standing, cells: &[String], values: &mut Values) -> Result<Option<i64>, Fault> {
        let was_over = self.last.is_some_and(|last| last.is_over());
        if !standing.is_over() {
            if was_over {
                let gone = [
                    RESOLUTION.def.key,
                    CLOSING_CATEGORY.def.key,
                    RESTORED.def.key,
                    "sn_closed_code",
                    "sn_resolved_by",
                ];
                values.extend(gone.map(|key| (Cow::Borrowed(key), Given::NOTHING)));
            }
            return Ok(None);
        }
        if !was_over {
            self.result(cells, values);
            values.push((RESTORED.def.key.into(), given_instant(standing.at)));
        }
        let resolved = self.columns.get(cells, "resolved_at").map(instant).transpose()?.filter(|at| *at <= standing.at);
        if let Some(at) = resolved.filter(|at| Some(*at) != self.resolved) {
            values.push((spine::RESOLVED.def.key.into(), given_instant(at)));
            values.retain(|(key, _)| key != RESTORED.def.key);
            values.push((RESTORED.def.key.into(), given_instant(at)));
        }
        // A log may close an incident twice; the closing that counts is the one it names.
        let closed = self.columns.get(cells, "closed_at").map(instant).transpose()?;
        if standing.state.phase == Phase::Closed && closed == Some(standing.at) {
            values.push((spine::CLOSED.def.key.into(), given_instant(standing.at)));
        }
        Ok(resolved.or(self.resolved))
    }

    fn result(&self, cells: &[String], values: &mut Values) {
        if let Some(code) = self.columns.get(cells, "closed_code") {
            values.push(("sn_closed_code".into(), Given::text(code)));
            values.push((RESOLUTION.def.key.into(), Given::text(format!("Closed with code {code}."))));
        }
        if let Some(id) = self.columns.get(cells, "resolved_by") {
            values.push(("sn_resolved_by".into(), Given::Entry(fields::person("resolver", id))));
        }
    }

    /// Before the first row somebody opened the incident: title, words and requester are those of the first row.
    fn opening(&self, standing: &Standing, cells: &[String]) -> Option<Step> {
        if self.last.is_some() {
            return None;
        }
        let get = |column| self.columns.get(cells, column);
        let opener = get("opened_by").map(|id| fields::person("opener", id));
        let creator = || get("sys_created_by").map(|id| fields::person("creator", id));
        let values = vec![
            (spine::TITLE.def.key.into(), Given::text(title(&get))),
            (SYMPTOMS.def.key.into(), Given::text(symptoms(&get))),
            (
                spine::REQUESTER.def.key.into(),
                get("caller_id").map_or(Given::NOTHING, |id| Given::Entry(fields::person("caller", id))),
            ),
        ];
        let state = INCIDENT.initial();
        Some(Step { at: standing.opened, actor: opener.or_else(creator), verb: None, state, values, links: Vec::new() })
    }

    fn hold(&self, standing: &Standing, values: &mut Values) {
        let before = self.last.and_then(|last| last.hold);
        if before != standing.hold {
            let json = standing.hold.map_or(serde_json::Value::Null, |hold| hold.into_value().plain());
            values.push((HOLD_REASON.def.key.into(), Given::Plain(json)));
        }
    }

    fn links(&self, before: Option<&[String]>, cells: &[String]) -> Vec<(&'static str, String)> {
        let linked = LINKED.iter().filter(|(column, ..)| self.changed(before, cells, column));
        linked
            .filter_map(|(column, relation, what)| {
                Some((*relation, format!("{what} {}", self.columns.get(cells, column)?)))
            })
            .collect()
    }

    fn verb(&self, standing: &Standing, before: Option<&[String]>, cells: &[String]) -> &'static str {
        let fresh = Standing { state: INCIDENT.initial(), hold: None, ..*standing };
        let had_team = before.is_some_and(|before| self.columns.get(before, "assignment_group").is_some());
        let team_changed = self.changed(before, cells, "assignment_group");
        verb(self.last.as_ref().unwrap_or(&fresh), standing, had_team, team_changed)
    }
}

fn title<'r>(get: &impl Fn(&'static str) -> Option<&'r str>) -> String {
    let number = get("number").unwrap_or_default();
    match (get("category"), get("subcategory")) {
        (Some(category), Some(sub)) => format!("Incident {number}: category {category}, subcategory {sub}"),
        (Some(category), None) => format!("Incident {number}: category {category}"),
        _ => format!("Incident {number}"),
    }
}

/// The log holds no words of people; these say what it does hold, so that search finds it.
fn symptoms<'r>(get: &impl Fn(&'static str) -> Option<&'r str>) -> String {
    let parts = [
        ("Symptom", "u_symptom"),
        ("Location", "location"),
        ("Configuration item", "cmdb_ci"),
        ("Contact", "contact_type"),
    ];
    let told: Vec<_> = parts.iter().filter_map(|(label, column)| Some(format!("{label}: {}", get(column)?))).collect();
    if told.is_empty() { "The log says nothing more.".to_owned() } else { told.join("\n") }
}
