//! What a record's page shows, to whom, and that nothing anybody writes becomes markup.

use axum::http::StatusCode;

use crate::visitor::{Site, process};

const CANARY: &str = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_of_people_never_become_markup() {
    let site = Site::open().await;
    let mut agent = site.agent().await;
    let record = agent.new_record(CANARY).await;
    agent.get(&record).await;
    agent.post(&format!("{record}/comments"), &[("kind", "reply"), ("body", CANARY)]).await;
    agent
        .post(&format!("{record}/comments"), &[("kind", "note"), ("body", "[x](javascript:alert(1)) <b onclick=a>")])
        .await;
    agent.post(&format!("{record}/tasks"), &[("_fields", "title"), ("title", CANARY)]).await;
    agent.post(&format!("{record}/links"), &[("relation", process().relations[0].key), ("to", CANARY)]).await;
    agent
        .upload(
            &format!("{record}/comments"),
            &[("kind", "reply"), ("body", "a file")],
            ("<img src=x>.html", "<script>"),
        )
        .await;
    let list = format!("/{}", process().plural);
    let pages = [
        record.clone(),
        format!("{record}/tasks"),
        format!("{record}/related"),
        format!("{record}/history"),
        format!("{record}/details"),
        format!("{record}/edit"),
        list.clone(),
        format!("{list}?show=table"),
        format!("/search?q={}", "%3Cimg%20src%3Dx"),
        format!("{list}?filter=title+contains+%22%3Cimg%20src%3Dx%22"),
        format!("{list}/filter?filter=title+contains+%22%3Cimg%20src%3Dx%22"),
    ];
    for path in pages {
        let page = agent.open(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        for markup in ["<img src=x", "<script>alert", "onerror=alert(1)>\"", "javascript:alert", "<b onclick"] {
            assert!(!page.text.contains(markup), "{markup} on {path}");
        }
        assert!(!page.text.contains(" style=\""), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_history_without_reasons_has_no_column_for_them() {
    let site = Site::open().await;
    let mut agent = site.agent().await;
    let record = agent.new_record("The till is dead").await;
    let page = agent.open(&format!("{record}/history")).await.text;
    assert!(page.contains(">Changes</th>") && !page.contains(">Reason</th>"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gen_02_one_instant_is_shown_in_the_zone_of_each_viewer() {
    let site = Site::open().await;
    let mut london = site.agent().await;
    let record = london.new_record("The till is dead").await;
    let mut kolkata = site.visitor("agent.l2@bank.example").await;
    let (here, there) = (london.open(&record).await.text, kolkata.open(&record).await.text);
    for page in [&here, &there] {
        assert!(page.contains("datetime=\"2025-06-02T08:00:00Z\""), "stored once, in UTC: {page}");
    }
    assert!(here.contains("2 Jun 2025, 08:00 UTC") && !here.contains("13:30"));
    assert!(there.contains("2 Jun 2025, 13:30 IST") && !there.contains("08:00 UTC"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_goes_its_way_by_forms_alone() {
    let site = Site::open().await;
    let cast = site.house.cast.clone();
    let mut agent = site.agent().await;
    let record = agent.new_record("The till is dead").await;
    let page = agent.get(&record).await;
    assert!(page.text.contains(process().initial().label));
    // Assign asks; taking it afterwards needs nothing more and is one click.
    let (team, category) = (cast.service_desk.to_string(), cast.network_category.to_string());
    let answers = [
        ("_fields", "team"),
        ("_fields", "impact"),
        ("_fields", "urgency"),
        ("_fields", "category"),
        ("team", team.as_str()),
        ("impact", "high"),
        ("urgency", "low"),
        ("category", category.as_str()),
    ];
    let assigned = agent.post(&format!("{record}/assign"), &answers).await;
    assert_eq!(assigned.status, StatusCode::SEE_OTHER, "{}", assigned.text);
    let page = agent.get(&record).await;
    assert!(page.text.contains("P3 Medium") && page.text.contains("Service desk"));
    let version = page.value("version").expect("a version");
    let taken = agent.post(&format!("{record}/take"), &[("version", &version)]).await;
    assert_eq!(taken.leads_to(), record);
    let page = agent.get(&record).await;
    assert!(page.text.contains("In progress") && page.text.contains("Met in"), "the response target is met");
    // What only steps move is offered as steps and not as a field.
    for field in process().by_step {
        assert!(!page.text.contains(&format!("name=\"edit.{}\"", field.key)), "{}", field.key);
        assert!(page.text.contains(&format!("popovertarget=\"edit-{}\"", field.key)), "{}", field.key);
        let edit = agent.get(&format!("{record}/edit")).await.text;
        assert!(!edit.contains(&format!("id=\"field-{}\"", field.key)), "{}", field.key);
        let leaves = |step: &&mainstay_engine::process::Transition| {
            step.asks_for(field) && step.from.iter().any(|state| state.label == "In progress")
        };
        let step = process().transitions.iter().find(leaves).expect("a step that moves it");
        assert!(page.text.contains(&format!("href=\"{record}/{}\"", step.verb)), "{}", step.verb);
    }
    let twice = agent.post(&format!("{record}/take"), &[("version", &version)]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT, "a second click is told what happened");
    let history = agent.get(&format!("{record}/history")).await.text;
    assert!(history.contains("<del>Assigned</del> <ins>In progress</ins>"), "{history}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b_06_an_internal_note_never_reaches_the_requester() {
    let site = Site::open().await;
    let mut requester = site.visitor("requester@bank.example").await;
    let mut agent = site.agent().await;
    let record = agent.new_record("The till is dead").await;
    let number = record.rsplit('/').next().expect("a number").to_owned();
    // The requester's own matter, so that they see it at all.
    let version = agent.get(&record).await.value("version").expect("a version");
    let person = site.house.cast.requester.to_string();
    agent
        .post(&format!("{record}/edit"), &[("version", &version), ("_fields", "requester"), ("requester", &person)])
        .await;
    agent.post(&format!("{record}/comments"), &[("kind", "note"), ("body", "canary-among-us")]).await;
    agent.post(&format!("{record}/comments"), &[("kind", "reply"), ("body", "canary-for-you")]).await;
    let secret = agent
        .upload(&format!("{record}/comments"), &[("kind", "note"), ("body", "log")], ("canary-log.txt", "x"))
        .await;
    assert_eq!(secret.status, StatusCode::SEE_OTHER);
    let page = agent.get(&record).await;
    assert!(
        page.text.contains("canary-among-us")
            && page.text.contains("canary-for-you")
            && page.text.contains("canary-log.txt")
    );
    let file = page.text.find("/files/").map(|at| page.text[at..].split('"').next().expect("an address").to_owned());
    let file = file.expect("a file");

    for path in [record.clone(), format!("{record}/history"), format!("{record}/related"), format!("{record}/edit")] {
        assert_eq!(requester.get(&path).await.leads_to(), format!("/portal/requests/{number}"), "{path}");
    }
    assert_eq!(requester.get(&file).await.status, StatusCode::NOT_FOUND);
    for path in [format!("/portal/requests/{number}"), "/portal".to_owned(), "/portal/requests".to_owned()] {
        let text = requester.open(&path).await.text;
        assert!(!text.contains("canary-among-us") && !text.contains("canary-log"), "{path}");
    }
    let own = requester.open(&format!("/portal/requests/{number}")).await.text;
    assert!(!own.contains("canary-for-you"), "a reply can be taken back for a while");
    site.house.advance_to(site.house.clock.reading() + 10_000).await;
    let own = requester.open(&format!("/portal/requests/{number}")).await.text;
    assert!(own.contains("canary-for-you"), "the reply is there, so the page was looked at");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s_30_files_come_as_downloads_whatever_they_call_themselves() {
    let site = Site::open().await;
    let mut agent = site.agent().await;
    let record = agent.new_record("The till is dead").await;
    agent.get(&record).await;
    agent
        .upload(
            &format!("{record}/comments"),
            &[("kind", "reply"), ("body", "see")],
            ("../../page.html", "<script>1</script>"),
        )
        .await;
    let page = agent.get(&record).await.text;
    let at = page.find("/files/").expect("a file");
    let file = agent.get(page[at..].split('"').next().expect("an address")).await;
    assert_eq!(file.text, "<script>1</script>");
    assert_eq!(file.headers["content-disposition"], "attachment; filename=\"page.html\"; filename*=UTF-8''page.html");
    assert_eq!(file.headers["content-type"], "application/octet-stream");
    assert_eq!(file.headers["content-security-policy"], "default-src 'none'; sandbox");
    assert_eq!(site.stranger().get("/files/1").await.leads_to(), "/sign-in?next=%2Ffiles%2F1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_tasks_and_watchers_come_and_go() {
    let site = Site::open().await;
    let mut agent = site.agent().await;
    let (one, two) = (agent.new_record("The till is dead").await, agent.new_record("The other till is dead").await);
    let other = two.rsplit('/').next().expect("a number");
    agent.get(&one).await;
    let relation = process().relations.last().expect("a relation");
    agent.post(&format!("{one}/links"), &[("relation", relation.key), ("to", &other.to_lowercase())]).await;
    let linked = format!("Remove the link to {other}");
    assert!(agent.get(&format!("{one}/related")).await.text.contains(&linked));
    let unknown = agent
        .post(&format!("{one}/links"), &[("relation", relation.key), ("to", &format!("{}-99999", process().prefix))])
        .await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    agent
        .post(
            &format!("{two}/unlink"),
            &[("relation", relation.key), ("to", one.rsplit('/').next().expect("a number")), ("incoming", "true")],
        )
        .await;
    assert!(!agent.get(&format!("{one}/related")).await.text.contains(&linked), "removed from its far end");

    agent.post(&format!("{one}/tasks"), &[("_fields", "title"), ("title", "Bring a new fuse")]).await;
    let tasks = agent.get(&format!("{one}/tasks")).await.text;
    assert!(tasks.contains("Bring a new fuse") && tasks.contains("0/1"));
    let at = tasks.find(&format!("{one}/tasks/")).expect("a form");
    let form = tasks[at..].split('"').next().expect("an address").to_owned();
    agent.post(&form, &[("version", "1"), ("state", "done")]).await;
    assert!(agent.get(&format!("{one}/tasks")).await.text.contains("1/1"));

    agent.post(&format!("{one}/watch"), &[]).await;
    assert!(agent.get(&one).await.text.contains("aria-pressed=\"true\""));
    agent.post(&format!("{one}/unwatch"), &[]).await;
    assert!(agent.get(&one).await.text.contains("aria-pressed=\"false\""));
}
