//! A process as a table: states, transitions, fields, relations, policies.

mod approvals;
mod assessed;
mod checked;
mod costs;
mod effect;
mod entitles;
mod helps;
mod invitation;
mod lapse;
mod map;
mod relation;
mod schedule;
mod survey;
mod tab;
mod together;
mod watch;

pub use approvals::{Approvals, InAdvance, Material};
pub use assessed::Assessed;
use checked::{eq, has_option};
pub use costs::Costs;
pub use effect::{Captures, Cascade, Chooses, Effect, Handed, OfSome, as_it_is, hand};
pub use entitles::{Counts, Entitlement, Entitles, Position, Used, position, product_key};
pub use helps::Helps;
pub use invitation::{Invitation, Question, ask};
pub use lapse::Lapse;
pub use map::{Carries, Control, Map, Rules};
pub use relation::{Apart, ByRule, Fill, OpenedFrom, Relation, Waits, relation};
pub use schedule::Schedule;
pub use survey::Survey;
pub use tab::{POSITION, Picture, SOURCES, Tab, tab};
pub use together::together;
pub use watch::{Watch, reads_alike};

use crate::facts::Facts;
use crate::field::{FieldDef, Kind};
use crate::record::Record;

/// What a state means for clocks, queues and figures, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    Open,
    Paused,
    Done,
    Closed,
}

impl Phase {
    pub const ALL: [Self; 4] = [Self::Open, Self::Paused, Self::Done, Self::Closed];
    /// The stored number: 0 open, 1 paused, 2 done, 3 closed.
    #[must_use]
    pub const fn number(self) -> i64 {
        self as i64
    }
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Closed => "closed",
        }
    }
    /// Work remains: open or paused.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Open | Self::Paused)
    }
}

/// One state of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    pub key: &'static str,
    pub label: &'static str,
    pub phase: Phase,
    /// What a person without IT knowledge reads instead of the label.
    pub plain: &'static str,
    /// What happens next, in the same plain words.
    pub next: &'static str,
    /// The record never was what it claimed to be: it leaves clocks and figures.
    pub void: bool,
    /// Timers that start on entering the state and end on leaving it.
    pub timers: &'static [StateTimer],
}

const fn state(key: &'static str, label: &'static str, phase: Phase) -> State {
    State { key, label, phase, plain: label, next: "", void: false, timers: &[] }
}
#[must_use]
pub const fn open(key: &'static str, label: &'static str) -> State {
    state(key, label, Phase::Open)
}
#[must_use]
pub const fn paused(key: &'static str, label: &'static str) -> State {
    state(key, label, Phase::Paused)
}
#[must_use]
pub const fn done(key: &'static str, label: &'static str) -> State {
    state(key, label, Phase::Done)
}
#[must_use]
pub const fn closed(key: &'static str, label: &'static str) -> State {
    state(key, label, Phase::Closed)
}
impl State {
    /// Plain words for the requester: what is, and what comes next.
    #[must_use]
    pub const fn says(mut self, plain: &'static str, next: &'static str) -> Self {
        self.plain = plain;
        self.next = next;
        self
    }
    #[must_use]
    pub const fn void(mut self) -> Self {
        self.void = true;
        self
    }
    #[must_use]
    pub const fn timers(mut self, timers: &'static [StateTimer]) -> Self {
        self.timers = timers;
        self
    }
}

