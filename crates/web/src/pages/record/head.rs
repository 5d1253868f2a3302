//! The head of a record: what it is, how it stands, and the steps that are open.

use mainstay_engine::process::{Asks, Phase, Process, Transition};
use mainstay_engine::record::Record;
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_words::{inside, t, tf};
use maud::Markup;

use super::related::LINK_FIELD;
use super::sheet::Sheet;
use crate::address;
use crate::components::{
    Menu, MenuItem, RecordHead, SlaState, Trigger, demo_badge, menu, person, presence, priority_words, record_head,
    sla_pill, status_pill, status_words, toggle, token_field,
};
use crate::pages::new::FROM;
use crate::session::Visit;
use crate::shown::{clock, priority, status};

/// The head with status, priority, assignee and target, and what can be done.
#[must_use]
pub fn head(sheet: &Sheet, visit: &Visit) -> Markup {
    let record = &sheet.view.record;
    let way = match &sheet.inbox {
        Some((notice, pane)) => pane.way(notice.unwrap_or_default()),
        None => sheet.list.way(),
    };
    record_head(&RecordHead {
        list: record.process.label_plural.into(),
        list_href: if sheet.inbox.is_some() { "/inbox".into() } else { sheet.list.here().into() },
        number: sheet.number().into(),
        href: sheet.beside("").into(),
        title: sheet.title().into(),
        badge: sheet.view.demo.then(demo_badge),
        marks: marks(sheet, visit),
        presence: Some(presence(&[])),
        neighbours: (way.before.map(Into::into), way.after.map(Into::into)),
        place: way.place.map(Into::into),
        actions: Some(actions(sheet, visit)),
    })
}

fn marks(sheet: &Sheet, visit: &Visit) -> Vec<Markup> {
    let mut marks = vec![status_mark(sheet, visit)];
    marks.extend(priority_mark(sheet, visit));
    marks.extend(assignee_mark(sheet, visit));
    let running = |sla: &crate::components::Sla<'_>| matches!(sla.state, SlaState::Running(_) | SlaState::Paused);
    let target = sheet.view.clocks.iter().filter_map(|view| clock(view, visit.now())).filter(running);
    if let Some(sla) = target.min_by_key(|sla| sla.due.unwrap_or(i64::MAX)) {
        let purpose = if sla.name.contains("response") { t("to respond") } else { t("to resolve") };
        marks.push(sla_pill(&sla, purpose, visit.now()));
    }
    marks
}

/// Whether a step can be taken without a question: nothing to fill in, nothing to say, nothing to name.
#[must_use]
pub fn at_once(record: &Record, step: &Transition) -> bool {
    step.asked(record).all(|field| step.needs.iter().any(|needed| needed.key == field.key))
        && step.links.is_none()
        && step.asks_when.is_none()
        && step.asks == Asks::Nothing
        && step.needs.iter().all(|field| !record.value(field.key).is_blank())
        // What only this step may set is asked for even when it holds something.
        && step.needs.iter().all(|field| field.writer != mainstay_engine::field::Writer::Transition)
}

