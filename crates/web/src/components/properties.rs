//! Names and values beside a record.

use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use super::{Person, Size, Status, Text, Tone, avatar, icon_small, pill, status_glyph};

/// A field of the record as shown.
#[derive(Clone, Debug, Default)]
pub struct Property<'a> {
    /// Key of the field; the line's id is `property-` and this.
    pub key: Text<'a>,
    /// Name of the field.
    pub label: Text<'a>,
    /// The value; none shows "Set…" or a dash.
    pub value: Option<Markup>,
    /// A form that changes this field alone, for those who may.
    pub editor: Option<Markup>,
    /// Both values, where somebody else was faster.
    pub clash: Option<Markup>,
    /// A way to what the value names, beside the button of those who may change it.
    pub way: Option<Markup>,
}

/// Fields and their values; one that the viewer may change is a button that opens its form.
#[must_use]
pub fn property_list(label: &str, properties: &[Property]) -> Markup {
    html! { section.card aria-label=(label) { (properties_plain(properties, false)) } }
}

/// The list without its card; `wide` gives long names room.
#[must_use]
pub fn properties_plain(properties: &[Property], wide: bool) -> Markup {
    html! {
        dl.properties.properties-wide[wide] {
            @for property in properties { dt { (property.label) } dd id={ "property-" (property.key) } { (value(property)) @if let Some(clash) = &property.clash { (clash) } } }
        }
    }
}

fn value(property: &Property) -> Markup {
    let Some(editor) = &property.editor else {
        return html! { span.property { (shown(property, "–")) } };
    };
    let target = format!("edit-{}", property.key);
    let button = html! {
        button.property type="button" popovertarget=(target) {
            span.sr { (tf("Change {label}", &[("label", &t(&property.label))])) ": " }
            (shown(property, "Set…"))
        }
    };
    html! {
        @if let Some(way) = &property.way { div.property-way { (button) (way) } } @else { (button) }
        (super::popover(&target, true, editor))
    }
}

fn shown(property: &Property, absent: &str) -> Markup {
    html! {
        @match &property.value {
            Some(value) => (value),
            None => { span.quiet { (t(absent)) } }
        }
    }
}

/// Text as a value, clipped to the line.
#[must_use]
pub fn value_text(text: &str) -> Markup {
    html! { bdi.clip { (text) } }
}

/// Another record as a value.
#[must_use]
pub fn value_link(href: &str, text: &str, icon: Option<&str>) -> Markup {
    html! { @if let Some(name) = icon { (icon_small(name)) } a.link.clip href=(href) { bdi { (text) } } }
}

/// The person who asked, at a glance.
#[derive(Clone, Debug, Default)]
pub struct Requester<'a> {
    /// Name and hue.
    pub person: Person<'a>,
    /// Page about the person.
    pub href: Text<'a>,
    /// Where the person works and is reached, a line each.
    pub places: Vec<Text<'a>>,
    /// A mark as "VIP".
    pub mark: Option<Text<'a>>,
    /// How many records of theirs are open, and the list of these.
    pub open: Option<(Text<'a>, Text<'a>)>,
    /// Local time, device: short words.
    pub facts: Vec<Text<'a>>,
}

/// The card of the requester.
#[must_use]
pub fn requester_card(requester: &Requester) -> Markup {
    html! {
        section.card.person aria-label="Requester" {
            div.line {
                (avatar(&requester.person, Size::Large))
                div.grow {
                    div.line.strong { a.clip href=(requester.href) { bdi { (requester.person.name) } } @if let Some(mark) = &requester.mark { (pill(Tone::Violet, mark)) } }
                    @for place in &requester.places { div.quiet dir="auto" { (place) } }
                }
            }
            @if requester.open.is_some() || !requester.facts.is_empty() {
                div.person-facts {
                    @if let Some((words, href)) = &requester.open { span { a href=(href) { (words) } } }
                    @for fact in &requester.facts { span { (fact) } }
                }
            }
        }
    }
}

/// A record that may help.
#[derive(Clone, Debug)]
pub struct Suggestion<'a> {
    /// Where it is in its life.
    pub status: Status<'a>,
    /// Its number.
    pub number: Text<'a>,
    /// Title.
    pub title: Text<'a>,
    /// Where it is read.
    pub href: Text<'a>,
    /// When it was last touched or done.
    pub since: Text<'a>,
    /// What helped there: the name of the field and its words.
    pub said: Option<(Text<'a>, Text<'a>)>,
    /// What can be done with it here.
    pub deeds: Markup,
}

/// A card of suggestions; `id` keeps its heading apart from others.
#[must_use]
pub fn suggestion_card(id: &str, title: &str, suggestions: &[Suggestion]) -> Markup {
    html! {
        section.card aria-labelledby=(id) {
            h2.card-title id=(id) dir="auto" { (title) }
            @for each in suggestions {
                div.suggestion {
                    (status_glyph(&each.status))
                    a.clip href=(each.href) dir="auto" title=(each.title) { (each.title) }
                    @if let Some((label, words)) = &each.said { p.suggestion-said dir="auto" { b { (label) ": " } (words) } }
                    div.suggestion-foot {
                        span.quiet.clip { bdi { (each.number) } " · " (each.since) }
                        (each.deeds)
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_be_changed_is_a_button() {
        let fixed = Property { key: "impact".into(), label: "Impact".into(), ..Property::default() };
        let open = Property { editor: Some(html! { form {} }), ..fixed.clone() };
        let text = properties_plain(&[fixed], false).into_string();
        assert!(!text.contains("<button") && text.contains("–"), "{text}");
        let text = properties_plain(&[open], false).into_string();
        assert!(
            text.contains(r#"popovertarget="edit-impact""#) && text.contains(r#"id="edit-impact" popover"#),
            "{text}"
        );
        assert!(text.contains("Change Impact: ") && text.contains("Set…"));
    }
}
