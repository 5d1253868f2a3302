//! The day of whoever leads a team: what is late, due and unassigned, who has how much, what is oldest.

use std::collections::{BTreeMap, HashMap};

use axum::extract::{RawQuery, State};
use axum::response::Response;
use mainstay_desk::records;
use mainstay_desk::{Caller, Channel, Session, registers as door};
use mainstay_engine::process::Process;
use mainstay_engine::register::Entry;
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_processes::registers;
use mainstay_store::entries;
use mainstay_words::{t, tf};
use maud::Markup;

use super::{Asks, Counted, First, counted, first, part, processes};
use crate::address;
use crate::components::{
    Column, Nothing, Row, Stat, Tone, ViewHead, data_table, nothing, pane, pill, stats, ticket_row, view_head,
};
use crate::failure::Failure;
use crate::pages::frame::{At, Frame, Place, capped};
use crate::pages::queue::MOST_COUNTED;
use crate::pages::search;
use crate::session::Visit;
use crate::shown::Reader;
use crate::web::Web;

/// Records of which it is counted who has them.
const MOST_LOADED: i64 = 2_000;
/// People and teams that are listed.
const MOST_NAMED: usize = 40;
/// The oldest records that are listed.
const OLDEST: usize = 8;
/// Teams to choose from beside one's own.
const MOST_TEAMS: usize = 12;

/// Whose day it is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Whose {
    /// All teams.
    All,
    /// The viewer's own.
    Mine,
    /// One team.
    Team(i64),
}

impl Whose {
    fn read(query: &str, caller: &Caller) -> Self {
        let pairs = address::pairs(query);
        match address::value(&pairs, "team") {
            Some("all") => Self::All,
            Some(team) if team.parse::<i64>().is_ok() => Self::Team(team.parse().unwrap_or_default()),
            _ if caller.person.as_ref().is_some_and(|person| person.teams.is_empty()) => Self::All,
            _ => Self::Mine,
        }
    }

    fn condition(&self, rest: &str) -> String {
        match self {
            Self::All => rest.to_owned(),
            Self::Mine => format!("team in my_teams and {rest}"),
            Self::Team(id) => format!("team = {id} and {rest}"),
        }
    }
}

/// How much somebody has, of how much they can carry.
struct Load {
    name: String,
    /// Of those that the page counts.
    count: i64,
    href: String,
    /// Open records that they can carry at a time.
    limit: Option<i64>,
    /// How much they carry beyond what the page counts too.
    carried: i64,
}

impl Load {
    fn is_over(&self) -> bool {
        self.limit.is_some_and(|limit| self.carried > limit)
    }

    /// How much more they can take.
    fn room(&self) -> Option<i64> {
        self.limit.map(|limit| (limit - self.carried).max(0))
    }
}

/// A process on this day.
struct Day {
    process: &'static Process,
    tiles: Vec<Counted>,
    people: Vec<Load>,
    teams: Vec<Load>,
    oldest: First,
    oldest_href: String,
}

/// What the page shows.
struct Today {
    frame: Frame,
    whose: Whose,
    choices: Vec<(i64, String)>,
    own: bool,
    days: Vec<Day>,
}

/// `GET /today?team=…`
pub async fn show(State(web): State<Web>, RawQuery(query): RawQuery, visit: Visit) -> Result<Response, Failure> {
    let query = query.unwrap_or_default();
    let load = move |session: &mut Session<'_>, caller: &Caller| load(session, caller, &query);
    let today = web.read(&visit, Channel::Desk, load).await?;
    let head = view_head(&ViewHead { title: "Today".into(), ..ViewHead::default() });
    let body = html! {
        (today.choice())
        @if today.days.is_empty() { (nothing(Nothing::Forbidden, "No work to lead", "Your roles open no records of staff.", &html! {}, None)) }
        @for day in &today.days { (day.body(&today.frame, today.days.len() == 1, visit.now())) }
    };
    Ok(today.frame.page(&web, &visit, &At::new("Today", Place::Today), &pane(&head, &body)))
}

fn load(session: &mut Session<'_>, caller: &Caller, query: &str) -> mainstay_desk::Result<Today> {
    let frame = Frame::load(session, caller)?;
    let whose = Whose::read(query, caller);
    let own: Vec<i64> = caller.person.as_ref().map(|person| person.teams.clone()).unwrap_or_default();
    let mut choices: Vec<(i64, String)> =
        session.config.teams.iter().map(|(id, team)| (*id, team.name.clone())).collect();
    // One's own first, then by name.
    choices.sort_by_key(|(id, name)| (!own.contains(id), name.to_lowercase()));
    choices.truncate(own.len() + MOST_TEAMS);
    let processes = processes(session, caller);
    let mut days = Vec::new();
    for process in processes.iter().copied() {
        days.push(day(session, caller, process, &whose, &own)?);
    }
    Ok(Today { frame, whose, choices, own: !own.is_empty(), days })
}