/// The step as a line of a menu: posted at once, or a form that asks.
#[must_use]
pub fn item(sheet: &Sheet, step: &'static Transition) -> MenuItem<'static> {
    let danger = step.to.is_some_and(|to| to.void);
    if at_once(&sheet.view.record, step) {
        return MenuItem::Post {
            label: step.label.into(),
            action: sheet.beside(&format!("/{}", step.verb)).into(),
            fields: vec![("version".into(), sheet.view.record.version.to_string().into())],
            icon: None,
            danger,
        };
    }
    let href = sheet.beside(&format!("/{}", step.verb)).into();
    MenuItem::Link { label: format!("{}…", t(step.label)).into(), href, icon: None, current: false }
}

/// The next step that people mostly want, as a button.
fn button(sheet: &Sheet, visit: &Visit, step: &'static Transition) -> Markup {
    let action = sheet.beside(&format!("/{}", step.verb));
    if !at_once(&sheet.view.record, step) {
        return html! { a.btn.btn-s.btn-primary href=(action) { (step.label) "…" } };
    }
    html! {
        form method="post" action=(action) {
            (token_field(visit.token()))
            input type="hidden" name="version" value=(sheet.view.record.version);
            button.btn.btn-s.btn-primary type="submit" { (step.label) }
        }
    }
}

fn status_mark(sheet: &Sheet, visit: &Visit) -> Markup {
    let status = status(sheet.process(), sheet.view.record.state);
    let moves: Vec<MenuItem<'_>> =
        sheet.view.options.iter().filter(|step| step.to.is_some()).map(|step| item(sheet, step)).collect();
    if moves.is_empty() {
        return status_pill(&status);
    }
    menu(&Menu {
        id: "status".into(),
        trigger: Trigger::Pill {
            class: status.glyph.tone().fill(),
            content: status_words(&status),
            label: "State".into(),
        },
        items: moves,
        end: false,
        token: visit.token().into(),
    })
}

fn priority_mark(sheet: &Sheet, visit: &Visit) -> Option<Markup> {
    let priority = priority(sheet.view.record.value(spine::PRIORITY.def.key))?;
    let steps = asking_for(sheet, spine::PRIORITY.def.key);
    if steps.is_empty() {
        return Some(html! { span.pill.pill-line { (priority_words(&priority)) } });
    }
    Some(menu(&Menu {
        id: "priority".into(),
        trigger: Trigger::Pill { class: "pill-line", content: priority_words(&priority), label: "Priority".into() },
        items: steps,
        end: false,
        token: visit.token().into(),
    }))
}

/// Whether the viewer can make the record theirs with one press.
fn offers_me(sheet: &Sheet) -> bool {
    let key = spine::ASSIGNEE.def.key;
    let assignee = sheet.view.record.value(key).as_int();
    sheet.process().field(key).is_some() && sheet.view.can.update && assignee != Some(sheet.frame.me)
}

/// Why they cannot, where they cannot.
fn why_not_me(sheet: &Sheet) -> &'static str {
    let key = spine::ASSIGNEE.def.key;
    if sheet.view.record.state.phase == Phase::Closed {
        "It is closed: nobody can be given it any more."
    } else if sheet.view.record.value(key).as_int() == Some(sheet.frame.me) {
        "It is yours already."
    } else {
        "You cannot take this one: it is not among the records that you may change."
    }
}

fn assignee_mark(sheet: &Sheet, visit: &Visit) -> Option<Markup> {
    let key = spine::ASSIGNEE.def.key;
    sheet.process().field(key)?;
    let assignee = sheet.view.record.value(key).as_int();
    let content = if let Some(id) = assignee {
        person(&sheet.reader().person(id))
    } else {
        html! { span.quiet { "Nobody" } }
    };
    let mut items = asking_for(sheet, key);
    if offers_me(sheet) {
        let version = sheet.view.record.version.to_string();
        let fields = vec![
            ("version".into(), version.into()),
            ("_fields".into(), key.into()),
            (key.into(), sheet.frame.me.to_string().into()),
        ];
        let action = sheet.beside("/edit").into();
        items.insert(
            0,
            MenuItem::Post { label: "Assign to me".into(), action, fields, icon: Some("user-round"), danger: false },
        );
    }
    if items.is_empty() {
        return Some(html! { span.pill.pill-line { (content) } });
    }
    Some(menu(&Menu {
        id: "assignee".into(),
        trigger: Trigger::Pill { class: "pill-line", content, label: "Assignee".into() },
        items,
        end: false,
        token: visit.token().into(),
    }))
}

/// The open steps whose form asks for a field.
fn asking_for(sheet: &Sheet, key: &str) -> Vec<MenuItem<'static>> {
    let asks = |step: &&&'static Transition| step.needs.iter().chain(step.takes).any(|field| field.key == key);
    sheet.view.options.iter().filter(asks).map(|step| item(sheet, step)).collect()
}

