//! What the log says was done, as whole sentences: who, and what in the past tense.

use mainstay_markup::html;
use mainstay_words::t;
use maud::Markup;

/// A sentence of the catalogue whose values are markup: each `{name}` is replaced by its value.
#[must_use]
pub fn filled(key: &str, values: &[(&str, &Markup)]) -> Markup {
    let mut parts = t(key).split('{');
    html! {
        (parts.next().unwrap_or_default())
        @for part in parts {
            @let (name, rest) = part.split_once('}').unwrap_or(("", part));
            @for (_, value) in values.iter().filter(|(known, _)| *known == name) { (value) }
            (rest)
        }
    }
}

/// A name in such a sentence.
#[must_use]
pub fn named(name: &str) -> Markup {
    html! { b dir="auto" { (name) } }
}

/// The sentence for what no process has a step for; none for a word that nobody knows.
#[must_use]
pub fn general(verb: &str) -> Option<&'static str> {
    on_records(verb).or_else(|| on_accounts(verb)).or_else(|| on_meetings(verb)).or_else(|| on_entries(verb))
}

fn on_records(verb: &str) -> Option<&'static str> {
    Some(match verb {
        "opened" => "{actor} opened it",
        "imported" => "{actor} imported it",
        "updated" => "{actor} changed it",
        "commented" | "replied" => "{actor} replied",
        "noted" => "{actor} wrote a note",
        "written" => "{actor} wrote a reply",
        "withdrawn" => "{actor} took a reply back",
        "attached" => "{actor} attached a file",
        "linked" => "{actor} linked it",
        "unlinked" => "{actor} took a link away",
        "watched" => "{actor} added a watcher",
        "unwatched" => "{actor} removed a watcher",
        "task_added" => "{actor} added a task",
        "task_changed" => "{actor} changed a task",
        "time_added" => "{actor} added time worked",
        "time_changed" => "{actor} changed time worked",
        "time_removed" => "{actor} removed time worked",
        "split" => "{actor} split words off",
        "approval_asked" => "{actor} asked for approval",
        "approved" => "{actor} approved it",
        "disapproved" => "{actor} refused to approve it",
        "approvals_granted" => "All approvals are granted",
        "approvals_refused" => "Approval is refused",
        "approvals_void" => "The approvals are void",
        "approval_expired" => "Nobody approved it in time",
        "conflict_accepted" => "{actor} accepted a conflict",
        "exception_allowed" => "{actor} allowed an exception in a freeze",
        "absorbed" => "{actor} merged a duplicate into it",
        "flagged" => "{actor} flagged it",
        "risk_reassessed" => "The risk was assessed anew",
        "row_matched" => "{actor} said of which record a source tells",
        "row_made" => "{actor} made a record of what a source told",
        "row_ignored" => "{actor} left aside what a source told",
        "row_reopened" => "{actor} took up again what a source told",
        "discrepancy_explained" => "{actor} explained what a source found otherwise",
        "discrepancy_closed" => "{actor} closed what a source found otherwise",
        "handed" => "A linked record handed on what it says",
        "recurrence" => "It seems to be back",
        "notified" => "{actor} sent a message",
        "excluded" => "{actor} excluded time from a target",
        "affected" => "{actor} said that it hits them too",
        "person_merged" => "{actor} merged two people into one",
        "postponed" => "{actor} put off a step that was due",
        "surveyed" => "{actor} asked how it went",
        "follow_up" => "{actor} made a task to follow up",
        "undone" => "{actor} took it back",
        "archived" => "It was archived",
        "removed" => "Its words, files and people were removed",
        "legal_hold_set" => "{actor} put it under legal hold",
        "legal_hold_lifted" => "{actor} lifted the legal hold",
        _ => return None,
    })
}

fn on_accounts(verb: &str) -> Option<&'static str> {
    Some(match verb {
        "signed_in" => "{actor} signed in",
        "sign_in_failed" => "Somebody failed to sign in",
        "sign_in_held" => "Somebody tried to sign in too often",
        "signed_out_everywhere" => "{actor} signed it out everywhere",
        "password_set" => "{actor} set the password",
        "account_disabled" => "{actor} blocked the account",
        "account_enabled" => "{actor} opened the account again",
        "totp_on" => "{actor} turned one-time codes on",
        "totp_off" => "{actor} turned one-time codes off",
        "link_issued" => "{actor} handed out a link",
        "token_made" => "{actor} made a token",
        "token_revoked" => "{actor} withdrew a token",
        "view_as_began" => "{actor} began to look as somebody",
        "view_as_ended" => "{actor} stopped looking as somebody",
        _ => return None,
    })
}

fn on_meetings(verb: &str) -> Option<&'static str> {
    Some(match verb {
        "begun" => "{actor} began the meeting",
        "attended" => "{actor} said who is there",
        "arranged" => "{actor} ordered the agenda",
        "item_added" => "{actor} put a record on the agenda",
        "item_removed" => "{actor} took a record off the agenda",
        "item_called" => "{actor} called a record of the agenda",
        "item_decided" => "{actor} wrote down what is decided",
        "ended" => "{actor} ended the meeting",
        "cancelled" => "{actor} called the meeting off",
        _ => return None,
    })
}

fn on_entries(verb: &str) -> Option<&'static str> {
    // Of what a notice tells without a record, the process stands behind a colon.
    Some(match verb.split_once(':').map_or(verb, |(what, _)| what) {
        "candidate" => "{actor} found records that may have one cause",
        "created" => "{actor} made it",
        "retired" => "{actor} retired it",
        "merged" => "{actor} merged another one into it",
        "restored" => "{actor} took it into use again",
        "begun_empty" => "{actor} began without demo data",
        "demo_filled" => "{actor} added the demo data",
        "demo_removed" => "{actor} removed the demo data",
        "scheduled" => "{actor} set up a regular export",
        "paused" => "{actor} let it rest",
        "resumed" => "{actor} let it go on",
        "wanted" => "{actor} asked for a file at once",
        "deleted" => "{actor} ended it",
        "woken" => "A notice came back to the inbox",
        "due" => "Its time had come",
        "missed" => "A time of it had passed",
        "exported" => "Its file was made",
        "export_failed" => "Its file could not be made",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_markup_and_text_stays_text() {
        let told = filled("{actor} <took> it from {name}", &[("actor", &named("A & B")), ("name", &named("{actor}"))]);
        let expected = "<b dir=\"auto\">A &amp; B</b> &lt;took&gt; it from <b dir=\"auto\">{actor}</b>";
        assert_eq!(told.into_string(), expected);
    }
}
