//! Reverse proxies whose word about the client's address counts.

use mainstay_engine::network::{Network, NotANetwork};
use std::net::IpAddr;
use std::str::FromStr;

/// Networks of trusted proxies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    networks: Vec<Network>,
}

impl FromStr for Proxies {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let parts = text.split(',').map(str::trim).filter(|p| !p.is_empty());
        Ok(Self { networks: parts.map(str::parse).collect::<Result<_, _>>()? })
    }
}

impl Proxies {
    /// Whether none is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.networks.is_empty()
    }

    /// Whether the address is a trusted proxy's.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.holds(address))
    }

    /// The client's address: the peer, or what the last proxy that is not trusted was to the
    /// trusted ones before it. Whatever a client wrote into the header itself lies further left
    /// and is not believed.
    #[must_use]
    pub fn client(&self, peer: IpAddr, forwarded: &[&str]) -> IpAddr {
        let mut client = peer.to_canonical();
        let hops = forwarded.iter().rev().flat_map(|line| line.rsplit(',')).map(|hop| hop.trim().parse::<IpAddr>());
        for hop in hops {
            let (true, Ok(hop)) = (self.trusts(client), hop) else { break };
            client = hop.to_canonical();
        }
        client
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(proxies: &str, peer: &str, forwarded: &[&str]) -> String {
        proxies.parse::<Proxies>().unwrap().client(peer.parse().unwrap(), forwarded).to_string()
    }

    #[test]
    fn only_configured_proxies_are_believed() {
        assert_eq!(client("", "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client("10.0.0.0/8", "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.0/8", "::ffff:10.1.2.3", &["198.51.100.1"]), "198.51.100.1");
    }

    #[test]
    fn what_a_client_wrote_itself_is_not_believed() {
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &["1.1.1.1, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &["1.1.1.1", "198.51.100.1, 10.9.9.9"]), "198.51.100.1");
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &["junk"]), "10.1.2.3");
        assert_eq!(client("::1", "::1", &["2001:db8::7"]), "2001:db8::7");
    }

    #[test]
    fn networks_are_read_with_care() {
        for wrong in ["10.0.0.0/33", "::1/129", "10.0.0", "x", "10.0.0.0/-1"] {
            assert!(wrong.parse::<Proxies>().is_err(), "{wrong}");
        }
        let all: Proxies = "0.0.0.0/0".parse().unwrap();
        assert!(all.trusts("8.8.8.8".parse().unwrap()) && !all.trusts("::2".parse().unwrap()));
    }
}
