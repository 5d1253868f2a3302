//! What holds for every page and every process.

use axum::http::StatusCode;
use mainstay_engine::field::Kind;

use crate::visitor::Site;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_process_has_every_page() {
    let site = Site::open().await;
    let mut admin = site.visitor("admin@bank.example").await;
    for process in mainstay_processes::ALL {
        let list = format!("/{}", process.plural);
        admin.get(&format!("{list}/new")).await;
        // What each record owes beside its title is an entry of a register that an installation begins with.
        let shipped = mainstay_processes::shipped::entries();
        let mut fields = vec![("_fields", "title"), ("title", "One of them")];
        for (field, register) in process.fields.iter().filter(|f| f.required).map(|f| (f, f.register())) {
            let said = match field.kind {
                Kind::Choice(choices) => choices[0].key,
                Kind::Number { .. } => "1",
                Kind::Text { .. } => "One",
                _ => shipped.iter().rfind(|entry| Some(entry.register) == register).expect("such an entry").name,
            };
            fields.extend([("_fields", field.key), (field.key, said)]);
        }
        let made = admin.post(&format!("{list}/new"), &fields).await;
        assert_eq!(made.status, StatusCode::SEE_OTHER, "{}: {}", process.key, made.text);
        let record = made.leads_to().to_owned();
        let rest = ["", "/tasks", "/related", "/details", "/history", "/edit"].map(|rest| format!("{record}{rest}"));
        let lists = ["", "/filter", "/new", "?show=table", "?filter=", "?sort=due", "?sort=priority"]
            .map(|rest| format!("{list}{rest}"));
        for path in rest.iter().chain(&lists) {
            let page = admin.open(path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            assert_eq!(page.text.matches("<h1").count(), 1, "{path} has one heading");
        }
        let open = admin.get(&record).await.text;
        let steps = process.transitions.iter().filter(|step| open.contains(&format!("{record}/{}\"", step.verb)));
        for step in steps.collect::<Vec<_>>() {
            assert_eq!(admin.get(&format!("{record}/{}", step.verb)).await.status, StatusCode::OK, "{}", step.verb);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d_04_every_page_carries_the_policy_and_is_kept_nowhere() {
    let site = Site::open().await;
    let mut agent = site.agent().await;
    let list = format!("/{}", mainstay_processes::ALL[0].plural);
    let mut stranger = site.stranger();
    let answers = [
        agent.get(&list).await,
        agent.get("/me").await,
        agent.get("/me/security").await,
        agent.get("/search?q=x").await,
        agent.get("/nowhere").await,
        agent.get(&format!("{list}/X-1")).await,
        stranger.get("/sign-in").await,
        stranger.get("/set-up/x").await,
    ];
    let mut nonces = Vec::new();
    for answer in answers {
        let policy = answer.headers["content-security-policy"].to_str().expect("text").to_owned();
        let nonce =
            policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce").to_owned();
        let wanted = format!(
            "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; \
             font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
        );
        assert_eq!(policy, wanted);
        assert_eq!(answer.headers["cache-control"], "no-store");
        for inline in [" style=\"", " onclick=", "<script>", "<style"] {
            assert!(!answer.text.contains(inline), "{inline}");
        }
        assert!(!nonces.contains(&nonce), "a nonce is used once");
        nonces.push(nonce);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_there_helps_on_and_says_nothing_of_what_is() {
    let site = Site::open().await;
    let mut agent = site.agent().await;
    let list = format!("/{}", mainstay_processes::ALL[0].plural);
    for path in
        ["/nowhere", "/a/b/c/d", &format!("{list}/X-1"), &format!("{list}/X-1/edit"), &format!("{list}?view=999999")]
    {
        let answer = agent.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        let on = if path.starts_with(&list) {
            format!("class=\"btn btn-primary\" href=\"{list}\"")
        } else {
            "Go to the first page".into()
        };
        assert!(answer.text.contains(&on), "{path}: {}", answer.text);
    }
    assert_eq!(agent.get("/sign-out").await.status, StatusCode::METHOD_NOT_ALLOWED, "a link cannot sign out");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_lists_are_paged_forth_and_back() {
    let site = Site::open().await;
    let mut agent = site.agent().await;
    for n in 0..53 {
        agent.new_record(&format!("Report {n:02}")).await;
    }
    let list = format!("/{}?sort=opened", mainstay_processes::ALL[0].plural);
    let first = agent.get(&list).await.text;
    assert!(first.contains("Report 00") && !first.contains("Report 52"));
    let link = |text: &str, rel: &str| {
        let to = text.find(&format!("rel=\"{rel}\""))?;
        let from = text[..to].rfind("href=\"")? + 6;
        Some(text[from..].split('"').next()?.replace("&amp;", "&"))
    };
    let second = agent.get(&link(&first, "next").expect("an older page")).await.text;
    assert!(second.contains("Report 52") && !second.contains("Report 00"));
    assert!(link(&second, "next").is_none(), "that was all");
    let back = agent.get(&link(&second, "prev").expect("a newer page")).await.text;
    assert!(back.contains("Report 00"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn suggestions_are_what_the_person_may_read() {
    let site = Site::open().await;
    let mut agent = site.agent().await;
    let found = agent.get("/pick/people?q=represent").await;
    assert!(found.text.contains("\"representative@acme.example\"") && found.text.contains("Customer Representative"));
    assert!(!found.text.contains("Auditor"));
    assert_eq!(agent.get("/pick/nonsense").await.status, StatusCode::NOT_FOUND);
    let mut requester = site.visitor("requester@bank.example").await;
    assert_eq!(requester.get("/pick/people?q=a").await.status, StatusCode::FORBIDDEN, "the directory is for staff");
    assert!(site.stranger().get("/pick/people?q=a").await.leads_to().starts_with("/sign-in"));
}
