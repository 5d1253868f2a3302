//! The schemas that follow from the tables: of each process, each step, each register.

use super::parts::{id_schema, nullable, page, path, reference};
use mainstay_desk::config::Config;
use mainstay_desk::records;
use mainstay_engine::field::{Audience, Choice, FieldDef, HIDDEN_LINK, Kind, Writer};
use mainstay_engine::process::{Asks, Process, Relation, Transition};
use mainstay_engine::register::Register;
use mainstay_engine::spine;
use mainstay_engine::value::MOST_TAGS;
use serde_json::{Map, Value as Json, json};

/// Longest text of several lines, in characters.
const LONGEST_TEXT: usize = 65_536;

/// The fields that this installation added to a process, as far as the caller reads them.
pub fn added(config: &Config, process: &'static Process, staff: bool) -> Vec<&'static FieldDef> {
    let custom = config.process(process).custom.iter().map(|custom| custom.def);
    custom.filter(|field| staff || field.audience == Audience::Everyone).collect()
}

fn keys(choices: &[Choice]) -> Json {
    choices.iter().map(|choice| choice.key).collect()
}

/// What a client sends for a field.
fn sent(field: &FieldDef) -> Json {
    match field.kind {
        Kind::Text { max } => json!({ "type": "string", "maxLength": max }),
        Kind::Markdown => json!({ "type": "string", "maxLength": LONGEST_TEXT }),
        Kind::Number { min, max } => json!({ "type": "integer", "format": "int64", "minimum": min, "maximum": max }),
        Kind::Money { currency } => {
            json!({ "type": "integer", "format": "int64", "minimum": 0, "description": format!("Minor units of {currency}") })
        }
        Kind::Duration => json!({ "type": "integer", "format": "int64", "minimum": 0, "description": "Milliseconds" }),
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Date => json!({ "type": "string", "format": "date" }),
        Kind::Instant => json!({ "type": "string", "format": "date-time" }),
        Kind::Choice(choices) => json!({ "type": "string", "enum": keys(choices) }),
        Kind::MultiChoice(choices) => {
            json!({ "type": "array", "maxItems": 100, "items": { "type": "string", "enum": keys(choices) } })
        }
        Kind::Tags => json!({ "type": "array", "maxItems": MOST_TAGS, "items": { "type": "string", "maxLength": 60 } }),
        Kind::Ref(_) => id_schema(),
        Kind::Refs(_) => json!({ "type": "array", "maxItems": 1000, "items": id_schema() }),
        Kind::Link(process) => {
            let of = process.and_then(mainstay_processes::process).map_or("record", |process| process.label);
            let of = of.to_lowercase();
            let says = format!("The number of a {of}; \"{HIDDEN_LINK}\" stands for one that the caller may not see");
            json!({ "type": "string", "maxLength": 40, "description": says })
        }
        Kind::Table(columns) => {
            let properties: Map<String, Json> =
                columns.iter().map(|c| (c.key.to_owned(), described(c, optional(c)))).collect();
            let required: Json = columns.iter().filter(|c| c.required).map(|c| c.key).collect();
            let row = json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false });
            json!({ "type": "array", "maxItems": 1000, "items": row })
        }
    }
}

fn optional(field: &FieldDef) -> Json {
    if field.required { sent(field) } else { nullable(sent(field)) }
}

/// What an answer shows for a field: what there is, however it came in, so without the limits for what is sent.
fn shown(field: &FieldDef) -> Json {
    let schema = match field.kind {
        Kind::Ref(_) => reference("schemas", "Reference"),
        Kind::Refs(_) => json!({ "type": "array", "items": reference("schemas", "Reference") }),
        Kind::Table(columns) => {
            let properties: Map<String, Json> = columns.iter().map(|c| (c.key.to_owned(), shown(c))).collect();
            json!({ "type": "array", "items": { "type": "object", "properties": properties, "additionalProperties": false } })
        }
        Kind::Text { .. } | Kind::Markdown => json!({ "type": "string" }),
        Kind::Number { .. } => json!({ "type": "integer", "format": "int64" }),
        Kind::Tags => json!({ "type": "array", "items": { "type": "string" } }),
        _ => sent(field),
    };
    nullable(schema)
}

