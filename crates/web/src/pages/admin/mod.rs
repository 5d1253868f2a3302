//! Administration: the registers of directory and configuration, people's ways in, the audit.

mod access;
mod audit;
mod changes;
mod desk;
mod draft;
mod editor;
mod entry;
mod grids;
mod history;
mod list;
mod overview;
mod permissions;
mod tokens;
mod uses;

use axum::Router;
use axum::routing::{get, post};
use mainstay_engine::register::Register;
use mainstay_processes::registers;

use crate::failure::Failure;
use crate::web::Web;

/// The pages of the administration.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/admin", get(overview::show))
        .route("/admin/audit", get(audit::show))
        .route("/admin/permissions", get(permissions::show))
        .route("/admin/access/{id}", get(access::show))
        .route("/admin/access/{id}/{act}", post(access::take))
        .route("/admin/tokens/{id}", get(tokens::show).post(tokens::make))
        .route("/admin/tokens/{id}/revoke", post(tokens::revoke))
        .route("/admin/{register}", get(list::show))
        .route("/admin/{register}/new", get(entry::begin).post(entry::create))
        .route("/admin/{register}/{id}", get(entry::show).post(entry::save))
        .route("/admin/{register}/{id}/retire", post(entry::retire))
        .route("/admin/{register}/{id}/restore", post(entry::restore))
        .route("/admin/{register}/{id}/history", get(history::show))
        .route("/admin/{register}/{id}/uses", get(uses::show))
}

/// The register of an address.
fn register_of(key: &str) -> Result<&'static Register, Failure> {
    registers::register(key).ok_or_else(Failure::missing)
}
