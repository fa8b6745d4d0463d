//! Names to addresses, and which addresses are no business of a foreign server.
//!
//! Invariant: a guarded resolver never yields a private address, so a redirect cannot use a
//! name of its own to make this machine ask its neighbours.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The system's resolver; when `guarded`, without private addresses.
pub struct Resolver {
    pub guarded: bool,
}

/// A name that has private addresses only.
#[derive(Debug)]
pub struct OnlyPrivate;

impl fmt::Display for OnlyPrivate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("inside a private network")
    }
}

impl Error for OnlyPrivate {}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guarded = self.guarded;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let kept = found.filter(|addr| !(guarded && is_private(addr.ip())));
            let kept: Vec<SocketAddr> = kept.collect();
            if guarded && kept.is_empty() {
                return Err(OnlyPrivate.into());
            }
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}

/// Whether the address itself says that it lies on this machine or in a private network.
pub fn is_local(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(ip) => is_private(ip),
        Err(_) => {
            let name = bare.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
    }
}

/// Anything that is not an ordinary address of the public internet.
pub fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_private_v4(ip),
        IpAddr::V6(ip) => is_private_v6(ip),
    }
}

fn is_private_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let benchmark = a == 198 && (18..20).contains(&b);
    let special = ip.is_private() || ip.is_loopback() || ip.is_link_local();
    special || shared || benchmark || a == 0 || a >= 224 || (a, b, c) == (192, 0, 0)
}

fn is_private_v6(ip: Ipv6Addr) -> bool {
    let [first, second, .., last_but_one, last] = ip.segments();
    let inner = || Ipv4Addr::from(u32::from(last_but_one) << 16 | u32::from(last));
    let translated = (first, second) == (0x64, 0xff9b);
    match ip.to_ipv4_mapped() {
        Some(mapped) => is_private_v4(mapped),
        None if translated => is_private_v4(inner()),
        // Global unicast is 2000::/3; all else is loopback, local, multicast or unassigned.
        None => first & 0xe000 != 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_known() {
        let private = [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "64:ff9b::10.0.0.1",
        ];
        let public = [
            "1.1.1.1",
            "100.128.0.1",
            "172.32.0.1",
            "193.0.0.1",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
        ];
        let known = |text: &str| is_private(text.parse().expect("an address"));
        private.iter().for_each(|ip| assert!(known(ip), "{ip}"));
        public.iter().for_each(|ip| assert!(!known(ip), "{ip}"));
    }

    #[test]
    fn local_names_are_known() {
        let local = |text: &str| is_local(&Url::parse(text).expect("an address"));
        for url in
            ["http://localhost/", "http://a.localhost./", "http://[::1]:8/", "http://2130706433/"]
        {
            assert!(local(url), "{url}");
        }
        assert!(!local("http://e.org/") && !local("http://9.9.9.9/"));
    }

    #[test]
    fn a_guarded_resolver_yields_nothing_private() {
        let resolve = |guarded| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let name = "localhost".parse::<Name>().expect("a name");
            let found = runtime.expect("a runtime").block_on(Resolver { guarded }.resolve(name));
            found.map(|addrs| addrs.count()).map_err(|error| error.is::<OnlyPrivate>())
        };
        assert!(resolve(false).is_ok_and(|count| count > 0));
        assert_eq!(resolve(true), Err(true));
    }
}
