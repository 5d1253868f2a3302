//! Scopes, which only the desk makes otherwise.
#![expect(clippy::disallowed_methods, reason = "tests of scopes make scopes")]

use mainstay_store::{Scope, ScopeParts};

pub fn system() -> Scope {
    Scope::system()
}

pub fn scope(parts: ScopeParts) -> Scope {
    Scope::new(parts)
}
