//! One page of a list: its records in their order, the one that is open, and its neighbours.

use mainstay_words::tf;
use std::collections::HashMap;

use mainstay_desk::records::{self, Listing, Row as Found, Targets, View};
use mainstay_desk::{Caller, Session};
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use mainstay_engine::record::Record;
use mainstay_engine::register::Entry;
use mainstay_engine::spine;

use super::asked::Asked;
use super::bulk::Offers;
use super::groups::{Around, Group, arrange, tell};
use super::look::{Look, Plan, ROWS, plan};
use super::words::in_words;

/// The number beside the title ends here.
pub const MOST_COUNTED: i64 = 999;

/// One page of a list.
pub struct List {
    /// The process whose records it holds.
    pub process: &'static Process,
    /// What was asked for.
    pub asked: Asked,
    /// Name of the view, or of the process.
    pub title: String,
    /// The view that it begins with.
    pub view: Option<Entry>,
    pub(super) chips: Vec<String>,
    pub(super) look: Look,
    pub(super) exports: bool,
    /// Whether the viewer settles what other systems tell of such records.
    pub(super) feeds: bool,
    /// Whether the viewer sees what is found otherwise in such records.
    pub(super) control: bool,
    pub(super) offers: Offers,
    pub(super) count: i64,
    pub(super) found: Vec<Found>,
    pub(super) groups: Vec<Group>,
    pub(super) next: Option<String>,
    pub(super) names: HashMap<i64, String>,
    pub(super) targets: Targets,
    pub(super) fields: Vec<&'static FieldDef>,
    /// The fields that a table can have and rows can stand under, for the panel that chooses.
    pub(super) known: Vec<&'static FieldDef>,
    /// The record that is open beside the list, with its place among the rows.
    pub(super) open: Open,
}

/// The record that is open beside a list.
#[derive(Clone, Debug, Default)]
pub(super) struct Open {
    pub id: Option<i64>,
    /// Its place among the rows of this page.
    pub at: Option<usize>,
    /// It is no longer in the list and keeps its place until its reader moves on.
    pub left: bool,
    before: Option<String>,
    after: Option<String>,
}

/// The way from a record to those around it.
#[derive(Clone, Debug, Default)]
pub struct Way {
    /// Where it stands, as "3 of 27"; none when it is not in the list.
    pub place: Option<String>,
    /// Address of the record before.
    pub before: Option<String>,
    /// Address of the record after.
    pub after: Option<String>,
}

impl List {
    /// Reads a page of a list as the caller may see it.
    ///
    /// # Errors
    /// A view that is not the caller's to open; a condition or order that cannot be read; the database's.
    pub fn load(
        session: &mut Session<'_>,
        caller: &Caller,
        process: &'static Process,
        asked: Asked,
    ) -> mainstay_desk::Result<Self> {
        let Plan { view, mut listing, look } = plan(session, caller, process, &asked)?;
        let usual =
            session.config.fields(process).filter(|field| process.lists(field)).map(|field| field.key.to_owned());
        let columns: Vec<String> = if look.columns.is_empty() { usual.collect() } else { look.columns.clone() };
        // Rows show what every row shows; only a table has columns, and headings need their field.
        listing.fields = Some(with_group(if look.table { columns.clone() } else { Vec::new() }, &look));
        let page = records::list(session, caller, process, &listing)?;
        let count = records::count(session, caller, process, listing.filter.as_deref(), MOST_COUNTED + 1)?;
        let mut chips = Vec::with_capacity(asked.filters.len());
        for filter in &asked.filters {
            chips.push(in_words(session, process, filter)?);
        }
        let mut found = page.rows;
        let zone = caller.zone();
        let around = Around { names: &page.names, zone: &zone, now: session.now };
        let mut groups = arrange(&mut found, &look, &around);
        if page.next.is_some() || !asked.after.is_empty() {
            count_groups(session, caller, process, &listing, &look, &mut groups)?;
        }
        let title = view.as_ref().map_or_else(|| process.label_plural.to_owned(), |view| view.name.clone());
        let shown = |field: &&'static FieldDef| columns.iter().any(|column| column == field.key);
        let fields = page.fields.iter().copied().filter(shown).collect();
        Ok(Self {
            process,
            title,
            view,
            chips,
            exports: caller.rights.may_somewhere(process.key, "export"),
            control: process.map.as_ref().is_some_and(|map| map.control.is_some())
                && caller.rights.is_staff_of(process.key),
            feeds: process.takes_feeds() && caller.rights.may_somewhere(process.key, "import"),
            offers: Offers::of(session, caller, process),
            count,
            groups,
            next: page.next,
            names: page.names,
            targets: page.targets,
            fields,
            known: session.config.fields(process).collect(),
            open: Open::default(),
            found,
            look,
            asked,
        })
    }

    /// The same with a record open beside it, and what stands before and after that.
    ///
    /// # Errors
    /// As [`List::load`].
    pub fn beside(
        session: &mut Session<'_>,
        caller: &Caller,
        asked: Asked,
        view: &View,
    ) -> mainstay_desk::Result<Self> {
        let process = view.record.process;
        // Beside a record a list is rows, however it looks alone.
        let mut list = Self::load(session, caller, process, Asked { table: Some(false), ..asked.clone() })?;
        list.asked = asked;
        list.look.table = false;
        list.put(view);
        list.look_around(session, caller)?;
        Ok(list)
    }

