//! Where a person answers: a plain form with one text, one choice and one button.

use mainstay_markup::html;
use mainstay_words::{sentence, t, tf};
use maud::Markup;

use super::{Menu, MenuItem, Text, Trigger, icon, icon_small, key_caps, menu, token_field};

/// A file that goes with the words once they are sent.
#[derive(Clone, Debug, Default)]
pub struct WaitingFile<'a> {
    /// Its name.
    pub name: Text<'a>,
    /// In bytes.
    pub size: u64,
    /// What it is called in the form.
    pub digest: Text<'a>,
}

/// The composer of a record.
#[expect(clippy::struct_excessive_bools, reason = "each is a thing of its own to know of the form")]
#[derive(Clone, Debug, Default)]
pub struct Composer<'a> {
    /// Address that takes the form: `kind` is `reply` or `note`, `body` the Markdown, `files` the attachments.
    pub action: Text<'a>,
    /// Token of the session.
    pub token: Text<'a>,
    /// Who gets a reply, as "Amara Okafor".
    pub to: Option<Text<'a>>,
    /// Who else, as "+ 1 cc".
    pub also: Option<Text<'a>>,
    /// Whether the viewer may write internal notes; a requester may not and is not told of them.
    pub notes: bool,
    /// Starts as an internal note.
    pub as_note: bool,
    /// A draft, or what was refused.
    pub body: Text<'a>,
    /// The drafts of a reply and of a note.
    pub drafts: [Text<'a>; 2],
    /// Files that wait with the drafts of a reply and of a note.
    pub files: [Vec<WaitingFile<'a>>; 2],
    /// What one file may hold, in bytes.
    pub most_bytes: u64,
    /// Number of the record, under which drafts are kept.
    pub number: Text<'a>,
    /// The newest event of the record that the page shows.
    pub shown: i64,
    /// Others spoke meanwhile, and the words wait for a second word.
    pub anyway: bool,
    /// Words on the state of the draft.
    pub draft: Option<Text<'a>>,
    /// Ways to send and change state at once, as `MenuItem::Submit`.
    pub ways: Vec<MenuItem<'a>>,
    /// The viewer wants the rich editor as soon as they write.
    pub rich: bool,
    /// Further buttons for the toolbar.
    pub tools: Option<Markup>,
    /// Why the last attempt was refused.
    pub error: Option<Text<'a>>,
}

/// The composer; without a script it is a form like any other.
#[must_use]
pub fn composer(composer: &Composer) -> Markup {
    html! {
        form #composer .composer method="post" action=(composer.action) enctype="multipart/form-data"
            data-draft=(composer.number) data-reply=[composer.notes.then_some(&composer.drafts[0])] data-note=[composer.notes.then_some(&composer.drafts[1])] data-live-hold[composer.anyway] data-rich[composer.rich] {
            (token_field(&composer.token))
            input type="hidden" name="shown" value=(composer.shown);
            (head(composer))
            label.sr for="composer-body" { (label(composer)) }
            (written(composer))
            @if let Some(error) = &composer.error { p #composer-error .field-error role="alert" { (icon_small("circle-alert")) (sentence(error)) } }
            div #composer-files .composer-files data-most=(composer.most_bytes) {
                @for (kind, files) in ["reply", "note"].into_iter().zip(&composer.files) {
                    @for file in files { (waiting(kind, file)) }
                }
            }
            (foot(composer))
        }
    }
}

fn label(composer: &Composer) -> String {
    composer.to.as_ref().map_or_else(|| t("Message").to_owned(), |to| tf("Message to {name}", &[("name", to)]))
}

fn head(composer: &Composer) -> Markup {
    html! {
        div.composer-head {
            @if composer.notes {
                fieldset.segments {
                    legend.sr { "Kind of message" }
                    (kind("reply", !composer.as_note, &html! { "Reply" }))
                    (kind("note", composer.as_note, &html! { (icon_small("lock")) "Internal note" }))
                }
            } @else {
                input type="hidden" name="kind" value="reply";
            }
            @if let Some(to) = &composer.to {
                span.quiet.off-phone.clip.for-reply { (t("to")) " " bdi.medium.middling { (to) } @if let Some(also) = &composer.also { " " (also) } }
                span.quiet.off-phone.clip.for-note { "only colleagues see it" }
            }
            span.grow {}
            span.quiet.off-phone.line data-draft-state hidden[composer.draft.is_none()] { (icon_small("cloud-check")) (t(composer.draft.as_deref().unwrap_or("Draft saved"))) }
        }
    }
}

/// The text; at the desk it suggests people, records and templates while somebody writes.
fn written(composer: &Composer) -> Markup {
    let text = html! {
        textarea #composer-body name="body" rows="2" required[composer.files.iter().all(Vec::is_empty)] dir="auto"
                aria-invalid=[composer.error.is_some().then_some("true")]
                aria-describedby=[composer.error.is_some().then_some("composer-error")] { (composer.body) }
    };
    html! { @if composer.notes { text-expander keys="@ # /" multiword="@" { (text) } } @else { (text) } }
}

/// A file that waits: the script takes it out again, and makes more of the same kind.
fn waiting(kind: &str, file: &WaitingFile) -> Markup {
    html! {
        span.tag.file-tile class={ "for-" (kind) } {
            (icon_small("paperclip"))
            bdi.clip { (file.name) }
            span.quiet { (super::file_size(file.size)) }
            input type="hidden" name={ "staged." (kind) } value=(file.digest);
            button.icon-btn.needs-script type="button" data-unstage aria-label={ "Remove " (file.name) } { (icon_small("x")) }
        }
    }
}

fn kind(value: &str, checked: bool, words: &Markup) -> Markup {
    html! { label.segment { input type="radio" name="kind" value=(value) checked[checked]; (words) } }
}

fn foot(composer: &Composer) -> Markup {
    html! {
        div.composer-foot {
            (tool("bold", "Bold", "**|**"))
            (tool("list", "List", "\n- |"))
            (tool("link", "Link", "[|](https://)"))
            label.icon-btn title="Attach files" {
                input.sr type="file" name="files" multiple aria-label="Attach files" data-lists=[(!composer.notes).then_some("composer-files")];
                (icon("paperclip"))
            }
            @if composer.notes {
                button.icon-btn.needs-script type="button" data-rich-toggle aria-pressed="false" aria-label="Rich text" title="Rich text" { (icon("pencil")) }
            }
            @if let Some(tools) = &composer.tools { (tools) }
            span.grow {}
            (send(composer))
        }
    }
}

fn tool(name: &str, label: &str, around: &str) -> Markup {
    html! { button.icon-btn.needs-script type="button" aria-label=(label) title=(label) data-around=(around) { (icon(name)) } }
}

fn send(composer: &Composer) -> Markup {
    html! {
        span.split {
            button.btn.btn-primary type="submit" {
                span.for-reply { @if composer.anyway { "Send anyway" } @else { "Send" } }
                @if composer.notes { span.for-note { @if composer.anyway { "Add anyway" } @else { "Add note" } } }
                (key_caps("kbd off-phone needs-script", "⌘↵", "Ctrl ↵"))
            }
            @if !composer.ways.is_empty() {
                (menu(&Menu {
                    id: "send-ways".into(),
                    trigger: Trigger::Split { label: "More ways to send".into() },
                    items: composer.ways.clone(),
                    end: true,
                    token: "".into(),
                }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requester_is_not_told_of_internal_notes() {
        let text = composer(&Composer { action: "/x".into(), ..Composer::default() }).into_string();
        assert!(!text.to_lowercase().contains("note"), "{text}");
        assert!(text.contains(r#"<input type="hidden" name="kind" value="reply">"#));
    }

    #[test]
    fn an_agent_chooses_and_the_draft_is_escaped() {
        let spec = Composer { notes: true, as_note: true, body: "</textarea><script>".into(), ..Composer::default() };
        let text = composer(&spec).into_string();
        assert!(text.contains(r#"value="note" checked"#) && !text.contains(r#"value="reply" checked"#), "{text}");
        assert!(text.contains("&lt;/textarea&gt;&lt;script&gt;"));
    }

    #[test]
    fn words_that_wait_say_so_on_the_button() {
        let text = composer(&Composer { anyway: true, notes: true, ..Composer::default() }).into_string();
        assert!(text.contains("Send anyway") && text.contains("Add anyway") && text.contains("data-live-hold"));
        let text = composer(&Composer { shown: 12, ..Composer::default() }).into_string();
        assert!(text.contains(r#"name="shown" value="12""#) && !text.contains("anyway"), "{text}");
    }

    #[test]
    fn a_refusal_is_tied_to_the_text() {
        let spec = Composer { error: Some("Write something first.".into()), ..Composer::default() };
        let text = composer(&spec).into_string();
        assert!(text.contains(r#"aria-invalid="true" aria-describedby="composer-error""#), "{text}");
        assert!(text.contains(r#"id="composer-error" role="alert""#) || text.contains(r#"role="alert""#));
    }
}
