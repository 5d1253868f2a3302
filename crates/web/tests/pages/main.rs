//! The pages as a browser without scripts meets them: requests in, documents out, on the embedded database.

mod admin;
mod doors;
mod forms;
mod generic;
mod portal;
mod records;
mod reports;
mod search;
mod visitor;
