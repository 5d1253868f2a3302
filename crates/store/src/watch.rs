//! Word of how far long work has come.

use std::fmt;
use std::sync::Arc;

/// A part of long work, and in what it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// What is being done, such as `Checking`.
    pub what: &'static str,
    /// Such as `rows`.
    pub unit: &'static str,
}

impl Part {
    /// A part.
    #[must_use]
    pub const fn new(what: &'static str, unit: &'static str) -> Self {
        Self { what, unit }
    }
}

type Tell = dyn Fn(Part, u64, u64) + Send + Sync;

/// Whoever wants to know how far long work has come; nobody, unless somebody does.
#[derive(Clone, Default)]
pub struct Watch(Option<Arc<Tell>>);

impl Watch {
    /// Calls `tell` with the part at work, how much of it is done, and of how much.
    pub fn new(tell: impl Fn(Part, u64, u64) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(tell)))
    }

    /// Tells it.
    pub fn tell(&self, part: Part, done: u64, total: u64) {
        if let Some(tell) = &self.0 {
            tell(part, done, total);
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Watch(somebody)" } else { "Watch(nobody)" })
    }
}
