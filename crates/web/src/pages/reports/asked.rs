//! What the address of a report asks for, and the addresses of its neighbours.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use mainstay_desk::reports::{Params, Span};
use mainstay_engine::condition::Condition;
use mainstay_engine::process::Process;
use serde::Deserialize;

use crate::address::with_query;

/// Stands for one's own teams.
pub const MINE: &str = "mine";

/// What the form of a report sends. The last day is meant with all its hours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Asked {
    #[serde(default)]
    pub from: String,
    #[serde(default)]
    pub until: String,
    #[serde(default)]
    pub by: String,
    /// Whose records: `mine` of one's own teams, the number of one team, or empty for all.
    #[serde(default)]
    pub team: String,
    #[serde(default)]
    pub filter: String,
    #[serde(default)]
    pub of: String,
}

impl Asked {
    /// The same in the words of the desk.
    pub fn params(&self) -> Params {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        // What is no date goes to the desk as it is, which says what is wrong with it.
        let next = |text: String| match text.parse::<Date>().ok().and_then(|day| day.tomorrow().ok()) {
            Some(day) => day.to_string(),
            None => text,
        };
        Params {
            from: some(&self.from),
            to: some(&self.until).map(next),
            zone: None,
            group_by: some(&self.by),
            filter: self.condition(),
            of: some(&self.of),
            ..Params::default()
        }
    }

    /// The condition with the team in it.
    pub fn condition(&self) -> Option<String> {
        let given = Some(self.filter.trim()).filter(|text| !text.is_empty());
        let team = match self.team.trim() {
            "" => return given.map(str::to_owned),
            MINE => "team in my_teams".to_owned(),
            team => format!("team = {}", team.parse::<i64>().unwrap_or_default()),
        };
        let Some(given) = given else { return Some(team) };
        Some(match (Condition::parse(&team), Condition::parse(given)) {
            (Ok(team), Ok(given)) => team.and(given).to_string(),
            // The desk says what is wrong with the words.
            _ => given.to_owned(),
        })
    }

    /// The conditions in force, each for a chip of its own.
    pub fn conditions(&self) -> Vec<String> {
        parts(&self.filter)
    }

    /// The same question under these conditions.
    pub fn where_all(&self, conditions: &[String]) -> Self {
        let read: Option<Vec<Condition>> = conditions.iter().map(|text| Condition::parse(text).ok()).collect();
        let filter = match (conditions, read) {
            ([only], _) => only.clone(),
            (_, Some(read)) => read.into_iter().reduce(Condition::and).map(|all| all.to_string()).unwrap_or_default(),
            (_, None) => conditions.join(" and "),
        };
        Self { filter, ..self.clone() }
    }

    /// Names and values for an address.
    pub fn pairs(&self) -> Vec<(&str, &str)> {
        let all = [
            ("from", self.from.as_str()),
            ("until", self.until.as_str()),
            ("by", self.by.as_str()),
            ("team", self.team.as_str()),
            ("filter", self.filter.as_str()),
            ("of", self.of.as_str()),
        ];
        all.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect()
    }

    /// Where a report says this.
    pub fn place(&self, process: &Process, key: &str) -> String {
        with_query(&format!("/reports/{}/{key}", process.plural), self.pairs())
    }

    /// A page of the report with the same question.
    pub fn below(&self, process: &Process, key: &str, page: &str) -> String {
        with_query(&format!("/reports/{}/{key}/{page}", process.plural), self.pairs())
    }

    /// Where the records behind a figure are listed.
    pub fn behind(&self, process: &Process, key: &str, row: &str, column: &str) -> String {
        let figure = [("row", row), ("column", column)];
        with_query(&format!("/reports/{}/{key}/records", process.plural), self.pairs().into_iter().chain(figure))
    }

    /// Where the report comes as a file.
    pub fn file(&self, process: &Process, key: &str, format: &str) -> String {
        let format = [("format", format)];
        with_query(&format!("/reports/{}/{key}/export", process.plural), self.pairs().into_iter().chain(format))
    }

    /// The same question, about lately where it names no period.
    pub fn or_lately(self, now: i64, zone: &TimeZone) -> Self {
        if self.from.trim().is_empty() && self.until.trim().is_empty() {
            return self.within(Span::LATELY.days(now, zone));
        }
        self
    }

    /// The same question about another period.
    pub fn within(&self, (from, until): (Date, Date)) -> Self {
        Self { from: from.to_string(), until: until.to_string(), ..self.clone() }
    }

    /// The same question about the records of a team.
    pub fn with_team(&self, team: &str) -> Self {
        Self { team: team.to_owned(), ..self.clone() }
    }
}

/// The conditions that hold together in a text.
pub fn parts(text: &str) -> Vec<String> {
    match Condition::parse(text) {
        _ if text.trim().is_empty() => Vec::new(),
        Ok(Condition::And(members)) => members.iter().map(ToString::to_string).collect(),
        _ => vec![text.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_counts_to_its_end() {
        let asked = Asked { from: "2025-06-01".into(), until: "2025-06-30".into(), ..Asked::default() };
        let params = asked.params();
        assert_eq!((params.from.as_deref(), params.to.as_deref()), (Some("2025-06-01"), Some("2025-07-01")));
        let odd = Asked { until: "soon".into(), ..asked };
        assert_eq!(odd.params().to.as_deref(), Some("soon"));
    }

    #[test]
    fn a_team_is_one_condition_more() {
        let asked = |team: &str, filter: &str| {
            Asked { team: team.into(), filter: filter.into(), ..Asked::default() }.condition().unwrap_or_default()
        };
        assert_eq!(asked("", ""), "");
        assert_eq!(asked("mine", ""), "team in my_teams");
        assert_eq!(asked("7", "priority = 1 or priority = 2"), "team = 7 and (priority = 1 or priority = 2)");
        assert_eq!(asked("7", "priority <>"), "priority <>", "what cannot be read is left for the desk to refuse");
    }

    #[test]
    fn conditions_are_taken_away_one_by_one() {
        let asked = Asked { filter: "priority = 1 and title contains \"x\"".into(), ..Asked::default() };
        let all = asked.conditions();
        assert_eq!(all, ["priority = 1", "title contains \"x\""]);
        assert_eq!(asked.where_all(&all).filter, asked.filter);
        assert_eq!(asked.where_all(&all[1..]).filter, "title contains \"x\"");
        assert_eq!(asked.where_all(&[]).filter, "");
        let odd = Asked { filter: "<b>".into(), ..Asked::default() };
        assert_eq!(odd.conditions(), ["<b>"]);
    }
}
