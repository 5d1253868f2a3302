//! How people get in, stay in and are kept out, on both databases.

mod changes;
mod links;
mod sessions;
mod sign_in;
mod timing;
mod tokens;
