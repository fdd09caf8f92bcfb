//! Ports for servers.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::Mutex;

/// A port that is free now and that no other test of this process was given, below those that the kernel gives to outgoing
/// connections: until a server listens there, and while it is stopped, somebody else would get it.
pub(super) fn free_port() -> u16 {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let mut given = GIVEN.lock().expect("no thread died holding it");
    let mut ports = std::iter::repeat_with(|| fastrand::u16(20000..32000));
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    ports.find(|port| is_free(port) && given.insert(*port)).expect("there are many")
}
