//! The configuration in force: what entries of the registers say, read once per change.
//!
//! Every change of an entry advances a generation number in the same transaction. A snapshot is
//! used only while its generation is the database's, so it is never stale on any node.

use crate::custom::{custom_field, own_relation};
use crate::door;
use crate::rights::Role;
use crate::schedule::Window;
use crate::sources::Source;
use mainstay_engine::calendar::Calendar;
use mainstay_engine::condition::{Checked, Condition, Problem};
use mainstay_engine::decide::Mandatory;
use mainstay_engine::facts::Matrix;
use mainstay_engine::field::{Choice, FieldDef, Kind};
use mainstay_engine::process::{Carries, Process, Relation};
use mainstay_engine::register::{Entry, Values};
use mainstay_engine::spine;
use mainstay_engine::value::Value;
use mainstay_processes::registers;
use mainstay_store::{Conn, demo, entries};
use mainstay_words::Language;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, LazyLock, RwLock};

/// A process as this organisation runs it.
#[derive(Clone, Debug, Default)]
pub struct ProcessConfig {
    pub enabled: bool,
    pub policies: BTreeMap<String, i64>,
    pub mandatory: Vec<Mandatory>,
    pub guards: Vec<GuardRule>,
    pub custom: Vec<CustomField>,
    /// Relations of the organisation's own.
    pub relations: Vec<&'static Relation>,
    /// Which of them belong to some records only.
    pub asked_if: Vec<AskedIf>,
    pub matrix: Matrix,
    pub matrix_entry: Option<i64>,
    pub settings_version: i64,
}

/// A guard of the organisation's own before a step.
#[derive(Clone, Debug)]
pub struct GuardRule {
    pub verb: &'static str,
    pub condition: Checked,
    pub says: String,
}

/// A field of the organisation's own that belongs to some records only.
#[derive(Clone, Debug)]
pub struct AskedIf {
    pub field: &'static FieldDef,
    pub condition: Checked,
    /// The keys of the fields that the condition reads.
    pub reads: Vec<String>,
}

/// A field of the organisation's own.
#[derive(Clone, Copy, Debug)]
pub struct CustomField {
    pub def: &'static FieldDef,
    /// Asked of requesters on their form.
    pub requester: bool,
}

/// A rule that applies where its condition holds.
#[derive(Clone, Debug)]
pub struct Ruled {
    pub process: String,
    pub condition: Option<Checked>,
    pub entry: Entry,
}

/// A team as rules need it.
#[derive(Clone, Debug)]
pub struct Team {
    pub name: String,
    pub manager: Option<i64>,
    pub organisation: Option<i64>,
}

/// A calendar in its present version.
#[derive(Clone, Debug)]
pub struct DatedCalendar {
    pub version: i64,
    pub calendar: Arc<Calendar>,
}

/// Everything in force at one generation.
#[derive(Debug, Default)]
pub struct Config {
    pub generation: i64,
    pub processes: HashMap<&'static str, ProcessConfig>,
    pub roles: HashMap<i64, Role>,
    pub teams: HashMap<i64, Team>,
    /// The names of all entries but people.
    pub names: HashMap<i64, String>,
    /// Organisations of vendors.
    pub vendors: Vec<i64>,
    pub calendars: HashMap<i64, DatedCalendar>,
    pub levels: Vec<Ruled>,
    pub assignment: Vec<Ruled>,
    pub notifications: Vec<Ruled>,
    pub approval_policies: Vec<Ruled>,
    /// Who meets about what waits for approval.
    pub boards: Vec<Ruled>,
    pub risk_rules: Vec<Ruled>,
    /// Which records are evaluated before they are authorised.
    pub evaluations: Vec<Ruled>,
    /// Freezes and maintenance windows.
    pub windows: Vec<Window>,
    pub models: HashMap<i64, Entry>,
    /// (id, parent, name, active) of every category.
    pub categories: HashMap<i64, Category>,
    /// Every class that records of a map can be of.
    pub classes: HashMap<i64, Class>,
    /// What each entry of a register with a tree lies under.
    pub parents: HashMap<i64, i64>,
    /// Systems that tell of records, by their keys.
    pub sources: HashMap<String, Source>,
    /// By what their records are known again.
    pub matching: Vec<Ruled>,
    /// What is asked at the door.
    pub sign_in: Vec<door::Rule>,
    /// Entries that were made up to look around in.
    pub demo: HashSet<i64>,
    /// What whoever has chosen no language is written in.
    pub language: Language,
    /// The first entries in use of a register, by name; filled by whoever asks first.
    pub(crate) first: RwLock<HashMap<&'static str, Arc<Vec<Entry>>>>,
}

