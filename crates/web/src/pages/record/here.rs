//! What a page of a record begins with: which record, at what address, as whom, with what was sent.

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::field::FieldDef;
use mainstay_engine::process::Process;
use mainstay_engine::refusal::{FieldError, Refusal, Why};
use maud::Markup;
use serde::Deserialize;

use super::back;
use super::form::{Page, Wrong};
use super::sheet::{Sheet, opening};
use crate::failure::{Failure, status_of};
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::pages::frame::{Frame, Place};
use crate::session::{Posted, Visit};
use crate::web::Web;

/// What the address of a page below a record names.
#[derive(Deserialize)]
struct Names {
    number: String,
    /// What hangs on the record, a step of it, or another record.
    #[serde(default, alias = "verb", alias = "other")]
    id: String,
}

/// A page of a record, and whoever asks for it.
pub struct Here {
    pub web: Web,
    pub visit: Visit,
    pub process: &'static Process,
    pub number: String,
    /// What hangs on the record and is meant; 0 where the address names no such thing.
    pub id: i64,
    /// What else the address names, as it stands there: a step, another record.
    pub word: String,
    /// The list beside it.
    pub query: Option<String>,
}

impl Here {
    async fn named(parts: &mut Parts, web: &Web) -> Result<(&'static Process, Names), Failure> {
        let process = parts.extensions.get::<&'static Process>().copied().ok_or_else(Failure::missing)?;
        let Path(names) = Path::from_request_parts(parts, web).await.map_err(|_| Failure::missing())?;
        Ok((process, names))
    }

    fn of(web: &Web, visit: Visit, process: &'static Process, names: Names, query: Option<&str>) -> Self {
        let Names { number, id: word } = names;
        let id = word.parse().unwrap_or_default();
        Self { web: web.clone(), visit, process, number, id, word, query: query.map(str::to_owned) }
    }

    /// An address of the record, with the list that stands beside it.
    pub fn at(&self, rest: &str) -> String {
        back(self.process, &self.number, rest, self.query.as_deref())
    }

    /// The address of another record, with the list that stands beside this one.
    pub fn beside(&self, process: &'static Process, number: &str) -> String {
        back(process, number, "", self.query.as_deref())
    }

