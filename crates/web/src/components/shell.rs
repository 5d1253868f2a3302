//! The frame around an agent's pages: sidebar, bottom bar on phones, and the panes between them.

use mainstay_markup::html;
use mainstay_words::t;
use maud::Markup;

use super::{Menu, MenuItem, Person, Size, Text, Tone, Trigger, avatar, count, icon, mark, menu};

/// The sign before an entry of the sidebar.
#[derive(Clone, Copy, Debug)]
pub enum Sign<'a> {
    /// An icon of `assets/icons.txt`.
    Icon(&'a str),
    /// A small shape in one of the state colours, for queues.
    Swatch(Tone),
}

/// An entry of the sidebar.
#[derive(Clone, Debug)]
pub struct NavItem<'a> {
    /// Sign before the words.
    pub sign: Sign<'a>,
    /// Words.
    pub label: Text<'a>,
    /// Where it leads.
    pub href: Text<'a>,
    /// How many wait there, as shown.
    pub count: Option<Text<'a>>,
    /// Some of them the viewer has not seen.
    pub new: bool,
    /// Where the viewer is.
    pub current: bool,
}

/// Entries under a heading.
#[derive(Clone, Debug, Default)]
pub struct NavGroup<'a> {
    /// Heading; none for the entries at the top.
    pub title: Option<Text<'a>>,
    /// Words and address of the button beside the heading, as "New view".
    pub add: Option<(Text<'a>, Text<'a>)>,
    /// The entries.
    pub items: Vec<NavItem<'a>>,
}

/// Which pane a phone shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// The list, with the bottom bar.
    #[default]
    List,
    /// The record, with the whole height.
    Record,
}

/// The frame of an agent's page.
#[derive(Clone, Debug, Default)]
pub struct Shell<'a> {
    /// Name of the installation.
    pub site: Text<'a>,
    /// Its first page.
    pub home: Text<'a>,
    /// Where a record is begun.
    pub new_record: Text<'a>,
    /// Where search is, for those without a script and for phones.
    pub search: Text<'a>,
    /// The sidebar.
    pub groups: Vec<NavGroup<'a>>,
    /// Up to three entries for the bottom bar, besides New and More.
    pub bottom: Vec<NavItem<'a>>,
    /// Who is signed in.
    pub person: Person<'a>,
    /// Profile, theme, sign out.
    pub person_menu: Vec<MenuItem<'a>>,
    /// Where settings are; none for those who have none.
    pub settings: Option<Text<'a>>,
    /// Token of the session, for the menu.
    pub token: Text<'a>,
    /// Which pane a phone shows.
    pub pane: Pane,
}

/// The frame around `content`, which is one of [`work`] or [`pane`].
#[must_use]
pub fn shell(shell: &Shell, content: &Markup) -> Markup {
    let class = match shell.pane {
        Pane::List => "show-list",
        Pane::Record => "show-record",
    };
    html! {
        div.shell.(class) {
            (sidebar(shell))
            (content)
            (bottom_bar(shell))
        }
    }
}

fn sidebar(shell: &Shell) -> Markup {
    html! {
        nav #navigation .side aria-label="Main" popover {
            div.side-top {
                a.line.grow href=(shell.home) { (mark()) span.strong.clip { (shell.site) } }
                (super::icon_link(&shell.new_record, "square-pen", "New record"))
            }
            a.find href=(shell.search) data-command-palette { (super::icon_small("search")) span.grow.clip { "Search or run" } (key_caps("kbd needs-script", "⌘K", "Ctrl K")) }
            @for group in &shell.groups { (nav_group(group)) }
            div.side-foot {
                (person_menu(shell))
                span.grow {}
                @if let Some(settings) = &shell.settings { (super::icon_link(settings, "settings", "Settings")) }
            }
        }
    }
}

/// A shortcut beside what it does, as the keyboards of Apple write it and as all others do.
#[must_use]
pub fn key_caps(class: &str, apple: &str, others: &str) -> Markup {
    html! {
        span.(class).on-apple aria-hidden="true" { (apple) }
        span.(class).off-apple aria-hidden="true" { (t(others)) }
    }
}

fn person_menu(shell: &Shell) -> Markup {
    menu(&Menu {
        id: "person-menu".into(),
        trigger: Trigger::Bare {
            content: html! { (avatar(&shell.person, Size::Small)) bdi.clip.medium { (shell.person.name) } },
            label: "Your account".into(),
        },
        items: shell.person_menu.clone(),
        end: false,
        token: shell.token.clone(),
    })
}

