//! What somebody has written in the form so far, and the files that came with it: kept by the server from step to
//! step, so that going back, an error, another device or a sign-out loses nothing.

use mainstay_desk::records::NewAttachment;
use mainstay_desk::{Caller, Session, begun};
use serde::{Deserialize, Serialize};

use crate::form::Form;

/// A form that was begun.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Begun {
    #[serde(default)]
    values: Vec<(String, String)>,
    #[serde(default)]
    pub files: Vec<Kept>,
}

/// A file that was sent with an earlier step; its bytes are stored already.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    pub name: String,
    media_type: String,
    pub size: i64,
    digest: String,
}

impl Kept {
    pub fn of(file: &NewAttachment) -> Self {
        let (name, media_type) = (file.name.clone(), file.media_type.clone());
        Self { name, media_type, size: file.size, digest: file.digest.clone() }
    }

    pub fn attachment(&self) -> NewAttachment {
        let (name, media_type) = (self.name.clone(), self.media_type.clone());
        NewAttachment { name, media_type, size: self.size, digest: self.digest.clone(), internal: false }
    }
}

impl Begun {
    /// What the caller has begun under this name; nothing that can be read is as nothing begun.
    ///
    /// # Errors
    /// The database's.
    pub fn load(session: &mut Session<'_>, caller: &Caller, name: &str) -> mainstay_desk::Result<Self> {
        let text = begun::read(session, caller, name)?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// Keeps it.
    ///
    /// # Errors
    /// Too much; the database's.
    pub fn keep(&self, session: &mut Session<'_>, caller: &Caller, name: &str) -> mainstay_desk::Result<()> {
        begun::keep(session, caller, name, &serde_json::to_string(self).unwrap_or_default())
    }

    /// Takes in what a form says under these names; what it leaves out was unticked or emptied.
    pub fn take(&mut self, names: &[String], form: &Form) {
        // What stands in a table is called by its table, row and column.
        let table = |name: &str| name.split_once('.').is_some_and(|(table, _)| names.iter().any(|name| name == table));
        self.values.retain(|(name, _)| !names.contains(name) && !table(name));
        let cells = form.names_under("").into_iter().filter(|name| table(name));
        for name in names.iter().map(String::as_str).chain(cells) {
            self.values.extend(form.all(name).into_iter().map(|value| (name.to_owned(), value)));
        }
    }

    /// Keeps a value where there is none.
    pub fn suggest(&mut self, name: &str, value: &str) {
        if self.values.iter().all(|(known, text)| known != name || text.trim().is_empty()) {
            self.values.retain(|(known, _)| known != name);
            self.values.push((name.to_owned(), value.to_owned()));
        }
    }

    /// The same as a form, for whoever reads forms.
    pub fn form(&self) -> Form {
        Form::of(self.values.clone()).unwrap_or_default()
    }

    /// Nothing was written yet.
    pub fn is_blank(&self) -> bool {
        self.files.is_empty() && self.values.iter().all(|(_, value)| value.trim().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Form {
        Form::of(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()).expect("a form")
    }

    #[test]
    fn a_step_changes_its_own_answers_and_no_others() {
        let mut begun = Begun::default();
        begun.take(&["title".into(), "more".into()], &form(&[("title", "Till"), ("more", "dead"), ("_token", "x")]));
        begun.take(&["box".into()], &form(&[("box", "true")]));
        begun.take(&["box".into()], &form(&[]));
        begun.take(&["more".into()], &form(&[("more", "Dead."), ("title", "not of this step")]));
        let now = begun.form();
        assert_eq!((now.get("title"), now.get("more")), (Some("Till"), Some("Dead.")));
        begun.take(&["parts".into()], &form(&[("parts.0.name", "Nut"), ("parts.1.name", ""), ("title.0", "no table")]));
        begun.take(&["parts".into()], &form(&[("parts.0.name", "Screw")]));
        let names = begun.form();
        assert_eq!(names.names_under("parts."), ["parts.0.name"], "a table is taken in whole");
        assert_eq!(names.get("parts.0.name"), Some("Screw"));
        assert!(!now.has("box") && !now.has("_token"), "unticked, and never what is no question");
        begun.suggest("title", "Other");
        begun.suggest("service", "7");
        assert_eq!((begun.form().get("title"), begun.form().get("service")), (Some("Till"), Some("7")));
    }
}
