//! Menus and dialogs from the browser's own popover and `<dialog>`: they open, close, trap and give back the
//! focus without a script.

use mainstay_markup::html;
use mainstay_words::t;
use maud::Markup;

use super::{Text, icon, icon_small};

/// What opens a menu.
#[derive(Clone, Debug)]
pub enum Trigger<'a> {
    /// A button with an icon, named for those who cannot see it.
    Icon {
        /// Name in `assets/icons.txt`.
        icon: &'a str,
        /// Accessible name.
        label: Text<'a>,
    },
    /// A pill with a chevron; `class` colours it.
    Pill {
        /// A class of [`super::Tone::fill`] or `pill-line`.
        class: &'a str,
        /// What the pill shows.
        content: Markup,
        /// What choosing changes, as "Status".
        label: Text<'a>,
    },
    /// A pill without a chevron.
    Chip {
        /// What the chip shows.
        content: Markup,
    },
    /// An ordinary button.
    Button {
        /// What the button shows.
        content: Markup,
    },
    /// The second half of a split button.
    Split {
        /// Accessible name.
        label: Text<'a>,
    },
    /// An avatar or name without a frame.
    Bare {
        /// What is shown.
        content: Markup,
        /// Accessible name.
        label: Text<'a>,
    },
}

/// One line of a menu.
#[derive(Clone, Debug)]
pub enum MenuItem<'a> {
    /// Goes somewhere.
    Link {
        /// Words.
        label: Text<'a>,
        /// Address.
        href: Text<'a>,
        /// Icon before the words.
        icon: Option<&'a str>,
        /// The one in force.
        current: bool,
    },
    /// Saves a file.
    Download {
        /// Words.
        label: Text<'a>,
        /// Address of the file.
        href: Text<'a>,
    },
    /// Posts a form of its own: a transition, a sign-out.
    Post {
        /// Words.
        label: Text<'a>,
        /// Address that takes the form.
        action: Text<'a>,
        /// Hidden fields.
        fields: Vec<(Text<'a>, Text<'a>)>,
        /// Icon before the words.
        icon: Option<&'a str>,
        /// Cannot be undone.
        danger: bool,
    },
    /// Submits the form around the menu with one more value.
    Submit {
        /// Words.
        label: Text<'a>,
        /// Name of the value.
        name: Text<'a>,
        /// The value.
        value: Text<'a>,
    },
    /// Heading of the lines below.
    Title(Text<'a>),
    /// A rule between groups.
    Rule,
}

/// A button and the list it opens.
#[derive(Clone, Debug)]
pub struct Menu<'a> {
    /// Unique on the page and the same on every rendering.
    pub id: Text<'a>,
    /// What opens it.
    pub trigger: Trigger<'a>,
    /// The lines.
    pub items: Vec<MenuItem<'a>>,
    /// Opens towards the start of the line, for buttons at the end.
    pub end: bool,
    /// Token that the posting lines carry.
    pub token: Text<'a>,
}

/// The button with its list.
#[must_use]
pub fn menu(menu: &Menu) -> Markup {
    html! {
        (opener(&menu.trigger, &menu.id))
        (popover(&menu.id, menu.end, &html! { @for item in &menu.items { (line(item, &menu.token)) } }))
    }
}

/// A panel that the button with `popovertarget` of the same id opens.
#[must_use]
pub fn popover(id: &str, end: bool, content: &Markup) -> Markup {
    html! { div.menu.menu-end[end] id=(id) popover { (content) } }
}

/// The button alone that opens the popover `target`.
#[must_use]
pub fn opener(trigger: &Trigger, target: &str) -> Markup {
    html! {
        @match trigger {
            Trigger::Icon { icon: name, label } => {
                button.icon-btn type="button" popovertarget=(target) aria-label=(label) title=(label) { (icon(name)) }
            }
            Trigger::Pill { class, content, label } => {
                button.pill.pill-open.(class) type="button" popovertarget=(target) {
                    span.sr { (label) ": " } (content) (icon("chevron-down"))
                }
            }
            Trigger::Chip { content } => { button.pill.pill-line type="button" popovertarget=(target) { (content) } }
            Trigger::Button { content } => { button.btn type="button" popovertarget=(target) { (content) (icon_small("chevron-down")) } }
            Trigger::Split { label } => {
                button.btn.btn-primary type="button" popovertarget=(target) aria-label=(label) { (icon("chevron-down")) }
            }
            Trigger::Bare { content, label } => { button.who type="button" popovertarget=(target) { span.sr { (label) ": " } (content) } }
        }
    }
}

fn line(item: &MenuItem, token: &str) -> Markup {
    html! {
        @match item {
            MenuItem::Link { label, href, icon: name, current } => {
                a.menu-item href=(href) aria-current=[current.then_some("true")] { (leading(*name)) span dir="auto" { (label) } }
            }
            MenuItem::Download { label, href } => {
                a.menu-item href=(href) download data-turbo="false" { (icon("download")) span dir="auto" { (label) } }
            }
            MenuItem::Post { label, action, fields, icon: name, danger } => {
                form method="post" action=(action) {
                    (token_field(token))
                    @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
                    button.menu-item.menu-danger[*danger] type="submit" { (leading(*name)) span dir="auto" { (label) } }
                }
            }
            MenuItem::Submit { label, name, value } => {
                button.menu-item type="submit" name=(name) value=(value) { span dir="auto" { (label) } }
            }
            MenuItem::Title(words) => { div.menu-title { (t(words)) } }
            MenuItem::Rule => { hr; }
        }
    }
}

fn leading(name: Option<&str>) -> Markup {
    html! { @if let Some(name) = name { (icon(name)) } }
}

/// The hidden field that proves a form was rendered for this session.
#[must_use]
pub fn token_field(token: &str) -> Markup {
    html! { input type="hidden" name="_token" value=(token); }
}

/// A dialog that a script or `open` shows; it closes without a script by its own form.
#[must_use]
pub fn dialog(id: &str, title: &str, body: &Markup, actions: &Markup) -> Markup {
    html! {
        dialog.dialog id=(id) aria-labelledby={ (id) "-title" } {
            div.dialog-head {
                h2 id={ (id) "-title" } { (t(title)) }
                span.grow {}
                form method="dialog" { button.icon-btn type="submit" aria-label="Close" { (icon("x")) } }
            }
            div.dialog-body { (body) }
            div.dialog-foot { (actions) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_posting_line_is_a_form_with_the_token() {
        let spec = Menu {
            id: "more".into(),
            trigger: Trigger::Icon { icon: "ellipsis", label: "More actions".into() },
            items: vec![MenuItem::Post {
                label: "Cancel".into(),
                action: "/x".into(),
                fields: vec![("version".into(), "3".into())],
                icon: None,
                danger: true,
            }],
            end: true,
            token: "t0\"k".into(),
        };
        let text = menu(&spec).into_string();
        assert!(text.contains(r#"popovertarget="more""#) && text.contains(r#"id="more" popover"#), "{text}");
        assert!(
            text.contains(r#"<form method="post" action="/x"><input type="hidden" name="_token" value="t0&quot;k">"#),
            "{text}"
        );
        assert!(text.contains(r#"name="version" value="3""#));
    }
}
