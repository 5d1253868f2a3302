//! `html!` as maud has it, with every text of a page said in the language of the request.
//!
//! - `html! { h2 { "Save" } }` is `maud::html! { h2 { (mainstay_words::t("Save")) } }`, and so are the attributes that
//!   people hear or read: `aria-label`, `title`, `placeholder`, `alt`.
//! - What a table or a component calls a label is looked up too: `(field.label)`, `(label)`, `(state.plain)`.
//!
//! All else goes to maud as it is.

use proc_macro::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

/// Attributes that hold words for people.
const SPOKEN: [&str; 6] = ["aria-label", "title", "placeholder", "alt", "data-label", "data-words"];

/// What holds words of the interface wherever it stands: `(field.label)`.
const NAMES: [&str; 6] = ["label", "label_plural", "help", "plain", "purpose", "means"];

/// What gives such words when it is asked: `(kind.words())`.
const CALLED: [&str; 2] = ["label", "words"];

/// Markup with translated text; see the crate.
#[proc_macro]
pub fn html(input: TokenStream) -> TokenStream {
    let markup = TokenTree::Group(Group::new(Delimiter::Brace, nodes(input)));
    path(&["maud", "html"], Span::call_site()).into_iter().chain([punct('!', Spacing::Alone), markup]).collect()
}

/// The tokens between braces of markup.
fn nodes(tokens: TokenStream) -> TokenStream {
    let mut tokens = tokens.into_iter().peekable();
    let mut made = Vec::new();
    let mut attribute = String::new();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(sign) if sign.as_char() == '@' => {
                made.push(TokenTree::Punct(sign));
                control(&mut tokens, &mut made);
            }
            // A class or an id as text, not words.
            TokenTree::Punct(sign) if matches!(sign.as_char(), '.' | '#') => {
                made.push(TokenTree::Punct(sign));
                if matches!(tokens.peek(), Some(TokenTree::Literal(_) | TokenTree::Group(_))) {
                    made.extend(tokens.next());
                }
                attribute.clear();
            }
            TokenTree::Punct(sign) if sign.as_char() == '=' => {
                made.push(TokenTree::Punct(sign));
                let spoken = SPOKEN.contains(&attribute.as_str());
                made.extend(tokens.next().map(|value| if spoken { attribute_value(value) } else { value }));
                attribute.clear();
            }
            TokenTree::Punct(sign) if matches!(sign.as_char(), '-' | ':') => {
                attribute.push(sign.as_char());
                made.push(TokenTree::Punct(sign));
            }
            TokenTree::Ident(name) => {
                if !attribute.ends_with(['-', ':']) {
                    attribute.clear();
                }
                attribute.push_str(&name.to_string());
                made.push(TokenTree::Ident(name));
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                made.push(within(&group, nodes(group.stream())));
                attribute.clear();
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
                made.push(splice(group));
                attribute.clear();
            }
            TokenTree::Literal(text) => {
                made.extend(said(&text));
                attribute.clear();
            }
            other => made.push(other),
        }
    }
    made.into_iter().collect()
}

/// A splice; what is a name of the interface is said in the language of the request.
fn splice(group: Group) -> TokenTree {
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    let named = match tokens.as_slice() {
        [TokenTree::Ident(name)] => NAMES.contains(&name.to_string().as_str()),
        [.., TokenTree::Punct(dot), TokenTree::Ident(name)] => {
            dot.as_char() == '.' && NAMES.contains(&name.to_string().as_str())
        }
        [.., TokenTree::Punct(dot), TokenTree::Ident(name), TokenTree::Group(call)] => {
            dot.as_char() == '.' && CALLED.contains(&name.to_string().as_str()) && call.stream().is_empty()
        }
        _ => false,
    };
    if !named {
        return TokenTree::Group(group);
    }
    let inner = Group::new(Delimiter::Parenthesis, group.stream());
    let argument = Group::new(Delimiter::Parenthesis, [punct('&', Spacing::Alone), inner.into()].into_iter().collect());
    let call = path(&["mainstay_words", "said"], group.span()).into_iter().chain([argument.into()]).collect();
    within(&group, call)
}

