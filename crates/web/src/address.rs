//! Addresses within this site: queries written and read, and the one place that decides where a link may lead.

use form_urlencoded::Serializer;

/// `path` with a query made of `pairs`; without a question mark when there are none.
#[must_use]
pub fn with_query<'a>(path: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let query = query(pairs);
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// Names and values as they stand behind a question mark.
#[must_use]
pub fn query<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The names and values of a query, in their order; what is no UTF-8 is replaced.
#[must_use]
pub fn pairs(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// The last value under a name.
#[must_use]
pub fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// The address to go on to, when it stays on this site: one slash, then anything but a second
/// slash or a backslash, and nothing that a browser would drop or a header could break on.
#[must_use]
pub fn own(next: &str) -> Option<&str> {
    let mut letters = next.chars();
    let begins = letters.next() == Some('/') && !matches!(letters.next(), Some('/' | '\\'));
    let plain = next.chars().all(|c| !c.is_control() && !c.is_whitespace() && c != '\\') && next.is_ascii();
    (begins && plain && next.len() <= 2_000).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_45_only_addresses_of_this_site_are_followed() {
        for good in ["/", "/me", "/incidents?filter=a%20b&sort=-due#x", "/a//b"] {
            assert_eq!(own(good), Some(good));
        }
        let long = format!("/{}", "a".repeat(3_000));
        let bad = [
            "",
            "//evil.test",
            "/\\evil.test",
            "\\/evil.test",
            "https://evil.test",
            "evil.test",
            "/a\\b",
            "/\t/evil.test",
            "/\r\nSet-Cookie: a=b",
            " /me",
            "javascript:alert(1)",
            "/ü",
            &long,
        ];
        for bad in bad {
            assert_eq!(own(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let text = query([("filter", "title contains \"a & b=c\""), ("filter", "ü+%"), ("view", "")]);
        let back = pairs(&text);
        assert_eq!(back.len(), 3);
        assert_eq!(back[0].1, "title contains \"a & b=c\"");
        assert_eq!(value(&back, "filter"), Some("ü+%"), "the last one counts");
        assert_eq!(with_query("/x", []), "/x");
    }
}
