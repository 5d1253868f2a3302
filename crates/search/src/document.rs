//! What the index knows of one record.

/// What stands in the place of the phase of an archived record.
pub const ARCHIVE: u64 = 4;

/// One record as the index sees it, already stripped of markup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The record's id; putting a document with the same id replaces the earlier one.
    pub id: i64,
    /// The number people quote, such as `INC-4821`.
    pub number: String,
    /// The key of the process the record belongs to.
    pub process: String,
    /// The title, which weighs most in the ranking and feeds completion.
    pub title: String,
    /// Every field that each reader of the record may see, as plain text.
    pub text: String,
    /// The names of the people on the record.
    pub people: Vec<String>,
    /// Comments that the requester may read.
    pub public_comments: String,
    /// Internal comments and internal fields: searched for holders of internal rights only.
    pub internal_text: String,
    /// The organisation the record belongs to.
    pub organisation: Option<i64>,
    /// The team in charge.
    pub team: Option<i64>,
    /// The person the record is for.
    pub requester: Option<i64>,
    /// The person in charge.
    pub assignee: Option<i64>,
    /// Everybody and every group who may read the record because they are named on it.
    pub parties: Vec<i64>,
    /// Hidden from staff without restricted rights who do not work on it.
    pub restricted: bool,
    /// The key of the state.
    pub state: String,
    /// The phase's place in the life of a record, or [`ARCHIVE`].
    pub phase: u64,
    /// The priority, 1 the most urgent.
    pub priority: Option<u64>,
    /// The affected service.
    pub service: Option<i64>,
    /// The category.
    pub category: Option<i64>,
    /// When the record was opened, in epoch milliseconds UTC; "newest" means this.
    pub opened: i64,
}

/// One step of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Adds the record, or replaces what the index held of it.
    Put(Box<Document>),
    /// Forgets the record with this id.
    Remove(i64),
}
