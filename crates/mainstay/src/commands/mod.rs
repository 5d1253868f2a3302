//! One file per command.

pub mod demo;
pub mod init;
pub mod migrate;
pub mod serve;
pub mod token;
