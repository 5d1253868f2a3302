//! A record with everything its page shows around the open section: list, head, sections, rail.

use std::borrow::Cow;
use std::collections::HashMap;

use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::records::{self, Lapsing, View};
use mainstay_desk::{Caller, Session, registers as door, retention};
use mainstay_engine::field::Kind;
use mainstay_engine::process::{Process, Tab as Declared};
use mainstay_engine::record::Record;
use mainstay_engine::register::Entry;
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_markup::html;
use mainstay_processes::registers;
use mainstay_store::events;
use mainstay_words::{t, tf};
use maud::Markup;

use super::activity::MOST_FILE_BYTES;
use super::edit::Clash;
use super::retention::{self as kept, Hold};
use super::telling::{self, Fields};
use super::{head, lapses, rail};
use crate::components::{Tab, tabs, token_field, work};
use crate::fields::Pickers;
use crate::pages::frame::{At, Frame, Place, begins_with};
use crate::pages::inbox::{self, Pane};
use crate::pages::queue::{Asked, List};
use crate::session::Visit;
use crate::shown::Reader;
use crate::web::Web;

/// The sections of a record, each with an address of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Words and events in their order.
    Activity,
    /// Steps with a team or a person and a time.
    Tasks,
    /// Links, files, watchers.
    Related,
    /// What the rail holds, for phones.
    Details,
    /// Every change with old and new value.
    History,
    /// One that the process declares.
    Own(&'static Declared),
}

impl Section {
    /// The sections of a record in their order.
    fn all(record: &Record) -> Vec<Self> {
        let own = record.process.tabs.iter().filter(|tab| (tab.when)(record)).map(Self::Own);
        let first = [Self::Activity, Self::Tasks, Self::Related];
        first.into_iter().chain(own).chain([Self::Details, Self::History]).collect()
    }

    fn label(self) -> &'static str {
        match self {
            Self::Activity => "Activity",
            Self::Tasks => "Tasks",
            Self::Related => "Related",
            Self::Details => "Details",
            Self::History => "History",
            Self::Own(tab) => tab.label,
        }
    }

    /// A map has the page to itself: what is chosen in it stands where the rail of the record does elsewhere.
    fn needs_all_the_room(self) -> bool {
        matches!(self, Self::Own(tab) if super::tabs::asks_map(tab))
    }

    /// The section of a process with this last part of its address; the first one of any other.
    #[must_use]
    pub fn read(process: &'static Process, path: &str) -> Self {
        let common = [Self::Tasks, Self::Related, Self::Details, Self::History];
        let all = common.into_iter().chain(process.tabs.iter().map(Self::Own));
        all.into_iter().find(|section| section.path() == path).unwrap_or(Self::Activity)
    }

    /// The last part of the section's address.
    #[must_use]
    pub fn path(self) -> Cow<'static, str> {
        match self {
            Self::Activity => "".into(),
            Self::Tasks => "/tasks".into(),
            Self::Related => "/related".into(),
            Self::Details => "/details".into(),
            Self::History => "/history".into(),
            Self::Own(tab) => format!("/{}", tab.key).into(),
        }
    }
}

/// Numbers beside the names of the sections.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Comments.
    pub comments: usize,
    /// Tasks that are done, and all.
    pub tasks: (usize, usize),
    /// Links and files.
    pub related: usize,
}

/// The person whose matter it is.
pub struct Asker {
    /// The directory's entry.
    pub entry: Entry,
    /// Name of the organisation.
    pub organisation: Option<String>,
    /// Records of the same process that are still open.
    pub open: i64,
}

/// A record with all that stands around the open section.
#[expect(clippy::struct_excessive_bools, reason = "each is one independent fact")]
pub struct Sheet {
    /// The frame.
    pub frame: Frame,
    /// The list at the left.
    pub list: List,
    /// The inbox in its place, with the notice that led here.
    pub inbox: Option<(Option<i64>, Pane)>,
    /// The record as the viewer sees it.
    pub view: View,
    /// The fields of its process.
    pub fields: Fields,
    /// Names behind ids.
    pub names: HashMap<i64, String>,
    /// What the forms in the rail can pick.
    pub pickers: Pickers,
    /// Whose matter it is.
    pub asker: Option<Asker>,
    /// The viewer watches it.
    pub watching: bool,
    /// The viewer is asked to approve it.
    pub asked: bool,
    /// The viewer may leave time out of its targets.
    pub excludes: bool,
    /// Last days near or past, of the record and of the items that it names.
    pub lapses: Vec<Lapsing>,
    /// Somebody must keep it.
    pub hold: Option<Hold>,
    /// The viewer may hold it, or let it go.
    pub holds: bool,
    /// Numbers beside the sections.
    pub counts: Counts,
    /// The newest event of the record that the viewer may read.
    pub shown: i64,
    /// An edit of a property that somebody else overtook.
    pub clash: Option<Clash>,
}

