//! Names to addresses, and the guard between them and the connection.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::Policy;
use crate::policy::is_localhost;

/// The most addresses of one name that are looked at; a name with more is refused.
const MAX_ADDRESSES: usize = 64;

/// Resolves names.
#[async_trait]
pub trait Names: Send + Sync {
    /// The addresses of `host`, in the order in which they are to be tried. Called once per request.
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The resolver of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemNames;

#[async_trait]
impl Names for SystemNames {
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// Why a name leads nowhere. It travels through the HTTP client's error and is taken out there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NameRefusal {
    /// One of its addresses is not public.
    #[error("{address} is not public: {range}")]
    Address { address: IpAddr, range: &'static str },
    /// It cannot be resolved.
    #[error("the name cannot be resolved")]
    Unresolved(#[source] io::Error),
}

/// What the HTTP client asks: it connects to these addresses and to no others.
pub(crate) struct Guarded {
    pub(crate) names: Arc<dyn Names>,
    pub(crate) policy: Policy,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, policy) = (Arc::clone(&self.names), self.policy.clone());
        Box::pin(async move {
            let addresses = admitted(&*names, &policy, name.as_str()).await?;
            // The client puts the port of the URL in place of 0.
            Ok(Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

/// All addresses of `host`, if every one is admitted: a name that is half public is a trick or a mistake.
async fn admitted(names: &dyn Names, policy: &Policy, host: &str) -> Result<Vec<IpAddr>, NameRefusal> {
    let addresses = if is_localhost(host) {
        vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]
    } else {
        names.addresses(host).await.map_err(NameRefusal::Unresolved)?
    };
    if addresses.is_empty() || addresses.len() > MAX_ADDRESSES {
        let count = addresses.len();
        return Err(NameRefusal::Unresolved(io::Error::other(format!("it has {count} addresses"))));
    }
    for address in &addresses {
        policy.admits(*address).map_err(|range| NameRefusal::Address { address: *address, range })?;
    }
    Ok(addresses)
}
