//! What makes a process table whole; evaluated while compiling.

use super::{Delay, Effect, Phase, Picture, Process, State, Transition};
use crate::field::{Choice, FieldDef, Kind};

impl Process {
    /// Evaluated in a `const _` beside each process: a table that names what it does not
    /// declare, repeats a key, or has a dead end or an unreachable state does not compile.
    ///
    /// ```
    /// # use mainstay_engine::process::{Helps, Process, State, Transition, closed, go, open};
    /// # const BLANK: Process = Process {
    /// #     key: "errand", plural: "errands", prefix: "ERR", label: "Errand", label_plural: "Errands", icon: "bell",
    /// #     purpose: "", keeps_things: false, table: "errand", bundles: &[], fields: &[], in_own_words: &[], sections: &[], invitation: None,
    /// #     asks_requester: &[], questions: &[], states: &[], transitions: &[], by_step: &[], relations: &[],
    /// #     policies: &[], on_reply: &[], waits_for: None, after_open: None, survey: None,
    /// #     trouble: None, helps: Helps::NOTHING, opened_from: &[], watch: None, costs: None, approvals: None, tabs: &[], map: None, lapses: &[], entitles: None, schedule: None,
    /// # };
    /// const NEW: State = open("new", "New");
    /// const DONE: State = closed("done", "Done");
    /// const STEPS: &[Transition] = &[go("finish", "Finish", &[NEW], DONE)];
    /// static ERRAND: Process = Process { states: &[NEW, DONE], transitions: STEPS, ..BLANK };
    /// const _: () = ERRAND.checked();
    /// ```
    ///
    /// The same with a step to a state that is not among its states:
    ///
    /// ```compile_fail,E0080
    /// # use mainstay_engine::process::{Helps, Process, State, Transition, closed, go, open};
    /// # const BLANK: Process = Process {
    /// #     key: "errand", plural: "errands", prefix: "ERR", label: "Errand", label_plural: "Errands", icon: "bell",
    /// #     purpose: "", keeps_things: false, table: "errand", bundles: &[], fields: &[], in_own_words: &[], sections: &[], invitation: None,
    /// #     asks_requester: &[], questions: &[], states: &[], transitions: &[], by_step: &[], relations: &[],
    /// #     policies: &[], on_reply: &[], waits_for: None, after_open: None, survey: None,
    /// #     trouble: None, helps: Helps::NOTHING, opened_from: &[], watch: None, costs: None, approvals: None, tabs: &[], map: None, lapses: &[], entitles: None, schedule: None,
    /// # };
    /// const NEW: State = open("new", "New");
    /// const DONE: State = closed("done", "Done");
    /// const LOST: State = closed("lost", "Lost");
    /// const STEPS: &[Transition] = &[go("finish", "Finish", &[NEW], DONE), go("lose", "Lose", &[NEW], LOST)];
    /// static ERRAND: Process = Process { states: &[NEW, DONE], transitions: STEPS, ..BLANK };
    /// const _: () = ERRAND.checked();
    /// ```
    ///
    /// And with a step that asks for a field it does not have:
    ///
    /// ```compile_fail,E0080
    /// # use mainstay_engine::process::{Helps, Process, State, Transition, closed, go, open};
    /// # const BLANK: Process = Process {
    /// #     key: "errand", plural: "errands", prefix: "ERR", label: "Errand", label_plural: "Errands", icon: "bell",
    /// #     purpose: "", keeps_things: false, table: "errand", bundles: &[], fields: &[], in_own_words: &[], sections: &[], invitation: None,
    /// #     asks_requester: &[], questions: &[], states: &[], transitions: &[], by_step: &[], relations: &[],
    /// #     policies: &[], on_reply: &[], waits_for: None, after_open: None, survey: None,
    /// #     trouble: None, helps: Helps::NOTHING, opened_from: &[], watch: None, costs: None, approvals: None, tabs: &[], map: None, lapses: &[], entitles: None, schedule: None,
    /// # };
    /// const NEW: State = open("new", "New");
    /// const DONE: State = closed("done", "Done");
    /// # use mainstay_engine::field::Field;
    /// const PLACE: Field<String> = Field::text("place", "Place");
    /// const STEPS: &[Transition] = &[go("finish", "Finish", &[NEW], DONE).needs(&[PLACE.def])];
    /// static ERRAND: Process = Process { states: &[NEW, DONE], transitions: STEPS, ..BLANK };
    /// const _: () = ERRAND.checked();
    /// ```
    ///
    /// # Panics
    /// At compile time, with the fault.
    pub const fn checked(&self) {
        assert!(self.states.len() > 1, "a process needs at least two states");
        self.check_states();
        let mut i = 0;
        while i < self.transitions.len() {
            let t = &self.transitions[i];
            if let Some(to) = t.to {
                assert!(has_state(self.states, to.key), "a transition leads to an undeclared state");
            }
            let mut j = 0;
            while j < t.from.len() {
                assert!(has_state(self.states, t.from[j].key), "a transition leaves an undeclared state");
                j += 1;
            }
            self.check_fields(t.needs);
            self.check_fields(t.takes);
            self.check_fields(t.changes);
            self.check_fields(t.renews);
            self.check_offers(t);
            if let Some((field, _)) = t.asked_of_some {
                assert!(has_key(t.takes, field.key), "a step asks some records for a field that it does not take");
            }
            if let Some(relation) = t.links {
                assert!(self.has_relation(relation), "a transition links by an undeclared relation");
            }
            if let Some((since, policy)) = t.within {
                assert!(self.has_field(since.key), "a window starts at an undeclared field");
                assert!(self.has_policy(policy), "a window uses an undeclared policy");
            }
            self.check_plain(t.plainly, t.needs);
            self.check_effects(t.effects);
            i += 1;
        }
        self.check_survey();
        self.check_fields(self.by_step);
        self.check_fields(self.helps.fields);
        if let Some(watch) = &self.watch {
            self.check_fields(watch.same);
            assert!(self.has_policy(watch.days), "a watch lasts for an undeclared policy");
            assert!(self.has_policy(watch.candidates), "a watch looks back for an undeclared policy");
        }
        if let Some(costs) = &self.costs {
            assert!(
                self.has_policy(costs.work) && self.has_policy(costs.downtime),
                "costs follow an undeclared policy"
            );
        }
        self.check_approvals();
        self.check_schedule();
        self.check_lapses();
        self.check_entitles();
        let mut w = 0;
        while w < self.in_own_words.len() {
            assert!(has_key(crate::spine::ALL, self.in_own_words[w].key), "own words are for no field of the spine");
            w += 1;
        }
        if let Some(map) = &self.map {
            self.check_fields(&[map.class, map.environment]);
            self.check_fields(map.of_service);
            self.check_columns(&map.needs, &["relation", "class", "needs"]);
        }
        self.check_tabs();
        self.check_sections();
        self.check_questions();
    }

