//! Templates: named words filled in once; values are never read as templates.

use std::fmt::Display;

use crate::catalogue::t;

/// A sentence with values in the language that is spoken.
#[must_use]
pub fn tf(key: &str, values: &[(&str, &dyn Display)]) -> String {
    fill(t(key), values)
}

/// Replaces each `{name}` by its value; what has none stays.
#[must_use]
pub fn fill(template: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut filled = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        filled.push_str(&rest[..start]);
        let inner = &rest[start + 1..];
        let value = inner.find('}').and_then(|end| {
            let found = values.iter().find(|(name, _)| *name == &inner[..end]);
            found.map(|(_, value)| (end, value))
        });
        if let Some((end, value)) = value {
            filled.push_str(&value.to_string());
            rest = &inner[end + 1..];
        } else {
            filled.push('{');
            rest = inner;
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_never_templates() {
        assert_eq!(fill("{a} and {b}, {c}", &[("a", &"{b}"), ("b", &7)]), "{b} and 7, {c}");
    }
}
