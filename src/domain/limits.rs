//! The limits: every bound on what a foreign thing may cost us, with its reason and with what
//! happens beyond it. Who reads foreign bytes takes its bounds from here; `docs/limits.md` is made
//! of the same lines. What a person may set stands in [`super::settings`] and in declarations; its
//! default and its greatest value stand here too.

use std::fmt::Write;

/// One bound, for people.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub what: &'static str,
    /// The value in words.
    pub value: &'static str,
    pub reason: &'static str,
    /// What happens beyond it.
    pub beyond: &'static str,
}

/// Constants, and the list of them: `NAME: type = value, "value in words"; what; reason; beyond`.
macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $value:expr, $words:literal;
        $what:literal; $reason:literal; $beyond:literal;)*) => {
        $($(#[$doc])* pub const $name: $type = $value;)*

        /// All limits, in the order of an answer's way.
        pub const ALL: &[Limit] = &[
            $(Limit { what: $what, value: $words, reason: $reason, beyond: $beyond },)*
        ];
    };
}

limits! {
    /// Brackets inside each other in JSON.
    JSON_DEPTH: usize = 512, "512";
    "levels of JSON";
    "no real answer comes near, and a reader's stack must not depend on its input";
    "a fault of the answer: it goes to quarantine";

    /// Elements inside each other in XML.
    XML_DEPTH: usize = 100, "100";
    "levels of XML";
    "as for JSON; XML nests less";
    "a fault of the answer: it goes to quarantine";
}

/// The page `docs/limits.md`.
pub fn page() -> String {
    let mut out = String::from(
        "# Limits\n\nWhat one input may cost, and what happens beyond. Generated from the program; \
         a test holds it.\n\n| what | limit | why | beyond it |\n|---|---|---|---|\n",
    );
    for Limit { what, value, reason, beyond } in ALL {
        let _ = writeln!(out, "| {what} | {value} | {reason} | {beyond} |");
    }
    out
}