fn day(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    whose: &Whose,
    own: &[i64],
) -> mainstay_desk::Result<Day> {
    let asks = |words, rest: &str, sort| Asks::new(words, whose.condition(rest), sort);
    let asked = [
        asks("Late", "phase = 0 and due < now", "due"),
        asks("Breaching within the hour", "phase = 0 and due >= now and due < now + 1h", "due"),
        asks("Due today", "phase = 0 and due >= now and due < today + 1d", "due"),
        asks("Unassigned", "assignee is empty and phase in (0, 1)", "opened"),
        asks("Waiting", "phase = 1", "-updated"),
        asks("New today", "opened >= today", "-opened"),
        asks("Open", "phase in (0, 1)", "due"),
    ];
    let tiles = counted(session, caller, process, &asked, true)?;
    let oldest = asks("Oldest", "phase in (0, 1)", "opened");
    let found = first(session, caller, process, &oldest, OLDEST)?;
    let teams = match whose {
        Whose::Team(id) => vec![*id],
        Whose::Mine => own.to_vec(),
        Whose::All => Vec::new(),
    };
    Ok(Day {
        process,
        tiles,
        people: people(session, caller, process, whose, &teams)?,
        teams: loads_of_teams(session, caller, process, whose, &teams)?,
        oldest_href: oldest.href(process),
        oldest: found,
    })
}

/// How many open records each value of a field has.
fn spread(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    whose: &Whose,
    field: &str,
) -> mainstay_desk::Result<BTreeMap<Option<i64>, i64>> {
    let condition = whose.condition("phase in (0, 1)");
    match records::facet(session, caller, process, Some(&condition), field, MOST_LOADED) {
        Ok(found) => Ok(found.into_iter().map(|(value, count)| (value.as_int(), count)).collect()),
        Err(mainstay_desk::Error::Refused(_)) => Ok(BTreeMap::new()),
        Err(error) => Err(error),
    }
}

/// Who has how much, members with nothing included: they can take more.
fn people(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    whose: &Whose,
    teams: &[i64],
) -> mainstay_desk::Result<Vec<Load>> {
    let mut found = spread(session, caller, process, whose, spine::ASSIGNEE.def.key)?;
    for team in teams {
        for member in entries::referring(session.conn, "teams", *team)? {
            found.entry(Some(member)).or_default();
        }
    }
    let ids: Vec<i64> = found.keys().copied().flatten().collect();
    let names: HashMap<i64, String> =
        entries::names(session.conn, &ids)?.into_iter().map(|(id, _, name)| (id, name)).collect();
    let limits = limits(session, caller, &ids)?;
    let load = |(id, count): (Option<i64>, i64)| {
        let asks = match id {
            Some(id) => Asks::new("", whose.condition(&format!("assignee = {id} and phase in (0, 1)")), "due"),
            None => Asks::new("", whose.condition("assignee is empty and phase in (0, 1)"), "opened"),
        };
        let name = id.map_or_else(|| t("Nobody").to_owned(), |id| names.get(&id).cloned().unwrap_or_default());
        let limit = id.and_then(|id| limits.get(&id).copied());
        (id, Load { name, count, href: asks.href(process), limit, carried: count })
    };
    let mut loads: Vec<(Option<i64>, Load)> = found.into_iter().map(load).collect();
    loads.sort_by(|(_, one), (_, other)| other.count.cmp(&one.count).then_with(|| one.name.cmp(&other.name)));
    loads.truncate(MOST_NAMED);
    // What somebody carries for other teams counts against their limit as well.
    for (id, load) in loads.iter_mut().filter(|(_, load)| *whose != Whose::All && load.limit.is_some()) {
        let Some(id) = id else { continue };
        let all = format!("assignee = {id} and phase in (0, 1)");
        load.carried = records::count(session, caller, process, Some(&all), MOST_COUNTED + 1)?.max(load.count);
    }
    Ok(loads.into_iter().map(|(_, load)| load).collect())
}

/// How many open records each of some people can carry at a time, where that is said.
fn limits(session: &mut Session<'_>, caller: &Caller, people: &[i64]) -> mainstay_desk::Result<HashMap<i64, i64>> {
    match door::several(session, caller, &registers::PEOPLE, people) {
        Ok(found) => Ok(found
            .into_iter()
            .filter_map(|person| Some((person.id, person.int(registers::PERSON_LIMIT.def.key)?)))
            .collect()),
        Err(mainstay_desk::Error::Refused(_)) => Ok(HashMap::new()),
        Err(error) => Err(error),
    }
}

