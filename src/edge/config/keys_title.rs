//! The keys of a title: one text, or one for each language.

use super::key::Kind::{Either, Line, Table};
use super::key::{Group, NEEDED, Shared, group, key};

pub(super) static WORDING: Group = group(
    "a title",
    &[&[key("en", Line, NEEDED, "in English"), key("fr", Line, NEEDED, "in French")]],
);

pub(super) static TITLE: Shared = Shared { name: "title", kind: Either(&[Line, Table(&WORDING)]) };
