//! The calendar of a process: what is planned, freezes and maintenance windows, and what stands in each other's way.

mod agenda;
mod asked;
mod grid;
mod wide;

use axum::extract::{Extension, RawQuery, State};
use axum::response::Response;
use jiff::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use mainstay_desk::boards::{self, Listed};
use mainstay_desk::records::{self, Round};
use mainstay_desk::schedule::{self, Agenda, Entry, Shown};
use mainstay_desk::{Caller, Channel, Session, troubles};
use mainstay_engine::field::{Choice, Kind};
use mainstay_engine::process::{Process, Schedule};
use mainstay_engine::refusal::Refusal;
use mainstay_markup::html;
use mainstay_words::{dated, t, tf, tn};
use maud::Markup;
use std::collections::HashMap;

use asked::{Asked, Show, midnight};

use super::frame::{At, Frame, Place};
use super::queue;
use super::record::conflicts::Drawn;
use super::record::telling::learn_ids;
use super::record::{approvals, risk};
use crate::components::{Tone, ViewHead, icon, icon_link, pane, pill, view_head};
use crate::failure::Failure;
use crate::session::Visit;
use crate::shown::Reader;
use crate::web::Web;

/// What the page shows.
struct Calendar {
    frame: Frame,
    process: &'static Process,
    schedule: &'static Schedule,
    asked: Asked,
    agenda: Agenda,
    open: Option<Open>,
    services: Vec<(i64, String)>,
    teams: Vec<(i64, String)>,
    /// The zone in which it is shown.
    zone: TimeZone,
    today: Date,
    now: i64,
    may_create: bool,
}

/// What is open beside the calendar: what stands in its way, its approvals, and the meeting that it comes before.
struct Open {
    shown: Shown,
    rounds: Vec<Round>,
    meeting: Option<Listed>,
    names: HashMap<i64, String>,
}

impl Open {
    /// None where the viewer does not see it.
    fn load(
        session: &mut Session<'_>,
        caller: &Caller,
        process: &'static Process,
        number: &str,
    ) -> mainstay_desk::Result<Option<Self>> {
        let shown = match schedule::shown(session, caller, process, number) {
            Err(mainstay_desk::Error::Refused(_)) => return Ok(None),
            other => other?,
        };
        let rounds = records::approvals(session, caller, process, number)?;
        let meeting = boards::meeting_of(session, caller, &shown.record)?;
        let voices = rounds.iter().take(1).flat_map(|round| &round.parts).flat_map(|part| &part.voices);
        let ids: Vec<i64> = voices.map(|voice| voice.approver).collect();
        let mut names = HashMap::new();
        learn_ids(session, &ids, &mut names)?;
        Ok(Some(Self { shown, rounds, meeting, names }))
    }
}

