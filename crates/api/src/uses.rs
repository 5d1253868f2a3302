//! When a token was last used: known to the minute, and never in the way of an answer.

use crate::Api;
use mainstay_desk::auth::tokens;
use mainstay_desk::{Channel, Credential};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How fine a last use is kept, in milliseconds.
const GRAIN: i64 = 60_000;
/// Beyond this many, those that are due to be noted again anyway are forgotten.
const MOST: usize = 10_000;

/// The last use that this process noted, by digest. Only credentials that the desk proved come here.
#[derive(Default)]
pub struct Uses(Mutex<HashMap<String, i64>>);

impl Uses {
    /// Notes a use after the answer, at most once a minute for each credential.
    pub fn note(&self, api: &Api, credential: &Credential) {
        let Credential::Token(digest) = credential else { return };
        if !self.is_due(digest, api.desk.now()) {
            return;
        }
        let (desk, credential, digest) = (api.desk.clone(), credential.clone(), digest.clone());
        tokio::spawn(async move {
            let noted = desk.write(&credential, Channel::Api, move |session, _| {
                let used = tokens::identify(session.conn, &digest, session.now)?;
                used.map_or(Ok(()), |token| tokens::touch(session.conn, token.id, session.now))
            });
            if let Err(error) = noted.await {
                tracing::warn!(%error, "a last use could not be noted");
            }
        });
    }

    fn is_due(&self, digest: &str, now: i64) -> bool {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.get(digest).is_some_and(|at| (0..GRAIN).contains(&(now - at))) {
            return false;
        }
        if noted.len() >= MOST {
            noted.retain(|_, at| now - *at < GRAIN);
        }
        noted.insert(digest.to_owned(), now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_is_noted_once_a_minute_for_each() {
        let uses = Uses::default();
        assert!(uses.is_due("a", 1000) && uses.is_due("b", 1000));
        assert!(!uses.is_due("a", 1000 + GRAIN - 1));
        assert!(uses.is_due("a", 1000 + GRAIN));
        assert!(uses.is_due("b", 0), "a clock that was put back does not silence it");
    }
}
