//! What stands above the rows of a list: its name and buttons, conditions, order and looks; and the bar for what is
//! done to many.

use mainstay_desk::export::Format;
use mainstay_engine::field::FieldDef;
use mainstay_markup::html;
use mainstay_words::{t, tf};
use maud::Markup;

use super::asked::{Asked, UNGROUPED};
use super::list::{List, MOST_COUNTED};
use super::orders::{common, headings, order, orders};
use crate::components::{
    BULK_FORM, Choice, Control, Field, FilterBar, FilterChip, Menu, MenuItem, Trigger, ViewHead, field, filter_bar,
    icon, icon_link, menu, opener, popover, toggle, view_head,
};
use crate::pages::frame::{Frame, capped};
use crate::pages::{candidates, sources};

impl List {
    /// The head of the list with its buttons.
    #[must_use]
    pub fn head(&self, frame: &Frame, token: &str, beside: bool) -> Markup {
        let other = self.place_of(&self.asked.shown(!self.look.table));
        let actions = html! {
            @if let Some(view) = self.asked.view.filter(|_| !beside) { (pin(view, frame.pins(view), token)) }
            @if self.process.schedule.is_some() && !beside { (icon_link(&format!("/{}/calendar", self.process.plural), "calendar", t("Calendar"))) }
            @if self.process.approvals.is_some() && !beside { (icon_link("/meetings", "users-round", t("Meetings"))) }
            @if self.process.watch.is_some() && !beside { (icon_link(&format!("/{}/candidates", self.process.plural), "layers", &candidates::title(self.process))) }
            @if self.process.entitles.is_some() && !beside { (icon_link(&format!("/{}/positions", self.process.plural), "gauge", t("Positions"))) }
            @if self.control && !beside { (icon_link(&format!("/{}/discrepancies", self.process.plural), "triangle-alert", t("Discrepancies"))) }
            @if self.feeds && !beside { (icon_link(&format!("/{}/sources", self.process.plural), "download", &sources::title(self.process))) }
            @if beside {} @else if self.look.table { (icon_link(&other, "list-todo", "Show as rows")) }
            @else { (icon_link(&other, "table-2", "Show as a table")) }
            (opener(&Trigger::Icon { icon: "sliders-horizontal", label: t("Display options").into() }, "display"))
            (popover("display", true, &self.display()))
            @if self.exports && !beside && !self.found.is_empty() { (self.files()) }
        };
        view_head(&ViewHead {
            title: self.title.as_str().into(),
            count: Some(capped(self.count, MOST_COUNTED).into()),
            beside,
            actions: Some(actions),
            ..ViewHead::default()
        })
    }

    /// The list as a file, all its pages.
    fn files(&self) -> Markup {
        let place = Asked { after: Vec::new(), ..self.asked.closed() }.at(&format!("/{}/export", self.process.plural));
        let join = if place.contains('?') { '&' } else { '?' };
        let file = |format: &Format| MenuItem::Download {
            label: tf("As {format}", &[("format", &format.key().to_uppercase())]).into(),
            href: format!("{place}{join}format={}", format.key()).into(),
        };
        menu(&Menu {
            id: "export".into(),
            trigger: Trigger::Icon { icon: "download", label: t("Save as a file").into() },
            items: Format::ALL
                .iter()
                .map(file)
                .chain([
                    MenuItem::Rule,
                    MenuItem::Link {
                        label: "Regularly…".into(),
                        href: Asked { after: Vec::new(), ..self.asked.closed() }
                            .at(&format!("/{}/export/schedule", self.process.plural))
                            .into(),
                        icon: Some("clock"),
                        current: false,
                    },
                ])
                .collect(),
            end: true,
            token: "".into(),
        })
    }

    /// Conditions, order, and the way to keep them.
    pub(super) fn bar(&self) -> Markup {
        let chip = |(index, words): (usize, &String)| FilterChip {
            label: words.clone().into(),
            without: self.place_of(&self.asked.without(index)).into(),
        };
        let orders = self.orders();
        let current = orders.iter().find(|(key, _)| *key == self.look.sort);
        filter_bar(&FilterBar {
            add: self.below("filter").into(),
            chips: self.chips.iter().enumerate().map(chip).collect(),
            sorted_by: current.map_or_else(|| t("other").to_owned(), |(_, label)| label.clone()).into(),
            orders: orders
                .iter()
                .map(|(key, label)| MenuItem::Link {
                    label: label.clone().into(),
                    href: self.place_of(&self.asked.sorted(key)).into(),
                    icon: None,
                    current: *key == self.look.sort,
                })
                .collect(),
            keep: self.differs().then(|| self.below("views").into()),
        })
    }

    /// Whether the list shows something else than its view, or than what a process shows without words.
    fn differs(&self) -> bool {
        let plain = Asked { view: self.asked.view, by_default: self.asked.view.is_none(), ..Asked::default() };
        let mut now = self.asked.first();
        if now.by_default {
            now.filters.clear();
        }
        now != plain
    }

    /// The orders that the menu offers; the one in force always among them.
    fn orders(&self) -> Vec<(String, String)> {
        let mut all: Vec<(String, String)> = common(self.process).collect();
        let (key, descending) = self.look.sorted();
        if !all.iter().any(|(known, _)| *known == self.look.sort)
            && let Some(field) = self.known.iter().find(|field| field.key == key)
        {
            all.push(order(field, descending));
        }
        all
    }

