//! Ctrl-C and the polite request to stop.

use tokio::sync::watch;

use super::error::Error;

/// Whether somebody asked this process to stop; stays so once it is.
#[derive(Clone, Debug)]
pub struct Interrupt {
    requested: watch::Receiver<bool>,
}

impl Interrupt {
    /// Listens for SIGINT and SIGTERM from now on.
    #[must_use]
    pub fn listen() -> Self {
        let (request, requested) = watch::channel(false);
        let signal = signal();
        tokio::spawn(async move {
            signal.await;
            // The receivers may be gone: then nobody is left to be stopped.
            let _ = request.send(true);
            request.closed().await;
        });
        Self { requested }
    }

    /// Listens to nobody.
    #[must_use]
    pub fn never() -> Self {
        Self { requested: watch::channel(false).1 }
    }

    /// Waits until somebody asks.
    pub async fn requested(&self) {
        if self.requested.clone().wait_for(|requested| *requested).await.is_err() {
            // The listener is gone, so nobody can ask any more.
            std::future::pending::<()>().await;
        }
    }

    /// Does some work to its end, or until somebody asks.
    pub async fn unless_requested<T>(&self, work: impl Future<Output = T>) -> Result<T, Error> {
        tokio::select! {
            biased;
            () = self.requested() => Err(Error::Interrupted),
            done = work => Ok(done),
        }
    }
}

/// Listens at once, not only when it is first waited for.
fn signal() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};

    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async move {
        match signals {
            (Ok(mut interrupt), Ok(mut terminate)) => {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
            }
            // Without a listener the signals keep their usual effect: the process ends, the server rolls back.
            _ => std::future::pending::<()>().await,
        }
    }
}
