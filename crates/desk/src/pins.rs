//! The views that a person keeps at the top of their sidebar, in their own order.

use crate::caller::Caller;
use crate::desk::Session;
use crate::error::Result;
use crate::registers::{self as door, view_is_open};
use mainstay_engine::refusal::{FieldError, Refusal};
use mainstay_processes::registers::VIEWS;
use mainstay_store::preferences;

/// The name under which people keep them.
const NAME: &str = "pins";
/// Views at the top of one sidebar.
pub const MOST: usize = 20;

fn me(caller: &Caller) -> Result<i64> {
    caller.person_id().ok_or_else(|| Refusal::missing("pins").into())
}

/// Says that [`of`] will be asked. Only a database that is far away gains by it.
pub fn foresee(session: &mut Session<'_>, caller: &Caller) {
    if let Some(person) = caller.person_id() {
        preferences::foresee(session.conn, person, NAME);
    }
}

/// The ids of the caller's pinned views, the topmost first. Some may be out of use, or not theirs to open any more.
///
/// # Errors
/// The engine has none; the database's.
pub fn of(session: &mut Session<'_>, caller: &Caller) -> Result<Vec<i64>> {
    let kept = preferences::read(session.conn, me(caller)?, NAME)?;
    Ok(kept.and_then(|kept| serde_json::from_str(&kept).ok()).unwrap_or_default())
}

/// Puts exactly these views at the top of the caller's sidebar, in this order.
///
/// # Errors
/// A view that is not the caller's to open; too many; the database's.
pub fn set(session: &mut Session<'_>, caller: &Caller, views: &[i64]) -> Result<Vec<i64>> {
    let person = me(caller)?;
    if views.len() > MOST {
        let error = FieldError::new("views", "too_many", format!("At most {MOST} views stand at the top."));
        Refusal::unless_empty(vec![error])?;
    }
    let mut wanted: Vec<i64> = Vec::with_capacity(views.len());
    for id in views {
        let view = door::get(session.conn, caller, &VIEWS, *id)?;
        if !view.active || !view_is_open(caller, &view) {
            return Err(Refusal::missing("view").into());
        }
        if !wanted.contains(id) {
            wanted.push(*id);
        }
    }
    if wanted.is_empty() {
        preferences::forget(session.conn, person, NAME)?;
    } else {
        let kept = serde_json::Value::from(wanted.as_slice()).to_string();
        preferences::keep(session.conn, person, NAME, &kept, session.now)?;
    }
    Ok(wanted)
}

/// Puts a view below those that stand at the top of the caller's sidebar.
///
/// # Errors
/// As [`set`].
pub fn add(session: &mut Session<'_>, caller: &Caller, view: i64) -> Result<()> {
    let mut views = still_open(session, caller)?;
    views.retain(|id| *id != view);
    views.push(view);
    set(session, caller, &views).map(|_| ())
}

/// Takes a view from the top of the caller's sidebar.
///
/// # Errors
/// The database's.
pub fn remove(session: &mut Session<'_>, caller: &Caller, view: i64) -> Result<()> {
    let mut views = still_open(session, caller)?;
    views.retain(|id| *id != view);
    set(session, caller, &views).map(|_| ())
}

/// The pinned views without those that went out of use or out of reach.
fn still_open(session: &mut Session<'_>, caller: &Caller) -> Result<Vec<i64>> {
    let mut open = Vec::new();
    for id in of(session, caller)? {
        match door::get(session.conn, caller, &VIEWS, id) {
            Ok(view) if view.active && view_is_open(caller, &view) => open.push(id),
            Ok(_) | Err(crate::error::Error::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(open)
}
