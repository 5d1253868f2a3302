//! Forms as they arrive: names with values, and files.

use axum::body::Bytes;
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use mainstay_engine::refusal::Refusal;

use crate::address;
use crate::failure::Failure;
use crate::web::Web;

/// Most names that a form may hold.
const MOST_VALUES: usize = 2_000;
/// Most files at once.
const MOST_FILES: usize = 20;

/// A file that came with a form.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Its name as the browser sent it; a claim like every other text.
    pub name: String,
    /// What the browser takes it for.
    pub media_type: String,
    /// Its content.
    pub bytes: Bytes,
}

/// What a form holds, in the order of its controls.
#[derive(Clone, Debug, Default)]
pub struct Form {
    values: Vec<(String, String)>,
    /// Files with content.
    pub files: Vec<Upload>,
}

impl Form {
    /// Reads the body of a request, whether it came with files or without.
    ///
    /// # Errors
    /// Too much; a body that is no form.
    pub async fn read(request: Request, web: &Web) -> Result<Self, Failure> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if kind.starts_with("multipart/form-data") {
            let parts = Multipart::from_request(request, web).await.map_err(|_| unreadable())?;
            return Self::of_parts(parts).await;
        }
        let body = Bytes::from_request(request, web).await.map_err(|why| {
            if why.status() == StatusCode::PAYLOAD_TOO_LARGE { Failure::TooLarge } else { unreadable() }
        })?;
        let text = std::str::from_utf8(&body).map_err(|_| unreadable())?;
        Self::of(address::pairs(text))
    }

    /// A form of names and values, as a query holds them.
    ///
    /// # Errors
    /// Too many values.
    pub fn of(values: Vec<(String, String)>) -> Result<Self, Failure> {
        if values.len() > MOST_VALUES {
            return Err(Failure::TooLarge);
        }
        let values = values.into_iter().map(|(name, value)| (name, lines(value))).collect();
        Ok(Self { values, files: Vec::new() })
    }

    async fn of_parts(mut parts: Multipart) -> Result<Self, Failure> {
        let mut form = Self::default();
        while let Some(part) = parts.next_field().await.map_err(|why| broken(&why))? {
            let name = part.name().unwrap_or_default().to_owned();
            let Some(file) = part.file_name().map(str::to_owned) else {
                form.values.push((name, lines(part.text().await.map_err(|why| broken(&why))?)));
                if form.values.len() > MOST_VALUES {
                    return Err(Failure::TooLarge);
                }
                continue;
            };
            let media_type = part.content_type().unwrap_or("application/octet-stream").to_owned();
            let bytes = part.bytes().await.map_err(|why| broken(&why))?;
            // A control without a choice sends an empty file without a name.
            if !(file.is_empty() && bytes.is_empty()) {
                form.files.push(Upload { name: file, media_type, bytes });
            }
            if form.files.len() > MOST_FILES {
                return Err(Failure::TooLarge);
            }
        }
        Ok(form)
    }

    /// Every name with its value, in the order of the controls.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The last value under a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        address::value(&self.values, name)
    }

    /// The last value under a name without blanks around it; none when nothing is left.
    #[must_use]
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// All that people typed, as a query; neither files nor what pages add for themselves.
    #[must_use]
    pub fn typed(&self) -> String {
        let typed = self.values.iter().filter(|(name, _)| !name.starts_with('_'));
        address::query(typed.map(|(name, value)| (name.as_str(), value.as_str())))
    }

    /// The number under a name.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<i64> {
        self.filled(name)?.parse().ok()
    }

    /// Every value under a name.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<String> {
        self.values.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    }

    /// Whether the form has a control of this name that was sent.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.values.iter().any(|(key, _)| key == name)
    }

    /// The same form with a beginning taken off the names that have it.
    #[must_use]
    pub fn without_prefix(&self, prefix: &str) -> Self {
        let bare = |name: &String| name.strip_prefix(prefix).unwrap_or(name).to_owned();
        let values = self.values.iter().map(|(name, value)| (bare(name), value.clone())).collect();
        Self { values, files: self.files.clone() }
    }

    /// The same form without what is called so in its beginning.
    #[must_use]
    pub fn without_under(&self, beginning: &str) -> Self {
        let values = self.values.iter().filter(|(name, _)| !name.starts_with(beginning)).cloned().collect();
        Self { values, files: self.files.clone() }
    }

    /// The same form with this one value under a name.
    #[must_use]
    pub fn with(&self, name: &str, value: String) -> Self {
        let mut form = self.clone();
        form.values.retain(|(key, _)| key != name);
        form.push(name.to_owned(), value);
        form
    }

    /// One value more, at the end.
    pub fn push(&mut self, name: String, value: String) {
        self.values.push((name, value));
    }

    /// The names that begin so, each once.
    #[must_use]
    pub fn names_under(&self, beginning: &str) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for (name, _) in self.values.iter().filter(|(name, _)| name.starts_with(beginning)) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }
}

/// Browsers send every line end as two characters; kept as one, an untouched text stays the same text.
fn lines(text: String) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text }
}

fn unreadable() -> Failure {
    Refusal::invalid("unreadable_form", "The form could not be read. Load the page again and repeat what you did.")
        .into()
}

fn broken(why: &MultipartError) -> Failure {
    if why.status() == StatusCode::PAYLOAD_TOO_LARGE { Failure::TooLarge } else { unreadable() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Form {
        Form::of(address::pairs(text)).expect("a form")
    }

    #[test]
    fn line_ends_are_kept_as_one_character() {
        assert_eq!(form("body=a%0D%0Ab%0Ac").get("body"), Some("a\nb\nc"));
    }

    #[test]
    fn several_values_under_one_name_all_count() {
        let form = form("a=1&b=+&a=2");
        assert_eq!(form.all("a"), ["1", "2"]);
        assert_eq!((form.get("a"), form.filled("b"), form.number("a")), (Some("2"), None, Some(2)));
        assert!(form.has("b") && !form.has("c"));
    }

    #[test]
    fn a_form_has_an_end() {
        let many = "a=1&".repeat(MOST_VALUES + 1);
        assert!(matches!(Form::of(address::pairs(&many)), Err(Failure::TooLarge)));
    }
}
