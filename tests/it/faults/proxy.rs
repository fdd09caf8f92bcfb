//! A network between the binary and a server, which fails at a message of our choice.
//!
//! It reads the framing of protocol 3 (chapter "Message Formats" of the PostgreSQL manual), without TLS, and numbers the
//! messages of each direction over all connections of a run.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use tokio::net::TcpSocket;

use crate::support::{Database, Server};

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    ToServer,
    ToClient,
}

/// What happens to the network at a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The message passes, then its connection is reset. Others go on, and new ones can be opened.
    CutAfter,
    /// The connection is reset, and the message is lost.
    CutBefore,
    /// The message passes, then every connection is reset, and no new one is accepted.
    Gone,
    /// Neither this message nor anything else passes any more, and nothing is closed.
    Stall,
    /// The message is the last one that its receiver gets from this connection; it can still answer.
    HalfClose,
}

/// A fault at the `nth` message, counted from 1, of a direction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failing {
    pub(super) direction: Direction,
    pub(super) nth: usize,
    pub(super) fault: Fault,
}

/// A message that came by.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) direction: Direction,
    /// Its type byte and what it says: `Q commit`, `C COMMIT`, `startup`.
    pub(super) words: String,
}

/// Listens on a port of its own until it is dropped; then all its connections are reset.
pub(super) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    failing: Option<Failing>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    seen: Vec<Seen>,
    links: Vec<Arc<Link>>,
    network: Network,
    /// The message at which it failed.
    failed_at: Option<Seen>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Network {
    #[default]
    Up,
    Stalled,
    Down,
}

/// A connection of the binary and its counterpart to the server.
struct Link {
    client: TcpStream,
    server: TcpStream,
    is_reset: AtomicBool,
}

/// What becomes of a connection's direction after a message.
enum Next {
    /// The next message.
    Message,
    /// Nothing: the connection is reset, or stalled.
    Nothing,
    /// The receiver is told that there will be no more.
    End,
}

impl Proxy {
    pub(super) fn start(server: &Server, failing: Option<Failing>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("there is a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let shared = Arc::new(Shared { failing, state: Mutex::default() });
        let (accepting, target) = (Arc::clone(&shared), server.port);
        thread::spawn(move || {
            for client in listener.incoming() {
                let network = accepting.state().network;
                match (network, client) {
                    (Network::Down, _) | (_, Err(_)) => return,
                    // It is taken, and nobody will ever answer.
                    (Network::Stalled, Ok(client)) => accepting.state().links.extend(Link::dead(client)),
                    (Network::Up, Ok(client)) => accepting.connect(client, target),
                }
            }
        });
        Self { port, shared }
    }

    /// The address of a database by this way.
    pub(super) fn url(&self, database: &Database<'_>) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{}?sslmode=disable", self.port, database.name())
    }

    /// Every message that came by, in order.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.shared.state().seen.clone()
    }

    /// The message at which the network failed.
    pub(super) fn failed_at(&self) -> Option<Seen> {
        self.shared.state().failed_at.clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.state().down();
        // The listener is in accept(), and looks at the network when that returns.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread died holding it")
    }

    fn connect(self: &Arc<Self>, client: TcpStream, target: u16) {
        let Ok(server) = TcpStream::connect(("127.0.0.1", target)) else { return };
        for stream in [&client, &server] {
            stream.set_nodelay(true).expect("a socket can be told");
        }
        let link = Arc::new(Link { client, server, is_reset: AtomicBool::default() });
        self.state().links.push(Arc::clone(&link));
        for direction in [Direction::ToServer, Direction::ToClient] {
            let (shared, link) = (Arc::clone(self), Arc::clone(&link));
            thread::spawn(move || shared.pass_on(&link, direction));
        }
    }