/// What follows an `@`: Rust up to the braces, markup or the arms of a match in them.
fn control(tokens: &mut impl Iterator<Item = TokenTree>, made: &mut Vec<TokenTree>) {
    let (mut matches, mut binds, mut first) = (false, false, true);
    for token in tokens {
        if first && let TokenTree::Ident(word) = &token {
            let word = word.to_string();
            (matches, binds, first) = (word == "match", word == "let", word == "else");
        }
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && !binds => {
                made.push(within(&group, if matches { arms(group.stream()) } else { nodes(group.stream()) }));
                return;
            }
            TokenTree::Punct(end) if binds && end.as_char() == ';' => {
                made.push(TokenTree::Punct(end));
                return;
            }
            other => made.push(other),
        }
    }
}

/// The arms of a match: a pattern as it is, then markup.
fn arms(tokens: TokenStream) -> TokenStream {
    let sign = |token: Option<&TokenTree>, wanted: char| matches!(token, Some(TokenTree::Punct(sign)) if sign.as_char() == wanted);
    let mut tokens = tokens.into_iter().peekable();
    let mut made = Vec::new();
    while let Some(token) = tokens.next() {
        let arrow = sign(Some(&token), '=') && sign(tokens.peek(), '>');
        made.push(token);
        if !arrow {
            continue;
        }
        made.extend(tokens.next());
        if let Some(TokenTree::Group(group)) = tokens.next_if(|next| matches!(next, TokenTree::Group(_))) {
            let braces = group.delimiter() == Delimiter::Brace;
            made.push(if braces { within(&group, nodes(group.stream())) } else { splice(group) });
            continue;
        }
        let mut body = Vec::new();
        while tokens.peek().is_some() && !sign(tokens.peek(), ',') {
            body.extend(tokens.next());
        }
        made.extend(nodes(body.into_iter().collect()));
    }
    made.into_iter().collect()
}

/// The value of an attribute for people.
fn attribute_value(value: TokenTree) -> TokenTree {
    match value {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => within(&group, nodes(group.stream())),
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => splice(group),
        TokenTree::Literal(text) => {
            let mut parts = said(&text);
            if parts.len() == 1 {
                return parts.remove(0);
            }
            TokenTree::Group(Group::new(Delimiter::Brace, parts.into_iter().collect()))
        }
        other => other,
    }
}

/// A text in the language of the request: `(::mainstay_words::t("Save"))`; spaces around its words stay outside.
fn said(text: &Literal) -> Vec<TokenTree> {
    let source = text.to_string();
    let Some(inner) = source.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return vec![text.clone().into()];
    };
    let words = inner.trim_matches(' ');
    if !words.chars().any(char::is_alphabetic) {
        return vec![text.clone().into()];
    }
    let span = text.span();
    let literal = |inner: &str| {
        let mut literal: Literal = format!("\"{inner}\"").parse().expect("a part of a literal between its escapes");
        literal.set_span(span);
        TokenTree::Literal(literal)
    };
    let argument = TokenTree::Group(Group::new(Delimiter::Parenthesis, literal(words).into()));
    let call = path(&["mainstay_words", "t"], span).into_iter().chain([argument]).collect();
    let start = inner.len() - inner.trim_start_matches(' ').len();
    let (before, after) = (&inner[..start], &inner[start + words.len()..]);
    let mut parts = Vec::new();
    parts.extend((!before.is_empty()).then(|| literal(before)));
    parts.push(TokenTree::Group(Group::new(Delimiter::Parenthesis, call)));
    parts.extend((!after.is_empty()).then(|| literal(after)));
    parts
}

fn within(like: &Group, tokens: TokenStream) -> TokenTree {
    let mut group = Group::new(like.delimiter(), tokens);
    group.set_span(like.span());
    TokenTree::Group(group)
}

fn punct(sign: char, spacing: Spacing) -> TokenTree {
    TokenTree::Punct(Punct::new(sign, spacing))
}

/// `::name::name`
fn path(names: &[&str], span: Span) -> Vec<TokenTree> {
    let colons = || [punct(':', Spacing::Joint), punct(':', Spacing::Alone)];
    names.iter().flat_map(|name| colons().into_iter().chain([Ident::new(name, span).into()])).collect()
}
