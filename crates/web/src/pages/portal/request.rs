//! One request: where it stands, what happened, what its requester can say or do.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use mainstay_desk::records::{self, Draft, NewComment, View, Words};
use mainstay_desk::{Caller, Channel, Session, handed_out};
use mainstay_engine::clock::Metric;
use mainstay_engine::field::Kind;
use mainstay_engine::process::{Asks, Effect, Phase, Process, Transition, Who};
use mainstay_engine::refusal::Refusal;
use mainstay_engine::spine;
use mainstay_markup::html;
use mainstay_store::hangings::{AttachmentRow, TaskRow};
use mainstay_store::{DraftRow, entries, events};
use mainstay_words::{t, tf};
use maud::Markup;

use super::frame::{At, Guest, Room, WORK};
use super::rating;
use super::report::{file_ways, label};
use super::requests::TEAM_WORK;
use super::story::Story;
use super::{lines, place_of, process_of, tasks};
use crate::components::{
    Attachment, Control, Field, Status, attachments, button_link, field, moment, progress, status_pill, timeline,
    token_field, when,
};
use crate::failure::{Failure, status_of};
use crate::flash::{Flash, go_on};
use crate::form::Form;
use crate::pages::entrance::summary;
use crate::pages::record::store;
use crate::session::{Posted, Visit};
use crate::shown::{Reader, status};
use crate::web::Web;

/// Comments and events of one page; a longer story is read from its newest end.
const MOST: i64 = 200;

/// A request with all that its page shows.
pub struct Request {
    pub guest: Guest,
    pub view: View,
    story: Story,
    files: Vec<AttachmentRow>,
    /// The newest event that the viewer may read.
    shown: i64,
    /// What the viewer has begun to write.
    draft: Option<DraftRow>,
    /// What the viewer's teams are to do; none where the viewer does not read it as a vendor.
    work: Option<Work>,
}

/// The part that a vendor has in a record.
struct Work {
    tasks: Vec<TaskRow>,
    /// The team of theirs that is in charge of all of it.
    team: Option<String>,
    may: bool,
}

impl Work {
    fn of(session: &mut Session<'_>, caller: &Caller, view: &View) -> mainstay_desk::Result<Option<Self>> {
        let teams = handed_out::teams(session, caller);
        if teams.is_empty() || view.own || view.seen.internal() {
            return Ok(None);
        }
        let process = view.record.process;
        let number = view.record.value(spine::NUMBER.def.key).as_text().unwrap_or_default();
        let tasks = records::tasks(session, caller, process, number)?;
        let team = view.record.value(spine::TEAM.def.key).as_int().filter(|team| teams.contains(team));
        let team = team.and_then(|team| session.config.names.get(&team).cloned());
        let may = view.record.state.phase != Phase::Closed && caller.rights.may_somewhere(process.key, "task");
        Ok(Some(Self { tasks, team, may }))
    }
}

impl Request {
    /// Reads a request. What is internal stays out, whoever looks.
    ///
    /// # Errors
    /// There is none that the caller may see.
    pub fn load(
        session: &mut Session<'_>,
        caller: &Caller,
        process: &'static Process,
        number: &str,
    ) -> mainstay_desk::Result<Self> {
        let guest = Guest::load(session, caller)?;
        let view = records::get(session, caller, process, number)?;
        let mut comments = records::comments(session, caller, process, number, 0, MOST)?;
        comments.retain(|comment| !comment.internal && !comment.held);
        let mut events = records::history(session, caller, process, number, 0, MOST)?;
        events.retain(|event| event.public);
        let mut files = records::attachments(session, caller, process, number)?;
        files.retain(|file| !file.internal);
        let people = comments.iter().filter_map(|c| c.author).chain(events.iter().filter_map(|e| e.actor));
        let mut people: Vec<i64> = people.collect();
        people.sort_unstable();
        people.dedup();
        let names = entries::names(session.conn, &people)?.into_iter().map(|(id, _, name)| (id, name)).collect();
        let words: Vec<&str> = comments.iter().map(|comment| comment.body.as_str()).collect();
        let targets = records::referenced(session, caller, words)?;
        let shown = events::newest_of(session.conn, &view.seen)?;
        let draft = if view.can.comment {
            records::draft(session, caller, Draft::Words(Words::Answer, process, number))?
        } else {
            None
        };
        let work = Work::of(session, caller, &view)?;
        Ok(Self { guest, view, shown, draft, work, story: Story { comments, events, names, targets }, files })
    }