/// When a state's timer falls due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delay {
    /// At the instant that this field holds; never when it is empty.
    At(FieldDef),
    /// As many working days after entering as this policy says; never when it says none.
    WorkingDays(&'static str),
    /// As many working days before the verb's own timer as this policy says; tells, does not act.
    WarnWorkingDays { before: &'static str, of: &'static str },
    /// Again and again after as many working days as the one policy says, for as many as the other says; tells,
    /// does not act. Never when either says none.
    EachWorkingDays { every: &'static str, until: &'static str },
    /// When nothing of the record changed for as many working days as this policy says, and again after as many; tells,
    /// does not act. Never when it says none.
    Untouched(&'static str),
}

/// A timer that a state carries: at its instant the engine applies `verb` as itself.
/// A refused verb is tried again after one working day while the state lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateTimer {
    pub key: &'static str,
    pub delay: Delay,
    /// None: the timer only announces itself (`process.key`) to the notification rules.
    pub verb: Option<&'static str>,
    /// Only for records whose field holds this option; None: for all.
    pub when: Option<(FieldDef, &'static str)>,
}

/// Who may apply a transition, besides having its permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Who(u8);

impl Who {
    /// The people whose matter it is: requester and reporters.
    pub const REQUESTER: Self = Self(1);
    /// Whoever holds the permission `process.verb`.
    pub const STAFF: Self = Self(2);
    /// The engine itself: timers, cascades, replies.
    pub const ENGINE: Self = Self(4);
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// A condition on the facts that a transition needs; refused with its code and sentence.
#[derive(Clone, Copy)]
pub struct Guard {
    pub code: &'static str,
    pub says: &'static str,
    pub test: fn(&Record, &Facts<'_>) -> bool,
    /// Nothing that comes with the step changes the answer: where it fails, the step is not offered at all.
    pub beforehand: bool,
}

/// What has to be so for a transition to make sense at all; refused with its sentence.
#[derive(Clone, Copy)]
pub struct When {
    pub says: &'static str,
    pub test: fn(&Record) -> bool,
}

/// A transition asks for words beside the fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    Nothing,
    /// A reason, kept in the history.
    Reason,
    /// A comment that the requester reads.
    Comment,
}

/// One legal move: the verb is its name in the API, the button, the permission and the event.
#[derive(Clone, Copy)]
pub struct Transition {
    pub verb: &'static str,
    pub label: &'static str,
    /// What a requester reads on the button instead of the label.
    pub plain: &'static str,
    /// What histories say of it: a sentence with `{actor}`, such as "{actor} took it". Empty: that they took the step.
    pub past: &'static str,
    /// The same where the record got another team or person by it, which is `{name}`; empty: as ever.
    pub past_to: &'static str,
    pub from: &'static [State],
    /// None: the state stays.
    pub to: Option<State>,
    pub who: Who,
    /// None: whenever the record is in one of the states that it leaves.
    pub when: Option<When>,
    pub needs: &'static [FieldDef],
    pub takes: &'static [FieldDef],
    /// Of those, one that only some records ask for.
    pub asked_of_some: Option<OfSome>,
    /// How a requester is asked for fields that it needs: plain questions with answers of their own.
    pub plainly: &'static [Question],
    /// At least one of these holds another value afterwards.
    pub changes: &'static [FieldDef],
    /// Emptied unless the request gives them a value.
    pub renews: &'static [FieldDef],
    /// Fields that it asks for, each with the field whose value stands in the form while it holds none itself.
    pub offers: &'static [Handed],
    /// The relation whose other end must be named with the request.
    pub links: Option<&'static str>,
    pub asks: Asks,
    /// Words are needed only when this holds; None: always.
    pub asks_when: Option<fn(&Record) -> bool>,
    pub guards: &'static [Guard],
    /// Only until so many working days (a policy) after the instant in the field.
    pub within: Option<(FieldDef, &'static str)>,
    pub sets: Option<fn(&mut Record, &Facts<'_>)>,
    pub effects: &'static [Effect],
    /// First human ownership: the response clock stops.
    pub responds: bool,
    /// The look of the button: the one next step people mostly want.
    pub primary: bool,
}

/// A move from `from` to `to`.
#[must_use]
pub const fn go(verb: &'static str, label: &'static str, from: &'static [State], to: State) -> Transition {
    Transition {
        verb,
        label,
        plain: label,
        past: "",
        past_to: "",
        from,
        to: Some(to),
        who: Who::STAFF,
        when: None,
        needs: &[],
        takes: &[],
        asked_of_some: None,
        plainly: &[],
        changes: &[],
        renews: &[],
        offers: &[],
        links: None,
        asks: Asks::Nothing,
        asks_when: None,
        guards: &[],
        within: None,
        sets: None,
        effects: &[],
        responds: false,
        primary: false,
    }
}
/// An act that leaves the state as it is.
#[must_use]
pub const fn stay(verb: &'static str, label: &'static str, from: &'static [State]) -> Transition {
    let mut t = go(verb, label, from, from[0]);
    t.to = None;
    t
}
impl Transition {
    #[must_use]
    pub const fn by(mut self, who: Who) -> Self {
        self.who = who;
        self
    }
    /// The step in a requester's own words.
    #[must_use]
    pub const fn says(mut self, plain: &'static str) -> Self {
        self.plain = plain;
        self
    }
    /// What histories say of it.
    #[must_use]
    pub const fn past(mut self, says: &'static str) -> Self {
        self.past = says;
        self
    }
    /// What histories say of it where it gave the record to somebody.
    #[must_use]
    pub const fn past_to(mut self, says: &'static str) -> Self {
        self.past_to = says;
        self
    }
    /// Only where this holds beside the state.
    #[must_use]
    pub const fn when(mut self, says: &'static str, test: fn(&Record) -> bool) -> Self {
        self.when = Some(When { says, test });
        self
    }
    /// Fields that must hold a value afterwards; asked for when they are empty. Those that only a step may set are
    /// asked for each time.
    #[must_use]
    pub const fn needs(mut self, fields: &'static [FieldDef]) -> Self {
        self.needs = fields;
        self
    }
    /// Further fields that the request may set.
    #[must_use]
    pub const fn takes(mut self, fields: &'static [FieldDef]) -> Self {
        self.takes = fields;
        self
    }
    /// Asks requesters in plain words for fields that it needs.
    #[must_use]
    pub const fn plainly(mut self, questions: &'static [Question]) -> Self {
        self.plainly = questions;
        self
    }
    /// At least one of these fields must get another value.
    #[must_use]
    pub const fn changes(mut self, fields: &'static [FieldDef]) -> Self {
        self.changes = fields;
        self
    }
    /// What these fields held ends with the step; the request may give them a value anew.
    #[must_use]
    pub const fn renews(mut self, fields: &'static [FieldDef]) -> Self {
        self.renews = fields;
        self
    }
    #[must_use]
    pub const fn links(mut self, relation: &'static str) -> Self {
        self.links = Some(relation);
        self
    }
    #[must_use]
    pub const fn asks(mut self, asks: Asks) -> Self {
        self.asks = asks;
        self
    }
    #[must_use]
    pub const fn asks_when(mut self, asks: Asks, when: fn(&Record) -> bool) -> Self {
        self.asks = asks;
        self.asks_when = Some(when);
        self
    }
    #[must_use]
    pub const fn guards(mut self, guards: &'static [Guard]) -> Self {
        self.guards = guards;
        self
    }
    #[must_use]
    pub const fn within(mut self, since: FieldDef, policy: &'static str) -> Self {
        self.within = Some((since, policy));
        self
    }
    #[must_use]
    pub const fn sets(mut self, sets: fn(&mut Record, &Facts<'_>)) -> Self {
        self.sets = Some(sets);
        self
    }
    #[must_use]
    pub const fn effects(mut self, effects: &'static [Effect]) -> Self {
        self.effects = effects;
        self
    }
    #[must_use]
    pub const fn responds(mut self) -> Self {
        self.responds = true;
        self
    }
    #[must_use]
    pub const fn primary(mut self) -> Self {
        self.primary = true;
        self
    }
    /// Whether what it does beyond its record can be taken back with it.
    #[must_use]
    pub fn is_undoable(&self) -> bool {
        !self
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Succeed { .. } | Effect::FollowUp { .. } | Effect::Capture(_)))
    }
    /// Whether this transition starts in `state`.
    #[must_use]
    pub fn leaves(&self, state: &State) -> bool {
        self.from.iter().any(|s| s.key == state.key)
    }
}

/// A number or list that an organisation sets per process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    pub key: &'static str,
    pub label: &'static str,
    pub default: i64,
    pub max: i64,
}

/// What a comment of the requester does while the record is in `state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnReply {
    pub state: State,
    /// The step that the engine takes; None: the state stays and its timers begin again.
    pub verb: Option<&'static str>,
}

/// Fields with behaviour of their own that several processes share.
pub struct Bundle {
    pub key: &'static str,
    pub fields: &'static [FieldDef],
    /// Runs after every change: derives what follows from the fields.
    pub derive: Option<fn(&mut Record, &Facts<'_>)>,
    /// Clocks run on the records.
    pub clocks: bool,
}

/// A group of fields on the form and the record page.
pub struct Section {
    pub label: &'static str,
    pub fields: &'static [&'static str],
}

/// What tells everybody that a service has trouble, in the words of those who have no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Which live records mean trouble for the service that they name, in the condition language.
    pub when: &'static str,
    /// What people read behind the name of the service.
    pub plain: &'static str,
}

