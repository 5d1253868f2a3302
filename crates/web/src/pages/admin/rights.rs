//! The permissions that there are to give, area by area, in words.

use mainstay_engine::process::{Process, Who};
use mainstay_engine::register::Register;
use mainstay_processes::registers;

/// A permission that can be given.
pub struct Right {
    /// As roles and programs name it: `incident.resolve`.
    pub key: String,
    /// What it lets somebody do.
    pub label: &'static str,
}

/// Permissions on one kind of thing.
pub struct Area {
    /// The beginning of their keys.
    pub key: &'static str,
    /// What they are about.
    pub label: &'static str,
    /// All of them.
    pub rights: Vec<Right>,
}

const ON_RECORDS: [(&str, &str); 10] = [
    ("view", "See"),
    ("create", "Open new ones"),
    ("update", "Change fields"),
    ("comment", "Reply"),
    ("note", "Read and write internal notes"),
    ("link", "Link and split"),
    ("task", "Plan and do tasks"),
    ("watch", "Watch, and have others watch"),
    ("export", "Export"),
    ("legal_hold", "Put under legal hold, and lift it"),
];
const ON_ENTRIES: [(&str, &str); 2] = [("view", "See"), ("manage", "Edit")];
const ELSE: [(&str, &str); 5] = [
    ("reports.view", "See reports"),
    ("audit.view", "Read the audit log"),
    ("exports.manage", "Pause and end the regular exports of others"),
    ("exclusions.manage", "Exclude time from targets"),
    ("installation.manage", "Set up the installation"),
];

fn right(area: &str, (action, label): (&str, &'static str)) -> Right {
    Right { key: format!("{area}.{action}"), label }
}

fn of_process(process: &'static Process) -> Area {
    let steps = process.transitions.iter().filter(|step| step.who.has(Who::STAFF)).map(|step| (step.verb, step.label));
    let meetings = process.approvals.is_some().then_some(("meet", "Plan and hold the meetings of its boards"));
    let rights = ON_RECORDS.into_iter().chain(meetings).chain(steps).map(|each| right(process.key, each)).collect();
    Area { key: process.key, label: process.label_plural, rights }
}

fn of_register(register: &'static Register) -> Area {
    let rights = ON_ENTRIES.map(|each| right(register.key, each)).into();
    Area { key: register.key, label: register.label_plural, rights }
}

/// Every area with its permissions.
#[must_use]
pub fn areas() -> Vec<Area> {
    let rights = ELSE.map(|(key, label)| Right { key: key.to_owned(), label }).into();
    let processes = mainstay_processes::ALL.iter().copied().map(of_process);
    let registers = registers::ALL.iter().copied().map(of_register);
    processes.chain(registers).chain([Area { key: "platform", label: "Platform", rights }]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shipped_role_gives_nothing_that_there_is_not_to_give() {
        let all: Vec<String> = areas().into_iter().flat_map(|area| area.rights).map(|right| right.key).collect();
        let roles =
            mainstay_processes::shipped::entries().into_iter().filter(|entry| entry.register == registers::ROLES.key);
        for role in roles {
            for permission in role.values["permissions"].as_array().expect("permissions") {
                let permission = permission.as_str().expect("text");
                assert!(
                    permission.contains('*') || all.iter().any(|each| each == permission),
                    "{}: {permission}",
                    role.key
                );
            }
        }
    }
}