/// A schema with the field's label and help, and the register whose entries it names.
fn described(field: &FieldDef, mut schema: Json) -> Json {
    let register = field.register().map(|register| format!("An entry of /{register}."));
    let kind = schema["description"].as_str().map(str::to_owned);
    let label = Some(field.label.to_owned());
    let help = Some(field.help.to_owned()).filter(|help| !help.is_empty());
    let words: Vec<String> =
        [label, help, kind, register].into_iter().flatten().map(|part| part.trim_end_matches('.').to_owned()).collect();
    schema["description"] = format!("{}.", words.join(". ")).into();
    schema
}

fn members<'a>(fields: impl Iterator<Item = &'a FieldDef>, schema: fn(&FieldDef) -> Json) -> Map<String, Json> {
    fields.map(|field| (field.key.to_owned(), described(field, schema(field)))).collect()
}

fn words(most: usize, description: &str) -> Json {
    json!({ "type": "string", "maxLength": most, "description": description })
}

/// Numbers of records.
fn numbers(description: &str) -> Json {
    let number = json!({ "type": "string", "maxLength": 40 });
    json!({ "type": "array", "maxItems": 200, "items": number, "description": description })
}

/// Keys of fields for the fields parameter: the declared ones, or any key that a field added here may have.
pub fn choose_schema(process: &'static Process) -> Json {
    let keys: Vec<&str> = process.fields().map(|f| f.key).collect();
    json!({ "type": "string", "maxLength": 2000, "pattern": "^[a-z][a-z0-9_]*(,[a-z][a-z0-9_]*)*$", "examples": [keys.join(",")] })
}

/// Fields that a list can be sorted by.
pub fn sort_schema(process: &'static Process) -> Json {
    let sortable = process.fields().filter(|f| !matches!(f.kind, Kind::Link(_)));
    let keys: Vec<String> = sortable.flat_map(|f| [f.key.to_owned(), format!("-{}", f.key)]).collect();
    let own = json!({ "type": "string", "pattern": "^-?[a-z][a-z0-9_]{0,60}$", "description": "A field added here." });
    json!({ "anyOf": [{ "type": "string", "enum": keys }, own] })
}

/// Whether a step always asks for words.
pub fn step_needs_words(step: &Transition) -> bool {
    step.asks != Asks::Nothing && step.asks_when.is_none()
}

/// What a row of any process has.
pub fn spine_members() -> Map<String, Json> {
    let mut members = members(spine::ALL.iter(), shown);
    for name in ["state", "state_label"] {
        members.insert(name.into(), json!({ "type": "string" }));
    }
    members.insert("phase".into(), json!({ "type": "string", "enum": ["open", "paused", "done", "closed"] }));
    members.insert("id".into(), id_schema());
    members.insert("version".into(), id_schema());
    members
}

/// The names of a process's schemas, and its parameters.
pub struct Names {
    process: &'static Process,
    base: String,
}

/// `service-levels` and `incident` as the names of types: `ServiceLevels`, `Incident`.
fn type_name(key: &str) -> String {
    let words = key.split(['_', '-']).map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    });
    words.collect()
}

impl Names {
    pub fn of(process: &'static Process) -> Self {
        Self { process, base: type_name(process.key) }
    }

    fn schema(&self, suffix: &str) -> Json {
        reference("schemas", &format!("{}{suffix}", self.base))
    }
    pub fn record(&self) -> Json {
        self.schema("")
    }
    pub fn row(&self) -> Json {
        self.schema("Row")
    }
    pub fn page(&self) -> Json {
        self.schema("Page")
    }
    pub fn create(&self) -> Json {
        self.schema("Create")
    }
    pub fn patch(&self) -> Json {
        self.schema("Patch")
    }
    pub fn bulk(&self) -> Json {
        self.schema("Bulk")
    }
    pub fn new_link(&self) -> Json {
        self.schema("NewLink")
    }
    pub fn step(&self, step: &Transition) -> Json {
        self.schema(&type_name(step.verb))
    }

