//! Which records of many are open to whoever asks, told from what is known of them.

use crate::desk::Session;
use crate::error::Result;
use mainstay_store::{Scope, Which, reports};

/// What is known of a record that says who sees it: its id, its organisation, whether it is restricted.
pub type Known = (i64, Option<i64>, bool);

/// Which records are open to whoever asks.
pub struct Open {
    /// The organisations whose records grants open, and those whose restricted ones.
    by_grants: [Which<i64>; 2],
    /// Others that are visible, in order.
    more: Vec<i64>,
}

impl Open {
    /// Which of these are: what grants do not tell is asked of the database.
    ///
    /// # Errors
    /// The database's.
    pub fn to(
        session: &mut Session<'_>,
        scope: &Scope,
        process: &str,
        all: impl Iterator<Item = Known>,
    ) -> Result<Self> {
        let by_grants = [false, true].map(|restricted| scope.opened_by_grants(process, restricted));
        let mut open = Self { by_grants, more: Vec::new() };
        let hidden = all.filter(|known| known.2 && !open.shows(*known));
        let hidden: Vec<i64> = hidden.map(|(id, ..)| id).collect();
        if !hidden.is_empty() {
            open.more = reports::visible_among(session.conn, scope, &hidden)?;
        }
        if open.by_grants[0] != Which::All {
            open.more.extend(reports::own(session.conn, scope, process)?);
            open.more.sort_unstable();
        }
        Ok(open)
    }

    /// Whether grants open the records of an organisation, and its restricted ones.
    pub fn by_grants(&self, organisation: Option<&i64>) -> [bool; 2] {
        self.by_grants.each_ref().map(|opened| opened.covers(organisation))
    }

    /// Whether a record is visible though no grant opens it.
    pub fn besides(&self, id: i64) -> bool {
        !self.more.is_empty() && self.more.binary_search(&id).is_ok()
    }

    /// Whether a record is visible.
    pub fn shows(&self, (id, organisation, restricted): Known) -> bool {
        self.by_grants[usize::from(restricted)].covers(organisation.as_ref()) || self.besides(id)
    }
}
