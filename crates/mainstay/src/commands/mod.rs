//! One file per command.

pub mod backup;
pub mod bench;
pub mod check;
pub mod demo;
pub mod doctor;
pub mod export;
pub mod import;
pub mod init;
pub mod migrate;
pub mod search;
pub mod serve;
pub mod token;
