//! What goes wrong in the demo, in the words of those it happens to and those who mend it.
//! `{place}` and `{thing}` are filled in, so that no two reports read alike.

/// One kind of failure.
pub struct Tale {
    pub title: &'static str,
    pub words: &'static str,
    pub service: &'static str,
    pub category: &'static str,
    pub team: &'static str,
    /// Keys of impact and urgency: 0 high, 1 medium, 2 low.
    pub weight: (usize, usize),
    /// What `{thing}` may be.
    pub things: &'static [&'static str],
    pub question: &'static str,
    pub answer: &'static str,
    pub note: &'static str,
    pub update: &'static str,
    pub resolution: &'static str,
    pub code: &'static str,
}

/// Where things happen.
pub const PLACES: &[&str] = &[
    "London, floor 3",
    "London, floor 7",
    "the Leeds branch",
    "the Bristol branch",
    "the Glasgow branch",
    "the Cambridge branch",
    "the training room",
    "Leeds, back office",
    "the Cardiff branch",
    "London, reception",
];

#[expect(clippy::too_many_arguments, reason = "a tale is told in this order")]
const fn tale(
    at: (&'static str, &'static str, &'static str),
    weight: (usize, usize),
    title: &'static str,
    words: &'static str,
    things: &'static [&'static str],
    talk: [&'static str; 4],
    code: &'static str,
    resolution: &'static str,
) -> Tale {
    let [question, answer, note, update] = talk;
    Tale {
        title,
        words,
        service: at.0,
        category: at.1,
        team: at.2,
        weight,
        things,
        question,
        answer,
        note,
        update,
        resolution,
        code,
    }
}

pub const TALES: &[Tale] = &[
    tale(
        ("remote-access", "vpn", "network"),
        (1, 1),
        "VPN drops every {thing} minutes from {place}",
        "Since this morning the VPN disconnects about every {thing} minutes. Cable and Wi-Fi make no difference. I have to sign in again each time and lose what I was doing.",
        &["10", "15", "20", "30"],
        [
            "Which version does the client show under **About**, and is it worse at certain times?",
            "It says 5.2.1. It is worst between 9 and 10.",
            "Lease renewals line up with the drops; the gateway hands out the same scope twice.",
            "We can see the drops on our side and are moving you to a second gateway.",
        ],
        "fixed",
        "Moved the clients to gateway 02 and corrected the address scope of gateway 01.",
    ),
    tale(
        ("email", "mailbox", "messaging"),
        (1, 2),
        "Shared mailbox “{thing}” does not sync in Outlook",
        "New mail in the shared mailbox {thing} arrives in the browser at once, but hours later in Outlook. Three of us see the same.",
        &["ap-invoices", "hr-questions", "branch-orders", "press"],
        [
            "Could you tell us whether *Work offline* is switched on, and how large the mailbox is?",
            "It is not on. The mailbox has 48 GB.",
            "Above 50 GB the cached copy stops updating. Archive is empty.",
            "The mailbox is close to its limit. We are moving old years to the archive.",
        ],
        "fixed",
        "Moved mail older than two years to the archive and rebuilt the cached copy.",
    ),
    tale(
        ("payments", "terminal", "payments-platform"),
        (0, 0),
        "Payment terminals offline in {place}",
        "None of the {thing} terminals takes cards. Customers are queueing and we can only take cash. The terminals show *No connection*.",
        &["3", "4", "6", "8"],
        [
            "Are the lights on the small white router on or off?",
            "Two green, one red.",
            "The line to the acquirer is down, the branch itself is reachable.",
            "The connection to the acquirer is down. We are switching you to the mobile line.",
        ],
        "vendor",
        "The carrier replaced a failed line card; terminals are back on the fixed line.",
    ),
    tale(
        ("payments", "settlement", "payments-platform"),
        (0, 1),
        "Settlement file {thing} was rejected",
        "The night run rejected settlement file {thing}. The clearing house wants it before 14:00, otherwise merchants get their money a day late.",
        &["0417", "0922", "1103", "1518"],
        [
            "Has the file been edited by hand since the run?",
            "No, it is as the system wrote it.",
            "Two records carry a currency that the schema of the clearing house no longer lists.",
            "Two records carry a retired currency code. We are correcting them and sending the file again.",
        ],
        "fixed",
        "Corrected the two records, sent the file again; accepted by the clearing house.",
    ),
    tale(
        ("payments", "gateway", "payments-platform"),
        (1, 0),
        "Card authorisations take {thing} seconds",
        "Authorisations that took under a second now take around {thing}. Some run into the time limit and are declined.",
        &["6", "9", "12", "20"],
        [
            "Does it concern all card types?",
            "All of them, also contactless.",
            "One of the two gateway nodes runs full garbage collections back to back.",
            "One of two gateways is slow. It is out of rotation while we look at it.",
        ],
        "workaround",
        "Took the slow node out of rotation and restarted it; response times are normal. The cause is being looked for.",
    ),
    tale(
        ("online-banking", "business-application", "payments-platform"),
        (0, 1),
        "Customers cannot confirm transfers in the app",
        "The app says *Something went wrong ({thing})* after the confirmation. The branch lines are ringing all the time.",
        &["E-1042", "E-2210", "E-0088", "E-3107"],
        [
            "Does it happen on both kinds of phone?",
            "On both, and in the browser too.",
            "Certificate of the confirmation service ran out at midnight.",
            "A certificate has expired. The new one is being rolled out.",
        ],
        "fixed",
        "Rolled out the new certificate to all nodes; transfers go through.",
    ),
    tale(
        ("office-network", "wi-fi", "network"),
        (1, 2),
        "Wi-Fi is very slow in {place}",
        "Pages take a minute to load on {thing}. On cable everything is fine.",
        &["my laptop", "all our tablets", "the meeting-room system", "my phone"],
        [
            "Roughly where do you sit: nearer to the windows or to the lifts?",
            "By the windows, right under the white box.",
            "Access point is stuck on a channel that the neighbours use.",
            "The access point above you is on a crowded channel; we are changing it tonight.",
        ],
        "fixed",
        "Moved the access point to a free channel and lowered the power of its neighbour.",
    ),
    tale(
        ("office-network", "line", "network"),
        (0, 1),
        "No network in {place}",
        "Nothing works: no phones, no mail, no {thing}. The whole place is cut off.",
        &["terminals", "door readers", "cash machines", "screens"],
        [
            "Is the router in the cupboard powered?",
            "Yes, it blinks orange.",
            "Carrier reports a cut cable in the street.",
            "The carrier reports a cut cable nearby and has sent somebody. We have ordered a mobile router.",
        ],
        "vendor",
        "The carrier repaired the cable. The mobile router is on its way back.",
    ),
    tale(
        ("workplace", "laptop", "workplace"),
        (2, 1),
        "Laptop does not start after {thing}",
        "After {thing} the screen stays black. The light beside the power button blinks three times.",
        &["last night's update", "a fall from the desk", "lunch", "the weekend"],
        [
            "Could you hold the power button for 20 seconds and tell us how often the light blinks then?",
            "Still three times.",
            "Three blinks: memory. Loan laptop is in the cupboard on floor 3.",
            "It looks like the memory. A loan laptop waits for you at the service point.",
        ],
        "fixed",
        "Replaced the memory module; the disk is untouched.",
    ),
    tale(
        ("workplace", "display", "workplace"),
        (2, 2),
        "Meeting room display shows the wrong {thing}",
        "The panel outside the meeting room in {place} shows the wrong {thing}. People walk into each other's meetings.",
        &["calendar", "time", "room name", "language"],
        [
            "What does the small print at the bottom of the panel say?",
            "Room 3F-12, version 2.8.",
            "Panel was swapped with 3F-21 when the room was painted.",
            "Two panels were swapped. We are setting both right this afternoon.",
        ],
        "fixed",
        "Set both panels to their own rooms.",
    ),
    tale(
        ("workplace", "office-software", "workplace"),
        (2, 2),
        "{thing} closes when I open large files",
        "{thing} closes without a word when I open the quarterly figures. Small files are fine.",
        &["Excel", "The PDF reader", "The diagram editor", "PowerPoint"],
        [
            "How large is the file, and does it lie on a network drive?",
            "About 90 MB, on the network drive.",
            "Add-in of the reporting tool; known with files above 64 MB.",
            "An add-in cannot cope with large files. We are sending you an update for it.",
        ],
        "fixed",
        "Updated the add-in to 4.1; the file opens.",
    ),
    tale(
        ("workplace", "browser", "workplace"),
        (2, 2),
        "Certificate warning on {thing}",
        "Since the update the browser warns that {thing} is not safe. May I click on *Continue anyway*?",
        &["the intranet", "the timesheet site", "the travel portal", "the wiki"],
        [
            "Please do not continue yet. Which name stands in the certificate?",
            "It says “old-intra”.",
            "Old name left in the load balancer.",
            "Thank you for asking first. The site shows an old certificate; we are replacing it.",
        ],
        "fixed",
        "Put the current certificate in place; the warning is gone.",
    ),
    tale(
        ("workplace", "phone", "workplace"),
        (2, 1),
        "Mobile phone no longer gets {thing}",
        "Since yesterday my phone does not get {thing}. The laptop does.",
        &["mail", "calendar changes", "calls from the desk line", "the confirmation codes"],
        [
            "Did you change your password in the last days?",
            "Yes, on Monday.",
            "Old password stored in the profile.",
            "Your phone still uses the old password. We are sending it a new profile.",
        ],
        "user_guidance",
        "Renewed the profile on the phone together with the user.",
    ),
    tale(
        ("printing", "printer", "workplace"),
        (2, 2),
        "Printer queue stuck in {place}",
        "Nothing comes out of the printer. The queue holds {thing} jobs and cannot be emptied.",
        &["14", "27", "40", "63"],
        [
            "Is there a message on the printer's own display?",
            "*Tray 2 open*, but it is closed.",
            "Sensor of tray 2.",
            "A sensor reports an open tray. The vendor comes this afternoon; please use the printer next door.",
        ],
        "vendor",
        "The vendor replaced the sensor of tray 2.",
    ),
    tale(
        ("workplace", "password", "service-desk"),
        (2, 1),
        "Cannot sign in after {thing}",
        "I cannot sign in since {thing}. It says that my account is locked.",
        &["my holiday", "the password change", "parental leave", "moving desks"],
        [
            "For your safety: may we call you back on the number we have on file?",
            "Yes, please, I am at my desk.",
            "Identity confirmed by call-back.",
            "We have called you back and unlocked the account.",
        ],
        "user_guidance",
        "Confirmed the identity by call-back, unlocked the account, set a new password together.",
    ),
    tale(
        ("workplace", "permission", "service-desk"),
        (2, 2),
        "No access to the folder “{thing}”",
        "Since I moved to the new team I cannot open the folder {thing}. My colleagues can.",
        &["Treasury 2025", "Branch planning", "Audit evidence", "Supplier contracts"],
        [
            "Who leads the team now, so that we can ask for the approval?",
            "Priya Kaur.",
            "Group membership was not moved along with the person.",
            "The approval is there; the change needs about an hour to reach you.",
        ],
        "fixed",
        "Moved the group membership to the new team.",
    ),
    tale(
        ("email", "calendar", "messaging"),
        (2, 2),
        "Meeting invitations arrive {thing} late",
        "Invitations from outside arrive {thing} late, others too early. I missed two calls.",
        &["one hour", "two hours", "a day", "30 minutes"],
        [
            "Which time zone is set in your calendar?",
            "London, but the invitations come from Paris.",
            "Mail gateway strips the time-zone block.",
            "The gateway removes the time zone of some invitations. We are changing that rule.",
        ],
        "fixed",
        "Changed the rule of the mail gateway; invitations keep their time zone.",
    ),
    tale(
        ("email", "mailbox", "messaging"),
        (0, 1),
        "Mail to {thing} comes back",
        "Everything we send to {thing} comes back with *550 5.7.1*. We promised them an offer today.",
        &["Acme", "the regulator", "two large suppliers", "all addresses outside"],
        [
            "Could you attach one of the messages that came back?",
            "Attached, it is from 10:20.",
            "One of the outgoing addresses is on a block list since last night.",
            "One of our outgoing addresses is on a block list. Mail now leaves by the other; please send again.",
        ],
        "workaround",
        "Mail leaves by the second address; the first was taken off the list meanwhile.",
    ),
    tale(
        ("office-network", "line", "network"),
        (1, 1),
        "Packet loss on the line to {place}",
        "Monitoring: {thing} % of packets to the branch are lost since the last check.",
        &["4", "7", "11", "18"],
        [
            "Did anybody work on the line today?",
            "Not that we know of.",
            "Errors on the carrier's side of the hand-over.",
            "The carrier sees errors on its side and is measuring.",
        ],
        "vendor",
        "The carrier cleaned a connector at the hand-over; no loss for four hours.",
    ),
    tale(
        ("online-banking", "business-application", "payments-platform"),
        (1, 2),
        "Statements of {thing} are missing in online banking",
        "Customers do not find the statements of {thing}. They were there last week.",
        &["March", "April", "last month", "last year"],
        [
            "Could you give us one account number as an example, by phone?",
            "I have called it through.",
            "Index of the document archive was not extended after the move.",
            "The statements exist; the search does not find them. We are building its index again.",
        ],
        "fixed",
        "Built the index of the archive again; the statements are shown.",
    ),
    tale(
        ("remote-access", "password", "service-desk"),
        (2, 1),
        "Sign-in code does not arrive while travelling in {thing}",
        "I am in {thing} until Friday and the sign-in code does not arrive on my phone.",
        &["Lisbon", "Warsaw", "Dublin", "Milan"],
        [
            "Does your phone receive ordinary messages there?",
            "Yes, but no codes.",
            "Roaming partner drops short codes.",
            "Codes by message are unreliable there. We will set up the authenticator app together.",
        ],
        "user_guidance",
        "Set up the authenticator app together with the user.",
    ),
    tale(
        ("workplace", "business-application", "workplace"),
        (1, 2),
        "{thing} is slow for the whole team",
        "Every click in {thing} takes ten seconds, for all of us, in {place}.",
        &["The timesheet", "The travel tool", "The loan calculator", "The customer file"],
        [
            "Is it slow all day, or around the full hour?",
            "Mostly around the full hour.",
            "Hourly report locks a table.",
            "A report that runs every hour slows it down. It will run at night from today.",
        ],
        "fixed",
        "Moved the hourly report to the night.",
    ),
];

#[cfg(test)]
mod tests {
    use super::super::{agreements, cast};
    use super::*;
    use mainstay_processes::operation::incident::ResolutionCode;

    #[test]
    fn every_tale_happens_in_this_world() {
        let entries = agreements::entries();
        let known = |register: &str, key: &str| entries.iter().any(|e| e.register == register && e.key == key);
        for tale in TALES {
            assert!(known("services", tale.service) && known("categories", tale.category), "{}", tale.title);
            assert!(!cast::members(tale.team).is_empty(), "{}", tale.title);
            assert!(ResolutionCode::ALL.iter().any(|c| c.key() == tale.code), "{}", tale.title);
            assert!(tale.title.contains('{') || tale.words.contains('{'), "{}: nothing tells two apart", tale.title);
        }
    }
}
