//! What the calendar is asked for, as its address says it: which days, in which zone, which records.

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use mainstay_engine::calendar::is_zone;
use mainstay_engine::process::Process;

use crate::address;
use crate::pages::queue;

/// How the days are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    Day,
    Week,
    Month,
    Timeline,
    Agenda,
}

impl Show {
    pub const ALL: [Self; 5] = [Self::Day, Self::Week, Self::Month, Self::Timeline, Self::Agenda];

    pub const fn key(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Timeline => "timeline",
            Self::Agenda => "agenda",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Self::Day => "Day",
            Self::Week => "Week",
            Self::Month => "Month",
            Self::Timeline => "Timeline",
            Self::Agenda => "Agenda",
        }
    }
}

/// What the calendar is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    pub show: Show,
    /// A day of the stretch; none: today.
    pub day: Option<Date>,
    /// An IANA name; none: the viewer's own.
    pub zone: Option<String>,
    /// A view and conditions.
    pub list: queue::Asked,
    pub service: Option<i64>,
    pub team: Option<i64>,
    /// An option of the field that says what kind of work it is.
    pub kind: Option<String>,
    /// The number of the record that is open beside it.
    pub open: Option<String>,
}

impl Asked {
    pub fn read(process: &Process, query: &str) -> Self {
        let pairs = address::pairs(query);
        let filled = |name: &str| address::value(&pairs, name).filter(|value| !value.is_empty());
        let show = filled("as").and_then(|key| Show::ALL.into_iter().find(|show| show.key() == key));
        let mut list = queue::Asked::read(process, query);
        if list.by_default {
            list.filters.clear();
        }
        Self {
            show: show.unwrap_or(Show::Week),
            day: filled("day")
                .and_then(|day| day.parse().ok())
                .filter(|day: &Date| (1970..=2200).contains(&day.year())),
            zone: filled("zone").filter(|zone| is_zone(zone)).map(str::to_owned),
            list,
            service: filled("service").and_then(|id| id.parse().ok()),
            team: filled("team").and_then(|id| id.parse().ok()),
            kind: filled("kind").map(str::to_owned),
            open: filled("open").map(str::to_owned),
        }
    }

    /// The conditions that the controls say, for a process whose kinds of work are in the field `kind`.
    pub fn conditions(&self, kind: &str) -> Vec<String> {
        let mut all = self.list.filters.clone();
        all.extend(self.service.map(|id| format!("service = {id}")));
        all.extend(self.team.map(|id| format!("team = {id}")));
        let plain = |key: &&String| key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        all.extend(self.kind.as_ref().filter(plain).map(|key| format!("{kind} = \"{key}\"")));
        all
    }

    /// The days that are shown around one: first and how many.
    pub fn days(&self, today: Date) -> (Date, i32) {
        let day = self.day.unwrap_or(today);
        let back = |date: Date, days: i32| date.checked_sub(days.days()).unwrap_or(date);
        let monday = |date: Date| back(date, i32::from(date.weekday().to_monday_zero_offset()));
        match self.show {
            Show::Day => (day, 1),
            Show::Week => (monday(day), 7),
            Show::Timeline => (monday(day), 28),
            Show::Agenda => (day, 14),
            Show::Month => {
                let (first, last) = (monday(day.first_of_month()), day.last_of_month());
                let days = last.since(first).map_or(35, |span| span.get_days()) + 1;
                (first, (days + 6) / 7 * 7)
            }
        }
    }

    /// The same before or after the days that are shown.
    pub fn turned(&self, today: Date, forward: bool) -> Self {
        let day = self.day.unwrap_or(today);
        let step = match self.show {
            Show::Day => 1.days(),
            Show::Week => 7.days(),
            Show::Timeline => 28.days(),
            Show::Agenda => 14.days(),
            Show::Month => 1.months(),
        };
        let other = if forward { day.checked_add(step) } else { day.checked_sub(step) };
        Self { day: other.ok().or(self.day), open: None, ..self.clone() }
    }

    /// Its address at `path`.
    pub fn at(&self, path: &str) -> String {
        let (day, view) = (self.day.map(|day| day.to_string()), self.list.view.map(|view| view.to_string()));
        let (service, team) = (self.service.map(|id| id.to_string()), self.team.map(|id| id.to_string()));
        let mut pairs = vec![("as", self.show.key())];
        let some = [
            ("day", day.as_deref()),
            ("zone", self.zone.as_deref()),
            ("view", view.as_deref()),
            ("service", service.as_deref()),
            ("team", team.as_deref()),
            ("kind", self.kind.as_deref()),
            ("open", self.open.as_deref()),
        ];
        pairs.extend(some.into_iter().filter_map(|(name, value)| Some((name, value?))));
        pairs.extend(self.list.filters.iter().map(|filter| ("filter", filter.as_str())));
        address::with_query(path, pairs)
    }

    pub fn opened(&self, number: Option<&str>) -> Self {
        Self { open: number.map(str::to_owned), ..self.clone() }
    }
}

/// The first instant of a date, in epoch milliseconds UTC.
pub fn midnight(date: Date, zone: &TimeZone) -> i64 {
    date.to_zoned(zone.clone()).map_or(0, |at| at.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use mainstay_processes::transition::change::CHANGE;

    fn days(query: &str) -> (String, i32) {
        let (first, many) = Asked::read(&CHANGE, query).days("2026-11-19".parse().expect("a date"));
        (first.to_string(), many)
    }

    #[test]
    fn each_form_shows_the_days_around_one() {
        assert_eq!(days(""), ("2026-11-16".into(), 7));
        assert_eq!(days("as=day"), ("2026-11-19".into(), 1));
        assert_eq!(days("as=month"), ("2026-10-26".into(), 42));
        assert_eq!(days("as=month&day=2027-02-10"), ("2027-02-01".into(), 28));
        assert_eq!(days("as=timeline&day=2026-11-22"), ("2026-11-16".into(), 28));
    }

    #[test]
    fn an_address_says_all_of_it_and_is_read_back() {
        let place =
            "as=month&day=2026-11-20&zone=Asia%2FTokyo&service=7&team=3&kind=minor&open=X-1&filter=risk+%3D+%22high%22";
        let asked = Asked::read(&CHANGE, place);
        assert_eq!(asked.at(""), format!("?{place}"));
        assert_eq!(asked.conditions("type"), ["risk = \"high\"", "service = 7", "team = 3", "type = \"minor\""]);
        assert_eq!(
            Asked::read(&CHANGE, "zone=Nowhere&day=tomorrow&kind=a%22").conditions("type"),
            Vec::<String>::new()
        );
    }
}
