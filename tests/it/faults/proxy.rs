//! A network between the binary and a server, which fails at a message of our choice.
//!
//! It reads the framing of protocol 3 (chapter "Message Formats" of the PostgreSQL manual), without TLS, and numbers the
//! messages of each direction over all connections of a run.

mod message;

use std::io::Write;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use message::{read, words};
use tokio::net::TcpSocket;

use crate::support::{Database, Server};

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    ToServer,
    ToClient,
}

/// What happens to the network at a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
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
    /// The message is lost, and the client is told so, as by a pooler that has lost its server.
    Crashed,
}

/// What PgBouncer answers whose server is gone: without the field that says in English how grave it is.
const CRASHED: &[u8] = b"E\0\0\0\x29SFATAL\0C08P01\0Mserver conn crashed?\0\0";

/// A message of a direction, counted from 1.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At {
    /// Of all that there are.
    Message(usize),
    /// Of the commits, or of the answers to them. A run that takes long looks why, which gives all messages other numbers.
    Commit(usize),
}

/// A fault, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failing {
    pub(crate) direction: Direction,
    pub(crate) at: At,
    pub(crate) fault: Fault,
}

/// A message that came by.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) direction: Direction,
    /// Its type byte and what it says: `Q commit`, `C COMMIT`, `startup`.
    pub(crate) words: String,
    /// Whether it is a commit or the answer to one.
    pub(crate) is_commit: bool,
}

/// Listens on a port of its own until it is dropped; then all its connections are reset.
pub(crate) struct Proxy {
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
    failed_at: Option<String>,
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
    /// Whether the next answer is that to a commit.
    is_committing: AtomicBool,
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
    pub(crate) fn start(server: &Server, failing: Option<Failing>) -> Self {
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
    pub(crate) fn url(&self, database: &Database<'_>) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{}?sslmode=disable", self.port, database.name())
    }

    /// Every message that came by, in order.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.state().seen.clone()
    }

    /// The message at which the network failed.
    pub(crate) fn failed_at(&self) -> Option<String> {
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
        let link = Arc::new(Link::new(client, server));
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
        let seen = link.look(direction, message);
        state.seen.push(seen.clone());
        let fault = self.failing.filter(|failing| failing.direction == direction && state.is_at(failing.at));
        if fault.is_some() {
            state.failed_at = Some(seen.words);
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
            Some(Fault::Crashed) => link.crash(),
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
    /// Whether the last message is this one of its direction.
    fn is_at(&self, at: At) -> bool {
        let Some(last) = self.seen.last() else { return false };
        let same = self.seen.iter().filter(|seen| seen.direction == last.direction);
        match at {
            At::Message(nth) => same.count() == nth,
            At::Commit(nth) => last.is_commit && same.filter(|seen| seen.is_commit).count() == nth,
        }
    }

    fn down(&mut self) {
        self.network = Network::Down;
        self.links.drain(..).for_each(|link| link.reset());
    }
}

impl Link {
    fn new(client: TcpStream, server: TcpStream) -> Self {
        Self { client, server, is_reset: AtomicBool::default(), is_committing: AtomicBool::default() }
    }

    fn look(&self, direction: Direction, message: &[u8]) -> Seen {
        let words = words(message);
        let is_commit = match direction {
            Direction::ToServer => words == "Q commit",
            Direction::ToClient => words.starts_with('C') && self.is_committing.load(Ordering::Relaxed),
        };
        if is_commit {
            self.is_committing.store(direction == Direction::ToServer, Ordering::Relaxed);
        }
        Seen { direction, words, is_commit }
    }

    /// A connection to nobody.
    fn dead(client: TcpStream) -> Option<Arc<Self>> {
        Some(Arc::new(Self::new(client.try_clone().ok()?, client)))
    }

    /// Tells the client that the server is gone, and hangs up on both.
    fn crash(&self) {
        self.is_reset.store(true, Ordering::Relaxed);
        let _ = (&self.client).write_all(CRASHED);
        let _ = self.client.shutdown(Shutdown::Write);
        let _ = self.server.shutdown(Shutdown::Both);
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
