//! How many streams there may be: of one session, from one address, and in all. A stream costs a connection and looks into the
//! database for as long as it lasts, and a session costs nobody anything.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::HeaderMap;

/// Streams that one process serves.
pub const MAX_STREAMS: usize = 2_000;
/// Streams of one session: the tabs of a busy person.
const MAX_OF_SESSION: usize = 8;
/// Streams from one address: the people behind the router of an office.
const MAX_OF_ADDRESS: usize = 128;
/// Bytes of a network that is one customer's, of an address of version 6.
const NETWORK_BYTES: usize = 8;

/// The streams that are open.
#[derive(Debug)]
pub struct Streams {
    most: usize,
    open: Arc<Mutex<HashMap<String, usize>>>,
}

/// The place of one stream; dropping it gives the place back.
#[derive(Debug)]
pub struct Place {
    open: Arc<Mutex<HashMap<String, usize>>>,
    keys: Vec<String>,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// This session, or this address, has all that it may have.
    Own,
    /// Everybody together has.
    All,
}

/// Under this key all streams are counted; no session and no address reads like it.
const ALL: &str = "";

impl Streams {
    /// Room for at most [`MAX_STREAMS`] streams and for half of the connections that there may be.
    pub fn new(connections: usize) -> Self {
        Self { most: MAX_STREAMS.min(connections / 2), open: Arc::default() }
    }

    /// A place for a stream of a session from an address.
    ///
    /// # Errors
    /// Whose room is full.
    pub fn take(&self, session: &str, address: Option<IpAddr>) -> Result<Place, Full> {
        let mut wanted = vec![(ALL.to_owned(), self.most), (format!("session {session}"), MAX_OF_SESSION)];
        wanted.extend(address.map(|address| (format!("address {address}"), MAX_OF_ADDRESS)));
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = |(key, most): &&(String, usize)| open.get(key).is_some_and(|count| count >= most);
        if let Some((key, _)) = wanted.iter().find(is_full) {
            return Err(if key == ALL { Full::All } else { Full::Own });
        }
        for (key, _) in &wanted {
            *open.entry(key.clone()).or_default() += 1;
        }
        let keys = wanted.into_iter().map(|(key, _)| key).collect();
        Ok(Place { open: Arc::clone(&self.open), keys })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for key in &self.keys {
            if let Some(count) = open.get_mut(key) {
                *count -= 1;
                if *count == 0 {
                    open.remove(key);
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
            bytes[NETWORK_BYTES..].fill(0);
            IpAddr::V6(Ipv6Addr::from(bytes))
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn one_session_fills_its_own_places_and_nobody_elses() {
        let streams = Streams::new(10_000);
        let held: Vec<Place> = (0..1_100).map_while(|_| streams.take("invented", None).ok()).collect();
        assert_eq!(held.len(), MAX_OF_SESSION);
        assert_eq!(streams.take("invented", None).unwrap_err(), Full::Own);
        assert!(streams.take("of a customer", None).is_ok());
        drop(held);
        assert!(streams.take("invented", None).is_ok());
        assert!(streams.open.lock().unwrap().is_empty(), "what is over is not remembered");
    }

    #[test]
    fn a_thousand_sessions_of_one_address_leave_room_for_others() {
        let streams = Streams::new(10_000);
        let from = |address, session: usize| streams.take(&session.to_string(), ip(address));
        let held: Vec<Place> = (0..1_100).map_while(|session| from("203.0.113.7", session).ok()).collect();
        assert_eq!(held.len(), MAX_OF_ADDRESS);
        assert!(from("203.0.113.8", 5_000).is_ok());
    }

    #[test]
    fn there_are_never_more_streams_than_half_of_the_connections() {
        let streams = Streams::new(100);
        let held: Vec<Place> =
            (0..500).map_while(|session: usize| streams.take(&session.to_string(), None).ok()).collect();
        assert_eq!(held.len(), 50);
        assert_eq!(streams.take("one more", None).unwrap_err(), Full::All);
    }

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
}