    /// How the list is shown, as a form that works without a script.
    fn display(&self) -> Markup {
        let look = &self.look;
        let radios = |name: &'static str, label: &'static str, all: &[(&'static str, &'static str)], now: &str| {
            let options = all.iter().map(|(value, label)| Choice::new(*value, t(label), *value == now)).collect();
            let mut asked = Field::new(name, label, Control::Radios { options });
            asked.required = true;
            field(&asked)
        };
        let shape = if self.asked.table.unwrap_or(look.table) { "table" } else { "rows" };
        let density = match look.compact {
            None => "",
            Some(true) => "compact",
            Some(false) => "comfortable",
        };
        let densities = [("", "As I like it"), ("comfortable", "Comfortable"), ("compact", "Compact")];
        html! {
            form.form.display method="get" action={ "/" (self.process.plural) } {
                (self.carried())
                (radios("show", "Show as", &[("rows", "Rows"), ("table", "Table")], shape))
                (field(&self.grouping()))
                (field(&self.ordering()))
                (radios("density", "Density", &densities, density))
                details.display-columns {
                    summary { "Columns of the table" }
                    (field(&self.columns()))
                }
                div.form-foot {
                    button.btn.btn-primary.btn-s type="submit" { "Apply" }
                    a.btn.btn-ghost.btn-s href=(self.below("views")) { "Save as a view…" }
                }
                @if let Some(view) = &self.view {
                    a.menu-item href={ "/admin/views/" (view.id) } { (icon("pencil")) bdi { (tf("Rename, share or delete “{view}”", &[("view", &view.name)])) } }
                }
            }
        }
    }

    /// The view and the conditions, as hidden values.
    fn carried(&self) -> Markup {
        html! {
            @if let Some(view) = self.asked.view { input type="hidden" name="view" value=(view); }
            @if !self.asked.by_default {
                @for filter in &self.asked.filters { input type="hidden" name="filter" value=(filter); }
                @if self.asked.filters.is_empty() && self.asked.view.is_none() { input type="hidden" name="filter" value=""; }
            }
        }
    }

    fn grouping(&self) -> Field<'static> {
        let now = self.look.group.map_or(UNGROUPED, |field| field.key);
        let option = |(key, label): (String, String)| {
            let chosen = key == now;
            Choice::new(key, label, chosen)
        };
        let options = headings(&self.known).into_iter().map(option).collect();
        Field::new("group", "Headings", Control::Select { options, blank: None }).answered()
    }

    fn ordering(&self) -> Field<'static> {
        let option = |(key, label): (String, String)| {
            let now = key == self.look.sort;
            Choice::new(key, label, now)
        };
        let options = orders(self.process, &self.known).into_iter().map(option).collect();
        Field::new("sort", "Order", Control::Select { options, blank: None }).answered()
    }

    fn columns(&self) -> Field<'static> {
        let chosen = |field: &FieldDef| {
            if self.look.columns.is_empty() {
                self.process.lists(field)
            } else {
                self.look.columns.iter().any(|column| column == field.key)
            }
        };
        let options = self.known.iter().map(|field| Choice::new(field.key, t(field.label), chosen(field))).collect();
        Field::new("columns", "Columns", Control::Checks { options }).answered()
    }

    /// What can be done to the chosen rows; it shows when some are.
    pub(super) fn bulk_bar(&self) -> Markup {
        if self.offers.is_empty() {
            return html! {};
        }
        let submit = |(value, label): (String, &'static str)| MenuItem::Submit {
            label: t(label).into(),
            name: "do".into(),
            value: value.into(),
        };
        let opens = self.offers.opens().map(|(value, label)| MenuItem::Submit {
            label: label.into(),
            name: "do".into(),
            value: value.into(),
        });
        let steps: Vec<MenuItem<'static>> = self.offers.steps().map(submit).chain(opens).collect();
        let several = |id: &'static str, words: &'static str, items: Vec<MenuItem<'static>>| {
            let trigger = Trigger::Button { content: html! { (t(words)) } };
            html! { @if !items.is_empty() { (menu(&Menu { id: id.into(), trigger, items, end: false, token: "".into() })) } }
        };
        let button =
            |value: &str, words: &str| html! { button.btn type="submit" name="do" value=(value) { (t(words)) } };
        html! {
            form.bulk-bar id=(BULK_FORM) method="get" action={ "/" (self.process.plural) "/bulk" } data-bulk aria-label="Chosen records" {
                (self.carried())
                @let columns = self.asked.columns.join(",");
                @for (name, value) in self.asked.looks(&columns) { input type="hidden" name=(name) value=(value); }
                span.bulk-count role="status" { span.digits data-bulk-count {} " selected" }
                @if let Some(key) = self.offers.assignee() { (button(key, "Assign…")) }
                (several("bulk-step", "Step", steps))
                (several("bulk-field", "Set", self.offers.fields().map(submit).collect()))
                @for (key, words) in self.offers.others() { (button(key, words)) }
                label.option.bulk-all {
                    input.check type="checkbox" name="all" value="1" autocomplete="off" data-all=(capped(self.count, MOST_COUNTED));
                    (tf("All {n} in this list", &[("n", &capped(self.count, MOST_COUNTED))]))
                }
                button.btn.btn-ghost type="reset" { "Clear" }
            }
        }
    }
}

/// The button that puts a view at the top of the sidebar, or takes it from there.
fn pin(view: i64, pinned: bool, token: &str) -> Markup {
    let action = if pinned { format!("/me/pins/{view}/remove") } else { format!("/me/pins/{view}") };
    let (sign, words) = if pinned {
        ("pin-off", "Take from the top of the sidebar")
    } else {
        ("pin", "Keep at the top of the sidebar")
    };
    toggle(&action, token, sign, t(words), pinned)
}
