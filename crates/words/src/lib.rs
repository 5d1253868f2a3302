//! The words of the interface in each language. English sentences are the keys; `locales/<tag>.po` says them in
//! another language.
//!
//! | For | Call |
//! |---|---|
//! | words | `t("Save")`; of a table too: `t(field.label)` |
//! | one English word with two meanings | `tc("verb", "Open")` |
//! | a sentence with values | `tf("Message to {name}", &[("name", &name)])` |
//! | a sentence that counts | `tn(rows, "{n} row", "{n} rows")` |
//! | a refusal, as the desk says it | [`sentence`] |
//! | a number, a date | [`number()`], [`amount`], [`percent`], [`dated`] |
//!
//! Which language, nobody hands in: it belongs to the request ([`within`], [`speak`]) and is English where there is
//! none.

mod catalogue;
mod dates;
mod filling;
mod language;
mod numbers;
mod pseudo;
mod sentences;
mod spoken;

pub use catalogue::{inside, said, t, tc, tn, tnf};
pub use dates::dated;
pub use filling::{fill, tf};
pub use language::{Direction, Language};
pub use numbers::{amount, decimal, number, percent};
pub use sentences::sentence;
pub use spoken::{Spoken, during, here, speak, spoken, within};
