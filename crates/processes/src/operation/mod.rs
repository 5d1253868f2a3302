//! Service operation: events, incidents, requests, problems, access.

pub mod incident;
pub mod problem;
