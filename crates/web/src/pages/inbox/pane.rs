//! The list of an inbox: lines under the names of days, each with its two deeds.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use mainstay_desk::inbox::{self, Item, Kind, Later, Shelf};
use mainstay_desk::records::candidates;
use mainstay_desk::{Caller, Session};
use mainstay_markup::html;
use mainstay_words::{inside, sentence, t, tf, tn};
use maud::Markup;

use crate::address;
use crate::components::{
    Nothing, ViewHead, button_link, icon, icon_link, icon_small, nothing, pages, rows, time, token_field, view_head,
};
use crate::pages::frame::{Frame, capped};
use crate::pages::queue::{Way, number};

/// Lines of one page.
const MOST: i64 = 50;
/// Counts beside the kinds end here.
const MOST_COUNTED: i64 = 99;

/// What is asked of the inbox, as an address says it.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Which part.
    pub shelf: Shelf,
    /// One kind alone.
    pub kind: Option<Kind>,
    /// Behind the page before.
    after: Option<(i64, i64)>,
}

impl Asked {
    /// Reads the query of the inbox's address.
    #[must_use]
    pub fn read(query: &str) -> Self {
        let pairs = address::pairs(query);
        let value = |name| address::value(&pairs, name);
        let shelf = match value("show") {
            Some("snoozed") => Shelf::Snoozed,
            Some("done") => Shelf::Done,
            _ => Shelf::Open,
        };
        let after = value("after").and_then(|after| after.split_once('.'));
        let after = after.and_then(|(at, id)| Some((at.parse().ok()?, id.parse().ok()?)));
        Self { shelf, kind: value("kind").and_then(Kind::read), after }
    }

    /// Reads what the address of a record says of the inbox beside it: the notice, and the kind that is shown.
    #[must_use]
    pub fn beside(text: &str) -> (Option<i64>, Self) {
        let (id, kind) = text.split_once('.').unwrap_or((text, ""));
        (id.parse().ok(), Self { kind: Kind::read(kind), ..Self::default() })
    }

    fn at(&self) -> String {
        let show = match self.shelf {
            Shelf::Open => None,
            Shelf::Snoozed => Some("snoozed"),
            Shelf::Done => Some("done"),
        };
        let pairs = show.map(|show| ("show", show)).into_iter().chain(self.kind.map(|kind| ("kind", kind.key())));
        address::with_query("/inbox", pairs)
    }
}

/// The list of an inbox.
pub struct Pane {
    asked: Asked,
    items: Vec<Item>,
    more: bool,
    counts: BTreeMap<Kind, i64>,
    laters: Vec<Later>,
}

impl Pane {
    /// Reads a page of the caller's inbox.
    ///
    /// # Errors
    /// The database's.
    pub fn load(session: &mut Session<'_>, caller: &Caller, asked: Asked) -> mainstay_desk::Result<Self> {
        let page = inbox::Asked { shelf: asked.shelf, kind: asked.kind, after: asked.after, limit: MOST + 1 };
        let mut items = inbox::list(session, caller, &page)?;
        let most = usize::try_from(MOST).unwrap_or(usize::MAX);
        let more = items.len() > most;
        items.truncate(most);
        let laters = inbox::laters(session.now, &caller.zone());
        Ok(Self { asked, items, more, counts: inbox::counts(session, caller)?, laters })
    }

    /// The way from a notice to those around it.
    #[must_use]
    pub fn way(&self, notice: i64) -> Way {
        let Some(at) = self.items.iter().position(|item| item.notice.id == notice) else { return Way::default() };
        let link = |index: Option<usize>| index.and_then(|index| self.items.get(index)).map(|item| self.href(item));
        Way { place: None, before: link(at.checked_sub(1)), after: link(Some(at + 1)) }
    }

    /// The list with its head; `current` is the notice whose record is open beside it.
    #[must_use]
    pub fn list(&self, frame: &Frame, token: &str, now: i64, current: Option<i64>) -> Markup {
        let open = self.counts.values().sum();
        let head = view_head(&ViewHead {
            title: "Inbox".into(),
            count: (self.asked.shelf == Shelf::Open).then(|| capped(open, MOST_COUNTED).into()),
            beside: current.is_some(),
            actions: Some(icon_link("/me/notices", "sliders-horizontal", "Choose what you are told")),
            ..ViewHead::default()
        });
        html! {
            (head)
            (self.bar())
            div.inbox data-inbox {
                @if self.items.is_empty() { (self.empty()) } @else {
                    (rows(None, &html! {
                        @for (name, items) in self.days(&frame.zone, now) {
                            h2.group-head { (t(name)) }
                            @for item in items { (self.line(item, &frame.zone, token, now, current)) }
                        }
                        (self.pages())
                    }))
                }
            }
            (self.times(token))
            @if let Some(id) = current { (self.unread(id, token)) }
        }
    }

