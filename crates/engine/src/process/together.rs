//! What makes the tables of several processes fit together; evaluated while compiling.

use super::checked::eq;
use super::{Cascade, Effect, Fill, Handed, OpenedFrom, Process, Relation, Waits, Who};
use crate::field::{FieldDef, Writer};

/// Evaluated in a `const _` beside the list of all processes: a table that names a process, a relation, a step or a
/// field which another table does not declare does not compile.
///
/// # Panics
/// At compile time, with the fault.
pub const fn together(all: &[&Process]) {
    let mut i = 0;
    while i < all.len() {
        check_relations(all, all[i]);
        check_steps(all, all[i]);
        check_watch(all, all[i]);
        check_origins(all, all[i]);
        check_control(all, all[i]);
        i += 1;
    }
}

const fn check_relations(all: &[&Process], process: &Process) {
    let mut i = 0;
    while i < process.relations.len() {
        check_relation(all, process, &process.relations[i]);
        i += 1;
    }
}

const fn check_steps(all: &[&Process], process: &Process) {
    let mut i = 0;
    while i < process.transitions.len() {
        let step = &process.transitions[i];
        if let Some(key) = step.links {
            assert!(related(process, key).fills.is_empty(), "a step links by a relation that fills fields");
        }
        let mut j = 0;
        while j < step.effects.len() {
            if let Effect::Cascade(cascade) = &step.effects[j] {
                check_cascade(all, process, cascade);
            }
            if let Effect::Capture(captures) = &step.effects[j] {
                assert!(named(all, captures.of).map.is_some(), "a set is of records that form no map");
            }
            j += 1;
        }
        i += 1;
    }
}

const fn check_control(all: &[&Process], process: &Process) {
    let Some(map) = &process.map else { return };
    let Some(control) = &map.control else { return };
    let by = named(all, control.by);
    assert!(may_lead_to(related(by, control.relation), process), "what permits a change cannot be linked with it");
    let mut i = 0;
    while i < control.permits.len() {
        assert!(has_state(by, control.permits[i]), "what permits a change has no such state");
        i += 1;
    }
    let mut i = 0;
    while i < control.held.len() {
        assert!(has_state(process, control.held[i]), "what is under control has no such state");
        i += 1;
    }
    let mut i = 0;
    while i < control.found.len() {
        assert!(has_state(process, control.found[i]), "what is found has no such state");
        i += 1;
    }
    assert!(has_state(process, control.live), "what is in use has no such state");
}

const fn has_state(process: &Process, key: &str) -> bool {
    let mut i = 0;
    while i < process.states.len() {
        if eq(process.states[i].key, key) {
            return true;
        }
        i += 1;
    }
    false
}

const fn check_watch(all: &[&Process], process: &Process) {
    let Some(watch) = &process.watch else { return };
    let other = named(all, watch.process);
    assert!(
        may_lead_to(related(other, watch.relation), process),
        "a watch follows a relation that cannot lead to its process"
    );
    let mut i = 0;
    while i < watch.same.len() {
        assert!(other.has_field(watch.same[i].key), "a watch compares a field that the other process does not have");
        i += 1;
    }
}

const fn check_origins(all: &[&Process], process: &Process) {
    let mut i = 0;
    while i < process.opened_from.len() {
        check_origin(all, process, &process.opened_from[i]);
        i += 1;
    }
}

const fn named<'a>(all: &[&'a Process], key: &str) -> &'a Process {
    let mut i = 0;
    while i < all.len() {
        if eq(all[i].key, key) {
            return all[i];
        }
        i += 1;
    }
    panic!("a table names a process that there is not")
}

const fn related<'a>(process: &'a Process, key: &str) -> &'a Relation {
    let mut i = 0;
    while i < process.relations.len() {
        if eq(process.relations[i].key, key) {
            return &process.relations[i];
        }
        i += 1;
    }
    panic!("a table follows a relation that the other process does not declare")
}

const fn may_lead_to(relation: &Relation, process: &Process) -> bool {
    match relation.to {
        Some(to) => eq(to, process.key),
        None => true,
    }
}

