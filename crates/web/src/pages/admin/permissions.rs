//! Which role may do what, in one table, and set there.

use std::collections::BTreeSet;

use axum::extract::{Query, State};
use axum::response::Response;
use mainstay_desk::permissions::{Ticks, by_star, held, tick};
use mainstay_desk::registers::{self as door, EntryListing};
use mainstay_desk::{Caller, Channel, Session};
use mainstay_engine::refusal::Refusal;
use mainstay_engine::register::Entry;
use mainstay_markup::html;
use mainstay_processes::registers::ROLES;
use mainstay_words::{t, tf, tn};
use maud::Markup;
use serde::Deserialize;

use super::desk::{Desk, Sheet};
use super::rights::{Area, Right, areas};
use crate::address::with_query;
use crate::components::{Column, Nothing, Row, button_link, icon_small, matrix, nothing, pages, token_field};
use crate::failure::Failure;
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::session::{Posted, Visit};
use crate::web::Web;

/// Where the table is.
pub const PLACE: &str = "/admin/permissions";
/// Roles beside each other.
const ROLES_SHOWN: i64 = 12;

/// Which permissions and roles are looked at.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    /// Words of permissions; where none has them, those of roles.
    #[serde(default)]
    q: String,
    /// Name and id of the last role of the page before.
    after: Option<String>,
    after_id: Option<i64>,
}

impl Asked {
    fn words(&self) -> String {
        self.q.trim().to_lowercase()
    }
}

struct Shown {
    desk: Desk,
    areas: Vec<Area>,
    roles: Vec<Entry>,
    more: bool,
}

/// `GET /admin/permissions`
pub async fn show(State(web): State<Web>, Query(asked): Query<Asked>, visit: Visit) -> Result<Response, Failure> {
    let wanted = asked.clone();
    let load = move |session: &mut Session<'_>, caller: &Caller| load(session, caller, &wanted);
    let Shown { desk, areas: shown, roles, more } = web.read(&visit, Channel::Desk, load).await?;
    let table = Table { roles: &roles, manages: desk.manages };
    let last = roles.last().filter(|_| more).map(|role| (role.name.clone(), role.id.to_string()));
    let next = last.as_ref().map(|(name, id)| {
        with_query(PLACE, [("q", asked.q.as_str()), ("after", name.as_str()), ("after_id", id.as_str())])
    });
    let first = asked.after.as_ref().map(|_| with_query(PLACE, [("q", asked.q.as_str())]));
    let body = html! {
        @if desk.manages {
            p.quiet { "A tick gives the permission to everybody who holds the role, at once. What follows from a star of the role is fixed here; its own page has the star." }
        } @else {
            p.quiet { "Ticks follow from the roles as they are now, stars included." }
        }
        p.line.wrap { "Who holds which role:" @for role in &roles { a.link href={ (PLACE) "/" (role.id) } dir="auto" { (t(&role.name)) } } }
        @if more || first.is_some() { (pages(&tn(roles.len(), "{n} role shown", "{n} roles shown"), first.as_deref(), next.as_deref())) }
        form.admin-search role="search" action=(PLACE) {
            label.sr for="q" { "Find a permission or a role" }
            input.control #q type="search" name="q" value=(asked.q) dir="auto" placeholder="Find a permission or a role";
            button.btn type="submit" { (icon_small("search")) "Search" }
        }
        @if shown.is_empty() {
            (nothing(Nothing::Filtered, "No permission and no role is called so", "", &button_link(PLACE, "Show all", None, false), None))
        }
        @for area in &shown {
            section id={ "area-" (area.key) } { h2 { (area.label) } (table.form(&visit, area, &asked.q)) }
        }
    };
    let sheet =
        Sheet { above: vec![(ROLES.label_plural, format!("/admin/{}", ROLES.key))], ..Sheet::new("Permissions", body) };
    Ok(desk.page(&web, &visit, &sheet))
}

/// What of an area has the words that are looked for, in its own name or in that of a permission.
fn narrowed(area: Area, words: &str) -> Option<Area> {
    let has = |text: &str| text.to_lowercase().contains(words);
    if words.is_empty() || has(t(area.label)) {
        return Some(area);
    }
    let rights: Vec<Right> = area.rights.into_iter().filter(|right| has(&right.key) || has(t(right.label))).collect();
    (!rights.is_empty()).then_some(Area { rights, ..area })
}

fn load(session: &mut Session<'_>, caller: &Caller, asked: &Asked) -> mainstay_desk::Result<Shown> {
    let words = asked.words();
    let named: Vec<Area> = areas().into_iter().filter_map(|area| narrowed(area, &words)).collect();
    let by_role = named.is_empty();
    let listing = EntryListing {
        name_contains: by_role.then(|| words.clone()),
        after: asked.after.clone().zip(asked.after_id),
        limit: ROLES_SHOWN + 1,
        ..EntryListing::default()
    };
    let desk = Desk::load(session, caller, Some(&ROLES))?;
    let mut roles = door::list(session.conn, caller, &ROLES, &listing)?;
    let most = usize::try_from(ROLES_SHOWN).unwrap_or(usize::MAX);
    let more = roles.len() > most;
    roles.truncate(most);
    let areas = if by_role && !roles.is_empty() { areas() } else { named };
    Ok(Shown { desk, areas, roles, more })
}

