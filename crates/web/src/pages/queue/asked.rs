//! What a list is asked for, as its address says it: the view, conditions, order, form and page.

use mainstay_engine::process::Process;

use crate::address;
use crate::pages::frame::begins_with;

/// Markers of pages that an address remembers, so that one can go back.
const MOST_PAGES: usize = 40;
/// Conditions in one address.
const MOST_FILTERS: usize = 20;

/// Most columns of a table.
const MOST_COLUMNS: usize = 30;
/// The group of a list without headings.
pub const UNGROUPED: &str = "none";

/// What a list is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Id of the saved view that it begins with.
    pub view: Option<i64>,
    /// Conditions that narrow it further.
    pub filters: Vec<String>,
    /// A field key, with `-` before it for the greatest first.
    pub sort: Option<String>,
    /// As a table, or as two-line rows; none as the view has it.
    pub table: Option<bool>,
    /// Key of the field whose values stand as headings; [`UNGROUPED`] for no headings, none as the view has it.
    pub group: Option<String>,
    /// Keys of the columns of the table; none as the view has them.
    pub columns: Vec<String>,
    /// Closely set or not; none as the viewer likes it.
    pub compact: Option<bool>,
    /// The place of the open record in the list, from 1: whoever changes it so that it leaves the list stays there.
    pub spot: Option<usize>,
    /// Where the pages before ended, the first page's end first.
    pub after: Vec<String>,
    /// Beside a record: the inbox instead of the list, as its pages say it.
    pub inbox: Option<String>,
    /// Nothing was said, so records that are still open are shown.
    pub by_default: bool,
}

impl Asked {
    /// Reads the query of an address of a list of the process.
    #[must_use]
    pub fn read(process: &Process, query: &str) -> Self {
        let pairs = address::pairs(query);
        let all = |name: &str| -> Vec<String> {
            pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
        };
        let view = address::value(&pairs, "view").and_then(|view| view.parse().ok());
        let by_default = view.is_none() && !pairs.iter().any(|(key, _)| key == "filter");
        let mut filters: Vec<String> =
            all("filter").into_iter().filter(|filter| !filter.trim().is_empty()).take(MOST_FILTERS).collect();
        if by_default {
            filters.push(begins_with(process).to_owned());
        }
        let mut after = all("after");
        after.drain(..after.len().saturating_sub(MOST_PAGES));
        Self {
            view,
            filters,
            sort: address::value(&pairs, "sort").filter(|sort| !sort.is_empty()).map(str::to_owned),
            table: address::value(&pairs, "show").filter(|show| !show.is_empty()).map(|show| show == "table"),
            group: address::value(&pairs, "group").filter(|group| !group.is_empty()).map(str::to_owned),
            columns: columns(&all("columns")),
            compact: address::value(&pairs, "density").filter(|word| !word.is_empty()).map(|word| word == "compact"),
            spot: address::value(&pairs, "spot").and_then(|spot| spot.parse().ok()),
            after,
            inbox: address::value(&pairs, "inbox").filter(|inbox| !inbox.is_empty()).map(str::to_owned),
            by_default,
        }
    }

