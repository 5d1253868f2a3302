//! The form that begins to have something made regularly: how it is called and when it is wanted.

use mainstay_desk::export::Format;
use mainstay_desk::schedules::{self, Every, Wanted, What};
use mainstay_engine::refusal::Refusal;
use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use crate::components::{Choice, Control, Field, TextKind, field, form_foot, token_field};
use crate::form::Form;
use crate::pages::entrance::error;
use crate::pages::record::Wrong;

/// What such a form is about.
pub struct Begin<'a> {
    /// Where it goes.
    pub action: &'a str,
    /// Back without it.
    pub back: &'a str,
    /// Hidden values: the question.
    pub carried: &'a Markup,
    /// What the files are called unless somebody says otherwise.
    pub name: &'a str,
    /// The kind of file and the days that are chosen at first.
    pub usual: (&'a str, &'a str),
    /// It is a report, which says what it is for, over one of these periods.
    pub report: Option<Field<'static>>,
    /// The receiver's time zone.
    pub zone: &'a str,
}

impl Begin<'_> {
    /// The form, as it was sent where something in it is refused.
    pub fn form(&self, token: &str, sent: Option<&Form>, refusal: Option<&Refusal>) -> Markup {
        let now = |key: &str, usual: &str| sent.and_then(|form| form.get(key)).unwrap_or(usual).to_owned();
        html! {
            form.form method="post" action=(self.action) {
                (Wrong { refusal }.summary())
                (token_field(token))
                (self.carried)
                @for asked in self.fields(&now, refusal) { (field(&asked)) }
                p.quiet { "Each file holds what you may see at that time. A notice in your inbox tells you of it; it is kept for thirty days." }
                (form_foot(t("Begin"), Some(self.back)))
            }
        }
    }

    fn fields(&self, now: &dyn Fn(&str, &str) -> String, refusal: Option<&Refusal>) -> Vec<Field<'static>> {
        let of = |name: &'static str, label: &'static str, control| Field {
            required: true,
            error: error(refusal, name).map(|error| error.detail.clone().into()),
            ..Field::new(name, label, control)
        };
        let text = |value: String, kind, most: usize| Control::Text {
            value: value.into(),
            kind,
            max_length: u32::try_from(most).ok(),
        };
        let words = |name: &'static str, label: &'static str, help: &'static str| Field {
            help: Some(t(help).into()),
            ..of(name, label, text(now(name, ""), TextKind::Plain, schedules::LONGEST_WORDS))
        };
        let format = now("format", self.usual.0);
        let formats = Format::ALL
            .iter()
            .map(|each| Choice::new(each.key(), each.key().to_uppercase(), each.key() == format))
            .collect();
        let every = now("every", self.usual.1);
        let days = Every::ALL.iter().map(|each| Choice::new(each.key, t(each.words), each.key == every)).collect();
        let time = Field {
            help: Some(tf("In your time zone: {zone}.", &[("zone", &self.zone)]).into()),
            ..of("time", "Time of day", text(now("time", "07:00"), TextKind::Time, 5))
        };
        let mut all = vec![of("name", "Name", text(now("name", self.name), TextKind::Plain, schedules::LONGEST_NAME))];
        if let Some(period) = self.report.clone() {
            let error = error(refusal, "period").map(|error| error.detail.clone().into());
            all.push(Field { error, ..period });
            all.push(words("purpose", "Purpose", "Such as: the service review with the customer"));
            all.push(words("audience", "Audience", "Who reads it"));
        }
        all.push(of("format", "Kind of file", Control::Radios { options: formats }));
        all.push(of("every", "Days", Control::Select { options: days, blank: None }));
        all.push(time);
        all
    }
}

/// What such a form says about something.
pub fn wanted(form: &Form, what: What) -> Wanted {
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    Wanted {
        name: text("name"),
        format: text("format"),
        every: text("every"),
        time: text("time"),
        purpose: text("purpose"),
        audience: text("audience"),
        what,
    }
}
