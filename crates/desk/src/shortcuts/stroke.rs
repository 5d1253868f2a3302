//! One press of a key with what is held down meanwhile.

/// Held down while a key is pressed, in the order in which they are written.
const MODIFIERS: [&str; 5] = ["Mod", "Control", "Alt", "Meta", "Shift"];
/// Keys that have a name instead of a sign.
const NAMED: [&str; 14] = [
    "Enter",
    "Space",
    "Backspace",
    "Delete",
    "Insert",
    "Home",
    "End",
    "PageUp",
    "PageDown",
    "ArrowUp",
    "ArrowDown",
    "ArrowLeft",
    "ArrowRight",
    "Plus",
];
/// Strokes one after the other.
const LONGEST: usize = 3;

/// One press of a key with what is held down meanwhile. `Mod` is ⌘ on Apple's machines and Ctrl elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stroke {
    held: Vec<&'static str>,
    key: String,
}

impl Stroke {
    /// Reads one, such as `Mod+Shift+k`, whatever the case of its words.
    fn read(text: &str) -> Option<Self> {
        let (before, key) = match text.rsplit_once('+') {
            Some((before, key)) if !key.is_empty() => (before, key),
            _ => ("", text),
        };
        let mut held = Vec::new();
        for word in before.split('+').filter(|word| !word.is_empty()) {
            let known = ["Ctrl", "Cmd", "Command", "Option"].iter().position(|name| name.eq_ignore_ascii_case(word));
            let known = known.map(|at| ["Control", "Meta", "Meta", "Alt"][at]);
            let modifier = known.or_else(|| MODIFIERS.into_iter().find(|name| name.eq_ignore_ascii_case(word)))?;
            if held.contains(&modifier) {
                return None;
            }
            held.push(modifier);
        }
        held.sort_by_key(|word| MODIFIERS.iter().position(|name| name == word));
        Some(Self { held, key: key_of(key)? })
    }

    /// Reads strokes one after the other, with blanks between them.
    #[must_use]
    pub fn sequence(text: &str) -> Option<Vec<Self>> {
        let strokes: Vec<Self> = text.split_whitespace().map(Self::read).collect::<Option<_>>()?;
        (1..=LONGEST).contains(&strokes.len()).then_some(strokes)
    }

    /// Strokes as they are kept, the way they are read again.
    #[must_use]
    pub fn text(strokes: &[Self]) -> String {
        strokes.iter().map(Self::one).collect::<Vec<_>>().join(" ")
    }

    fn one(&self) -> String {
        self.held.iter().copied().chain([self.key.as_str()]).collect::<Vec<_>>().join("+")
    }

    /// Whether something other than Shift is held down, so that no letter alone sets it off.
    #[must_use]
    pub fn is_modified(&self) -> bool {
        self.held.iter().any(|word| *word != "Shift")
    }

    /// Whether two are the same press on some machine.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let on = |stroke: &Self, machine: &'static str| {
            let mut held: Vec<&str> =
                stroke.held.iter().map(|word| if *word == "Mod" { machine } else { *word }).collect();
            // Whether a sign needs Shift is a matter of the keyboard.
            if stroke.is_loose() {
                held.retain(|word| *word != "Shift");
            }
            held.sort_unstable();
            (held, stroke.key.clone())
        };
        ["Control", "Meta"].into_iter().any(|machine| on(self, machine) == on(other, machine))
    }

    /// A sign alone: some keyboards need Shift for it.
    fn is_loose(&self) -> bool {
        self.key.chars().count() == 1 && !self.key.chars().all(char::is_alphanumeric) && !self.is_modified()
    }

    /// What the page listens for: a sign is heard with Shift and without.
    #[must_use]
    pub fn heard(&self) -> Vec<String> {
        if self.is_loose() {
            return vec![self.key.clone(), format!("Shift+{}", self.key)];
        }
        let upper = self.held.contains(&"Shift") && self.key.chars().count() == 1;
        let key = if upper { self.key.to_uppercase() } else { self.key.clone() };
        vec![Self { held: self.held.clone(), key }.one()]
    }

    /// The caps of its keys, for the eye.
    #[must_use]
    pub fn caps(&self) -> Vec<String> {
        let held = self.held.iter().map(|word| match *word {
            "Control" => "Ctrl",
            "Mod" | "Meta" => "⌘",
            "Shift" => "⇧",
            other => other,
        });
        let key = match self.key.as_str() {
            "Enter" => "↵",
            "ArrowUp" => "↑",
            "ArrowDown" => "↓",
            "ArrowLeft" => "←",
            "ArrowRight" => "→",
            "Plus" => "+",
            other => return held.map(str::to_owned).chain([capital(other)]).collect(),
        };
        held.map(str::to_owned).chain([key.to_owned()]).collect()
    }
}

fn capital(key: &str) -> String {
    if key.chars().count() == 1 { key.to_uppercase() } else { key.to_owned() }
}

fn key_of(text: &str) -> Option<String> {
    let mut letters = text.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        let fits = !letter.is_control() && !letter.is_whitespace();
        return fits.then(|| if letter == '+' { "Plus".to_owned() } else { letter.to_lowercase().collect() });
    }
    let named = NAMED.into_iter().find(|name| name.eq_ignore_ascii_case(text)).map(str::to_owned);
    let number = text.strip_prefix(['f', 'F']).and_then(|number| number.parse::<u8>().ok());
    named.or_else(|| number.filter(|number| (1..=12).contains(number)).map(|number| format!("F{number}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Stroke {
        Stroke::read(text).expect(text)
    }

    #[test]
    fn strokes_are_read_as_people_write_them_and_kept_in_one_way() {
        assert_eq!(read("ctrl+SHIFT+K").one(), "Control+Shift+k");
        assert_eq!(read("shift+mod+arrowdown").one(), "Mod+Shift+ArrowDown");
        assert_eq!(read("+").one(), "Plus");
        assert_eq!(Stroke::text(&Stroke::sequence("G  i").expect("two")), "g i");
        for wrong in ["", "hello", "Mod+", "Hyper+k", "Shift+Shift+a", "g h i j", "F13"] {
            assert_eq!(Stroke::sequence(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_sign_is_heard_on_keyboards_that_need_shift_for_it_and_on_others() {
        assert_eq!(read("?").heard(), ["?", "Shift+?"]);
        assert_eq!(read("Mod+/").heard(), ["Mod+/"]);
        assert_eq!(read("Shift+a").heard(), ["Shift+A"]);
        assert_eq!(read("j").heard(), ["j"]);
    }

    #[test]
    fn two_that_are_one_press_somewhere_are_the_same() {
        assert!(read("Mod+k").is_same(&read("Ctrl+k")));
        assert!(read("Mod+k").is_same(&read("Meta+K")));
        assert!(read("?").is_same(&read("Shift+?")));
        assert!(!read("a").is_same(&read("Shift+a")));
        assert!(!read("Mod+.").is_same(&read("Mod+Shift+.")));
    }

    #[test]
    fn caps_are_for_the_eye() {
        assert_eq!(read("Mod+Enter").caps(), ["⌘", "↵"]);
        assert_eq!(read("Shift+ArrowDown").caps(), ["⇧", "↓"]);
    }
}
