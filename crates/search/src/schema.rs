//! The fields of the index and how a document fills them.

use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, NumericOptions, Schema, SchemaBuilder, TextFieldIndexing, TextOptions,
};
use tantivy::{IndexSettings, IndexSortByField, Order, TantivyDocument};

use crate::document::Document;
use crate::{number, tokens};

/// Raised whenever documents are turned into words or fields differently, so that indexes built
/// the old way report themselves.
pub(crate) const FORMAT: u32 = 1;

/// Column names, as the column reader wants them.
pub(crate) mod column {
    pub(crate) const ID: &str = "id";
    pub(crate) const OPENED: &str = "opened";
    pub(crate) const STATE: &str = "state";
    pub(crate) const PRIORITY: &str = "priority";
    pub(crate) const TEAM: &str = "team";
    pub(crate) const ORGANISATION: &str = "organisation";
    pub(crate) const NUMBER_HEAD: &str = "number_head";
    pub(crate) const NUMBER_VALUE: &str = "number_value";
}

/// A field of whole words with the field of their beginnings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextField {
    pub(crate) words: Field,
    pub(crate) starts: Field,
}

/// The fields of the index.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    pub(crate) id: Field,
    pub(crate) opened: Field,
    pub(crate) number: Field,
    pub(crate) number_starts: Field,
    pub(crate) number_head: Field,
    pub(crate) number_value: Field,
    pub(crate) title: TextField,
    /// What every reader of the record may read.
    pub(crate) public: TextField,
    /// That and the internal text.
    pub(crate) all: TextField,
    pub(crate) process: Field,
    pub(crate) organisation: Field,
    pub(crate) team: Field,
    pub(crate) requester: Field,
    pub(crate) assignee: Field,
    pub(crate) parties: Field,
    pub(crate) restricted: Field,
    pub(crate) state: Field,
    pub(crate) phase: Field,
    pub(crate) priority: Field,
    pub(crate) service: Field,
    pub(crate) category: Field,
}

/// The schema with its fields.
pub(crate) fn build() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let listed = || NumericOptions::default().set_indexed();
    let fields = Fields {
        id: schema.add_i64_field(column::ID, INDEXED | FAST),
        opened: schema.add_i64_field(column::OPENED, FAST),
        number: schema.add_text_field("number", exact()),
        number_starts: schema.add_text_field("number_starts", starts(tokens::NUMBER_STARTS)),
        number_head: schema.add_text_field(column::NUMBER_HEAD, TextOptions::default().set_fast("raw")),
        number_value: schema.add_u64_field(column::NUMBER_VALUE, FAST),
        title: text(&mut schema, "title", IndexRecordOption::WithFreqs),
        public: text(&mut schema, "public", IndexRecordOption::WithFreqsAndPositions),
        all: text(&mut schema, "all", IndexRecordOption::WithFreqsAndPositions),
        process: schema.add_text_field("process", exact()),
        organisation: schema.add_i64_field(column::ORGANISATION, INDEXED | FAST),
        team: schema.add_i64_field(column::TEAM, INDEXED | FAST),
        requester: schema.add_i64_field("requester", listed()),
        assignee: schema.add_i64_field("assignee", listed()),
        parties: schema.add_i64_field("parties", listed()),
        restricted: schema.add_bool_field("restricted", listed()),
        state: schema.add_text_field(column::STATE, exact().set_fast("raw")),
        phase: schema.add_u64_field("phase", listed()),
        priority: schema.add_u64_field(column::PRIORITY, INDEXED | FAST),
        service: schema.add_i64_field("service", listed()),
        category: schema.add_i64_field("category", listed()),
    };
    (schema.build(), fields)
}

/// Newest first within every segment: the order that every search reads.
pub(crate) fn settings() -> IndexSettings {
    IndexSettings {
        sort_by_field: Some(IndexSortByField { field: column::OPENED.into(), order: Order::Desc }),
        ..IndexSettings::default()
    }
}

fn text(schema: &mut SchemaBuilder, name: &str, record: IndexRecordOption) -> TextField {
    let indexing = TextFieldIndexing::default().set_tokenizer(tokens::WORDS).set_index_option(record);
    let words = TextOptions::default().set_indexing_options(indexing);
    TextField {
        words: schema.add_text_field(name, words),
        starts: schema.add_text_field(&format!("{name}_starts"), starts(tokens::WORD_STARTS)),
    }
}

fn starts(tokenizer: &str) -> TextOptions {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(tokenizer)
        .set_fieldnorms(false)
        .set_index_option(IndexRecordOption::Basic);
    TextOptions::default().set_indexing_options(indexing)
}

fn exact() -> TextOptions {
    starts("raw")
}

impl Fields {
    /// The entry the index stores for a record.
    pub(crate) fn entry(&self, document: &Document) -> TantivyDocument {
        let mut entry = TantivyDocument::new();
        entry.add_i64(self.id, document.id);
        entry.add_i64(self.opened, document.opened);
        self.add_number(&mut entry, &document.number);
        add_text(&mut entry, self.title, &document.title);
        self.add_body(&mut entry, document);
        entry.add_text(self.process, &document.process);
        entry.add_text(self.state, &document.state);
        entry.add_u64(self.phase, document.phase);
        entry.add_bool(self.restricted, document.restricted);
        if let Some(priority) = document.priority {
            entry.add_u64(self.priority, priority);
        }
        let references = [
            (self.organisation, document.organisation),
            (self.team, document.team),
            (self.requester, document.requester),
            (self.assignee, document.assignee),
            (self.service, document.service),
            (self.category, document.category),
        ];
        let parties = document.parties.iter().map(|party| (self.parties, Some(*party)));
        for (field, id) in references.into_iter().chain(parties) {
            if let Some(id) = id {
                entry.add_i64(field, id);
            }
        }
        entry
    }

    fn add_number(&self, entry: &mut TantivyDocument, number: &str) {
        let (head, value) = number::split(number);
        entry.add_text(self.number_head, head);
        if let Some(value) = value {
            entry.add_u64(self.number_value, value);
        }
        for key in number::keys(number) {
            entry.add_text(self.number, &key);
            entry.add_text(self.number_starts, &key);
        }
    }

    fn add_body(&self, entry: &mut TantivyDocument, document: &Document) {
        let fixed = [&document.number, &document.title, &document.text];
        let sections = fixed.into_iter().chain(&document.people).chain([&document.public_comments]);
        for section in sections {
            add_text(entry, self.public, section);
            add_text(entry, self.all, section);
        }
        add_text(entry, self.all, &document.internal_text);
    }
}

fn add_text(entry: &mut TantivyDocument, field: TextField, text: &str) {
    if !text.is_empty() {
        entry.add_text(field.words, text);
        entry.add_text(field.starts, text);
    }
}
