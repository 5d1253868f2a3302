//! Tables, forms, states and charts.

use jiff::tz::TimeZone;
use mainstay_web::chart::{Bar, Chart, Series, Slice, Unit, bars, dashboard, donut, horizontal_bars, lines};
use mainstay_web::components::{
    Banner, Choice, Column, Control, Field, FieldError, Glyph, Nothing, Order, Pane, Picked, PickerKind, Priority, Row,
    Stat, Status, Step, TextKind, Tone, Trend, ViewHead, Weight, Width, banner, button_link, data_table, dialog,
    error_summary, field, form_foot, nothing, pages, pane, person as person_line, pill, priority_words, shell, stats,
    status_pill, stepper, tag, time, token_field, update_button, view_head,
};
use maud::{Markup, html};

use crate::people::{frame, person};
use crate::{MINUTE, NOW, prose};

fn framed(title: &'static str, body: &Markup) -> Markup {
    let actions = html! { (button_link("/new", "New", Some("plus"), true)) };
    shell(
        &frame(Pane::List),
        &pane(&view_head(&ViewHead { title: title.into(), actions: Some(actions), ..ViewHead::default() }), body),
    )
}

pub fn table() -> Markup {
    let columns = [
        Column { label: "Change".into(), sort: Some("/table".into()), ..Column::default() },
        Column { label: "Title".into(), ..Column::default() },
        Column { label: "Status".into(), sort: Some("/table".into()), sorted: Some(Order::Descending), amount: false },
        Column { label: "Priority".into(), ..Column::default() },
        Column { label: "Owner".into(), ..Column::default() },
        Column { label: "Opened".into(), ..Column::default() },
        Column { label: "Cost".into(), amount: true, ..Column::default() },
    ];
    let glyphs = [Glyph::New, Glyph::Active, Glyph::Paused, Glyph::Done, Glyph::Closed, Glyph::Stopped, Glyph::Failed];
    let words = ["New", "In progress", "Awaiting CAB", "Done", "Closed", "Withdrawn", "Rejected"];
    let rows: Vec<Row> = glyphs.into_iter().zip(words).enumerate().map(|(index, (glyph, word))| Row {
        id: format!("change-{index}").into(),
        cells: vec![
            html! { a.link href="/table" { "CHG-22" (31 + index) } },
            html! { div.title { a href="/table" dir="auto" { "Patch VPN gateways, ring " (index + 1) } } },
            status_pill(&Status { glyph, word: word.into() }),
            html! { span.line { (priority_words(&Priority { level: 1 + u8::try_from(index % 4).unwrap_or(0), word: "Level".into() })) } },
            html! { span.line { (person_line(&person("Mei Chen", 1))) } },
            time(NOW - i64::try_from(index).unwrap_or(0) * 40 * 60 * MINUTE, &TimeZone::UTC, NOW),
            html! { "£" (index * 1250) },
        ],
        select: Some(format!("CHG-22{}", 31 + index).into()),
        above: None,
    }).collect();
    framed(
        "Changes",
        &html! { div { (data_table("Changes", &columns, &rows)) (pages("7 shown", None, Some("/table"))) } },
    )
}

pub fn form() -> Markup {
    let errors = [
        FieldError { field: Some("title".into()), message: "Title: say in a few words what will change.".into() },
        FieldError { field: Some("risk".into()), message: "Risk: choose one.".into() },
    ];
    framed(
        "New change",
        &html! {
            form.form method="post" action="/form" {
                (token_field("token"))
                (error_summary(&errors))
                section.form-section {
                    h2 { "What" }
                    div.form-grid { @for each in what() { (field(&each)) } }
                }
                section.form-section {
                    h2 { "When and how" }
                    div.form-grid { @for each in how() { (field(&each)) } }
                }
                (update_button("_update", "1"))
                (form_foot("Submit for approval", Some("/table")))
            }
        },
    )
}

