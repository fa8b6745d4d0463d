//! Inside a room, files name each other one way: whoever reads a file never comes back to it by
//! what it names, neither through a parent nor through what a parent hands on.

use crate::tidy::{fails_with, rust_files};
use regex_lite::Regex;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A module or a thing in one, from the crate's root: `domain`, `time`, `Window`.
type Path = Vec<String>;

/// A file, as far as it names others.
#[derive(Default)]
struct Module {
    code: String,
    /// What it hands on, by the name under which it does.
    handed_on: BTreeMap<String, Path>,
    /// Modules of which it hands on everything.
    whole: Vec<Path>,
    named: BTreeSet<Path>,
}

/// The modules of the rooms by their paths.
struct House(BTreeMap<Path, Module>);

fn module_path(file: &str) -> Path {
    let inside = file.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    inside.split('/').map(str::to_string).collect()
}

impl House {
    /// From the files' paths and their code.
    fn new(files: impl IntoIterator<Item = (String, String)>) -> House {
        let bare = |code: String| {
            let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            lines.collect::<Vec<_>>().join("\n")
        };
        let module = |(file, code): (String, String)| {
            (module_path(&file), Module { code: bare(code), ..Module::default() })
        };
        let mut house = House(files.into_iter().map(module).collect());
        let paths: Vec<Path> = house.0.keys().cloned().collect();
        for path in &paths {
            house.read(path);
        }
        house
    }

    fn read(&mut self, own: &Path) {
        let uses = Regex::new(r"(?m)^ *(pub(?:\([a-z ]+\))? )?use ([^;]+);").unwrap();
        let inline = Regex::new(r"(^|[^\w:])(\w+(?:::\w+)+)").unwrap();
        let code = self.0[own].code.clone();
        let mut module = Module::default();
        for found in uses.captures_iter(&code) {
            for (path, name) in expanded(&found[2]) {
                let Some(path) = self.rooted(own, &path) else { continue };
                match (found.get(1).is_some(), name.as_str()) {
                    (true, "*") => module.whole.push(path),
                    (true, _) => drop(module.handed_on.insert(name, path)),
                    (false, _) => drop(module.named.insert(path)),
                }
            }
        }
        for found in inline.captures_iter(&uses.replace_all(&code, "")) {
            let path: Path = found[2].split("::").map(str::to_string).collect();
            module.named.extend(self.rooted(own, &path));
        }
        self.0.insert(own.clone(), Module { code, ..module });
    }

    /// A path from the crate's root; none if it leads out of the crate.
    fn rooted(&self, own: &Path, path: &[String]) -> Option<Path> {
        let ups = path.iter().take_while(|step| *step == "super").count();
        let (base, rest) = match path.first()?.as_str() {
            "crate" => (&own[..0], &path[1..]),
            "self" => (&own[..], &path[1..]),
            "super" => (&own[..own.len().checked_sub(ups)?], &path[ups..]),
            first => {
                let child = [own.clone(), vec![first.to_string()]].concat();
                (self.0.contains_key(&child).then_some(&own[..])?, path)
            }
        };
        Some([base, rest].concat())
    }

    /// The file in which a path ends, whoever hands it on.
    fn home(&self, path: &[String], far: usize) -> Option<Path> {
        let own = (1..=path.len()).rev().map(|end| &path[..end]);
        let own = own.into_iter().find(|own| self.0.contains_key(*own))?;
        let (module, Some(name)) = (&self.0[own], path.get(own.len())) else {
            return Some(own.to_vec());
        };
        if far == 0 || self.defines(own, name) {
            return Some(own.to_vec());
        }
        if let Some(on) = module.handed_on.get(name) {
            let on = [&on[..], &path[own.len() + 1..]].concat();
            return self.home(&on, far - 1);
        }
        let whole = module.whole.iter().filter_map(|whole| {
            let home = self.home(&[&whole[..], &path[own.len()..]].concat(), far - 1)?;
            self.defines(&home, path.last()?).then_some(home)
        });
        whole.into_iter().next().or_else(|| Some(own.to_vec()))
    }

    fn defines(&self, own: &[String], name: &str) -> bool {
        let words = r"(fn|struct|enum|const|static|type|trait|macro_rules!)";
        Regex::new(&format!(r"\b{words} {name}\b")).unwrap().is_match(&self.0[own].code)
    }

    /// Which files of its room a file names.
    fn corridors(&self) -> BTreeMap<&Path, BTreeSet<Path>> {
        let from = |(own, module): (&'_ Path, &Module)| -> BTreeSet<Path> {
            let homes = module.named.iter().filter_map(|path| self.home(path, 8));
            homes.filter(|home| home != own && home[0] == own[0]).collect()
        };
        self.0.iter().map(|(own, module)| (own, from((own, module)))).collect()
    }

