//! The pages as a browser without scripts meets them: requests in, documents out, on the embedded database.

mod doors;
mod forms;
mod generic;
mod records;
mod visitor;
