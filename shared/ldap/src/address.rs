//! Which addresses a directory may have.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Azure's platform, which answers with what is secret in its networks.
const AZURE_PLATFORM: Ipv4Addr = Ipv4Addr::new(168, 63, 129, 16);
/// Alibaba's metadata.
const ALIBABA_METADATA: Ipv4Addr = Ipv4Addr::new(100, 100, 100, 200);
/// The prefix that AWS keeps its services of a machine in, metadata among them.
const AWS_SERVICES: [u16; 2] = [0xfd00, 0x0ec2];

/// Whether a directory may be there. A system administrator chooses the host, and directories are in private networks, so those
/// are allowed and so is this machine. Never a directory is link-local, where clouds hand out credentials.
pub(crate) fn is_allowed(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_allowed_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(inner) => is_allowed_v4(inner),
            None => is_allowed_v6(address),
        },
    }
}

fn is_allowed_v4(address: Ipv4Addr) -> bool {
    let is_odd = address.is_unspecified() || address.is_multicast() || address.is_broadcast();
    !is_odd && !address.is_link_local() && ![AZURE_PLATFORM, ALIBABA_METADATA].contains(&address)
}

fn is_allowed_v6(address: Ipv6Addr) -> bool {
    let is_odd = address.is_unspecified() || address.is_multicast();
    !is_odd && !address.is_unicast_link_local() && !address.segments().starts_with(&AWS_SERVICES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_allowed_and_metadata_is_not() {
        for (text, expected) in [
            ("127.0.0.1", true),
            ("10.0.0.1", true),
            ("192.168.1.1", true),
            ("172.16.0.1", true),
            ("93.184.216.34", true),
            ("::1", true),
            ("fd12::1", true),
            ("2606:4700::1", true),
            ("169.254.169.254", false),
            ("169.254.170.2", false),
            ("168.63.129.16", false),
            ("100.100.100.200", false),
            ("0.0.0.0", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("::ffff:169.254.169.254", false),
            ("::ffff:10.0.0.1", true),
            ("fe80::1", false),
            ("fd00:ec2::254", false),
            ("ff02::1", false),
            ("::", false),
        ] {
            assert_eq!(is_allowed(text.parse().unwrap()), expected, "{text}");
        }
    }
}
