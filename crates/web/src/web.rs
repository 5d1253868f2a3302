//! What every page needs to answer: the desk, the way in, the address that people use.

use std::sync::Arc;

use mainstay_desk::auth::{Entrance, Entropy};
use mainstay_desk::{Caller, Channel, Desk, Session};
use mainstay_words::Language;

use crate::failure::Failure;
use crate::layout::Nonce;
use crate::live::Live;
use crate::session::Visit;

struct Inner {
    live: Arc<Live>,
    desk: Desk,
    entrance: Entrance,
    base_url: String,
    site: String,
    languages: Vec<Language>,
}

/// The state of the pages. Cheap to clone.
#[derive(Clone)]
pub struct Web(Arc<Inner>);

impl Web {
    /// `base_url` is the address that people use, such as `https://desk.example.org`; `site` is the installation's
    /// name in the head of every page.
    #[must_use]
    pub fn new(desk: Desk, entrance: Entrance, base_url: &str, site: &str) -> Self {
        Self::offering(desk, entrance, base_url, site, Language::shipped())
    }

    /// The same with these languages alone; the first is for whoever wishes for none of them.
    #[must_use]
    pub fn offering(desk: Desk, entrance: Entrance, base_url: &str, site: &str, languages: Vec<Language>) -> Self {
        let base_url = base_url.trim_end_matches('/').to_owned();
        Self(Arc::new(Inner { live: Live::new(&desk), desk, entrance, base_url, site: site.to_owned(), languages }))
    }

    /// The one door to everything.
    #[must_use]
    pub fn desk(&self) -> &Desk {
        &self.0.desk
    }
    /// Who looks on, and where people are.
    #[must_use]
    pub fn live(&self) -> &Arc<Live> {
        &self.0.live
    }
    /// The way in for people with passwords.
    #[must_use]
    pub fn entrance(&self) -> &Entrance {
        &self.0.entrance
    }
    /// The configured address without a slash at its end; absolute links are made of it alone.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.0.base_url
    }
    /// The name of the installation.
    #[must_use]
    pub fn site(&self) -> &str {
        &self.0.site
    }
    /// The languages that people can choose.
    #[must_use]
    pub fn languages(&self) -> &[Language] {
        &self.0.languages
    }
    /// The language of a tag, when it is offered.
    #[must_use]
    pub fn language(&self, tag: &str) -> Option<Language> {
        Language::of_tag(tag).filter(|language| self.languages().contains(language))
    }
    /// Scheme, host and port of the configured address.
    #[must_use]
    pub fn origin(&self) -> &str {
        let url = self.base_url();
        let host = url.find("://").map_or(0, |at| at + 3);
        url[host..].find('/').map_or(url, |end| &url[..host + end])
    }
    /// The source of chance.
    #[must_use]
    pub fn entropy(&self) -> &dyn Entropy {
        self.0.desk.entropy()
    }
    /// A nonce for one response.
    #[must_use]
    pub fn nonce(&self) -> Nonce {
        let mut bytes = [0; 16];
        self.entropy().fill(&mut bytes);
        Nonce::from_random(bytes)
    }

    /// Answers a question as the person who visits; `channel` tells the desk's pages from the portal's.
    ///
    /// # Errors
    /// Whatever the question refuses, or the failure behind it.
    pub async fn read<T, F>(&self, visit: &Visit, channel: Channel, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&mut Session<'_>, &Caller) -> mainstay_desk::Result<T> + Send + 'static,
    {
        let here = mainstay_words::here();
        let work = move |session: &mut Session<'_>, caller: &Caller| here.during(|| work(session, caller));
        Ok(self.desk().read(&visit.credential(), channel, work).await?)
    }

    /// As [`read`](Self::read), for a question to a map.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub async fn read_map<T, F>(&self, visit: &Visit, channel: Channel, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&mut Session<'_>, &Caller) -> mainstay_desk::Result<T> + Send + 'static,
    {
        let here = mainstay_words::here();
        let work = move |session: &mut Session<'_>, caller: &Caller| here.during(|| work(session, caller));
        Ok(self.desk().read_map(&visit.credential(), channel, work).await?)
    }

    /// As [`read`](Self::read), for a question that walks many rows.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub async fn read_long<T, F>(&self, visit: &Visit, channel: Channel, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&mut Session<'_>, &Caller) -> mainstay_desk::Result<T> + Send + 'static,
    {
        Ok(self.desk().read_long(&visit.credential(), channel, work).await?)
    }

    /// Carries out a command as the person who visits. `work` may run again.
    ///
    /// # Errors
    /// Whatever the command refuses, or the failure behind it.
    pub async fn write<T, F>(&self, visit: &Visit, channel: Channel, mut work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnMut(&mut Session<'_>, &Caller) -> mainstay_desk::Result<T> + Send + 'static,
    {
        let here = mainstay_words::here();
        let work = move |session: &mut Session<'_>, caller: &Caller| here.during(|| work(session, caller));
        Ok(self.desk().write(&visit.credential(), channel, work).await?)
    }
}