/// A process of the product: everything but its few rules is data.
pub struct Process {
    pub key: &'static str,
    /// Its name in URLs.
    pub plural: &'static str,
    pub prefix: &'static str,
    pub label: &'static str,
    pub label_plural: &'static str,
    pub icon: &'static str,
    pub purpose: &'static str,
    /// Its records are things that are kept, not work to be done: lists begin with all that is not closed, and show
    /// nothing of who asked for it and until when.
    pub keeps_things: bool,
    /// The narrow table with the process's own columns.
    pub table: &'static str,
    pub bundles: &'static [&'static Bundle],
    pub fields: &'static [FieldDef],
    /// Fields of the spine that this process asks for in words of its own.
    pub in_own_words: &'static [FieldDef],
    pub sections: &'static [Section],
    /// None: only staff begin such records.
    pub invitation: Option<Invitation>,
    /// Fields of the form a requester fills in; plain words come from `help`.
    pub asks_requester: &'static [&'static str],
    /// What that form asks beyond fields.
    pub questions: &'static [Question],
    pub states: &'static [State],
    pub transitions: &'static [Transition],
    /// Fields that, once the record has left its first state, change only by a step that asks for them: what such a
    /// change has to say, and what follows from it, is the step's.
    pub by_step: &'static [FieldDef],
    pub relations: &'static [Relation],
    pub policies: &'static [Policy],
    pub on_reply: &'static [OnReply],
    /// The field that says what a paused record waits for; clocks pause by it.
    pub waits_for: Option<FieldDef>,
    /// Tried by the engine right after opening, when its conditions hold.
    pub after_open: Option<&'static str>,
    /// None: nobody is asked how it went.
    pub survey: Option<Survey>,
    /// None: such records say nothing about the state of services.
    pub trouble: Option<Trouble>,
    /// What of a record helps those who have one like it.
    pub helps: Helps,
    /// From which records of other processes one of this one is opened.
    pub opened_from: &'static [OpenedFrom],
    /// None: nobody looks whether what is finished comes back.
    pub watch: Option<Watch>,
    /// None: nobody reckons what such a record costs.
    pub costs: Option<Costs>,
    /// None: such records need nobody's approval.
    pub approvals: Option<Approvals>,
    /// Sections of the record's page that not every process has.
    pub tabs: &'static [Tab],
    /// None: its records form no map.
    pub map: Option<Map>,
    /// Last days of what others rely on, of which people hear beforehand.
    pub lapses: &'static [Lapse],
    /// None: its records entitle to nothing.
    pub entitles: Option<Entitles>,
    /// None: its records have no planned time that others could meet.
    pub schedule: Option<Schedule>,
}

