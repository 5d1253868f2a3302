//! Turns the catalogues in `locales/` into tables of the binary. A catalogue that cannot be read stops the build.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use polib::po_file;

fn main() {
    let folder = cargo_says("CARGO_MANIFEST_DIR").join("../../locales");
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("locales/ can be read")
        .map(|entry| entry.expect("locales/ can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "po"))
        .collect();
    files.sort();
    let mut text = String::from("/// The catalogues by tag.\npub(crate) static CATALOGUES: &[Catalogue] = &[\n");
    for file in &files {
        text.push_str(&catalogue(file));
    }
    text.push_str("];\n");
    fs::write(cargo_says("OUT_DIR").join("catalogues.rs"), text).expect("OUT_DIR can be written");
}

/// A folder that cargo names at the moment the script runs, wherever it was built.
#[expect(clippy::disallowed_methods, reason = "cargo tells a build script its folders in no other way")]
fn cargo_says(name: &str) -> PathBuf {
    PathBuf::from(env::var_os(name).expect("cargo sets it"))
}

/// Rust source of one catalogue, named by its file: `de.po` is German.
fn catalogue(file: &Path) -> String {
    println!("cargo:rerun-if-changed={}", file.display());
    let tag = file.file_stem().and_then(|stem| stem.to_str()).expect("a file name in ASCII");
    let parsed = po_file::parse(file).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
    let mut text = format!("    Catalogue {{ tag: {tag:?}, messages: &[\n");
    for message in parsed.messages().filter(|message| message.is_translated() && !message.is_fuzzy()) {
        let forms: Vec<String> = match message.msgstr_plural() {
            Ok(forms) => forms.clone(),
            Err(_) => message.msgstr().map(str::to_owned).into_iter().collect(),
        };
        let (context, id) = (message.msgctxt().unwrap_or_default(), message.msgid());
        writeln!(text, "        Message {{ context: {context:?}, id: {id:?}, forms: &{forms:?} }},")
            .expect("a string takes all text");
    }
    let plural = form_of(&parsed.metadata.plural_rules.expr);
    writeln!(text, "    ], plural: |n| {plural} }},").expect("a string takes all text");
    text
}

/// The rule that picks a plural form, from C as gettext has it to Rust: `n != 1`, `n == 1 ? 0 : n < 5 ? 1 : 2`.
fn form_of(rule: &str) -> String {
    let rule = rule.trim();
    if let Some((condition, rest)) = rule.split_once('?') {
        let middle = matching_colon(rest).expect("each ? of a plural rule has its :");
        return format!(
            "if {condition} {{ {} }} else {{ {} }}",
            form_of(&rest[..middle]),
            form_of(&rest[middle + 1..])
        );
    }
    if rule.parse::<usize>().is_ok() {
        return format!("{{ let _: u64 = n; {rule} }}");
    }
    format!("usize::from({rule})")
}

/// Where the `:` stands that belongs to the `?` before the text.
fn matching_colon(text: &str) -> Option<usize> {
    let mut open = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '?' => open += 1,
            ':' if open == 0 => return Some(at),
            ':' => open -= 1,
            _ => {}
        }
    }
    None
}