/// `GET /{plural}/calendar`
pub async fn show(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Result<Response, Failure> {
    let asked = Asked::read(process, &query.unwrap_or_default());
    let load = move |session: &mut Session<'_>, caller: &Caller| Calendar::load(session, caller, process, asked);
    let page = web.read_long(&visit, Channel::Desk, load).await?;
    let title = page.title();
    let content = pane(&page.head(&title), &page.body(visit.token()));
    Ok(page.frame.page(&web, &visit, &At::new(&title, Place::Process(process.key)), &content))
}

impl Calendar {
    fn load(
        session: &mut Session<'_>,
        caller: &Caller,
        process: &'static Process,
        asked: Asked,
    ) -> mainstay_desk::Result<Self> {
        let frame = Frame::load(session, caller)?;
        let Some(schedule) = process.schedule.as_ref() else { return Err(Refusal::missing("page").into()) };
        let zone = asked.zone.as_deref().and_then(|zone| TimeZone::get(zone).ok()).unwrap_or_else(|| caller.zone());
        let now = session.now;
        let today = local(now, &zone);
        let (first, days) = asked.days(today);
        let last = first.checked_add(days.days()).unwrap_or(first);
        let list = queue::Asked { filters: asked.conditions(schedule.kind.key), ..asked.list.clone() };
        let filter = queue::condition(session, caller, process, &list)?;
        let span = schedule::Asked { from: midnight(first, &zone), until: midnight(last, &zone), filter };
        let agenda = schedule::agenda(session, caller, process, &span)?;
        let open = match &asked.open {
            Some(number) => Open::load(session, caller, process, number)?,
            None => None,
        };
        let services = troubles::services(session, caller)?.into_iter().map(|entry| (entry.id, entry.name)).collect();
        let mut teams: Vec<(i64, String)> =
            session.config.teams.iter().map(|(id, team)| (*id, team.name.clone())).collect();
        teams.sort_by(|one, other| one.1.cmp(&other.1));
        let may_create = caller.rights.may_somewhere(process.key, "create");
        Ok(Self { frame, process, schedule, asked, agenda, open, services, teams, zone, today, now, may_create })
    }

    fn title(&self) -> String {
        tf("{record} calendar", &[("record", &t(self.process.label))])
    }

    fn path(&self) -> String {
        format!("/{}/calendar", self.process.plural)
    }

    fn place(&self, asked: &Asked) -> String {
        asked.at(&self.path())
    }

    /// The days that are shown.
    fn days(&self) -> Vec<Date> {
        let (first, days) = self.asked.days(self.today);
        (0..days).filter_map(|day| first.checked_add(day.days()).ok()).collect()
    }

    /// First and last instant of a date.
    fn of_day(&self, date: Date) -> (i64, i64) {
        (midnight(date, &self.zone), midnight(date.tomorrow().unwrap_or(date), &self.zone))
    }

    fn head(&self, title: &str) -> Markup {
        let conflicts = self.agenda.entries.iter().filter(|entry| entry.open_conflicts() > 0).count();
        let actions = html! {
            @if conflicts > 0 {
                span.off-phone { (pill(Tone::Red, &tn(conflicts, "{n} with a conflict", "{n} with conflicts"))) }
            }
            @if self.may_create {
                a.btn.btn-primary href={ "/" (self.process.plural) "/new" } { (icon("plus")) (tf("New {record}", &[("record", &t(self.process.label).to_lowercase())])) }
            }
        };
        view_head(&ViewHead {
            title: title.into(),
            actions: Some(actions),
            above: vec![(t(self.process.label_plural).into(), format!("/{}", self.process.plural).into())],
            ..ViewHead::default()
        })
    }

    fn body(&self, token: &str) -> Markup {
        let days = self.days();
        html! {
            (self.bar(&days))
            (self.controls())
            @if self.agenda.more { p.quiet { "There is more than is shown here. Choose fewer days, or narrow it." } }
            div.cal {
                div.cal-main {
                    @match self.asked.show {
                        Show::Day | Show::Week => (grid::grid(self, &days)),
                        Show::Month => (wide::month(self, &days)),
                        Show::Timeline => (wide::timeline(self, &days)),
                        Show::Agenda => {},
                    }
                    (agenda::agenda(self, &days, self.asked.show == Show::Agenda))
                    (legend())
                }
                @if let Some(open) = &self.open { (self.side(open, token)) }
            }
            // Where what is dragged goes; without a script the section beside the calendar does the same.
            form #cal-move method="post" action="" hidden {
                (crate::components::token_field(token))
                input type="hidden" name="version" value="";
                input type="hidden" name="at" value="";
                input type="hidden" name="back" value=(self.place(&self.asked));
            }
        }
    }

    /// Which days, and how they are shown.
    fn bar(&self, days: &[Date]) -> Markup {
        let today = Asked { day: None, open: None, ..self.asked.clone() };
        let words = |date: &Date, format: &str| {
            dated(
                &date.to_zoned(TimeZone::UTC).unwrap_or_else(|_| Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC)),
                format,
            )
        };
        let span = match (self.asked.show, days.first(), days.last()) {
            (Show::Month, ..) => words(&self.asked.day.unwrap_or(self.today), "%b %Y"),
            (_, Some(first), Some(last)) if first != last => {
                format!("{} – {}", words(first, "%-d %b"), words(last, "%-d %b %Y"))
            }
            (_, Some(only), _) => words(only, "%a %-d %b %Y"),
            _ => String::new(),
        };
        html! {
            div.cal-bar {
                a.btn.btn-s href=(self.place(&today)) { "Today" }
                (icon_link(&self.place(&self.asked.turned(self.today, false)), "chevron-left", t("Earlier")))
                (icon_link(&self.place(&self.asked.turned(self.today, true)), "chevron-right", t("Later")))
                h2.cal-span { (span) }
                span.grow {}
                nav.segments.cal-shows aria-label="How the days are shown" {
                    @for show in Show::ALL {
                        @let place = self.place(&Asked { show, open: None, ..self.asked.clone() });
                        a.segment href=(place) aria-current=[(show == self.asked.show).then_some("page")] { (t(show.label())) }
                    }
                }
            }
        }
    }

    /// Which records, and in which zone.
    fn controls(&self) -> Markup {
        let kinds: &[Choice] = match self.schedule.kind.kind {
            Kind::Choice(options) => options,
            _ => &[],
        };
        let day = self.asked.day.map(|day| day.to_string());
        let mut zones = vec![self.frame.zone.iana_name().unwrap_or("UTC"), "UTC"];
        zones.extend(self.asked.zone.as_deref());
        zones.dedup();
        let shown = self.zone.iana_name().unwrap_or("UTC");
        let of = |label: &str, name: &str, all: &[(i64, String)], chosen: Option<i64>| {
            html! {
                label.cal-choice {
                    span { (t(label)) }
                    select.control name=(name) {
                        option value="" { "All" }
                        @for (id, name) in all { option value=(id) selected[Some(*id) == chosen] { (name) } }
                    }
                }
            }
        };
        html! {
            form.cal-controls method="get" action=(self.path()) aria-label=(t("What is shown")) {
                input type="hidden" name="as" value=(self.asked.show.key());
                @if let Some(day) = day { input type="hidden" name="day" value=(day); }
                @if let Some(view) = self.asked.list.view { input type="hidden" name="view" value=(view); }
                @for filter in &self.asked.list.filters { input type="hidden" name="filter" value=(filter); }
                (of("Service", "service", &self.services, self.asked.service))
                (of("Team", "team", &self.teams, self.asked.team))
                label.cal-choice {
                    span { (t(self.schedule.kind.label)) }
                    select.control name="kind" {
                        option value="" { "All" }
                        @for option in kinds { option value=(option.key) selected[self.asked.kind.as_deref() == Some(option.key)] { (t(option.label)) } }
                    }
                }
                label.cal-choice {
                    span { "Time zone" }
                    input.control name="zone" list="cal-zones" value=(shown);
                    datalist #cal-zones { @for zone in zones { option value=(zone) {} } }
                }
                button.btn type="submit" { "Show" }
                @if !self.asked.list.filters.is_empty() || self.asked.list.view.is_some() {
                    a.link href=(self.path()) { "Show everything" }
                }
            }
        }
    }

    /// What is open beside the calendar.
    fn side(&self, open: &Open, token: &str) -> Markup {
        let record = &open.shown.record;
        let reader = Reader::new(&open.names, &self.zone);
        let number = queue::number(record);
        let home = format!("/{}/{number}", self.process.plural);
        let back = Some(self.place(&self.asked));
        let drawn = Drawn { home: home.clone(), back, zone: &self.zone, now: self.now, token };
        html! {
            section.cal-side aria-label=(number) {
                div.line {
                    bdi { (number) }
                    span.grow {}
                    a.btn.btn-s href=(home) { "Open" }
                    (icon_link(&self.place(&self.asked.opened(None)), "x", t("Close")))
                }
                h2 dir="auto" { (record.value("title").as_text().unwrap_or_default()) }
                (drawn.of(&open.shown))
                @if let Some(assessed) = record.process.assessed() { (risk::brief(record, assessed)) }
                (approvals::brief(&open.rounds, open.meeting.as_ref(), &reader, self.now))
            }
        }
    }

    /// Where a record of the calendar is opened beside it.
    fn opens(&self, entry: &Entry) -> String {
        self.place(&self.asked.opened(Some(entry.planned.number())))
    }

    /// How a record is coloured; what the colour says is said in words, too.
    fn class(entry: &Entry) -> &'static str {
        let record = &entry.planned.record;
        let by_model = record.process.approvals.as_ref().and_then(|approvals| approvals.in_advance.as_ref());
        if entry.open_conflicts() > 0 {
            "cal-conflict"
        } else if (entry.planned.schedule.exempt)(record) {
            "cal-urgent"
        } else if by_model.is_some_and(|model| (model.applies)(record)) {
            "cal-standard"
        } else {
            "cal-normal"
        }
    }

    /// The kind of work, in words.
    fn kind(&self, entry: &Entry) -> &'static str {
        let key = entry.planned.record.value(self.schedule.kind.key).as_text();
        match self.schedule.kind.kind {
            Kind::Choice(options) => options.iter().find(|o| Some(o.key) == key).map_or("", |o| t(o.label)),
            _ => "",
        }
    }

    /// Whether a record may be moved: it has still to be done.
    fn is_movable(entry: &Entry) -> bool {
        entry.planned.record.state.phase.is_live()
    }
}

/// What the colours say.
fn legend() -> Markup {
    let kinds = [
        ("cal-normal", "Normal"),
        ("cal-standard", "Standard"),
        ("cal-urgent", "Emergency"),
        ("cal-conflict", "Conflict"),
    ];
    html! {
        ul.cal-legend aria-label="What the colours say" {
            @for (class, label) in kinds { li { span.cal-swatch.(class) aria-hidden="true" {} (t(label)) } }
            li { span.cal-swatch.cal-maintenance aria-hidden="true" {} "Maintenance window" }
            li { span.cal-swatch.cal-freeze aria-hidden="true" {} "Freeze" }
        }
    }
}

/// The date that a clock on the wall of a zone shows.
fn local(at: i64, zone: &TimeZone) -> Date {
    Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(zone.clone()).date()
}
