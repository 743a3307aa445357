//! A server that never accepts.

use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Socket, Type};

/// A port of 127.0.0.1 at which a connection is neither made nor refused: so many wait there to be accepted that the system
/// drops every other one's first packet, as Linux does.
#[derive(Debug)]
pub struct FullBacklog {
    address: SocketAddr,
    _sockets: Vec<Socket>,
}

impl FullBacklog {
    /// The port.
    ///
    /// # Panics
    /// When the system gives no port.
    pub fn open() -> Self {
        let socket = || Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        let listening = socket();
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        listening.bind(&any.into()).and_then(|()| listening.listen(0)).expect("a free port on 127.0.0.1");
        let address = listening.local_addr().ok().and_then(|address| address.as_socket());
        let address = address.expect("the address of a socket");
        let mut sockets = vec![listening];
        // Room is for one.
        for _ in 0..4 {
            let waiting = socket();
            waiting.set_nonblocking(true).expect("a socket that does not block");
            // It is in progress, and stays so.
            let _ = waiting.connect(&address.into());
            sockets.push(waiting);
        }
        Self { address, _sockets: sockets }
    }

    /// The URL of a proxy there.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}
