//! Keys that the program makes, and none that it brings.

use crate::program::{Folder, mainstay};
use mainstay_store::{Config, Db};

/// The key of a new installation, as its database keeps it.
fn key_of(folder: &Folder, name: &str) -> String {
    let data = folder.path(name);
    mainstay(&["--data", &data, "init"]).ends(0);
    let url = format!("sqlite:{data}/mainstay.db");
    let db = Db::open(&Config { url, readers: 1, writers: 1 }).unwrap();
    let sql = "SELECT value FROM setting WHERE key = 'installation_key'";
    let kept: String = db.read_blocking(move |conn| conn.one(sql, &[])).unwrap();
    db.close();
    kept.trim_matches('"').to_owned()
}

#[test]
fn s_13_fresh_installations_share_no_key_and_the_program_brings_none() {
    let folder = Folder::new();
    let (one, other) = (key_of(&folder, "one"), key_of(&folder, "other"));
    assert!(one.len() > 80 && other.len() > 80, "64 bytes in base64");
    assert_ne!(one, other);
    let program = std::fs::read(env!("CARGO_BIN_EXE_mainstay")).unwrap();
    let strings = String::from_utf8_lossy(&program);
    for key in [&one, &other] {
        assert!(!strings.contains(&key[..20]), "a part of a key stands in the program");
    }
    // Every program that reads certificates knows the words around a key; what lies between them would be one.
    for (_, words) in strings.match_indices("PRIVATE KEY-----").map(|(at, words)| strings[at..].split_at(words.len())) {
        let body = words.trim_start().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '+' || *c == '/');
        assert!(body.take(20).count() < 20, "a private key: {}", words.chars().take(60).collect::<String>());
    }
}
