//! Hours of service as plain tables, for the calendar under test and for the oracle alike.

use crate::{DAY, MINUTE};
use jiff::tz::TimeZone;
use mainstay_engine::calendar::{Calendar, Draft};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Minutes since midnight, half-open.
pub type Spans = Vec<(i64, i64)>;

/// A calendar's tables; dates are days after the date on which a window begins.
#[derive(Clone, Debug)]
pub struct Hours {
    pub week: [Spans; 7],
    pub holidays: Vec<i64>,
    pub exceptions: Vec<(i64, Spans)>,
}

fn spans() -> impl Strategy<Value = Spans> {
    let edge = prop_oneof![1 => Just(0_i64), 1 => Just(1440), 6 => 0_i64..=1440];
    let cut = |edges: BTreeSet<i64>| {
        let edges: Vec<i64> = edges.into_iter().collect();
        edges.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
    };
    prop_oneof![
        2 => Just(vec![(540, 1020)]),
        2 => Just(vec![(0, 1440)]),
        1 => Just(vec![]),
        4 => prop::collection::btree_set(edge, 2..=6).prop_map(cut),
    ]
}

/// Hours of all kinds, from around the clock to a few minutes, with special dates in the window.
pub fn hours() -> impl Strategy<Value = Hours> {
    let always = Just(std::array::from_fn::<_, 7, _>(|_| vec![(0, 1440)]));
    let week = prop_oneof![1 => always, 5 => prop::array::uniform7(spans())];
    let holidays = prop::collection::vec(0_i64..9, 0..3);
    let exceptions = prop::collection::vec((0_i64..9, spans()), 0..3);
    (week, holidays, exceptions)
        .prop_map(|(week, holidays, exceptions)| Hours { week, holidays, exceptions })
        .prop_filter("some service time", |hours| hours.week.iter().any(|spans| !spans.is_empty()))
}

fn time(minute: i64) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

impl Hours {
    /// The calendar under test; `epoch` is the day since 1970-01-01 that special dates count from.
    pub fn calendar(&self, zone: &TimeZone, epoch: i64) -> Calendar {
        let mut draft = Draft::new(zone.iana_name().expect("a name"));
        for (weekday, spans) in self.week.iter().enumerate() {
            for &(from, to) in spans {
                draft.weekly(weekday, &time(from), &time(to));
            }
        }
        self.holidays.iter().for_each(|day| draft.holiday(epoch + day, ""));
        let mut seen = BTreeSet::new();
        for (day, spans) in self.exceptions.iter().filter(|(day, _)| seen.insert(*day)) {
            if spans.is_empty() {
                draft.exception(epoch + day, None, None);
            }
            for &(from, to) in spans {
                draft.exception(epoch + day, Some(&time(from)), Some(&time(to)));
            }
        }
        draft.finish().expect("a calendar")
    }

    /// Whether the wall showing this date and weekday (Monday 0) and minute means service.
    pub fn is_open(&self, day: i64, weekday: usize, minute: i64) -> bool {
        let inside = |spans: &Spans| spans.iter().any(|&(from, to)| from <= minute && minute < to);
        if let Some((_, spans)) = self.exceptions.iter().find(|(date, _)| *date == day) {
            return inside(spans);
        }
        !self.holidays.contains(&day) && inside(&self.week[weekday])
    }
}

/// The UTC day of an instant since 1970-01-01.
pub fn utc_day(at: i64) -> i64 {
    debug_assert_eq!(at % MINUTE, 0);
    at.div_euclid(DAY)
}
