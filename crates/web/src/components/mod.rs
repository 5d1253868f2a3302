//! The parts every page is made of. Each is a function over a plain struct that says what is shown and nothing
//! about where it comes from; text of people is escaped and keeps its own direction.
//!
//! # How to build a page
//!
//! 1. Take the viewer's zone and the present instant (epoch milliseconds) from the request.
//! 2. Fill the structs; every text is a [`Text`], so `"literal".into()` and `format!(…).into()` both do, and
//!    `..Default::default()` leaves out the rest.
//! 3. Put the parts into [`shell`] with [`work`], [`work_list`] or [`pane`], or into [`portal_shell`].
//! 4. Give the result to [`crate::layout::page`], and that to [`crate::layout::respond`].
//!
//! | For | Call |
//! |---|---|
//! | an agent's page | [`shell`]\([`Shell`], [`work`] / [`work_list`] / [`pane`]) |
//! | a portal page | [`portal_shell`], [`hero`], [`starts`], [`section`], [`request_list`], [`service_tiles`], [`news`] |
//! | the head of a list | [`view_head`], [`filter_bar`] |
//! | a queue | [`rows`], [`row_group`], [`ticket_row`] |
//! | a table | [`data_table`], [`matrix`], [`pages`] |
//! | a record | [`record_head`], [`tabs`], [`timeline`], [`composer`]; in the rail [`sla_card`], [`property_list`], [`requester_card`], [`suggestion_card`] |
//! | a state | [`status_pill`], [`status_glyph`], [`priority_words`], [`sla_chip`], [`pill`], [`tag`] |
//! | a form | [`error_summary`] (answer 422), [`field`] for every [`Control`], [`form_foot`], [`update_button`], [`token_field`] |
//! | words about something | [`toast()`], [`banner()`], [`nothing`], [`stepper`], [`progress`] |
//! | choices | [`menu()`], [`popover`], [`dialog`] |
//! | an instant | [`time()`] (how long ago), [`moment`] (day and clock), [`absolute`], [`short_duration`] |
//! | numbers | [`stat_tile`], and [`crate::chart`] |
//!
//! Ids are the caller's: unique on the page and the same on every rendering, because live refreshes match by id.
//! There are no `style` attributes and no inline scripts anywhere; the content security policy refuses both.

mod avatar;
mod composer;
mod form;
mod header;
mod icon;
mod live;
mod menu;
mod notice;
mod portal;
mod properties;
mod qr;
mod row;
mod shell;
mod sla;
mod stat;
mod status;
mod table;
mod time;
mod timeline;

use std::borrow::Cow;

pub use avatar::{Person, Presence, Size, avatar, avatar_named, initials, person, presence, presence_words};
pub use composer::{Composer, WaitingFile, composer};
pub use form::{
    Choice, Control, EachOf, Field, FieldError, Picked, PickerKind, TextKind, Width, add_row, bare_field,
    error_summary, field, form_foot, update_button,
};
pub use header::{
    FilterBar, FilterChip, RecordHead, Tab, ViewHead, button_link, filter_bar, icon_link, record_head, tabs, toggle,
    view_head,
};
pub use icon::{icon, icon_drawn, icon_large, icon_small, icon_turning, mark};
pub use live::{Watching, watching};
pub use menu::{Menu, MenuItem, Trigger, dialog, menu, opener, popover, token_field};
pub use notice::{Banner, Nothing, Step, Toast, Weight, banner, nothing, progress, stepper, tile, toast};
pub use portal::{
    NewsRow, PortalShell, RequestRow, ServiceTile, Start, columns, hero, news, portal_shell, request_list, section,
    service_tiles, starts,
};
pub use properties::{
    Property, Requester, Suggestion, properties_plain, property_list, requester_card, suggestion_card, value_link,
    value_text,
};
pub use qr::qr;
pub use row::{BULK_FORM, TicketRow, dense, row_group, rows, ticket_row};
pub use shell::{NavGroup, NavItem, Pane, Shell, Sign, key_caps, pane, shell, work, work_list};
pub use sla::{Sla, SlaState, Urgency, meter, sla_card, sla_chip, sla_pill};
pub use stat::{Stat, Trend, stat_tile, stats};
pub use status::{
    Glyph, Priority, Status, Tone, count, demo_badge, pill, priority_glyph, priority_words, status_glyph, status_pill,
    status_words, tag,
};
pub use table::{Column, Order, Row, data_table, matrix, pages};
pub use time::{
    absolute, age, age_or_date, ago, calendar_words, clock, date, input_value, is_today, moment, moment_within,
    short_duration, time, when,
};
pub use timeline::{Attachment, Entry, Message, attachments, entry, file_size, timeline};

use shell::bottom_item;

/// Text to be shown: borrowed where the caller keeps it, owned where it was made for the page.
pub type Text<'a> = Cow<'a, str>;
