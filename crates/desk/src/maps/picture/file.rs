//! The drawing as a file, for the same eyes that see the page.

use super::sheet::Sheet;
use super::{Wanted, pdf, picture, svg};
use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::records;
use jiff::Timestamp;
use mainstay_engine::process::Process;
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_words::{dated, tf};

/// The kind of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A drawing that other programs take apart.
    Svg,
    /// A page to print or to send.
    Pdf,
}

impl Format {
    pub const ALL: [Self; 2] = [Self::Svg, Self::Pdf];

    /// Its name in addresses, and the ending of its files.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Pdf => "pdf",
        }
    }

    #[must_use]
    pub fn named(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.key() == key)
    }

    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Svg => "image/svg+xml",
            Self::Pdf => "application/pdf",
        }
    }
}

/// The map around a record as a file: what the caller sees of it, with its title, the instant and what the signs say.
///
/// # Errors
/// No right to export; as [`picture`].
pub fn file(
    session: &mut Session<'_>,
    caller: &Caller,
    process: &'static Process,
    (number, wanted): (&str, &Wanted),
    format: Format,
) -> Result<Vec<u8>> {
    if !caller.rights.may_somewhere(process.key, "export") {
        let says = format!("You may not export {}.", process.label_plural.to_lowercase());
        return Err(Refusal::forbidden("no_right", says).into());
    }
    let picture = picture(session, caller, process, number, wanted)?;
    let root = picture.wide.nodes.iter().find(|node| node.home);
    let called = if let Some(root) = root {
        root.title.clone()
    } else {
        let (record, _) = records::find(session, caller, process, number)?;
        record.value(spine::TITLE.def.key).as_text().unwrap_or_default().to_owned()
    };
    let title = tf("Map of {number} {title}", &[("number", &number), ("title", &called)]);
    let zone = caller.zone();
    let clock = |at: i64| {
        let at = Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(zone.clone());
        dated(&at, "%-d %b %Y, %H:%M %Z")
    };
    let below = match wanted.at {
        Some(at) => tf("As it was on {date}", &[("date", &clock(at))]),
        None => tf("As it is on {date}", &[("date", &clock(session.now))]),
    };
    let sheet = Sheet::new(process, &picture, &title, &below);
    Ok(match format {
        Format::Svg => svg::svg(&sheet),
        Format::Pdf => pdf::pdf(&sheet),
    })
}
