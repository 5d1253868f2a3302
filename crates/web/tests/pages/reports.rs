//! Reports: figures that lead to exactly their records.

use axum::http::StatusCode;

use crate::visitor::{Site, process};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c_09_a_figure_leads_to_as_many_records_as_it_says() {
    let site = Site::open().await;
    let mut agent = site.agent().await;
    for n in 0..3 {
        agent.new_record(&format!("Number {n}")).await;
    }
    let overview = agent.get("/reports").await;
    assert_eq!(overview.status, StatusCode::OK, "{}", overview.text);
    let place = format!("/reports/{}/volume", process().plural);
    let (_, card) = overview.text.split_once(&format!("href=\"{place}?")).expect("a card that leads to the report");
    let (period, _) = card.split_once('"').expect("an address");
    let lately = agent.get(&format!("{place}?{}", period.replace("&amp;", "&"))).await;
    let named =
        |page: &str| page.split("aria-current=\"true\">").nth(1).map(|rest| rest.split('<').next().map(str::to_owned));
    assert_eq!(
        named(&lately.text),
        Some(Some("Last 30 days".to_owned())),
        "the report says the period of the overview"
    );
    assert_eq!(named(&agent.get(&place).await.text), named(&lately.text), "and so it does when asked for by itself");
    let question = "?from=2025-06-01&until=2025-06-02";
    let page = agent.get(&format!("{place}{question}")).await;
    assert_eq!(page.status, StatusCode::OK);
    let link =
        page.text.split("href=\"").filter_map(|rest| rest.split_once('"')).find(|(href, _)| {
            href.contains("/records?") && href.contains("row=total") && href.contains("column=opened")
        });
    let (href, rest) = link.expect("the total leads somewhere");
    assert!(rest.starts_with(">3<"), "{rest:.80}");
    let behind = agent.get(&href.replace("&amp;", "&")).await;
    assert_eq!(behind.text.matches("id=\"row-").count(), 3, "{}", behind.text);
    for format in ["csv", "json", "xlsx"] {
        let file = agent.get(&format!("{place}/export{question}&format={format}")).await;
        assert_eq!(file.status, StatusCode::OK, "{format}");
        let header = file.headers["content-disposition"].to_str().expect("text");
        assert!(header.starts_with("attachment; ") && header.contains(format), "{header}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_that_cannot_be_read_is_shown_again() {
    let site = Site::open().await;
    let mut agent = site.agent().await;
    let place = format!("/reports/{}/volume", process().plural);
    let wrong = agent.get(&format!("{place}?from=2025-06-30&until=2025-06-01&filter=%3Cb%3E")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("value=\"&lt;b&gt;\"") && wrong.text.contains("error-summary"), "{}", wrong.text);
    assert_eq!(agent.get(&format!("/reports/{}/nonsense", process().plural)).await.status, StatusCode::NOT_FOUND);
    let mut requester = site.visitor("requester@bank.example").await;
    assert_eq!(requester.get("/reports").await.status, StatusCode::FORBIDDEN);
    assert_eq!(requester.get(&place).await.status, StatusCode::FORBIDDEN);
}
