//! The keys of a condition: on an element, on an answer.

use super::key::Kind::{Flag, Line, Scalar, Table};
use super::key::{Group, NEEDED, Shared, group, key};

pub(super) static FILTER: Group = Group {
    one_of: &["present", "equals", "not"],
    ..group(
        "a condition of where",
        &[&[
            key("path", Line, NEEDED, "a path inside an element"),
            key("present", Flag, "", "whether there is a value"),
            key("equals", Scalar, "", "the value"),
            key("not", Scalar, "", "what is not the value"),
        ]],
    )
};

pub(super) static CONDITION: Shared = Shared { name: "filter", kind: Table(&FILTER) };
