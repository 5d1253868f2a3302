//! Templates without logic: named words filled in once, nothing evaluated, nothing twice.

use std::collections::BTreeMap;

/// Longest text that filling may make, in characters.
const LONGEST: usize = 20_000;

/// Replaces `{word}` by its value in one pass. Unknown words stay as they are; values are never
/// read as templates themselves.
#[must_use]
pub fn fill(template: &str, words: &BTreeMap<&'static str, String>) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        filled.push_str(&rest[..start]);
        let inner = &rest[start + 1..];
        let known = inner.find('}').and_then(|end| words.get(&inner[..end]).map(|value| (end, value)));
        if let Some((end, value)) = known {
            filled.push_str(value);
            rest = &inner[end + 1..];
        } else {
            filled.push('{');
            rest = inner;
        }
    }
    filled.push_str(rest);
    if filled.chars().count() > LONGEST { filled.chars().take(LONGEST).collect() } else { filled }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_never_templates() {
        let words =
            BTreeMap::from([("title", "{number} {{7*7}} ${x} <% y %>".to_owned()), ("number", "INC-1".to_owned())]);
        assert_eq!(fill("{number}: {title} {unknown} {", &words), "INC-1: {number} {{7*7}} ${x} <% y %> {unknown} {");
    }
}
