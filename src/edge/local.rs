//! What is this machine and nobody else's.

use std::net::IpAddr;

use axum::http::uri::Authority;

/// Whether a host, with or without a port, is this machine under a name that nobody else can have.
pub fn is_loopback(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host();
    let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether nobody but this machine answers at an address. A platform or a company that is reached there is a stand-in: no
/// customer and no money comes from it.
pub fn is_of_this_machine(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    is_loopback(host.split('/').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("127.0.0.1:8080", true)]
    #[case("127.0.0.1", true)]
    #[case("LOCALHOST:1", true)]
    #[case("[::1]:8080", true)]
    #[case("shop.example", false)]
    #[case("127.0.0.1.shop.example", false)]
    #[case("localhost.shop.example:8080", false)]
    #[case("127.0.0.1@shop.example", false)]
    #[case("0.0.0.0:8080", false)]
    #[case("192.168.1.7:8080", false)]
    #[case("", false)]
    fn only_names_that_nobody_else_can_have_are_this_machine(#[case] host: &str, #[case] expected: bool) {
        assert_eq!(is_loopback(host), expected);
    }

    #[rstest::rstest]
    #[case("http://127.0.0.1:8080", true)]
    #[case("http://[::1]:8080/", true)]
    #[case("http://localhost/x", true)]
    #[case("https://shop.example", false)]
    #[case("http://127.0.0.1.evil.example", false)]
    #[case("http://shop.example/127.0.0.1", false)]
    #[case("http://127.0.0.1@evil.example", false)]
    fn an_address_of_this_machine_is_known_by_its_host(#[case] url: &str, #[case] expected: bool) {
        assert_eq!(is_of_this_machine(url), expected);
    }
}
