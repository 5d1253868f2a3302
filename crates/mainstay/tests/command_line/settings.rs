//! Where settings come from, and what is said about wrong ones.

use crate::program::{Folder, mainstay, mainstay_with};

#[test]
fn check_shows_what_is_in_force_and_who_said_it() {
    let folder = Folder::new();
    let file = folder.write("desk.toml", "listen = '10.0.0.1:1'\nlog = 'warn'\ntrusted_proxies = ['10.0.0.0/8']\n");
    let environment = [
        ("MAINSTAY_LISTEN", "10.0.0.2:2"),
        ("MAINSTAY_DATABASE", "postgres://me:s3cret@db/desk"),
        ("MAINSTAY_LISTN", "x"),
    ];
    let arguments = ["--config", &file, "serve", "--listen", "10.0.0.3:3", "--check"];
    let shown = mainstay_with(&environment, &arguments).ends(0).out();
    for line in [
        "listen = \"10.0.0.3:3\"  # flag",
        "log = \"warn\"  # file ",
        "database = \"postgres://me:***@db/desk\"  # environment MAINSTAY_DATABASE",
        "trusted_proxies = \"10.0.0.0/8\"  # file ",
        "connections = \"1024\"  # default",
        "# MAINSTAY_LISTN is set in the environment but is no setting",
    ] {
        assert!(shown.contains(line), "{line} is not in:\n{shown}");
    }
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[test]
fn what_check_prints_is_a_configuration_file() {
    let folder = Folder::new();
    let file = folder.write("desk.toml", &mainstay(&["serve", "--check"]).ends(0).out());
    mainstay(&["--config", &file, "serve", "--check"]).ends(0).out_says(&file);
}

#[test]
fn wrong_settings_end_with_two_and_say_what_was_meant() {
    let folder = Folder::new();
    let file = folder.write("desk.toml", "listn = '10.0.0.1:1'\n");
    mainstay(&["--config", &file, "serve", "--check"]).ends(2).says("Did you mean listen?");
    mainstay(&["--config", &folder.path("none.toml"), "serve", "--check"]).ends(2).says("none.toml cannot be read");
    mainstay(&["--set", "connections=0", "serve", "--check"]).ends(2).says("1 to 100000");
    mainstay(&["--set", "conections=5", "serve", "--check"]).ends(2).says("Did you mean connections?");
    mainstay_with(&[("MAINSTAY_LISTEN", "here")], &["serve"]).ends(2).says("environment MAINSTAY_LISTEN");
}