    const fn check_offers(&self, step: &Transition) {
        let mut i = 0;
        while i < step.offers.len() {
            let into = step.offers[i].into.key;
            assert!(self.has_field(step.offers[i].from.key), "a step offers what an undeclared field says");
            assert!(
                has_key(step.needs, into) || has_key(step.takes, into),
                "a step offers a value that it does not ask for"
            );
            i += 1;
        }
    }

    const fn check_tabs(&self) {
        let mut i = 0;
        while i < self.tabs.len() {
            let tab = &self.tabs[i];
            assert!(!self.has_verb(tab.key), "a section has the address of a step");
            let mut j = i + 1;
            while j < self.tabs.len() {
                assert!(!eq(tab.key, self.tabs[j].key), "a section is declared twice");
                j += 1;
            }
            let mut k = 0;
            while k < tab.pictures.len() {
                self.check_picture(&tab.pictures[k]);
                k += 1;
            }
            i += 1;
        }
    }

    const fn check_picture(&self, picture: &Picture) {
        match picture {
            Picture::Chain { field, words } => self.check_columns(field, &[words]),
            Picture::Fishbone { field, branch, words, standing } => {
                self.check_columns(field, &[branch, words, standing]);
            }
            Picture::Course { field, at, words, .. } => self.check_columns(field, &[at, words]),
            Picture::Measures { field, from } => {
                self.check_fields(from);
                let columns = ["measure", "unit", "target", "predicted", "actual", "deviation", "limit", "verdict"];
                self.check_columns(field, &columns);
            }
            Picture::Pareto { .. } => {}
            Picture::Cost => assert!(self.costs.is_some(), "a picture shows costs that nobody reckons"),
            Picture::Log { verb, fields } => {
                assert!(self.has_verb(verb), "a picture shows the log of an undeclared step");
                self.check_fields(fields);
            }
        }
    }

