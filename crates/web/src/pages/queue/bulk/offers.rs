//! What can be done to many records at once.

use mainstay_desk::{Caller, Session, records};
use mainstay_engine::field::{FieldDef, Kind, Writer};
use mainstay_engine::process::{Asks, Process, Transition, Who};
use mainstay_engine::spine;
use mainstay_words::{inside, t, tf};

/// One thing that is done to each record.
#[derive(Clone, Copy)]
pub enum What {
    /// A field gets a value.
    Field(&'static FieldDef),
    /// A step is taken.
    Step(&'static Transition),
    /// Tags are added.
    Tag(&'static FieldDef),
    /// Its reader watches it.
    Watch,
    /// It is linked to another record.
    Link,
    /// The requester gets an answer.
    Reply,
    /// A macro is applied.
    Macro,
    /// One record of a process is opened from all of them.
    Open(&'static Process),
}

/// What a person can do to many records of a process.
#[derive(Clone, Default)]
pub struct Offers {
    all: Vec<What>,
}

impl Offers {
    /// What a caller may do somewhere; each record then says for itself.
    #[must_use]
    pub fn of(session: &Session<'_>, caller: &Caller, process: &'static Process) -> Self {
        let rights = &caller.rights;
        if caller.person.is_none() || !rights.may_somewhere(process.key, "view") {
            return Self::default();
        }
        let mut all = Vec::new();
        if rights.may_somewhere(process.key, "update") {
            let settable = |field: &&'static FieldDef| {
                matches!(field.writer, Writer::Anyone | Writer::Staff) && !matches!(field.kind, Kind::Table(_))
            };
            let fields: Vec<&'static FieldDef> = session.config.fields(process).filter(settable).collect();
            all.extend(fields.iter().copied().filter(|field| field.key != spine::TITLE.def.key).map(What::Field));
            all.extend(fields.into_iter().find(|field| field.kind == Kind::Tags).map(What::Tag));
        }
        let mine =
            |step: &&'static Transition| step.who.has(Who::STAFF) && rights.may_somewhere(process.key, step.verb);
        all.extend(process.transitions.iter().filter(mine).map(What::Step));
        if rights.may_somewhere(process.key, "link") && session.config.relations(process).next().is_some() {
            all.push(What::Link);
        }
        all.push(What::Watch);
        if rights.is_any_staff() && rights.may_somewhere(process.key, "comment") {
            all.push(What::Reply);
        }
        if rights.is_any_staff() {
            all.push(What::Macro);
        }
        if rights.may_somewhere(process.key, "link") {
            all.extend(records::begotten(session, caller, process).into_iter().map(What::Open));
        }
        Self { all }
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Everything, as a form names it and as people do.
    pub fn all(&self) -> impl Iterator<Item = (String, String)> + '_ {
        self.all.iter().map(|what| (what.key(), what.label()))
    }

    /// What a form names.
    #[must_use]
    pub fn named(&self, key: &str) -> Option<What> {
        self.all.iter().copied().find(|what| what.key() == key)
    }

    /// The key of the assignment, which people do most.
    #[must_use]
    pub fn assignee(&self) -> Option<&'static str> {
        let is = |what: &What| matches!(what, What::Field(field) if field.key == spine::ASSIGNEE.def.key);
        self.all.iter().any(is).then_some("field:assignee")
    }

    /// The steps.
    pub fn steps(&self) -> impl Iterator<Item = (String, &'static str)> + '_ {
        self.all.iter().filter_map(|what| match what {
            What::Step(step) => Some((what.key(), step.label)),
            _ => None,
        })
    }

    /// The processes of which one record can be opened from many.
    pub fn opens(&self) -> impl Iterator<Item = (String, String)> + '_ {
        self.all.iter().filter(|what| matches!(what, What::Open(_))).map(|what| (what.key(), what.label()))
    }

    /// The fields.
    pub fn fields(&self) -> impl Iterator<Item = (String, &'static str)> + '_ {
        self.all.iter().filter_map(|what| match what {
            What::Field(field) => Some((what.key(), field.label)),
            _ => None,
        })
    }

    /// What is neither a step nor a field.
    pub fn others(&self) -> impl Iterator<Item = (&'static str, &'static str)> + '_ {
        self.all.iter().filter_map(|what| match what {
            What::Tag(_) => Some(("tag", "Tag…")),
            What::Watch => Some(("watch", "Watch")),
            What::Link => Some(("link", "Link…")),
            What::Reply => Some(("reply", "Reply…")),
            What::Macro => Some(("macro", "Macro…")),
            What::Field(_) | What::Step(_) | What::Open(_) => None,
        })
    }
}

impl What {
    /// How a form names it.
    #[must_use]
    pub fn key(self) -> String {
        match self {
            Self::Field(field) => format!("field:{}", field.key),
            Self::Step(step) => format!("step:{}", step.verb),
            Self::Tag(_) => "tag".to_owned(),
            Self::Watch => "watch".to_owned(),
            Self::Link => "link".to_owned(),
            Self::Reply => "reply".to_owned(),
            Self::Macro => "macro".to_owned(),
            Self::Open(process) => format!("open:{}", process.key),
        }
    }

    /// How people name it.
    #[must_use]
    pub fn label(self) -> String {
        match self {
            Self::Field(field) => tf("Set {field}", &[("field", &inside(field.label))]),
            Self::Step(step) => t(step.label).to_owned(),
            Self::Tag(_) => t("Add tags").to_owned(),
            Self::Watch => t("Watch").to_owned(),
            Self::Link => t("Link to a record").to_owned(),
            Self::Reply => t("Reply to each").to_owned(),
            Self::Macro => t("Apply a macro").to_owned(),
            Self::Open(process) => tf("Open a {process} from them", &[("process", &inside(process.label))]),
        }
    }

    /// The verb of the command.
    #[must_use]
    pub fn verb(self) -> &'static str {
        match self {
            Self::Field(_) => "update",
            Self::Step(step) => step.verb,
            Self::Tag(_) => "tag",
            Self::Watch => "watch",
            Self::Link => "link",
            Self::Reply => "reply",
            Self::Macro => "macro",
            Self::Open(_) => "open",
        }
    }

    /// The fields that it asks for.
    #[must_use]
    pub fn fields(self) -> Vec<&'static FieldDef> {
        match self {
            Self::Field(field) | Self::Tag(field) => vec![field],
            Self::Step(step) => {
                // A table of rows is for one record.
                let asked = step.needs.iter().chain(step.takes);
                asked.filter(|field| !matches!(field.kind, Kind::Table(_))).collect()
            }
            Self::Watch | Self::Link | Self::Reply | Self::Macro | Self::Open(_) => Vec::new(),
        }
    }

    /// Whether there is nothing to ask before it can be tried.
    #[must_use]
    pub fn asks_nothing(self) -> bool {
        match self {
            Self::Watch => true,
            Self::Step(step) => {
                let silent = step.asks == Asks::Nothing && step.asks_when.is_none() && step.links.is_none();
                silent && step.needs.is_empty() && !step.takes_of_all()
            }
            Self::Field(_) | Self::Tag(_) | Self::Link | Self::Reply | Self::Macro | Self::Open(_) => false,
        }
    }
}