    /// The address of this list at `path`.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        let view = self.view.map(|view| view.to_string());
        let mut pairs: Vec<(&str, &str)> = view.iter().map(|view| ("view", view.as_str())).collect();
        if !self.by_default {
            pairs.extend(self.filters.iter().map(|filter| ("filter", filter.as_str())));
            if self.filters.is_empty() && self.view.is_none() {
                pairs.push(("filter", ""));
            }
        }
        let columns = self.columns.join(",");
        pairs.extend(self.looks(&columns));
        pairs.extend(self.after.iter().map(|after| ("after", after.as_str())));
        let spot = self.spot.map(|spot| spot.to_string());
        pairs.extend(spot.iter().map(|spot| ("spot", spot.as_str())));
        pairs.extend(self.inbox.iter().map(|inbox| ("inbox", inbox.as_str())));
        address::with_query(path, pairs)
    }

    /// Order, form, headings, columns and density, as an address has them; `columns` are the joined keys.
    pub fn looks<'a>(&'a self, columns: &'a str) -> impl Iterator<Item = (&'static str, &'a str)> {
        let show = self.table.map(|table| ("show", if table { "table" } else { "rows" }));
        let density = self.compact.map(|compact| ("density", if compact { "compact" } else { "comfortable" }));
        let sort = self.sort.as_deref().map(|sort| ("sort", sort));
        let group = self.group.as_deref().map(|group| ("group", group));
        let columns = Some(columns).filter(|columns| !columns.is_empty()).map(|columns| ("columns", columns));
        [sort, show, group, columns, density].into_iter().flatten()
    }

    /// The same list without one of its conditions, from its first page.
    #[must_use]
    pub fn without(&self, index: usize) -> Self {
        let mut other = self.first();
        if index < other.filters.len() {
            other.filters.remove(index);
        }
        Self { by_default: false, ..other }
    }

    /// The same list narrowed by one more condition, from its first page.
    #[must_use]
    pub fn narrowed(&self, filter: &str) -> Self {
        let mut other = self.first();
        if !other.filters.iter().any(|each| each == filter) {
            other.filters.push(filter.to_owned());
        }
        Self { by_default: false, ..other }
    }

    /// The same list in another order, from its first page.
    #[must_use]
    pub fn sorted(&self, sort: &str) -> Self {
        Self { sort: Some(sort.to_owned()), ..self.first() }
    }

    /// The same list as a table, or as rows.
    #[must_use]
    pub fn shown(&self, table: bool) -> Self {
        Self { table: Some(table), ..self.clone() }
    }

    /// The same list with a record of it open at a place.
    #[must_use]
    pub fn opened(&self, spot: usize) -> Self {
        Self { spot: Some(spot), ..self.clone() }
    }

    /// The same list without an open record.
    #[must_use]
    pub fn closed(&self) -> Self {
        Self { spot: None, ..self.clone() }
    }

    /// The page behind a marker.
    #[must_use]
    pub fn older(&self, marker: &str) -> Self {
        let mut other = self.clone();
        other.after.push(marker.to_owned());
        other
    }

    /// The page before this one; none on the first.
    #[must_use]
    pub fn newer(&self) -> Option<Self> {
        let mut other = self.clone();
        other.after.pop()?;
        Some(other)
    }

    /// The same list from its first page, with nothing open.
    #[must_use]
    pub fn first(&self) -> Self {
        Self { after: Vec::new(), spot: None, ..self.clone() }
    }

    /// The view's condition and every other one, as a single text; none when everything is shown.
    #[must_use]
    pub fn condition(&self, of_view: Option<&str>) -> Option<String> {
        let all: Vec<String> = of_view
            .into_iter()
            .chain(self.filters.iter().map(String::as_str))
            .map(|each| format!("({each})"))
            .collect();
        match all.as_slice() {
            [] => None,
            // A text of its own needs no parentheses, and its faults are then told at their true place.
            [_] => of_view.map(str::to_owned).or_else(|| self.filters.first().cloned()),
            _ => Some(all.join(" and ")),
        }
    }
}

/// Keys that come one by one, or several in one value.
fn columns(given: &[String]) -> Vec<String> {
    let keys = given.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|key| !key.is_empty());
    let mut columns: Vec<String> = Vec::new();
    for key in keys.take(MOST_COLUMNS) {
        if !columns.iter().any(|known| known == key) {
            columns.push(key.to_owned());
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use mainstay_processes::operation::incident::INCIDENT;

    #[test]
    fn an_address_says_all_of_a_list_and_is_read_back() {
        let asked = Asked {
            view: Some(7),
            filters: vec!["priority <= 2".into(), "title contains \"a & b\"".into()],
            sort: Some("-opened".into()),
            table: Some(true),
            group: Some("state".into()),
            columns: vec!["number".into(), "title".into()],
            compact: Some(false),
            spot: Some(3),
            after: vec!["x.1".into(), "y.2".into()],
            inbox: Some("12.mention".into()),
            by_default: false,
        };
        let place = asked.at("/things");
        assert_eq!(Asked::read(&INCIDENT, place.split_once('?').expect("a query").1), asked);
        assert_eq!(asked.newer().expect("a page before").after, ["x.1"]);
        assert_eq!(Asked::read(&INCIDENT, "columns=number&columns=title,number").columns, ["number", "title"]);
        assert_eq!(asked.sorted("due").after, Vec::<String>::new(), "another order begins at its first page");
    }

    #[test]
    fn an_address_without_words_shows_what_is_still_open_until_that_is_taken_away() {
        let asked = Asked::read(&INCIDENT, "");
        assert_eq!(asked.filters, ["phase in (0, 1)"]);
        assert_eq!(asked.at("/things"), "/things");
        let all = asked.without(0);
        assert_eq!(all.at("/things"), "/things?filter=");
        assert_eq!(Asked::read(&INCIDENT, "filter="), all);
    }

    #[test]
    fn conditions_are_joined_without_changing_what_each_means() {
        let asked = Asked { filters: vec!["a = 1 or b = 2".into()], ..Asked::default() };
        assert_eq!(asked.condition(Some("c = 3")).as_deref(), Some("(c = 3) and (a = 1 or b = 2)"));
        assert_eq!(asked.condition(None).as_deref(), Some("a = 1 or b = 2"));
    }
}