    /// The number in a path.
    pub fn number(&self) -> Json {
        let (prefix, label) = (self.process.prefix, self.process.label.to_lowercase());
        let schema = json!({ "type": "string", "pattern": format!("^{prefix}-[1-9][0-9]{{0,14}}$"), "examples": [format!("{prefix}-1")] });
        path("number", &format!("The number of the {label}."), &schema)
    }

    /// The key of a relation.
    pub fn relation(&self) -> Json {
        if self.process.map.is_some() {
            // The organisation declares others.
            return json!({ "type": "string", "pattern": "^[a-z][a-z0-9_]{0,59}$" });
        }
        let keys: Vec<&str> = self.process.relations.iter().map(|r: &Relation| r.key).collect();
        json!({ "type": "string", "enum": keys })
    }

    /// Every schema of the process, `added` among its fields.
    pub fn schemas(&self, added: &[&'static FieldDef]) -> Map<String, Json> {
        let fields = || self.process.fields().chain(added.iter().copied());
        let mut all = Map::new();
        let mut put = |suffix: &str, schema: Json| {
            all.insert(format!("{}{suffix}", self.base), schema);
        };
        put("", self.record_schema(fields()));
        put("Row", self.row_schema(fields()));
        let mut page = page(&self.schema("Row"));
        page["properties"]["count"] = json!({ "type": "integer", "minimum": 0, "description": "Only when asked for; 1,000 stands for that many or more." });
        put("Page", page);
        put("Create", create_schema(fields(), from_schema(self.process), waits_schema(self.process)));
        put("Patch", patch_schema(fields()));
        put("Bulk", self.bulk_schema());
        put("NewLink", self.link_schema());
        for step in self.process.transitions {
            put(&type_name(step.verb), step_schema(step));
        }
        all
    }

    fn state_members(&self, members: &mut Map<String, Json>) {
        let states: Vec<&str> = self.process.states.iter().map(|s| s.key).collect();
        members.insert("state".into(), json!({ "type": "string", "enum": states }));
        members.insert("state_label".into(), json!({ "type": "string" }));
        members.insert("phase".into(), json!({ "type": "string", "enum": ["open", "paused", "done", "closed"] }));
    }

    fn record_schema<'a>(&self, fields: impl Iterator<Item = &'a FieldDef>) -> Json {
        let mut members = members(fields, shown);
        self.state_members(&mut members);
        let mut put = |name: &str, schema: Json| {
            members.insert(name.to_owned(), schema);
        };
        put("id", id_schema());
        put("process", json!({ "const": self.process.key }));
        put("version", id_schema());
        put("plain", json!({ "type": "string", "description": "The state in everyday words." }));
        put("next", json!({ "type": "string", "description": "What happens next, in everyday words." }));
        put("own", json!({ "type": "boolean", "description": "The caller is one of the people whose matter it is." }));
        put("can", reference("schemas", "Can"));
        put(
            "actions",
            json!({ "type": "array", "items": reference("schemas", "Action"), "description": "The steps open to the caller now." }),
        );
        put("clocks", json!({ "type": "array", "items": reference("schemas", "Clock") }));
        put("made", json!({ "type": "string", "description": "Number of the record that the step made." }));
        let event = "The event of the change just made, by which it can be taken back.";
        put("event", json!({ "type": "integer", "format": "int64", "description": event }));
        let required = [
            "id",
            "process",
            "version",
            "number",
            "title",
            "state",
            "state_label",
            "phase",
            "plain",
            "next",
            "own",
            "can",
            "actions",
        ];
        json!({
            "type": "object", "required": required, "properties": members,
            "description": "Internal fields are absent for those who may not read them. Further members are fields that the organisation added.",
        })
    }

