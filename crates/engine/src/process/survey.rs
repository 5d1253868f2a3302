//! Asking the people whose matter it was how it went.

use super::{Process, eq, has_option};
use crate::field::{FieldDef, Kind};
use crate::process::Question;

/// How people are asked how it went, once their matter is over, and where their answer stands. (BRM-05, `FitSM` PR7.6)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Survey {
    /// The requester's step that answers.
    pub verb: &'static str,
    /// The computed field that holds when they were asked.
    pub asked: FieldDef,
    /// The number that they answer with, worst lowest.
    pub score: FieldDef,
    /// Words that may come with it.
    pub words: FieldDef,
    /// What each score means, the lowest first.
    pub scale: &'static [&'static str],
    /// The policy that asks about one record in so many; 0: about none.
    pub every: &'static str,
    /// The policy that leaves a person alone for so many days after asking; 0: not at all.
    pub rest: &'static str,
}

impl Process {
    pub(super) const fn check_survey(&self) {
        let Some(survey) = self.survey else { return };
        assert!(self.has_verb(survey.verb), "a survey is answered by an undeclared verb");
        let asked = self.has_field(survey.asked.key) && self.has_field(survey.words.key);
        assert!(asked && self.has_field(survey.score.key), "a survey names an undeclared field");
        assert!(self.has_policy(survey.every) && self.has_policy(survey.rest), "a survey uses an undeclared policy");
        let Kind::Number { min, max } = survey.score.kind else { panic!("a survey is answered with no number") };
        let mut steps = 0;
        let mut score = min;
        while score <= max {
            steps += 1;
            score += 1;
        }
        assert!(steps == survey.scale.len(), "each score of a survey needs words");
    }

    pub(super) const fn check_plain(&self, questions: &[Question], of: &[FieldDef]) {
        let mut i = 0;
        while i < questions.len() {
            let question = &questions[i];
            let mut asked = false;
            let mut k = 0;
            while k < of.len() {
                if eq(of[k].key, question.field.key) {
                    asked = true;
                }
                k += 1;
            }
            assert!(asked, "a step's question is about a field that it does not ask for");
            self.check_question(question);
            i += 1;
        }
    }

    pub(super) const fn check_question(&self, question: &Question) {
        assert!(self.has_field(question.field.key), "a question is about an undeclared field");
        let Kind::Choice(options) = question.field.kind else { panic!("a question is about a field without options") };
        let mut j = 0;
        while j < question.answers.len() {
            assert!(has_option(options, question.answers[j].key), "an answer is no option of its field");
            j += 1;
        }
    }
}
