//! What is on the platter: per folder the entries of the last sync, and the changes since, which
//! only the page cache knows. A power cut keeps any of those, and loses the others.

use crate::crash::cases::Dice;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Node {
    /// By inode; the vault has it under that number.
    File(u64),
    Folder(usize),
}

type Entries = BTreeMap<String, Node>;

enum Change {
    Add(String, Node),
    Remove(String),
    Rename(String, String),
}

#[derive(Default)]
struct Folder {
    durable: Entries,
    view: Entries,
    pending: Vec<Change>,
}

/// The disk of one home.
pub struct Platter {
    root: PathBuf,
    /// A second name of each file there ever was.
    vault: PathBuf,
    folders: Vec<Folder>,
    /// Folders by inode, while they are there.
    known: BTreeMap<u64, usize>,
    /// How many bytes of a file that grows are synced.
    synced: BTreeMap<u64, u64>,
}

impl Platter {
    /// A home that is all on the platter.
    pub fn new(root: &Path, vault: &Path) -> Platter {
        fs::create_dir_all(vault).unwrap();
        let (folders, known, synced) = Default::default();
        let (root, vault) = (root.into(), vault.into());
        let mut platter = Platter { root, vault, folders, known, synced };
        platter.settle();
        platter
    }

    /// All that there is now is on the platter.
    pub fn settle(&mut self) {
        self.look();
        for folder in &mut self.folders {
            folder.durable.clone_from(&folder.view);
            folder.pending.clear();
        }
    }

    /// After an operation on a path.
    pub fn done(&mut self, operation: &str, path: &Path) {
        match operation {
            "disk.append" => return,
            "disk.append-sync" | "disk.truncate" | "disk.create" => {
                let file = fs::metadata(path).unwrap();
                self.synced.insert(file.ino(), file.len());
            }
            // Until it is synced, any part of it may be lost.
            "disk.draft" => drop(fs::metadata(path).map(|file| self.synced.insert(file.ino(), 0))),
            "disk.sync-draft" => {
                let file = fs::metadata(path).unwrap();
                self.synced.insert(file.ino(), file.len());
            }
            _ => {}
        }
        self.look();
        if operation == "disk.sync"
            && let Some(place) = fs::metadata(path).ok().and_then(|m| self.known.get(&m.ino()))
        {
            let folder = &mut self.folders[*place];
            folder.durable.clone_from(&folder.view);
            folder.pending.clear();
        }
    }

    fn look(&mut self) {
        let known = std::mem::take(&mut self.known);
        let root = self.root.clone();
        self.look_into(&root, &known);
    }

    fn look_into(&mut self, path: &Path, known: &BTreeMap<u64, usize>) -> usize {
        let inode = fs::metadata(path).unwrap().ino();
        let place = known.get(&inode).copied().unwrap_or_else(|| {
            self.folders.push(Folder::default());
            self.folders.len() - 1
        });
        self.known.insert(inode, place);
        let mut view = Entries::new();
        for entry in fs::read_dir(path).unwrap().map(|entry| entry.unwrap()) {
            let node = match entry.file_type().unwrap().is_dir() {
                true => Node::Folder(self.look_into(&entry.path(), known)),
                false => Node::File(self.keep(&entry.path())),
            };
            view.insert(entry.file_name().into_string().unwrap(), node);
        }
        self.folders[place].change_to(view);
        place
    }

    fn keep(&self, path: &Path) -> u64 {
        let inode = fs::metadata(path).unwrap().ino();
        let place = self.vault.join(inode.to_string());
        if !place.exists() {
            fs::hard_link(path, place).unwrap();
        }
        inode
    }

    /// The power goes.
    pub fn cut(&mut self, dice: &mut Dice) {
        self.look();
        for folder in &mut self.folders {
            for change in std::mem::take(&mut folder.pending) {
                if dice.below(2) == 0 {
                    change.apply(&mut folder.durable);
                }
            }
        }
        for (inode, synced) in &self.synced {
            let file = File::options().write(true).open(self.vault.join(inode.to_string()));
            let file = file.unwrap();
            let length = file.metadata().unwrap().len();
            file.set_len(synced + dice.below((length - synced + 1) as usize) as u64).unwrap();
        }
        fs::remove_dir_all(&self.root).unwrap();
        let root = *self.known.values().min().unwrap();
        self.build(root, &self.root);
        self.folders.clear();
        self.known.clear();
        self.synced.clear();
        self.settle();
    }

    fn build(&self, place: usize, path: &Path) {
        fs::create_dir(path).unwrap();
        for (name, node) in &self.folders[place].durable {
            let path = path.join(name);
            match node {
                Node::Folder(place) => self.build(*place, &path),
                Node::File(inode) => {
                    fs::hard_link(self.vault.join(inode.to_string()), path).unwrap();
                }
            }
        }
    }
}

impl Folder {
    /// What led from one view to the next. A name that moved within its folder was renamed.
    fn change_to(&mut self, view: Entries) {
        let old = std::mem::replace(&mut self.view, view);
        let mut gone: Vec<(String, Node)> = old
            .iter()
            .filter(|(name, _)| !self.view.contains_key(*name))
            .map(|(name, node)| (name.clone(), *node))
            .collect();
        for (name, node) in self.view.iter().filter(|(name, node)| old.get(*name) != Some(node)) {
            let from = gone.iter().position(|(_, was)| was == node);
            self.pending.push(match from.map(|from| gone.remove(from)) {
                Some((from, _)) => Change::Rename(from, name.clone()),
                None => Change::Add(name.clone(), *node),
            });
        }
        self.pending.extend(gone.into_iter().map(|(name, _)| Change::Remove(name)));
    }
}

impl Change {
    fn apply(self, entries: &mut Entries) {
        match self {
            Change::Add(name, node) => drop(entries.insert(name, node)),
            Change::Remove(name) => drop(entries.remove(&name)),
            Change::Rename(from, to) => {
                if let Some(node) = entries.remove(&from) {
                    entries.insert(to, node);
                }
            }
        }
    }
}