/// A class of the records of a map.
#[derive(Clone, Debug)]
pub struct Class {
    pub name: String,
    /// The icon of its records; none: that of the class above it.
    pub sign: Option<String>,
    /// Its records stand for services.
    pub service: bool,
    /// Keys of the fields that change only by control.
    pub controlled: Vec<String>,
    /// Its records come into use and out of it by control alone.
    pub used_by_change: bool,
}

/// A category in the controlled tree.
#[derive(Clone, Debug)]
pub struct Category {
    pub name: String,
    pub parent: Option<i64>,
    pub active: bool,
}

impl Config {
    /// Reads the whole configuration.
    ///
    /// # Errors
    /// The database's.
    pub fn load(conn: &mut Conn) -> mainstay_store::Result<Self> {
        let mut config = Self { generation: entries::generation(conn)?, ..Self::default() };
        for entry in active(conn, "roles")? {
            config.roles.insert(entry.id, Role::of(&entry));
        }
        for entry in read_all(conn, "teams")? {
            let team =
                Team { manager: entry.int("manager"), organisation: entry.int("organisation"), name: entry.name };
            config.teams.insert(entry.id, team);
        }
        config.names = entries::names_beside(conn, "people")?.into_iter().collect();
        let organisations = read_all(conn, "organisations")?;
        config.parents.extend(organisations.iter().filter_map(|entry| Some((entry.id, entry.int("parent")?))));
        config.vendors = organisations
            .into_iter()
            .filter(|o| o.active)
            .filter(|o| o.text("kind") == Some(registers::OrganisationKind::Vendor.key()))
            .map(|o| o.id)
            .collect();
        for entry in read_all(conn, "categories")? {
            let category = Category { parent: entry.int("parent"), active: entry.active, name: entry.name };
            config.parents.extend(category.parent.map(|parent| (entry.id, parent)));
            config.categories.insert(entry.id, category);
        }
        for entry in read_all(conn, registers::ITEM_CLASSES.key)? {
            config.parents.extend(entry.int("parent").map(|parent| (entry.id, parent)));
            let fields = entry.value(registers::UNDER_CONTROL.def.key).as_list().iter();
            let class = Class {
                sign: entry.text(registers::SIGN.def.key).map(str::to_owned),
                service: entry.flag(registers::OF_SERVICES.def.key),
                controlled: fields.filter_map(|row| row.column("field").as_text().map(str::to_owned)).collect(),
                used_by_change: entry.flag(registers::USED_BY_CHANGE.def.key),
                name: entry.name,
            };
            config.classes.insert(entry.id, class);
        }
        for entry in read_all(conn, "calendars")? {
            if let Ok(calendar) = registers::calendar_of(&entry.values) {
                let dated = DatedCalendar { version: entry.version, calendar: Arc::new(calendar) };
                config.calendars.insert(entry.id, dated);
            }
        }
        config.load_processes(conn)?;
        config.levels = config.ruled(active(conn, "service-levels")?);
        config.assignment = config.ruled(active(conn, "assignment-rules")?);
        config.notifications = config.ruled(active(conn, "notification-rules")?);
        config.approval_policies = config.ruled(active(conn, registers::APPROVAL_POLICIES.key)?);
        config.boards = config.ruled(active(conn, registers::BOARDS.key)?);
        config.risk_rules = config.ruled(active(conn, registers::RISK_RULES.key)?);
        config.evaluations = config.ruled(active(conn, registers::EVALUATION_RULES.key)?);
        config.matching = config.ruled(active(conn, registers::MATCH_RULES.key)?);
        let sources = active(conn, registers::SOURCES.key)?;
        config.sources = sources.iter().filter_map(Source::of).map(|source| (source.key.clone(), source)).collect();
        config.windows = active(conn, registers::WINDOWS.key)?.iter().filter_map(Window::of).collect();
        config.models = active(conn, "models")?.into_iter().map(|m| (m.id, m)).collect();
        config.sign_in = active(conn, registers::SIGN_IN_RULES.key)?.iter().map(door::Rule::of).collect();
        config.demo = demo::marked(conn, demo::Subject::Entry)?.into_iter().collect();
        Ok(config)
    }