    /// Reads the record's sheet together with what its open section needs.
    ///
    /// # Errors
    /// As [`Sheet::load`] and the section's own.
    pub async fn open<T, F>(&self, more: F) -> Result<(Sheet, T), Failure>
    where
        T: Send + 'static,
        F: FnOnce(&mut Session<'_>, &Caller, &mut Sheet) -> mainstay_desk::Result<T> + Send + 'static,
    {
        self.web.read(&self.visit, Channel::Desk, self.opening(more)).await
    }

    /// As [`open`](Self::open), for a section that asks the map.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_mapped<T, F>(&self, more: F) -> Result<(Sheet, T), Failure>
    where
        T: Send + 'static,
        F: FnOnce(&mut Session<'_>, &Caller, &mut Sheet) -> mainstay_desk::Result<T> + Send + 'static,
    {
        self.web.read_map(&self.visit, Channel::Desk, self.opening(more)).await
    }

    fn opening<T, F>(
        &self,
        more: F,
    ) -> impl FnOnce(&mut Session<'_>, &Caller) -> mainstay_desk::Result<(Sheet, T)> + Send + 'static
    where
        T: Send + 'static,
        F: FnOnce(&mut Session<'_>, &Caller, &mut Sheet) -> mainstay_desk::Result<T> + Send + 'static,
    {
        opening(self.process, &self.number, self.query.as_deref(), more)
    }

    /// Answers a question as whoever asks.
    ///
    /// # Errors
    /// Whatever the question refuses; the database's.
    pub async fn read<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&mut Session<'_>, &Caller) -> mainstay_desk::Result<T> + Send + 'static,
    {
        self.web.read(&self.visit, Channel::Desk, work).await
    }

    /// The same for a question to a map.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub async fn read_map<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&mut Session<'_>, &Caller) -> mainstay_desk::Result<T> + Send + 'static,
    {
        self.web.read_map(&self.visit, Channel::Desk, work).await
    }

    /// Carries out a command as whoever asks. What a form shows again is an answer too: wrong answers, a conflict.
    ///
    /// # Errors
    /// Any other refusal; the database's.
    pub async fn write<T, F>(&self, work: F) -> Result<Result<T, Refusal>, Failure>
    where
        T: Send + 'static,
        F: FnMut(&mut Session<'_>, &Caller) -> mainstay_desk::Result<T> + Send + 'static,
    {
        match self.web.write(&self.visit, Channel::Desk, work).await {
            Ok(done) => Ok(Ok(done)),
            Err(failure) => failure.for_form().map(Err),
        }
    }

    /// The same for a small command, which answers with a sentence where it was given.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub async fn settle<F>(&self, to: &str, words: &'static str, work: F) -> Result<Response, Failure>
    where
        F: FnMut(&mut Session<'_>, &Caller) -> mainstay_desk::Result<()> + Send + 'static,
    {
        let says = match self.write(work).await? {
            Ok(()) => Flash::done(words),
            Err(refusal) => Flash::failed(refusal.detail),
        };
        Ok(go_on(&self.at(to), Some(says)))
    }

    /// A page with one form, which came from below the record at `from`.
    pub fn page(&self, frame: &Frame, title: &str, from: &str, again: Again<'_>, body: &Markup) -> Response {
        let (above, place) = ((self.number.as_str(), self.at(from)), Place::Process(self.process.key));
        Page { frame, title, above, place, status: again.status() }.respond(&self.web, &self.visit, body)
    }
}

impl FromRequestParts<Web> for Here {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        let (process, names) = Self::named(parts, web).await?;
        let visit = Visit::from_request_parts(parts, web).await?;
        Ok(Self::of(web, visit, process, names, parts.uri.query()))
    }
}

/// A form that was sent to a page of a record.
pub struct Sent {
    pub here: Here,
    pub form: Form,
}

impl FromRequest<Web> for Sent {
    type Rejection = Failure;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let (process, names) = Here::named(&mut parts, web).await?;
        let query = parts.uri.query().map(str::to_owned);
        let Posted { visit, form } = Posted::from_request(Request::from_parts(parts, body), web).await?;
        Ok(Self { here: Here::of(web, visit, process, names, query.as_deref()), form })
    }
}

/// A form that is shown again with why it was refused, or for the first time.
#[derive(Clone, Copy, Default)]
pub struct Again<'a>(Option<(&'a Form, &'a Refusal)>);

impl<'a> Again<'a> {
    /// What was sent, and why it was refused.
    pub fn of(form: &'a Form, refusal: &'a Refusal) -> Self {
        Self(Some((form, refusal)))
    }

    /// The same if its form is one of these, else as if it were shown for the first time.
    pub fn only_if(self, is_of: impl Fn(&Form) -> bool) -> Self {
        Self(self.0.filter(|(form, _)| is_of(form)))
    }

    /// What was sent.
    pub fn form(&self) -> Option<&'a Form> {
        self.0.map(|(form, _)| form)
    }

    /// What a control holds: what was sent, else this.
    pub fn given(&self, def: &FieldDef, held: impl FnOnce() -> Vec<String>) -> Vec<String> {
        self.form().map_or_else(held, |form| form.all(def.key))
    }

    /// What was refused of the fields.
    pub fn errors(&self) -> &'a [FieldError] {
        self.refusal().map(|refusal| refusal.errors.as_slice()).unwrap_or_default()
    }

    /// Why it was refused.
    pub fn refusal(&self) -> Option<&'a Refusal> {
        self.0.map(|(_, refusal)| refusal)
    }

    /// The refusal, if somebody or something else stands against it rather than an answer.
    pub fn conflict(&self) -> Option<&'a Refusal> {
        self.refusal().filter(|refusal| refusal.why == Why::Conflict)
    }

    /// What was refused, for the top of the form.
    pub fn summary(&self) -> Markup {
        Wrong { refusal: self.refusal() }.summary()
    }

    /// The status of the page.
    pub fn status(&self) -> StatusCode {
        self.refusal().map_or(StatusCode::OK, status_of)
    }
}
