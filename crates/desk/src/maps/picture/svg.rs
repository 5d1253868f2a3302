//! A sheet as SVG, whole in itself: no script, no style, nothing that is loaded.

use super::sheet::{Ink, Mark, Sheet};
use std::fmt::Write as _;

/// The file.
#[must_use]
pub fn svg(sheet: &Sheet) -> Vec<u8> {
    let (width, height) = sheet.size;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" font-family=\"Inter, Arial, sans-serif\">\n<title>{}</title>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n",
        escaped(&sheet.title)
    );
    for mark in &sheet.marks {
        put(&mut text, mark);
        text.push('\n');
    }
    text.push_str("</svg>\n");
    text.into_bytes()
}

/// Writing to a text never fails.
fn put(text: &mut String, mark: &Mark) {
    let _ = match mark {
        Mark::Box { at, size, round, fill, line, thick } => write!(
            text,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{round}\" fill=\"{}\" stroke=\"{}\" stroke-width=\"{thick}\"/>",
            at.0,
            at.1,
            size.0,
            size.1,
            hex(*fill),
            hex(*line)
        ),
        Mark::Curve { points: [a, b, c, d], ink, thick, dashed } => {
            let dashes = if *dashed { " stroke-dasharray=\"5 4\"" } else { "" };
            write!(
                text,
                "<path d=\"M{} {}C{} {} {} {} {} {}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{thick}\"{dashes}/>",
                a.0,
                a.1,
                b.0,
                b.1,
                c.0,
                c.1,
                d.0,
                d.1,
                hex(*ink)
            )
        }
        Mark::Arrow { points: [a, b, c], ink } => {
            write!(text, "<path d=\"M{} {}L{} {}L{} {}z\" fill=\"{}\"/>", a.0, a.1, b.0, b.1, c.0, c.1, hex(*ink))
        }
        Mark::Disc { at, radius, ink } => {
            write!(text, "<circle cx=\"{}\" cy=\"{}\" r=\"{radius}\" fill=\"{}\"/>", at.0, at.1, hex(*ink))
        }
        Mark::Words { at, centred, size, strong, ink, words } => {
            let anchor = if *centred { " text-anchor=\"middle\"" } else { "" };
            let weight = if *strong { " font-weight=\"600\"" } else { "" };
            write!(
                text,
                "<text x=\"{}\" y=\"{}\" font-size=\"{size}\" fill=\"{}\"{anchor}{weight}>{}</text>",
                at.0,
                at.1,
                hex(*ink),
                escaped(words)
            )
        }
    };
}

fn hex((red, green, blue): Ink) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Text of an XML document; what XML cannot hold is left out.
fn escaped(words: &str) -> String {
    let mut text = String::with_capacity(words.len());
    for letter in words.chars() {
        match letter {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_people_stay_words() {
        let words = "<script>alert(1)</script>\u{0}&\"".to_owned();
        let ink = (1, 2, 3);
        let mark = Mark::Words { at: (1, 2), centred: false, size: 11, strong: false, ink, words: words.clone() };
        let sheet = Sheet { title: words, size: (10, 10), marks: vec![mark] };
        let text = String::from_utf8(svg(&sheet)).unwrap();
        assert!(
            !text.contains("<script") && text.contains("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;"),
            "{text}"
        );
        assert!(text.contains("fill=\"#010203\"") && !text.contains("style="), "{text}");
    }
}