const fn check_relation(all: &[&Process], process: &Process, relation: &Relation) {
    if let Some(to) = relation.to {
        named(all, to);
    }
    let mut i = 0;
    while i < relation.meant_for.len() {
        assert!(
            may_lead_to(relation, named(all, relation.meant_for[i])),
            "a relation is meant for a process that it cannot lead to"
        );
        i += 1;
    }
    let mut j = 0;
    while j < relation.fills.len() {
        check_fill(named(all, relation.fills[j].of), process, relation, &relation.fills[j]);
        j += 1;
    }
    if let Some(apart) = &relation.apart {
        let other = named(all, apart.of);
        assert!(may_lead_to(relation, other), "people are kept apart from a process that the relation cannot lead to");
        process.check_fields(apart.own);
        other.check_fields(apart.theirs);
    }
}

const fn check_fill(from: &Process, into: &Process, relation: &Relation, fill: &Fill) {
    assert!(may_lead_to(relation, from), "a field is filled by a process that its relation cannot lead to");
    check_handed(from, into, &Handed { from: fill.from, into: fill.into });
    assert!(
        matches!(fill.into.writer, Writer::Engine),
        "a field that another record fills is one that people fill, too"
    );
    assert!(!is_filled(from, &fill.from), "a field is filled by one that is filled itself");
}

const fn is_filled(process: &Process, field: &FieldDef) -> bool {
    let mut i = 0;
    while i < process.relations.len() {
        let mut j = 0;
        while j < process.relations[i].fills.len() {
            if eq(process.relations[i].fills[j].into.key, field.key) {
                return true;
            }
            j += 1;
        }
        i += 1;
    }
    false
}

const fn check_handed(from: &Process, into: &Process, handed: &Handed) {
    assert!(from.has_field(handed.from.key), "a value is handed on from an undeclared field");
    assert!(into.has_field(handed.into.key), "a value is handed on into an undeclared field");
}

const fn check_cascade(all: &[&Process], process: &Process, cascade: &Cascade) {
    let other = match cascade.of {
        Some(key) => named(all, key),
        None => process,
    };
    assert!(
        may_lead_to(related(other, cascade.relation), process),
        "a cascade follows a relation that cannot lead to its process"
    );
    let mut i = 0;
    while i < other.transitions.len() {
        let step = &other.transitions[i];
        if eq(step.verb, cascade.verb) {
            assert!(step.who.has(Who::ENGINE), "a cascade applies a step that is not the engine's");
            let mut j = 0;
            while j < cascade.hands_on.len() {
                check_handed(process, other, &cascade.hands_on[j]);
                j += 1;
            }
            return;
        }
        i += 1;
    }
    panic!("a cascade applies an undeclared verb")
}

const fn check_origin(all: &[&Process], process: &Process, origin: &OpenedFrom) {
    let other = named(all, origin.process);
    assert!(
        may_lead_to(related(other, origin.relation), process),
        "records are opened from some that cannot be linked to them"
    );
    let mut i = 0;
    while i < origin.copies.len() {
        check_handed(other, process, &origin.copies[i]);
        i += 1;
    }
    let mut j = 0;
    while j < origin.shares.len() {
        let (theirs, own) = (related(other, origin.shares[j]), related(process, origin.shares[j]));
        assert!(same_end(theirs, own), "records share a relation that leads elsewhere");
        j += 1;
    }
    if let Some(waits) = &origin.waits {
        check_waits(other, waits);
    }
    if let Some(rule) = &origin.by_rule {
        other.check_fields(&[rule.mark]);
        other.check_fields(rule.services);
        assert!(matches!(rule.mark.writer, Writer::Engine), "what rules decide is a mark that people set, too");
        let mut k = 0;
        while k < rule.asked_in.len() {
            assert!(has_state(other, rule.asked_in[k].key), "rules are asked in an undeclared state");
            k += 1;
        }
    }
}

const fn same_end(one: &Relation, other: &Relation) -> bool {
    match (one.to, other.to) {
        (Some(one), Some(other)) => eq(one, other),
        (None, None) => true,
        _ => false,
    }
}

const fn check_waits(other: &Process, waits: &Waits) {
    let mut i = 0;
    while i < other.transitions.len() {
        let step = &other.transitions[i];
        if eq(step.verb, waits.verb) {
            assert!(step.who.has(Who::STAFF), "records wait by a step that nobody may take");
            let mut j = 0;
            while j < step.needs.len() {
                if eq(step.needs[j].key, waits.says.0.key) {
                    return;
                }
                j += 1;
            }
            panic!("records wait by a step that does not ask for what they wait")
        }
        i += 1;
    }
    panic!("records wait by an undeclared step")
}
