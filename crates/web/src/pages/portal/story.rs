//! What happened on a request, as its requester may read it: words of people, and where it stood when.

use std::collections::HashMap;

use mainstay_desk::records::Targets;
use mainstay_engine::process::{Phase, Process, Who};
use mainstay_markup::html;
use mainstay_store::EventRow;
use mainstay_store::hangings::CommentRow;
use mainstay_words::{t, tf};

use crate::components::{Entry, Message, Person};
use crate::markdown;

/// The event of the beginning.
const OPENED: &str = "opened";

/// The public course of a record, oldest first.
pub struct Story {
    pub comments: Vec<CommentRow>,
    pub events: Vec<EventRow>,
    /// Names of everybody in it.
    pub names: HashMap<i64, String>,
    /// Titles of the records that the words name, as far as the reader may see them.
    pub targets: Targets,
}

impl Story {
    /// Comments and changes of state in one line of time. `me` is told of in the second person.
    pub fn entries(&self, process: &'static Process, me: i64) -> Vec<Entry<'_>> {
        let words = self.comments.iter().map(|comment| (comment.at, self.message(comment)));
        let turns = self.events.iter().filter_map(|event| Some((event.at, self.turn(process, event, me)?)));
        let mut all: Vec<(i64, Entry<'_>)> = turns.chain(words).collect();
        all.sort_by_key(|(at, _)| *at);
        all.into_iter().map(|(_, entry)| entry).collect()
    }

    fn place(&self, number: &str) -> Option<(String, &str)> {
        self.targets.get(number).map(|title| (format!("/portal/requests/{number}"), title.as_str()))
    }

    fn message(&self, comment: &CommentRow) -> Entry<'_> {
        let author = match comment.author {
            Some(id) => Person { name: self.name(id).into(), hue: Person::hue_of(id) },
            None => Person { name: "Automatic".into(), ..Person::default() },
        };
        Entry::Message(Message {
            id: format!("comment-{}", comment.id).into(),
            author,
            via: None,
            at: comment.at,
            internal: false,
            body: markdown::render_linked(&comment.body, &|number| self.place(number)),
            attachments: Vec::new(),
            split: None,
        })
    }

    /// A step that led to another state, in the words of that state.
    fn turn(&self, process: &'static Process, event: &EventRow, me: i64) -> Option<Entry<'_>> {
        let (icon, line) = if event.verb == OPENED {
            let words = match event.actor {
                Some(id) if id == me => t("You sent it to us").to_owned(),
                Some(id) => tf("{name} sent it to us", &[("name", &self.name(id))]),
                None => t("It came to us by itself").to_owned(),
            };
            ("plus", html! { span dir="auto" { (words) } })
        } else {
            let step = process.transition(&event.verb)?;
            let reason = event.reason.as_deref().filter(|reason| !reason.trim().is_empty());
            // Why staff did something is theirs; why the requester did is for everybody.
            let reason = reason.filter(|_| step.who.has(Who::REQUESTER));
            let (icon, words) = match (step.to, reason) {
                (Some(state), _) => (sign(state.phase, state.void), state.plain),
                (None, Some(_)) => ("info", step.plain),
                (None, None) => return None,
            };
            let line = html! { b { (t(words)) } @if let Some(reason) = reason { ": " span dir="auto" { (reason) } } };
            (icon, line)
        };
        Some(Entry::Event { id: format!("event-{}", event.id).into(), icon, line, at: event.at })
    }

    fn name(&self, id: i64) -> &str {
        self.names.get(&id).map_or(t("Somebody"), String::as_str)
    }
}

fn sign(phase: Phase, void: bool) -> &'static str {
    match phase {
        _ if void => "ban",
        Phase::Open => "play",
        Phase::Paused => "pause",
        Phase::Done => "check",
        Phase::Closed => "circle-check",
    }
}
