//! Serving, and what may be done while it serves.

use crate::program::{Folder, mainstay, start};

#[test]
fn the_demo_answers_stops_when_told_and_is_there_again() {
    let folder = Folder::new();
    let data = folder.path("demo");
    let server = start(&["demo", "--data", &data, "--port", "0"]);
    assert!(
        server.printed.contains("agent@demo.example") && server.printed.contains("mainstay-demo"),
        "{}",
        server.printed
    );
    assert!(server.asks("GET /readyz HTTP/1.1").starts_with("HTTP/1.1 200"));
    assert!(server.asks("GET /healthz HTTP/1.1").ends_with("alive\n"));
    assert!(server.asks("GET /set-up/x HTTP/1.1").starts_with("HTTP/1.1 404"));
    assert!(server.asks("GET /sign-in HTTP/1.1").starts_with("HTTP/1.1 200"));
    assert!(server.asks("GET / HTTP/1.1").starts_with("HTTP/1.1 303"));
    let token =
        ["--data", &data, "token", "create", "--person", "agent@demo.example", "--name", "laptop", "--scope", "read"];
    let secret = mainstay(&token).ends(0).out();
    assert!(secret.starts_with("mainstay_") && secret.lines().count() == 1, "{secret}");
    let bearer = format!("GET /api/v1/me HTTP/1.1\nAuthorization: Bearer {}", secret.trim());
    assert!(server.asks(&bearer).contains("Jonas Weber"), "{}", server.asks(&bearer));
    let list = ["--data", &data, "token", "list", "--person", "agent@demo.example"];
    mainstay(&list).ends(0).out_says("in force");
    mainstay(&["--data", &data, "token", "revoke", "--person", "agent@demo.example", "1"]).ends(0);
    mainstay(&list).ends(0).out_says("revoked");
    assert_eq!(server.stops(), Some(0));
    let again = start(&["demo", "--data", &data, "--port", "0"]);
    assert_eq!(again.stops(), Some(0));
}

#[test]
fn a_backup_is_made_while_serving_and_restores_to_an_inert_copy() {
    let folder = Folder::new();
    let (data, copy, file) = (folder.path("demo"), folder.path("copy"), folder.path("backup.zip"));
    let server = start(&["demo", "--data", &data, "--port", "0"]);
    mainstay(&["--data", &data, "backup", &file]).ends(0).out_says("records");
    mainstay(&["--data", &data, "backup", &file]).ends(1).says("there already");
    let doctor = mainstay(&["--data", &data, "doctor"]).ends(0).out_says("All is well");
    doctor.out_says("The search index has");
    mainstay(&["--data", &data, "restore", &file]).ends(1).says("not empty");
    assert_eq!(server.stops(), Some(0));
    mainstay(&["--data", &copy, "restore", &file]).ends(0).out_says("It is a copy");
    mainstay(&["--data", &copy, "doctor"]).ends(0).out_says("restored copy");
    mainstay(&["--data", &copy, "activate"]).ends(0).out_says("in service now");
    mainstay(&["--data", &copy, "doctor"]).ends(0).out_says("All is well");
}

#[test]
fn the_doctor_finds_an_attachment_that_changed_on_disk() {
    let folder = Folder::new();
    let data = folder.path("demo");
    assert_eq!(start(&["demo", "--data", &data, "--port", "0"]).stops(), Some(0));
    let files = std::path::Path::new(&data).join("files");
    let mut changed = 0;
    for shelf in std::fs::read_dir(files).unwrap() {
        for file in std::fs::read_dir(shelf.unwrap().path()).unwrap() {
            std::fs::write(file.unwrap().path(), "something else").unwrap();
            changed += 1;
        }
    }
    assert!(changed > 0, "the demo has attachments");
    mainstay(&["--data", &data, "doctor"]).ends(3).out_says("has changed on disk").says("found one fault");
}

#[test]
fn a_port_in_use_is_said_in_plain_words() {
    let folder = Folder::new();
    let server = start(&["demo", "--data", &folder.path("demo"), "--port", "0"]);
    let data = folder.path("other");
    mainstay(&["--data", &data, "init"]).ends(0);
    let listen = server.address.clone();
    mainstay(&["--data", &data, "serve", "--listen", &listen]).ends(1).says("cannot be listened on").says("--listen");
}

#[test]
fn the_search_index_is_built_anew_unless_a_server_has_it() {
    let folder = Folder::new();
    let data = folder.path("demo");
    let server = start(&["demo", "--data", &data, "--port", "0"]);
    mainstay(&["--data", &data, "search", "rebuild"]).ends(1).says("A server runs with it");
    assert_eq!(server.stops(), Some(0));
    mainstay(&["--data", &data, "search", "rebuild"]).ends(0).says("Building the search index: ");
    assert_eq!(start(&["demo", "--data", &data, "--port", "0"]).stops(), Some(0));
}

#[test]
fn the_doctor_tells_how_far_behind_the_search_index_is() {
    let folder = Folder::new();
    let data = folder.path("demo");
    assert_eq!(start(&["demo", "--data", &data, "--port", "0"]).stops(), Some(0));
    let doctor = || mainstay(&["--data", &data, "doctor"]).ends(0);
    mainstay(&["--data", &data, "search", "rebuild"]).ends(0);
    doctor().out_says("The search index has read everything");
    // Nobody serves, so nobody reads what happens to the index.
    let token = |name| {
        let person = "agent@demo.example";
        mainstay(&["--data", &data, "token", "create", "--person", person, "--name", name]).ends(0);
    };
    token("laptop");
    doctor().out_says("The search index has one event to read");
    token("phone");
    doctor().out_says("The search index has 2 events to read");
    mainstay(&["--data", &data, "search", "rebuild"]).ends(0);
    doctor().out_says("The search index has read everything");
}

#[test]
fn what_is_exported_is_a_file_for_other_programs() {
    let folder = Folder::new();
    let (data, file) = (folder.path("demo"), folder.path("open.csv"));
    assert_eq!(start(&["demo", "--data", &data, "--port", "0"]).stops(), Some(0));
    // How much of the demo data is open depends on the hour and the day of the week; that some of it is does not.
    let export =
        ["--data", &data, "export", "incidents", "--filter", "phase in (0, 1)", "--sort", "-opened", "--output", &file];
    mainstay(&export).ends(0).says("incidents exported");
    let open = std::fs::read_to_string(&file).unwrap();
    let all = mainstay(&["--data", &data, "export", "incidents"]).ends(0).out();
    assert!(open.contains("\nINC-") && open.lines().skip(1).all(|line| !line.contains(",closed,")), "{open}");
    assert!(all.contains(",closed,") && open.lines().count() < all.lines().count(), "{all}");
    mainstay(&export).ends(1).says("open.csv cannot be written");
    mainstay(&["--data", &data, "export", "people", "--format", "json"]).ends(0).out_says("Amara Okafor");
    mainstay(&["--data", &data, "export", "peeple"]).ends(2).says("people");
    mainstay(&["--data", &data, "export", "incidents", "--filter", "phase is"]).ends(1);
}
