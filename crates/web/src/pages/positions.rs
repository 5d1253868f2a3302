//! How products stand: what may be used, what is used, and what that leaves or lacks.

use axum::extract::{Extension, State};
use axum::response::Response;
use mainstay_desk::positions::{self, Part, Standing};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::process::Process;
use mainstay_engine::value::day_to_date;
use mainstay_markup::html;
use mainstay_words::{dated, number, t, tf, tn};
use maud::Markup;

use super::frame::{At, Frame, Place};
use crate::components::{
    Column, Nothing, Row, Tone, ViewHead, button_link, data_table, nothing, pane, pill, view_head,
};
use crate::failure::Failure;
use crate::session::Visit;
use crate::web::Web;

/// `GET /{plural}/positions`
pub async fn show(
    State(web): State<Web>,
    Extension(process): Extension<&'static Process>,
    visit: Visit,
) -> Result<Response, Failure> {
    let load = move |session: &mut Session<'_>, caller: &Caller| {
        Ok((Frame::load(session, caller)?, positions::positions(session, caller, process)?))
    };
    let (frame, all) = web.read(&visit, Channel::Desk, load).await?;
    let title = t("Positions");
    let head = view_head(&ViewHead {
        title: title.into(),
        above: vec![(t(process.label_plural).into(), format!("/{}", process.plural).into())],
        ..ViewHead::default()
    });
    let back = button_link(&format!("/{}", process.plural), t("Back to the list"), None, false);
    let body = html! {
        @if all.is_empty() {
            (nothing(Nothing::Yet, "No licence is written down yet", "What may be used of each product, and what is used, stands here.", &back, None))
        } @else {
            (table(process, &all))
        }
    };
    Ok(frame.page(&web, &visit, &At::new(title, Place::Process(process.key)), &pane(&head, &body)))
}

fn amount(label: &'static str) -> Column<'static> {
    Column { label: t(label).into(), amount: true, ..Column::default() }
}

fn table(process: &'static Process, all: &[Standing]) -> Markup {
    let text = |label: &'static str| Column { label: t(label).into(), ..Column::default() };
    let columns = [
        text("Product"),
        text("Counted by"),
        amount("May be used"),
        amount("Is used"),
        text("Position"),
        amount("Paid for nothing"),
    ];
    let row = |(at, each): (usize, &Standing)| Row {
        id: format!("position-{at}").into(),
        cells: vec![
            named(process, each),
            html! { (t(each.metric_label)) },
            html! { span.digits { (number(each.position.entitled)) } },
            html! { span.digits { (number(each.position.used)) } },
            left(each),
            html! { span.digits { (number(each.unused_cost)) } },
        ],
        ..Row::default()
    };
    let rows: Vec<Row<'_>> = all.iter().enumerate().map(row).collect();
    data_table(t("Positions"), &columns, &rows)
}

/// The product, with the way to the newest licence of it, beside which the others stand.
fn named(process: &'static Process, each: &Standing) -> Markup {
    let newest = each.parts.last().map(|part| format!("/{}/{}/position", process.plural, part.number));
    html! {
        @if let Some(place) = newest { a.link href=(place) { bdi { (each.product) } } } @else { bdi { (each.product) } }
    }
}

/// What is left or missing, in words beside its sign.
fn left(each: &Standing) -> Markup {
    match each.position.left() {
        0 => pill(Tone::Plain, t("Exactly enough")),
        left @ 1.. => pill(Tone::Green, &tf("{n} left", &[("n", &format!("+{left}"))])),
        missing => pill(Tone::Red, &tf("{n} missing", &[("n", &format!("−{}", missing.unsigned_abs()))])),
    }
}

/// The position of the product of one licence, with everything that entitles to it.
#[must_use]
pub fn of_one(process: &'static Process, number: &str, each: &Standing) -> Markup {
    let position = each.position;
    let not_counted = usize::try_from(position.not_counted).unwrap_or_default();
    html! {
        div.details {
            section.card aria-labelledby="position-title" {
                h2 #position-title .card-title dir="auto" { (each.product) }
                p.line.wrap {
                    (left(each))
                    span { (tf("{used} used of {entitled} that may be used, counted by: {metric}.", &[
                        ("used", &position.used), ("entitled", &position.entitled), ("metric", &t(each.metric_label)),
                    ])) }
                }
                @if not_counted > 0 {
                    p.quiet { (tn(not_counted, "{n} item is not counted, because it is retired or works where use is free.", "{n} items are not counted, because they are retired or work where use is free.")) }
                }
                @if each.unused_cost > 0 {
                    p.quiet { (tf("What nobody uses was paid with {amount}.", &[("amount", &each.unused_cost)])) }
                }
            }
            section {
                h2 .card-title { "What entitles to it" }
                (parts(process, number, each))
            }
        }
    }
}

fn parts(process: &'static Process, number: &str, each: &Standing) -> Markup {
    let columns = [t("Licence"), t("Holds today"), t("Valid until")]
        .map(|label| Column { label: label.into(), ..Column::default() })
        .into_iter()
        .chain([amount("How many")])
        .collect::<Vec<_>>();
    let row = |part: &Part| Row {
        id: format!("part-{}", part.number).into(),
        cells: vec![
            html! {
                @if part.number == number { bdi.strong { (part.number) } } @else { a.link href={ "/" (process.plural) "/" (part.number) } { bdi { (part.number) } } }
                " " bdi { (part.title) }
            },
            html! { @if part.holds { (pill(Tone::Green, t("Yes"))) } @else { (pill(Tone::Plain, t("No"))) } },
            html! { (part.until.and_then(day_to_date).map(|day| dated(day, "%-d %b %Y")).unwrap_or_default()) },
            html! { span.digits { (part.quantity) } },
        ],
        ..Row::default()
    };
    let rows: Vec<Row<'_>> = each.parts.iter().map(row).collect();
    data_table(t("What entitles to it"), &columns, &rows)
}
