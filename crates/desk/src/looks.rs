//! How pages look to a person on every device: colours and density.

use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_store::preferences;
use serde_json::{Value as Json, json};

/// The name under which people keep them.
pub const NAME: &str = "looks";

/// Words for colours; the first holds for whoever chose none.
pub const THEMES: [&str; 3] = ["system", "light", "dark"];
/// Words for how close lines stand; the first holds for whoever chose none.
pub const DENSITIES: [&str; 2] = ["comfortable", "compact"];

/// What somebody chose, in words of [`THEMES`] and [`DENSITIES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looks {
    pub theme: &'static str,
    pub density: &'static str,
}

impl Default for Looks {
    fn default() -> Self {
        Self { theme: THEMES[0], density: DENSITIES[0] }
    }
}

impl Looks {
    /// The looks that two words name.
    ///
    /// # Errors
    /// A word that names none.
    pub fn of(theme: &str, density: &str) -> std::result::Result<Self, Refusal> {
        let mut errors = Vec::new();
        let mut pick = |field: &'static str, word: &str, all: &'static [&'static str]| {
            all.iter().copied().find(|known| *known == word).unwrap_or_else(|| {
                let known = all.join(", ");
                errors.push(FieldError::new(field, "not_a_choice", format!("{field} must be one of: {known}.")));
                all[0]
            })
        };
        let looks = Self { theme: pick("theme", theme, &THEMES), density: pick("density", density, &DENSITIES) };
        Refusal::unless_empty(errors)?;
        Ok(looks)
    }

    /// Reads what was kept; what is unknown is as if nothing were chosen.
    #[must_use]
    pub fn read(kept: &str) -> Option<Self> {
        let kept: Json = serde_json::from_str(kept).ok()?;
        Self::of(kept["theme"].as_str()?, kept["density"].as_str()?).ok()
    }
}

/// How pages look to the caller.
///
/// # Errors
/// The database's.
pub fn of(session: &mut Session<'_>, caller: &Caller) -> Result<Looks> {
    let Some(person) = caller.person_id() else { return Ok(Looks::default()) };
    let kept = preferences::read(session.conn, person, NAME)?;
    Ok(kept.as_deref().and_then(Looks::read).unwrap_or_default())
}

/// Sets how pages look to the caller from now on, on every device.
///
/// # Errors
/// The engine looks at nothing; the database's.
pub fn set(session: &mut Session<'_>, caller: &Caller, looks: Looks) -> Result<()> {
    let person = caller.person_id().ok_or_else(|| Refusal::missing("profile"))?;
    let value = json!({ "theme": looks.theme, "density": looks.density }).to_string();
    Ok(preferences::keep(session.conn, person, NAME, &value, session.now)?)
}
