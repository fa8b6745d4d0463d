//! Where a redirect leads, and what may go along.
//!
//! Invariants: only to the web, never from https to http, never into a private network that
//! the declared address is not part of; credentials stay with the declared scheme, host, port.

use reqwest::Url;

use super::answer::Way;
use super::guard;
use crate::domain::address;
use crate::domain::limits::ASKED_ON_ONE_WAY;
use crate::domain::retry::Detour;

/// The way of one exchange through its redirects.
pub struct Trip {
    pub url: Url,
    declared: Url,
    hops: u32,
    /// Each address that was asked, in order.
    asked: Vec<Url>,
    /// Whether a cookie was set on the way; it is not kept.
    cookie: bool,
    all_permanent: bool,
    /// False for good once the way has left the declared origin.
    pub trusted: bool,
}

impl Trip {
    pub fn new(declared: Url) -> Trip {
        Trip {
            url: declared.clone(),
            asked: vec![bare(declared.clone())],
            declared,
            hops: 0,
            cookie: false,
            all_permanent: true,
            trusted: true,
        }
    }

    /// The same, from where redirects have led for long, if that may be.
    pub fn from(declared: Url, moved: Option<Url>) -> Trip {
        let mut trip = Trip::new(declared);
        let inside = |to: &Url| guard::is_local(to) && !guard::is_local(&trip.declared);
        let downgrade = |to: &Url| trip.declared.scheme() == "https" && to.scheme() != "https";
        if let Some(to) = moved.filter(|to| !downgrade(to) && !inside(to)) {
            trip.asked = vec![bare(to.clone())];
            trip.trusted = to.origin() == trip.declared.origin();
            trip.url = to;
            if trip.trusted {
                trip.keep_login();
            }
        }
        trip
    }

    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    pub fn hops(&self) -> u32 {
        self.hops
    }

    /// How often the host was asked on this way, before it is now.
    pub fn times_here(&self) -> u32 {
        let before = self.asked.split_last().map(|(_, before)| before).unwrap_or_default();
        let here = before.iter().filter(|asked| asked.host() == self.url.host());
        here.count().try_into().unwrap_or(u32::MAX)
    }

    /// Whether every redirect so far was "for good", and there was one.
    pub fn moved(&self) -> bool {
        self.hops > 0 && self.all_permanent
    }

    /// Whether the way has left the declared host.
    pub fn is_elsewhere(&self) -> bool {
        self.url.host() != self.declared.host()
    }

    /// The same, for one that may lie outside.
    pub fn is_led_astray(&self) -> bool {
        self.is_elsewhere() && !guard::is_local(&self.declared)
    }

    /// Goes where the answer points to.
    pub fn follow(&mut self, status: u16, way: Way, redirects: u32) -> Result<(), Detour> {
        self.cookie |= way.cookie;
        let next = self.next(&way)?;
        let before = self.asked.iter().filter(|asked| **asked == next).count();
        if before >= ASKED_ON_ONE_WAY {
            return Err(Detour::Back { cookie: self.cookie });
        }
        if self.hops >= redirects {
            return Err(Detour::TooMany(redirects));
        }
        self.asked.push(next.clone());
        self.url = next;
        self.hops += 1;
        self.all_permanent &= matches!(status, 301 | 308);
        self.trusted &= self.url.origin() == self.declared.origin();
        if self.trusted {
            self.keep_login();
        }
        Ok(())
    }

    fn next(&self, way: &Way) -> Result<Url, Detour> {
        let location = match way.locations.as_slice() {
            [] => return Err(Detour::Nowhere),
            [location] => location,
            _ => return Err(Detour::Several),
        };
        let shown = address::bare(location);
        let Ok(mut next) = self.url.join(location) else {
            return Err(Detour::NotWeb(shown));
        };
        if !matches!(next.scheme(), "http" | "https") {
            return Err(Detour::NotWeb(shown));
        }
        if self.url.scheme() == "https" && next.scheme() == "http" {
            return Err(Detour::Downgrade(address::bare(next.as_str())));
        }
        if next.host() != self.declared.host()
            && guard::is_local(&next)
            && !guard::is_local(&self.declared)
        {
            return Err(Detour::Private(address::bare(next.as_str())));
        }
        next.set_fragment(None);
        // A login that a server puts into an address is not ours.
        Ok(bare(next))
    }

    fn keep_login(&mut self) {
        let _ = self.url.set_username(self.declared.username());
        let _ = self.url.set_password(self.declared.password());
    }
}

