//! The limits: every bound on what a foreign thing may cost us, with its reason and with what
//! happens beyond it. Who reads foreign bytes takes its bounds from here; `docs/limits.md` is made
//! of the same lines. What a person may set stands in [`super::settings`] and in declarations; its
//! default and its greatest value stand here too.

#[macro_use]
mod form;
mod asking;
mod html;
mod packed;
mod page;

pub use self::{asking::*, html::*};
pub use form::Limit;
pub use packed::{MEMBERS, UNPACK_WINDOW_BYTES, WINDOW_BYTES};
pub use page::page;

use std::time::Duration;

limits! {
    /// Requests under way over all hosts; fewer where the system gives few descriptors.
    REQUESTS_AT_ONCE: usize = 128, "128, or a quarter of the open files that the system allows";
    "requests under way at once, over all hosts";
    "each holds a connection and memory";
    "further ones wait their turn, within the time of the run";

    /// Bytes of answers in memory, of all that are being received or wait to be landed.
    ANSWERS_IN_MEMORY: u64 = 32 << 20, "32 MiB, and one answer more";
    "all answers in memory at once";
    "many large answers at once would take the memory of the machine";
    "further ones wait, within their own time; beyond it that request failed";

    /// Bytes of an answer that wait in memory; when there are more of it, all go to a file.
    ANSWER_IN_MEMORY: u64 = 128 << 10, "128 KiB";
    "an answer in memory";
    "many at once are to take little of it";
    "it waits in a file without a name in `data/`, until its turn to land";

    /// Bytes of answers that wait in files.
    ANSWERS_ASIDE: u64 = 1 << 30, "1 GiB, or half of the free disk, and one answer more";
    "all answers in such files at once";
    "many large answers at once would fill the disk";
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

    /// The part of a run that is time enough to answer.
    FAIR_SHARE: u32 = 5, "a fifth of the run, or its own timeout if that is less";
    "time after which the end of the run is the fault of who has not answered";
    "a silent source would else be asked in each run for ever, and make each as long as may be";
    "the request failed; with less time it is put off";

    /// The longest that a server can make us wait by one `Retry-After`.
    RETRY_AFTER_MAX: Duration = Duration::from_secs(24 * 3_600), "1 day";
    "wait that a server can ask for by one `Retry-After`";
    "a server's mistake must not silence its source for years";
    "it is asked again after a day";

    /// Letters of a header or an error's words that are shown or kept.
    SHOWN_WORDS: usize = 300, "300 letters";
    "words of a server that are shown or kept";
    "a server chooses how much it says";
    "their end is not shown";

    /// Letters of an address that is shown, in a journal or a message.
    SHOWN_ADDRESS: usize = 2_000, "2,000 letters";
    "an address that is shown or kept";
    "a server chooses how long its redirects are";
    "its end is not shown";

    /// Bytes of an `ETag` that is sent back; servers refuse headers of more than 4 to 16 KiB.
    TAG_BYTES: usize = 1 << 10, "1 KiB";
    "an `ETag` that is kept and sent back";
    "it goes out with every later request, and a server refuses long ones";
    "it is not kept: the next answer comes whole";

    /// Bytes of a `Last-Modified` that is sent back; a date takes 29.
    DATE_BYTES: usize = 100, "100 bytes";
    "a `Last-Modified` that is kept and sent back";
    "as for an `ETag`";
    "it is not kept: the next answer comes whole";

    /// Bytes of a file of ours beside the answers and journals.
    STATE_BYTES: u64 = 64 << 20, "64 MiB";
    "a file in which the programs remember something, and a kept declaration";
    "it may be damaged, or something else that was put in its place";
    "as if it were not there, or, where it is needed, an error that names it";

    /// Bytes of a journal that are read to look what it claims: what an answer may have, as which
    /// it is counted.
    JOURNAL_BYTES: u64 = 1 << 30, "1 GiB";
    "the journal of one run";
    "a run writes some 1 KiB for each request, so a million of them; read at once, one at a time";
    "it is named and passed over by who only reads; landed, it goes to quarantine";

    /// Bytes of the list of a backup's files.
    MANIFEST_BYTES: u64 = 1 << 30, "1 GiB";
    "the list of the files of a backup";
    "some 150 bytes for each file, so seven million of them";
    "that backup is not restored: an error names the list";

    /// Bytes of one answer that are read at all.
    ANSWER_BYTES: usize = 1 << 30, "1 GiB";
    "bytes of an answer, whatever its declaration says";
    "places in it are counted in 32 bits, and it is held in memory while it is read";
    "a fault of the answer: it goes to quarantine";

    /// Brackets inside each other in JSON.
    JSON_DEPTH: usize = 512, "512";
    "levels of JSON";
    "no real answer comes near, and a reader's stack must not depend on its input";
    "a fault of the answer: it goes to quarantine; one with `redact` does not land";

    /// Bytes and ways that are kept of what items of one plan look like.
    LEARNT_BYTES: usize = 64 << 10, "64 KiB, in 8,192 ways from value to value";
    "what is learnt of the look of one source's items, to read the next ones faster";
    "it is compared with each item, and held in memory";
    "nothing more is learnt; items that look otherwise are read as if nothing were";

    /// Elements inside each other in XML.
    XML_DEPTH: usize = 100, "100";
    "levels of XML";
    "as for JSON; XML nests less";
    "a fault of the answer: it goes to quarantine";

    /// A SQLite file whose indexes are held against their rows before anything is written to it.
    FULL_CHECK: u64 = 256 << 20, "256 MiB";
    "SQLite file of which each run also holds the indexes against their rows";
    "5 s for 1 GB that the system has at hand; a run must not become a check";
    "only the form of its pages is checked";

    /// A SQLite file of which each page is looked at before anything is written to it.
    QUICK_CHECK: u64 = 1 << 30, "1 GiB";
    "SQLite file checked whole at the start of each run";
    "1.7 s for 1 GB that the system has at hand; a run must not become a check";
    "only the ledger is checked; `summarizer audit` looks through all";

    /// Cells of one row of CSV.
    CELLS: usize = 1_000_000, "1,000,000";
    "cells of one row of CSV, its header too";
    "a row is in memory at once, with some 40 bytes for each cell";
    "the answer waits in quarantine";

    /// Values of a document that is built before it is read; an element of XML counts as two.
    NODES: u64 = 8_000_000, "8,000,000";
    "values of a document that must be built (XML, and JSON beyond one list of items); an element \
     of XML counts as two, and so does a bracket or an equals sign that may begin one";
    "each takes 30 to 200 bytes of memory, however short it is in the answer";
    "a fault of the answer: it goes to quarantine";

    /// Comparisons of names, and the like, that one answer may cost.
    STEPS: u64 = 2_000_000_000, "2,000,000,000";
    "steps of work: names that are compared, cells that are passed, letters that a capture looks \
     at again";
    "some seconds; a real answer of the default size takes less than a tenth of it";
    "a fault of the answer: it goes to quarantine";

    /// Elements of the list of items.
    ITEMS: u32 = 5_000_000, "5,000,000";
    "items of an answer";
    "more is taken for a mistake, not for data";
    "a fault of the answer: it goes to quarantine";

    /// Values of fields, absent ones too, over all items of an answer.
    VALUES: u64 = 20_000_000, "20,000,000";
    "fields of all items of an answer together";
    "each takes 16 bytes of memory, also where it is absent";
    "a fault of the answer: it goes to quarantine";

    /// Different series of one answer of samples.
    SERIES: usize = 100_000, "100,000";
    "different series in an answer of samples";
    "each becomes a row of every hour, in every store";
    "a fault of the answer: it goes to quarantine";

    /// Bytes of keys and texts that are kept of one answer.
    TEXTS: usize = 256 << 20, "256 MiB";
    "keys and texts of all items of an answer together";
    "they are held in memory until the hour is counted";
    "a fault of the answer: it goes to quarantine";

    /// Bytes of a key of a series or a record.
    KEY_BYTES: usize = 200, "200 bytes";
    "the key of a series or a record";
    "it stands in indexes of the store and on the page";
    "a fault of its item: it is missing, and waits in quarantine with its answer";

    /// Letters of a number.
    NUMBER_BYTES: usize = 1_000, "1,000 characters";
    "a number as it is spelled";
    "a double holds 17 digits; exact comparisons take work for each letter";
    "a fault of its item, where a number is declared";

    /// Letters of a time.
    TIME_BYTES: usize = 100, "100 bytes";
    "a time as it is spelled";
    "the longest known spelling has half of it";
    "a fault of its item";

    /// Bytes of a text of a record.
    TEXT_BYTES: usize = 1 << 20, "1 MiB";
    "a text of a record (an advert of 50 kB is far below it)";
    "a row must fit into every store: 16 MiB on MongoDB";
    "a fault of its item";

    /// Bytes of a text of a sample.
    COUNTED_TEXT_BYTES: usize = 4 << 10, "4 KiB";
    "a text of a sample, whose values are counted";
    "256 of them are kept for each series and hour";
    "a fault of its item";

    /// Bytes of all texts of one item.
    ITEM_BYTES: usize = 4 << 20, "4 MiB";
    "texts of one item together";
    "a row must fit into every store: 16 MiB on MongoDB";
    "a fault of the item";

    /// Ranges of missing items that an entry keeps of one snapshot.
    RANGES: usize = 1_000, "1,000";
    "ranges of items of one answer that cannot be read";
    "they stand in the ledger";
    "the whole answer is missing, and waits in quarantine";

    /// Faults of one answer that are told in words.
    FAULTS_TOLD: usize = 100, "100";
    "faults of an answer that keep their words";
    "the file of reasons is for people";
    "its place is kept, its words are not";

    /// Text values that are counted one by one.
    TEXTS_KEPT: usize = 256, "256";
    "different texts of a field that are counted one by one, for each series and hour";
    "a row must fit into every store";
    "the others are counted together; which are kept does not depend on their order";

    /// Bytes that the rows of one batch are reckoned to take in memory.
    BATCH_BYTES: usize = 1 << 30, "1 GiB";
    "rows of one source and hour, as they are reckoned: 700 bytes for each, 2,000 for each number \
     of a series, and the texts twice";
    "some 400,000 series of one field; all rows of a batch are in memory before they are written";
    "the answers that do not fit, in their order, are missing and wait in quarantine";

    /// Bytes that the rows of one batch may take while the next one is counted.
    ROWS_WAITING: usize = 128 << 20, "128 MiB";
    "rows of one source and hour, as they are reckoned, that are written while the next hour is \
     counted";
    "two hours are in memory then";
    "they are written first; then the next hour is counted";

    /// Bytes of the rows of one answer that is folded alone, to see what it adds.
    ANSWER_ROWS: usize = 256 << 20, "256 MiB";
    "rows of one answer, where it may not fit beside the others and is looked at alone: a value \
     that comes a thousand times weighs once";
    "they are in memory beside those of the batch";
    "each value of the answer is reckoned as one that its row has not";

    /// Bytes that one row is reckoned to take in a store.
    ROW_BYTES: usize = 12 << 20, "12 MiB";
    "one row, as it is reckoned: a series of an hour with all its bins and texts";
    "MongoDB takes 16 MiB";
    "the answers that would make it larger, in their order, are missing and wait in quarantine";

    /// Ranges of missing items in one entry of the ledger.
    BATCH_RANGES: usize = 100_000, "100,000";
    "ranges of items that cannot be read, of all answers of one batch";
    "they stand in one entry of the ledger, which must fit into every store";
    "the answers beyond, in their order, are missing whole";

    /// Bytes of answers that are read at the same time.
    READ_BYTES: u64 = 64 << 20, "64 MiB";
    "answers that are read at the same time, on all cores together";
    "reading one may take many times its bytes in memory";
    "the next one waits; a larger one is read alone";

    /// Requests of one slot of a loop.
    LOOP_ITEMS: usize = 500, "500";
    "requests of one loop";
    "they must fit into a minute, politely";
    "the declaration is refused";

    /// Lines of a list beside a declaration.
    LIST_ROWS: usize = 100_000, "100,000";
    "lines of a list beside a declaration";
    "it is read by every run";
    "the declaration is refused";

    /// Bytes of settings, of a declaration, of a file of secrets.
    GIVEN_BYTES: u64 = 1 << 20, "1 MiB";
    "bytes of `daybook.toml`, of a declaration, of `secrets.toml` or a credential";
    "people write them; something else may stand in their place";
    "an error that names it; without settings or secrets nothing is done";

    /// Bytes of a list beside a declaration.
    LIST_BYTES: u64 = 32 << 20, "32 MiB";
    "bytes of a list beside a declaration";
    "it is read by every run";
    "the declaration is refused";

    /// Cap on a body unless the declaration says otherwise.
    BODY_DEFAULT: u64 = 32 << 20, "32 MiB";
    "an answer whose declaration sets no `max_bytes`";
    "the largest feeds that people declare have a few MiB";
    "the request fails; nothing of it lands";

    /// The largest cap on a body that a declaration may set.
    BODY_MOST: u64 = 1 << 30, "1 GiB";
    "`max_bytes` of a declaration";
    "an answer is held in memory";
    "the declaration is refused";

    /// Letters of a name on a page.
    LABEL_CHARS: usize = 300, "300 characters";
    "a name, or a text of a record, in a report";
    "no line of a page holds more; shaping takes time for each letter";
    "it is cut, and ends with an ellipsis; tables that are exported have it whole";

    /// Code points that stand for letters in a row that no font shows.
    CODE_POINTS: usize = 3, "3";
    "code points in a row on a page, for letters that no font of the machine shows";
    "each takes the room of eight letters, and a name of twelve would fill a line";
    "the first stand there, with how many more there are; copied, all letters are there";

    /// Marks over or under one letter.
    MARKS_ON_A_LETTER: usize = 4, "4";
    "accents and marks piled on one letter of a name, in a report";
    "no script needs more of them, and a pile of them reaches into other lines";
    "further ones are left out";

    /// Font files of the machine that are looked at.
    FONT_FILES: usize = 10_000, "10,000";
    "files in the folders of fonts, and fonts in one, where a report has letters that ours lack";
    "each is opened, and its list of letters read";
    "the rest, by their paths, is not looked at";

    /// Bytes of a font file.
    FONT_BYTES: u64 = 64 << 20, "64 MiB";
    "a font file of the machine, in bytes";
    "one that is used is held in memory; those of Chinese, Japanese and Korean have 20 to 30 MB";
    "another font is taken, or code points stand for the letters";

    /// How long a run of the summarizer begins with batches, in minutes.
    SUMMARIZER_MINUTES: i64 = 50, "50 min, and the batch at work";
    "how long a summarizer begins with further batches of a source";
    "a run ends before the next one";
    "the run ends and says so; the next goes on, with who waits longest";

    /// The greatest reserve of the summarizer, in bytes.
    RESERVE_MOST: u64 = 2 << 20, "2 MiB; less on disks below 32 MiB: a sixteenth, at least 64 KiB";
    "room in `data/.state/reserve` that the summarizer gives up when the disk is full";
    "emptying `data/` takes a few folders and files first";
    "where it is too little (a batch of great folders, an SQLite store on the same disk) the \
     batch waits until somebody makes room";

    /// How long a backup waits for the runs that are at work.
    BACKUP_PATIENCE: Duration = Duration::from_secs(900), "15 min";
    "the wait of a backup for runs of the fetcher and the summarizer to end";
    "a run that hangs must not keep the sources locked that the backup has locked already";
    "nothing is copied, and it says who is at work";

    /// How long counting one answer may take by the clock before the program ends itself.
    COUNT_PATIENCE: Duration = Duration::from_secs(600), "10 min";
    "the wait for one answer to be counted, or for its trial to go on";
    "a run must end; by the clock, since a machine may stand still for reasons of its own";
    "the program ends; the next run tries each answer of that batch alone";

    /// Processor time of one trial, in seconds.
    COUNT_CPU_S: u64 = 30, "30 s of processor time";
    "counting an answer alone, once a run has died in counting its batch";
    "the greatest answers take a few seconds";
    "the trial ends; after two alone the answer goes to quarantine, all others count";

    /// Memory of one trial on a machine that has it, in bytes.
    COUNT_MEMORY: u64 = 4 << 30, "4 GiB, and half of what the machine has free, down to 256 MiB";
    "memory of counting an answer alone";
    "its death is to be its own, not the machine's";
    "as for its processor time";
}

/// The part of a disk that the summarizer's reserve takes, and the least that is of use, in bytes.
pub const RESERVE_PART: u64 = 16;
pub const RESERVE_LEAST: u64 = 64 << 10;

/// Memory that a trial has on any machine, in bytes.
pub const COUNT_MEMORY_LEAST: u64 = 256 << 20;
