//! The two cookies of a browser: its session, and the device by which a person's own tries are told from a stranger's.
//!
//! Both carry the `__Host-` prefix with `Secure`, `HttpOnly`, `SameSite=Lax` and `Path=/`, always. There is no
//! weaker variant for plain HTTP: browsers keep such cookies from `http://localhost` and `http://127.0.0.1`, where a
//! first look at the product happens, and refuse them from any other address without TLS, where they should.

/// Name of the cookie with the session's secret.
pub const SESSION: &str = "__Host-mainstay";
/// Name of the cookie with the proof of a known device.
pub const DEVICE: &str = "__Host-mainstay-device";

const ATTRIBUTES: &str = "Path=/; Secure; HttpOnly; SameSite=Lax";

/// The `Set-Cookie` value that makes a browser keep `value` for so many milliseconds.
#[must_use]
pub fn keep(name: &str, value: &str, for_ms: i64) -> String {
    format!("{name}={value}; Max-Age={}; {ATTRIBUTES}", for_ms / 1000)
}

/// The `Set-Cookie` value that makes a browser forget.
#[must_use]
pub fn forget(name: &str) -> String {
    format!("{name}=; Max-Age=0; {ATTRIBUTES}")
}

/// The value of a cookie in a `Cookie` header. None when it comes twice: one of the two was planted.
#[must_use]
pub fn read<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let pairs = header.split(';').filter_map(|pair| pair.trim_matches([' ', '\t']).split_once('='));
    let mut values = pairs.filter(|(n, _)| *n == name).map(|(_, value)| value);
    let value = values.next()?;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_41_cookies_are_bound_to_the_host_and_out_of_reach_of_scripts() {
        for cookie in [keep(SESSION, "abc", 60_000), forget(SESSION), keep(DEVICE, "x", 1000)] {
            assert!(cookie.starts_with("__Host-"), "{cookie}");
            for part in ["; Path=/;", "; Secure;", "; HttpOnly;", "; SameSite=Lax"] {
                assert!(cookie.contains(part), "{part} in {cookie}");
            }
            assert!(!cookie.contains("Domain"), "the prefix forbids it");
        }
        assert!(keep(SESSION, "abc", 60_000).starts_with("__Host-mainstay=abc; Max-Age=60;"));
    }

    #[test]
    fn a_cookie_is_read_by_its_exact_name_and_never_when_ambiguous() {
        let header = "a=1; __Host-mainstay-device=d; __Host-mainstay=s=1;b=2";
        assert_eq!(read(header, SESSION), Some("s=1"));
        assert_eq!(read(header, DEVICE), Some("d"));
        assert_eq!(read("__host-mainstay=s; mainstay=s", SESSION), None);
        assert_eq!(read("__Host-mainstay=planted; __Host-mainstay=s", SESSION), None);
        assert_eq!(read("", SESSION), None);
    }
}
