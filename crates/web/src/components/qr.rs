//! Text as a picture that a phone reads.

use std::fmt::Write as _;

use mainstay_markup::html;
use maud::Markup;
use qrcodegen::{QrCode, QrCodeEcc};

/// Empty modules around the picture, without which it is not found.
const QUIET: i32 = 4;

/// A QR code as a drawing; none when the text is too long for one. The words beside it must say the same.
#[must_use]
pub fn qr(text: &str, label: &str) -> Option<Markup> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = code.size() + 2 * QUIET;
    Some(html! {
        svg.qr viewBox={ "0 0 " (side) " " (side) } role="img" aria-label=(label) shape-rendering="crispEdges" {
            // Readers expect dark on light, whatever the theme.
            rect width=(side) height=(side) fill="#fff" {}
            path fill="#000" d=(modules(&code)) {}
        }
    })
}

/// A square for each dark module, row by row.
fn modules(code: &QrCode) -> String {
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            // Writing to a string cannot fail.
            let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dark_module_is_drawn_where_it_belongs_and_no_other() {
        let text = "otpauth://totp/Desk:a%40b.example?secret=GEZDGNBVGY3TQOJQ&issuer=Desk&digits=6&period=30";
        let drawn = qr(text, "For your authenticator").expect("a picture").into_string();
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).expect("it fits");
        let mut dark = 0;
        for y in 0..code.size() {
            for x in 0..code.size() {
                let square = format!("M{} {}h1v1h-1z", x + 4, y + 4);
                assert_eq!(drawn.contains(&square), code.get_module(x, y), "{x} {y}");
                dark += i32::from(code.get_module(x, y));
            }
        }
        assert_eq!(i32::try_from(drawn.matches("h1v1h-1z").count()), Ok(dark));
        let side = code.size() + 8;
        assert!(drawn.contains(&format!("viewBox=\"0 0 {side} {side}\"")) && !drawn.contains("style="));
        // The three finders tell a reader where it is: a ring of seven, a gap, a core of three.
        for (left, top) in [(0, 0), (code.size() - 7, 0), (0, code.size() - 7)] {
            let at = |x: i32, y: i32| code.get_module(left + x, top + y);
            assert!((0..7).all(|n| at(n, 0) && at(0, n) && at(6, n) && at(n, 6)) && !at(1, 1) && at(3, 3));
        }
    }

    #[test]
    fn a_text_that_does_not_fit_has_no_picture() {
        assert!(qr(&"a".repeat(10_000), "Too long").is_none());
    }
}
