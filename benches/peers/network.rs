//! A network that takes its time, and counts the round trips.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

/// The message Terminate.
const FAREWELL: &[u8] = b"X\0\0\0\x04";

/// How often a client and the server spoke with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Trips {
    /// How often the client had to wait for an answer: whatever it sends until the next answer arrives is one of them, as
    /// is what opens a connection. What it sends along with its farewell is none: it does not wait for that.
    pub round_trips: u32,
    /// How many connections it opened.
    pub connections: u32,
}

/// Listens on a port of its own until it is dropped, and delivers every byte after the same time.
pub struct Network {
    port: u16,
    counters: Arc<Counters>,
    is_closed: Arc<AtomicBool>,
}

#[derive(Default)]
struct Counters {
    round_trips: AtomicU32,
    connections: AtomicU32,
}

impl Network {
    /// Leads to the server at a port; each way takes so long. The connection itself is there at once.
    pub fn start(server: u16, each_way: Duration) -> Result<Self, io::Error> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let network = Self { port: listener.local_addr()?.port(), counters: Arc::default(), is_closed: Arc::default() };
        let (counters, is_closed) = (Arc::clone(&network.counters), Arc::clone(&network.is_closed));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if is_closed.load(Ordering::SeqCst) {
                    return;
                }
                counters.connections.fetch_add(1, Ordering::SeqCst);
                if let Err(error) = link(client, server, each_way, &counters) {
                    eprintln!("no connection to the server: {error}");
                }
            }
        });
        Ok(network)
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What has been counted so far.
    pub fn trips(&self) -> Trips {
        let Counters { round_trips, connections } = &*self.counters;
        Trips { round_trips: round_trips.load(Ordering::SeqCst), connections: connections.load(Ordering::SeqCst) }
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.is_closed.store(true, Ordering::SeqCst);
        // The listener is in accept(), and looks when that returns.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// Joins a client with the server.
fn link(client: TcpStream, server: u16, each_way: Duration, counters: &Arc<Counters>) -> io::Result<()> {
    let server = TcpStream::connect(("127.0.0.1", server))?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    let has_asked = Arc::new(AtomicBool::new(false));
    let (asking, counters) = (Arc::clone(&has_asked), Arc::clone(counters));
    let asks = move |piece: &[u8]| asking.store(!piece.ends_with(FAREWELL), Ordering::SeqCst);
    carry(client.try_clone()?, server.try_clone()?, each_way, asks, || ());
    carry(
        server,
        client,
        each_way,
        |_| (),
        move || {
            if has_asked.swap(false, Ordering::SeqCst) {
                counters.round_trips.fetch_add(1, Ordering::SeqCst);
            }
        },
    );
    Ok(())
}

/// Carries one direction of a connection. What arrives together is delivered together: each piece is due so long after it
/// came, not after the piece before it.
fn carry(
    mut from: TcpStream,
    mut to: TcpStream,
    takes: Duration,
    received: impl Fn(&[u8]) + Send + 'static,
    delivers: impl Fn() + Send + 'static,
) {
    let (sender, pieces) = channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            received(&buffer[..length]);
            if sender.send((Instant::now() + takes, buffer[..length].to_vec())).is_err() {
                return;
            }
        }
    });
    thread::spawn(move || {
        for (due, piece) in pieces {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            // Before it is there: its receiver may answer at once.
            delivers();
            if to.write_all(&piece).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}
