//! What a key of a declaration is: the one description from which the reader knows it, editors
//! check it, and the page for people tells of it.

/// A key: its name, what may stand there, and both in words.
pub(super) struct Key {
    pub name: &'static str,
    pub kind: Kind,
    /// What holds where it is absent; [`NEEDED`] where it must not be.
    pub absent: &'static str,
    /// What it is for, for people: plain Markdown.
    pub says: &'static str,
}

pub(super) const NEEDED: &str = "needed";

pub(super) const fn key(
    name: &'static str,
    kind: Kind,
    absent: &'static str,
    says: &'static str,
) -> Key {
    Key { name, kind, absent, says }
}

/// The keys of one table, in the order in which people read of them.
pub(super) struct Group {
    /// How the page calls it, such as `[fetch]`.
    pub title: &'static str,
    pub keys: &'static [&'static [Key]],
    /// Exactly one of these is needed, if there are any.
    pub one_of: &'static [&'static str],
    /// Other keys than these may stand there.
    pub is_open: bool,
}

/// A group of which each key may stand beside any other.
pub(super) const fn group(title: &'static str, keys: &'static [&'static [Key]]) -> Group {
    Group { title, keys, one_of: &[], is_open: false }
}

/// What several keys may be, under a name of its own.
pub(super) struct Shared {
    pub name: &'static str,
    pub kind: Kind,
}

/// What may stand under a key.
pub(super) enum Kind {
    /// Any text.
    Text,
    /// A text that is not empty.
    Line,
    /// A text of one letter.
    Sign,
    /// A text of this form.
    Form(&'static str),
    Flag,
    Number,
    /// A number above zero.
    Above0,
    /// A whole number from the first to the second.
    Whole(u32, u32),
    /// A text, a number, true or false.
    Scalar,
    /// One word of a closed list.
    Words(fn() -> Vec<&'static str>),
    Table(&'static Group),
    Shared(&'static Shared),
    /// A list that is not empty.
    List(&'static Kind),
    /// A list that may be empty.
    Many(&'static Kind),
    /// A table of free names.
    Named(&'static Kind),
    /// The same, of names of fields.
    Fields(&'static Kind),
    Either(&'static [Kind]),
}

/// A duration.
pub(super) const SPAN: Kind = Kind::Form("^[0-9]+(ms|s|m|h|d)$");
/// A web address.
pub(super) const URL: Kind = Kind::Form("^https?://");

impl Group {
    pub fn all(&self) -> impl Iterator<Item = &'static Key> {
        self.keys.iter().flat_map(|keys| keys.iter())
    }

    /// The group of the tables under a key, if they have one.
    pub fn below(&self, name: &str) -> Option<&'static Group> {
        self.all().find(|key| key.name == name)?.kind.group()
    }
}

impl Kind {
    fn group(&self) -> Option<&'static Group> {
        match self {
            Kind::Table(group) => Some(group),
            Kind::Shared(shared) => shared.kind.group(),
            Kind::List(kind) | Kind::Many(kind) | Kind::Named(kind) | Kind::Fields(kind) => {
                kind.group()
            }
            Kind::Either(kinds) => kinds.iter().find_map(Kind::group),
            _ => None,
        }
    }
}

/// The names of a closed list.
pub(super) fn names<T>(all: &[(&'static str, T)]) -> Vec<&'static str> {
    all.iter().map(|(name, _)| *name).collect()
}
