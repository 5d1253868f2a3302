//! The program as somebody at a terminal meets it: what it prints and how it ends.

mod importing;
mod keys;
mod program;
mod serving;
mod settings;
mod silence;

use program::{Folder, mainstay};

#[test]
fn help_can_be_read_and_says_how_it_ends() {
    let help = mainstay(&["--help"]).ends(0).out();
    for words in ["mainstay demo", "Exit codes:", "flags, then the environment", "doctor"] {
        assert!(help.contains(words), "{words} is not in:\n{help}");
    }
    let serve = mainstay(&["serve", "--help"]).ends(0).out();
    assert!(serve.contains("Examples:") && serve.contains("--base-url"), "{serve}");
}

#[test]
fn every_command_shows_how_it_is_used() {
    let mut waiting: Vec<Vec<String>> = vec![Vec::new()];
    let mut shown = 0;
    while let Some(command) = waiting.pop() {
        let mut arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        arguments.push("--help");
        let help = mainstay(&arguments).ends(0).out();
        assert!(!help.contains("`ServiceNow`"), "what is for the reader of the code: {help}");
        let below = help.split_once("Commands:\n").map(|(_, rest)| rest).unwrap_or_default();
        let names =
            below.lines().take_while(|line| line.starts_with("  ")).filter_map(|line| line.split_whitespace().next());
        let names: Vec<&str> = names.filter(|name| *name != "help").collect();
        if names.is_empty() {
            shown += 1;
            assert!(help.contains("Example"), "{command:?} has no example:\n{help}");
        }
        waiting.extend(names.into_iter().map(|name| [&command[..], &[name.to_owned()]].concat()));
    }
    assert!(shown > 12, "{shown} commands");
}

#[test]
fn wrong_use_ends_with_two() {
    mainstay(&[]).ends(2);
    mainstay(&["sreve"]).ends(2).says("serve");
    mainstay(&["token", "create"]).ends(2).says("--person");
    mainstay(&["demo", "--database", "postgres://db/desk"]).ends(2).says("of its own");
}

#[test]
fn what_is_not_there_yet_ends_with_three_and_the_next_step() {
    let folder = Folder::new();
    for command in
        [&["serve"][..], &["doctor"], &["migrate"], &["backup", "x.zip"], &["token", "list", "--person", "a@b.c"]]
    {
        let ended = mainstay(&[&["--data", folder.path("none").as_str()], command].concat()).ends(3);
        ended.says("there is no database at").says("mainstay init");
    }
    assert!(!folder.has("none"), "looking makes nothing");
}

#[test]
fn init_prints_a_link_that_the_next_init_replaces() {
    let folder = Folder::new();
    let data = folder.path("data");
    let link = |out: &str| out.split_whitespace().find(|word| word.contains("/set-up/")).map(str::to_owned);
    let init = || mainstay(&["--data", &data, "--set", "base_url=https://desk.example.org/", "init"]).ends(0).out();
    let (first, second) = (link(&init()).unwrap(), link(&init()).unwrap());
    assert!(first.starts_with("https://desk.example.org/set-up/") && first.len() > 60, "{first}");
    assert_ne!(first, second);
    mainstay(&["--data", &data, "migrate"]).ends(0).out_says("up to date");
    mainstay(&["--data", &data, "doctor"]).ends(0).out_says("All is well");
    mainstay(&["--data", &data, "demo", "--port", "0"]).ends(1).says("no demo");
}

/// Takes a shipped entry away, as if the version that made the database had not known it.
fn forget(data: &str, key: &str) {
    let db = rusqlite::Connection::open(format!("{data}/mainstay.db")).unwrap();
    let id: i64 = db.query_row("SELECT id FROM entry WHERE key = ?1", [key], |row| row.get(0)).unwrap();
    for sql in [
        "DELETE FROM entry_reference WHERE from_entry = ?1",
        "DELETE FROM entry_version WHERE entry = ?1",
        "DELETE FROM entry WHERE id = ?1",
    ] {
        db.execute(sql, [id]).unwrap();
    }
}

#[test]
fn what_a_newer_version_ships_is_added_by_migrate_or_at_the_next_start() {
    let folder = Folder::new();
    let data = folder.path("data");
    mainstay(&["--data", &data, "init"]).ends(0);
    let shipped = mainstay_processes::shipped::entries();
    let rule = shipped.iter().find(|e| e.register == "notification-rules").unwrap().key;
    forget(&data, rule);
    mainstay(&["--data", &data, "migrate"]).ends(0).out_says(&format!("added notification-rules/{rule}"));
    mainstay(&["--data", &data, "migrate"]).ends(0).out_says("up to date");
    forget(&data, rule);
    let arguments = ["--data", &data, "serve", "--listen", "127.0.0.1:0"];
    assert_eq!(program::start(&arguments).stops(), Some(0));
    mainstay(&["--data", &data, "migrate"]).ends(0).out_says("up to date");
}

#[cfg(unix)]
#[test]
fn nobody_else_looks_into_the_data() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    mainstay(&["--data", &folder.path("data"), "init"]).ends(0);
    let mode = std::fs::metadata(folder.path("data")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}
