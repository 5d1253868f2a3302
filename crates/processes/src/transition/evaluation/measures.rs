//! Measures: what was predicted, what came about, how far apart both are, and whether that is within the limit. (EVA-04)

use super::{ACTUALS, MEASURES, SHEET};
use mainstay_engine::choices;
use mainstay_engine::facts::Facts;
use mainstay_engine::field::{Field, FieldDef};
use mainstay_engine::record::Record;
use mainstay_engine::value::Value;
use std::collections::{BTreeMap, BTreeSet};

choices! {
    /// What a measure says something of.
    Aspect {
        Performance = "performance" "Performance", Capacity = "capacity" "Capacity",
        Availability = "availability" "Availability", Cost = "cost" "Cost", Risk = "risk" "Risk", Other = "other" "Something else",
    }
}
choices! {
    /// How sure a prediction is.
    Confidence { Low = "low" "Low", Medium = "medium" "Medium", High = "high" "High" }
}
choices! {
    /// On which side of its prediction a measure is worse.
    Worse { Above = "above" "Above the prediction", Below = "below" "Below the prediction" }
}
choices! {
    /// How a deviation stands to its limit.
    Verdict { Within = "within" "Within limit", Outside = "outside" "Outside limit" }
}

const MEASURE: Field<String> = Field::text("measure", "Measure");
const ASPECT: Field<Aspect> = Field::choice("aspect", "Kind", Aspect::CHOICES);
const UNIT: Field<String> = Field::text("unit", "Unit");
const TARGET: Field<String> = Field::text("target", "Target");
const PREDICTED: Field<String> = Field::text("predicted", "Predicted");
const LIMIT: Field<i64> = Field::number("limit", "Limit in %", 0, 10_000);
const WORSE: Field<Worse> = Field::choice("worse", "Worse", Worse::CHOICES);
const CONFIDENCE: Field<Confidence> = Field::choice("confidence", "Confidence", Confidence::CHOICES);
const ACTUAL: Field<String> = Field::text("actual", "Actual");
const DEVIATION: Field<String> = Field::text("deviation", "Deviation");
const VERDICT: Field<Verdict> = Field::choice("verdict", "Judgement", Verdict::CHOICES);

pub const PREDICTED_COLUMNS: &[FieldDef] = &[
    MEASURE.required().def,
    ASPECT.required().def,
    UNIT.def,
    TARGET.def,
    PREDICTED.required().def,
    LIMIT.required().def,
    WORSE.def,
    CONFIDENCE.def,
];
pub const ACTUAL_COLUMNS: &[FieldDef] = &[MEASURE.required().def, ACTUAL.required().def];
pub const SHEET_COLUMNS: &[FieldDef] = &[
    MEASURE.def,
    ASPECT.def,
    UNIT.def,
    TARGET.def,
    PREDICTED.def,
    CONFIDENCE.def,
    ACTUAL.def,
    DEVIATION.def,
    LIMIT.def,
    VERDICT.def,
];

/// Digits behind the point that count.
const PLACES: u32 = 6;

/// A number as people write it, with point or comma, in millionths.
fn number(text: &str) -> Option<i128> {
    let text = text.trim();
    let (minus, digits) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, part) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = (1..=15).contains(&whole.len()) && part.len() <= PLACES as usize;
    if !fits || !all_digits(whole) || !all_digits(part) || digits.ends_with(['.', ',']) {
        return None;
    }
    let scale = 10_i128.pow(PLACES - u32::try_from(part.len()).ok()?);
    let millionths = whole.parse::<i128>().ok()? * 10_i128.pow(PLACES) + part.parse::<i128>().unwrap_or(0) * scale;
    Some(if minus { -millionths } else { millionths })
}

/// (actual − predicted) ÷ predicted in tenths of a percent, rounded; none where nothing was predicted.
fn deviation(predicted: i128, actual: i128) -> Option<i128> {
    if predicted == 0 {
        return (actual == 0).then_some(0);
    }
    let (above, below) = ((actual - predicted) * 1000 * predicted.signum(), predicted.abs());
    Some((above.abs() * 2 + below) / (below * 2) * above.signum())
}

/// The limit holds on both sides, or on the one where the measure is worse. A deviation from nothing is outside any.
fn judged(predicted: i128, actual: i128, limit: i64, worse: Option<Worse>) -> Verdict {
    let far = deviation(predicted, actual).is_none_or(|tenths| tenths.abs() > i128::from(limit) * 10);
    let bad = match worse {
        Some(Worse::Above) => actual > predicted,
        Some(Worse::Below) => actual < predicted,
        None => true,
    };
    if far && bad { Verdict::Outside } else { Verdict::Within }
}

/// As it is read: "+30 %", "−2.5 %".
fn words(tenths: i128) -> String {
    let sign = match tenths.signum() {
        1 => "+",
        -1 => "−",
        _ => "±",
    };
    let (whole, part) = (tenths.abs() / 10, tenths.abs() % 10);
    let part = if part == 0 { String::new() } else { format!(".{part}") };
    format!("{sign}{whole}{part} %")
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row.column(key).as_text().unwrap_or_default().trim()
}

