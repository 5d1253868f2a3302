//! Commands and queries on records of any process.

mod allowed;
mod apart;
mod apply;
mod approvals;
mod bulk;
mod by_rule;
pub mod candidates;
mod change;
mod clocks;
mod comments;
mod cost;
mod drafts;
mod filling;
mod following;
mod gate;
mod hang;
mod held;
mod input;
mod lapses;
mod list;
mod mentions;
mod open;
mod origins;
mod outlook;
mod past;
mod pointing;
mod ready;
mod recurrence;
mod references;
mod risk;
mod rows;
mod similar;
mod split;
mod survey;
mod suspects;
mod tasks;
mod timers;
mod undo;
mod view;
mod what_if;
mod work_time;

pub use allowed::not_closed;
pub use apply::hidden;
pub use approvals::{
    Part, Round, Standing, Voice, Waiting as WaitingApproval, answer, approvals, asked_of, ever_asked, waiting,
};
pub use bulk::{
    BESIDE_STEPS, Bulk, BulkDone, BulkItem, BulkRow, BulkRun, Done, MOST as MOST_IN_BULK, bulk, bulk_run, undo_bulk,
};
pub use by_rule::is_ruled;
pub use change::{Act, Acted, Amend, act, amend};
pub use clocks::{ClockView, Exclusion, excludable, exclude, may_exclude};
pub use comments::{NewComment, comment, comments, foresee_course};
pub use cost::{Cost, DownOf, WorkOn, cost};
pub use drafts::{
    Draft, Waiting, Words, draft, drop_waiting_file, forget_draft, keep_draft, keep_waiting_file, waiting_files,
};
pub use filling::HANDED;
pub use following::by_choice;
pub use gate::{Gate, gate};
pub use hang::{
    LinkView, NewAttachment, attach, attachment, attachments, changed_after, history, link, link_external, links,
    unlink, unwatch, watch, watchers,
};
pub use held::{Withdrawn, attach_held, hold_with, withdraw};
pub use lapses::{Lapsing, lapses, lapses_of};
pub use list::{Listing, Page, Row, badge, count, facet, foresee_count, list, list_among, shown_row};
pub use mentions::{Mentioned, mentionable, mentioned};
pub use open::{Opening, may_open, open};
pub use origins::{Origins, begotten, origins};
pub use outlook::{Outlook, outlook, why_not};
pub use past::{Past, PastLink, past};
pub use pointing::Targets;
pub use ready::{Applied, Given, Macro, Template, apply_macro, macros, macros_of, templates};
pub use recurrence::RECURRENCE;
pub use references::{numbers, referenced};
pub use risk::{
    Answer as RiskAnswer, Because, Question as RiskQuestion, REASSESSED, answer_to, asked as risk_asked, because,
};
pub use rows::{find, find_by_id, spines, stored, table};
pub use similar::{Similar, SimilarRecords, like, similar};
pub use split::{Split, came_with, split, splittable};
pub use suspects::{Suspect, Suspects, has_suspects, suspects, suspects_of};
pub use tasks::{TaskChange, TaskDraft, add_task, change_task, tasks};
pub use timers::fire_due;
pub use undo::{UNDONE, undo, undo_together};
pub use view::{Can, View, get, names_of, option_words, visible_fields};

pub(crate) use allowed::may;
pub(crate) use apply::{CLOCK, append, gather, logged_fields, write_change};
pub(crate) use approvals::{
    HAPPENINGS as APPROVAL_HAPPENINGS, asked_beside, forget_word, holds as holds_role, share_with_deputy,
    stays_as_approved,
};
pub(crate) use clocks::{Lived, Move, WARN_AT, clock_of, keep as keep_clocks, level_among, lived, terms_of};
pub(crate) use comments::{checked_body, minute};
pub(crate) use lapses::{begin as begin_lapses, today};
pub(crate) use list::{condition as read_condition, first, may_list, meeting, readable, these};
pub(crate) use past::{LinkThen, links_before, was_there};
pub(crate) use pointing::{check as check_links, hide_in_events, of_visible};
pub(crate) use risk::of_entry as risk_follows;
pub(crate) use rows::{by_id, column, insert, value_of, whole_of};
pub(crate) use survey::{FOLLOW_UP, SURVEYED};
pub(crate) use timers::enter as enter_state;
pub use what_if::{Line, Outcome, Supposed, Tally, Turned, what_if};
pub use work_time::{NewTime, TimeChange, add_time, change_time, remove_time, times};
