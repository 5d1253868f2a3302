//! Records in a list, two lines each; the whole row is the link.

use mainstay_markup::html;
use mainstay_words::t;
use maud::Markup;

use super::{
    Person, Priority, Size, Sla, Status, Text, avatar, demo_badge, icon_small, priority_glyph, sla_chip, status_glyph,
};

/// A record in a list.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a mark of its own on the row")]
pub struct TicketRow<'a> {
    /// Number of the record; the row's id is `row-` and this.
    pub number: Text<'a>,
    /// Address of the record.
    pub href: Text<'a>,
    /// Title as people wrote it.
    pub title: Text<'a>,
    /// How much it matters.
    pub priority: Option<Priority<'a>>,
    /// The target that is due first.
    pub sla: Option<Sla<'a>>,
    /// Who asked.
    pub person: Option<Person<'a>>,
    /// When it was last touched, or when it ended, in words.
    pub since: Text<'a>,
    /// Where it stands.
    pub status: Status<'a>,
    /// Something happened that the viewer has not seen.
    pub unread: bool,
    /// The one open beside the list.
    pub current: bool,
    /// Made up to look around in.
    pub demo: bool,
    /// It is no longer in the list and stays until its reader moves on.
    pub left: bool,
    /// It can be chosen for what is done to many.
    pub pick: bool,
}

/// The form that what is done to many is asked by.
pub const BULK_FORM: &str = "bulk";

/// A record in a list; `now` is the present instant.
#[must_use]
pub fn ticket_row(row: &TicketRow, now: i64) -> Markup {
    html! {
        div.ticket-line data-row {
            @if row.pick { (pick_box(&row.number)) }
            (ticket(row, now))
        }
    }
}

/// The box that chooses a record for what is done to many.
#[must_use]
pub fn pick_box(number: &str) -> Markup {
    html! {
        label.pick {
            input.check type="checkbox" name="n" value=(number) form=(BULK_FORM) autocomplete="off" aria-label={ "Select " (number) };
        }
    }
}

fn ticket(row: &TicketRow, now: i64) -> Markup {
    html! {
        a.ticket.unread[row.unread] id={ "row-" (row.number) } href=(row.href) aria-current=[row.current.then_some("true")] {
            @match &row.priority {
                Some(priority) => (priority_glyph(priority)),
                None => { span {} }
            }
            span.ticket-top {
                bdi { (row.number) }
                @if row.unread { span.dot role="img" aria-label="Unread" {} }
                @if row.demo { (demo_badge()) }
                @if let Some(sla) = &row.sla { (sla_chip(sla, now)) }
            }
            span.ticket-title dir="auto" { (row.title) }
            @if row.left { span.ticket-left { "No longer in this list" } }
            span.ticket-foot {
                @if let Some(person) = &row.person { (avatar(person, Size::Small)) }
                span.clip {
                    @if let Some(person) = &row.person { bdi { (person.name) } " · " }
                    (row.since)
                }
                (status_glyph(&row.status))
            }
        }
    }
}

/// Rows under a heading that folds them; open unless the viewer closes it.
#[must_use]
pub fn row_group(id: &str, title: &str, count: &str, rows: &Markup) -> Markup {
    html! {
        details id={ "group-" (id) } open {
            summary.group-head { (icon_small("chevron-down")) bdi.clip { (t(title)) } " " span.quiet.digits { (count) } }
            (rows)
        }
    }
}

/// The scrolling part of a list pane; closely set or not where somebody chose that for this list.
#[must_use]
pub fn rows(compact: Option<bool>, content: &Markup) -> Markup {
    html! { div #rows .rows data-live-rows data-density=[compact.map(density)] { (content) } }
}

/// Something set closely or not where somebody chose that for it.
#[must_use]
pub fn dense(compact: Option<bool>, content: &Markup) -> Markup {
    html! { @match compact { Some(compact) => { div data-density=(density(compact)) { (content) } } None => (content) } }
}

fn density(compact: bool) -> &'static str {
    if compact { "compact" } else { "comfortable" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_is_one_link_with_a_stable_id() {
        let row = TicketRow {
            number: "INC-4821".into(),
            href: "/incidents/INC-4821".into(),
            title: "VPN <drops>".into(),
            since: "3m".into(),
            unread: true,
            current: true,
            ..TicketRow::default()
        };
        let text = ticket_row(&row, 180_000).into_string();
        assert!(
            text.contains(
                r#"<a class="ticket unread" id="row-INC-4821" href="/incidents/INC-4821" aria-current="true">"#
            ),
            "{text}"
        );
        assert!(text.contains("VPN &lt;drops&gt;") && text.contains(">3m<") && text.contains("Unread"));
        assert_eq!(text.matches("<a ").count(), 1);
        assert!(!text.contains("<input"), "nothing to choose it for");
        let text = ticket_row(&TicketRow { pick: true, ..row }, 180_000).into_string();
        assert!(text.contains(r#"name="n" value="INC-4821" form="bulk""#), "{text}");
    }
}