/// Without a login; neither can fail on the web.
fn bare(mut url: Url) -> Url {
    let _ = (url.set_username(""), url.set_password(None));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trip(url: &str) -> Trip {
        Trip::new(Url::parse(url).expect("an address"))
    }

    fn go(trip: &mut Trip, location: &str) -> Result<(), Detour> {
        trip.follow(302, way(&[location]), 4)
    }

    fn way(locations: &[&str]) -> Way {
        let locations = locations.iter().map(|text| text.to_string()).collect();
        Way { locations, cookie: false }
    }

    #[track_caller]
    fn check(from: &str, location: &str, expected: &str, trusted: bool) {
        let mut trip = trip(from);
        assert_eq!(go(&mut trip, location), Ok(()));
        assert_eq!((trip.url.as_str(), trip.trusted), (expected, trusted));
    }

    #[test]
    fn only_what_was_asked_of_a_host_before_counts_there() {
        let mut trip = trip("https://e.org/a");
        for (to, times) in [("//f.org/", 0), ("/b", 1), ("//e.org/c", 1), ("/d", 2)] {
            assert_eq!(go(&mut trip, to), Ok(()));
            assert_eq!(trip.times_here(), times, "{to}");
        }
    }

    #[test]
    fn credentials_stay_with_scheme_host_and_port() {
        check("https://e.org/a/b?q=1", "../c", "https://e.org/c", true);
        check("https://e.org/a", "https://E.org:443/c#top", "https://e.org/c", true);
        check("https://e.org/a", "https://e.org:444/c", "https://e.org:444/c", false);
        check("https://e.org/a", "//f.org/c", "https://f.org/c", false);
        check("http://e.org/a", "https://e.org/a", "https://e.org/a", false);
    }

    #[test]
    fn a_login_in_the_address_is_ours_only_at_home() {
        check("https://me:pw@e.org/a", "/c", "https://me:pw@e.org/c", true);
        check("https://me:pw@e.org/a", "https://f.org/c", "https://f.org/c", false);
        check("https://e.org/a", "https://x:y@f.org/c", "https://f.org/c", false);
        check("https://e.org/a", "https://x:y@e.org/c", "https://e.org/c", true);
    }

    #[test]
    fn trust_does_not_come_back() {
        let mut trip = trip("https://me:pw@e.org/a");
        assert_eq!(go(&mut trip, "https://f.org/"), Ok(()));
        assert_eq!(go(&mut trip, "https://e.org/a"), Ok(()));
        assert_eq!((trip.url.as_str(), trip.trusted), ("https://e.org/a", false));
    }

    #[test]
    fn bad_ways_are_refused() {
        let refused = |from: &str, location| go(&mut trip(from), location).err();
        let downgrade = Detour::Downgrade("http://e.org/a?key=***".into());
        assert_eq!(refused("https://e.org/a", "http://e.org/a?key=s"), Some(downgrade));
        for odd in ["ftp://e.org/", "file:///etc/passwd", "http://", "data:,x"] {
            let found = refused("http://e.org/a", odd);
            assert!(matches!(found, Some(Detour::NotWeb(_))), "{odd}: {found:?}");
        }
        for inside in ["http://127.0.0.1/", "http://169.254.169.254/latest", "http://[::1]/"] {
            let found = refused("http://e.org/a", inside);
            assert!(matches!(found, Some(Detour::Private(_))), "{inside}: {found:?}");
        }
        assert_eq!(refused("http://10.0.0.1/a", "http://10.0.0.2/"), None);
        let nowhere = trip("http://e.org").follow(301, way(&[]), 4);
        assert_eq!(nowhere, Err(Detour::Nowhere));
        let several = trip("http://e.org").follow(301, way(&["/a", "/b"]), 4);
        assert_eq!(several, Err(Detour::Several));
    }

    #[test]
    fn hops_are_counted_and_told_apart() {
        let mut trip = trip("http://e.org/");
        assert!(!trip.moved());
        assert_eq!(trip.follow(301, way(&["/b"]), 2), Ok(()));
        assert!(trip.moved());
        assert_eq!(trip.follow(302, way(&["/c"]), 2), Ok(()));
        assert!(!trip.moved());
        assert_eq!(trip.follow(308, way(&["/d"]), 2), Err(Detour::TooMany(2)));
    }

    #[test]
    fn a_way_in_a_circle_is_told_from_a_long_one() {
        let mut trip = trip("http://e.org/a");
        assert_eq!(go(&mut trip, ""), Ok(()));
        assert_eq!(go(&mut trip, "#top"), Err(Detour::Back { cookie: false }));
        assert_eq!(go(&mut trip, "/b"), Ok(()));
        let baked = Way { cookie: true, ..way(&["/a"]) };
        assert_eq!(trip.follow(302, baked, 4), Err(Detour::Back { cookie: true }));
    }
}