    fn bar(&self) -> Markup {
        let shelf =
            |shelf, words: &'static str| (Asked { shelf, ..Asked::default() }, words, self.asked.shelf == shelf);
        let all = [shelf(Shelf::Open, "Open"), shelf(Shelf::Snoozed, "Put off"), shelf(Shelf::Done, "Done")];
        let kinds =
            Kind::ALL.into_iter().filter(|kind| self.counts.contains_key(kind) || self.asked.kind == Some(*kind));
        html! {
            nav.filters aria-label="Parts of the inbox" {
                div.segments {
                    @for (asked, words, current) in &all {
                        a.segment href=(asked.at()) aria-current=[current.then_some("true")] { (t(words)) }
                    }
                }
                @if self.asked.shelf == Shelf::Open {
                    @for kind in kinds {
                        @if self.asked.kind == Some(kind) {
                            a.pill.tone-accent href=(Asked::default().at()) { span.sr { "Show all kinds, not only " } (t(kind.words())) (icon("x")) }
                        } @else {
                            a.pill.pill-line href=(Asked { kind: Some(kind), ..Asked::default() }.at()) {
                                (t(kind.words())) " " span.quiet.digits { (capped(self.counts.get(&kind).copied().unwrap_or_default(), MOST_COUNTED)) }
                            }
                        }
                    }
                }
            }
        }
    }

    fn empty(&self) -> Markup {
        let all = button_link("/inbox", "Show the inbox", Some("inbox"), false);
        match (self.asked.shelf, self.asked.kind) {
            (Shelf::Open, None) => {
                let words = "What is given to you, said to you or runs out of time comes here.";
                nothing(Nothing::Yet, "All done", words, &html! {}, None)
            }
            (Shelf::Open, Some(kind)) => {
                let title = tf("No {kind}", &[("kind", &inside(kind.words()))]);
                nothing(Nothing::Filtered, &title, "Nothing of this kind is open.", &all, None)
            }
            (Shelf::Snoozed, _) => {
                nothing(Nothing::Yet, "Nothing is put off", "Put off a line and it comes back at its time.", &all, None)
            }
            (Shelf::Done, _) => {
                nothing(Nothing::Yet, "Nothing done yet", "What you are done with stays here.", &all, None)
            }
        }
    }

