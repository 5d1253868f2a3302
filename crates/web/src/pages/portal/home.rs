//! The portal's first page.

use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use mainstay_desk::handed_out::{self, HandedOut};
use mainstay_desk::troubles::{self, Trouble};
use mainstay_desk::{Caller, Channel, Session, records, registers as door, schedule};
use mainstay_engine::process::Phase;
use mainstay_engine::record::Record;
use mainstay_engine::register::Entry;
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_processes::registers;
use mainstay_words::{t, tf};
use maud::Markup;

use super::frame::{At, Guest, Room, WORK, report_place};
use super::lines::{self, Lines, Wanted};
use super::report::{Begun, name_of};
use super::requests::TEAM_WORK;
use super::{place_of, planned, rating, status};
use crate::components::{
    Banner, NewsRow, Nothing, ServiceTile, Start, Tone, Weight, banner, button_link, columns, hero, moment,
    moment_within, news, nothing, pill, request_list, section, service_tiles, starts,
};
use crate::failure::Failure;
use crate::session::Visit;
use crate::web::Web;

/// Requests on the first page; the rest is a click away.
const FIRST: usize = 5;
/// Services on the first page.
const TILES: usize = 9;
/// What has not ended for the requester.
pub const UNFINISHED: &str = "phase in (0, 1, 2)";

/// Finished requests on the first page.
const ENDED: usize = 3;

struct Home {
    guest: Guest,
    open: Vec<Record>,
    ended: Vec<Record>,
    services: Vec<Entry>,
    hours: Vec<Hours>,
    troubles: Vec<Trouble>,
    /// What was begun and not sent yet: its title, for each offer.
    begun: Vec<Option<String>>,
    /// What the viewer's teams are to do for us.
    work: Vec<HandedOut>,
    /// What waits for the viewer's approval: number and title.
    approvals: Vec<(String, String)>,
    /// Agreed work on services of the viewer.
    agreed: Vec<schedule::Work>,
}

/// A calendar of the services that the viewer uses.
struct Hours {
    id: i64,
    name: String,
    open: bool,
    next: Option<i64>,
}

/// Home: what one can begin, what one has begun.
pub async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let home = web.read(&visit, Channel::Portal, load).await?;
    let now = visit.now();
    let question = tf(
        "{greeting}, {name}. What do you need?",
        &[("greeting", &greeting(now, &home.guest.zone)), ("name", &home.guest.first_name())],
    );
    let content = html! {
        (hero(&question, "/portal/search", "", &[]))
        div.portal-news {
            (status::banners(&home.troubles, &visit, &home.guest.zone))
            (approval_wanted(&home))
            (answer_wanted(&home))
        }
        @if home.guest.works { (team_work(&home, now)) }
        (starts(&ways(&home)))
        (columns(&mine(&home, now), &to_know(&home, now)))
    };
    Ok(home.guest.page(&web, &visit, &At::new("Home", Room::Home), &content))
}

fn load(session: &mut Session<'_>, caller: &Caller) -> mainstay_desk::Result<Home> {
    let guest = Guest::load(session, caller)?;
    let open = newest(session, caller, UNFINISHED, FIRST)?;
    let ended = newest(session, caller, "phase = 3", ENDED)?;
    let mut services = troubles::services(session, caller)?;
    let troubles = troubles::among(session, caller, &services)?;
    services.retain(|service| troubles::serves(service, guest.organisation));
    services.truncate(TILES);
    let hours = hours_of(session, caller, &services)?;
    let begun = begun(session, caller, &guest)?;
    let approvals = records::waiting(session, caller)?;
    let named = |record: &Record, key: &str| text(record, key).to_owned();
    let named = |each: &Record| (named(each, spine::NUMBER.def.key), named(each, spine::TITLE.def.key));
    let approvals = approvals.iter().map(|each| named(&each.record)).collect();
    let work = handed_out::open(session, caller)?;
    let agreed = schedule::planned_work(session, caller, planned::FIRST)?;
    Ok(Home { guest, open, ended, services, hours, troubles, begun, work, approvals, agreed })
}

fn begun(session: &mut Session<'_>, caller: &Caller, guest: &Guest) -> mainstay_desk::Result<Vec<Option<String>>> {
    let mut found = Vec::with_capacity(guest.offers.len());
    for (process, _) in &guest.offers {
        let form = Begun::load(session, caller, &name_of(process))?.form();
        found.push(form.filled(spine::TITLE.def.key).map(str::to_owned));
    }
    Ok(found)
}

