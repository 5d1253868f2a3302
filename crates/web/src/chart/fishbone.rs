//! Causes by branches that lead to an effect, as a drawing. Who shows it shows the rows beside it.

use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

/// One branch.
#[derive(Clone, Debug, Default)]
pub struct Bone {
    /// What it is called.
    pub name: String,
    /// What hangs on it.
    pub causes: Vec<Cause>,
}

/// One cause on a branch.
#[derive(Clone, Debug, Default)]
pub struct Cause {
    /// In words.
    pub words: String,
    /// A sign before it that says what became of it; empty for none.
    pub sign: &'static str,
    /// It is the one.
    pub confirmed: bool,
}

/// Between two branches of one side.
const WIDTH: usize = 226;
/// Between two causes.
const LINE: usize = 20;
/// Above the first cause of a branch.
const HEAD: usize = 34;
/// How far a branch leans.
const LEAN: usize = 36;
/// Room for the effect.
const EFFECT: usize = 150;
/// Letters that fit.
const MOST_LETTERS: usize = 26;
const MOST_OF_EFFECT: usize = 20;
/// Lines of the effect.
const MOST_LINES: usize = 4;

/// The drawing: branches above and below a spine that leads to the effect.
#[must_use]
pub fn fishbone(effect: &str, bones: &[Bone]) -> Markup {
    let columns = bones.len().div_ceil(2).max(1);
    let of_side =
        |side: usize| bones.iter().skip(side).step_by(2).map(|bone| bone.causes.len()).max().unwrap_or_default();
    let height = |causes: usize| HEAD + causes.max(2) * LINE + 12;
    let (above, below) = (height(of_side(0)), height(of_side(1)));
    let (spine, end) = (above, 12 + columns * WIDTH);
    let (width, whole) = (end + EFFECT, above + below);
    let lines = wrapped(effect);
    let first = spine + 4 - (lines.len() - 1) * LINE / 2;
    html! {
        div.chart-box tabindex="0" role="group" aria-label=(tf("Chart: {title}", &[("title", &t("Possible causes"))])) {
            svg.fishbone viewBox={ "0 0 " (width) " " (whole) } aria-hidden="true" {
                line.axis x1="0" y1=(spine) x2=(end) y2=(spine) {}
                path.axis d={ "M" (end - 8) " " (spine - 5) "L" (end) " " (spine) "L" (end - 8) " " (spine + 5) } fill="none" {}
                @for (line, words) in lines.iter().enumerate() {
                    text.effect x=(end + 10) y=(first + line * LINE) { (words) }
                }
                @for (index, bone) in bones.iter().enumerate() {
                    @let left = 12 + index / 2 * WIDTH;
                    @let up = index % 2 == 0;
                    @let tip = if up { 22 } else { whole - 18 };
                    line.axis x1=(left) y1=(tip) x2=(left + LEAN) y2=(spine) {}
                    text.bone x=(left) y=(if up { tip - 8 } else { tip + 14 }) { (clipped(&bone.name, MOST_LETTERS)) }
                    @for (place, cause) in bone.causes.iter().enumerate() {
                        @let y = if up { HEAD + 4 + place * LINE } else { spine + LINE + place * LINE };
                        text.cause.confirmed[cause.confirmed] x=(left + LEAN) y=(y) {
                            title { (cause.words) }
                            (cause.sign) @if !cause.sign.is_empty() { " " } (clipped(&cause.words, MOST_LETTERS))
                        }
                    }
                }
            }
        }
    }
}

fn clipped(words: &str, most: usize) -> String {
    if words.chars().count() <= most {
        return words.to_owned();
    }
    let mut short: String = words.chars().take(most - 1).collect();
    short.push('…');
    short
}

/// Words in lines that fit beside the spine.
fn wrapped(words: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words.split_whitespace() {
        let last = lines.len() - 1;
        if !lines[last].is_empty() && lines[last].chars().count() + word.chars().count() >= MOST_OF_EFFECT {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        if let Some(line) = lines.last_mut() {
            line.push('…');
        }
    }
    lines.iter().map(|line| clipped(line, MOST_OF_EFFECT + 4)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_stand_above_and_below_and_long_words_are_clipped() {
        let cause = Cause { words: "x".repeat(60), sign: "✓", confirmed: true };
        let bone = |name: &str| Bone { name: name.into(), causes: vec![cause.clone()] };
        let text = fishbone("The gateway drops connections", &[bone("People"), bone("Hardware"), bone("Software")])
            .into_string();
        assert!(text.contains("viewBox=\"0 0 614 172\"") && text.matches("class=\"bone\"").count() == 3, "{text}");
        assert!(text.contains(&format!("{}…", "x".repeat(25))) && text.contains("confirmed"), "{text}");
        assert!(fishbone("", &[]).into_string().contains("<svg"));
    }
}
