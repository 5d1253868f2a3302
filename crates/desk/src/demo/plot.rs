//! The plot: what everybody does at which instant, worked out from a seed before anything happens.

use super::chance::Chance;
use super::hours::Hours;
use crate::caller::Channel;
use serde_json::{Map, Value as Json};

const MINUTE: i64 = 60_000;

/// A file that reporters attach: its name and its text.
pub const LOG: (&str, &str) =
    ("client.log", "09:02:11 connected\n09:21:48 lost carrier\n09:21:50 connecting\n09:21:57 connected\n");

/// What somebody does. References in values are written `@register/key`.
#[derive(Clone, Debug)]
pub enum Step {
    Open {
        values: Json,
    },
    /// Opens a record of another process, from the records of these stories.
    OpenFrom {
        process: &'static str,
        from: Vec<usize>,
        values: Json,
    },
    /// Goes on with the record that was opened for the one of this story.
    OpenedFor {
        story: usize,
        relation: &'static str,
    },
    /// Sets fields.
    Amend {
        values: Json,
    },
    Act {
        verb: &'static str,
        values: Json,
        reason: Option<String>,
        comment: Option<String>,
        link: Option<usize>,
    },
    Say {
        body: String,
        internal: bool,
    },
    Link {
        relation: &'static str,
        to: usize,
    },
    /// Says which item of the estate it is about, by its key there.
    Affect {
        item: &'static str,
    },
    Watch,
    AddTask {
        title: String,
        team: &'static str,
        minutes: i64,
    },
    FinishTask,
    /// Every open task of the record.
    FinishTasks,
    /// Gives every approval that is asked for.
    Approve,
    /// Says why each conflict of its planned time may be.
    Accept {
        reason: &'static str,
    },
    /// The log file that [`LOG`] holds.
    AttachLog,
    /// Says how it went, when asked.
    Judge {
        score: i64,
    },
}

/// One thing that happens.
#[derive(Clone, Debug)]
pub struct Beat {
    /// Epoch milliseconds UTC.
    pub at: i64,
    /// Number of the story it belongs to, counted from 0.
    pub story: usize,
    /// Key of the person who does it.
    pub who: &'static str,
    pub channel: Channel,
    pub step: Step,
}

/// A step of the process, without anything that goes with it.
pub fn act(verb: &'static str, values: Json) -> Step {
    Step::Act { verb, values, reason: None, comment: None, link: None }
}

/// Public words.
pub fn say(body: &str) -> Step {
    Step::Say { body: body.to_owned(), internal: false }
}

/// Words among staff.
pub fn note(body: &str) -> Step {
    Step::Say { body: body.to_owned(), internal: true }
}

/// An empty set of values.
pub fn nothing() -> Json {
    Json::Object(Map::new())
}

/// Tells one story beat by beat.
pub struct Teller<'a> {
    pub chance: &'a mut Chance,
    beats: &'a mut Vec<Beat>,
    story: usize,
    at: i64,
    /// None: around the clock.
    hours: Option<Hours>,
}

impl<'a> Teller<'a> {
    pub fn new(chance: &'a mut Chance, beats: &'a mut Vec<Beat>, story: usize, at: i64, hours: Option<Hours>) -> Self {
        Self { chance, beats, story, at, hours }
    }

    /// The instant of the last beat.
    pub fn at(&self) -> i64 {
        self.at
    }

    /// Lets some minutes pass, and the night when nobody works at night.
    pub fn wait(&mut self, least: i64, most: i64) {
        let minutes = self.chance.between(least, most);
        let seconds = self.chance.between(0, 59);
        self.at += minutes * MINUTE + seconds * 1000;
        if let Some(hours) = &self.hours {
            let opening = hours.next(self.at);
            if opening > self.at {
                self.at = opening + self.chance.between(0, 75) * MINUTE;
            }
        }
    }

    /// Somebody does something now.
    pub fn now(&mut self, who: &'static str, channel: Channel, step: Step) {
        self.beats.push(Beat { at: self.at, story: self.story, who, channel, step });
    }

    /// Somebody does something two minutes later, and nothing else waits for it.
    pub fn shortly(&mut self, who: &'static str, channel: Channel, step: Step) {
        self.beats.push(Beat { at: self.at + 2 * MINUTE, story: self.story, who, channel, step });
    }

    /// Somebody does something after some minutes.
    pub fn then(&mut self, minutes: (i64, i64), who: &'static str, channel: Channel, step: Step) {
        self.wait(minutes.0, minutes.1);
        self.now(who, channel, step);
    }
}

/// An instant as the API writes it.
pub fn instant(at: i64) -> Json {
    jiff::Timestamp::from_millisecond(at).map_or(Json::Null, |t| Json::from(t.to_string()))
}