    /// The shortest circle through each file that is in one; a circle is told once.
    fn circles(&self) -> Vec<String> {
        let corridors = self.corridors();
        let mut told: BTreeMap<BTreeSet<Path>, String> = BTreeMap::new();
        for own in corridors.keys() {
            if let Some(circle) = shortest(&corridors, own) {
                let line: Vec<String> = circle.iter().map(|path| path.join("::")).collect();
                told.entry(circle.into_iter().collect()).or_insert(line.join(" names "));
            }
        }
        told.into_values().collect()
    }
}

/// The paths of one `use`, with the name that each has after it.
fn expanded(tree: &str) -> Vec<(Path, String)> {
    let Some((before, inner)) = tree.split_once('{') else {
        let (path, name) = tree.split_once(" as ").unwrap_or((tree, ""));
        let mut path: Path = path.split("::").map(|step| step.trim().to_string()).collect();
        path.retain(|step| !step.is_empty());
        let last = path.last().cloned().unwrap_or_default();
        let name = if name.is_empty() { last.clone() } else { name.trim().to_string() };
        if path.len() > 1 && (last == "self" || last == "*") {
            path.pop();
        }
        return vec![(path, name)];
    };
    let inner = inner.trim().strip_suffix('}').unwrap_or(inner);
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for letter in inner.chars() {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        match letter {
            ',' if depth == 0 => parts.push(String::new()),
            _ => parts.last_mut().unwrap().push(letter),
        }
    }
    let whole = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty());
    whole.flat_map(|part| expanded(&format!("{}{part}", before.trim()))).collect()
}

fn shortest(corridors: &BTreeMap<&Path, BTreeSet<Path>>, own: &Path) -> Option<Vec<Path>> {
    let mut came: BTreeMap<&Path, &Path> = BTreeMap::new();
    let mut waiting = VecDeque::from([own]);
    while let Some(at) = waiting.pop_front() {
        for next in &corridors[at] {
            if next == own {
                let mut way = vec![own.clone(), at.clone()];
                while way.last() != Some(own) {
                    way.push(came[way.last().unwrap()].clone());
                }
                way.reverse();
                return Some(way);
            }
            if !came.contains_key(next) {
                came.insert(next, at);
                waiting.push_back(next);
            }
        }
    }
    None
}

#[test]
fn no_files_of_a_room_name_each_other_in_a_circle() {
    let rooms = rust_files("src").into_iter().filter(|file| {
        let room = file.path.split('/').nth(1).unwrap();
        ["command", "tier", "edge", "domain"].contains(&room)
    });
    let house = House::new(rooms.map(|file| (file.path, file.code)));
    let corridors: usize = house.corridors().values().map(BTreeSet::len).sum();
    assert!(corridors > 500, "only {corridors} corridors were found: is the reading right?");
    fails_with(&house.circles());
}

#[test]
fn a_circle_is_found_however_it_is_written() {
    let circles = |files: &[(&str, &str)]| {
        House::new(files.iter().map(|(file, code)| (file.to_string(), code.to_string()))).circles()
    };
    let two =
        |there: &str, back: &str| circles(&[("src/tier/a.rs", there), ("src/tier/b.rs", back)]);
    assert_eq!(two("use super::b::{B, C as D};", "pub struct B;"), [""; 0]);
    assert_eq!(two("// use super::b;", "use super::a;"), [""; 0]);
    assert_eq!(
        two("use super::b::B;", "use crate::tier::a;"),
        ["tier::a names tier::b names tier::a"]
    );
    assert_eq!(two("use super::{\n    b::{self, B},\n};", "fn f() { super::a::g() }").len(), 1);
    // By what a parent hands on, under its name, another, or none.
    let parent = |handed: &str, there: &str| {
        let back = "use crate::edge::door::there::T;\npub struct Own;";
        circles(&[
            ("src/edge/door.rs", handed),
            ("src/edge/door/own.rs", back),
            ("src/edge/door/there.rs", &format!("{there}\npub struct T;")),
        ])
    };
    assert_eq!(parent("pub use own::Own;", "use super::Own;").len(), 1);
    assert_eq!(parent("pub use own::Own as Mine;", "use super::Mine;").len(), 1);
    assert_eq!(parent("pub use own::*;", "use super::Own;").len(), 1);
    assert_eq!(parent("pub use own::Own;\npub struct P;", "use super::P;"), [""; 0]);
    // A parent and its child, and three in a row.
    assert_eq!(parent("fn f() { own::g() }", "fn g() {}"), [""; 0]);
    assert_eq!(parent("fn f() { there::g() }\npub struct P;", "use super::P;").len(), 1);
    assert_eq!(
        parent("fn f() { own::g() }\npub struct P;", "fn f(_: super::P) {}"),
        ["edge::door names edge::door::own names edge::door::there names edge::door"]
    );
}
