//! Where settings come from, and what is said about wrong ones.

use crate::program::{Folder, mainstay, mainstay_with, start};

#[test]
fn check_shows_what_is_in_force_and_who_said_it() {
    let folder = Folder::new();
    let file = folder.write("desk.toml", "listen = '10.0.0.1:1'\nlog = 'warn'\ntrusted_proxies = ['10.0.0.0/8']\n");
    let environment = [
        ("MAINSTAY_LISTEN", "10.0.0.2:2"),
        ("MAINSTAY_DATABASE", "postgres://me:s3cret@127.0.0.1:1/desk"),
        ("MAINSTAY_LISTN", "x"),
    ];
    let arguments = ["--config", &file, "serve", "--listen", "10.0.0.3:3", "--check"];
    let shown = mainstay_with(&environment, &arguments).ends(1).says("10.0.0.3:3 cannot be listened on").out();
    for line in [
        "listen = \"10.0.0.3:3\"  # flag",
        "log = \"warn\"  # file ",
        "database = \"postgres://me:***@127.0.0.1:1/desk\"  # environment MAINSTAY_DATABASE",
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
    let data = folder.path("data");
    mainstay(&["--data", &data, "init"]).ends(0);
    let checked = mainstay(&["--data", &data, "serve", "--listen", "127.0.0.1:0", "--check"]).ends(0);
    let file = folder.write("desk.toml", &checked.out());
    mainstay(&["--config", &file, "serve", "--check"]).ends(0).out_says(&file).out_says("The database answers");
}

#[test]
fn check_says_what_would_keep_a_server_from_running() {
    let folder = Folder::new();
    let data = folder.path("data");
    let check = ["--data", &data, "serve", "--listen", "127.0.0.1:0", "--check"];
    mainstay(&check).ends(3).says("there is no database at").says("one thing is in the way");
    assert!(!folder.has("data"), "looking makes nothing");
    mainstay(&["--data", &data, "init"]).ends(0);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    // What listens there takes no part in it.
    std::thread::spawn(move || taken.incoming().for_each(drop));
    let ended = mainstay(&["--data", &data, "serve", "--listen", &address, "--check"]).ends(1);
    ended.says("cannot be listened on").says("--listen");
    let file = folder.write("file", "no folder");
    let inside = format!("search={file}/search");
    mainstay(&[&check[..], &["--set", &inside]].concat()).ends(1).says("cannot be written");
    let server = start(&["--data", &data, "serve", "--listen", "127.0.0.1:0"]);
    let running = ["--data", &data, "serve", "--listen", &server.address, "--check"];
    mainstay(&running).ends(0).out_says("Mainstay listens on the address already");
    let open = ["--set", "base_url=https://desk.example.org"];
    mainstay(&[&check[..], &open].concat()).ends(0).out_says("trusted_proxies is empty");
    assert_eq!(server.stops(), Some(0));
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
