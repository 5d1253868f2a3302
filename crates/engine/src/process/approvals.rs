//! How records of a process are approved before they go on.

use super::{Assessed, Process, State, Transition, Who};
use crate::field::{Choice, FieldDef, Kind};
use crate::record::Record;
use crate::value::Value;

/// What a process says of its approvals; who approves is the organisation's, in its policies. (GEN-16, GEN-17)
#[derive(Clone, Copy, Debug)]
pub struct Approvals {
    /// Whoever brings a record here asks for the approvals that the policy in force names.
    pub asked_in: State,
    /// The engine's step when an approval that counts is refused, with the words of whoever refused it.
    pub refused: &'static str,
    /// The engine's step by which an approved record whose substance has changed goes back to be approved anew.
    pub voided: &'static str,
    /// Where what was granted holds; a record that goes elsewhere is not approved any more.
    pub held_in: &'static [State],
    /// What was approved: with another value in one of these it is another matter.
    pub material: &'static [Material],
    /// Relations whose links are part of what was approved: with another one it is another matter.
    pub links: &'static [&'static str],
    /// The steps by which the work begins that was approved; the first that is for a record counts.
    pub begins: &'static [&'static str],
    /// Who has a part in the record beside its requester, owner and assignee, and so approves nothing of it.
    pub involved: &'static [FieldDef],
    /// Who authorised it by word, and when: it ends with a change of what it was given for.
    pub by_word: &'static [FieldDef],
    /// None: no model stands for an approval.
    pub in_advance: Option<InAdvance>,
    /// How the risk is assessed that policies may ask for; None: it is not.
    pub assessed: Option<Assessed>,
}

/// How a model that is approved in advance stands for the approval of the records that follow it. (CHG-09, CHG-10)
#[derive(Clone, Copy, Debug)]
pub struct InAdvance {
    /// Which records a model stands for.
    pub applies: fn(&Record) -> bool,
    /// The field that names the model.
    pub model: FieldDef,
    /// What became of a record, known once it is closed.
    pub outcome: FieldDef,
    /// The options of it that count against the model.
    pub failed: &'static [&'static str],
}

/// When a change of a field changes what was approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Material {
    /// Whatever it becomes.
    Any(FieldDef),
    /// Only when it grows: a greater number, or a later one of its options. What is emptied may become anything.
    Growing(FieldDef),
}

impl Material {
    #[must_use]
    pub const fn field(&self) -> &FieldDef {
        match self {
            Self::Any(field) | Self::Growing(field) => field,
        }
    }

    /// Whether the record is another matter after the change.
    #[must_use]
    pub fn differs(&self, before: &Record, after: &Record) -> bool {
        let (old, new) = (before.value(self.field().key), after.value(self.field().key));
        match self {
            Self::Any(_) => old != new,
            Self::Growing(field) => grows(field, old, new),
        }
    }
}

/// Whether a value is greater than another, or leaves open what it is.
fn grows(field: &FieldDef, old: &Value, new: &Value) -> bool {
    let (old, new) = (height(field, old), height(field, new));
    new > old || (old.is_some() && new.is_none())
}

/// Where a value stands among those that its field can have; nothing is below everything.
fn height(field: &FieldDef, value: &Value) -> Option<i64> {
    let place = |options: &[Choice]| {
        let place = options.iter().position(|option| Some(option.key) == value.as_text())?;
        i64::try_from(place).ok()
    };
    match field.kind {
        Kind::Choice(options) => place(options),
        _ => value.as_int(),
    }
}

impl Approvals {
    /// The fields by which the record became another matter.
    #[must_use]
    pub fn changed(&self, before: &Record, after: &Record) -> Vec<&FieldDef> {
        self.material.iter().filter(|each| each.differs(before, after)).map(Material::field).collect()
    }
}

impl Process {
    /// Whether an approved record can be sent back from `state` to be approved anew.
    #[must_use]
    pub fn can_be_approved_anew(&'static self, state: &State) -> bool {
        let step = self.approvals.as_ref().and_then(|approvals| self.transition(approvals.voided));
        step.is_some_and(|step| step.leaves(state))
    }

    pub(super) const fn check_approvals(&self) {
        let Some(approvals) = &self.approvals else { return };
        let mut b = 0;
        while b < approvals.begins.len() {
            assert!(self.has_verb(approvals.begins[b]), "work begins by an undeclared step");
            b += 1;
        }
        self.check_engine_step(approvals.refused, None);
        self.check_engine_step(approvals.voided, Some(approvals.asked_in.key));
        self.check_fields(approvals.involved);
        self.check_fields(approvals.by_word);
        if let Some(model) = &approvals.in_advance {
            assert!(self.has_field(model.model.key), "approval in advance follows an undeclared field");
            assert!(self.has_field(model.outcome.key), "approval in advance ends with an undeclared field");
        }
        if let Some(assessed) = &approvals.assessed {
            self.check_assessed(assessed);
        }
        let mut i = 0;
        while i < approvals.material.len() {
            assert!(self.has_field(approvals.material[i].field().key), "approvals depend on an undeclared field");
            i += 1;
        }
        let mut k = 0;
        while k < approvals.links.len() {
            assert!(self.has_relation(approvals.links[k]), "approvals depend on an undeclared relation");
            k += 1;
        }
        assert!(self.has_state(&approvals.asked_in), "approvals are asked for in an undeclared state");
        let mut j = 0;
        while j < approvals.held_in.len() {
            assert!(self.has_state(&approvals.held_in[j]), "approvals hold in an undeclared state");
            j += 1;
        }
    }

    pub(super) const fn has_state(&self, state: &State) -> bool {
        let mut i = 0;
        while i < self.states.len() {
            if super::eq(self.states[i].key, state.key) {
                return true;
            }
            i += 1;
        }
        false
    }

    /// A step that the engine may take, to this state where one is named.
    const fn check_engine_step(&self, verb: &str, to: Option<&str>) {
        let mut i = 0;
        while i < self.transitions.len() {
            let step: &Transition = &self.transitions[i];
            if super::eq(step.verb, verb) {
                assert!(step.who.has(Who::ENGINE), "what follows from approvals is not the engine's to do");
                if let Some(to) = to {
                    let Some(state) = &step.to else { panic!("what is approved anew goes nowhere") };
                    assert!(super::eq(state.key, to), "what is approved anew goes elsewhere");
                }
                return;
            }
            i += 1;
        }
        panic!("approvals lead to an undeclared step")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Field;

    const LOW_TO_HIGH: &[Choice] = &[Choice { key: "low", label: "Low" }, Choice { key: "high", label: "High" }];

    #[test]
    fn what_only_matters_when_it_grows_is_compared_by_its_place() {
        let risk: FieldDef = Field::<Value>::any("risk", "Risk", Kind::Choice(LOW_TO_HIGH)).def;
        let cost: FieldDef = Field::number("cost", "Cost", 0, 100).def;
        assert!(grows(&risk, &Value::from("low"), &Value::from("high")));
        assert!(!grows(&risk, &Value::from("high"), &Value::from("low")));
        assert!(grows(&risk, &Value::Null, &Value::from("low")), "nothing is below everything");
        assert!(grows(&cost, &Value::Int(5), &Value::Int(6)) && !grows(&cost, &Value::Int(6), &Value::Int(5)));
        assert!(grows(&cost, &Value::Int(6), &Value::Null), "what is emptied may be filled with anything");
        assert!(!grows(&cost, &Value::Null, &Value::Null));
    }
}
