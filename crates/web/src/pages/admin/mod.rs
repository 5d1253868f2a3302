//! Administration: the registers of directory and configuration, people's ways in, the audit.

mod access;
mod audit;
mod changes;
mod demo;
mod desk;
mod draft;
mod editor;
mod entry;
mod grids;
mod history;
mod holders;
mod holidays;
mod keyed;
mod list;
mod merge;
mod overview;
mod permissions;
mod preview;
mod regular;
mod rights;
mod start;
mod stated;
mod tokens;
mod uses;
mod view_as;
mod what_if;

use mainstay_engine::register::Register;
use mainstay_processes::registers;

use crate::failure::Failure;
use crate::routes::{Declared, get, post};

/// The pages of the administration.
pub fn routes() -> Vec<Declared> {
    vec![
        get("/admin", overview::show),
        get("/admin/start", start::show),
        post("/admin/start/empty", start::empty),
        post("/admin/start/demo", start::fill),
        get("/admin/demo", demo::show),
        post("/admin/demo/remove", demo::remove),
        get("/admin/audit", audit::show),
        get("/admin/exports", regular::show),
        get("/admin/audit/export", audit::send),
        get("/admin/permissions", permissions::show),
        post("/admin/permissions", permissions::save),
        get("/admin/permissions/{id}", holders::show),
        post("/admin/permissions/{id}/give", holders::give),
        post("/admin/permissions/{id}/withdraw", holders::withdraw),
        get("/admin/access/{id}", access::show),
        post("/admin/access/{id}/{act}", access::take),
        get("/admin/merge/{id}", merge::show),
        post("/admin/merge/{id}", merge::take),
        get("/admin/tokens/{id}", tokens::show),
        post("/admin/tokens/{id}", tokens::make),
        post("/admin/tokens/{id}/revoke", tokens::revoke),
        post("/admin/view-as/end", view_as::end),
        post("/admin/view-as/{id}", view_as::begin),
        get("/admin/what-if/{id}", what_if::show),
        get("/admin/holidays/{id}", holidays::show),
        post("/admin/holidays/{id}", holidays::take),
        get("/admin/{register}", list::show),
        get("/admin/{register}/new", entry::begin),
        post("/admin/{register}/new", entry::create),
        get("/admin/{register}/{id}", entry::show),
        post("/admin/{register}/{id}", entry::save),
        post("/admin/{register}/{id}/retire", entry::retire),
        post("/admin/{register}/{id}/restore", entry::restore),
        get("/admin/{register}/{id}/history", history::show),
        post("/admin/{register}/{id}/versions/{version}", history::bring_back),
        get("/admin/{register}/{id}/uses", uses::show),
    ]
}

/// The register of an address.
fn register_of(key: &str) -> Result<&'static Register, Failure> {
    registers::register(key).ok_or_else(Failure::missing)
}
