//! The limits: every bound on what a foreign thing may cost us, with its reason and with what
//! happens beyond it. Who reads foreign bytes takes its bounds from here; `docs/limits.md` is made
//! of the same lines. What a person may set stands in [`super::settings`] and in declarations; its
//! default and its greatest value stand here too.

use std::fmt::Write;
use std::time::Duration;

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
    /// Requests under way over all hosts; fewer where the system gives few descriptors.
    REQUESTS_AT_ONCE: usize = 128, "128, or a quarter of the open files that the system allows";
    "requests under way at once, over all hosts";
    "each holds a connection and memory";
    "further ones wait their turn, within the time of the run";

    /// Bytes of answers in memory, of all that are being received or wait to be landed.
    ANSWERS_IN_MEMORY: u64 = 256 << 20, "256 MiB, and one answer more";
    "all answers in memory at once";
    "many large answers at once would take the memory of the machine";
    "further ones wait, within their own time; beyond it that request failed";

    /// Bytes of a list of headers, on HTTP/2; HTTP/1.1 has a bound of its own.
    HEADER_BYTES: u32 = 64 << 10, "64 KiB (HTTP/2), some 400 KiB (HTTP/1.1)";
    "headers of one answer, in bytes";
    "they are held in memory before anything is known of the answer";
    "the request failed: what came is not HTTP";

    /// Headers of one answer on HTTP/1.1; browsers take as many as fit into their bytes.
    HEADERS: usize = 1_000, "1,000 (HTTP/1.1)";
    "headers of one answer, in number";
    "as for their bytes";
    "the request failed: what came is not HTTP";

    /// How often one address is asked on one way.
    ASKED_ON_ONE_WAY: usize = 2, "2";
    "one address on one way of redirects";
    "a server may have made something ready meanwhile; more is a circle";
    "the request failed: the address leads back to itself";

    /// The longest that a server can make us wait by one `Retry-After`.
    RETRY_AFTER_MAX: Duration = Duration::from_secs(24 * 3_600), "1 day";
    "wait that a server can ask for by one `Retry-After`";
    "a server's mistake must not silence its source for years";
    "it is asked again after a day";

    /// Letters of an address that is shown, in a journal or a message.
    SHOWN_ADDRESS: usize = 2_000, "2,000 letters";
    "an address that is shown or kept";
    "a server chooses how long its redirects are";
    "its end is not shown";

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

    /// A SQLite file that is looked through whole before anything is written to it.
    QUICK_CHECK: u64 = 4 << 30, "4 GiB";
    "SQLite file checked whole at the start of each run";
    "0.4 s for 1 GB that the system has at hand; a run must not become a check";
    "only the ledger is checked; `summarizer audit` looks through all";
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
