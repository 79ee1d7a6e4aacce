//! Where to listen: `host:port` as `go tool trace -http` reads it.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// A host and a port; port 0 lets the system choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    host: String,
    port: u16,
}

/// Why a text is not an address to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// No colon.
    #[error("missing port: write host:port or :port, for example localhost:6060 or :6060")]
    MissingPort,
    /// Not a number, or above 65535.
    #[error("the port is not a number from 0 to 65535")]
    BadPort,
    /// An IPv6 address without brackets.
    #[error("an IPv6 address needs brackets, for example [::1]:6060")]
    Brackets,
    /// Characters that no host name has.
    #[error("not a host name or IP address")]
    BadHost,
}

impl Default for Listen {
    /// A free port of the loopback interface.
    fn default() -> Self {
        Self { host: "127.0.0.1".into(), port: 0 }
    }
}

impl FromStr for Listen {
    type Err = ListenError;

    /// `host:port`, `[ipv6]:port` or `:port`, which means localhost.
    fn from_str(text: &str) -> Result<Self, ListenError> {
        let (host, port) = text.rsplit_once(':').ok_or(ListenError::MissingPort)?;
        let port = port.parse().map_err(|_| ListenError::BadPort)?;
        let host = if let Some(inner) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            inner.parse::<Ipv6Addr>().map_err(|_| ListenError::BadHost)?;
            inner
        } else if host.contains(':') {
            return Err(ListenError::Brackets);
        } else if host.is_empty() {
            "localhost"
        } else {
            host
        };
        let legal = |c: char| c.is_ascii_alphanumeric() || ".-_:".contains(c);
        if !host.chars().all(legal) {
            return Err(ListenError::BadHost);
        }
        Ok(Self { host: host.into(), port })
    }
}

impl Listen {
    /// The host as asked, an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port as asked.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether the host is an address or `localhost`, whose address says as much.
    pub(crate) fn is_local_name(&self) -> bool {
        self.host.parse::<IpAddr>().is_ok() || self.host.eq_ignore_ascii_case("localhost")
    }

    /// `host:port` with the port that the system chose.
    pub(crate) fn with_port(&self, port: u16) -> String {
        if self.host.contains(':') { format!("[{}]:{port}", self.host) } else { format!("{}:{port}", self.host) }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.with_port(self.port))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let found = match text.parse::<Listen>() {
            Ok(listen) => listen.to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn addresses() {
        check(":6060", "localhost:6060");
        check("localhost:0", "localhost:0");
        check("0.0.0.0:6060", "0.0.0.0:6060");
        check("[::1]:80", "[::1]:80");
        check("::1:80", "an IPv6 address needs brackets, for example [::1]:6060");
        check("6060", "missing port: write host:port or :port, for example localhost:6060 or :6060");
        check("localhost:http", "the port is not a number from 0 to 65535");
        check("localhost:65536", "the port is not a number from 0 to 65535");
        check("a b:1", "not a host name or IP address");
        check("[x]:1", "not a host name or IP address");
    }
}
