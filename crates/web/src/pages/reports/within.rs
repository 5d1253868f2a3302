//! Which period and whose records: pills, and a menu of the teams.

use jiff::tz::TimeZone;
use mainstay_desk::reports::Span;
use mainstay_desk::{Caller, Session};
use mainstay_markup::html;
use mainstay_words::t;
use maud::Markup;

use super::asked::{Asked, MINE};
use crate::components::{Menu, MenuItem, Trigger, menu};

/// Teams to choose from beside one's own.
const MOST_TEAMS: usize = 50;

/// The teams that a reader may ask about.
#[derive(Default)]
pub struct Within {
    own: bool,
    teams: Vec<(String, String)>,
}

impl Within {
    /// Reads the teams, one's own first; customers have none to choose from.
    pub fn load(session: &Session<'_>, caller: &Caller) -> Self {
        if !caller.rights.is_any_staff() {
            return Self::default();
        }
        let own: &[i64] = caller.person.as_ref().map_or(&[], |person| person.teams.as_slice());
        let mut all: Vec<(i64, &str)> =
            session.config.teams.iter().map(|(id, team)| (*id, team.name.as_str())).collect();
        all.sort_by_key(|(id, name)| (!own.contains(id), name.to_lowercase()));
        all.truncate(own.len() + MOST_TEAMS);
        let teams = all.into_iter().map(|(id, name)| (id.to_string(), name.to_owned())).collect();
        Self { own: !own.is_empty(), teams }
    }

    /// The choices as links to where `place` says the answer stands.
    pub fn choices(&self, asked: &Asked, now: i64, zone: &TimeZone, place: &dyn Fn(&Asked) -> String) -> Markup {
        let all: Vec<(Span, Asked)> =
            Span::ALL.into_iter().map(|span| (span, asked.within(span.days(now, zone)))).collect();
        // Two of them can be the same days.
        let first = all.iter().position(|(_, within)| within == asked);
        html! {
            div.line.wrap {
                nav.line.wrap aria-label="Period" {
                    @for (index, (span, within)) in all.iter().enumerate() {
                        @let chosen = first == Some(index);
                        a.pill.(if chosen { "tone-accent" } else { "pill-line" }) href=(place(within)) aria-current=[chosen.then_some("true")] { (t(span.words)) }
                    }
                }
                @if !self.teams.is_empty() { (self.menu(asked, place)) }
            }
        }
    }

    /// The team that is asked about, by its name; none where it is about all.
    pub fn team(&self, asked: &Asked) -> Option<String> {
        let chosen = |(key, name): &(String, String)| (*key == asked.team.trim()).then(|| name.clone());
        match asked.team.trim() {
            "" => None,
            MINE => Some(t("My teams").to_owned()),
            other => Some(self.teams.iter().find_map(chosen).unwrap_or_else(|| other.to_owned())),
        }
    }

    fn menu(&self, asked: &Asked, place: &dyn Fn(&Asked) -> String) -> Markup {
        let mine = [(MINE.to_owned(), t("My teams").to_owned())];
        let all = [(String::new(), t("All teams").to_owned())];
        let choices: Vec<(String, String)> =
            all.into_iter().chain(mine.into_iter().filter(|_| self.own)).chain(self.teams.iter().cloned()).collect();
        let name = self.team(asked).unwrap_or_else(|| t("All teams").to_owned());
        let item = |(key, name): &(String, String)| MenuItem::Link {
            label: name.clone().into(),
            href: place(&asked.with_team(key)).into(),
            icon: None,
            current: *key == asked.team.trim(),
        };
        menu(&Menu {
            id: "team".into(),
            trigger: Trigger::Pill {
                class: if asked.team.is_empty() { "pill-line" } else { "tone-accent" },
                content: html! { bdi.clip { (name) } },
                label: t("Team").into(),
            },
            items: choices.iter().map(item).collect(),
            end: false,
            token: "".into(),
        })
    }
}
