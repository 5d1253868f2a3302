//! The heads of views and records: title, filters, sort, tabs.

use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use super::{Menu, MenuItem, Text, Trigger, icon, icon_small, menu};

/// The head of a list or page.
#[derive(Clone, Debug, Default)]
pub struct ViewHead<'a> {
    /// Name of the view.
    pub title: Text<'a>,
    /// How many records it holds, as shown.
    pub count: Option<Text<'a>>,
    /// Whether this is the page's heading; beside an open record it is not.
    pub beside: bool,
    /// Buttons at the end.
    pub actions: Option<Markup>,
    /// The places above this one with their addresses, the nearest last.
    pub above: Vec<(Text<'a>, Text<'a>)>,
}

/// The head of a list or page.
#[must_use]
pub fn view_head(head: &ViewHead) -> Markup {
    html! {
        div.pane-head {
            @if let Some((label, href)) = head.above.last() {
                (back_link(href, label))
                nav.trail.off-phone aria-label="Where you are" {
                    @for (label, href) in &head.above { a href=(href) dir="auto" { (label) } span aria-hidden="true" { "/" } }
                }
            }
            @if head.beside {
                h2 dir="auto" { (t(&head.title)) }
            } @else {
                h1 tabindex="-1" dir="auto" { (t(&head.title)) }
            }
            @if let Some(count) = &head.count { span.quiet.digits { (count) } }
            span.grow {}
            @if let Some(actions) = &head.actions { (actions) }
        }
    }
}

/// The way back on a phone, where the places above a page have no room.
fn back_link(href: &str, label: &str) -> Markup {
    html! {
        a.icon-btn.on-phone href=(href) aria-label=(tf("Back to {place}", &[("place", &t(label))])) {
            svg.icon.icon-l.icon-turns aria-hidden="true" { use href={ (crate::assets::ICONS_SVG) "#chevron-left" } {} }
        }
    }
}

/// A condition in force on a list.
#[derive(Clone, Debug)]
pub struct FilterChip<'a> {
    /// In words: "Assignee: me, none".
    pub label: Text<'a>,
    /// The same list without the condition.
    pub without: Text<'a>,
}

/// What narrows and orders a list.
#[derive(Clone, Debug, Default)]
pub struct FilterBar<'a> {
    /// Where a condition is added; a page that works without a script.
    pub add: Text<'a>,
    /// The conditions in force.
    pub chips: Vec<FilterChip<'a>>,
    /// The order in force, as "SLA".
    pub sorted_by: Text<'a>,
    /// The other orders.
    pub orders: Vec<MenuItem<'a>>,
    /// Where what is in force can be kept under a name; none where there is nothing to keep.
    pub keep: Option<Text<'a>>,
}

/// The filter button, a chip for each condition, and the order.
#[must_use]
pub fn filter_bar(bar: &FilterBar) -> Markup {
    html! {
        div.filters {
            a.pill.pill-line href=(bar.add) { (icon("list-filter")) "Filter" }
            @for chip in &bar.chips {
                a.pill.tone-accent href=(chip.without) title=(chip.label) {
                    span.sr { "Remove filter " } bdi.clip { (chip.label) } (icon("x"))
                }
            }
            @if !bar.orders.is_empty() {
                (menu(&Menu {
                    id: "sort".into(),
                    trigger: Trigger::Chip { content: html! { bdi { (tf("Sort: {order}", &[("order", &t(&bar.sorted_by))])) } } },
                    items: bar.orders.clone(),
                    end: false,
                    token: "".into(),
                }))
            }
            @if let Some(keep) = &bar.keep { a.pill.pill-line href=(keep) { "Save view…" } }
        }
    }
}

/// One of the sections of a record.
#[derive(Clone, Debug, Default)]
pub struct Tab<'a> {
    /// Name of the section.
    pub label: Text<'a>,
    /// Its address.
    pub href: Text<'a>,
    /// How many things it holds, as "2/3".
    pub count: Option<Text<'a>>,
    /// The one shown.
    pub current: bool,
    /// Shown only where the rail has no room.
    pub beside_no_rail: bool,
}

/// The sections of a record as links; each has an address of its own.
#[must_use]
pub fn tabs(label: &str, tabs: &[Tab]) -> Markup {
    html! {
        nav.tabs aria-label=(label) {
            @for tab in tabs {
                a.tab.beside-no-rail[tab.beside_no_rail] href=(tab.href) aria-current=[tab.current.then_some("page")] {
                    (tab.label)
                    @if let Some(count) = &tab.count { span.count { (count) } }
                }
            }
        }
    }
}

