//! How the content of blobs reaches clients.

use std::net::IpAddr;
use std::sync::Arc;

/// How the content of blobs reaches clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// Through this process.
    Stream,
    /// By a redirect to the edge, which fetches them from S3.
    Edge,
    /// By a redirect to S3 itself: free of charge for whoever is in the same region.
    S3,
    /// From S3 to callers in these networks, through the edge to all others.
    Auto(Arc<Networks>),
}

impl Delivery {
    /// Whether a caller with this address, if it is known, is sent to S3.
    pub(crate) fn is_from_s3(&self, viewer: Option<IpAddr>) -> bool {
        match self {
            Self::Stream | Self::Edge => false,
            Self::S3 => true,
            Self::Auto(near) => viewer.is_some_and(|address| near.contains(address)),
        }
    }
}

/// A set of networks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks {
    /// First and last addresses, in order, none within another.
    ranges: Vec<(u128, u128)>,
}

/// A line that is no network.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("line {0} is no network in the form address/bits")]
pub struct NetworksError(usize);

impl Networks {
    /// Reads one network a line, as `192.0.2.0/24` or `2001:db8::/32`; empty lines and those that begin with `#` are passed over.
    pub fn parse(text: &str) -> Result<Self, NetworksError> {
        let lines = text.lines().map(str::trim).enumerate();
        let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let ranges = lines.map(|(number, line)| range(line).ok_or(NetworksError(number + 1)));
        let mut ranges: Vec<(u128, u128)> = ranges.collect::<Result<_, _>>()?;
        ranges.sort_unstable();
        // Networks overlap only by holding one another, so the larger one comes first.
        ranges.dedup_by(|next, kept| next.1 <= kept.1);
        Ok(Self { ranges })
    }

    /// Whether one of them holds the address.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = bits(address);
        let after = self.ranges.partition_point(|(first, _)| *first <= address);
        after.checked_sub(1).is_some_and(|index| address <= self.ranges[index].1)
    }
}

/// IPv4 addresses are taken as IPv6 addresses that stand for them, so that one order holds both.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn range(network: &str) -> Option<(u128, u128)> {
    let (address, prefix_bits) = network.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let prefix_bits: u32 = prefix_bits.parse().ok()?;
    let width_bits = if address.is_ipv4() { 32 } else { 128 };
    let host_bits = u32::checked_sub(width_bits, prefix_bits)?;
    let hosts = if host_bits == 128 { u128::MAX } else { (1 << host_bits) - 1 };
    let first = bits(address) & !hosts;
    Some((first, first | hosts))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks() -> Networks {
        let text = "# a region\n10.1.0.0/16\n\n192.0.2.128/25\n10.0.0.0/8\n2001:db8::/32\n198.51.100.7/32\n";
        Networks::parse(text).unwrap()
    }

    #[test]
    fn an_address_is_inside_or_outside() {
        for inside in ["10.0.0.0", "10.1.2.3", "10.255.255.255", "192.0.2.128", "198.51.100.7", "2001:db8::1"]
        {
            assert!(networks().contains(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["9.255.255.255", "11.0.0.0", "192.0.2.127", "198.51.100.8", "2001:db9::", "::"] {
            assert!(!networks().contains(outside.parse().unwrap()), "{outside}");
        }
    }

    #[test]
    fn no_networks_hold_nobody_and_the_widest_hold_all() {
        let address = "192.0.2.1".parse().unwrap();
        assert!(!Networks::default().contains(address));
        assert!(Networks::parse("::/0").unwrap().contains(address));
        assert!(Networks::parse("0.0.0.0/0").unwrap().contains(address));
    }

    #[test]
    fn what_is_no_network_is_named_by_its_line() {
        for line in ["10.0.0.0", "10.0.0.0/33", "x/8", "10.0.0.0/", "2001:db8::/129", "10.0.0.0/-1"] {
            assert_eq!(Networks::parse(&format!("10.0.0.0/8\n{line}\n")), Err(NetworksError(2)), "{line}");
        }
    }
}
