//! The real program, killed at any moment and run out of disk: what was acknowledged is there once, what was not
//! is there once or never, and nothing is half there.

mod books;
mod clients;
mod disk_full;
mod kill;
mod program;
mod wire;
