//! What a list is asked for, as its address says it: the view, conditions, order, form and page.

use crate::address;
use crate::pages::frame::STILL_OPEN;

/// Markers of pages that an address remembers, so that one can go back.
const MOST_PAGES: usize = 40;
/// Conditions in one address.
const MOST_FILTERS: usize = 20;

/// What a list is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Id of the saved view that it begins with.
    pub view: Option<i64>,
    /// Conditions that narrow it further.
    pub filters: Vec<String>,
    /// A field key, with `-` before it for the greatest first.
    pub sort: Option<String>,
    /// As a table instead of two-line rows.
    pub table: bool,
    /// Where the pages before ended, the first page's end first.
    pub after: Vec<String>,
    /// Nothing was said, so records that are still open are shown.
    pub by_default: bool,
}

impl Asked {
    /// Reads the query of an address.
    #[must_use]
    pub fn read(query: &str) -> Self {
        let pairs = address::pairs(query);
        let all = |name: &str| -> Vec<String> {
            pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
        };
        let view = address::value(&pairs, "view").and_then(|view| view.parse().ok());
        let by_default = view.is_none() && !pairs.iter().any(|(key, _)| key == "filter");
        let mut filters: Vec<String> =
            all("filter").into_iter().filter(|filter| !filter.trim().is_empty()).take(MOST_FILTERS).collect();
        if by_default {
            filters.push(STILL_OPEN.to_owned());
        }
        let mut after = all("after");
        after.drain(..after.len().saturating_sub(MOST_PAGES));
        Self {
            view,
            filters,
            sort: address::value(&pairs, "sort").filter(|sort| !sort.is_empty()).map(str::to_owned),
            table: address::value(&pairs, "show") == Some("table"),
            after,
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
        pairs.extend(self.sort.iter().map(|sort| ("sort", sort.as_str())));
        pairs.extend(self.table.then_some(("show", "table")));
        pairs.extend(self.after.iter().map(|after| ("after", after.as_str())));
        address::with_query(path, pairs)
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
        Self { table, ..self.clone() }
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

    fn first(&self) -> Self {
        Self { after: Vec::new(), ..self.clone() }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_all_of_a_list_and_is_read_back() {
        let asked = Asked {
            view: Some(7),
            filters: vec!["priority <= 2".into(), "title contains \"a & b\"".into()],
            sort: Some("-opened".into()),
            table: true,
            after: vec!["x.1".into(), "y.2".into()],
            by_default: false,
        };
        let place = asked.at("/things");
        assert_eq!(Asked::read(place.split_once('?').expect("a query").1), asked);
        assert_eq!(asked.newer().expect("a page before").after, ["x.1"]);
        assert_eq!(asked.sorted("due").after, Vec::<String>::new(), "another order begins at its first page");
    }

    #[test]
    fn an_address_without_words_shows_what_is_still_open_until_that_is_taken_away() {
        let asked = Asked::read("");
        assert_eq!(asked.filters, [STILL_OPEN]);
        assert_eq!(asked.at("/things"), "/things");
        let all = asked.without(0);
        assert_eq!(all.at("/things"), "/things?filter=");
        assert_eq!(Asked::read("filter="), all);
    }

    #[test]
    fn conditions_are_joined_without_changing_what_each_means() {
        let asked = Asked { filters: vec!["a = 1 or b = 2".into()], ..Asked::default() };
        assert_eq!(asked.condition(Some("c = 3")).as_deref(), Some("(c = 3) and (a = 1 or b = 2)"));
        assert_eq!(asked.condition(None).as_deref(), Some("a = 1 or b = 2"));
    }
}
