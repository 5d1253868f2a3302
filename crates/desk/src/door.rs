//! The door: what the house's rules ask of somebody's session, in every transaction.

use crate::auth::policy;
use crate::config::{Config, entry_of};
use crate::error::Result;
use mainstay_engine::network::Network;
use mainstay_engine::refusal::{Refusal, Why};
use mainstay_engine::register::Entry;
use mainstay_engine::value::Value;
use mainstay_processes::registers::SIGN_IN_RULES;
use mainstay_store::{Conn, entries};
use std::net::IpAddr;

/// The code of the refusal that sends people to set up one-time codes first.
pub const SECOND_FACTOR: &str = "second_factor_needed";

/// One rule.
#[derive(Clone, Debug, Default)]
pub struct Rule {
    /// Empty: for everybody.
    roles: Vec<i64>,
    second_factor: bool,
    shortest: Option<usize>,
    idle_ms: Option<i64>,
    absolute_ms: Option<i64>,
    networks: Vec<Network>,
}

impl Rule {
    /// Reads a rule.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        let texts = entry.value("addresses").as_list().iter().filter_map(Value::as_text);
        Self {
            roles: entry.ids("roles").collect(),
            second_factor: entry.flag("second_factor"),
            shortest: entry.int("shortest").and_then(|n| usize::try_from(n).ok()),
            idle_ms: entry.int("idle_minutes").map(|n| n * 60_000),
            absolute_ms: entry.int("absolute_hours").map(|n| n * 3_600_000),
            networks: texts.filter_map(|text| text.parse().ok()).collect(),
        }
    }

    fn is_for(&self, person: &Entry) -> bool {
        let held =
            |role: &i64| person.value("grants").as_list().iter().any(|g| g.column("role").as_int() == Some(*role));
        self.roles.is_empty() || self.roles.iter().any(held)
    }
}

/// What all the rules together ask of one person: of each demand the strictest.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    pub second_factor: bool,
    /// Fewest characters of a password.
    pub shortest: usize,
    idle_ms: Option<i64>,
    absolute_ms: Option<i64>,
    /// An address has to be in one of each.
    networks: Vec<Vec<Network>>,
}

impl Terms {
    /// The terms of a person.
    #[must_use]
    pub fn of(rules: &[Rule], person: &Entry) -> Self {
        let mut terms = Self { shortest: policy::FEWEST, ..Self::default() };
        for rule in rules.iter().filter(|rule| rule.is_for(person)) {
            let less = |held: Option<i64>, asked: Option<i64>| match (held, asked) {
                (Some(held), Some(asked)) => Some(held.min(asked)),
                (held, asked) => held.or(asked),
            };
            terms.second_factor |= rule.second_factor;
            terms.shortest = terms.shortest.max(rule.shortest.unwrap_or_default());
            terms.idle_ms = less(terms.idle_ms, rule.idle_ms);
            terms.absolute_ms = less(terms.absolute_ms, rule.absolute_ms);
            if !rule.networks.is_empty() {
                terms.networks.push(rule.networks.clone());
            }
        }
        terms
    }

    /// The terms of a person, read from the database.
    ///
    /// # Errors
    /// The database's.
    pub fn read(conn: &mut Conn, person: i64) -> Result<Self> {
        let Some(entry) = entries::by_id(conn, person)?.map(entry_of) else {
            return Ok(Self { shortest: policy::FEWEST, ..Self::default() });
        };
        let rules = entries::all(conn, SIGN_IN_RULES.key)?.into_iter().map(entry_of).filter(|rule| rule.active);
        let rules: Vec<Rule> = rules.map(|rule| Rule::of(&rule)).collect();
        Ok(Self::of(&rules, &entry))
    }

    /// Whether somebody may come from an address.
    #[must_use]
    pub fn let_in(&self, address: IpAddr) -> bool {
        self.networks.iter().all(|any| any.iter().any(|network| network.holds(address)))
    }
}

/// What a session's row says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// When it began, in epoch milliseconds UTC.
    pub created: i64,
    /// The last request, to the minute.
    pub seen: i64,
    /// A second factor was proven.
    pub mfa: bool,
    /// The person or role as whom its person looks.
    pub viewed: Option<i64>,
}

/// What somebody is about at the door.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Errand {
    /// Anything.
    #[default]
    Ordinary,
    /// One's own password and codes: open to whoever has yet to set codes up.
    Enrolling,
    /// To stop looking as somebody else.
    Returning,
}

/// A browser's session, where it comes from, and what for.
#[derive(Clone, Debug)]
pub struct Browser {
    /// Digest of the session's secret.
    pub digest: String,
    pub address: IpAddr,
    pub errand: Errand,
}

/// Holds a session to the house's rules. Whether the person is let in without any right yet, to set codes up.
///
/// # Errors
/// `not_signed_in` when the session has lasted too long; `address_not_allowed`; [`SECOND_FACTOR`].
pub fn hold(config: &Config, person: &Entry, facts: &Facts, browser: &Browser, now: i64) -> Result<bool> {
    let terms = Terms::of(&config.sign_in, person);
    let over = |since: i64, limit: Option<i64>| limit.is_some_and(|limit| now - since > limit);
    if over(facts.seen, terms.idle_ms) || over(facts.created, terms.absolute_ms) {
        return Err(Refusal::new(Why::Unknown, "not_signed_in", "Sign in first.").into());
    }
    if !terms.let_in(browser.address) {
        let says = "Your role is let in from certain addresses only, and this is none of them.";
        return Err(Refusal::forbidden("address_not_allowed", says).into());
    }
    match (terms.second_factor && !facts.mfa, browser.errand) {
        (true, Errand::Enrolling) => Ok(true),
        (true, _) => {
            let says = "Your role asks for one-time codes. Set them up to go on.";
            Err(Refusal::forbidden(SECOND_FACTOR, says).into())
        }
        (false, _) => Ok(false),
    }
}

/// Whoever makes a rule does not shut themselves out by it.
///
/// # Errors
/// `locks_you_out`, on the field `addresses`.
pub fn stays_open(conn: &mut Conn, person: i64, address: IpAddr) -> Result<()> {
    if Terms::read(conn, person)?.let_in(address) {
        return Ok(());
    }
    let says = format!("You come from {address} yourself and would be shut out at once.");
    let error = mainstay_engine::refusal::FieldError::new("addresses", "locks_you_out", says);
    Ok(Refusal::unless_empty(vec![error])?)
}
