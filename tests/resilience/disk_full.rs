//! The disk runs full under a server, and space comes back.

use crate::books;
use crate::clients::Entry;
use crate::program::{self, Server};
use crate::wire::{Answer, Post, Wire};
use serde_json::json;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Size of the disk, enough for the demo and some thousand writes.
const SIZE: &str = "size=48m,mode=777";
/// Writes after which a full disk must have shown.
const MOST: usize = 4_000;

/// A small file system of its own, unmounted when it goes.
struct SmallDisk {
    folder: TempDir,
    unmount: Vec<&'static str>,
}

impl SmallDisk {
    /// Mounting is for root, in a container or through sudo.
    fn mount() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().to_str().expect("a readable path").to_owned();
        for prefix in [&[][..], &["sudo", "-n"]] {
            let mount = ["mount", "-t", "tmpfs", "-o", SIZE, "mainstay-test", &path];
            if program::system(&[prefix, &mount].concat()) {
                return Self { folder, unmount: [prefix, &["umount"]].concat() };
            }
        }
        panic!("a small disk can be mounted by root only; run as root, or allow sudo without a password");
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Takes all the space that is left.
    fn fill(&self) {
        let mut file = File::create(self.path("filler")).expect("a file");
        let block = vec![0; 64 * 1024];
        while file.write_all(&block).is_ok() {}
        while file.write_all(&block[..512]).is_ok() {}
    }

    fn free(&self) {
        std::fs::remove_file(self.path("filler")).expect("the filler goes");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let path = self.folder.path().to_string_lossy().into_owned();
        program::system(&[&self.unmount[..], &[&path]].concat());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_writes_serves_reads_and_heals_without_a_restart() {
    let disk = SmallDisk::mount();
    let data = disk.path("data");
    let demo = Server::demo(&data);
    let cookies = signed_in(&demo).await;
    demo.stop();
    let token = program::token(&data);
    books::age_sessions(&data);
    let mut server = Server::start(&data);
    let mut wire = Wire::connect(server.address, &token).await.expect("a line");
    disk.fill();
    let (mut journal, refused) = until_full(&mut wire).await;
    assert_reads_go_on(&mut wire, journal.len()).await;
    assert_refused(&wire.post(&refused).await.expect("an answer"));
    assert_pages_go_on(&mut wire, &cookies).await;
    assert!(server.runs(), "a full disk is no reason to end");
    disk.free();
    let healed = wire.post(&refused).await.expect("an answer");
    assert_eq!(healed.status, 201, "{:?}", healed.body);
    journal.push(entry(&refused, &healed));
    server.stop();
    assert_nothing_half_written(&data, &journal);
}

/// Writes until the disk is full; answers what was acknowledged and the first write that was refused.
async fn until_full(wire: &mut Wire) -> (Vec<Entry>, Post) {
    let mut journal = Vec::new();
    for number in 0..MOST {
        let body = json!({ "title": format!("Client story {number}"), "symptoms": "Long words. ".repeat(400) });
        let post = Post { path: "incidents".into(), body, key: format!("story-{number}") };
        let answer = wire.post(&post).await.expect("an answer, even from a full disk");
        if !answer.status.is_success() {
            assert_refused(&answer);
            return (journal, post);
        }
        journal.push(entry(&post, &answer));
    }
    panic!("{MOST} writes fitted on a full disk");
}

fn entry(post: &Post, answer: &Answer) -> Entry {
    let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
    Entry { title: text(&post.body["title"]), number: text(&answer.body["number"]), ..Entry::default() }
}

#[track_caller]
fn assert_refused(answer: &Answer) {
    assert_eq!(answer.status, 507, "{:?}", answer.body);
    assert_eq!((answer.kind.as_str(), &answer.body["code"]), ("application/problem+json", &json!("storage_full")));
    assert!(answer.body["detail"].as_str().is_some_and(|says| says.contains("reading works")), "{:?}", answer.body);
}

async fn assert_reads_go_on(wire: &mut Wire, written: usize) {
    let list =
        wire.get("incidents?filter=title%20starts%20with%20%22Client%22&count=true&limit=1").await.expect("an answer");
    assert_eq!(list.status, 200, "{:?}", list.body);
    assert_eq!(list.body["count"], json!(written));
}

/// Somebody at a browser, by the cookies that it keeps.
async fn signed_in(server: &Server) -> String {
    let mut browser = Wire::connect(server.address, "").await.expect("a line");
    let form = "email=agent%40demo.example&password=mainstay-demo";
    let entered = browser.form("/sign-in", "", form).await;
    assert_eq!(entered.status, 303, "{}", entered.text);
    entered.cookies
}

/// A page by somebody who was away for a while would note that they are back; without room for that it is shown all
/// the same. A form says what is wrong.
async fn assert_pages_go_on(wire: &mut Wire, cookies: &str) {
    for path in ["/incidents", "/incidents/new", "/reports", "/me"] {
        let page = wire.page(path, cookies).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
    }
    let token = wire.page("/incidents/new", cookies).await.token().to_owned();
    let form = format!("_token={token}&_fields=title&_fields=symptoms&title=Client+form&symptoms=It+says+no.");
    let refused = wire.form("/incidents/new", cookies, &form).await;
    assert_eq!(refused.status, 507, "{}", refused.text);
    assert!(refused.text.contains("The disk of this server is full"), "{}", refused.text);
    let stranger = wire.form("/sign-in", "", "email=agent%40demo.example&password=mainstay-demo").await;
    assert_eq!(stranger.status, 507, "{}", stranger.text);
}

fn assert_nothing_half_written(data: &Path, journal: &[Entry]) {
    books::audit(data, journal, "Client %");
}