/// The head of a record.
#[derive(Clone, Debug, Default)]
pub struct RecordHead<'a> {
    /// Name of the list the record belongs to.
    pub list: Text<'a>,
    /// Address of that list.
    pub list_href: Text<'a>,
    /// Number of the record, as INC-4821.
    pub number: Text<'a>,
    /// Address of the record.
    pub href: Text<'a>,
    /// Title as people wrote it.
    pub title: Text<'a>,
    /// What kind of record it is beyond its number, as demo data.
    pub badge: Option<Markup>,
    /// Status, priority, assignee, target: pills and the menus they open.
    pub marks: Vec<Markup>,
    /// Who is doing what, in words, with [`super::presence`].
    pub presence: Option<Markup>,
    /// The records before and after this one in the list.
    pub neighbours: (Option<Text<'a>>, Option<Text<'a>>),
    /// Where it stands in the list, as "3 of 27".
    pub place: Option<Text<'a>>,
    /// The next step and the menu of actions; what a phone has no room for stands in the menu, too.
    pub actions: Option<Markup>,
}

/// The head of a record: where it is, what it is, how it stands.
#[must_use]
pub fn record_head(head: &RecordHead) -> Markup {
    html! {
        header.record-head {
            div.crumbs {
                (back_link(&head.list_href, &head.list))
                a.off-phone href=(head.list_href) { (t(&head.list)) }
                span.off-phone aria-hidden="true" { "/" }
                a.number href=(head.href) { bdi { (head.number) } }
                @if let Some(badge) = &head.badge { (badge) }
                span.grow {}
                @if let Some(presence) = &head.presence { (presence) }
                @let (before, after) = &head.neighbours;
                @if let Some(place) = &head.place { span.quiet.digits.off-phone { span.sr { "Place in the list: " } (place) } }
                @if before.is_some() || after.is_some() {
                    span.line.off-phone { (neighbour(before.as_deref(), "chevron-up", "Previous", "prev")) (neighbour(after.as_deref(), "chevron-down", "Next", "next")) }
                }
                @if let Some(actions) = &head.actions { (actions) }
            }
            h1 tabindex="-1" dir="auto" { (head.title) }
            @if !head.marks.is_empty() { div.record-marks { @for mark in &head.marks { (mark) } } }
        }
    }
}

/// The way to a record beside this one; where there is none the button stays, so that nothing moves under the pointer.
fn neighbour(href: Option<&str>, name: &str, label: &str, rel: &str) -> Markup {
    html! {
        @match href {
            Some(href) => { a.icon-btn href=(href) rel=(rel) aria-label=(label) title=(label) { (icon(name)) } }
            None => { span.icon-btn aria-hidden="true" data-off { (icon(name)) } }
        }
    }
}

/// A button with an icon that posts: watch, follow, star. `pressed` is the state it shows.
#[must_use]
pub fn toggle(action: &str, token: &str, name: &str, label: &str, pressed: bool) -> Markup {
    html! {
        form method="post" action=(action) {
            (super::token_field(token))
            button.icon-btn type="submit" aria-pressed=(pressed.to_string()) aria-label=(label) title=(label) { (icon(name)) }
        }
    }
}

/// A link in the shape of a button with an icon.
#[must_use]
pub fn icon_link(href: &str, name: &str, label: &str) -> Markup {
    html! { a.icon-btn href=(href) aria-label=(label) title=(label) { (icon(name)) } }
}

/// A link in the shape of a button, with an optional icon before the words.
#[must_use]
pub fn button_link(href: &str, label: &str, name: Option<&str>, primary: bool) -> Markup {
    html! { a.btn.btn-primary[primary] href=(href) { @if let Some(name) = name { (icon_small(name)) } (label) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_has_one_heading_and_user_text_keeps_its_direction() {
        let head = RecordHead { title: "<b>مرحبا</b>".into(), number: "INC-1".into(), ..RecordHead::default() };
        let text = record_head(&head).into_string();
        assert!(text.contains(r#"<h1 tabindex="-1" dir="auto">&lt;b&gt;مرحبا&lt;/b&gt;</h1>"#), "{text}");
        assert_eq!(text.matches("<h1").count(), 1);
        assert!(!text.contains("Previous"), "no link to a record that is not there");
    }

    #[test]
    fn a_page_names_the_places_above_it_and_a_phone_goes_back_to_the_nearest() {
        let above = vec![("Administration".into(), "/admin".into()), ("People".into(), "/admin/people".into())];
        let text = view_head(&ViewHead { title: "Ada".into(), above, ..ViewHead::default() }).into_string();
        assert!(text.contains(r#"href="/admin/people" aria-label="Back to People""#), "{text}");
        assert!(text.contains(r#"<a href="/admin" dir="auto">Administration</a>"#), "{text}");
        assert!(!view_head(&ViewHead::default()).into_string().contains("Where you are"));
    }

    #[test]
    fn a_chip_leads_to_the_list_without_it() {
        let chip = FilterChip { label: "Assignee: me".into(), without: "/q?sort=sla".into() };
        let text = filter_bar(&FilterBar { chips: vec![chip], ..FilterBar::default() }).into_string();
        assert!(
            text.contains(r#"href="/q?sort=sla" title="Assignee: me"><span class="sr">Remove filter </span>"#),
            "{text}"
        );
        assert!(!text.contains("Sort"), "one order is no choice");
    }
}
