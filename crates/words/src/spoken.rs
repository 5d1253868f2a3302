//! The language that is spoken here and now: it belongs to the request.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::Language;

tokio::task_local! {
    static SPOKEN: Spoken;
}

/// The language of one request, which whoever answers it may still change.
#[derive(Clone, Debug)]
pub struct Spoken(Arc<AtomicU8>);

impl Spoken {
    fn new(language: Language) -> Self {
        Self(Arc::new(AtomicU8::new(language.stored())))
    }

    /// Does something on any thread in the language of the request that it belongs to.
    pub fn during<T>(&self, work: impl FnOnce() -> T) -> T {
        SPOKEN.sync_scope(self.clone(), work)
    }
}

/// Does something at once in a language, whatever is spoken around it.
pub fn during<T>(language: Language, work: impl FnOnce() -> T) -> T {
    Spoken::new(language).during(work)
}

/// Does something in a language.
pub async fn within<F: Future>(language: Language, work: F) -> F::Output {
    SPOKEN.scope(Spoken::new(language), work).await
}

/// The language here; English where none was said.
#[must_use]
pub fn spoken() -> Language {
    SPOKEN.try_with(|spoken| Language::from_stored(spoken.0.load(Ordering::Relaxed))).unwrap_or_default()
}

/// From here on the request speaks this language.
pub fn speak(language: Language) {
    // Outside of a request there is nobody to speak to.
    let _ = SPOKEN.try_with(|spoken| spoken.0.store(language.stored(), Ordering::Relaxed));
}

/// What to take along to another thread.
#[must_use]
pub fn here() -> Spoken {
    SPOKEN.try_with(Clone::clone).unwrap_or_else(|_| Spoken::new(Language::ENGLISH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_language_holds_for_its_request_and_goes_along_to_other_threads() {
        let german = Language::of_tag("de").expect("it is shipped");
        assert_eq!(spoken(), Language::ENGLISH);
        within(Language::ENGLISH, async {
            speak(german);
            assert_eq!(spoken(), german);
            let along = here();
            let there = std::thread::spawn(move || (spoken(), along.during(spoken)));
            assert_eq!(there.join().expect("it ends"), (Language::ENGLISH, german));
        })
        .await;
        assert_eq!(spoken(), Language::ENGLISH);
    }
}
