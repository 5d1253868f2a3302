//! A sheet as PDF: one page of its own size, with its fonts in it and its words as text.

use super::letters::{FONTS, Letter, letter};
use super::sheet::{Ink, Mark, Sheet};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Points for a pixel, and the longest side that PDF readers take, in points.
const POINTS: f64 = 0.75;
const LONGEST: f64 = 14_000.0;
/// Of a quarter of a circle: how far its handles reach.
const ROUND: f64 = 0.552_3;
/// Of the fonts, in thousandths.
const ASCENT: i32 = 969;
const DESCENT: i32 = -241;
/// Objects of a font.
const OF_FONT: usize = 5;
/// Number of the first object of the first font.
const FIRST_FONT: usize = 6;

/// The file.
#[must_use]
pub fn pdf(sheet: &Sheet) -> Vec<u8> {
    let (width, height) = (f64::from(sheet.size.0), f64::from(sheet.size.1));
    let by = POINTS.min(LONGEST / width.max(height));
    // From the left and the top, as the sheet has it.
    let mut content = format!("{by:.4} 0 0 -{by:.4} 0 {:.2} cm\n", height * by);
    let mut used: BTreeMap<u16, BTreeMap<u16, Letter>> = BTreeMap::new();
    for mark in &sheet.marks {
        put(&mut content, mark, &mut used);
    }
    let mut objects: Vec<Vec<u8>> = vec![
        b"<< /Type /Catalog /Pages 2 0 R /ViewerPreferences << /DisplayDocTitle true >> >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
    ];
    let mut fonts = String::new();
    for (n, font) in used.keys().enumerate() {
        let _ = write!(fonts, "/F{font} {} 0 R ", FIRST_FONT + n * OF_FONT);
    }
    objects.push(
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {:.2} {:.2}] /Contents 4 0 R /Resources << /Font << {fonts}>> >> >>",
            width * by,
            height * by
        )
        .into_bytes(),
    );
    objects.push(stream("", content.as_bytes()));
    objects.push(format!("<< /Title {} /Producer (Mainstay) >>", text(&sheet.title)).into_bytes());
    for (font, letters) in &used {
        let first = objects.len() + 1;
        objects.extend(font_objects(*font, letters, first));
    }
    whole(&objects)
}

/// The objects one after the other, and where each begins.
fn whole(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (n, object) in objects.iter().enumerate() {
        let _ = writeln!(table, "{:010} 00000 n ", file.len());
        file.extend_from_slice(format!("{} 0 obj\n", n + 1).as_bytes());
        file.extend_from_slice(object);
        file.extend_from_slice(b"\nendobj\n");
    }
    let begins = file.len();
    file.extend_from_slice(table.as_bytes());
    let size = objects.len() + 1;
    let end = format!("trailer\n<< /Size {size} /Root 1 0 R /Info 5 0 R >>\nstartxref\n{begins}\n%%EOF\n");
    file.extend_from_slice(end.as_bytes());
    file
}

fn stream(more: &str, bytes: &[u8]) -> Vec<u8> {
    let mut object = format!("<< /Length {}{more} >>\nstream\n", bytes.len()).into_bytes();
    object.extend_from_slice(bytes);
    object.extend_from_slice(b"\nendstream");
    object
}

/// Words of the file itself, in UTF-16.
fn text(words: &str) -> String {
    let hex = words.encode_utf16().fold(String::new(), |mut hex, unit| {
        let _ = write!(hex, "{unit:04X}");
        hex
    });
    format!("<FEFF{hex}>")
}

/// A font with the widths of the letters in use, and what they are called when somebody copies them.
fn font_objects(font: u16, letters: &BTreeMap<u16, Letter>, first: usize) -> Vec<Vec<u8>> {
    let name = format!("MAINST+Inter{font}");
    let mut widths = String::new();
    for (glyph, letter) in letters {
        let _ = write!(widths, "{glyph} [{}] ", letter.advance);
    }
    let mut codes = String::new();
    let pairs: Vec<_> = letters.iter().collect();
    for some in pairs.chunks(100) {
        let _ = writeln!(codes, "{} beginbfchar", some.len());
        for (glyph, letter) in some {
            let _ = writeln!(codes, "<{glyph:04X}> <{:04X}>", u32::from(letter.code));
        }
        codes.push_str("endbfchar\n");
    }
    let map = format!(
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n\
         /CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n{codes}\
         endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
    );
    let bytes = FONTS.get(usize::from(font)).copied().unwrap_or_default();
    vec![
        format!(
            "<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H /DescendantFonts [{} 0 R] /ToUnicode {} 0 R >>",
            first + 1,
            first + 4
        )
        .into_bytes(),
        format!(
            "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> \
             /FontDescriptor {} 0 R /CIDToGIDMap /Identity /DW 600 /W [{widths}] >>",
            first + 2
        )
        .into_bytes(),
        format!(
            "<< /Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [-800 -300 2600 1100] /ItalicAngle 0 /Ascent {ASCENT} \
             /Descent {DESCENT} /CapHeight 727 /StemV 80 /FontFile2 {} 0 R >>",
            first + 3
        )
        .into_bytes(),
        stream(" /Filter /FlateDecode", bytes),
        stream("", map.as_bytes()),
    ]
}

fn share((red, green, blue): Ink) -> String {
    let of = |part: u8| f64::from(part) / 255.0;
    format!("{:.3} {:.3} {:.3}", of(red), of(green), of(blue))
}