    fn pass_on(&self, link: &Arc<Link>, direction: Direction) {
        let (mut from, to) = match direction {
            Direction::ToServer => (&link.client, &link.server),
            Direction::ToClient => (&link.server, &link.client),
        };
        let mut is_first = direction == Direction::ToServer;
        while let Ok(message) = read(&mut from, std::mem::replace(&mut is_first, false)) {
            match self.pass(link, direction, to, &message) {
                Next::Message => {}
                Next::Nothing => return,
                Next::End => break,
            }
        }
        if self.state().network == Network::Up && !link.is_reset.load(Ordering::Relaxed) {
            let _ = to.shutdown(Shutdown::Write);
        }
    }

    /// Numbers a message and lets it pass, or not.
    fn pass(&self, link: &Arc<Link>, direction: Direction, mut to: &TcpStream, message: &[u8]) -> Next {
        let mut state = self.state();
        if state.network != Network::Up || link.is_reset.load(Ordering::Relaxed) {
            return Next::Nothing;
        }
        let seen = Seen { direction, words: words(message) };
        state.seen.push(seen.clone());
        let nth = state.seen.iter().filter(|seen| seen.direction == direction).count();
        let fault = self.failing.filter(|failing| failing.direction == direction && failing.nth == nth);
        if fault.is_some() {
            state.failed_at = Some(seen);
        }
        // Its receiver may have gone; then it is told so when it is read from.
        let mut passes = || drop(to.write_all(message));
        match fault.map(|failing| failing.fault) {
            None => {
                passes();
                return Next::Message;
            }
            Some(Fault::HalfClose) => {
                passes();
                return Next::End;
            }
            Some(Fault::CutAfter) => {
                passes();
                link.reset();
            }
            Some(Fault::CutBefore) => link.reset(),
            Some(Fault::Stall) => state.network = Network::Stalled,
            Some(Fault::Gone) => {
                passes();
                state.down();
            }
        }
        if state.network == Network::Up {
            state.links.retain(|other| !Arc::ptr_eq(other, link));
        }
        Next::Nothing
    }
}

impl State {
    fn down(&mut self) {
        self.network = Network::Down;
        self.links.drain(..).for_each(|link| link.reset());
    }
}

impl Link {
    /// A connection to nobody.
    fn dead(client: TcpStream) -> Option<Arc<Self>> {
        Some(Arc::new(Self { server: client.try_clone().ok()?, client, is_reset: AtomicBool::default() }))
    }

    /// Has both sides get a reset when the last one lets go of this, and wakes up who reads.
    fn reset(&self) {
        self.is_reset.store(true, Ordering::Relaxed);
        for stream in [&self.client, &self.server] {
            if let Ok(stream) = stream.try_clone() {
                let _ = TcpSocket::from_std_stream(stream).set_zero_linger();
            }
            // Sends nothing, unlike that of the other half.
            let _ = stream.shutdown(Shutdown::Read);
        }
    }
}

/// Reads one message with its type byte, which the first one of a client does not have.
fn read(from: &mut impl Read, is_first: bool) -> io::Result<Vec<u8>> {
    let mut message = vec![0; if is_first { 4 } else { 5 }];
    from.read_exact(&mut message)?;
    let length = message.last_chunk::<4>().map_or(0, |length| u32::from_be_bytes(*length));
    let rest = (length as usize).checked_sub(4).ok_or(io::ErrorKind::InvalidData)?;
    let read = message.len();
    message.resize(read + rest, 0);
    from.read_exact(&mut message[read..])?;
    Ok(message)
}

/// Its type byte and the first of its words.
fn words(message: &[u8]) -> String {
    let [kind, rest @ ..] = message else { return String::new() };
    if *kind == 0 {
        // The request code of a CancelRequest instead of a protocol version.
        let is_cancel = message.get(4..8) == Some(&80_877_102_u32.to_be_bytes());
        return if is_cancel { "cancel" } else { "startup" }.to_owned();
    }
    let text = String::from_utf8_lossy(rest.get(4..).unwrap_or_default());
    let text: Vec<&str> = text.split(|c: char| c.is_control() || c == ' ').filter(|word| !word.is_empty()).collect();
    let some: String = text.join(" ").chars().take(40).collect();
    format!("{} {some}", char::from(*kind)).trim_end().to_owned()
}