    /// Finds the open record among the rows. One that has left the list since it was opened there keeps its place.
    fn put(&mut self, view: &View) {
        let id = view.record.id;
        self.open.id = Some(id);
        self.open.at = self.found.iter().position(|row| row.record.id == id);
        let (None, Some(spot)) = (self.open.at, self.asked.spot) else { return };
        let at = spot.saturating_sub(1).min(self.found.len());
        self.found.insert(at, records::shown_row(view.record.clone(), view.seen));
        self.names.extend(view.names.iter().map(|(id, name)| (*id, name.clone())));
        let into = self.sections().position(|(begin, group)| at < begin + group.rows);
        match into.and_then(|index| self.groups.get_mut(index)) {
            Some(group) => group.rows += 1,
            None => match self.groups.last_mut() {
                Some(last) => last.rows += 1,
                None => self.groups.push(Group::plain(1)),
            },
        }
        self.open = Open { at: Some(at), left: true, ..self.open.clone() };
    }

    fn look_around(&mut self, session: &mut Session<'_>, caller: &Caller) -> mainstay_desk::Result<()> {
        let Some(at) = self.open.at else { return Ok(()) };
        self.open.before = match at.checked_sub(1) {
            Some(before) => Some(self.row_address(before)),
            None => match self.asked.newer() {
                Some(asked) => neighbour(session, caller, self.process, asked, true)?,
                None => None,
            },
        };
        self.open.after = if at + 1 < self.found.len() {
            Some(self.row_address(at + 1))
        } else {
            match &self.next {
                Some(next) => neighbour(session, caller, self.process, self.asked.older(next), false)?,
                None => None,
            }
        };
        Ok(())
    }

    /// The way from the open record to those around it.
    #[must_use]
    pub fn way(&self) -> Way {
        let open = &self.open;
        let before_page = self.asked.after.len() * ROWS;
        let counted = if self.count > MOST_COUNTED { format!("{MOST_COUNTED}+") } else { self.count.to_string() };
        let place = open
            .at
            .filter(|_| !open.left)
            .map(|at| tf("{n} of {all}", &[("n", &(before_page + at + 1)), ("all", &counted)]));
        Way { place, before: open.before.clone(), after: open.after.clone() }
    }

    /// What this page of the list holds, in short: two that differ hold other records, or others of their states.
    #[must_use]
    pub fn mark(&self) -> String {
        let text = |record: &Record, key: &str| record.value(key).as_int().unwrap_or_default();
        let left = self.open.id.filter(|_| self.open.left);
        let mut inside: Vec<&Record> =
            self.found.iter().map(|row| &row.record).filter(|record| Some(record.id) != left).collect();
        // Headings move with the hour; what the list holds does not.
        inside.sort_by_key(|record| record.id);
        let numbers = inside.iter().flat_map(|record| [record.id, record.version, text(record, "updated")]);
        // FNV-1a: it need only be the same on every node.
        let mix = |sum: u64, number: i64| {
            number.to_le_bytes().iter().fold(sum, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
        };
        let sum = numbers.chain([self.count]).fold(0xcbf2_9ce4_8422_2325, mix);
        format!("{sum:016x}")
    }

    /// The address of the list itself.
    #[must_use]
    pub fn here(&self) -> String {
        self.place_of(&self.asked)
    }

    pub(super) fn place_of(&self, asked: &Asked) -> String {
        asked.closed().at(&format!("/{}", self.process.plural))
    }

    /// An address of the process with what this list is asked for behind it.
    pub(super) fn below(&self, rest: &str) -> String {
        self.asked.closed().at(&format!("/{}/{rest}", self.process.plural))
    }

    /// The headings, each with the place of its first row.
    pub(super) fn sections(&self) -> impl Iterator<Item = (usize, &Group)> {
        self.groups.iter().scan(0, |end, group| {
            let begin = *end;
            *end += group.rows;
            Some((begin, group))
        })
    }

    /// The address of the record of a row.
    pub(super) fn row_address(&self, index: usize) -> String {
        let number = self.found.get(index).map(|row| number(&row.record)).unwrap_or_default();
        // Rows behind one that has left stand where they will stand without it.
        let behind = self.open.left && self.open.at.is_some_and(|at| index > at);
        let spot = if behind { index } else { index + 1 };
        self.asked.opened(spot).at(&format!("/{}/{number}", self.process.plural))
    }
}

/// The record at the near end of a neighbouring page.
fn neighbour(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    asked: Asked,
    last: bool,
) -> mainstay_desk::Result<Option<String>> {
    let page = List::load(session, caller, process, Asked { table: Some(false), ..asked.clone() })?;
    let index = if last { page.found.len().checked_sub(1) } else { (!page.found.is_empty()).then_some(0) };
    let page = List { asked, ..page };
    Ok(index.map(|index| page.row_address(index)))
}

/// The columns, and the field that rows stand under.
fn with_group(mut columns: Vec<String>, look: &Look) -> Vec<String> {
    if let Some(group) = look.group.filter(|group| !columns.iter().any(|column| column == group.key)) {
        columns.push(group.key.to_owned());
    }
    columns
}

/// How many records stand under each heading on all pages: counted as far as the list itself is.
fn count_groups(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    listing: &Listing,
    look: &Look,
    groups: &mut [Group],
) -> mainstay_desk::Result<()> {
    let by_value = look.group.filter(|field| field.key != spine::DUE.def.key);
    let Some(field) = by_value else { return Ok(()) };
    let filter = listing.filter.as_deref();
    let facet = records::facet(session, caller, process, filter, field.key, MOST_COUNTED + 1)?;
    if facet.iter().map(|(_, count)| count).sum::<i64>() <= MOST_COUNTED {
        tell(groups, &facet);
    }
    Ok(())
}

/// The number of a record.
#[must_use]
pub fn number(record: &Record) -> String {
    record.value(spine::NUMBER.def.key).as_text().unwrap_or_default().to_owned()
}
