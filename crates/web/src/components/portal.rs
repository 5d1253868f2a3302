//! The portal of people who ask: few words, large targets.

use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use super::{
    Menu, MenuItem, NavItem, Person, Size, Text, Tone, Trigger, avatar, bottom_item, count, icon, icon_large, mark,
    menu, progress, tile,
};

/// The frame of a portal page.
#[derive(Clone, Debug, Default)]
pub struct PortalShell<'a> {
    /// Name of the installation.
    pub site: Text<'a>,
    /// Home of the portal.
    pub home: Text<'a>,
    /// The head's entries; signs and counts are shown on phones only.
    pub items: Vec<NavItem<'a>>,
    /// Five entries for phones.
    pub bottom: Vec<NavItem<'a>>,
    /// Address of the notifications and how many are new; none before sign-in.
    pub notifications: Option<(Text<'a>, usize)>,
    /// Who is signed in; none before sign-in.
    pub person: Option<Person<'a>>,
    /// Profile, theme, sign out.
    pub person_menu: Vec<MenuItem<'a>>,
    /// Token of the session, for the menu.
    pub token: Text<'a>,
}

/// The frame around `content`.
#[must_use]
pub fn portal_shell(shell: &PortalShell, content: &Markup) -> Markup {
    html! {
        div.portal {
            header.portal-head {
                a.line.strong href=(shell.home) { (mark()) (shell.site) }
                @if !shell.items.is_empty() {
                    nav aria-label="Main" {
                        @for item in &shell.items { a href=(item.href) aria-current=[item.current.then_some("page")] {
                                (item.label)
                                @if let Some(number) = item.count.as_ref().filter(|_| item.new) { " " (count(number, true)) }
                            } }
                    }
                }
                span.grow {}
                @if let Some((href, new)) = &shell.notifications { (notifications(href, *new)) }
                @if let Some(person) = &shell.person { (person_menu(shell, person)) }
            }
            main #main .portal-main tabindex="-1" { (content) }
            @if !shell.bottom.is_empty() {
                nav.bottom aria-label="Main, on phones" { @for item in &shell.bottom { (bottom_item(item)) } }
            }
        }
    }
}

fn notifications(href: &str, new: usize) -> Markup {
    let label = if new == 0 { t("Notifications").to_owned() } else { tf("Notifications, {new} new", &[("new", &new)]) };
    html! { a.icon-btn href=(href) aria-label=(label) title=(label) { (icon("bell")) @if new > 0 { span.dot {} } } }
}

fn person_menu(shell: &PortalShell, person: &Person) -> Markup {
    menu(&Menu {
        id: "person-menu".into(),
        trigger: Trigger::Bare {
            content: html! { (avatar(person, Size::Medium)) span.sr { (person.name) } },
            label: "Your account".into(),
        },
        items: shell.person_menu.clone(),
        end: true,
        token: shell.token.clone(),
    })
}

/// The question at the top with its search box and what others ask today.
#[must_use]
pub fn hero(question: &str, action: &str, query: &str, common: &[(Text, Text)]) -> Markup {
    html! {
        section.hero aria-label="Search for help" {
            h1 tabindex="-1" { (t(question)) }
            form.hero-search role="search" action=(action) {
                (icon_large("search"))
                label.sr for="q" { "Search help, services and your requests" }
                input #q type="search" name="q" value=(query) dir="auto" placeholder="Describe a problem or search for a service";
                button.btn.btn-primary.btn-l type="submit" { "Search" }
            }
            @if !common.is_empty() {
                div.common {
                    span.off-phone { "Common today" }
                    @for (label, href) in common { a.chip href=(href) dir="auto" { (label) } }
                }
            }
        }
    }
}

/// One of the three large ways to begin.
#[derive(Clone, Debug, Default)]
pub struct Start<'a> {
    /// Icon of the tile.
    pub icon: &'a str,
    /// Colour of the tile.
    pub tone: Tone,
    /// What it does.
    pub title: Text<'a>,
    /// When it is the right one.
    pub text: Text<'a>,
    /// Where it leads.
    pub href: Text<'a>,
    /// How many things wait behind it.
    pub waiting: usize,
}

/// The ways to begin.
#[must_use]
pub fn starts(starts: &[Start]) -> Markup {
    html! {
        section.starts aria-label="Start here" {
            @for each in starts {
                a.start href=(each.href) {
                    (tile(each.icon, each.tone))
                    div.grow { h2 { (t(&each.title)) } p { (t(&each.text)) } }
                    @if each.waiting > 0 { span.count-new { (each.waiting) } }
                }
            }
        }
    }
}

