//! What every process table owes, whichever process it is.

use mainstay_engine::field::{Home, Kind};
use mainstay_engine::process::{Asks, Phase, Process, Who};
use mainstay_processes::registers;
use std::collections::{BTreeSet, VecDeque};

fn each(check: impl Fn(&'static Process)) {
    assert!(!mainstay_processes::ALL.is_empty());
    mainstay_processes::ALL.iter().copied().for_each(check);
}

#[test]
fn every_process_is_whole() {
    each(Process::checked);
}

#[test]
fn every_state_is_reachable_from_the_first() {
    each(|process| {
        let mut reached = BTreeSet::from([process.initial().key]);
        let mut queue = VecDeque::from([process.initial().key]);
        while let Some(state) = queue.pop_front() {
            for t in process.transitions.iter().filter(|t| t.from.iter().any(|s| s.key == state)) {
                if let Some(to) = t.to.filter(|to| reached.insert(to.key)) {
                    queue.push_back(to.key);
                }
            }
        }
        let all: BTreeSet<_> = process.states.iter().map(|s| s.key).collect();
        assert_eq!(reached, all, "{}", process.key);
    });
}

#[test]
fn every_state_that_is_not_final_can_be_left_and_final_ones_only_with_a_reason() {
    each(|process| {
        for state in process.states {
            let mut ways = process.transitions.iter().filter(|t| t.to.is_some() && t.leaves(state)).peekable();
            if state.phase == Phase::Closed {
                assert!(ways.all(|t| t.asks == Asks::Reason), "{}.{}", process.key, state.key);
            } else {
                assert!(ways.peek().is_some(), "{}.{}", process.key, state.key);
            }
        }
    });
}

#[test]
fn every_field_is_declared_once_and_points_at_something_that_exists() {
    each(|process| {
        let mut seen = BTreeSet::new();
        for field in process.fields() {
            assert!(seen.insert(field.key), "{}.{} is declared twice", process.key, field.key);
            assert!(field.home != Home::Custom, "{}.{}: only administrators add custom fields", process.key, field.key);
            if let Kind::Link(target) = field.kind {
                let known = target.is_none_or(|key| mainstay_processes::process(key).is_some());
                assert!(known, "{}.{} links to {target:?}", process.key, field.key);
                assert!(process.relation(field.key).is_none(), "{}.{} is a relation too", process.key, field.key);
            }
            if let Kind::Ref(register) | Kind::Refs(register) = field.kind {
                assert!(registers::register(register).is_some(), "{}.{} refers to {register}", process.key, field.key);
            }
        }
    });
}

#[test]
fn every_verb_is_named_once_and_somebody_may_take_it() {
    each(|process| {
        let mut seen = BTreeSet::new();
        for t in process.transitions {
            assert!(seen.insert(t.verb), "{}.{} is declared twice", process.key, t.verb);
            let somebody = [Who::REQUESTER, Who::STAFF, Who::ENGINE].into_iter().any(|who| t.who.has(who));
            assert!(somebody, "{}.{}", process.key, t.verb);
        }
    });
}

#[test]
fn every_register_refers_to_registers_that_exist() {
    for register in registers::ALL {
        let mut fields: Vec<_> = register.fields.iter().collect();
        for field in register.fields {
            if let Kind::Table(columns) = field.kind {
                fields.extend(columns);
            }
        }
        for field in fields {
            if let Some(target) = field.register() {
                assert!(registers::register(target).is_some(), "{}.{} refers to {target}", register.key, field.key);
            }
        }
        assert!(register.key_field.is_none_or(|key| register.field(key).is_some()), "{}", register.key);
    }
}

#[test]
fn shipped_entries_fit_their_registers() {
    for entry in mainstay_processes::shipped::entries() {
        let register = registers::register(entry.register).expect("a register");
        for (key, _) in entry.values.as_object().expect("values by field") {
            assert!(register.field(key).is_some(), "{}/{} sets {key}", entry.register, entry.key);
        }
        let missing = register
            .fields
            .iter()
            .filter(|f| f.required && f.kind != Kind::Bool)
            .find(|f| entry.values.get(f.key).is_none());
        assert!(missing.is_none(), "{}/{} lacks {:?}", entry.register, entry.key, missing.map(|f| f.key));
    }
}
