//! Random filters: as text of the condition language, and as what they mean.

use super::chance::Chance;
use super::oracle::{Person, Record};
use super::world::World;

/// A filter.
#[derive(Clone, Debug)]
pub enum Filter {
    TitleHas(String),
    ColourIs(String),
    Team(i64),
    NoTeam,
    Organisation(i64),
    Requester(i64),
    Mine,
    OfMyOrganisation,
    OfMyTeams,
    PriorityUpTo(i64),
    State(&'static str),
    Restricted,
    DiagnosisHas(String),
    CostIs(String),
    CostBegins(String),
    Not(Box<Filter>),
    Both(Box<Filter>, Box<Filter>),
    Either(Box<Filter>, Box<Filter>),
}

impl Filter {
    pub fn random(world: &World, chance: &mut Chance, depth: usize) -> Self {
        if depth > 0 && chance.per_cent(40) {
            let one = Box::new(Self::random(world, chance, depth - 1));
            let another = Box::new(Self::random(world, chance, depth - 1));
            return match chance.below(3) {
                0 => Self::Not(one),
                1 => Self::Both(one, another),
                _ => Self::Either(one, another),
            };
        }
        Self::single(world, chance)
    }

    fn single(world: &World, chance: &mut Chance) -> Self {
        let record = chance.pick(&world.records).clone();
        let internal = chance.per_cent(30);
        match chance.below(if internal { 4 } else { 11 }) {
            0 if internal => Self::Restricted,
            1 if internal => Self::DiagnosisHas(part(&record.diagnosis, chance)),
            2 if internal => Self::CostIs(record.cost.unwrap_or("zq".into())),
            3 if internal => Self::CostBegins(part(&record.cost.unwrap_or("zq".into()), chance)),
            0 => Self::TitleHas(part(&record.title[1], chance)),
            1 => Self::TitleHas(record.title[0].clone()),
            2 => Self::ColourIs(record.colour.unwrap_or("zq".into())),
            3 => record.team.map_or(Self::NoTeam, Self::Team),
            4 => Self::Organisation(chance.pick(&world.organisations).id),
            5 => Self::Requester(record.requester),
            6 => Self::Mine,
            7 => Self::OfMyOrganisation,
            8 => Self::OfMyTeams,
            9 => Self::PriorityUpTo(i64::try_from(chance.below(6)).unwrap_or_default()),
            _ => Self::State(chance.pick::<&str>(&["new", "assigned", "cancelled"])),
        }
    }

    pub fn is_internal(&self) -> bool {
        match self {
            Self::Restricted | Self::DiagnosisHas(_) | Self::CostIs(_) | Self::CostBegins(_) => true,
            Self::Not(one) => one.is_internal(),
            Self::Both(one, another) | Self::Either(one, another) => one.is_internal() || another.is_internal(),
            _ => false,
        }
    }

    pub fn text(&self) -> String {
        match self {
            Self::TitleHas(part) => format!("title contains \"{part}\""),
            Self::ColourIs(word) => format!("colour = \"{word}\""),
            Self::Team(id) => format!("team = {id}"),
            Self::NoTeam => "team is empty".into(),
            Self::Organisation(id) => format!("organisation in ({id})"),
            Self::Requester(id) => format!("requester = {id}"),
            Self::Mine => "requester = me".into(),
            Self::OfMyOrganisation => "organisation = my_organisation".into(),
            Self::OfMyTeams => "team in my_teams".into(),
            Self::PriorityUpTo(n) => format!("priority <= {n}"),
            Self::State(key) => format!("state = \"{key}\""),
            Self::Restricted => "restricted = true".into(),
            Self::DiagnosisHas(part) => format!("diagnosis contains \"{part}\""),
            Self::CostIs(word) => format!("cost_centre = \"{word}\""),
            Self::CostBegins(part) => format!("cost_centre starts with \"{part}\""),
            Self::Not(one) => format!("not ({})", one.text()),
            Self::Both(one, another) => format!("({}) and ({})", one.text(), another.text()),
            Self::Either(one, another) => format!("({}) or ({})", one.text(), another.text()),
        }
    }

    pub fn holds(&self, record: &Record, me: &Person) -> bool {
        let title = record.title.join(" ");
        match self {
            Self::TitleHas(part) => title.contains(part.as_str()),
            Self::ColourIs(word) => record.colour.as_ref() == Some(word),
            Self::Team(id) => record.team == Some(*id),
            Self::NoTeam => record.team.is_none(),
            Self::Organisation(id) => record.organisation == Some(*id),
            Self::Requester(id) => record.requester == *id,
            Self::Mine => record.requester == me.id,
            Self::OfMyOrganisation => me.organisation.is_some() && record.organisation == me.organisation,
            Self::OfMyTeams => record.team.is_some_and(|team| me.teams.contains(&team)),
            Self::PriorityUpTo(n) => record.priority.is_some_and(|priority| priority <= *n),
            Self::State(key) => record.state == *key,
            Self::Restricted => record.restricted,
            Self::DiagnosisHas(part) => record.diagnosis.contains(part.as_str()),
            Self::CostIs(word) => record.cost.as_ref() == Some(word),
            Self::CostBegins(part) => record.cost.as_ref().is_some_and(|cost| cost.starts_with(part.as_str())),
            Self::Not(one) => !one.holds(record, me),
            Self::Both(one, another) => one.holds(record, me) && another.holds(record, me),
            Self::Either(one, another) => one.holds(record, me) || another.holds(record, me),
        }
    }
}

/// The beginning of a word: how a guess goes on, letter by letter.
fn part(word: &str, chance: &mut Chance) -> String {
    word.chars().take(1 + chance.below(10)).collect()
}
