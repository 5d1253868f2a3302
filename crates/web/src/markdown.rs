//! Text of people: Markdown rendered to HTML, and HTML cleaned to a short list of elements on its way out.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use comrak::nodes::{NodeLink, NodeValue};
use comrak::{Arena, Node, Options, format_html, parse_document};
use mainstay_desk::records;
use maud::{Markup, PreEscaped};

/// The elements that may appear; everything else is dropped and its text kept.
const TAGS: [&str; 32] = [
    "a",
    "b",
    "blockquote",
    "br",
    "code",
    "dd",
    "del",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "strong",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];

/// The elements that are dropped with all they hold.
const DROPPED_WHOLE: [&str; 12] = [
    "script", "style", "svg", "math", "iframe", "object", "embed", "template", "noscript", "title", "textarea",
    "select",
];

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::empty();
    cleaner
        .tags(HashSet::from(TAGS))
        .clean_content_tags(HashSet::from(DROPPED_WHOLE))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href", "title"])),
            ("img", HashSet::from(["src", "alt", "width", "height"])),
            ("ol", HashSet::from(["start"])),
            ("td", HashSet::from(["align"])),
            ("th", HashSet::from(["align"])),
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(UrlRelative::PassThrough)
        .link_rel(Some("nofollow noopener"))
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            ("img", "src") if !is_own_path(value) => None,
            _ => Some(value.into()),
        })
        .strip_comments(true);
    cleaner
});

/// A path on this server: a picture from elsewhere would tell its owner who reads, and when.
fn is_own_path(address: &str) -> bool {
    let mut letters = address.chars();
    letters.next() == Some('/')
        && letters.all(|letter| letter.is_ascii_graphic() && letter != '\\')
        && !address.starts_with("//")
}

/// Markdown with tables, task lists, struck text and bare links, as safe HTML.
///
/// Raw HTML in the source is shown as text. Links carry `nofollow noopener`; pictures from other servers are dropped.
#[must_use]
pub fn render(markdown: &str) -> Markup {
    clean(&comrak::markdown_to_html(markdown, &OPTIONS))
}

/// The words of a Markdown text without its marks, on one line.
#[must_use]
pub fn words(markdown: &str) -> String {
    let arena = Arena::new();
    let mut words = String::new();
    for node in parse_document(&arena, markdown, &OPTIONS).descendants() {
        match &node.data.borrow().value {
            NodeValue::Text(text) => words.push_str(text),
            NodeValue::Code(code) => words.push_str(&code.literal),
            NodeValue::CodeBlock(block) => words.push_str(&block.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak | NodeValue::Paragraph | NodeValue::Item(_) => words.push(' '),
            _ => {}
        }
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same, with the numbers of records as links to them. `place` tells the address and title of a record that the
/// reader may see; a number of any other stays as it was written.
#[must_use]
pub fn render_linked<'t>(markdown: &str, place: &dyn Fn(&str) -> Option<(String, &'t str)>) -> Markup {
    if records::numbers(markdown).iter().all(|(_, number)| place(number).is_none()) {
        return render(markdown);
    }
    let arena = Arena::new();
    let root = parse_document(&arena, markdown, &OPTIONS);
    let plain = |node: &Node<'_>| {
        let linked = node.ancestors().any(|above| matches!(above.data.borrow().value, NodeValue::Link(_)));
        !linked && matches!(node.data.borrow().value, NodeValue::Text(_))
    };
    let texts: Vec<Node<'_>> = root.descendants().filter(plain).collect();
    for node in texts {
        link_numbers(&arena, node, place);
    }
    let mut html = String::new();
    match format_html(root, &OPTIONS, &mut html) {
        Ok(()) => clean(&html),
        Err(_) => render(markdown),
    }
}

/// Puts links in the place of the numbers in a piece of text.
fn link_numbers<'a, 't>(arena: &'a Arena<'a>, node: Node<'a>, place: &dyn Fn(&str) -> Option<(String, &'t str)>) {
    let text = match &node.data.borrow().value {
        NodeValue::Text(text) => text.clone().into_owned(),
        _ => return,
    };
    let found = records::numbers(&text).into_iter().filter_map(|(at, number)| Some((at, place(number)?)));
    let mut done = 0;
    let put = |value: NodeValue| {
        let new: Node<'a> = arena.alloc(value.into());
        node.insert_before(new);
        new
    };
    for (at, (url, title)) in found {
        if at.start > done {
            put(NodeValue::Text(text[done..at.start].to_owned().into()));
        }
        let link = put(NodeValue::Link(Box::new(NodeLink { url, title: title.to_owned() })));
        link.append(arena.alloc(NodeValue::Text(text[at.clone()].to_owned().into()).into()));
        done = at.end;
    }
    if done > 0 {
        node.data.borrow_mut().value = NodeValue::Text(text[done..].to_owned().into());
    }
}