impl Process {
    /// All declared fields: the spine's, the bundles', the process's own.
    pub fn fields(&'static self) -> impl Iterator<Item = &'static FieldDef> {
        let own =
            move |field: &'static FieldDef| self.in_own_words.iter().find(|own| own.key == field.key).unwrap_or(field);
        crate::spine::ALL.iter().map(own).chain(self.bundles.iter().flat_map(|b| b.fields)).chain(self.fields)
    }
    /// Whether lists show the field where nobody says which.
    #[must_use]
    pub fn lists(&self, field: &FieldDef) -> bool {
        field.in_list && !(self.keeps_things && crate::spine::OF_WORK.iter().any(|of_work| of_work.key == field.key))
    }
    #[must_use]
    pub fn field(&'static self, key: &str) -> Option<&'static FieldDef> {
        self.fields().find(|f| f.key == key)
    }
    #[must_use]
    pub fn state(&'static self, key: &str) -> Option<&'static State> {
        self.states.iter().find(|s| s.key == key)
    }
    #[must_use]
    pub fn transition(&'static self, verb: &str) -> Option<&'static Transition> {
        self.transitions.iter().find(|t| t.verb == verb)
    }
    /// Whether a field changes only by a step while the record is in `state`.
    #[must_use]
    pub fn moves_by_step(&'static self, state: &State, field: &FieldDef) -> bool {
        state.key != self.initial().key && self.by_step.iter().any(|f| f.key == field.key)
    }
    /// Whether a step into this phase or an earlier one needed the field, so that it stays filled in `state`.
    #[must_use]
    pub fn keeps(&'static self, state: &State, field: &FieldDef) -> bool {
        let behind = |t: &&Transition| !t.leaves(state) && t.to.is_some_and(|to| !to.void && to.phase <= state.phase);
        let needs = |t: &Transition| t.needs.iter().any(|f| f.key == field.key);
        state.key != self.initial().key && self.transitions.iter().filter(behind).any(needs)
    }
    #[must_use]
    pub fn relation(&'static self, key: &str) -> Option<&'static Relation> {
        self.relations.iter().find(|r| r.key == key)
    }
    /// The relation by which a record is linked to one of another process where nobody names one: the one that is meant
    /// for it, else the one that says no more than that both belong together.
    #[must_use]
    pub fn relation_to(&'static self, other: &Self) -> Option<&'static Relation> {
        self.relations.iter().find(|relation| relation.meant_for.contains(&other.key)).or_else(|| self.companion())
    }
    /// What helps, in the words of the record itself.
    #[must_use]
    pub fn helped<'a>(&'static self, record: &'a Record) -> Option<(&'static FieldDef, &'a str)> {
        let fields = self.helps.fields.iter().filter(|_| (self.helps.when)(record));
        fields.into_iter().find_map(|field| record.value(field.key).as_text().map(|words| (field, words)))
    }
    #[must_use]
    pub fn tab(&'static self, key: &str) -> Option<&'static Tab> {
        self.tabs.iter().find(|tab| tab.key == key)
    }
    /// The question whose answer decides this field.
    #[must_use]
    pub fn question(&'static self, field: &str) -> Option<&'static Question> {
        self.questions.iter().find(|q| q.field.key == field)
    }
    #[must_use]
    pub fn has_clocks(&'static self) -> bool {
        self.bundles.iter().any(|b| b.clocks)
    }
    #[must_use]
    pub fn initial(&'static self) -> &'static State {
        &self.states[0]
    }
}

impl FieldDef {
    /// The register that this field refers to, if it does.
    #[must_use]
    pub const fn register(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Ref(register) | Kind::Refs(register) => Some(register),
            _ => None,
        }
    }
}
