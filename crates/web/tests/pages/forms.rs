//! Forms that are refused keep what was typed and say what is wrong; what is taken is done once.

use axum::http::StatusCode;

use crate::visitor::{Site, process};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_without_a_title_is_asked_for_again() {
    let site = Site::open().await;
    let mut agent = site.agent().await;
    let path = format!("/{}/new", process().plural);
    agent.get(&path).await;
    let form = [("_fields", "title"), ("_fields", "symptoms"), ("title", " "), ("symptoms", "Kept & <shown>")];
    let answer = agent.post(&path, &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.text.contains("href=\"#field-title\"") && answer.text.contains("Title is needed."),
        "{}",
        answer.text
    );
    assert!(answer.text.contains("Kept &amp; &lt;shown&gt;"), "nothing has to be typed twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_slower_is_told_and_keeps_the_answer() {
    let site = Site::open().await;
    let (mut agent, mut other) = (site.agent().await, site.visitor("manager@bank.example").await);
    let record = agent.new_record("The till is dead").await;
    let version = agent.get(&record).await.value("version").expect("a version");
    other.get(&record).await;
    let edit = format!("{record}/edit");
    let first =
        other.post(&edit, &[("version", &version), ("_fields", "title"), ("title", "All tills are dead")]).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER);
    let form = [("version", version.as_str()), ("_fields", "title"), ("title", "The red till is dead")];
    let late = agent.post(&edit, &form).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text.contains("Somebody was faster"));
    assert!(late.text.contains("value=\"The red till is dead\""), "the answer is kept");
    assert!(late.text.contains("By now it holds: All tills are dead"), "and what it meets is shown");
    let newer = late.value("version").expect("a version");
    let again =
        agent.post(&edit, &[("version", &newer), ("_fields", "title"), ("title", "The red till is dead")]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "the form that came back can be sent as it is");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_can_be_taken_back_once() {
    let site = Site::open().await;
    let mut agent = site.agent().await;
    let record = agent.new_record("The till is dead").await;
    let version = agent.get(&record).await.value("version").expect("a version");
    agent
        .post(&format!("{record}/edit"), &[("version", &version), ("_fields", "title"), ("title", "Never mind")])
        .await;
    let page = agent.get(&record).await;
    assert!(page.text.contains("Title set to Never mind."));
    let from = page.text.find(&format!("{record}/events/")).expect("a way back");
    let undo = page.text[from..].split('"').next().expect("an address").to_owned();
    assert_eq!(agent.get(&undo).await.status, StatusCode::METHOD_NOT_ALLOWED, "nothing changes by looking");
    agent.post(&undo, &[]).await;
    let back = agent.get(&record).await;
    assert!(back.text.contains("<h1 tabindex=\"-1\" dir=\"auto\">The till is dead</h1>"));
    let version = back.value("version").expect("a version");
    agent
        .post(&format!("{record}/edit"), &[("version", &version), ("_fields", "title"), ("title", "Written since")])
        .await;
    agent.post(&undo, &[]).await;
    let kept = agent.get(&record).await.text;
    assert!(
        kept.contains("taken back already") && kept.contains(">Written since</h1>"),
        "it undoes nobody else's work"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_asks_for_exactly_what_it_needs() {
    let site = Site::open().await;
    let mut agent = site.agent().await;
    let record = agent.new_record("The till is dead").await;
    let step =
        process().transitions.iter().find(|step| step.from.contains(process().initial()) && !step.needs.is_empty());
    let step = step.expect("a step that asks");
    let page = agent.get(&format!("{record}/{}", step.verb)).await;
    assert_eq!(page.status, StatusCode::OK);
    for field in step.needs.iter().chain(step.takes) {
        assert!(page.text.contains(&format!("id=\"field-{}\"", field.key)), "{}", field.key);
    }
    let answer = agent.post(&format!("{record}/{}", step.verb), &[("_fields", step.needs[0].key)]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains(&format!("href=\"#field-{}\"", step.needs[0].key)));
    assert_eq!(agent.get(&format!("{record}/nonsense")).await.status, StatusCode::NOT_FOUND);
    let later =
        process().transitions.iter().find(|step| !step.from.contains(process().initial())).expect("a later step");
    let early = agent.get(&format!("{record}/{}", later.verb)).await.status;
    assert!(matches!(early, StatusCode::CONFLICT | StatusCode::FORBIDDEN), "{early}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_without_words_comes_back_to_the_composer() {
    let site = Site::open().await;
    let mut agent = site.agent().await;
    let record = agent.new_record("The till is dead").await;
    agent.get(&record).await;
    let empty = agent.post(&format!("{record}/comments"), &[("kind", "note"), ("body", "  ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.text.contains("id=\"composer-error\"") && empty.text.contains("value=\"note\" checked"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_view_that_was_kept_stands_in_the_sidebar() {
    let site = Site::open().await;
    let mut agent = site.agent().await;
    agent.new_record("The till is dead").await;
    let list = format!("/{}", process().plural);
    agent.get(&format!("{list}/filter")).await;
    let saved =
        agent.post(&format!("{list}/views"), &[("name", "Tills"), ("condition", "title contains \"till\"")]).await;
    assert!(saved.leads_to().starts_with(&format!("{list}?view=")), "{}", saved.text);
    let place = saved.leads_to().to_owned();
    let page = agent.get(&place).await;
    assert!(page.text.contains("The till is dead") && page.text.contains(">Tills</h1>"));
    let others = site.visitor("manager@bank.example").await.get(&place).await;
    assert_eq!(others.status, StatusCode::NOT_FOUND, "a view of one's own is one's own");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_about_a_list_become_conditions_in_its_address() {
    let site = Site::open().await;
    let mut agent = site.agent().await;
    agent.new_record("The till is dead").await;
    agent.new_record("Paper jam").await;
    let list = format!("/{}", process().plural);
    let applied = agent
        .get(&format!(
            "{list}/filter/apply?lines=2&g.0=0&f.0=title&o.0=contains&v.0=till&g.1=0&f.1=assignee&o.1=empty&where="
        ))
        .await;
    let place = applied.leads_to().to_owned();
    let page = agent.get(&place).await;
    assert!(page.text.contains("The till is dead") && !page.text.contains("Paper jam"), "{place}");
    assert!(page.text.contains("Title contains “till”") && page.text.contains("Assignee: none"));
    let wrong = agent.get(&format!("{list}/filter/apply?where=title+is+is")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("value=\"title is is\"") && wrong.text.contains("field-where-error"));
    let broken = agent.get(&format!("{list}?filter=title+%3D+%221%22)+or+(title+is+empty")).await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY, "a condition cannot reach out of its parentheses");
}
