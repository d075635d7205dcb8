//! How many streams there may be: of one session, from one address, and in all. A stream costs a connection and looks into the
//! database for as long as it lasts, and a session costs nobody anything.

use std::net::IpAddr;

use crate::http::peers::{Counts, Place};

/// Streams that one process serves.
pub const MAX_STREAMS: usize = 2_000;
/// Streams of one session: the tabs of a busy person.
const MAX_OF_SESSION: usize = 8;
/// Streams from one address: the people behind the router of an office.
const MAX_OF_ADDRESS: usize = 128;

/// The streams that are open.
#[derive(Debug)]
pub struct Streams {
    most: usize,
    open: Counts,
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
        Self { most: MAX_STREAMS.min(connections / 2), open: Counts::default() }
    }

    /// A place for a stream of a session from an address.
    ///
    /// # Errors
    /// Whose room is full.
    pub fn take(&self, session: &str, address: Option<IpAddr>) -> Result<Place, Full> {
        let mut wanted = vec![(ALL.to_owned(), self.most), (format!("session {session}"), MAX_OF_SESSION)];
        wanted.extend(address.map(|address| (format!("address {address}"), MAX_OF_ADDRESS)));
        self.open.take(wanted).map_err(|key| if key == ALL { Full::All } else { Full::Own })
    }
}

#[cfg(test)]
mod tests {
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
        assert!(streams.open.is_empty(), "what is over is not remembered");
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
}
