//! Pages for people: HTML made on the server, from the parts in [`components`] and [`chart`].
//!
//! [`router()`] leads addresses to pages; [`session`] says who asks and [`form`] what they sent; [`failure`] answers
//! where there is no page.
//!
//! [`assets`] serves the stylesheet, scripts, icons and fonts; [`layout`] makes the document and its headers;
//! [`markdown`] turns text of people into safe HTML.

pub mod address;
pub mod assets;
pub mod chart;
pub mod components;
mod conditions;
pub mod failure;
pub mod fields;
pub mod flash;
pub mod form;
mod language;
pub mod layout;
pub mod live;
pub mod markdown;
mod pages;
mod part;
pub mod router;
pub mod routes;
pub mod session;
pub mod shown;
mod told;
pub mod viewing;
pub mod web;

pub use router::{all_routes, router};
pub use routes::Route;
pub use web::Web;