/// The viewer's own records of all processes under a condition, last updated first.
fn newest(
    session: &mut Session<'_>,
    caller: &Caller,
    condition: &str,
    most: usize,
) -> mainstay_desk::Result<Vec<Record>> {
    let filter = lines::own(caller, condition);
    let mut found = Vec::new();
    for process in mainstay_processes::ALL.iter().copied() {
        let wanted = Wanted { filter: &filter, limit: most, after: None };
        found.extend(Lines::load(session, caller, process, &wanted)?.rows.into_iter().map(|row| row.record));
    }
    found.sort_by_key(|record| -record.value(spine::UPDATED.def.key).as_int().unwrap_or_default());
    found.truncate(most);
    Ok(found)
}

fn hours_of(session: &mut Session<'_>, caller: &Caller, services: &[Entry]) -> mainstay_desk::Result<Vec<Hours>> {
    let mut all: Vec<Hours> = Vec::new();
    for id in services.iter().filter_map(|service| service.int("calendar")) {
        let Some(dated) = session.config.calendars.get(&id).filter(|_| all.iter().all(|hours| hours.id != id)) else {
            continue;
        };
        let (open, next) = (dated.calendar.is_open(session.now), dated.calendar.next_open(session.now));
        match door::get(session.conn, caller, &registers::CALENDARS, id) {
            Ok(entry) => all.push(Hours { id, name: entry.name, open, next }),
            Err(mainstay_desk::Error::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

/// The services that serve the viewer's organisation, at most so many.
///
/// # Errors
/// The database's.
pub fn services(
    session: &mut Session<'_>,
    caller: &Caller,
    guest: &Guest,
    most: usize,
) -> mainstay_desk::Result<Vec<Entry>> {
    let known = troubles::services(session, caller)?;
    Ok(known.into_iter().filter(|service| troubles::serves(service, guest.organisation)).take(most).collect())
}

fn greeting(now: i64, zone: &TimeZone) -> &'static str {
    let hour = Timestamp::from_millisecond(now).map_or(12, |at| at.to_zoned(zone.clone()).hour());
    match hour {
        4..=11 => t("Good morning"),
        12..=17 => t("Good afternoon"),
        _ => t("Good evening"),
    }
}

/// What is believed to be finished waits for the requester's word; that comes before anything else.
/// What waits for the viewer's approval comes before their own requests: somebody cannot go on without it.
fn approval_wanted(home: &Home) -> Markup {
    let Some(((number, title), others)) = home.approvals.split_first() else { return Markup::default() };
    let (title, place) = match others.len() {
        0 => (title.clone(), format!("/approvals/{number}")),
        more => (tf("{title}, and {more} more", &[("title", title), ("more", &more)]), "/approvals".to_owned()),
    };
    banner(&Banner {
        weight: Weight::Info,
        title: title.into(),
        text: "Your approval is asked for.".into(),
        action: Some(html! { a.btn.btn-l href=(place) { "Answer" } }),
        slim: false,
    })
}

/// Whoever comes for the work of their team finds it first.
fn team_work(home: &Home, now: i64) -> Markup {
    let rows: Vec<_> = home.work.iter().take(FIRST).map(|work| lines::work_row(work, &home.guest.zone, now)).collect();
    let body = html! {
        @if rows.is_empty() {
            div.card { (nothing(Nothing::Yet, "Nothing to do", "What is given to your team appears here until it is done.", &html! {}, None)) }
        } @else { (request_list(&rows)) }
    };
    html! { div.portal-page { (section("team-work", TEAM_WORK, Some(("See all", WORK)), &body)) } }
}

fn answer_wanted(home: &Home) -> Markup {
    let mut done = home.open.iter().filter(|record| record.state.phase == Phase::Done);
    let (Some(record), others) = (done.next(), done.count()) else { return Markup::default() };
    let title = text(record, spine::TITLE.def.key);
    let (title, place) = match others {
        0 => (title.to_owned(), place_of(text(record, spine::NUMBER.def.key))),
        more => (tf("{title}, and {more} more", &[("title", &title), ("more", &more)]), "/portal/requests".to_owned()),
    };
    banner(&Banner {
        weight: Weight::Success,
        title: title.into(),
        text: format!("{}. {}", t(record.state.plain), t(record.state.next)).into(),
        action: Some(html! { a.btn.btn-l href=(place) { "Answer" } }),
        slim: false,
    })
}

fn text<'a>(record: &'a Record, key: &str) -> &'a str {
    record.value(key).as_text().unwrap_or_default()
}

fn mine(home: &Home, now: i64) -> Markup {
    let open =
        section("open-requests", "Your open requests", Some(("See all", "/portal/requests")), &requests(home, now));
    html! {
        (open)
        @if let (false, Some((process, _))) = (home.services.is_empty(), home.guest.offers.first()) {
            (section("services", "Trouble with one of these?", None, &service_tiles(&tiles(&home.services, &report_place(process)))))
        }
    }
}

fn to_know(home: &Home, now: i64) -> Markup {
    let zone = &home.guest.zone;
    let ended = |record: &Record| {
        let closed = record.value(spine::CLOSED.def.key).as_int().unwrap_or_default();
        NewsRow {
            above: Some(html! { span.quiet { (moment(closed, zone, now)) } }),
            title: text(record, spine::TITLE.def.key).to_owned().into(),
            href: place_of(text(record, spine::NUMBER.def.key)).into(),
            below: if rating::is_wanted(record) { "How did we do? One click is enough." } else { record.state.plain }
                .into(),
        }
    };
    let all = Some(("See all", "/portal/requests?which=finished"));
    html! {
        @if !home.agreed.is_empty() { (section("planned", "Planned work", Some(("See all", "/portal/planned")), &planned::next(&home.agreed, zone, now))) }
        @if !home.hours.is_empty() { (section("hours", "When we are here", None, &hours(home, now))) }
        @if !home.ended.is_empty() { (section("ended", "Lately finished", all, &news(&home.ended.iter().map(ended).collect::<Vec<_>>()))) }
    }
}

/// Service hours, and whether they are now.
fn hours(home: &Home, now: i64) -> Markup {
    html! {
        ul.card.news {
            @for hours in &home.hours {
                li {
                    div.line { span.strong dir="auto" { (t(&hours.name)) } span.grow {} @if hours.open { (pill(Tone::Green, "Open now")) } @else { (pill(Tone::Plain, "Closed now")) } }
                    @if let (false, Some(next)) = (hours.open, hours.next) { div.small { "Opens" " " (moment_within(next, &home.guest.zone, now)) } }
                }
            }
        }
    }
}

fn ways(home: &Home) -> Vec<Start<'static>> {
    let tones = [Tone::Red, Tone::Blue, Tone::Violet];
    let begin = home.guest.offers.iter().zip(&home.begun).zip(tones.into_iter().cycle());
    let unsent = |title: &String| tf("You have not sent this yet: {title}", &[("title", &title)]).into();
    let mut ways: Vec<Start<'static>> = begin
        .map(|(((process, invitation), begun), tone)| Start {
            icon: invitation.icon,
            tone,
            title: invitation.title.into(),
            text: begun.as_ref().map_or_else(|| invitation.text.into(), unsent),
            href: report_place(process).into(),
            waiting: 0,
        })
        .collect();
    let turn = home.open.iter().filter(|record| lines::waits_for_requester(record)).count();
    ways.push(Start {
        icon: "ticket",
        tone: Tone::Blue,
        title: "My requests".into(),
        text: if turn > 0 { "Some wait for your answer" } else { "How far they are, and what comes next" }.into(),
        href: "/portal/requests".into(),
        waiting: turn,
    });
    ways
}

fn requests(home: &Home, now: i64) -> Markup {
    if home.open.is_empty() {
        let way = home.guest.offers.first();
        let action = way.map(|(process, way)| button_link(&report_place(process), way.title, None, true));
        let actions = html! { @if let Some(action) = &action { (action) } };
        return html! { div.card { (nothing(Nothing::Yet, "Nothing open", "What you report appears here until it is finished.", &actions, None)) } };
    }
    let rows: Vec<_> = home.open.iter().map(|record| lines::row(record, &home.guest.zone, now)).collect();
    request_list(&rows)
}

/// Services as tiles; each begins a report about it.
pub fn tiles<'a>(services: &'a [Entry], place: &str) -> Vec<ServiceTile<'a>> {
    let tile = |service: &'a Entry| ServiceTile {
        icon: "layers",
        tone: Tone::Blue,
        name: service.name.as_str().into(),
        remark: service.text("description").unwrap_or_default().into(),
        href: format!("{place}?service={}", service.id).into(),
    };
    services.iter().map(tile).collect()
}