/// What each team has, of what it can carry.
fn loads_of_teams(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    whose: &Whose,
    teams: &[i64],
) -> mainstay_desk::Result<Vec<Load>> {
    let mut found = spread(session, caller, process, whose, spine::TEAM.def.key)?;
    for team in teams {
        found.entry(Some(*team)).or_default();
    }
    let counts: BTreeMap<i64, i64> =
        found.into_iter().filter_map(|(id, count)| Some((id?, count))).take(MOST_NAMED).collect();
    let ids: Vec<i64> = counts.keys().copied().collect();
    let teams = match door::several(session, caller, &registers::TEAMS, &ids) {
        Err(mainstay_desk::Error::Refused(_)) => Vec::new(),
        other => other?,
    };
    let load = |team: Entry| {
        let count = counts.get(&team.id).copied().unwrap_or_default();
        let asks = Asks::new("", format!("team = {} and phase in (0, 1)", team.id), "due");
        let limit = team.int(registers::TEAM_LIMIT.def.key);
        Load { name: team.name, count, href: asks.href(process), limit, carried: count }
    };
    let mut loads: Vec<Load> = teams.into_iter().map(load).collect();
    loads.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.name.cmp(&other.name)));
    Ok(loads)
}

impl Today {
    fn choice(&self) -> Markup {
        let link = |team: &str, words: &str, current: bool| {
            let href = address::with_query("/today", [("team", team)]);
            html! { a.pill.(if current { "tone-accent" } else { "pill-line" }) href=(href) aria-current=[current.then_some("true")] { bdi { (t(words)) } } }
        };
        html! {
            nav.line.wrap aria-label="Whose day" {
                @if self.own { (link("mine", "My teams", self.whose == Whose::Mine)) }
                (link("all", "All teams", self.whose == Whose::All))
                @for (id, name) in &self.choices { (link(&id.to_string(), name, self.whose == Whose::Team(*id))) }
            }
        }
    }
}

impl Day {
    fn body(&self, frame: &Frame, alone: bool, now: i64) -> Markup {
        let tiles: Vec<Stat<'_>> = self.tiles.iter().map(Counted::stat).collect();
        let reader = Reader::new(&self.oldest.names, &frame.zone);
        let of = |id: &str| format!("{id}-{}", self.process.key);
        let titled = |title: &'static str| {
            if alone { t(title).to_owned() } else { format!("{}: {}", t(self.process.label_plural), t(title)) }
        };
        html! {
            @if !alone { h2 { (self.process.label_plural) } }
            (stats(&tiles))
            div.work-columns {
                (loads(&of("people"), &titled("Who has how much"), "Person", &self.people))
                (loads(&of("teams"), &titled("Teams"), "Team", &self.teams))
                (part(&of("oldest"), &titled("Oldest"), Some((&self.oldest_href, "All")), &html! {
                    @if self.oldest.rows.is_empty() { p.quiet.work-none { "Nothing is open." } }
                    @for row in &self.oldest.rows { (ticket_row(&search::hit(row, &reader, now), now)) }
                }))
            }
        }
    }
}

fn loads(id: &str, title: &str, of: &'static str, all: &[Load]) -> Markup {
    let column = |label: &'static str, amount| Column { label: label.into(), amount, ..Column::default() };
    let columns = [column(of, false), column("Open", true)];
    let line = |(at, load): (usize, &Load)| {
        let room = load.room();
        let cells = vec![
            html! {
                bdi { (load.name) }
                @if load.is_over() { " " (pill(Tone::Red, "Over the limit")) } @else if room == Some(0) { " " (pill(Tone::Amber, "Full")) }
                @if load.carried > load.count { " " span.quiet { (tf("{n} in all", &[("n", &capped(load.carried, MOST_COUNTED))])) } }
                @if let Some(room) = room.filter(|room| *room > 0) { " " span.quiet { (tf("{n} free", &[("n", &room)])) } }
            },
            html! {
                a.digits href=(load.href) { (capped(load.count, MOST_COUNTED)) span.sr { " " (tf("open records of {name}", &[("name", &load.name)])) } }
                @if let Some(limit) = load.limit { " " span.quiet { (tf("of {n}", &[("n", &limit)])) } }
            },
        ];
        Row { id: format!("{id}-{at}").into(), cells, ..Row::default() }
    };
    let lines: Vec<Row<'_>> = all.iter().enumerate().map(line).collect();
    html! {
        // The table is a region of this name.
        div.work-part {
            h2 id=(id) { (title) }
            @if lines.is_empty() { p.quiet { "Nothing is open." } } @else { (data_table(title, &columns, &lines)) }
        }
    }
}