fn what() -> Vec<Field<'static>> {
    let choices = || {
        vec![
            Choice::new("low", "Low", false),
            Choice::new("medium", "Medium", false),
            Choice::new("high", "High", false),
        ]
    };
    let picked = |value: &'static str, label: &'static str| Picked { value: value.into(), label: label.into() };
    vec![
        Field {
            required: true,
            error: Some("Say in a few words what will change.".into()),
            help: Some("People read this in the calendar.".into()),
            ..Field::new(
                "title",
                "Title",
                Control::Text { value: "".into(), kind: TextKind::Plain, max_length: Some(200) },
            )
        },
        Field::new(
            "description",
            "Description",
            Control::Markdown { value: "Replace the certificates.".into(), rows: 4 },
        ),
        Field {
            width: Width::Half,
            ..Field::new(
                "team",
                "Team",
                Control::Picker {
                    kind: PickerKind::Team,
                    picked: None,
                    options: vec![picked("1", "Network L2"), picked("2", "Service desk")],
                    source: None,
                },
            )
        },
        Field {
            width: Width::Half,
            ..Field::new(
                "owner",
                "Owner",
                Control::Picker {
                    kind: PickerKind::Person,
                    picked: Some(picked("mei@example.org", "Mei Chen")),
                    options: vec![picked("mei@example.org", "Mei Chen")],
                    source: Some("/search".into()),
                },
            )
        },
        Field {
            required: true,
            error: Some("Choose one.".into()),
            updates_form: true,
            width: Width::Half,
            ..Field::new("risk", "Risk", Control::Radios { options: choices() })
        },
        Field {
            width: Width::Half,
            ..Field::new(
                "sites",
                "Sites",
                Control::Checks {
                    options: vec![
                        Choice::new("lon", "London", true),
                        Choice::new("lee", "Leeds", false),
                        Choice { help: Some("Closed at weekends".into()), ..Choice::new("man", "Manchester", false) },
                    ],
                },
            )
        },
        Field {
            width: Width::Half,
            ..Field::new("kind", "Kind", Control::Select { options: choices(), blank: Some("Choose…".into()) })
        },
        Field {
            width: Width::Half,
            ..Field::new("tags", "Tags", Control::Tags { value: "vpn, london".into(), suggestions: vec!["vpn".into()] })
        },
    ]
}

fn how() -> Vec<Field<'static>> {
    let half = |field: Field<'static>| Field { width: Width::Half, ..field };
    let cell = |name: &'static str, label: &'static str, value: &'static str| {
        Field::new(name, label, Control::Text { value: value.into(), kind: TextKind::Plain, max_length: None })
    };
    vec![
        half(Field::new(
            "starts",
            "Starts",
            Control::DateTime { value: "2026-11-21T02:00".into(), zone: "London (GMT)".into() },
        )),
        half(Field::new("review", "Review on", Control::Date { value: "2026-11-28".into() })),
        half(Field::new("downtime", "Downtime", Control::Duration { value: "1h 30m".into() })),
        half(Field::new(
            "users",
            "Users affected",
            Control::Number {
                value: "41".into(),
                min: Some("0".into()),
                max: None,
                step: "1".into(),
                unit: Some("people".into()),
            },
        )),
        half(Field::new(
            "cost",
            "Cost",
            Control::Money {
                value: "1250.00".into(),
                currencies: vec![Choice::new("GBP", "GBP", true), Choice::new("EUR", "EUR", false)],
            },
        )),
        half(Field {
            locked: true,
            ..Field::new(
                "number",
                "Calendar entry",
                Control::Text { value: "CHG-2231".into(), kind: TextKind::Plain, max_length: None },
            )
        }),
        Field {
            help: Some("Mail to everybody on the list of the service.".into()),
            ..Field::new("announce", "Announce this change", Control::Bool { value: true })
        },
        Field::new(
            "steps",
            "Steps",
            Control::Table {
                columns: vec!["Step".into(), "Who".into()],
                rows: vec![vec![
                    cell("steps.0.step", "Step 1", "Drain gateway 02"),
                    cell("steps.0.who", "Who does step 1", "Mei Chen"),
                ]],
            },
        ),
        half(Field::new("plan", "Plan", Control::File { multiple: true, limit: Some("25 MB each".into()) })),
        half(Field::new("score", "Risk score", Control::Computed { value: "12 of 25".into() })),
    ]
}

