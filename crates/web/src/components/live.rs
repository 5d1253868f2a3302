//! What a page tells the script that keeps it up to date.

use mainstay_markup::html;
use maud::Markup;

use super::Text;

/// What a page shows of what may change while it is open.
#[derive(Clone, Debug, Default)]
pub struct Watching<'a> {
    /// The newest event of the log when it was made; not for people outside, whom it would tell how much happens.
    pub since: i64,
    /// Number of the record, and the newest event of it that is shown.
    pub record: Option<(Text<'a>, i64)>,
    /// Address of the list, and what it holds in short.
    pub list: Option<(Text<'a>, Text<'a>)>,
    /// The page is one of the desk: it has numbers in the sidebar, and colleagues see who is there.
    pub desk: bool,
    /// Token of the session.
    pub token: Text<'a>,
}

/// The element that follows the stream; without a script it is nothing.
#[must_use]
pub fn watching(page: &Watching) -> Markup {
    let known = |(what, known): &(Text<'_>, String)| format!("{what}~{known}");
    let record = page.record.as_ref().map(|(number, shown)| known(&(number.clone(), shown.to_string())));
    let list = page.list.as_ref().map(|(place, mark)| known(&(place.clone(), mark.to_string())));
    html! {
        live-updates #live hidden since=[(page.since > 0).then_some(page.since)] record=[record] list=[list] desk[page.desk] token=(page.token) {}
    }
}
