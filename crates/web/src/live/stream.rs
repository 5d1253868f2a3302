//! One stream: it waits for news, asks with the rights of its session what they mean, and says so.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mainstay_desk::boards;
use mainstay_desk::live::{self, Glance, News};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_store::{Dialect, entries, notices};
use mainstay_words::{spoken, within};
use serde_json::{Value as Json, json};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep_until};

use super::topics::{Of, Topics};
use super::{Doing, Place, Stay};
use crate::components::{Person, presence, presence_words};
use crate::failure::Failure;
use crate::pages::frame::Frame;
use crate::pages::queue::{Asked, List};
use crate::session::Visit;
use crate::web::Web;

/// A sign of life, for proxies that cut what is silent; the session is looked at again with it.
const BEAT: Duration = Duration::from_secs(15);
/// However much happens, a stream looks at most this often.
const PAUSE: Duration = Duration::from_millis(700);
/// Where transactions commit in another order than they draw numbers, what a page knows may lack some of the last.
const IN_FLIGHT: i64 = 100;
/// Parts of the log read to catch up; whoever was away longer looks at everything.
const MOST_PARTS: usize = 3;
/// The number of notices ends here.
const MOST_NOTICES: i64 = 99;

/// Opens a stream for somebody who is signed in.
///
/// # Errors
/// The node has too many.
pub fn open(web: &Web, visit: Visit, topics: Topics) -> Result<Response, Failure> {
    let Some(place) = web.live().admit(web.desk(), &visit.live.digest) else { return Err(Failure::Unavailable) };
    let stream = Stream::new(web.clone(), visit, topics, place);
    // What a stream says later, it says in the language that its page has now.
    let language = spoken();
    // Nor may a look of a stream take longer than a page.
    let longest = mainstay_store::longest();
    let parts = futures_util::stream::unfold(stream, move |mut stream| async move {
        let next = within(language, stream.next());
        let text = match longest {
            Some(longest) => mainstay_store::limited(longest, next).await,
            None => next.await,
        }?;
        Some((Ok::<_, Infallible>(text), stream))
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((StatusCode::OK, headers, Body::from_stream(parts)).into_response())
}

/// What has to be looked at again.
#[derive(Clone, Debug, Default)]
struct Due {
    /// Records by their place among the topics.
    records: BTreeSet<usize>,
    /// Records whose people changed.
    people: BTreeSet<usize>,
    /// Lists by their place among the topics.
    lists: BTreeSet<usize>,
    counts: bool,
    notices: bool,
    /// Whether the session still is one.
    session: bool,
}

impl Due {
    fn any(&self) -> bool {
        let few = !self.records.is_empty() || !self.people.is_empty() || !self.lists.is_empty();
        few || self.counts || self.notices || self.session
    }
}

/// People on a record as another node or this one knows them.
type People = Vec<(i64, Doing)>;

struct Stream {
    web: Web,
    visit: Visit,
    topics: Topics,
    place: Place,
    there: Receiver<i64>,
    out: VecDeque<String>,
    /// What is known of the records, and how one stays on them.
    known: Vec<Option<Glance>>,
    stays: Vec<Option<Stay>>,
    told: BTreeMap<String, String>,
    due: Due,
    caught_up: bool,
    /// The newest event heard of.
    heard: i64,
    rested: Instant,
    beat: Instant,
    over: bool,
}

impl Stream {
    fn new(web: Web, visit: Visit, topics: Topics, place: Place) -> Self {
        let (records, now) = (topics.records.len(), Instant::now());
        let due = Due { records: (0..records).collect(), people: (0..records).collect(), ..Due::default() };
        Self {
            there: web.live().presence.changes(),
            out: VecDeque::from(["retry: 2000\n\n".to_owned()]),
            known: vec![None; records],
            stays: std::iter::repeat_with(|| None).take(records).collect(),
            told: BTreeMap::new(),
            caught_up: false,
            heard: topics.since,
            rested: now,
            beat: now + BEAT,
            over: false,
            web,
            visit,
            topics,
            place,
            due,
        }
    }

    /// The next message; none at the end.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some(text) = self.out.pop_front() {
                return Some(text);
            }
            if self.over {
                return None;
            }
            let ended = Arc::clone(&self.place.ended);
            tokio::select! {
                () = ended.notified() => self.end(),
                () = sleep_until(self.rested), if self.due.any() => self.look().await,
                news = self.place.news.recv() => self.hear(news),
                record = self.there.recv() => self.moved(record.ok()),
                () = sleep_until(self.beat) => self.beat(),
            }
        }
    }

    fn say(&mut self, event: &str, data: &Json) {
        self.out.push_back(format!("event: {event}\ndata: {data}\n\n"));
    }

    fn end(&mut self) {
        self.say("end", &json!({}));
        self.over = true;
    }

    fn beat(&mut self) {
        self.out.push_back(":\n\n".to_owned());
        self.beat = Instant::now() + BEAT;
        self.due.session = true;
        self.stays.iter().flatten().for_each(Stay::renew);
    }

    /// Notes what news mean for the topics.
    fn hear(&mut self, news: Result<Arc<News>, RecvError>) {
        match news {
            Ok(news) => self.note(&news),
            Err(RecvError::Lagged(_)) => self.note(&News::of_anything(0)),
            Err(RecvError::Closed) => self.over = true,
        }
    }

    fn note(&mut self, news: &News) {
        self.heard = self.heard.max(news.up_to);
        let all = news.anything || news.configuration;
        for (at, known) in self.known.iter().enumerate() {
            // What could not be seen may have come into sight.
            if all || known.is_none_or(|known| news.records.contains(&known.id)) && !news.records.is_empty() {
                self.due.records.insert(at);
            }
        }
        for (at, list) in self.topics.lists.iter().enumerate() {
            let told = match &list.of {
                Of::Records(process, _) => news.processes.contains(process.key),
                // Which process it is of, only whoever sees the meeting learns.
                Of::Meeting(_) => !news.processes.is_empty(),
            };
            if all || told {
                self.due.lists.insert(at);
            }
        }
        self.due.counts |= self.topics.counts && (all || !news.processes.is_empty());
        let me = self.visit.live.person;
        self.due.notices |= news.anything || news.told.contains(&me);
        self.due.session |= news.people.contains(&me);
    }

    /// Notes that people on a record did something, or on any.
    fn moved(&mut self, record: Option<i64>) {
        for (at, stay) in self.stays.iter().enumerate() {
            let Some(stay) = stay else { continue };
            if record.is_none_or(|record| record == stay.record()) {
                self.due.people.insert(at);
            }
        }
    }

    /// Reads what happened between the making of the page and the opening of the stream.
    async fn catch_up(&mut self) -> mainstay_desk::Result<()> {
        let back = if self.web.desk().db().dialect() == Dialect::Postgres { IN_FLIGHT } else { 0 };
        let mut after = self.topics.since - back;
        for _ in 0..MOST_PARTS {
            let Some((news, more)) = live::news_after(self.web.desk(), after).await? else { return Ok(()) };
            after = news.up_to;
            self.note(&news);
            if !more {
                return Ok(());
            }
        }
        self.note(&News::of_anything(after));
        Ok(())
    }

    /// Looks at what is due, and says what is new.
    async fn look(&mut self) {
        self.rested = Instant::now() + PAUSE;
        if !self.caught_up {
            self.caught_up = true;
            if self.topics.since > 0
                && let Err(error) = self.catch_up().await
            {
                tracing::warn!(%error, "a live stream could not catch up");
            }
        }
        let due = std::mem::take(&mut self.due);
        let people: BTreeMap<usize, People> = due
            .people
            .iter()
            .filter_map(|at| Some((*at, self.web.live().presence.on(self.stays.get(*at)?.as_ref()?.record()))))
            .collect();
        let ask = Ask { topics: self.topics.clone(), due: due.clone(), people };
        match self.web.read(&self.visit, Channel::Desk, move |session, caller| ask.answer(session, caller)).await {
            Ok(sight) => self.tell(sight),
            Err(Failure::Elsewhere(..)) => self.end(),
            Err(Failure::Refused(..)) => self.over = true,
            Err(_) => {
                // The database is away: looked at again when it may be back.
                self.due = due;
                self.rested = Instant::now() + PAUSE * 4;
            }
        }
    }

    fn tell(&mut self, sight: Sight) {
        for (at, glance, said) in sight.records {
            self.tell_record(at, glance, said);
        }
        for (at, people) in sight.people {
            let data = json!({
                "number": self.topics.records[at].number,
                "html": presence(&people).into_string(),
                "words": presence_words(&people),
            });
            self.tell_once(&format!("presence {at}"), "presence", &data);
        }
        for (at, mark) in sight.lists {
            let list = &mut self.topics.lists[at];
            if list.mark != mark {
                let data = json!({ "place": list.place, "mark": mark, "event": self.heard });
                list.mark = mark;
                self.say("list", &data);
            }
        }
        if let Some(counts) = sight.counts {
            self.tell_once("counts", "counts", &json!(counts));
        }
        // That there is still nothing is no news.
        if let Some(unread) = sight.notices.filter(|unread| *unread > 0 || self.told.contains_key("notices")) {
            self.tell_once("notices", "notices", &json!({ "unread": unread }));
        }
    }

    fn tell_record(&mut self, at: usize, glance: Option<Glance>, said: usize) {
        let watched = &self.topics.records[at];
        match glance {
            Some(glance) => {
                let told = self.known[at].map_or(watched.shown, |known| known.event.max(watched.shown));
                if glance.event > told {
                    let number = &watched.number;
                    let data =
                        json!({ "number": number, "event": glance.event, "version": glance.version, "said": said });
                    self.say("record", &data);
                }
                self.stay(at, &glance);
            }
            None if self.known[at].is_some() => {
                let data = json!({ "number": watched.number, "gone": true });
                self.say("record", &data);
                self.stays[at] = None;
            }
            None => {}
        }
        self.known[at] = glance;
    }

    /// Whoever reads what is internal on a record is seen there by others who do, and sees them.
    fn stay(&mut self, at: usize, glance: &Glance) {
        let watched = &self.topics.records[at];
        if !watched.present || !glance.internal {
            self.stays[at] = None;
        } else if self.stays[at].is_none() {
            let entered = self.web.live().presence.enter(glance.id, self.visit.live.person, watched.visible);
            self.stays[at] = Some(entered);
            self.due.people.insert(at);
        }
    }

    /// Says what was not said the last time.
    fn tell_once(&mut self, key: &str, event: &str, data: &Json) {
        let text = data.to_string();
        if self.told.get(key) != Some(&text) {
            self.told.insert(key.to_owned(), text);
            self.say(event, data);
        }
    }
}