/// Writing to a text never fails.
fn put(content: &mut String, mark: &Mark, used: &mut BTreeMap<u16, BTreeMap<u16, Letter>>) {
    let _ = match mark {
        Mark::Box { at, size, round, fill, line, thick } => {
            let paint = if *thick > 0 { "B" } else { "f" };
            let (fill, line, way) = (share(*fill), share(*line), rounded(*at, *size, *round));
            writeln!(content, "{fill} rg {line} RG {thick} w [] 0 d {way}{paint}")
        }
        Mark::Curve { points: [a, b, c, d], ink, thick, dashed } => writeln!(
            content,
            "{} RG {thick} w {} 0 d {} {} m {} {} {} {} {} {} c S",
            share(*ink),
            if *dashed { "[5 4]" } else { "[]" },
            a.0,
            a.1,
            b.0,
            b.1,
            c.0,
            c.1,
            d.0,
            d.1
        ),
        Mark::Arrow { points: [a, b, c], ink } => {
            writeln!(content, "{} rg {} {} m {} {} l {} {} l f", share(*ink), a.0, a.1, b.0, b.1, c.0, c.1)
        }
        Mark::Disc { at, radius, ink } => {
            let way = rounded((at.0 - radius, at.1 - radius), (2 * radius, 2 * radius), *radius);
            writeln!(content, "{} rg {way}f", share(*ink))
        }
        Mark::Words { at, centred, size, strong, ink, words } => {
            let letters: Vec<Letter> = words.chars().map(letter).collect();
            let wide = f64::from(letters.iter().map(|letter| letter.advance).sum::<i32>() * size) / 1_000.0;
            let left = f64::from(at.0) - if *centred { wide / 2.0 } else { 0.0 };
            let ink = share(*ink);
            // Strong letters are drawn with a line around them.
            let mode = if *strong { "2 Tr 0.4 w [] 0 d" } else { "0 Tr" };
            let _ = write!(content, "BT {ink} rg {ink} RG {mode} 1 0 0 -1 {left:.2} {} Tm", at.1);
            for run in letters.chunk_by(|one, other| one.font == other.font) {
                let _ = write!(content, " /F{} {size} Tf <", run[0].font);
                for letter in run {
                    used.entry(letter.font).or_default().insert(letter.glyph, *letter);
                    let _ = write!(content, "{:04X}", letter.glyph);
                }
                content.push_str("> Tj");
            }
            writeln!(content, " ET")
        }
    };
}

/// The way around a box with round corners.
fn rounded(at: (i32, i32), size: (i32, i32), round: i32) -> String {
    let (left, top) = (f64::from(at.0), f64::from(at.1));
    let (right, bottom) = (left + f64::from(size.0), top + f64::from(size.1));
    let r = f64::from(round.min(size.0 / 2).min(size.1 / 2));
    let k = r * (1.0 - ROUND);
    let mut way = format!("{:.2} {top:.2} m ", left + r);
    let mut side = |line: (f64, f64), one: (f64, f64), other: (f64, f64), end: (f64, f64)| {
        let _ = write!(
            way,
            "{:.2} {:.2} l {:.2} {:.2} {:.2} {:.2} {:.2} {:.2} c ",
            line.0, line.1, one.0, one.1, other.0, other.1, end.0, end.1
        );
    };
    side((right - r, top), (right - k, top), (right, top + k), (right, top + r));
    side((right, bottom - r), (right, bottom - k), (right - k, bottom), (right - r, bottom));
    side((left + r, bottom), (left + k, bottom), (left, bottom - k), (left, bottom - r));
    side((left, top + r), (left, top + k), (left + k, top), (left + r, top));
    way + "h "
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(words: &str) -> Sheet {
        let mark = Mark::Words {
            at: (10, 20),
            centred: true,
            size: 12,
            strong: true,
            ink: (0, 0, 0),
            words: words.to_owned(),
        };
        let border =
            Mark::Box { at: (1, 1), size: (50, 20), round: 9, fill: (255, 255, 255), line: (1, 2, 3), thick: 1 };
        Sheet { title: words.to_owned(), size: (200, 100), marks: vec![border, mark] }
    }

    #[test]
    fn every_object_is_where_the_table_says() {
        let file = pdf(&sheet("Zürich (Ж) \\ Ω"));
        let text = String::from_utf8_lossy(&file).into_owned();
        assert!(text.starts_with("%PDF-1.7") && text.ends_with("%%EOF\n"));
        let at = |needle: &[u8]| file.windows(needle.len()).rposition(|part| part == needle).unwrap();
        let number = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().parse::<usize>().unwrap();
        let begins = at(b"startxref\n") + 10;
        let table = number(&file[begins..file.len() - 6]);
        assert!(file[table..].starts_with(b"xref\n0 21\n"), "three fonts of five objects");
        for n in 1..21 {
            let line = table + 10 + n * 20;
            let object = number(&file[line..line + 10]);
            assert!(file[object..].starts_with(format!("{n} 0 obj\n").as_bytes()), "{n}");
        }
        // Z of Latin is there as a letter that can be copied.
        let glyph = letter('Z').glyph;
        assert!(text.contains(&format!("<{glyph:04X}> <005A>")) && text.contains("<FEFF005A00FC"));
    }

    #[test]
    fn a_long_sheet_stays_within_what_readers_take() {
        let text = String::from_utf8_lossy(&pdf(&Sheet { size: (900, 40_000), ..sheet("A") })).into_owned();
        assert!(text.contains("/MediaBox [0 0 315.00 14000.00]"), "{}", &text[..900]);
    }
}
