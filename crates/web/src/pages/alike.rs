//! What is like a record that is just being written down: known errors first, each to be linked with it.

use jiff::tz::TimeZone;
use mainstay_desk::records::{self, Similar, Suspect};
use mainstay_desk::{Caller, Session};
use mainstay_engine::field::{Audience, FieldDef, Kind, Writer};
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_search::Index;
use mainstay_words::{t, tf};
use maud::Markup;

use super::queue::number;
use crate::components::{ago, status_glyph};
use crate::form::Form;
use crate::markdown;
use crate::shown::{lately, status};

/// Under this name a form carries the numbers of the records that are to be linked.
pub const ALIKE: &str = "alike";
/// And the numbers of those that are said to be its cause.
pub const BLAMED: &str = "blamed";
/// Records that are offered.
const FEW: usize = 4;
/// Records among which those that help are looked for.
const MANY: usize = 12;

/// A record that may be the same matter.
struct One {
    record: Record,
    helped: Option<(&'static FieldDef, String)>,
    chosen: bool,
}

/// The records that are offered.
#[derive(Default)]
pub struct Alike {
    all: Vec<One>,
    /// What was done lately on what it is about.
    suspects: Vec<Suspect>,
    /// The numbers of those that are said to be the cause.
    blamed: Vec<String>,
    /// The viewer may link to them.
    links: bool,
}

/// When the work on something began, in words.
#[must_use]
pub fn begun(each: &Suspect, zone: &TimeZone, now: i64) -> String {
    tf("begun {time}", &[("time", &ago(each.began, zone, now))])
}

/// Says that something that was done caused a record, as the button beside it does.
///
/// # Errors
/// It is no suspect of the record; either is not the caller's to link.
pub fn blame(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    at: &str,
    cause: &str,
) -> mainstay_desk::Result<()> {
    let found = records::suspects(session, caller, process, at)?.found;
    let suspect = found.iter().find(|each| number(&each.row.record) == cause);
    let relation = suspect.map(|each| each.relation.key).ok_or_else(|| Refusal::missing("such change"))?;
    records::link(session, caller, process, at, relation, cause).map(|_| ())
}

/// Whether what is filled in there says what a record is like: its title, the words of whoever reports it, what it is
/// about.
#[must_use]
pub fn tells(field: &FieldDef) -> bool {
    let words =
        matches!(field.kind, Kind::Markdown) && field.writer == Writer::Opener && field.audience == Audience::Everyone;
    words || [spine::TITLE.def.key, spine::SERVICE.def.key, "category"].contains(&field.key)
}

impl Alike {
    /// Looks for what is like `draft`, as far as the caller may see it. What was chosen stays, whatever else is typed.
    ///
    /// # Errors
    /// The index's; the database's.
    pub fn load(
        session: &mut Session<'_>,
        caller: &Caller,
        index: Option<&Index>,
        draft: &Record,
        form: &Form,
    ) -> mainstay_desk::Result<Self> {
        let mut found = match index {
            Some(index) => records::like(session, caller, index, draft, MANY)?,
            None => Vec::new(),
        };
        // A known error first, then what is open, then what helped elsewhere; the likest of each first.
        found.sort_by_key(|each| match (each.row.record.state.phase.is_live(), each.helped.is_some()) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        });
        let mut chosen = form.all(ALIKE);
        chosen.dedup();
        let is_chosen = |record: &Record| chosen.contains(&number(record));
        let few = found.iter().take(FEW).map(|each| each.row.record.id).collect::<Vec<_>>();
        let kept = |each: &Similar| few.contains(&each.row.record.id) || is_chosen(&each.row.record);
        let one = |each: Similar| {
            let chosen = is_chosen(&each.row.record);
            One { record: each.row.record, helped: each.helped, chosen }
        };
        let mut all: Vec<One> = found.into_iter().filter(kept).map(one).collect();
        let found: Vec<String> = all.iter().map(|one| number(&one.record)).collect();
        for other in chosen.iter().filter(|other| !found.contains(other)) {
            let Some(process) = super::record::process_of(other) else { continue };
            match records::get(session, caller, process, other) {
                Ok(view) => {
                    let helped = process.helped(&view.record).map(|(field, words)| (field, words.to_owned()));
                    all.push(One { record: view.record, helped, chosen: true });
                }
                Err(mainstay_desk::Error::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let suspects = records::suspects_of(session, caller, draft)?.found;
        let blamed = form.all(BLAMED);
        Ok(Self { all, suspects, blamed, links: caller.rights.may_somewhere(draft.process.key, "link") })
    }

    /// What is offered; a place for it where nothing is.
    #[must_use]
    pub fn section(&self, process: &'static Process, zone: &TimeZone, now: i64) -> Markup {
        html! {
            div #alike aria-live="polite" {
                @if !self.all.is_empty() {
                    section.form-section aria-labelledby="alike-title" {
                        h2 #alike-title { "Perhaps known already" }
                        ul.card.news { @for one in &self.all { li id={ "alike-" (number(&one.record)) } { (self.line(process, one, zone, now)) } } }
                    }
                }
                @if !self.suspects.is_empty() {
                    section.form-section aria-labelledby="suspects-title" {
                        h2 #suspects-title { "Changed lately" }
                        p.quiet { "On the service that it is about, or on what that depends on." }
                        ul.card.news { @for each in &self.suspects { li id={ "suspect-" (number(&each.row.record)) } { (self.suspect(each, zone, now)) } } }
                    }
                }
            }
        }
    }

    fn suspect(&self, each: &Suspect, zone: &TimeZone, now: i64) -> Markup {
        let record = &each.row.record;
        let number = number(record);
        let title = record.value(spine::TITLE.def.key).as_text().unwrap_or_default();
        let chosen = self.blamed.contains(&number);
        html! {
            div.with-deeds {
                div {
                    div.line {
                        (status_glyph(&status(record.process, record.state)))
                        a.link.clip href={ "/" (record.process.plural) "/" (number) } target="_blank" dir="auto" { (title) }
                    }
                    div.quiet { (t(record.process.label)) " " bdi { (number) } " · " (begun(each, zone, now)) }
                }
                @if self.links {
                    label.option {
                        input.check type="checkbox" name=(BLAMED) value=(number) checked[chosen] aria-label=(tf("Caused by {number}", &[("number", &number)]));
                        span aria-hidden="true" { (t(each.relation.label)) }
                    }
                }
            }
        }
    }

    fn line(&self, process: &'static Process, one: &One, zone: &TimeZone, now: i64) -> Markup {
        let record = &one.record;
        let number = number(record);
        let title = record.value(spine::TITLE.def.key).as_text().unwrap_or_default();
        let ties = self.links && super::record::link_to(process, record.process).is_some();
        html! {
            div.with-deeds {
                div {
                    div.line {
                        (status_glyph(&status(record.process, record.state)))
                        a.link.clip href={ "/" (record.process.plural) "/" (number) } target="_blank" dir="auto" { (title) }
                    }
                    div.quiet { (t(record.process.label)) " " bdi { (number) } " · " (lately(record, zone, now)) }
                    @if let Some((field, words)) = &one.helped {
                        p dir="auto" { b { (t(field.label)) ": " } (markdown::words(words)) }
                    }
                }
                @if ties {
                    label.option {
                        input.check type="checkbox" name=(ALIKE) value=(number) checked[one.chosen] aria-label=(tf("Link to {number}", &[("number", &number)]));
                        span aria-hidden="true" { "Link" }
                    }
                }
            }
        }
    }
}
