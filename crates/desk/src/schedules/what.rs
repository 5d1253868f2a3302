//! What is made again and again: a list, or a report whose period moves with the days.

use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::export::{self, Format};
use crate::records::{self, Listing};
use crate::reports::{self, Params, Span};
use jiff::tz::TimeZone;
use mainstay_engine::process::Process;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_store::Watch;
use serde_json::{Value as Json, json};

/// What a list is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The saved view that it begins with, as that stands when a file is made.
    pub view: Option<i64>,
    /// A condition beside it.
    pub filter: Option<String>,
    /// Its order.
    pub sort: Option<String>,
    /// The columns.
    pub fields: Option<Vec<String>>,
}

impl Asked {
    pub(super) fn listing(self, session: &mut Session<'_>, caller: &Caller, process: &Process) -> Result<Listing> {
        let listing = Listing { filter: self.filter, sort: self.sort, fields: self.fields, ..Listing::default() };
        listing.through(session, caller, process, self.view)
    }
}

/// What a report is asked for: its days are reckoned anew each time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfReport {
    /// Its key.
    pub key: String,
    /// The word for its period.
    pub period: String,
    /// `month`, `none` or a field's key; the report's own choice without it.
    pub group_by: Option<String>,
    /// A condition.
    pub filter: Option<String>,
    /// The number that an ad-hoc report adds up and averages.
    pub of: Option<String>,
}

impl OfReport {
    /// The question as it is to be asked at an instant in a zone.
    ///
    /// # Errors
    /// No such period.
    pub(super) fn params(&self, now: i64, zone: &TimeZone) -> Result<Params> {
        let error = || FieldError::new("period", "not_a_choice", "Choose the period that each file is about.");
        let span = Span::read(&self.period)
            .ok_or_else(|| Refusal { errors: vec![error()], ..Refusal::invalid("invalid_fields", error().detail) })?;
        let (first, last) = span.days(now, zone);
        Ok(Params {
            from: Some(first.to_string()),
            to: last.tomorrow().ok().map(|day| day.to_string()),
            zone: zone.iana_name().map(str::to_owned),
            group_by: self.group_by.clone(),
            filter: self.filter.clone(),
            of: self.of.clone(),
            ..Params::default()
        })
    }
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The records of a list.
    List(Asked),
    /// The figures of a report.
    Report(OfReport),
}

impl Default for What {
    fn default() -> Self {
        Self::List(Asked::default())
    }
}

impl What {
    pub(crate) fn kept(&self) -> String {
        match self {
            Self::List(of) => json!({ "view": of.view, "filter": of.filter, "sort": of.sort, "fields": of.fields }),
            Self::Report(of) => json!({
                "report": of.key, "period": of.period, "group_by": of.group_by, "filter": of.filter, "of": of.of,
            }),
        }
        .to_string()
    }

    /// Reads what a row keeps.
    #[must_use]
    pub fn read(kept: &str) -> Self {
        let kept: Json = serde_json::from_str(kept).unwrap_or_default();
        let text = |key: &str| kept[key].as_str().map(str::to_owned);
        if let Some(key) = text("report") {
            let period = text("period").unwrap_or_default();
            let (group_by, filter, of) = (text("group_by"), text("filter"), text("of"));
            return Self::Report(OfReport { key, period, group_by, filter, of });
        }
        let keys = |all: &Vec<Json>| all.iter().filter_map(|key| key.as_str().map(str::to_owned)).collect();
        Self::List(Asked {
            view: kept["view"].as_i64(),
            filter: text("filter"),
            sort: text("sort"),
            fields: kept["fields"].as_array().map(keys),
        })
    }

    /// The key of the report that it is.
    #[must_use]
    pub fn report(&self) -> Option<&str> {
        if let Self::Report(of) = self { Some(&of.key) } else { None }
    }

    /// Refuses what could not be made now, which would be refused each time.
    pub(super) fn check(&self, session: &mut Session<'_>, caller: &Caller, process: &'static Process) -> Result<()> {
        match self {
            Self::List(asked) => {
                may_export(session, caller, process)?;
                let listing = asked.clone().listing(session, caller, process)?;
                records::list(session, caller, process, &Listing { limit: 1, ..listing })?;
            }
            Self::Report(of) => {
                let params = of.params(session.now, &caller.zone())?;
                reports::check(session, caller, process, &of.key, &params)?;
            }
        }
        Ok(())
    }

    /// Writes the file with the rights of the caller, and answers how many lines it has.
    pub(super) fn write(
        self,
        session: &mut Session<'_>,
        caller: &Caller,
        process: &'static Process,
        format: Format,
        bytes: &mut Vec<u8>,
    ) -> Result<usize> {
        match self {
            Self::List(asked) => {
                may_export(session, caller, process)?;
                let listing = asked.listing(session, caller, process)?;
                export::records(session, caller, process, &listing, format, bytes, &Watch::default())
            }
            Self::Report(of) => {
                let params = of.params(session.now, &caller.zone())?;
                let report = reports::run(session, caller, process, &of.key, &params)?;
                export::report(&report, format, session.now, bytes)?;
                Ok(report.rows.len())
            }
        }
    }
}

/// Whether the caller may have files of the records of a process.
pub(super) fn may_export(session: &Session<'_>, caller: &Caller, process: &Process) -> Result<()> {
    if session.config.process(process).enabled && caller.rights.may_somewhere(process.key, "export") {
        return Ok(());
    }
    let says = format!("You may not export {}.", process.label_plural.to_lowercase());
    Err(Refusal::forbidden("no_right", says).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_back() {
        let list =
            Asked { view: Some(4), sort: Some("-due".into()), fields: Some(vec!["title".into()]), ..Asked::default() };
        let report = OfReport { key: "volume".into(), period: "last_week".into(), ..OfReport::default() };
        for what in [What::List(list), What::default(), What::Report(report)] {
            assert_eq!(What::read(&what.kept()), what);
        }
    }

    #[test]
    fn a_period_moves_with_the_days() {
        let of = OfReport { period: "last_month".into(), ..OfReport::default() };
        // 31 May 2025, 23:30 UTC.
        let params = of.params(1_748_734_200_000, &TimeZone::get("Europe/London").expect("a zone")).expect("params");
        assert_eq!((params.from.as_deref(), params.to.as_deref()), (Some("2025-05-01"), Some("2025-06-01")));
        assert!(OfReport::default().params(0, &TimeZone::UTC).is_err());
    }
}