/// What was measured, by the name of the measure.
fn measured(evaluation: &Record) -> BTreeMap<String, String> {
    let rows = evaluation.value(ACTUALS.def.key).as_list().iter();
    rows.map(|row| (text(row, "measure").to_lowercase(), text(row, "actual").to_owned())).collect()
}

/// Lays predicted and actual beside each other and judges what lies between them.
pub fn judge(evaluation: &mut Record, _: &Facts<'_>) {
    let measured = measured(evaluation);
    let rows = evaluation.value(MEASURES.def.key).as_list().iter().map(|row| laid(row, &measured)).collect();
    evaluation.set(&SHEET, Value::List(rows));
}

fn laid(row: &Value, measured: &BTreeMap<String, String>) -> Value {
    let mut columns = BTreeMap::new();
    for key in ["measure", "aspect", "unit", "target", "predicted", "confidence", "limit"] {
        columns.insert(key.to_owned(), row.column(key).clone());
    }
    if let Some(actual) = measured.get(&text(row, "measure").to_lowercase()) {
        columns.insert("actual".to_owned(), Value::from(actual.as_str()));
        if let (Some(predicted), Some(value)) = (number(text(row, "predicted")), number(actual)) {
            let deviation = deviation(predicted, value).map_or(Value::Null, |tenths| Value::Text(words(tenths)));
            let limit = row.column("limit").as_int().unwrap_or_default();
            let worse = row.column("worse").as_text().and_then(Worse::from_key);
            columns.insert("deviation".to_owned(), deviation);
            columns.insert("verdict".to_owned(), Value::from(judged(predicted, value, limit, worse).key()));
        }
    }
    Value::Row(columns)
}

/// Every measure has one name, and what is predicted and wanted is a number.
pub fn are_numbers(evaluation: &Record) -> bool {
    let rows = evaluation.value(MEASURES.def.key).as_list();
    let names: BTreeSet<String> = rows.iter().map(|row| text(row, "measure").to_lowercase()).collect();
    let target = |row: &Value| text(row, "target").is_empty() || number(text(row, "target")).is_some();
    names.len() == rows.len() && rows.iter().all(|row| number(text(row, "predicted")).is_some() && target(row))
}

/// Every measure that was predicted has an actual value, once, and nothing else has.
pub fn are_measured(evaluation: &Record) -> bool {
    let (rows, actuals) = (evaluation.value(MEASURES.def.key).as_list(), evaluation.value(ACTUALS.def.key).as_list());
    let measured = measured(evaluation);
    let each =
        |row: &Value| measured.get(&text(row, "measure").to_lowercase()).is_some_and(|actual| number(actual).is_some());
    rows.iter().all(each) && actuals.len() == rows.len() && measured.len() == rows.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(predicted: &str, actual: &str, limit: i64, worse: Option<Worse>) -> (String, Verdict) {
        let (predicted, actual) = (number(predicted).expect("a number"), number(actual).expect("a number"));
        let deviation = deviation(predicted, actual).map(words).unwrap_or_default();
        (deviation, judged(predicted, actual, limit, worse))
    }

    #[test]
    fn eva_04_a_deviation_is_judged_against_its_limit() {
        let of = |text: &str, verdict| (text.to_owned(), verdict);
        assert_eq!(read("200", "260", 20, None), of("+30 %", Verdict::Outside));
        assert_eq!(read("200", "240", 20, None), of("+20 %", Verdict::Within));
        assert_eq!(read("200", "150", 20, None), of("−25 %", Verdict::Outside));
        assert_eq!(read("200", "150", 20, Some(Worse::Above)), of("−25 %", Verdict::Within));
        assert_eq!(read("99.95", "99,90", 0, Some(Worse::Below)), of("−0.1 %", Verdict::Outside));
        assert_eq!(read("3", "4", 40, None), of("+33.3 %", Verdict::Within));
        assert_eq!(read("200", "200", 0, None), of("±0 %", Verdict::Within));
        assert_eq!(read("-10", "-12", 10, None), of("+20 %", Verdict::Outside));
        assert_eq!(read("0", "0", 0, None), of("±0 %", Verdict::Within));
        assert_eq!(read("0", "3", 500, None), of("", Verdict::Outside));
        assert_eq!(read("0", "3", 5, Some(Worse::Below)), of("", Verdict::Within));
    }

    #[test]
    fn what_is_no_number_is_none() {
        for wrong in ["", " ", "-", "1.", ".5", "1,2,3", "200 ms", "1e3", "1.2345678", "1234567890123456", "٣"] {
            assert_eq!(number(wrong), None, "{wrong}");
        }
        assert_eq!(number(" −0,5 "), Some(-500_000));
    }
}