    fn row_schema<'a>(&self, fields: impl Iterator<Item = &'a FieldDef>) -> Json {
        let mut members = members(fields, shown);
        self.state_members(&mut members);
        members.insert("id".into(), id_schema());
        members.insert("version".into(), id_schema());
        json!({ "type": "object", "required": ["number", "version"], "properties": members })
    }

    fn bulk_schema(&self) -> Json {
        let steps = self.process.transitions.iter().map(|step| step.verb);
        let verbs: Vec<&str> = records::BESIDE_STEPS.into_iter().chain(steps).collect();
        json!({
            "type": "object", "required": ["verb", "numbers"], "additionalProperties": false,
            "properties": {
                "verb": { "type": "string", "enum": verbs, "description": "A step, or update for an edit of fields, tag to add to lists of tags, watch, link, reply to answer the requesters, macro to apply one." },
                "numbers": { "type": "array", "minItems": 1, "maxItems": 200, "items": { "type": "string", "maxLength": 40 } },
                "values": { "type": "object", "description": "Fields as the step or the edit takes them." },
                "reason": words(LONGEST_TEXT, "Kept in the history."),
                "comment": words(LONGEST_TEXT, "Public words for the requester."),
                "held": { "type": "boolean", "description": "Words to the requester leave some seconds later; until then undo takes them back." },
                "macro": id_schema(),
                "relation": self.relation(),
                "link": words(40, "The number of the record that each is linked to."),
                "dry_run": { "type": "boolean", "description": "Says what would become of each record, and changes nothing." },
            },
        })
    }

    fn link_schema(&self) -> Json {
        json!({
            "type": "object", "required": ["relation"], "additionalProperties": false,
            "properties": {
                "relation": self.relation(),
                "to": words(40, "The number of the other record."),
                "reference": words(200, "A reference in another system, instead of to."),
            },
            "oneOf": [{ "required": ["to"] }, { "required": ["reference"] }],
        })
    }
}

/// The records that a new one of a process is opened from.
fn from_schema(process: &'static Process) -> Option<Json> {
    let of = process.opened_from.iter().filter_map(|way| mainstay_processes::process(way.process));
    let of: Vec<String> = of.map(|process| process.label_plural.to_lowercase()).collect();
    (!of.is_empty()).then(|| {
        let says = "from which it is opened: it takes over what they say, and they are linked to it.";
        numbers(&format!("The numbers of {} {says}", of.join(" or ")))
    })
}

/// Those of them that wait for it.
fn waits_schema(process: &'static Process) -> Option<Json> {
    let waiting = process.opened_from.iter().any(|way| way.waits.is_some());
    waiting.then(|| numbers("The numbers of those in from that wait for it from now on; the others stay as they are."))
}

fn create_schema<'a>(fields: impl Iterator<Item = &'a FieldDef>, from: Option<Json>, waits: Option<Json>) -> Json {
    let settable = |f: &&FieldDef| matches!(f.writer, Writer::Anyone | Writer::Opener | Writer::Staff);
    let fields: Vec<&FieldDef> = fields.filter(settable).collect();
    let required: Json = fields.iter().filter(|f| f.required).map(|f| f.key).collect();
    let mut members = members(fields.into_iter(), optional);
    let Some(from) = from else {
        return json!({ "type": "object", "required": required, "properties": members, "additionalProperties": false });
    };
    members.insert("from".into(), from);
    members.extend(waits.map(|waits| ("waits".to_owned(), waits)));
    let enough = json!([{ "required": required }, { "required": ["from"] }]);
    json!({ "type": "object", "anyOf": enough, "properties": members, "additionalProperties": false })
}