/// A question with the rights of the session.
struct Ask {
    topics: Topics,
    due: Due,
    people: BTreeMap<usize, People>,
}

/// The answer: only what the person may know.
#[derive(Default)]
struct Sight {
    /// Place among the topics, the record, and how often others spoke since the tab showed it.
    records: Vec<(usize, Option<Glance>, usize)>,
    people: Vec<(usize, Vec<(Person<'static>, crate::components::Presence)>)>,
    lists: Vec<(usize, String)>,
    counts: Option<BTreeMap<String, String>>,
    notices: Option<i64>,
}

impl Ask {
    fn answer(self, session: &mut Session<'_>, caller: &Caller) -> mainstay_desk::Result<Sight> {
        let mut sight = Sight::default();
        for at in &self.due.records {
            let watched = &self.topics.records[*at];
            let glance = live::glance(session, caller, watched.process, &watched.number)?;
            let said = match glance {
                Some(glance) if glance.event > watched.shown => {
                    live::said_after(session, caller, watched.process, &watched.number, watched.shown)?.len()
                }
                _ => 0,
            };
            sight.records.push((*at, glance, said));
        }
        for (at, people) in &self.people {
            let watched = &self.topics.records[*at];
            // Who is there is for those alone who read what is internal, also when that has just changed.
            let glance = live::glance(session, caller, watched.process, &watched.number)?;
            if glance.is_some_and(|glance| glance.internal) {
                sight.people.push((*at, named(session, caller, people)?));
            }
        }
        for at in &self.due.lists {
            let list = &self.topics.lists[*at];
            let mark = match &list.of {
                Of::Records(process, asked) => {
                    // What it holds does not depend on how it looks.
                    let asked = Asked { table: Some(false), columns: Vec::new(), ..(**asked).clone() };
                    List::load(session, caller, process, asked).map(|found| found.mark())
                }
                Of::Meeting(id) => boards::mark(session, caller, *id),
            };
            match mark {
                Ok(mark) => sight.lists.push((*at, mark)),
                // The view is gone or no longer the caller's: the page says so when it is asked for.
                Err(mainstay_desk::Error::Refused(_)) => sight.lists.push((*at, "gone".to_owned())),
                Err(error) => return Err(error),
            }
        }
        if self.due.counts {
            sight.counts = match Frame::load(session, caller) {
                Ok(frame) => Some(frame.counts()),
                Err(mainstay_desk::Error::Refused(_)) => None,
                Err(error) => return Err(error),
            };
        }
        if self.due.notices
            && let Some(person) = caller.person_id()
        {
            sight.notices = Some(notices::unread(session.conn, person, MOST_NOTICES)?);
        }
        Ok(sight)
    }
}

/// The others, with their names.
fn named(
    session: &mut Session<'_>,
    caller: &Caller,
    people: &People,
) -> mainstay_desk::Result<Vec<(Person<'static>, crate::components::Presence)>> {
    let others: Vec<(i64, Doing)> = people.iter().copied().filter(|(id, _)| Some(*id) != caller.person_id()).collect();
    let ids: Vec<i64> = others.iter().map(|(id, _)| *id).collect();
    let names: BTreeMap<i64, String> =
        entries::names(session.conn, &ids)?.into_iter().map(|(id, _, name)| (id, name)).collect();
    let shown = |(id, doing): &(i64, Doing)| {
        let person = Person { name: names.get(id)?.clone().into(), hue: Person::hue_of(*id) };
        Some((person, (*doing).into()))
    };
    let mut shown: Vec<_> = others.iter().filter_map(shown).collect();
    shown.sort_by_key(|(_, doing)| match doing {
        crate::components::Presence::Editing => 0,
        crate::components::Presence::Viewing => 1,
        crate::components::Presence::Idle => 2,
    });
    Ok(shown)
}

impl From<Doing> for crate::components::Presence {
    fn from(doing: Doing) -> Self {
        match doing {
            Doing::Idle => Self::Idle,
            Doing::Viewing => Self::Viewing,
            Doing::Editing => Self::Editing,
        }
    }
}