    fn load_processes(&mut self, conn: &mut Conn) -> mainstay_store::Result<()> {
        let custom = active(conn, "custom-fields")?;
        let settings = active(conn, "process-settings")?;
        let matrices = active(conn, "priority-matrices")?;
        for process in mainstay_processes::ALL.iter().copied() {
            let fields = custom
                .iter()
                .filter(|c| c.text("process") == Some(process.key))
                .filter_map(|c| custom_field(c).map(|def| CustomField { def, requester: c.flag("requester") }));
            let mut own = ProcessConfig {
                enabled: true,
                policies: process.policies.iter().map(|p| (p.key.to_owned(), p.default)).collect(),
                custom: fields.collect(),
                ..ProcessConfig::default()
            };
            if let Some(map) = &process.map {
                own.relations = active(conn, map.relations)?.iter().filter_map(|e| own_relation(process, e)).collect();
            }
            let required = own.custom.iter().map(|c| c.def).filter(|def| def.required);
            own.mandatory = required.map(|field| Mandatory { field, state: None }).collect();
            let entry = settings.iter().find(|s| s.text("process") == Some(process.key));
            if let Some(entry) = entry {
                own.apply(process, entry);
            }
            if let Some(entry) = matrices.iter().find(|m| m.text("process") == Some(process.key)) {
                own.matrix = matrix_of(entry.version, &entry.values);
                own.matrix_entry = Some(entry.id);
            }
            self.processes.insert(process.key, own);
            // Guards may read the organisation's own fields, which are known only now.
            let guards = entry.map(|entry| self.guards(process, entry)).unwrap_or_default();
            let asked_if = self.asked_if(process, &custom);
            if let Some(own) = self.processes.get_mut(process.key) {
                own.guards = guards;
                own.asked_if = asked_if;
            }
        }
        Ok(())
    }

    /// The fields with a condition. One whose condition cannot be read is asked of every record.
    fn asked_if(&self, process: &'static Process, custom: &[Entry]) -> Vec<AskedIf> {
        let read = |entry: &Entry| {
            let condition = Condition::parse(entry.text("condition")?).ok()?;
            let reads = condition.fields().into_iter().map(str::to_owned).collect();
            Some(AskedIf { field: custom_field(entry)?, condition: self.check(process, &condition).ok()?, reads })
        };
        custom.iter().filter(|entry| entry.text("process") == Some(process.key)).filter_map(read).collect()
    }

    /// The guards that a process's settings hold. One that cannot be read stands before no step.
    fn guards(&self, process: &'static Process, entry: &Entry) -> Vec<GuardRule> {
        let read = |row: &Value| {
            let verb = process.transition(row.column("step").as_text()?)?.verb;
            let condition = Condition::parse(row.column("condition").as_text()?).ok()?;
            let says = row.column("says").as_text()?.to_owned();
            Some(GuardRule { verb, condition: self.check(process, &condition).ok()?, says })
        };
        entry.value("guards").as_list().iter().filter_map(read).collect()
    }

    /// The configuration of a process; an empty, disabled one for a stranger.
    #[must_use]
    pub fn process(&self, process: &Process) -> &ProcessConfig {
        static NONE: LazyLock<ProcessConfig> = LazyLock::new(ProcessConfig::default);
        self.processes.get(process.key).unwrap_or(&NONE)
    }

    /// Whether a process is in use, by its key.
    pub fn is_in_use(&self, key: &str) -> bool {
        self.processes.get(key).is_some_and(|process| process.enabled)
    }