static OPTIONS: LazyLock<Options<'static>> = LazyLock::new(|| {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    // A new line that somebody typed is one that they meant.
    options.render.hardbreaks = true;
    options.render.escape = true;
    options
});

/// HTML from outside, such as the body of a mail, as safe HTML.
#[must_use]
pub fn clean(html: &str) -> Markup {
    PreEscaped(CLEANER.clean(html).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ways in which text has become script elsewhere.
    const VECTORS: &[&str] = &[
        "<script>alert(1)</script>",
        "<ScRiPt src=//evil.example/x.js></sCrIpT>",
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<img src=x onerror=alert(1)>",
        "<img/src=x/onerror=alert(1)>",
        "<img src=x:alert(1) onerror=eval(src)>",
        "<svg onload=alert(1)>",
        "<svg><script>alert(1)</script></svg>",
        "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
        "<svg><a><animate attributeName=href values=javascript:alert(1) /><text x=20 y=20>x</text></a></svg>",
        "<svg><set attributeName=href to=javascript:alert(1)></svg>",
        "<svg><use href=\"data:image/svg+xml;base64,PHN2Zz4=#x\"></svg>",
        "<svg><foreignObject><iframe srcdoc=\"<script>alert(1)</script>\"></foreignObject></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "<math><maction actiontype=statusline xlink:href=javascript:alert(1)>x</maction></math>",
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<iframe srcdoc=\"&lt;script&gt;alert(1)&lt;/script&gt;\"></iframe>",
        "<iframe src=javascript:alert(1)></iframe>",
        "<object data=data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==></object>",
        "<embed src=javascript:alert(1)>",
        "<a href=javascript:alert(1)>x</a>",
        "<a href=\"java\nscript:alert(1)\">x</a>",
        "<a href=\"&#106;avascript:alert(1)\">x</a>",
        "<a href=\" \u{1}javascript:alert(1)\">x</a>",
        "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
        "<a href=\"vbscript:msgbox(1)\">x</a>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&colon;alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](javascript:alert(1))",
        "![x](x\" onerror=\"alert(1))",
        "<javascript:alert(1)>",
        "[x]: javascript:alert(1)\n\n[x]",
        "<base href=//evil.example/>",
        "<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">",
        "<link rel=stylesheet href=//evil.example/x.css>",
        "<style>@import '//evil.example/x.css';</style>",
        "<div style=\"background:url(javascript:alert(1))\">x</div>",
        "<p style=\"position:fixed;inset:0\">x</p>",
        "<form action=//evil.example><input name=password><button formaction=javascript:alert(1)>x</button></form>",
        "<input autofocus onfocus=alert(1)>",
        "<details open ontoggle=alert(1)>x</details>",
        "<video><source onerror=alert(1)></video>",
        "<audio src onerror=alert(1)>",
        "<body onload=alert(1)>",
        "<marquee onstart=alert(1)>x</marquee>",
        "<select><template shadowrootmode=open><script>alert(1)</script></template></select>",
        "<textarea><img title=\"</textarea><img src=x onerror=alert(1)>\"></textarea>",
        "<xmp><img title=\"</xmp><img src=x onerror=alert(1)>\"></xmp>",
        "<!--><img src=x onerror=alert(1)>-->",
        "<![CDATA[><img src=x onerror=alert(1)>]]>",
        "<?xml-stylesheet href=javascript:alert(1)?>",
        "<a id=announcer name=main class=error-summary href=/x>clobber</a>",
        "<p data-turbo-permanent data-controller=x is=x>x</p>",
        "```\" onmouseover=alert(1)\nx\n```",
        "`<script>alert(1)</script>`",
    ];

    /// What no cleaned text may hold outside of plain text.
    fn dangerous(html: &str) -> Option<&'static str> {
        let tags: String = html
            .split('<')
            .skip(1)
            .filter_map(|rest| rest.split_once('>'))
            .fold(String::new(), |all, (tag, _)| all + "<" + tag + ">\n");
        let lower = tags.to_lowercase();
        [
            "<script",
            "<svg",
            "<math",
            "<iframe",
            "<object",
            "<embed",
            "<style",
            "<link",
            "<meta",
            "<base",
            "<form",
            "<input",
            "<template",
            "<video",
            "<audio",
            " on",
            "javascript:",
            "vbscript:",
            "data:",
            "style=",
            "srcdoc",
            " id=",
            " class=",
            " name=",
            "data-",
            " is=",
        ]
        .into_iter()
        .find(|sign| lower.contains(sign))
    }

    #[test]
    fn words_come_without_their_marks() {
        let text = "Choose **gateway 02** in *Settings*:\n\n1. stop `vpn`\n2. [start](https://example.org) it & go\n";
        assert_eq!(words(text), "Choose gateway 02 in Settings: stop vpn start it & go");
    }

    #[test]
    fn no_vector_survives_as_markdown_or_as_html() {
        for vector in VECTORS {
            for html in [render(vector).into_string(), clean(vector).into_string()] {
                assert_eq!(dangerous(&html), None, "{vector:?} became {html:?}");
            }
        }
    }

    #[test]
    fn cleaning_twice_changes_nothing() {
        for vector in VECTORS {
            let once = clean(vector).into_string();
            assert_eq!(clean(&once).into_string(), once, "{vector:?}");
        }
    }

    #[test]
    fn ordinary_markdown_keeps_its_shape() {
        let html = render(
            "# Steps\n\n- **one**\n- ~~two~~\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> quoted\n\n```\ncode <b>\n```",
        )
        .into_string();
        for part in [
            "<h1>Steps</h1>",
            "<strong>one</strong>",
            "<del>two</del>",
            "<th>a</th>",
            "<td>2</td>",
            "<blockquote>",
            "code &lt;b&gt;",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn raw_html_is_shown_as_it_was_typed() {
        assert_eq!(render("a <b>b</b>").into_string(), "<p>a &lt;b&gt;b&lt;/b&gt;</p>\n");
    }

    #[test]
    fn links_do_not_vouch_and_do_not_hand_over_the_window() {
        let html = render("see https://example.org/x and [mail](mailto:a@example.org)").into_string();
        assert_eq!(html.matches(r#"rel="nofollow noopener""#).count(), 2, "{html}");
        assert!(html.contains(r#"href="https://example.org/x""#));
    }

    #[test]
    fn pictures_from_elsewhere_are_dropped_and_own_ones_stay() {
        for elsewhere in [
            "https://evil.example/p.gif",
            "//evil.example/p.gif",
            "/\\evil.example/p.gif",
            "p.gif",
            "data:image/gif;base64,R0",
        ] {
            let html = clean(&format!("<img src=\"{elsewhere}\" alt=\"pixel\">")).into_string();
            assert_eq!(html, "<img alt=\"pixel\">", "{elsewhere}");
        }
        assert!(!render("![pixel](https://evil.example/p.gif)").into_string().contains("src="));
        assert!(render("![plan](/attachments/7/plan.png)").into_string().contains(r#"src="/attachments/7/plan.png""#));
    }

    #[test]
    fn numbers_of_records_lead_to_them_outside_of_code_and_links() {
        let prefix = mainstay_processes::ALL[0].prefix;
        let place = |number: &str| (number.ends_with("-7")).then(|| (format!("/x/{number}"), "A <b> \"title\""));
        let text = format!("see #{prefix}-7, {prefix}-8 and `{prefix}-7`, [{prefix}-7](https://a.example/)");
        let html = render_linked(&text, &place).into_string();
        assert_eq!(html.matches(&format!("href=\"/x/{prefix}-7\"")).count(), 1, "{html}");
        assert!(html.contains(&format!(">#{prefix}-7</a>, {prefix}-8 and <code>{prefix}-7</code>")), "{html}");
        assert_eq!(dangerous(&html), None, "{html}");
        assert_eq!(render_linked("a <b>b</b>", &place).into_string(), render("a <b>b</b>").into_string());
    }

    #[test]
    fn a_line_break_that_was_typed_is_kept() {
        assert_eq!(render("one\ntwo").into_string(), "<p>one<br>\ntwo</p>\n");
    }
}