/// Where the steps are that have a shortcut: the one that finishes the work and the one that calls it off.
fn steps_by_key(sheet: &Sheet) -> Markup {
    let place = |ends: &dyn Fn(&Transition) -> bool| {
        let step = sheet.view.options.iter().find(|step| ends(step))?;
        Some(sheet.beside(&format!("/{}", step.verb)))
    };
    let done = |step: &Transition| step.to.is_some_and(|to| to.phase == Phase::Done && !to.void);
    let finish =
        place(&done).or_else(|| place(&|step| step.to.is_some_and(|to| to.phase == Phase::Closed && !to.void)));
    let cancel = place(&|step| step.to.is_some_and(|to| to.void));
    let no_step = "No step of it is yours to take as things stand.";
    let nothing = |keys: &'static str, taken: bool, words: &'static str| {
        html! { @if !taken { span hidden data-no-key=(keys) { (t(words)) } } }
    };
    html! {
        span #record-steps hidden data-finish=[&finish] data-cancel=[&cancel] {}
        (nothing("status", sheet.view.options.iter().any(|step| step.to.is_some()), no_step))
        (nothing("finish", finish.is_some(), "Nothing finishes it as things stand."))
        (nothing("cancel", cancel.is_some(), "It cannot be cancelled as things stand."))
        (nothing("assign-me", offers_me(sheet), why_not_me(sheet)))
    }
}

/// The way to a record of another process that is opened from this one: what it is called, and its address.
#[must_use]
pub fn begetting(process: &Process, number: &str) -> (String, String) {
    let label = tf("Open a {process} from it", &[("process", &inside(process.label))]);
    (label, format!("/{}/new?{}", process.plural, address::query([(FROM, number)])))
}

fn actions(sheet: &Sheet, visit: &Visit) -> Markup {
    let way = if sheet.watching { "/unwatch" } else { "/watch" };
    let label = if sheet.watching { "Stop watching" } else { "Watch" };
    let mut items: Vec<MenuItem<'_>> =
        sheet.view.options.iter().filter(|step| step.to.is_none()).map(|step| item(sheet, step)).collect();
    let link = |label: &'static str, rest: &str, icon| MenuItem::Link {
        label: label.into(),
        href: sheet.beside(rest).into(),
        icon: Some(icon),
        current: false,
    };
    if !items.is_empty() {
        items.push(MenuItem::Rule);
    }
    if sheet.view.can.update {
        items.push(link("Edit everything", "/edit", "pencil"));
    }
    if sheet.view.can.task {
        items.push(link("Add a task", "/tasks", "list-checks"));
    }
    if sheet.view.can.link {
        let href = format!("{}#{LINK_FIELD}", sheet.beside("/related"));
        let label = "Link to a record".into();
        items.push(MenuItem::Link { label, href: href.into(), icon: Some("link"), current: false });
    }
    for process in &sheet.view.begets {
        let (label, href) = begetting(process, sheet.number());
        let icon = Some(process.icon);
        items.push(MenuItem::Link { label: label.into(), href: href.into(), icon, current: false });
    }
    if sheet.holds && sheet.hold.is_none() {
        items.push(link("Legal hold…", "/legal-hold", "lock"));
    }
    items.push(link("History", "/history", "history"));
    let watches = sheet.watching || sheet.view.record.state.phase != Phase::Closed;
    if watches {
        // A phone has no room for the bell.
        let action = sheet.beside(way).into();
        items.push(MenuItem::Post {
            label: label.into(),
            action,
            fields: Vec::new(),
            icon: Some("bell"),
            danger: false,
        });
    }
    let next = sheet.view.options.iter().find(|step| step.primary);
    html! {
        (steps_by_key(sheet))
        @if sheet.asked { a.btn.btn-s.btn-primary href={ "/approvals/" (sheet.number()) } { "Approve…" } }
        @if let Some(step) = next { (button(sheet, visit, step)) }
        @if watches {
            div.off-phone { (toggle(&sheet.beside(way), visit.token(), "bell", label, sheet.watching)) }
        }
        (menu(&Menu {
            id: "more".into(),
            trigger: Trigger::Icon { icon: "ellipsis", label: "More actions".into() },
            items,
            end: true,
            token: visit.token().into(),
        }))
    }
}