pub fn parts() -> Markup {
    let banners = [Weight::Info, Weight::Warning, Weight::Danger, Weight::Success];
    framed(
        "Parts",
        &html! {
            (stepper("Progress of the change", &[("Assess", Step::Done), ("Approve", Step::Done), ("Build", Step::Now), ("Deploy", Step::Ahead), ("Review", Step::Ahead)]))
            @for (index, weight) in banners.into_iter().enumerate() {
                (banner(&Banner { weight, title: "Freeze from 20 December".into(), text: if index % 2 == 0 { "Only emergency changes pass.".into() } else { "".into() }, slim: index % 2 == 1, action: None }))
            }
            div.line.wrap { @for tone in [Tone::Plain, Tone::Red, Tone::Amber, Tone::Green, Tone::Blue, Tone::Violet, Tone::Accent] { (pill(tone, "Word")) } (tag("vpn")) (tag("london")) }
            div.btn-row {
                button.btn.btn-primary type="button" { "Primary" }
                button.btn type="button" { "Plain" }
                button.btn.btn-ghost type="button" { "Ghost" }
                button.btn.btn-danger type="button" { "Danger" }
                button.btn type="button" disabled { "Disabled" }
            }
            div.card { (nothing(Nothing::Filtered, "No record matches", "Every record of this view is hidden by the filter.", &button_link("/parts", "Clear filters", Some("x"), false), None)) }
            div.card { (nothing(Nothing::Failed, "This could not be loaded", "The list did not answer in time.", &button_link("/parts", "Try again", None, true), Some("7f3a-19c2"))) }
            div.card.prose { (prose("# A heading\n\nText with **weight**, `code` and [a link](https://example.org).\n\n- one\n- two\n\n> quoted\n\n| a | b |\n|---|---|\n| 1 | 2 |")) }
            (dialog("confirm", "Cancel the change?", &html! { p { "It leaves the calendar." } }, &html! { button.btn.btn-danger type="button" { "Cancel the change" } }))
        },
    )
}

pub fn charts() -> Markup {
    let week: Vec<_> = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].map(Into::into).to_vec();
    let series = |name: &'static str, values: [f64; 7]| Series {
        name: name.into(),
        values: values.map(Some).to_vec(),
        ..Series::default()
    };
    let chart = |id: &'static str, title: &'static str, series: Vec<Series<'static>>| Chart {
        id: id.into(),
        title: title.into(),
        note: "This week, all teams".into(),
        labels: week.clone(),
        series,
        unit: Unit::Count,
    };
    let opened = || series("Opened", [42.0, 51.0, 38.0, 44.0, 61.0, 9.0, 4.0]);
    let closed = || series("Resolved", [38.0, 47.0, 45.0, 40.0, 52.0, 12.0, 6.0]);
    let stat = |name: &'static str, value: &'static str, trend, words: &'static str, last: f64| Stat {
        name: name.into(),
        value: value.into(),
        trend: Some((trend, words.into())),
        history: vec![3.0, 5.0, 4.0, 6.0, 5.0, 8.0, last],
        href: Some("/table".into()),
    };
    framed(
        "Dashboard",
        &html! {
            (stats(&[
                stat("Open incidents", "64", Trend::DownGood, "12 since Monday", 2.0),
                stat("Resolved in time", "94.5%", Trend::UpGood, "1.2 since last week", 9.0),
                stat("Mean time to resolve", "3h 10m", Trend::UpBad, "20m since last week", 9.0),
                stat("Waiting for approval", "7", Trend::Level, "as last week", 5.0),
            ]))
            (dashboard(&[
                bars(&chart("bars", "Opened and resolved", vec![opened(), closed()])),
                lines(&chart("lines", "Backlog by kind", vec![opened(), closed(), series("Requests", [20.0, 22.0, 25.0, 21.0, 19.0, 18.0, 17.0])])),
                donut("donut", "By channel", &[Slice { name: "Portal".into(), value: 120.0 }, Slice { name: "Mail".into(), value: 74.0 }, Slice { name: "Telephone".into(), value: 31.0 }, Slice { name: "Monitoring".into(), value: 24.0 }], Unit::Count),
                horizontal_bars("services", "Breaches by service", "", &[Bar { name: "Remote Access".into(), value: 14.0, href: Some("/table".into()) }, Bar { name: "Mail".into(), value: 6.0, href: None }, Bar { name: "Payroll".into(), value: 2.0, href: None }], Unit::Count),
            ]))
        },
    )
}
