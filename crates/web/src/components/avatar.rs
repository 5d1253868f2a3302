//! People, as initials on one of eight hues.

use mainstay_markup::html;
use mainstay_words::{tf, tn};
use maud::Markup;

use super::Text;

/// More than this many are counted instead of drawn.
const SHOWN: usize = 9;

/// A person as shown beside a name.
#[derive(Clone, Debug, Default)]
pub struct Person<'a> {
    /// The name as the person writes it.
    pub name: Text<'a>,
    /// Which of the hues 0 to 7; see [`Person::hue_of`].
    pub hue: u8,
}

impl Person<'_> {
    /// The hue of the person with this id, the same wherever the person appears.
    #[must_use]
    pub fn hue_of(id: i64) -> u8 {
        u8::try_from(id.rem_euclid(8)).unwrap_or(7)
    }
}

/// Diameter of an avatar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Size {
    /// 22 pixels.
    #[default]
    Small,
    /// 30 pixels.
    Medium,
    /// 36 pixels.
    Large,
}

/// What somebody is doing on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Looks at it.
    Viewing,
    /// Writes.
    Editing,
    /// Has it open and is away.
    Idle,
}

/// First letters of the first and the last name, in capitals.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()));
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

/// The avatar as decoration, where the name stands beside it.
#[must_use]
pub fn avatar(person: &Person, size: Size) -> Markup {
    html! { span.avatar.{ "hue-" (person.hue % 8) }.avatar-m[size == Size::Medium].avatar-l[size == Size::Large] aria-hidden="true" { (initials(&person.name)) } }
}

/// The avatar as the only sign of a person, named by `label`.
#[must_use]
pub fn avatar_named(person: &Person, size: Size, label: &str, presence: Option<Presence>) -> Markup {
    html! {
        span.avatar.{ "hue-" (person.hue % 8) }.avatar-m[size == Size::Medium].avatar-l[size == Size::Large]
            .viewing[presence == Some(Presence::Viewing)].editing[presence == Some(Presence::Editing)].idle[presence == Some(Presence::Idle)]
            role="img" aria-label=(label) title=(label) {
            (initials(&person.name))
        }
    }
}

/// Avatar and name on one line.
#[must_use]
pub fn person(person: &Person) -> Markup {
    html! { (avatar(person, Size::Small)) bdi.clip { (person.name) } }
}

/// Who is on the page, nine at most; their doing is said in words. Live updates fill it, so a page that comes anew
/// leaves it as it is.
#[must_use]
pub fn presence(people: &[(Person, Presence)]) -> Markup {
    let words = presence_words(people);
    html! {
        span #presence .presence data-live-own {
            @if !words.is_empty() { bdi.quiet.off-phone.clip { (words) } }
            @if !people.is_empty() {
                span.avatars {
                    @for (person, doing) in people.iter().take(SHOWN) {
                        (avatar_named(person, Size::Small, &tf(self::words(*doing), &[("name", &person.name)]), Some(*doing)))
                    }
                    @if people.len() > SHOWN {
                        @let more = people.len() - SHOWN;
                        span.avatar.avatar-more role="img" aria-label=(tn(more, "{n} more person", "{n} more people")) { "+" (more) }
                    }
                }
            }
        }
    }
}

/// Who is replying, in words; nothing when nobody is.
#[must_use]
pub fn presence_words(people: &[(Person, Presence)]) -> String {
    let first = |person: &Person| person.name.split_whitespace().next().unwrap_or_default().to_owned();
    let writing: Vec<String> =
        people.iter().filter(|(_, doing)| *doing == Presence::Editing).map(|(person, _)| first(person)).collect();
    match writing.as_slice() {
        [] => String::new(),
        [one] => tf("{one} is replying…", &[("one", one)]),
        [one, other] => tf("{one} and {other} are replying…", &[("one", one), ("other", other)]),
        many => tn(many.len(), "{n} person is replying…", "{n} people are replying…"),
    }
}

fn words(presence: Presence) -> &'static str {
    match presence {
        Presence::Viewing => "{name} is viewing",
        Presence::Editing => "{name} is replying",
        Presence::Idle => "{name} is away",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_the_first_and_the_last_name() {
        for (name, expected) in [
            ("Amara Okafor", "AO"),
            ("jonas van der weber", "JW"),
            ("Madonna", "M"),
            ("  ", ""),
            ("李 小龍", "李小"),
            ("(ops) team", "OT"),
        ] {
            assert_eq!(initials(name), expected);
        }
    }

    #[test]
    fn a_hue_is_one_of_eight_for_every_id() {
        assert_eq!((Person::hue_of(0), Person::hue_of(9), Person::hue_of(-1)), (0, 1, 7));
    }

    #[test]
    fn the_tenth_person_is_counted() {
        let people: Vec<_> = (0..11).map(|_| (Person::default(), Presence::Viewing)).collect();
        let text = presence(&people).into_string();
        assert_eq!(text.matches("role=\"img\"").count(), 9 + 1);
        assert!(!text.contains("replying"), "{text}");
        assert!(text.contains(">+2<"));
    }

    #[test]
    fn whoever_writes_is_named_in_words() {
        let person = |name: &'static str, doing| (Person { name: name.into(), hue: 0 }, doing);
        let people = [
            person("Mei Chen", Presence::Editing),
            person("Jonas Weber", Presence::Viewing),
            person("Sara Klein", Presence::Editing),
            person("Tom Brandt", Presence::Editing),
        ];
        assert_eq!(presence_words(&people[1..2]), "");
        assert_eq!(presence_words(&people[..2]), "Mei is replying…");
        assert_eq!(presence_words(&people[..3]), "Mei and Sara are replying…");
        assert_eq!(presence_words(&people), "3 people are replying…");
    }

    #[test]
    fn a_name_is_escaped_in_label_and_title() {
        let person = Person { name: "x".into(), hue: 0 };
        let text = avatar_named(&person, Size::Small, "\"><script>", None).into_string();
        assert!(!text.contains("<script>"), "{text}");
    }
}
