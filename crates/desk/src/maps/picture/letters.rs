//! The letters of printed files: Inter, packed as PDF holds it, and where each letter is. `assets/print-font.mjs` makes them.

/// The fonts, one for each script, as zlib packs them, with their lengths unpacked.
pub const FONTS: [&[u8]; 5] = [
    include_bytes!("font/inter-latin.ttf.z"),
    include_bytes!("font/inter-latin-ext.ttf.z"),
    include_bytes!("font/inter-cyrillic.ttf.z"),
    include_bytes!("font/inter-greek.ttf.z"),
    include_bytes!("font/inter-vietnamese.ttf.z"),
];

/// Of each letter, in their order: code point, font, glyph, advance in thousandths; each two bytes, the higher first.
const LETTERS: &[u8] = include_bytes!("font/letters.bin");
const OF_LETTER: usize = 8;

/// A letter as it is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letter {
    pub font: u16,
    pub glyph: u16,
    /// How far the next one stands, in thousandths of the size.
    pub advance: i32,
    pub code: char,
}

/// The letter of a code point; an empty box stands for what the fonts do not have.
pub fn letter(code: char) -> Letter {
    let (mut low, mut high) = (0, LETTERS.len() / OF_LETTER);
    while low < high {
        let middle = usize::midpoint(low, high);
        match u32::from(number(middle, 0)).cmp(&u32::from(code)) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => {
                let advance = i32::from(number(middle, 3));
                return Letter { font: number(middle, 1), glyph: number(middle, 2), advance, code };
            }
        }
    }
    Letter { font: 0, glyph: 0, advance: 700, code: '\u{fffd}' }
}

fn number(letter: usize, part: usize) -> u16 {
    let at = letter * OF_LETTER + part * 2;
    u16::from_be_bytes([LETTERS[at], LETTERS[at + 1]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_every_script_are_found_and_others_are_boxes() {
        assert!(LETTERS.len() > 1_000 * OF_LETTER && LETTERS.len().is_multiple_of(OF_LETTER));
        for (code, font) in [('A', 0), ('ß', 0), ('Ł', 1), ('Ж', 2), ('Ω', 3), ('ở', 4)] {
            let found = letter(code);
            assert!(found.font == font && found.glyph > 0 && (200..1_500).contains(&found.advance), "{found:?}");
        }
        assert!(letter('W').advance > 2 * letter('i').advance);
        assert_eq!(letter('漢').glyph, 0);
    }
}