/// The permissions of one area by the roles that there are.
struct Table<'a> {
    roles: &'a [Entry],
    manages: bool,
}

impl Table<'_> {
    fn form(&self, visit: &Visit, area: &Area, q: &str) -> Markup {
        if !self.manages {
            return self.cells(area);
        }
        html! {
            form method="post" action="/admin/permissions" {
                (token_field(visit.token()))
                input type="hidden" name="area" value=(area.key);
                input type="hidden" name="q" value=(q);
                @for role in self.roles { input type="hidden" name={ "version." (role.id) } value=(role.version); }
                (self.cells(area))
                div.form-foot { button.btn type="submit" { "Save" span.sr { " " (area.label) } } }
            }
        }
    }

    fn cells(&self, area: &Area) -> Markup {
        let mut columns = vec![Column { label: "Permission".into(), ..Column::default() }];
        columns.extend(self.roles.iter().map(|role| Column { label: role.name.as_str().into(), ..Column::default() }));
        let row = |right: &Right| {
            let name = html! { (right.label) small { code { (right.key) } } };
            let cells = self.roles.iter().map(|role| self.cell(area, role, right));
            Row { cells: std::iter::once(name).chain(cells).collect(), ..Row::default() }
        };
        let rows: Vec<Row> = area.rights.iter().map(row).collect();
        matrix(area.label, &columns, &rows)
    }

    fn cell(&self, area: &Area, role: &Entry, right: &Right) -> Markup {
        let permission = &right.key;
        if by_star(role, permission) {
            return html! { span.ink-green title="By a star of the role" { (icon_small("check")) span.sr { "Yes, by a star of the role" } } };
        }
        let may = held(role).contains(permission);
        if !self.manages {
            return html! { @if may { span.ink-green { (icon_small("check")) } span.sr { "Yes" } } @else { span.sr { "No" } } };
        }
        // The same right is there for every process.
        let label = tf(
            "{role}, {area}: {permission}",
            &[("role", &t(&role.name)), ("area", &t(area.label)), ("permission", &t(right.label))],
        );
        html! { input.check type="checkbox" name={ "role." (role.id) } value=(permission) checked[may] aria-label=(label); }
    }
}

/// `POST /admin/permissions`: one area for all roles.
pub async fn save(State(web): State<Web>, posted: Posted) -> Result<Response, Failure> {
    let Posted { visit, form } = posted;
    let area = form.get("area").unwrap_or_default().to_owned();
    // Only what was on the page can have been ticked.
    let asked = Asked { q: form.get("q").unwrap_or_default().to_owned(), ..Asked::default() };
    let offered = areas().into_iter().find(|each| each.key == area).and_then(|area| narrowed(area, &asked.words()));
    let offered = offered.map(|area| area.rights.into_iter().map(|right| right.key).collect::<Vec<_>>());
    let ticks = ticks(&form);
    let written = web.write(&visit, Channel::Desk, move |session: &mut Session<'_>, caller: &Caller| {
        let changed = tick(session, caller, offered.as_deref().unwrap_or_default(), &ticks)?;
        match offered {
            Some(_) => Ok(changed),
            None => Err(Refusal::invalid("area", "Say which permissions are meant.").into()),
        }
    });
    let place = format!(
        "{}#area-{area}",
        with_query(PLACE, [("q", asked.q.trim())].into_iter().filter(|(_, q)| !q.is_empty()))
    );
    match written.await {
        Ok(0) => Ok(go_on(&place, Some(Flash::done("Nothing was changed")))),
        Ok(changed) => Ok(go_on(&place, Some(Flash::done(tn(changed, "{n} role saved", "{n} roles saved"))))),
        Err(failure) => {
            let told = failure.refusal().filter(|refusal| refusal.code != "no_right" && refusal.code != "area");
            let says =
                told.map(|refusal| refusal.errors.first().map_or(&refusal.detail, |error| &error.detail).clone());
            says.map(|says| go_on(&place, Some(Flash::failed(says)))).ok_or(failure)
        }
    }
}

fn ticks(form: &Form) -> Vec<Ticks> {
    let named = form.names_under("version.");
    let ids: BTreeSet<i64> = named.iter().filter_map(|name| name.rsplit('.').next()?.parse().ok()).collect();
    let of = |role: i64| Ticks {
        role,
        version: form.number(&format!("version.{role}")).unwrap_or_default(),
        permissions: form.all(&format!("role.{role}")).into_iter().collect(),
    };
    ids.into_iter().map(of).collect()
}
