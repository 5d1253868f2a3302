//! Records in a list, two lines each; the whole row is the link.

use mainstay_markup::html;
use maud::Markup;

use super::{
    Person, Priority, Size, Sla, Status, Text, avatar, demo_badge, icon_small, priority_glyph, sla_chip, status_glyph,
};

/// A record in a list.
#[derive(Clone, Debug, Default)]
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
}

/// A record in a list; `now` is the present instant.
#[must_use]
pub fn ticket_row(row: &TicketRow, now: i64) -> Markup {
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
            summary.group-head { (icon_small("chevron-down")) (title) " " span.quiet.digits { (count) } }
            (rows)
        }
    }
}

/// The scrolling part of a list pane.
#[must_use]
pub fn rows(content: &Markup) -> Markup {
    html! { div #rows .rows data-live-rows { (content) } }
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
            text.starts_with(
                r#"<a class="ticket unread" id="row-INC-4821" href="/incidents/INC-4821" aria-current="true">"#
            ),
            "{text}"
        );
        assert!(text.contains("VPN &lt;drops&gt;") && text.contains(">3m<") && text.contains("Unread"));
        assert_eq!(text.matches("<a ").count(), 1);
    }
}