    /// The steps that are the requester's own, the likeliest first.
    pub fn steps(&self) -> Vec<&'static Transition> {
        let own = |t: &&'static Transition| self.view.own && t.who.has(Who::REQUESTER);
        let mut steps: Vec<_> = self.view.options.iter().copied().filter(own).collect();
        steps.sort_by_key(|step| !step.primary);
        steps
    }

    pub fn number(&self) -> &str {
        self.view.record.value(spine::NUMBER.def.key).as_text().unwrap_or_default()
    }

    pub fn title(&self) -> &str {
        self.view.record.value(spine::TITLE.def.key).as_text().unwrap_or_default()
    }

    fn page(&self, web: &Web, visit: &Visit, reply: &Form, refused: Option<&Refusal>) -> Response {
        let room = if self.work.is_some() { Room::Work } else { Room::Requests };
        let at = At::new(self.title(), room).answered(refused.map_or(StatusCode::OK, status_of));
        let at = at.watching(self.number(), self.shown);
        let now = visit.now();
        let entries = self.story.entries(self.view.record.process, self.guest.id);
        let content = html! {
            div.portal-page {
                (self.head())
                (summary(refused))
                div.portal-columns {
                    div.portal-column {
                        @match &self.work {
                            Some(work) => (self.to_do(visit, work)),
                            None => (self.standing(visit)),
                        }
                        (self.rating(visit))
                        section.card.portal-card aria-labelledby="story" {
                            h2 #story { "What happened" }
                            (timeline(&entries, &self.guest.zone, now))
                        }
                        @if self.view.can.comment { (self.reply_form(visit, reply)) }
                    }
                    aside.portal-column aria-label="About it" { (self.facts(now)) (self.file_list()) }
                }
            }
        };
        self.guest.page(web, visit, &at, &content)
    }

    fn head(&self) -> Markup {
        let record = &self.view.record;
        let (list, title) =
            if self.work.is_some() { (WORK, TEAM_WORK) } else { ("/portal/requests", super::MY_REQUESTS) };
        html! {
            div.portal-record {
                div.small { a.link href=(list) { (t(title)) } " / " bdi { (self.number()) } }
                h1.portal-title tabindex="-1" dir="auto" { (self.title()) }
                @let status = status(record.process, record.state);
                @let word = if self.work.is_some() { t(record.state.label) } else { lines::word(record) };
                (status_pill(&Status { word: word.into(), ..status }))
            }
        }
    }

    /// How it went, for whoever was asked and can still say.
    fn rating(&self, visit: &Visit) -> Markup {
        let survey = self.view.record.process.survey;
        let step = survey.and_then(|survey| self.steps().into_iter().find(|step| step.verb == survey.verb));
        let Some(step) = step else { return Markup::default() };
        rating::card(&self.view.record, self.number(), visit.token(), step.plain)
    }

    /// The steps that stand as buttons: the answer to how it went has a place of its own. As long as it can be taken up
    /// again, nobody has to choose between that and reporting it anew.
    fn buttons(&self) -> Vec<&'static Transition> {
        let survey = self.view.record.process.survey;
        let mut steps = self.steps();
        let back = |step: &&Transition| step.to.is_some_and(|to| to.phase.is_live());
        let anew = |step: &Transition| step.effects.iter().any(|effect| matches!(effect, Effect::Succeed { .. }));
        if self.view.record.state.phase == Phase::Done && steps.iter().any(back) {
            steps.retain(|step| !anew(step));
        }
        steps.retain(|step| survey.is_none_or(|survey| survey.verb != step.verb));
        steps
    }

    /// Where it stands, what comes next, by when, and what the requester can do about it.
    fn standing(&self, visit: &Visit) -> Markup {
        let record = &self.view.record;
        let (reached, all) = lines::progress(record);
        html! {
            section.card.portal-card aria-labelledby="standing" {
                h2 #standing { "What happens next" }
                p { (lines::next(record)) }
                @for line in self.promises(visit.now()) { p.strong { (line) } }
                @if !record.state.void { (progress(reached, all)) }
                @let steps = self.buttons();
                @let answer = self.view.can.comment && record.state.phase == Phase::Paused && lines::waits_for_requester(record);
                @let (aside, steps): (Vec<_>, Vec<_>) = steps.into_iter().partition(|step| is_aside(step));
                @if answer || !steps.is_empty() {
                    div.btn-row {
                        @if answer { (button_link("#field-body", "Answer", None, true)) }
                        @for step in steps { (self.step(visit, step)) }
                    }
                }
                @for step in aside { div { a.link.small href={ (place_of(self.number())) "/steps/" (step.verb) } { (step.plain) } } }
            }
        }
    }

    /// What the viewer's teams are to do, and by when.
    fn to_do(&self, visit: &Visit, work: &Work) -> Markup {
        let live = self.view.record.state.phase.is_live();
        let due = self.view.record.value(spine::DUE.def.key).as_int().filter(|_| live && work.team.is_some());
        html! {
            section.card.portal-card aria-labelledby="to-do" {
                h2 #to-do { "What there is to do" }
                @match &work.team {
                    Some(team) if live => { p { (tf("It lies with {team}. Write here how far it is, and when it is done.", &[("team", team)])) } }
                    _ if work.tasks.is_empty() => { p { "Nothing is left to do for your team." } }
                    _ => {}
                }
                @if let Some(due) = due { p.strong { (tasks::due_by(due, &self.guest.zone, visit.now())) } }
                @if !work.tasks.is_empty() { (tasks::list(self.number(), &work.tasks, work.may, visit, &self.guest.zone)) }
            }
        }
    }

    /// By when something is to happen, as far as a clock runs.
    pub fn promises(&self, now: i64) -> Vec<String> {
        if self.view.record.state.phase != Phase::Open {
            return Vec::new();
        }
        let promise = |view: &records::ClockView| {
            let due = view.reading.due.filter(|_| view.reading.stopped_at.is_none())?;
            let what = match view.metric {
                Metric::Response => ("You hear from us by", "You were to hear from us by"),
                Metric::Resolution => ("We want it to work again by", "It was to work again by"),
            };
            let by = when(due, &self.guest.zone, now);
            Some(if due < now {
                tf("{what} {when}. We are late and sorry.", &[("what", &t(what.1)), ("when", &by)])
            } else {
                format!("{} {by}.", t(what.0))
            })
        };
        self.view.clocks.iter().filter_map(promise).collect()
    }

    /// A step that asks for nothing is taken at once; any other has a page of its own.
    fn step(&self, visit: &Visit, step: &Transition) -> Markup {
        let place = format!("{}/steps/{}", place_of(self.number()), step.verb);
        let bare = step.needs.is_empty() && step.links.is_none() && step.asks == Asks::Nothing;
        if !bare {
            return button_link(&place, step.plain, None, false);
        }
        html! {
            form method="post" action=(place) {
                (token_field(visit.token()))
                input type="hidden" name="version" value=(self.view.record.version);
                button.btn.btn-primary[step.primary] type="submit" { (step.plain) }
            }
        }
    }

    fn reply_form(&self, visit: &Visit, reply: &Form) -> Markup {
        let kept = self.draft.as_ref().map(|draft| draft.body.as_str());
        let body = reply.get("body").or(kept).unwrap_or_default().to_owned();
        let words = Field {
            required: true,
            ..Field::new("body", "Write to us", Control::Markdown { value: body.into(), rows: 4 })
        };
        html! {
            section.card.portal-card {
                form.form method="post" action={ (place_of(self.number())) "/reply" } enctype="multipart/form-data"
                    data-draft=(self.number()) data-draft-as="answer" {
                    (token_field(visit.token()))
                    (field(&words))
                    @if self.view.can.attach {
                        div.field role="group" aria-labelledby="files-label" {
                            span.field-label #files-label { "Pictures and files" span.optional { "optional" } }
                            (file_ways())
                            p.field-help #files-help { "Up to 25 MB together." }
                        }
                    }
                    div.btn-row {
                        button.btn.btn-primary type="submit" { "Send" }
                        span.quiet.line data-draft-state hidden[self.draft.is_none() || reply.has("body")] { "Draft saved" }
                    }
                }
            }
        }
    }

    /// What was reported, and the words that staff wrote for the requester.
    fn facts(&self, now: i64) -> Markup {
        let (record, zone) = (&self.view.record, &self.guest.zone);
        let reader = Reader::new(&self.view.names, zone);
        let asked = |key: &str| record.process.asks_requester.contains(&key) && key != spine::TITLE.def.key;
        let rated = |key: &str| record.process.survey.is_some_and(|survey| survey.words.key == key);
        let worded = |kind: Kind| matches!(kind, Kind::Markdown);
        let shown = self.view.fields.iter().filter(|f| asked(f.key) || (worded(f.kind) && !rated(f.key)));
        let public = shown.filter(|f| f.audience == mainstay_engine::field::Audience::Everyone);
        html! {
            section.card.portal-card aria-labelledby="facts" {
                h2 #facts { "About it" }
                dl.portal-facts {
                    dt { "Number" } dd { bdi { (self.number()) } }
                    @if let Some(opened) = record.value(spine::OPENED.def.key).as_int() { dt { "Reported" } dd { (moment(opened, zone, now)) } }
                    @for each in public {
                        @if let Some(value) = reader.markup(each, record.value(each.key)) { dt { (t(label(each))) } dd { (value) } }
                    }
                }
            }
        }
    }

    fn file_list(&self) -> Markup {
        let tile = |file: &AttachmentRow| Attachment {
            name: file.name.clone().into(),
            size: u64::try_from(file.size).unwrap_or_default(),
            href: Some(format!("/files/{}", file.id).into()),
            remark: None,
            picture: file.media_type.starts_with("image/"),
        };
        let tiles: Vec<Attachment<'static>> = self.files.iter().map(tile).collect();
        html! { @if !tiles.is_empty() { section.card.portal-card aria-labelledby="files" { h2 #files { "Files" } (attachments(&tiles)) } } }
    }
}

/// A step that is no part of the way to the end, and stands aside: it only gives somebody something to look after.
fn is_aside(step: &Transition) -> bool {
    step.to.is_none() && step.effects.iter().any(|effect| matches!(effect, Effect::FollowUp { .. }))
}

/// The page of a request.
pub async fn show(State(web): State<Web>, Path(number): Path<String>, visit: Visit) -> Result<Response, Failure> {
    let request = find(&web, &visit, number).await?;
    Ok(request.page(&web, &visit, &Form::default(), None))
}

/// Reads a request for a page.
///
/// # Errors
/// There is none that the visitor may see; the database's.
pub async fn find(web: &Web, visit: &Visit, number: String) -> Result<Request, Failure> {
    let process = process_of(&number)?;
    web.read(visit, Channel::Portal, move |session, caller| Request::load(session, caller, process, &number)).await
}

/// Words and files of the requester.
pub async fn reply(State(web): State<Web>, Path(number): Path<String>, posted: Posted) -> Result<Response, Failure> {
    let Posted { visit, form } = posted;
    let request = find(&web, &visit, number.clone()).await?;
    if !request.view.can.comment {
        if request.view.record.state.phase != Phase::Closed {
            return Err(Refusal::forbidden("no_right", "You may not write here.").into());
        }
        let closed = Refusal::conflict("closed", "Nothing more can be written here.");
        return Ok(request.page(&web, &visit, &form, Some(&closed)));
    }
    let files = if request.view.can.attach { store(&web, &form.files, false).await? } else { Vec::new() };
    let (process, body) = (request.view.record.process, form.get("body").unwrap_or_default().to_owned());
    let to = place_of(request.number());
    let sent = web
        .write(&visit, Channel::Portal, move |session, caller| {
            for file in &files {
                records::attach(session, caller, process, &number, file)?;
            }
            records::forget_draft(session, caller, Draft::Words(Words::Answer, process, &number))?;
            // Files may come without words.
            if body.trim().is_empty() && !files.is_empty() {
                return Ok(());
            }
            let new = NewComment { body: body.clone(), ..NewComment::default() };
            records::comment(session, caller, process, &number, &new).map(|_| ())
        })
        .await;
    match sent {
        Ok(()) => Ok(go_on(&to, Some(Flash::done("Sent")))),
        Err(failure) => Ok(request.page(&web, &visit, &form, Some(&failure.for_form()?))),
    }
}
