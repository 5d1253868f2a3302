//! The kinds of control a field can have, as plain data.

use super::Field;
use crate::components::Text;

/// What a line of text means, for keyboards and password managers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextKind {
    /// Anything.
    #[default]
    Plain,
    /// A mail address.
    Email,
    /// A web address.
    Url,
    /// A telephone number.
    Phone,
    /// The name a person signs in with.
    Username,
    /// The password a person signs in with.
    Password,
    /// A password to be set.
    NewPassword,
    /// A code that works once.
    OneTimeCode,
    /// A time of the day.
    Time,
}

/// One of several answers.
#[derive(Clone, Debug, Default)]
pub struct Choice<'a> {
    /// What the form sends.
    pub value: Text<'a>,
    /// What people read.
    pub label: Text<'a>,
    /// A line below, for radios and boxes.
    pub help: Option<Text<'a>>,
    /// The answer given.
    pub chosen: bool,
}

impl<'a> Choice<'a> {
    /// An answer without a line of help.
    pub fn new(value: impl Into<Text<'a>>, label: impl Into<Text<'a>>, chosen: bool) -> Self {
        Self { value: value.into(), label: label.into(), help: None, chosen }
    }
}

/// What a picker picks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PickerKind {
    /// A person.
    Person,
    /// A team.
    Team,
    /// An organisation.
    Organisation,
    /// A service.
    Service,
    /// A category.
    Category,
    /// A time zone.
    Zone,
    /// Any other record.
    Record,
}

/// What each item of a list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EachOf {
    /// A whole number of per cent from 1 to 99.
    Percent,
    /// An address of the network, or a network.
    Network,
}

/// What was picked.
#[derive(Clone, Debug, Default)]
pub struct Picked<'a> {
    /// What the form sends and the person types: a number, a mail address, a name.
    pub value: Text<'a>,
    /// What people read beside it.
    pub label: Text<'a>,
}

/// The kinds of control. Values are as the form sends them.
#[derive(Clone, Debug)]
pub enum Control<'a> {
    /// One line of text.
    Text {
        /// The text.
        value: Text<'a>,
        /// What it means.
        kind: TextKind,
        /// Most characters.
        max_length: Option<u32>,
    },
    /// Several lines, formatted with Markdown.
    Markdown {
        /// The text.
        value: Text<'a>,
        /// Lines shown while empty.
        rows: u8,
    },
    /// A number.
    Number {
        /// Decimal digits with a point.
        value: Text<'a>,
        /// Least.
        min: Option<Text<'a>>,
        /// Most.
        max: Option<Text<'a>>,
        /// Distance between two values; "any" for decimals.
        step: Text<'a>,
        /// Shown behind the number.
        unit: Option<Text<'a>>,
    },
    /// An amount; the currency is sent as `<name>_currency`.
    Money {
        /// Decimal digits with a point.
        value: Text<'a>,
        /// Currencies to choose from; one is shown and not asked.
        currencies: Vec<Choice<'a>>,
    },
    /// Yes or no; sends `true` or nothing.
    Bool {
        /// The answer.
        value: bool,
    },
    /// A day, as 2026-11-20.
    Date {
        /// The day.
        value: Text<'a>,
    },
    /// A day and a clock time in a zone, as 2026-11-20T08:52.
    DateTime {
        /// The wall clock.
        value: Text<'a>,
        /// The zone it is meant in, as people read it.
        zone: Text<'a>,
    },
    /// A length of time in words, as "1h 30m".
    Duration {
        /// The words.
        value: Text<'a>,
    },
    /// One of many, from a list that opens.
    Select {
        /// The answers.
        options: Vec<Choice<'a>>,
        /// What stands there while none is given; none leaves no way to give none.
        blank: Option<Text<'a>>,
    },
    /// One of few, all in view.
    Radios {
        /// The answers.
        options: Vec<Choice<'a>>,
    },
    /// Any number of few, all in view.
    Checks {
        /// The answers.
        options: Vec<Choice<'a>>,
    },
    /// Words, separated by commas.
    Tags {
        /// The words.
        value: Text<'a>,
        /// Words in use.
        suggestions: Vec<Text<'a>>,
    },
    /// Items of a list, each in a control of its own by the same name; what is left empty is none.
    Several {
        /// The items, and empty ones for more.
        values: Vec<Text<'a>>,
        /// What each is.
        each: EachOf,
    },
    /// Another record: a list while there are few, else a text with suggestions from `source`.
    Picker {
        /// What it picks.
        kind: PickerKind,
        /// What is picked.
        picked: Option<Picked<'a>>,
        /// What there is to pick, or the first of it.
        options: Vec<Picked<'a>>,
        /// Where more is searched with `?q=`; none means `options` is all there is.
        source: Option<Text<'a>>,
    },
    /// Rows of fields; each row is complete, and buttons add and remove rows.
    Table {
        /// Headings.
        columns: Vec<Text<'a>>,
        /// Fields by row.
        rows: Vec<Vec<Field<'a>>>,
    },
    /// Files.
    File {
        /// More than one.
        multiple: bool,
        /// What the limit is, in words.
        limit: Option<Text<'a>>,
    },
    /// Not asked: worked out from the rest.
    Computed {
        /// The value as shown.
        value: Text<'a>,
    },
}

impl<'a> Control<'a> {
    /// Whether several elements answer one question.
    pub(super) fn is_group(&self) -> bool {
        matches!(self, Self::Radios { .. } | Self::Checks { .. } | Self::Table { .. } | Self::Several { .. })
    }

    /// Whether nothing is asked.
    pub(super) fn is_output(&self) -> bool {
        matches!(self, Self::Computed { .. })
    }

    /// The same where it narrows a search: that nothing is picked reads as `words`.
    #[must_use]
    pub fn unless_picked(self, words: &'static str) -> Self {
        let Self::Picker { picked, options, source: None, .. } = self else { return self };
        // What is picked is among the options already.
        let choice = |each: Picked<'a>| {
            let chosen = picked.as_ref().is_some_and(|picked| picked.value == each.value);
            Choice::new(each.value, each.label, chosen)
        };
        Self::Select { options: options.into_iter().map(choice).collect(), blank: Some(words.into()) }
    }
}
