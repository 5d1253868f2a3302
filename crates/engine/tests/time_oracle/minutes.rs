//! A window of time cut into cells of a minute, each with what the wall shows and whether that is service time.

use crate::hours::Hours;
use crate::{DAY, MINUTE};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// How long a window is.
pub const LENGTH: i64 = 10 * DAY;

/// One cell; nothing changes inside it.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    pub at: i64,
    pub open: bool,
    /// Day since 1970-01-01 on the wall, and milliseconds since its midnight.
    pub day: i64,
    pub time: i64,
}

/// The cells of a window under one calendar.
#[derive(Clone, Debug)]
pub struct Minutes {
    pub cells: Vec<Cell>,
    pub step: i64,
}

impl Minutes {
    /// Looks at every minute; at every half one where a zone once was half a minute off.
    pub fn of(zone: &TimeZone, hours: &Hours, start: i64, epoch: i64, step: i64) -> Self {
        let cell = |at: i64| {
            let wall = zone.to_datetime(Timestamp::from_millisecond(at).expect("an instant"));
            let (date, clock) = (wall.date(), wall.time());
            let day = date.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() / 24;
            let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).expect("0 to 6");
            let minute = i64::from(clock.hour()) * 60 + i64::from(clock.minute());
            let open = hours.is_open(day - epoch, weekday, minute);
            Cell { at, open, day, time: minute * MINUTE + i64::from(clock.second()) * 1000 }
        };
        let cells = (0..LENGTH / step).map(|nth| cell(start + nth * step)).collect();
        Self { cells, step }
    }

    /// The cell length that divides the zone's offsets around a window.
    pub fn step(zone: &TimeZone, start: i64) -> i64 {
        let whole = |at: i64| zone.to_offset(Timestamp::from_millisecond(at).expect("an instant")).seconds() % 60 == 0;
        if whole(start) && whole(start + LENGTH) { MINUTE } else { MINUTE / 2 }
    }

    pub fn end(&self) -> i64 {
        self.cells[0].at + LENGTH
    }

    fn from(&self, at: i64) -> impl Iterator<Item = &Cell> {
        let first = usize::try_from((at - self.cells[0].at) / self.step).expect("inside the window");
        self.cells[first..].iter()
    }

    pub fn open_between(&self, from: i64, to: i64) -> i64 {
        let cells = self.from(from).take_while(|cell| cell.at < to).filter(|cell| cell.open);
        cells.map(|cell| (cell.at + self.step).min(to) - cell.at.max(from)).sum()
    }

    /// None when the window ends first.
    pub fn add(&self, start: i64, duration: i64) -> Option<i64> {
        if duration == 0 {
            return Some(start);
        }
        let mut left = duration;
        for cell in self.from(start).filter(|cell| cell.open) {
            let begin = cell.at.max(start);
            let length = cell.at + self.step - begin;
            if left <= length {
                return Some(begin + left);
            }
            left -= length;
        }
        None
    }

    /// None when the window ends first.
    pub fn add_working_days(&self, start: i64, days: u32) -> Option<i64> {
        let first = self.from(start).find(|cell| cell.open)?;
        let begin = first.at.max(start);
        let time = first.time + (begin - first.at);
        let (mut day, mut left) = (first.day, days);
        if left == 0 {
            return Some(begin);
        }
        for cell in self.from(begin).filter(|cell| cell.open) {
            if cell.day > day {
                day = cell.day;
                left -= 1;
            }
            if left == 0 {
                return self.first_showing(day * DAY + time);
            }
        }
        None
    }

    /// The first instant at which the wall shows this much or more.
    fn first_showing(&self, wall: i64) -> Option<i64> {
        let shown = |cell: &Cell| cell.day * DAY + cell.time;
        let cell = self.cells.iter().find(|cell| shown(cell) + self.step > wall)?;
        Some(cell.at + (wall - shown(cell)).max(0))
    }
}
