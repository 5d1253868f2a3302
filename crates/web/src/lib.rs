//! Pages for people: HTML made on the server, from the parts in [`components`] and [`chart`].
//!
//! [`assets`] serves the stylesheet, scripts, icons and fonts; [`layout`] makes the document and its headers;
//! [`markdown`] turns text of people into safe HTML.

pub mod assets;
pub mod chart;
pub mod components;
pub mod layout;
pub mod markdown;
