//! The limits of who asks: pages of a set, slots that are made up for.

use super::Limit;
use std::time::Duration;

limits! {
    /// Pages of one set, unless the declaration says otherwise.
    PAGES_DEFAULT: u16 = 100, "100";
    "pages of a set whose declaration sets no `max_pages`";
    "a chain of pages that never ends must end";
    "the set is given up; nothing of it lands";

    /// The most pages that a declaration may allow.
    PAGES: u16 = 1_000, "1,000";
    "`max_pages` of a declaration";
    "they stand in one line of a journal, and land at once";
    "the declaration is refused";

    /// Bytes of all pages of a set, unless the declaration says otherwise.
    PAGES_BYTES: u64 = 256 << 20, "256 MiB";
    "bytes of a set whose declaration sets no `max_bytes` in `[fetch.pages]`";
    "they wait on the disk until the set is whole";
    "the set is given up; nothing of it lands";

    /// Hosts that are remembered between runs.
    HOSTS_KEPT: usize = 5_000, "5,000";
    "hosts of which is kept whether they answer";
    "a loop can name as many as it has items";
    "the others are as if they had never been asked";

    /// Slots that `catch_up = "all"` makes up for.
    MISSED_SLOTS: i64 = 1_000, "1,000, of 31 days";
    "missed slots that are made up for";
    "who was away for long is not to flood a publisher";
    "older ones are left out, and shown as missing";

    /// Of so many days.
    MISSED_DAYS: i64 = 31, "31 days";
    "the same, in days";
    "reports of so many days are made again";
    "the same";

    /// Sightings of a redirect for good, before its end is asked at once.
    MOVED_TIMES: u64 = 24, "24 times, over 7 days";
    "sightings of a redirect that says `for good`, before its end is asked at once";
    "some say so by mistake, for a while";
    "until then each request follows it; a failure there goes back to the declared address";

    /// Over so many days.
    MOVED_DAYS: i64 = 7, "7 days";
    "the same, in days";
    "the same";
    "the same";

    /// How long an answer is believed to hold.
    HOLDS_DEFAULT: Duration = Duration::from_secs(24 * 3_600), "1 day, or as `max_fresh` says";
    "time for which an answer holds by its publisher's word";
    "a mistake must not silence a source";
    "it is asked again after that";

    /// For the pings of one run together, from the first on.
    PING: Duration = Duration::from_secs(10), "10 s";
    "the pings of a run, its beginning and its end together";
    "a watcher that hangs must not hold up the job that it watches over";
    "the ping is given up; the run and its exit code stay as they are";

    /// For one ping.
    PING_TRY: Duration = Duration::from_secs(5), "5 s, also to connect";
    "one try of a ping";
    "so that there is time for another one";
    "it is tried once more, or given up";

    /// How often the end of a run is told.
    PING_TRIES: u32 = 2, "2; of a beginning 1";
    "tries of a ping";
    "services take five pings a minute of a check";
    "the ping is given up; the next run tells again";

    /// Bytes of what a ping tells.
    PING_BYTES: usize = 10_000, "10 kB";
    "what a run said last, behind its ping";
    "services keep so much, and cut the rest";
    "the earlier words are left out";

    /// The period from which on a source is asked again within its slot after a failure that may
    /// pass, first after a quarter of an hour.
    SELDOM: Duration = Duration::from_secs(6 * 3_600), "6 hours";
    "period from which on a slot is not given up after a failure that may pass";
    "a day should not be lost to a minute without network";
    "with a shorter one the next slot is soon there";

    /// How old a set may be that was cut and goes on; at most the source's period, but for this.
    SET_WAITS_LEAST: Duration = Duration::from_secs(600), "10 minutes, or the source's period";
    "time for which a set of pages that was cut waits for its next page";
    "its pages are to be of one moment";
    "it is given up, which is told, and begun anew; it waits for an hour at most";

    /// How long reading a set may take, over all runs.
    SET_LASTS_HOURS: i64 = 6, "6 hours";
    "time for which a set of pages is read, over several runs";
    "its pages are to be of one moment, and marks of pages do not last";
    "it is given up, which is told, and begun anew";

    /// Items that a page of a slice has in common with the one before it, unless declared.
    SLICE_OVERLAP: u32 = 5, "5";
    "items that a page of a slice has in common with the one before it";
    "items that go while pages are read move others from one page to the one before it";
    "where a page has none in common with those before, the pages before it are asked again";

    /// Values of one dimension by which slices are cut.
    SLICE_VALUES: usize = 5_000, "5,000";
    "values of a dimension of slices";
    "each is a request where a slice is cut by them";
    "the declaration is refused";

    /// How long a survey goes on that was begun.
    SURVEY_LASTS_DAYS: i64 = 7, "7 days";
    "time after which a survey that has not come to its end does not go on";
    "what was seen at its beginning may be gone";
    "it is begun anew, which is told";

    /// Bytes of a ledger of a survey; each item takes some ten.
    SURVEY_BYTES: u64 = 256 << 20, "256 MiB";
    "a ledger of a survey";
    "it is read whole, by each run that goes on with it";
    "the survey ends, which is told; a shorter window has fewer items";

    /// However long the period.
    SET_WAITS_MOST: Duration = Duration::from_secs(3_600), "1 hour";
    "the same, however long the period";
    "marks of pages do not last";
    "it is given up, and begun anew";
}
