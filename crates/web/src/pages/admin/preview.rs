//! How a custom field will look in the form of a role, while it is being made.

use jiff::tz::TimeZone;
use mainstay_desk::custom::{column_kind_alone, kind_alone};
use mainstay_desk::rights::{Role, matches};
use mainstay_desk::{Caller, Session};
use mainstay_engine::field::{Audience, FieldDef, Home, Kind, Writer};
use mainstay_engine::process::Process;
use mainstay_markup::html;
use mainstay_processes::registers::{ColumnKind, CustomKind, Reach};
use mainstay_words::{t, tf};
use maud::Markup;

use super::draft::Draft;
use crate::components::{Choice, Control, Field, field};
use crate::fields::rows::RowGiven;
use crate::fields::{Asking, Pickers};
use crate::form::Form;

/// The name of the choice of a role; what begins so is no field of the entry.
const ROLE: &str = "_role";

/// Who looks, and what there is to pick from.
pub struct Preview {
    roles: Vec<(i64, Role)>,
    role: i64,
    process: Option<&'static Process>,
    pickers: Pickers,
}

/// What a role does with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    Asked,
    Reads,
    Nothing(&'static str),
}

impl Preview {
    /// The roles to look with; the one that the form names, else one of staff.
    ///
    /// # Errors
    /// The database's.
    pub fn load(
        session: &mut Session<'_>,
        caller: &Caller,
        process: Option<&'static Process>,
        form: Option<&Form>,
    ) -> mainstay_desk::Result<Self> {
        let picked = ["people", "teams", "organisations", "services"].map(|register| plain(Kind::Ref(register)));
        let pickers = Pickers::load(session, caller, &picked)?;
        let mut roles: Vec<(i64, Role)> = session.config.roles.iter().map(|(id, role)| (*id, role.clone())).collect();
        roles.sort_by(|a, b| a.1.name.cmp(&b.1.name));
        let named = form.and_then(|form| form.number(ROLE));
        let staff = roles.iter().find(|(_, role)| role.reach == Reach::Staff).map(|(id, _)| *id);
        let role = named.or(staff).unwrap_or_default();
        Ok(Self { roles, role, process, pickers })
    }

    /// The field as the chosen role meets it.
    pub fn shown(&self, draft: &Draft, zone: &TimeZone) -> Markup {
        let roles = self.roles.iter();
        let options = roles.map(|(id, role)| Choice::new(id.to_string(), t(&role.name).to_owned(), *id == self.role));
        let choice = Control::Select { options: options.collect(), blank: None };
        let choice = Field::new(ROLE, "As somebody with the role", choice).answered();
        let role = self.roles.iter().find(|(id, _)| *id == self.role).map(|(_, role)| role);
        html! {
            section.form-section aria-labelledby="preview" {
                h2 #preview { "Preview" }
                div.form-grid { (field(&choice)) }
                @match role.map(|role| self.share(role, draft)) {
                    Some(Share::Asked) => { (self.question(draft, zone)) }
                    Some(Share::Reads) => { p { (tf("Somebody with this role reads {field} and is not asked for it.", &[("field", &name(draft))])) } }
                    Some(Share::Nothing(why)) => { p { (t(why)) } }
                    None => {}
                }
            }
        }
    }

    fn share(&self, role: &Role, draft: &Draft) -> Share {
        let flag = |key: &str| !draft.text(key).is_empty();
        let staff = matches!(role.reach, Reach::Staff | Reach::Restricted);
        if flag("internal") && !staff {
            return Share::Nothing("Somebody with this role does not read what is internal.");
        }
        let may = |action: &str| {
            let area = self.process.map_or("", |process| process.key);
            role.permissions.iter().any(|permission| matches(permission, area, action))
        };
        if staff && !may("view") {
            return Share::Nothing("Somebody with this role does not see these records.");
        }
        let asked = if staff { may("create") || may("update") } else { flag("requester") };
        if asked { Share::Asked } else { Share::Reads }
    }

    /// The field as a form asks for it. Nothing of it is sent.
    fn question(&self, draft: &Draft, zone: &TimeZone) -> Markup {
        let asking = Asking { pickers: &self.pickers, zone, errors: &[] };
        let Some(kind) = CustomKind::from_key(draft.text("kind")) else {
            return html! { p.quiet { "Choose a kind to see the field." } };
        };
        let mut asked = asking.field(&plain(kind_alone(kind)), &[]);
        asked.label = name(draft).into();
        asked.required = !draft.text("required").is_empty();
        asked.help = Some(draft.text("help").to_owned()).filter(|help| !help.trim().is_empty()).map(Into::into);
        let options = || draft.rows("choices").iter().map(|row| choice(first(row, "key"), first(row, "label")));
        match kind {
            CustomKind::Choice => {
                asked.control = Control::Select { options: options().collect(), blank: Some("–".into()) };
            }
            CustomKind::MultiChoice => asked.control = Control::Checks { options: options().collect() },
            CustomKind::Money => asked.control = money(draft),
            CustomKind::Table => asked.control = table(draft, &asking),
            _ => {}
        }
        html! { fieldset.field-preview disabled aria-labelledby="preview" { div.form-grid { (field(&asked)) } } }
    }
}

fn first<'a>(row: &'a RowGiven, key: &str) -> &'a str {
    row.get(key).and_then(|given| given.first()).map_or("", String::as_str)
}

fn name(draft: &Draft) -> String {
    if draft.name.trim().is_empty() { t("Name").to_owned() } else { draft.name.clone() }
}

fn choice(key: &str, label: &str) -> Choice<'static> {
    Choice::new(key.to_owned(), if label.is_empty() { key.to_owned() } else { label.to_owned() }, false)
}

fn money(draft: &Draft) -> Control<'static> {
    let currency = Some(draft.text("currency")).filter(|text| !text.is_empty()).unwrap_or("EUR");
    Control::Money { value: "".into(), currencies: vec![choice(currency, currency)] }
}

/// One row of a table; its columns are asked for as fields are.
fn table(draft: &Draft, asking: &Asking<'_>) -> Control<'static> {
    let (mut columns, mut cells) = (Vec::new(), Vec::new());
    for (index, row) in draft.rows("columns").iter().enumerate() {
        let Some(kind) = ColumnKind::from_key(first(row, "kind")) else { continue };
        let label = first(row, "label").to_owned();
        let mut cell = asking.field(&plain(column_kind_alone(kind)), &[]);
        (cell.name, cell.label) = (format!("preview.{index}").into(), label.clone().into());
        match kind {
            ColumnKind::Choice => {
                let words = row.get("options").into_iter().flatten().flat_map(|text| text.split(','));
                let options = words.map(str::trim).filter(|word| !word.is_empty()).map(|word| choice(word, word));
                cell.control = Control::Select { options: options.collect(), blank: Some("–".into()) };
            }
            ColumnKind::Money => cell.control = money(draft),
            _ => {}
        }
        columns.push(label.into());
        cells.push(cell);
    }
    Control::Table { columns, rows: vec![cells] }
}

/// A field of this kind, whatever it is called.
const fn plain(kind: Kind) -> FieldDef {
    FieldDef {
        key: "preview",
        label: "",
        help: "",
        kind,
        home: Home::Custom,
        required: false,
        in_list: false,
        audience: Audience::Everyone,
        writer: Writer::Staff,
    }
}
