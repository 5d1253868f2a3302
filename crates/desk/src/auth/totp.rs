//! Time-based one-time passwords (RFC 6238): SHA-1, six digits, thirty seconds, as every authenticator app has them.

use super::entropy::{Entropy, draw};
use super::secret::same;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// How long a code lasts, in milliseconds.
const STEP_MS: i64 = 30_000;
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The secret that a person's authenticator shares: 160 bits.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret([u8; 20]);

impl TotpSecret {
    /// A new secret.
    #[must_use]
    pub fn draw(entropy: &dyn Entropy) -> Self {
        Self(draw(entropy))
    }

    /// The text that a person may type into an authenticator: 32 characters of base32.
    #[must_use]
    pub fn base32(&self) -> String {
        let quintets = self.0.chunks(5).flat_map(|five| {
            let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            (0..8).rev().map(move |n| char::from(ALPHABET[(bits >> (5 * n) & 31) as usize]))
        });
        quintets.collect()
    }

    /// Reads what [`TotpSecret::base32`] wrote; none for anything else.
    #[must_use]
    pub fn from_base32(text: &str) -> Option<Self> {
        let (mut bytes, mut bits, mut held) = (Vec::with_capacity(20), 0_u64, 0);
        for letter in text.bytes() {
            let value = ALPHABET.iter().position(|known| *known == letter)?;
            bits = (bits << 5 | value as u64) & 0xffff;
            held += 5;
            if held >= 8 {
                held -= 8;
                bytes.push(u8::try_from(bits >> held & 0xff).ok()?);
            }
        }
        (held == 0).then(|| bytes.try_into().ok())?.map(Self)
    }

    /// The address that an authenticator reads from a picture; `account` is what it shows, usually the e-mail.
    #[must_use]
    pub fn uri(&self, issuer: &str, account: &str) -> String {
        let (issuer, account) = (escaped(issuer), escaped(account));
        format!("otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&digits=6&period=30", self.base32())
    }

    /// The step that a code belongs to: now, or one step aside for clocks that differ; never one at or before
    /// `last`, because a code works once. Spaces in the code are ignored.
    #[must_use]
    pub fn accepts(&self, code: &str, now: i64, last: Option<i64>) -> Option<i64> {
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let present = now.div_euclid(STEP_MS);
        let matching = (present - 1..=present + 1).filter(|step| same(&self.code(*step), &code));
        matching.filter(|step| last.is_none_or(|last| *step > last)).max()
    }

    /// The code of a step, which is the count of half minutes since the epoch.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "HMAC takes a key of any length")]
    pub fn code(&self, step: i64) -> String {
        let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(&step.to_be_bytes());
        let digest = mac.finalize().into_bytes();
        let start = usize::from(digest[19] & 15);
        let word = digest[start..start + 4].iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
    }
}

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

/// Percent-encodes everything but unreserved characters.
fn escaped(text: &str) -> String {
    let piece = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::fixtures::Seeded;

    fn of_the_rfc() -> TotpSecret {
        TotpSecret(*b"12345678901234567890")
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, SHA-1, the last six of its eight digits.
        let vectors = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (second, code) in vectors {
            assert_eq!(of_the_rfc().code(second / 30), code);
            assert_eq!(of_the_rfc().accepts(code, second * 1000, None), Some(second / 30));
        }
    }

    #[test]
    fn a_code_lasts_one_step_longer_and_may_come_one_step_early() {
        let secret = of_the_rfc();
        let code = secret.code(100);
        for (step, taken) in [(98, false), (99, true), (100, true), (101, true), (102, false)] {
            assert_eq!(secret.accepts(&code, step * STEP_MS, None).is_some(), taken, "at step {step}");
        }
    }

    #[test]
    fn s_47_a_code_works_once_and_so_does_every_older_one() {
        let secret = of_the_rfc();
        let now = 100 * STEP_MS;
        let used = secret.accepts(&secret.code(100), now, Some(98));
        assert_eq!(used, Some(100));
        assert_eq!(secret.accepts(&secret.code(100), now, used), None);
        assert_eq!(secret.accepts(&secret.code(99), now, used), None);
        assert_eq!(secret.accepts(&secret.code(101), now, used), Some(101));
    }

    #[test]
    fn nothing_but_six_digits_is_a_code() {
        let secret = of_the_rfc();
        let (code, now) = (secret.code(100), 100 * STEP_MS);
        assert!(secret.accepts(&format!("{} {}", &code[..3], &code[3..]), now, None).is_some());
        for wrong in ["", " ", "0", &code[1..], &format!("0{code}"), &format!("{code}\0"), "１２３４５６"] {
            assert_eq!(secret.accepts(wrong, now, None), None, "{wrong:?}");
        }
    }

    #[test]
    fn base32_comes_back_and_is_that_of_rfc_4648() {
        assert_eq!(of_the_rfc().base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let secret = TotpSecret::draw(&Seeded::new(3));
        assert!(TotpSecret::from_base32(&secret.base32()) == Some(secret));
        for wrong in ["", "A", "gezdgnbvgy3tqojqgezdgnbvgy3tqojq", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1"] {
            assert!(TotpSecret::from_base32(wrong).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn the_address_escapes_what_people_call_themselves() {
        let uri = of_the_rfc().uri("Acme & Sons", "ann+test@example.org");
        assert!(uri.starts_with("otpauth://totp/Acme%20%26%20Sons:ann%2Btest%40example.org?secret=GEZD"), "{uri}");
    }
}