    pub(super) const fn check_columns(&self, field: &FieldDef, columns: &[&str]) {
        assert!(self.has_field(field.key), "a picture is drawn from an undeclared field");
        let Kind::Table(declared) = field.kind else { panic!("a picture is drawn from a field without rows") };
        let mut i = 0;
        while i < columns.len() {
            assert!(has_key(declared, columns[i]), "a picture is drawn from an undeclared column");
            i += 1;
        }
    }

    const fn check_questions(&self) {
        let mut i = 0;
        while i < self.questions.len() {
            self.check_question(&self.questions[i]);
            i += 1;
        }
    }

    const fn check_states(&self) {
        let mut i = 0;
        while i < self.states.len() {
            let s = &self.states[i];
            let mut j = i + 1;
            while j < self.states.len() {
                assert!(!eq(s.key, self.states[j].key), "a state is declared twice");
                j += 1;
            }
            assert!(i == 0 || self.is_entered(s.key), "a state cannot be reached");
            assert!(
                matches!(s.phase, Phase::Closed) || self.is_left(s.key),
                "a state that is not final cannot be left"
            );
            let mut k = 0;
            while k < s.timers.len() {
                if let Some(verb) = s.timers[k].verb {
                    assert!(self.has_verb(verb), "a timer applies an undeclared verb");
                }
                match s.timers[k].delay {
                    Delay::At(field) => assert!(self.has_field(field.key), "a timer reads an undeclared field"),
                    Delay::WorkingDays(policy) | Delay::Untouched(policy) => {
                        assert!(self.has_policy(policy), "a timer uses an undeclared policy");
                    }
                    Delay::WarnWorkingDays { before: one, of: other }
                    | Delay::EachWorkingDays { every: one, until: other } => {
                        assert!(self.has_policy(one) && self.has_policy(other), "a timer uses an undeclared policy");
                    }
                }
                if let Some((field, option)) = s.timers[k].when {
                    assert!(self.has_field(field.key), "a timer depends on an undeclared field");
                    let Kind::Choice(options) = field.kind else {
                        panic!("a timer depends on a field without options")
                    };
                    assert!(has_option(options, option), "a timer depends on no option of its field");
                }
                k += 1;
            }
            i += 1;
        }
    }

    const fn check_effects(&self, effects: &[Effect]) {
        let mut i = 0;
        while i < effects.len() {
            match effects[i] {
                // What follows on other records is held against their tables, all together.
                Effect::Cascade(_) => {}
                Effect::Flag { relation, field } => {
                    assert!(self.has_relation(relation), "a flag follows an undeclared relation");
                    assert!(self.has_field(field.key), "a flag sets an undeclared field");
                }
                Effect::Absorb { relation } => {
                    assert!(self.has_relation(relation), "a merge follows an undeclared relation");
                }
                Effect::Succeed { relation, copies } => {
                    assert!(self.has_relation(relation), "a successor uses an undeclared relation");
                    self.check_fields(copies);
                }
                Effect::Capture(captures) => {
                    assert!(self.has_field(captures.at.key), "an undeclared field says when a set was captured");
                    let mut k = 0;
                    while k < captures.by.len() {
                        assert!(self.has_field(captures.by[k].field().key), "an undeclared field chooses a set");
                        k += 1;
                    }
                }
                Effect::FollowUp { at_most, days, .. } => {
                    assert!(self.has_policy(days), "a follow-up uses an undeclared policy");
                    if let Some((field, most)) = at_most {
                        assert!(self.has_field(field.key), "a follow-up depends on an undeclared field");
                        assert!(self.has_policy(most), "a follow-up uses an undeclared policy");
                    }
                }
            }
            i += 1;
        }
    }