    /// Every field of a process here: the declared ones, then the organisation's own.
    pub fn fields(&self, process: &'static Process) -> impl Iterator<Item = &'static FieldDef> {
        process.fields().chain(self.process(process).custom.iter().map(|c| c.def))
    }

    /// A field of a process by key.
    #[must_use]
    pub fn field(&self, process: &'static Process, key: &str) -> Option<&'static FieldDef> {
        process.field(key).or_else(|| self.process(process).custom.iter().map(|c| c.def).find(|f| f.key == key))
    }

    /// Every relation that records of a process can have here: the declared ones, then the organisation's own.
    pub fn relations(&self, process: &'static Process) -> impl Iterator<Item = &'static Relation> {
        process.relations.iter().chain(self.process(process).relations.iter().copied())
    }

    /// A relation of a process by key.
    #[must_use]
    pub fn relation(&self, process: &'static Process, key: &str) -> Option<&'static Relation> {
        self.relations(process).find(|relation| relation.key == key)
    }

    /// The icon of a class, or of the nearest class above it that has one.
    #[must_use]
    pub fn sign(&self, class: i64) -> Option<&str> {
        let above = std::iter::successors(Some(class), |class| self.parents.get(class).copied());
        // Classes do not lie under themselves; a ring would have been refused.
        above.take(100).find_map(|class| self.classes.get(&class)?.sign.as_deref())
    }

    /// Which end of a relation of a process is hit when the other fails.
    #[must_use]
    pub fn carries(&self, process: &'static Process, key: &str) -> Carries {
        self.relation(process, key).and_then(|relation| relation.rules).map_or(Carries::Nothing, |rules| rules.carries)
    }

    /// Whether an entry is another or lies under it in the tree of their register.
    #[must_use]
    pub fn under(&self, entry: i64, above: i64) -> bool {
        let mut next = Some(entry);
        for _ in 0..64 {
            match next {
                Some(id) if id == above => return true,
                Some(id) => next = self.parents.get(&id).copied(),
                None => return false,
            }
        }
        false
    }

    /// All entries that lie under one.
    #[must_use]
    pub fn below(&self, above: i64) -> Vec<i64> {
        let mut below: Vec<i64> =
            self.parents.keys().copied().filter(|id| *id != above && self.under(*id, above)).collect();
        below.sort_unstable();
        below
    }

    /// Rules in their order. One whose condition cannot be read applies nowhere rather than everywhere.
    #[must_use]
    pub fn ruled(&self, mut entries: Vec<Entry>) -> Vec<Ruled> {
        entries.sort_by_key(|e| (e.int("position").unwrap_or_default(), e.id));
        let read = |entry: Entry| {
            let process = mainstay_processes::process(entry.text("process")?)?;
            let condition = match entry.text("condition") {
                None => None,
                Some(text) => Some(self.check(process, &Condition::parse(text).ok()?).ok()?),
            };
            Some(Ruled { process: process.key.to_owned(), condition, entry })
        };
        entries.into_iter().filter_map(read).collect()
    }

    /// Types a condition against every field of a process.
    ///
    /// # Errors
    /// Every problem.
    pub fn check(&self, process: &'static Process, condition: &Condition) -> Result<Checked, Vec<Problem>> {
        condition.widened(&|above| self.below(above)).check(&|key| match key {
            "state" => Some(FieldDef { kind: Kind::Choice(states_of(process)), ..spine::STATE.def }),
            _ => self.field(process, key).copied(),
        })
    }

    /// The name of a category with those above it, such as `Network › VPN`.
    #[must_use]
    pub fn category_path(&self, id: i64) -> String {
        let mut names = Vec::new();
        let mut next = Some(id);
        while let Some(category) = next.and_then(|id| self.categories.get(&id)) {
            names.push(category.name.as_str());
            if names.len() > 12 {
                break;
            }
            next = category.parent;
        }
        names.reverse();
        names.join(" › ")
    }
}

/// The states of every process as the options of a choice, so that conditions name real ones.
fn states_of(process: &'static Process) -> &'static [Choice] {
    static STATES: LazyLock<HashMap<&'static str, Vec<Choice>>> = LazyLock::new(|| {
        let of = |p: &Process| p.states.iter().map(|s| Choice { key: s.key, label: s.label }).collect();
        mainstay_processes::ALL.iter().map(|p| (p.key, of(p))).collect()
    });
    STATES.get(process.key).map_or(&[], Vec::as_slice)
}

impl ProcessConfig {
    fn apply(&mut self, process: &'static Process, entry: &Entry) {
        self.enabled = !entry.flag("disabled");
        self.settings_version = entry.version;
        for row in entry.value("policies").as_list() {
            if let (Some(key), Some(value)) = (row.column("policy").as_text(), row.column("value").as_int()) {
                self.policies.insert(key.to_owned(), value);
            }
        }
        for row in entry.value("mandatory").as_list() {
            let Some(key) = row.column("field").as_text() else { continue };
            let own = self.custom.iter().map(|c| c.def).find(|f| f.key == key);
            let Some(field) = process.field(key).or(own) else { continue };
            let state = row.column("state").as_text().and_then(|s| process.state(s)).map(|s| s.key);
            self.mandatory.push(Mandatory { field, state });
        }
    }
}

/// Reads a stored entry.
#[must_use]
pub fn entry_of(row: entries::EntryRow) -> Entry {
    Entry {
        id: row.id,
        key: row.key,
        name: row.name,
        active: row.active,
        organisation: row.organisation,
        version: row.version,
        values: values_of(&row.data),
    }
}

/// Reads the stored values of an entry; what cannot be read is empty.
#[must_use]
pub fn values_of(data: &str) -> Values {
    match serde_json::from_str(data).map(|json| Value::from_plain(&json)) {
        Ok(Value::Row(values)) => values,
        _ => Values::new(),
    }
}

/// The matrix that a version of its entry holds.
#[must_use]
pub fn matrix_of(version: i64, values: &Values) -> Matrix {
    let cells = values.get("cells").map(Value::as_list).unwrap_or_default().iter().filter_map(|row| {
        let key = (row.column("impact").as_text()?.to_owned(), row.column("urgency").as_text()?.to_owned());
        Some((key, row.column("priority").as_int()?))
    });
    Matrix { version, cells: cells.collect() }
}

fn read_all(conn: &mut Conn, register: &str) -> mainstay_store::Result<Vec<Entry>> {
    Ok(entries::all(conn, register)?.into_iter().map(entry_of).collect())
}

fn active(conn: &mut Conn, register: &str) -> mainstay_store::Result<Vec<Entry>> {
    Ok(read_all(conn, register)?.into_iter().filter(|e| e.active).collect())
}
