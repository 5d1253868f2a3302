//! The index through its public face.

mod common;
mod finding;
mod oracle;
mod secrecy;
mod similar;
mod storage;