impl Sheet {
    /// Reads a record and what stands around it.
    ///
    /// # Errors
    /// Not the caller's to see; a list that cannot be read; the database's.
    pub fn load(
        session: &mut Session<'_>,
        caller: &Caller,
        process: &'static Process,
        number: &str,
        asked: Asked,
    ) -> mainstay_desk::Result<Self> {
        let frame = Frame::load(session, caller)?;
        let mut view = records::get(session, caller, process, number)?;
        let long = view.fields.iter().filter(|field| matches!(field.kind, Kind::Markdown));
        let words: Vec<&str> = long.filter_map(|field| view.record.value(field.key).as_text()).collect();
        let named = records::referenced(session, caller, words)?;
        view.targets.extend(named);
        records::foresee_course(session, &view.seen);
        let inbox = match asked.inbox.as_deref().map(inbox::Asked::beside) {
            Some((notice, asked)) => Some((notice, Pane::load(session, caller, asked)?)),
            None => None,
        };
        let list = List::beside(session, caller, asked, &view)?;
        let fields = telling::fields(session, process);
        let mut names = view.names.clone();
        rename_categories(session, &view, &mut names);
        let editable: Vec<_> = if view.can.update { rail::editable(&view).collect() } else { Vec::new() };
        let pickers = Pickers::load(session, caller, editable)?.knowing(&names);
        let asker = asker(session, caller, &view)?;
        let watchers = records::watchers(session, caller, process, number)?;
        let counts = counts(session, caller, process, number)?;
        let watching = watchers.contains(&frame.me);
        let shown = events::newest_of(session.conn, &view.seen)?;
        let asked = process.approvals.is_some() && !records::asked_of(session, caller, process, number)?.is_empty();
        let excludes = records::may_exclude(caller, &view.record);
        let lapses = records::lapses(session, caller, process, number)?;
        let hold = Hold::load(session, caller, (process, number))?;
        let organisation = view.record.value(spine::ORGANISATION.def.key).as_int();
        let holds = view.seen.internal() && caller.rights.may(process.key, retention::HOLD, organisation);
        Ok(Self {
            frame,
            list,
            inbox,
            view,
            fields,
            names,
            pickers,
            asker,
            watching,
            asked,
            excludes,
            lapses,
            hold,
            holds,
            counts,
            shown,
            clash: None,
        })
    }