    /// Lines by the day on which they came, in their order.
    fn days(&self, zone: &TimeZone, now: i64) -> Vec<(&'static str, Vec<&Item>)> {
        let day = |at: i64| jiff::Timestamp::from_millisecond(at).ok().map(|at| at.to_zoned(zone.clone()).date());
        let name = |item: &Item| {
            if self.asked.shelf == Shelf::Snoozed {
                return "Put off";
            }
            let at = item.place(self.asked.shelf).0;
            if day(at) == day(now) {
                "Today"
            } else if day(at) == day(now - 86_400_000) {
                "Yesterday"
            } else {
                "Earlier"
            }
        };
        let mut days: Vec<(&'static str, Vec<&Item>)> = Vec::new();
        for item in &self.items {
            match days.last_mut().filter(|(last, _)| *last == name(item)) {
                Some((_, items)) => items.push(item),
                None => days.push((name(item), vec![item])),
            }
        }
        days
    }

    /// Where a line leads: to its record with the inbox beside it, else to its own page.
    fn href(&self, item: &Item) -> String {
        let id = item.notice.id;
        let Some(record) = &item.record else {
            if let Some(process) = candidates::told_of(&item.notice.reason) {
                return format!("/{}/candidates", process.plural);
            }
            let files = item.notice.kind == Kind::File.key();
            return if files { format!("/me/exports?notice={id}") } else { format!("/inbox/{id}/snooze") };
        };
        if item.notice.kind == Kind::Approval.key() {
            return format!("/approvals/{}", number(record));
        }
        let kind = self.asked.kind.map(|kind| format!(".{}", kind.key())).unwrap_or_default();
        let place = format!("/{}/{}", record.process.plural, number(record));
        address::with_query(&place, [("inbox", format!("{id}{kind}").as_str())])
    }

    fn line(&self, item: &Item, zone: &TimeZone, token: &str, now: i64, current: Option<i64>) -> Markup {
        let notice = &item.notice;
        let kind = Kind::read(&notice.kind).unwrap_or(Kind::Own);
        let unread = notice.read_at.is_none();
        let told = sentence(&notice.text);
        let title = item.record.as_ref().map(|record| record.value("title").as_text().unwrap_or_default().to_owned());
        html! {
            div.notice-line data-row id={ "notice-" (notice.id) } {
                a.ticket.unread[unread] id={ "row-n" (notice.id) } href=(self.href(item)) aria-current=[(current == Some(notice.id)).then_some("true")] {
                    span.notice-kind title=(t(kind.words())) { (icon(sign(kind))) }
                    span.ticket-top {
                        @if let Some(record) = &item.record { bdi { (number(record)) } } @else { (t(kind.words())) }
                        @if unread { span.dot role="img" aria-label="Unread" {} }
                        span.notice-age { (time(notice.snoozed_until.unwrap_or_else(|| notice.came()), zone, now)) }
                    }
                    span.ticket-title dir="auto" { (title.as_deref().unwrap_or(&told)) }
                    @if title.is_some() { span.ticket-foot { span.clip dir="auto" { (told) } } }
                }
                div.notice-deeds { (self.deeds(notice.id, token)) }
            }
        }
    }

    fn deeds(&self, id: i64, token: &str) -> Markup {
        let post = |rest: &str, sign: &str, label: &str, key: Option<&'static str>| {
            html! {
                form method="post" action={ "/inbox/" (id) "/" (rest) } {
                    (token_field(token))
                    button.icon-btn type="submit" aria-label=(label) title=(label) data-row-key=[key] { (icon_small(sign)) }
                }
            }
        };
        html! {
            @match self.asked.shelf {
                Shelf::Open => {
                    (post("done", "check", "Done", Some("notice-done")))
                    a.icon-btn href={ "/inbox/" (id) "/snooze" } aria-label="Put off" title="Put off" data-row-key="notice-snooze" data-snooze { (icon_small("clock")) }
                }
                Shelf::Snoozed | Shelf::Done => (post("reopen", "undo-2", "Back to the inbox", None)),
            }
        }
    }

    /// The times to put a line off to: a menu for whichever line asks, filled in by the script.
    fn times(&self, token: &str) -> Markup {
        html! {
            div #snooze-times .menu.menu-end popover {
                form method="post" {
                    (token_field(token))
                    div.menu-title { "Put off" }
                    @for later in &self.laters { button.menu-item type="submit" name="until" value=(later.key) { (t(later.words)) } }
                    a.menu-item href="/inbox" data-snooze-own { "Choose a time…" }
                }
            }
        }
    }

    /// What is open beside the list counts as read, which the script says once somebody is there.
    fn unread(&self, id: i64, token: &str) -> Markup {
        let unread = self.items.iter().any(|item| item.notice.id == id && item.notice.read_at.is_none());
        html! { @if unread { form #notice-read hidden method="post" action={ "/inbox/" (id) "/read" } data-read { (token_field(token)) } } }
    }

    fn pages(&self) -> Markup {
        let older = self.items.last().filter(|_| self.more).map(|item| {
            let (at, id) = item.place(self.asked.shelf);
            let place = self.asked.at();
            let join = if place.contains('?') { '&' } else { '?' };
            format!("{place}{join}after={at}.{id}")
        });
        let newer = self.asked.after.map(|_| self.asked.at());
        html! { @if older.is_some() || newer.is_some() { (pages(&tn(self.items.len(), "{n} shown", "{n} shown"), newer.as_deref(), older.as_deref())) } }
    }
}

/// The sign of a kind.
#[must_use]
pub fn sign(kind: Kind) -> &'static str {
    match kind {
        Kind::Mention => "mail",
        Kind::Assigned => "user-round",
        Kind::Approval => "stamp",
        Kind::Level => "clock",
        Kind::Own => "bell",
        Kind::Team => "users-round",
        Kind::Watched => "eye",
        Kind::File => "download",
    }
}
