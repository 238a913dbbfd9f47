//! A test of the sources: no file may import another that imports it back, over however many files: a reader can then take them in an order in
//! which each is explained by those before.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Result, bail, ensure};

use crate::shell::root;

/// The sources that are checked. A crate's root only lists its modules.
const SOURCES: [&str; 4] = ["src", "unet/src", "web/src", "lab/src"];

/// A module's path, such as `["draft", "memory"]`.
type Module = Vec<String>;

/// Fails with the files of a circle, where there is one.
pub fn check() -> Result<()> {
    let mut circles = Vec::new();
    for source in SOURCES {
        let mut modules = BTreeMap::new();
        read(&root().join(source), &mut Vec::new(), &mut modules)?;
        ensure!(modules.len() > 3, "{source} has hardly a file: was it moved?");
        let edges: BTreeMap<&Module, BTreeSet<&Module>> =
            modules.iter().map(|(module, text)| (module, imports(module, text, &modules))).collect();
        if let Some(circle) = find_circle(&edges) {
            let names: Vec<String> = circle.iter().map(|module| module.join("::")).collect();
            circles.push(format!("{source}: {}", names.join(" -> ")));
        }
    }
    if circles.is_empty() {
        return Ok(());
    }
    bail!("files that import each other in a circle:\n{}", circles.join("\n"))
}

/// Every module of a folder, with its text. Binaries are crates of their own and are left out.
fn read(folder: &Path, prefix: &mut Module, modules: &mut BTreeMap<Module, String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "bin" {
                prefix.push(name);
                read(&path, prefix, modules)?;
                prefix.pop();
            }
        } else if path.extension().is_some_and(|ending| ending == "rs") && !["lib", "main"].contains(&name.as_str()) {
            let mut module = prefix.clone();
            if name != "mod" {
                module.push(name);
            }
            modules.insert(module, fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

/// The modules that a file imports.
fn imports<'a>(module: &Module, text: &str, modules: &'a BTreeMap<Module, String>) -> BTreeSet<&'a Module> {
    let tests = text.find("#[cfg(test)]").or_else(|| text.find("#[cfg(all(test")).unwrap_or(text.len());
    let mut found = BTreeSet::new();
    for item in text[..tests].split(';').filter_map(|item| item.split_once("use ").map(|(_, path)| path)) {
        let path: String = item.split_whitespace().collect::<Vec<_>>().join(" ");
        for path in expand(&path) {
            let mut from = match path[0].as_str() {
                "crate" => Vec::new(),
                "super" => module[..module.len() - 1].to_vec(),
                "self" => module.clone(),
                _ => continue,
            };
            for part in &path[1..] {
                if part == "super" {
                    from.pop();
                } else {
                    from.push(part.clone());
                }
            }
            // the longest prefix that is a file
            while !from.is_empty() && !modules.contains_key(&from) {
                from.pop();
            }
            if let Some((imported, _)) = modules.get_key_value(&from)
                && imported != module
            {
                found.insert(imported);
            }
        }
    }
    found
}

/// `a::{b, c::d}` as `a::b` and `a::c::d`.
fn expand(path: &str) -> Vec<Module> {
    let Some((head, rest)) = path.split_once('{') else {
        let name = path.split(" as ").next().unwrap_or_default();
        return vec![name.split("::").map(|part| part.trim().to_owned()).collect()];
    };
    let (mut depth, mut parts, mut part) = (0, Vec::new(), String::new());
    for letter in rest.trim_end().trim_end_matches('}').chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if letter == ',' && depth == 0 {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(letter);
        }
    }
    parts.push(part);
    let parts = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty());
    parts.flat_map(|part| expand(&format!("{head}{part}"))).collect()
}

fn find_circle<'a>(edges: &BTreeMap<&'a Module, BTreeSet<&'a Module>>) -> Option<Vec<&'a Module>> {
    fn visit<'a>(
        module: &'a Module,
        edges: &BTreeMap<&'a Module, BTreeSet<&'a Module>>,
        path: &mut Vec<&'a Module>,
        done: &mut BTreeSet<&'a Module>,
    ) -> Option<Vec<&'a Module>> {
        if let Some(first) = path.iter().position(|seen| *seen == module) {
            return Some([&path[first..], &[module]].concat());
        }
        if done.contains(module) {
            return None;
        }
        path.push(module);
        let circle = edges[module].iter().find_map(|next| visit(next, edges, path, done));
        path.pop();
        done.insert(module);
        circle
    }
    let mut done = BTreeSet::new();
    edges.keys().find_map(|module| visit(module, edges, &mut Vec::new(), &mut done))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{check, expand, find_circle, imports};

    #[test]
    fn no_file_imports_itself_through_others() {
        check().expect("no circle");
    }

    #[test]
    fn a_circle_is_found_and_a_line_is_not() {
        let file = |name: &str, text: &str| (vec![name.to_owned()], text.to_owned());
        let circle = |files: [(Vec<String>, String); 3]| {
            let modules: BTreeMap<_, _> = files.into_iter().collect();
            let edges = modules.iter().map(|(module, text)| (module, imports(module, text, &modules))).collect();
            find_circle(&edges).map(|circle| circle.len())
        };
        let (a, b) = (file("a", "use crate::b::{X, Y};"), file("b", "use std::fmt;\nuse crate::c::Z;"));
        assert_eq!(circle([a.clone(), b.clone(), file("c", "use core::fmt;")]), None);
        assert_eq!(circle([a, b, file("c", "pub use super::a::{self, W};")]), Some(4));
        assert_eq!(expand("a::{b, c::{d, e}}").len(), 3);
    }
}