    /// What words depend on.
    #[must_use]
    pub fn reader(&self) -> Reader<'_> {
        Reader::new(&self.names, &self.frame.zone).naming(&self.view.targets)
    }

    /// The process of the record.
    #[must_use]
    pub fn process(&self) -> &'static Process {
        self.view.record.process
    }

    /// The record's number.
    #[must_use]
    pub fn number(&self) -> &str {
        self.view.record.value(spine::NUMBER.def.key).as_text().unwrap_or_default()
    }

    /// The record's title.
    #[must_use]
    pub fn title(&self) -> &str {
        self.view.record.value(spine::TITLE.def.key).as_text().unwrap_or_default()
    }

    /// The address of something under the record, without the list.
    #[must_use]
    pub fn path(&self, rest: &str) -> String {
        format!("/{}/{}{rest}", self.process().plural, self.number())
    }

    /// The same with the list at the left kept.
    #[must_use]
    pub fn beside(&self, rest: &str) -> String {
        self.list.asked.at(&self.path(rest))
    }

    /// The page with a section open.
    #[must_use]
    pub fn page(&self, web: &Web, visit: &Visit, section: Section, status: StatusCode, body: &Markup) -> Response {
        let record = html! {
            (head::head(self, visit))
            (kept::above(self, visit.now()))
            (lapses::above(self))
            (self.sections(section))
            (body)
            @if section != Section::Activity { (self.landing(visit)) }
        };
        // On the page of details the same cards are the section itself.
        let whole = section.needs_all_the_room();
        let rail = (section != Section::Details && !whole).then(|| rail::rail(self, visit, section));
        let (list, name, place) = if let Some((notice, pane)) = &self.inbox {
            let list = pane.list(&self.frame, visit.token(), visit.now(), Some(notice.unwrap_or_default()));
            (list, t("Inbox").to_owned(), Place::Inbox)
        } else {
            let list = self.list.rows_pane(&self.frame, visit.token(), visit.now());
            (list, tf("Queue: {title}", &[("title", &t(&self.list.title))]), self.list.place())
        };
        let content = work((!whole).then_some((&*name, &list)), &record, rail.as_ref());
        let title = format!("{} {}", self.number(), self.title());
        let at = At::new(&title, place).of_record().answered(status);
        let at = if whole { at } else { at.showing(&self.list) }.watching(self.number(), self.shown);
        self.frame.page(web, visit, &at, &content)
    }

    /// Where files land that are dropped while the composer is not in sight: they wait with the draft in its section.
    fn landing(&self, visit: &Visit) -> Markup {
        let can = self.view.can;
        let kind = if can.comment { "reply" } else { "note" };
        html! {
            @if can.comment || can.note {
                form #composer-landing .composer-files hidden action=(self.beside("")) data-draft=(self.number()) {
                    (token_field(visit.token()))
                    input type="radio" name="kind" value=(kind) checked hidden;
                    div #composer-files .composer-files data-most=(MOST_FILE_BYTES) {}
                }
            }
        }
    }

    fn sections(&self, open: Section) -> Markup {
        let counts = self.counts;
        let tab = |section: Section| Tab {
            label: section.label().into(),
            href: self.beside(&section.path()).into(),
            count: match section {
                Section::Activity if counts.comments > 0 => Some(counts.comments.to_string().into()),
                Section::Tasks if counts.tasks.1 > 0 => Some(format!("{}/{}", counts.tasks.0, counts.tasks.1).into()),
                Section::Related if counts.related > 0 => Some(counts.related.to_string().into()),
                _ => None,
            },
            current: section == open,
            beside_no_rail: section == Section::Details,
        };
        tabs("Sections of the record", &Section::all(&self.view.record).into_iter().map(tab).collect::<Vec<_>>())
    }
}

/// What reads a record's sheet together with what its open section needs.
pub fn opening<T, F>(
    process: &'static Process,
    number: &str,
    query: Option<&str>,
    more: F,
) -> impl FnOnce(&mut Session<'_>, &Caller) -> mainstay_desk::Result<(Sheet, T)> + Send + 'static
where
    T: Send + 'static,
    F: FnOnce(&mut Session<'_>, &Caller, &mut Sheet) -> mainstay_desk::Result<T> + Send + 'static,
{
    let (asked, number) = (Asked::read(process, query.unwrap_or_default()), number.to_owned());
    move |session: &mut Session<'_>, caller: &Caller| {
        let mut sheet = Sheet::load(session, caller, process, &number, asked)?;
        let more = more(session, caller, &mut sheet)?;
        Ok((sheet, more))
    }
}

fn rename_categories(session: &Session<'_>, view: &View, names: &mut HashMap<i64, String>) {
    for field in view.fields.iter().filter(|field| field.register() == Some(registers::CATEGORIES.key)) {
        if let Some(id) = view.record.value(field.key).as_int() {
            names.insert(id, session.config.category_path(id));
        }
    }
}

fn asker(session: &mut Session<'_>, caller: &Caller, view: &View) -> mainstay_desk::Result<Option<Asker>> {
    let Some(id) = view.record.value(spine::REQUESTER.def.key).as_int() else { return Ok(None) };
    let entry = match door::get(session.conn, caller, &registers::PEOPLE, id) {
        Err(mainstay_desk::Error::Refused(_)) => return Ok(None),
        other => other?,
    };
    let organisation = entry.int("organisation").and_then(|id| view.names.get(&id).cloned());
    let filter = format!("requester = {id} and {}", begins_with(view.record.process));
    let open = records::count(session, caller, view.record.process, Some(&filter), 99)?;
    Ok(Some(Asker { entry, organisation, open }))
}

fn counts(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    number: &str,
) -> mainstay_desk::Result<Counts> {
    let comments = records::comments(session, caller, process, number, 0, 200)?.len();
    let tasks = records::tasks(session, caller, process, number)?;
    let done = tasks.iter().filter(|task| task.state != "open").count();
    let (links, external) = records::links(session, caller, process, number)?;
    let files = records::attachments(session, caller, process, number)?.len();
    Ok(Counts { comments, tasks: (done, tasks.len()), related: links.len() + external.len() + files })
}

/// The value of a field of the record.
#[must_use]
pub fn value<'a>(view: &'a View, key: &str) -> &'a Value {
    view.record.value(key)
}
