//! What happened on a record, in order.

use jiff::tz::TimeZone;
use mainstay_markup::html;
use mainstay_words::{t, tc, tf, tn};
use maud::Markup;

use super::{Person, Size, Text, Tone, avatar, clock, icon, icon_large, icon_link, icon_small, moment};

/// Something on the timeline.
#[derive(Clone, Debug)]
pub enum Entry<'a> {
    /// Words of a person, to the requester or among colleagues.
    Message(Message<'a>),
    /// One line about a change.
    Event {
        /// Id of the entry, unique on the page.
        id: Text<'a>,
        /// Icon before the line.
        icon: &'a str,
        /// The line; `<b>` marks what changed.
        line: Markup,
        /// When.
        at: i64,
    },
    /// Above what the viewer has not seen.
    Unread(usize),
    /// A report of the system that needs more than a line.
    System {
        /// Id of the entry, unique on the page.
        id: Text<'a>,
        /// Icon of the card.
        icon: &'a str,
        /// Colour of the icon's tile.
        tone: Tone,
        /// Heading.
        title: Text<'a>,
        /// What it says.
        body: Markup,
        /// When.
        at: i64,
    },
}

/// Words of a person.
#[derive(Clone, Debug)]
pub struct Message<'a> {
    /// Id of the message, unique on the page.
    pub id: Text<'a>,
    /// Who wrote it.
    pub author: Person<'a>,
    /// How it came or went, as "Portal".
    pub via: Option<Text<'a>>,
    /// When.
    pub at: i64,
    /// Only colleagues can read it.
    pub internal: bool,
    /// Rendered and cleaned by [`crate::markdown::render`].
    pub body: Markup,
    /// Files that came with it.
    pub attachments: Vec<Attachment<'a>>,
    /// Where it becomes a record of its own.
    pub split: Option<Text<'a>>,
}

/// A file on a record.
#[derive(Clone, Debug, Default)]
pub struct Attachment<'a> {
    /// Name of the file.
    pub name: Text<'a>,
    /// Size in bytes.
    pub size: u64,
    /// Where it is downloaded; none while it is held back.
    pub href: Option<Text<'a>>,
    /// Why it is held back, or another remark.
    pub remark: Option<Text<'a>>,
    /// Whether it is a picture.
    pub picture: bool,
}

/// The timeline as the scrolling middle of a record.
#[must_use]
pub fn timeline(entries: &[Entry], zone: &TimeZone, now: i64) -> Markup {
    html! {
        div #timeline .timeline tabindex="0" role="region" aria-label="Activity" {
            @for each in entries { (entry(each, zone, now)) }
        }
    }
}

/// One entry, as a live update adds it.
#[must_use]
pub fn entry(entry: &Entry, zone: &TimeZone, now: i64) -> Markup {
    html! {
        @match entry {
            Entry::Message(each) => (message(each, zone, now)),
            Entry::Event { id, icon: name, line, at } => {
                div.event id=(id) { (icon_small(name)) span { (line) " · " (moment_of_event(*at, zone, now)) } }
            }
            Entry::Unread(new) => { div #unread .unread-line { span { (tn(*new, "{n} new", "{n} new")) } } }
            Entry::System { id, icon: name, tone, title, body, at } => {
                article.system-card id=(id) {
                    span.tile.(tone.fill()) { (icon_large(name)) }
                    div.grow { h3 { (t(title)) } div { (body) } span.quiet { (moment(*at, zone, now)) } }
                }
            }
        }
    }
}

fn moment_of_event(at: i64, zone: &TimeZone, now: i64) -> Markup {
    if super::is_today(at, zone, now) {
        return html! { time title=(super::absolute(at, zone)) { (clock(at, zone)) } };
    }
    moment(at, zone, now)
}

fn message(message: &Message, zone: &TimeZone, now: i64) -> Markup {
    html! {
        article.message id=(message.id) {
            (avatar(&message.author, Size::Medium))
            div.note[message.internal] {
                div.message-head {
                    bdi.name { (message.author.name) }
                    @if message.internal { span.pill.tone-amber { (icon("lock")) "Internal" } }
                    @if let Some(via) = &message.via { span.via { (t(via)) } }
                    (moment(message.at, zone, now))
                    @if let Some(href) = &message.split { (icon_link(href, "split", "Split off into a new record")) }
                }
                div.prose dir="auto" { (message.body) }
                @if !message.attachments.is_empty() { (attachments(&message.attachments)) }
            }
        }
    }
}

/// Files as tiles.
#[must_use]
pub fn attachments(files: &[Attachment]) -> Markup {
    html! { ul.attachments { @for file in files { li { (attachment(file)) } } } }
}

fn attachment(file: &Attachment) -> Markup {
    let inner = html! {
        span.attachment-thumb { @if file.href.is_none() { (icon("shield-alert")) } @else if file.picture { (icon("image")) } @else { (icon("file-text")) } }
        span.grow {
            bdi.attachment-name.clip { (file.name) }
            span.quiet { bdi { (file_size(file.size)) } @if let Some(remark) = &file.remark { " · " (t(remark)) } }
        }
    };
    html! {
        @match &file.href {
            Some(href) => { a.attachment href=(href) download data-turbo="false" { (inner) } }
            None => { span.attachment.attachment-blocked { (inner) } }
        }
    }
}

/// A size in the largest unit that keeps it above one: `412 KB`, `1.4 MB`.
#[must_use]
pub fn file_size(bytes: u64) -> String {
    match bytes {
        0..1_000 => tf("{n} B", &[("n", &bytes)]),
        1_000..1_000_000 => tf("{n} KB", &[("n", &(bytes / 1_000))]),
        _ => {
            let megabytes = format!("{}{}{}", bytes / 1_000_000, tc("number", "."), bytes / 100_000 % 10);
            tf("{n} MB", &[("n", &megabytes)])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(internal: bool) -> Message<'static> {
        Message {
            id: "m7".into(),
            author: Person { name: "Mei <Chen>".into(), hue: 1 },
            via: None,
            at: 0,
            internal,
            body: html! { p { "Same scope" } },
            attachments: vec![],
            split: None,
        }
    }

    #[test]
    fn an_internal_note_says_so_in_words_and_a_reply_does_not() {
        let note = entry(&Entry::Message(words(true)), &TimeZone::UTC, 0).into_string();
        assert!(note.contains("Internal") && note.contains("class=\"note\"") && note.contains("#lock"), "{note}");
        let reply = entry(&Entry::Message(words(false)), &TimeZone::UTC, 0).into_string();
        assert!(!reply.contains("Internal") && !reply.contains("note"), "{reply}");
        assert!(reply.contains("Mei &lt;Chen&gt;") && reply.contains("id=\"m7\""));
    }

    #[test]
    fn a_file_that_is_held_back_has_no_link() {
        let held = Attachment {
            name: "x.exe".into(),
            remark: Some("Held back: not scanned yet".into()),
            ..Attachment::default()
        };
        let text = attachments(&[held]).into_string();
        assert!(!text.contains("<a ") && text.contains("not scanned yet"), "{text}");
    }

    #[test]
    fn sizes_are_rounded_down_to_a_unit() {
        for (bytes, text) in [(0, "0 B"), (999, "999 B"), (412_345, "412 KB"), (1_460_000, "1.4 MB")] {
            assert_eq!(file_size(bytes), text);
        }
    }
}