fn nav_group(group: &NavGroup) -> Markup {
    html! {
        @if let Some(title) = &group.title {
            div.nav-group {
                span { (t(title)) }
                @if let Some((label, href)) = &group.add { a.icon-btn href=(href) aria-label=(label) title=(label) { (super::icon_small("plus")) } }
            }
        }
        @for item in &group.items { (nav_item(item)) }
    }
}

fn nav_item(item: &NavItem) -> Markup {
    html! {
        a.nav-item href=(item.href) aria-current=[item.current.then_some("page")] {
            (sign(item.sign))
            span.clip dir="auto" { (item.label) }
            @if let Some(number) = &item.count { (count(number, item.new)) }
        }
    }
}

fn sign(sign: Sign) -> Markup {
    match sign {
        Sign::Icon(name) => icon(name),
        Sign::Swatch(tone) => html! { span.swatch.(swatch(tone)) {} },
    }
}

fn swatch(tone: Tone) -> &'static str {
    match tone {
        Tone::Red => "swatch-red",
        Tone::Amber => "swatch-amber",
        Tone::Green => "swatch-green",
        Tone::Blue | Tone::Accent => "swatch-blue",
        Tone::Violet => "swatch-violet",
        Tone::Plain => "swatch-plain",
    }
}

fn bottom_bar(shell: &Shell) -> Markup {
    html! {
        nav.bottom aria-label="Main, on phones" {
            @for item in shell.bottom.iter().take(2) { (bottom_item(item)) }
            a href=(shell.new_record) { (icon("plus")) "New" }
            @for item in shell.bottom.iter().skip(2).take(1) { (bottom_item(item)) }
            button type="button" popovertarget="navigation" { (icon("menu")) "More" }
        }
    }
}

/// An entry of a bottom bar.
pub(super) fn bottom_item(item: &NavItem) -> Markup {
    html! {
        a href=(item.href) aria-current=[item.current.then_some("page")] {
            (sign(item.sign))
            (item.label)
            @if let Some(number) = item.count.as_ref().filter(|_| item.new) { (count(number, true)) }
        }
    }
}

/// A list, the record that is open beside it, and the rail of its details; each of the outer two may be absent.
#[must_use]
pub fn work(list: Option<(&str, &Markup)>, record: &Markup, rail: Option<&Markup>) -> Markup {
    html! {
        div.work.work-list[list.is_some()].work-rail[rail.is_some()] {
            @if let Some((name, list)) = list { section.list-pane aria-label=(name) { (list) } }
            main #main .record-pane tabindex="-1" { (record) }
            @if let Some(rail) = rail { aside.rail aria-label="Details" { (rail) } }
        }
    }
}

/// A list alone: the page of a queue on a phone, or beside nothing yet.
#[must_use]
pub fn work_list(list: &Markup, beside: &Markup) -> Markup {
    html! {
        div.work.work-list {
            main #main .list-pane tabindex="-1" { (list) }
            section.record-pane aria-label="Record" { (beside) }
        }
    }
}

/// A page of one pane: forms, tables, dashboards, settings. `head` is [`super::view_head`].
#[must_use]
pub fn pane(head: &Markup, body: &Markup) -> Markup {
    html! { main #main .pane tabindex="-1" { (head) div.pane-body { (body) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(label: &'static str, current: bool) -> NavItem<'static> {
        NavItem {
            sign: Sign::Icon("inbox"),
            label: label.into(),
            href: "/inbox".into(),
            count: Some("4".into()),
            new: true,
            current,
        }
    }

    #[test]
    fn the_sidebar_opens_on_phones_without_a_script() {
        let spec = Shell {
            groups: vec![NavGroup { items: vec![item("Inbox", true)], ..NavGroup::default() }],
            ..Shell::default()
        };
        let text = shell(&spec, &html! {}).into_string();
        assert!(text.contains(r#"<nav class="side" id="navigation" aria-label="Main" popover>"#), "{text}");
        assert!(text.contains(r#"popovertarget="navigation""#));
        assert_eq!(text.matches(r#"aria-current="page""#).count(), 1);
    }

    #[test]
    fn each_page_has_one_main_that_the_skip_link_reaches() {
        for text in [
            work(Some(("Queue", &html! {})), &html! {}, Some(&html! {})).into_string(),
            work_list(&html! {}, &html! {}).into_string(),
            pane(&html! {}, &html! {}).into_string(),
        ] {
            assert_eq!(text.matches("<main").count(), 1, "{text}");
            assert_eq!(text.matches(r#"id="main""#).count(), 1, "{text}");
        }
    }
}
