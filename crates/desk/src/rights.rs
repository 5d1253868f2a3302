//! Rights: what a caller may do, on which process, for which organisation.

use mainstay_engine::field::FieldType;
use mainstay_engine::register::Entry;
use mainstay_processes::registers::Reach;
use std::sync::Arc;

/// A role as the organisation's data states it.
#[derive(Clone, Debug)]
pub struct Role {
    pub name: String,
    pub reach: Reach,
    pub permissions: Arc<[String]>,
}

impl Role {
    /// Reads a role; an unreadable reach opens nothing but the person's own matters.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        let permissions = entry.value("permissions").as_list().iter().filter_map(|p| p.as_text().map(str::to_owned));
        Self {
            name: entry.name.clone(),
            reach: Reach::from_value(entry.value("reach")).unwrap_or(Reach::Own),
            permissions: permissions.collect(),
        }
    }
}

/// One role held, perhaps only for one organisation or one process.
#[derive(Clone, Debug)]
pub struct Grant {
    pub role: Role,
    pub organisation: Option<i64>,
    pub process: Option<String>,
}

impl Grant {
    fn covers_process(&self, process: &str) -> bool {
        self.process.as_deref().is_none_or(|p| p == process)
    }
    fn covers_organisation(&self, organisation: Option<i64>) -> bool {
        self.organisation.is_none() || self.organisation == organisation
    }
    fn permits(&self, area: &str, action: &str) -> bool {
        self.role.permissions.iter().any(|p| matches(p, area, action))
    }
}

/// Whether a permission such as `incident.resolve`, `incident.*`, `*.view` or `*` grants an action.
#[must_use]
pub fn matches(permission: &str, area: &str, action: &str) -> bool {
    if permission == "*" {
        return true;
    }
    let of_area = permission.strip_prefix('*').or_else(|| permission.strip_prefix(area));
    of_area.and_then(|rest| rest.strip_prefix('.')).is_some_and(|permitted| permitted == "*" || permitted == action)
}

/// All that a caller's grants add up to, narrowed by a token's scopes when one was used.
#[derive(Clone, Debug, Default)]
pub struct Rights {
    pub grants: Vec<Grant>,
    /// The scopes of the API token in use; None: no token narrows the rights.
    pub scopes: Option<Vec<String>>,
}

impl Rights {
    /// Whether the caller may do `action` in `area` (a process or register) for an organisation.
    #[must_use]
    pub fn may(&self, area: &str, action: &str, organisation: Option<i64>) -> bool {
        self.in_scope(area, action)
            && self
                .grants
                .iter()
                .any(|g| g.covers_process(area) && g.covers_organisation(organisation) && g.permits(area, action))
    }

    /// The same through a role that reaches further than what concerns the person.
    #[must_use]
    pub fn may_beyond_own(&self, area: &str, action: &str, organisation: Option<i64>) -> bool {
        let beyond = self.grants.iter().filter(|grant| grant.role.reach > Reach::Own).cloned().collect();
        Self { grants: beyond, scopes: self.scopes.clone() }.may(area, action, organisation)
    }

    /// Whether the caller may do `action` in `area` for any organisation at all.
    #[must_use]
    pub fn may_somewhere(&self, area: &str, action: &str) -> bool {
        self.in_scope(area, action) && self.grants.iter().any(|g| g.covers_process(area) && g.permits(area, action))
    }

    /// Whether the caller works for the house on this process and organisation: sees internal
    /// content and is held to staff's rules.
    #[must_use]
    pub fn is_staff(&self, process: &str, organisation: Option<i64>) -> bool {
        self.grants.iter().any(|g| {
            g.role.reach >= Reach::Staff
                && g.covers_process(process)
                && g.covers_organisation(organisation)
                && g.permits(process, "view")
        })
    }

    /// Whether the caller works for the house on this process anywhere, and the token in use reaches so far.
    #[must_use]
    pub fn is_staff_of(&self, process: &str) -> bool {
        let staff = |g: &Grant| g.role.reach >= Reach::Staff && g.covers_process(process) && g.permits(process, "view");
        self.in_scope(process, "view") && self.grants.iter().any(staff)
    }

    /// Staff of anything: sees the workspace rather than the portal.
    #[must_use]
    pub fn is_any_staff(&self) -> bool {
        self.grants.iter().any(|g| g.role.reach >= Reach::Staff)
    }

    /// A token permits an action when a scope names it, `area.*`, `*`, or the short forms
    /// `read` (every view and export) and `write` (everything but administration).
    #[must_use]
    pub fn in_scope(&self, area: &str, action: &str) -> bool {
        let Some(scopes) = &self.scopes else { return true };
        scopes.iter().any(|scope| match scope.as_str() {
            "read" => matches!(action, "view" | "export"),
            "write" => action != "manage",
            other => matches(other, area, action),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(reach: Reach, permissions: &[&str], organisation: Option<i64>) -> Grant {
        let permissions = permissions.iter().map(|p| (*p).to_owned()).collect();
        Grant { role: Role { name: "r".into(), reach, permissions }, organisation, process: None }
    }

    #[test]
    fn gen_04_a_grant_reaches_its_organisation_only() {
        let rights = Rights { grants: vec![grant(Reach::Staff, &["incident.resolve"], Some(7))], scopes: None };
        assert!(rights.may("incident", "resolve", Some(7)));
        assert!(!rights.may("incident", "resolve", Some(8)));
        assert!(!rights.may("incident", "resolve", None));
        assert!(!rights.may("incident", "close", Some(7)));
    }

    #[test]
    fn a_token_narrows_and_never_widens() {
        let scopes = Some(vec!["read".to_owned(), "incident.create".to_owned()]);
        let rights = Rights { grants: vec![grant(Reach::Staff, &["incident.view", "incident.resolve"], None)], scopes };
        assert!(rights.may("incident", "view", None));
        assert!(!rights.may("incident", "resolve", None), "the token does not reach it");
        assert!(!rights.may("incident", "create", None), "the role does not reach it");
    }

    #[test]
    fn wildcards_stand_for_whole_parts() {
        assert!(matches("*", "incident", "close"));
        assert!(matches("incident.*", "incident", "close"));
        assert!(matches("*.view", "people", "view"));
        assert!(!matches("*.view", "people", "manage"));
        assert!(!matches("incident", "incident", "view"));
    }
}