    const fn check_sections(&self) {
        let mut i = 0;
        while i < self.sections.len() {
            let mut j = 0;
            while j < self.sections[i].fields.len() {
                assert!(self.has_field(self.sections[i].fields[j]), "a section shows an undeclared field");
                j += 1;
            }
            i += 1;
        }
        let mut k = 0;
        while k < self.asks_requester.len() {
            assert!(self.has_field(self.asks_requester[k]), "the requester is asked for an undeclared field");
            k += 1;
        }
        let mut r = 0;
        while r < self.on_reply.len() {
            assert!(has_state(self.states, self.on_reply[r].state.key), "a reply rule names an undeclared state");
            if let Some(verb) = self.on_reply[r].verb {
                assert!(self.has_verb(verb), "a reply applies an undeclared verb");
            }
            r += 1;
        }
        if let Some(field) = self.waits_for {
            assert!(self.has_field(field.key), "the reason of pauses is an undeclared field");
        }
        if let Some(verb) = self.after_open {
            assert!(self.has_verb(verb), "opening applies an undeclared verb");
        }
    }

    pub(super) const fn check_fields(&self, fields: &[FieldDef]) {
        let mut i = 0;
        while i < fields.len() {
            assert!(self.has_field(fields[i].key), "a transition names an undeclared field");
            i += 1;
        }
    }
    pub(super) const fn has_field(&self, key: &str) -> bool {
        if has_key(crate::spine::ALL, key) || has_key(self.fields, key) {
            return true;
        }
        let mut i = 0;
        while i < self.bundles.len() {
            if has_key(self.bundles[i].fields, key) {
                return true;
            }
            i += 1;
        }
        false
    }
    pub(super) const fn has_verb(&self, verb: &str) -> bool {
        let mut i = 0;
        while i < self.transitions.len() {
            if eq(self.transitions[i].verb, verb) {
                return true;
            }
            i += 1;
        }
        false
    }
    pub(super) const fn has_relation(&self, key: &str) -> bool {
        let mut i = 0;
        while i < self.relations.len() {
            if eq(self.relations[i].key, key) {
                return true;
            }
            i += 1;
        }
        false
    }
    pub(super) const fn has_policy(&self, key: &str) -> bool {
        let mut i = 0;
        while i < self.policies.len() {
            if eq(self.policies[i].key, key) {
                return true;
            }
            i += 1;
        }
        false
    }
    const fn is_entered(&self, key: &str) -> bool {
        let mut i = 0;
        while i < self.transitions.len() {
            if let Some(to) = self.transitions[i].to
                && eq(to.key, key)
            {
                return true;
            }
            i += 1;
        }
        false
    }
    const fn is_left(&self, key: &str) -> bool {
        let mut i = 0;
        while i < self.transitions.len() {
            if self.transitions[i].to.is_some() && has_state(self.transitions[i].from, key) {
                return true;
            }
            i += 1;
        }
        false
    }
}

pub(super) const fn eq(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}
const fn has_state(states: &[State], key: &str) -> bool {
    let mut i = 0;
    while i < states.len() {
        if eq(states[i].key, key) {
            return true;
        }
        i += 1;
    }
    false
}
pub(super) const fn has_option(options: &[Choice], key: &str) -> bool {
    let mut i = 0;
    while i < options.len() {
        if eq(options[i].key, key) {
            return true;
        }
        i += 1;
    }
    false
}
const fn has_key(fields: &[FieldDef], key: &str) -> bool {
    let mut i = 0;
    while i < fields.len() {
        if eq(fields[i].key, key) {
            return true;
        }
        i += 1;
    }
    false
}