fn patch_schema<'a>(fields: impl Iterator<Item = &'a FieldDef>) -> Json {
    let settable = |f: &&FieldDef| matches!(f.writer, Writer::Anyone | Writer::Staff);
    let mut members = members(fields.filter(settable), optional);
    members.insert("reason".into(), words(LONGEST_TEXT, "Kept in the history."));
    json!({ "type": "object", "properties": members, "additionalProperties": false })
}

fn step_schema(step: &Transition) -> Json {
    let mut members = members(step.needs.iter().chain(step.takes), |field| nullable(sent(field)));
    members.insert("reason".into(), words(LONGEST_TEXT, "Kept in the history."));
    members.insert("comment".into(), words(LONGEST_TEXT, "Public words for the requester that go with the step."));
    if step.links.is_some() {
        members.insert("link".into(), words(40, "The number of the record that the step links to."));
    }
    if records::by_choice(step).is_some() {
        members.insert("followers".into(), numbers("The numbers of the records that take a step with this one."));
    }
    let required: &[&str] = match step.asks {
        Asks::Reason if step_needs_words(step) => &["reason"],
        Asks::Comment if step_needs_words(step) => &["comment"],
        _ => &[],
    };
    let needs: Vec<&str> = step.needs.iter().map(|f| f.key).collect();
    let says = if needs.is_empty() {
        String::new()
    } else {
        format!("Needed unless the record has them already: {}.", needs.join(", "))
    };
    let mut schema =
        json!({ "type": "object", "required": required, "properties": members, "additionalProperties": false });
    if !says.is_empty() {
        schema["description"] = says.into();
    }
    schema
}

/// The names of a register's schemas.
pub struct Entries {
    register: &'static Register,
    base: String,
}

impl Entries {
    pub fn of(register: &'static Register) -> Self {
        Self { register, base: format!("{}Entry", type_name(register.key)) }
    }

    fn schema(&self, suffix: &str) -> Json {
        reference("schemas", &format!("{}{suffix}", self.base))
    }
    pub fn entry(&self) -> Json {
        self.schema("")
    }
    pub fn page(&self) -> Json {
        self.schema("Page")
    }
    pub fn create(&self) -> Json {
        self.schema("Create")
    }
    pub fn patch(&self) -> Json {
        self.schema("Patch")
    }

    /// Every schema of the register.
    pub fn schemas(&self) -> Map<String, Json> {
        let mut shown_members = members(self.register.fields.iter(), shown);
        for (name, schema) in [("id", id_schema()), ("version", id_schema()), ("active", json!({ "type": "boolean" }))]
        {
            shown_members.insert(name.into(), schema);
        }
        shown_members
            .insert("key".into(), json!({ "type": "string", "description": "A short name that never changes." }));
        shown_members.insert("name".into(), json!({ "type": "string" }));
        let entry = json!({
            "type": "object", "required": ["id", "key", "name", "active", "version"], "properties": shown_members,
            "additionalProperties": false, "description": self.register.help,
        });
        let sent = self.register.fields.iter().filter(|field| field.writer != Writer::Engine);
        let mut sent_members = members(sent, optional);
        sent_members.insert("name".into(), json!({ "type": "string", "minLength": 1, "maxLength": 255 }));
        sent_members.insert("active".into(), json!({ "type": "boolean", "description": "False: no longer in use." }));
        sent_members.insert("external_key".into(), words(255, "Its key in the system it comes from."));
        sent_members.insert("reason".into(), words(1000, "Kept in the history."));
        let needed = self.register.fields.iter().filter(|f| f.required && f.kind != Kind::Bool).map(|f| f.key);
        let required: Vec<&str> = std::iter::once("name").chain(needed).collect();
        let create = json!({ "type": "object", "required": required, "properties": sent_members, "additionalProperties": false });
        let patch = json!({ "type": "object", "properties": sent_members, "additionalProperties": false });
        let page = page(&self.entry());
        [("", entry), ("Page", page), ("Create", create), ("Patch", patch)]
            .into_iter()
            .map(|(suffix, schema)| (format!("{}{suffix}", self.base), schema))
            .collect()
    }
}
