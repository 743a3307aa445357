//! `NO_PROXY`, as the go command reads it (`golang.org/x/net/http/httpproxy`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Which servers are reached without an HTTP proxy.
#[derive(Debug, Clone, Default)]
pub(crate) struct NoProxy {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
enum Rule {
    /// `*`.
    All,
    Network {
        /// In the form of its prefix: addresses of the other family are not in it.
        network: u128,
        /// The bits that count.
        mask: u128,
        v4: bool,
    },
    Address {
        address: IpAddr,
        port: Option<String>,
    },
    Domain {
        /// With a dot before it.
        suffix: String,
        /// Whether the name without the dot is meant as well.
        itself: bool,
        port: Option<String>,
    },
}

impl NoProxy {
    /// Entries that mean nothing are skipped.
    pub(crate) fn parse(text: &str) -> Self {
        let mut rules = Vec::new();
        for entry in text.split(',').map(|entry| entry.trim().to_lowercase()) {
            if entry == "*" {
                return Self { rules: vec![Rule::All] };
            }
            rules.extend(Rule::parse(&entry));
        }
        Self { rules }
    }

    /// Whether the server of this URL is reached without a proxy. Loopback always is.
    pub(crate) fn matches(&self, url: &Url) -> bool {
        let Some(port) = url.port_or_known_default() else { return true };
        match url.host() {
            Some(Host::Domain("localhost")) | None => true,
            Some(Host::Domain(name)) => self.has(name, None, port),
            Some(Host::Ipv4(address)) => self.has_address(address.into(), port),
            Some(Host::Ipv6(address)) => self.has_address(address.into(), port),
        }
    }

    fn has_address(&self, address: IpAddr, port: u16) -> bool {
        let address = address.to_canonical();
        address.is_loopback() || self.has("", Some(address), port)
    }

    fn has(&self, name: &str, address: Option<IpAddr>, port: u16) -> bool {
        let port = port.to_string();
        self.rules.iter().any(|rule| rule.matches(name, address, &port))
    }
}

impl Rule {
    fn parse(entry: &str) -> Option<Self> {
        if let Some(network) = network(entry) {
            return Some(network);
        }
        let (host, port) = split_host_port(entry).unwrap_or((entry, ""));
        let port = Some(port).filter(|port| !port.is_empty()).map(str::to_owned);
        if let Ok(address) = host.parse::<IpAddr>() {
            return Some(Self::Address { address: address.to_canonical(), port });
        }
        let host = match host.strip_prefix('*') {
            Some(rest) if rest.starts_with('.') => rest,
            _ => host,
        };
        let (name, itself) = match host.strip_prefix('.') {
            Some(name) => (name, false),
            None => (host, true),
        };
        if host.is_empty() {
            return None;
        }
        Some(Self::Domain { suffix: format!(".{}", ascii(name)), itself, port })
    }

    fn matches(&self, name: &str, address: Option<IpAddr>, its_port: &str) -> bool {
        match (self, address) {
            (Self::All, _) => true,
            (Self::Network { network, mask, v4 }, Some(address)) => {
                let (bits, is_v4) = bits(address);
                is_v4 == *v4 && bits & mask == *network
            }
            (Self::Address { address, port }, Some(asked)) => {
                *address == asked && is_of(port.as_ref(), its_port)
            }
            (Self::Domain { suffix, itself, port }, None) => {
                let matches = name.ends_with(suffix) || *itself && Some(name) == suffix.strip_prefix('.');
                matches && is_of(port.as_ref(), its_port)
            }
            _ => false,
        }
    }
}

fn is_of(port: Option<&String>, its_port: &str) -> bool {
    port.is_none_or(|port| port == its_port)
}

fn bits(address: IpAddr) -> (u128, bool) {
    match address {
        IpAddr::V4(address) => (u32::from(address).into(), true),
        IpAddr::V6(address) => (address.into(), false),
    }
}

/// `net.ParseCIDR`, and what `IPNet.Contains` makes of it.
fn network(entry: &str) -> Option<Rule> {
    let (address, length) = entry.split_once('/')?;
    if length.is_empty() || !length.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let length: u32 = length.parse().ok()?;
    let mask = |width: u32| {
        let host = width.checked_sub(length)?;
        let all = u128::MAX >> (128 - width);
        Some(all & u128::MAX.checked_shl(host).unwrap_or(0))
    };
    if let Ok(address) = address.parse::<Ipv4Addr>() {
        let mask = mask(32)?;
        return Some(Rule::Network { network: u128::from(u32::from(address)) & mask, mask, v4: true });
    }
    let mask = mask(128)?;
    let network = u128::from(address.parse::<Ipv6Addr>().ok()?) & mask;
    // A network of mapped addresses is one of IPv4.
    Some(match Ipv6Addr::from(network).to_ipv4_mapped() {
        Some(network) => {
            let mask = mask & u128::from(u32::MAX);
            Rule::Network { network: u32::from(network).into(), mask, v4: true }
        }
        None => Rule::Network { network, mask, v4: false },
    })
}

/// `net.SplitHostPort`.
fn split_host_port(entry: &str) -> Option<(&str, &str)> {
    let (host, port) = entry.rsplit_once(':')?;
    let host = match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']')?,
        None if host.contains(':') => return None,
        None => host,
    };
    (!host.contains(['[', ']']) && !port.contains(['[', ']'])).then_some((host, port))
}

/// A name as URLs have it.
fn ascii(name: &str) -> String {
    if !name.is_ascii()
        && let Ok(Host::Domain(name)) = Host::parse(name)
    {
        return name;
    }
    name.to_owned()
}
