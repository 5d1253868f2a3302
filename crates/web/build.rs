//! Puts what `assets/build.mjs` wrote into the binary, under names the compiler checks.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let dist = cargo_says("CARGO_MANIFEST_DIR").join("../../assets/dist");
    println!("cargo:rerun-if-changed={}", dist.display());
    assert!(dist.join("manifest.json").exists(), "the web assets are not built: run `make assets`");
    let dist = dist.canonicalize().expect("the folder was just seen");
    let sources = cargo_says("CARGO_MANIFEST_DIR").join("../../assets/src");
    println!("cargo:rerun-if-changed={}", sources.display());
    let text = format!("{}\n{}", table(&dist), words(&sources));
    fs::write(cargo_says("OUT_DIR").join("assets.rs"), text).expect("OUT_DIR can be written");
}

/// Rust source: the texts that scripts look up, `t("Draft saved")`, so that a page can bring their translations.
fn words(folder: &Path) -> String {
    let mut found = Vec::new();
    collect(folder, &mut found);
    found.sort();
    found.dedup();
    format!("/// The texts that scripts look up.\npub static WORDS: &[&str] = &{found:?};\n")
}

fn collect(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("assets/src can be read") {
        let path = entry.expect("assets/src can be read").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "ts") {
            let text = fs::read_to_string(&path).expect("a script is text");
            // Before the name of the function stands no letter: `set("x")` looks nothing up.
            let calls = text.match_indices("t(\"").filter(|(at, _)| {
                text[..*at]
                    .chars()
                    .next_back()
                    .is_none_or(|before| !before.is_alphanumeric() && before != '_' && before != '.')
            });
            let keys = calls.filter_map(|(at, call)| text[at + call.len()..].split('"').next());
            found.extend(keys.map(str::to_owned));
        }
    }
}

/// A folder that cargo names at the moment the script runs, wherever it was built.
#[expect(clippy::disallowed_methods, reason = "cargo tells a build script its folders in no other way")]
fn cargo_says(name: &str) -> PathBuf {
    PathBuf::from(env::var_os(name).expect("cargo sets it"))
}

/// Rust source: one URL constant per file, and the table of all files.
fn table(dist: &Path) -> String {
    let mut names: Vec<String> = fs::read_dir(dist)
        .expect("assets/dist can be read")
        .map(|entry| entry.expect("assets/dist can be read").file_name())
        .filter_map(|name| name.into_string().ok())
        .filter(|name| logical(name).is_some())
        .collect();
    names.sort();
    let mut constants = String::new();
    let mut files = String::from("static FILES: &[File] = &[\n");
    for name in names {
        let plain = logical(&name).expect("filtered above");
        let constant = plain.replace(['.', '-'], "_").to_uppercase();
        writeln!(constants, "/// Where `{plain}` is served.\npub const {constant}: &str = \"/assets/{name}\";")
            .expect("a string takes all text");
        writeln!(
            files,
            "    File {{ name: {name:?}, plain: {}, gzip: {}, brotli: {} }},",
            bytes(&dist.join(&name)),
            packed(dist, &name, "gz"),
            packed(dist, &name, "br")
        )
        .expect("a string takes all text");
    }
    format!("{constants}\n{files}];\n")
}

/// `app.css` of `app.<hash>.css`; nothing for the manifest and for packed copies.
fn logical(name: &str) -> Option<String> {
    let mut parts = name.split('.');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(stem), Some(_hash), Some(extension), None) => Some(format!("{stem}.{extension}")),
        _ => None,
    }
}

fn bytes(file: &Path) -> String {
    format!("include_bytes!({:?})", file.display().to_string())
}

fn packed(dist: &Path, name: &str, suffix: &str) -> String {
    let file = dist.join(format!("{name}.{suffix}"));
    if file.exists() { format!("Some({})", bytes(&file)) } else { "None".to_owned() }
}
