//! Fields of forms, one for every kind the tables know, and what is said when an answer is refused.

mod control;
mod errors;
mod field;
mod kinds;

pub use control::{add_row, bare_field};
pub use errors::{FieldError, error_summary};
pub use field::{Field, Width, field, form_foot, update_button};
pub use kinds::{Choice, Control, EachOf, Picked, PickerKind, TextKind};