/// A section with a heading and, at its end, a link to all of it.
#[must_use]
pub fn section(id: &str, title: &str, all: Option<(&str, &str)>, body: &Markup) -> Markup {
    html! {
        section aria-labelledby=(id) {
            div.section-head {
                h2 id=(id) { (t(title)) }
                @if let Some((label, href)) = all { a href=(href) { (label) } }
            }
            (body)
        }
    }
}

/// Two columns; the second holds what is only to know.
#[must_use]
pub fn columns(first: &Markup, second: &Markup) -> Markup {
    html! {
        div.portal-columns {
            div.portal-column { (first) }
            aside.portal-column aria-label="News and help" { (second) }
        }
    }
}

/// A request of the viewer, in plain words.
#[derive(Clone, Debug, Default)]
pub struct RequestRow<'a> {
    /// Icon of its kind.
    pub icon: &'a str,
    /// Colour of the icon's tile.
    pub tone: Tone,
    /// Title.
    pub title: Text<'a>,
    /// Its address.
    pub href: Text<'a>,
    /// Number and what happened last.
    pub summary: Text<'a>,
    /// How far it is: steps reached and steps in all.
    pub progress: (usize, usize),
    /// Where it stands, as "Waiting for approval".
    pub word: Text<'a>,
}

/// Requests of the viewer; a whole row is the link.
#[must_use]
pub fn request_list(rows: &[RequestRow]) -> Markup {
    html! {
        ul.card {
            @for row in rows {
                li.request {
                    (tile(row.icon, row.tone))
                    div.grow { a.name href=(row.href) dir="auto" { (row.title) } div.small dir="auto" { (row.summary) } }
                    div { (progress(row.progress.0, row.progress.1)) span.word { (t(&row.word)) } }
                }
            }
        }
    }
}

/// Something that can be asked for.
#[derive(Clone, Debug, Default)]
pub struct ServiceTile<'a> {
    /// Icon of the tile.
    pub icon: &'a str,
    /// Colour of the tile.
    pub tone: Tone,
    /// Name.
    pub name: Text<'a>,
    /// How long it takes, what it costs or who approves.
    pub remark: Text<'a>,
    /// Where it is asked for.
    pub href: Text<'a>,
}

/// Tiles of what can be asked for.
#[must_use]
pub fn service_tiles(tiles: &[ServiceTile]) -> Markup {
    html! {
        div.services {
            @for each in tiles {
                a.service href=(each.href) {
                    (tile(each.icon, each.tone))
                    span { span dir="auto" { (each.name) } small dir="auto" { (t(&each.remark)) } }
                }
            }
        }
    }
}

/// A line of news: an article, a maintenance, a status.
#[derive(Clone, Debug, Default)]
pub struct NewsRow<'a> {
    /// Pills and times above the title.
    pub above: Option<Markup>,
    /// Title.
    pub title: Text<'a>,
    /// Where it is read.
    pub href: Text<'a>,
    /// A remark below.
    pub below: Text<'a>,
}

/// Lines of news in a card.
#[must_use]
pub fn news(rows: &[NewsRow]) -> Markup {
    html! {
        ul.card.news {
            @for row in rows {
                li {
                    @if let Some(above) = &row.above { div.line { (above) } }
                    a.name href=(row.href) dir="auto" { (row.title) }
                    @if !row.below.is_empty() { div.small dir="auto" { (t(&row.below)) } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn before_sign_in_there_is_no_account_and_no_bell() {
        let text = portal_shell(
            &PortalShell { site: "Northwind IT".into(), ..PortalShell::default() },
            &html! { h1 { "Sign in" } },
        )
        .into_string();
        assert!(!text.contains("Your account") && !text.contains("Notifications") && !text.contains("<nav"), "{text}");
        assert!(text.contains(r#"<main class="portal-main" id="main" tabindex="-1">"#));
    }

    #[test]
    fn search_works_without_a_script_and_keeps_the_question() {
        let text = hero("What do you need?", "/portal/search", "\"vpn\"", &[]).into_string();
        assert!(text.contains(r#"action="/portal/search""#) && text.contains(r#"value="&quot;vpn&quot;""#), "{text}");
    }
}
