//! Who is at the other end, and how much of something each of them has: what costs nobody anything is counted by where it comes
//! from.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::HeaderMap;

/// Bytes of a network that is one customer's, of an address of version 6.
const NETWORK_BYTES: usize = 8;

/// What everybody has of something, by names of them.
#[derive(Debug, Clone, Default)]
pub struct Counts(Arc<Mutex<HashMap<String, usize>>>);

/// One of what is counted; dropping it gives it back.
#[derive(Debug)]
pub struct Place {
    counts: Counts,
    keys: Vec<String>,
}

impl Counts {
    /// Takes one under each of these names, of which each may have so many; none at all where one of them has them.
    ///
    /// # Errors
    /// The name that has all that it may have.
    pub fn take(&self, wanted: Vec<(String, usize)>) -> Result<Place, String> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = |(key, most): &&(String, usize)| counts.get(key).copied().unwrap_or_default() >= *most;
        if let Some((key, _)) = wanted.iter().find(is_full) {
            return Err(key.clone());
        }
        for (key, _) in &wanted {
            *counts.entry(key.clone()).or_default() += 1;
        }
        drop(counts);
        Ok(Place { counts: self.clone(), keys: wanted.into_iter().map(|(key, _)| key).collect() })
    }

    /// Whether nobody has anything, and nobody is remembered who had.
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.counts.0.lock().unwrap_or_else(PoisonError::into_inner);
        for key in &self.keys {
            if let Some(count) = counts.get_mut(key) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(key);
                }
            }
        }
    }
}

/// The network that a request comes from. A proxy on this machine or in its own network says in `x-forwarded-for` whom it
/// speaks for, and its own word stands last; nobody else is believed. Nothing for this machine itself.
pub fn address(peer: Option<SocketAddr>, headers: &HeaderMap) -> Option<IpAddr> {
    let peer = peer?.ip().to_canonical();
    if !is_near(peer) {
        return Some(network(peer));
    }
    let last = headers.get_all("x-forwarded-for").iter().next_back();
    let last = last.and_then(|value| value.to_str().ok()).and_then(|value| value.rsplit(',').next());
    let told = last.and_then(|last| last.trim().parse::<IpAddr>().ok());
    match told {
        Some(told) => Some(network(told.to_canonical())),
        None => (!peer.is_loopback()).then(|| network(peer)),
    }
}

/// The network of a connection from far away. Nothing for one that a proxy may have made, which speaks for many.
pub fn stranger(peer: SocketAddr) -> Option<IpAddr> {
    let peer = peer.ip().to_canonical();
    (!is_near(peer)).then(|| network(peer))
}

fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let mut bytes = address.octets();
            for byte in bytes.iter_mut().skip(NETWORK_BYTES) {
                *byte = 0;
            }
            IpAddr::V6(Ipv6Addr::from(bytes))
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::stranger("203.0.113.7:1", "", Some("203.0.113.7"))]
    #[case::a_strangers_word_is_not_believed("203.0.113.7:1", "198.51.100.1", Some("203.0.113.7"))]
    #[case::proxy_here("127.0.0.1:1", "198.51.100.1", Some("198.51.100.1"))]
    #[case::what_was_told_to_the_proxy("127.0.0.1:1", "6.6.6.6, 198.51.100.1", Some("198.51.100.1"))]
    #[case::proxy_nearby("172.18.0.2:1", "198.51.100.1", Some("198.51.100.1"))]
    #[case::nearby("192.168.1.9:1", "", Some("192.168.1.9"))]
    #[case::here("127.0.0.1:1", "", None)]
    #[case::nonsense("127.0.0.1:1", "unknown", None)]
    #[case::one_network("[2001:db8:1:2:aaaa::1]:1", "", Some("2001:db8:1:2::"))]
    #[case::mapped("[::ffff:203.0.113.7]:1", "", Some("203.0.113.7"))]
    fn an_address_is_the_peers_or_what_a_near_proxy_says(
        #[case] peer: &str,
        #[case] forwarded: &str,
        #[case] expected: Option<&str>,
    ) {
        let mut headers = HeaderMap::new();
        if !forwarded.is_empty() {
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        }
        assert_eq!(
            address(Some(peer.parse().unwrap()), &headers),
            expected.map(|text| text.parse().unwrap())
        );
    }

    #[rstest]
    #[case("203.0.113.7:1", Some("203.0.113.7"))]
    #[case("[2001:db8:1:2:aaaa::1]:1", Some("2001:db8:1:2::"))]
    #[case("127.0.0.1:1", None)]
    #[case("[::1]:1", None)]
    #[case("10.1.2.3:1", None)]
    fn a_connection_that_a_proxy_may_have_made_is_nobodys(
        #[case] peer: &str,
        #[case] expected: Option<&str>,
    ) {
        assert_eq!(stranger(peer.parse().unwrap()), expected.map(|text| text.parse().unwrap()));
    }

    #[test]
    fn who_has_all_hinders_nobody_else_and_is_forgotten_afterwards() {
        let counts = Counts::default();
        let take = |name: &str| counts.take(vec![("all".to_owned(), 4), (name.to_owned(), 3)]);
        let held: Vec<Place> = (0..1_100).map_while(|_| take("one").ok()).collect();
        assert_eq!(held.len(), 3);
        assert_eq!(take("one").unwrap_err(), "one");
        let other = take("another").unwrap();
        assert_eq!(take("a third").unwrap_err(), "all");
        drop((held, other));
        assert!(counts.is_empty());
    }
}
