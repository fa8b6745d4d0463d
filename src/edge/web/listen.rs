//! Connections: so many at once, each with an end to patience; when the program is asked to end,
//! streams end at once, and answers that are under way are finished.

use super::guard::Door;
use super::patient::Patient;
use super::router::router;
use super::state::Web;
use super::view::View;
use anyhow::{Context, Result, bail};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::{Semaphore, watch};

/// Connections that may be open at once; others wait until one ends.
const CONNECTIONS: usize = 6000;
/// How long the head of a request may take.
const HEAD: Duration = Duration::from_secs(10);
/// The head of a request has no more bytes.
const HEAD_BYTES: usize = 16 << 10;
/// How long answers that are under way may take when the program ends.
const FAREWELL: Duration = Duration::from_secs(2);

/// An address and a port.
pub type Address = SocketAddr;

/// A dashboard that is heard of, and not served yet.
pub struct Listening {
    listener: std::net::TcpListener,
    /// Where it is.
    pub address: SocketAddr,
    door: Door,
}

/// Takes a port; nobody is answered yet.
///
/// # Errors
///
/// The address is not to be had, or it is one that others can reach and nobody said who may.
pub fn listen(address: SocketAddr, door: Door) -> Result<Listening> {
    if !door.is_open_to(address.ip()) {
        bail!(
            "{address} can be reached from other machines, and nobody said who may\n\
             hint: --token-file FILE asks for a token; --public lets everybody in, on purpose"
        );
    }
    let listener = std::net::TcpListener::bind(address)
        .with_context(|| format!("cannot listen on {address}"))
        .context("hint: another program may have that port: --listen 127.0.0.1:8081")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok(Listening { listener, address, door })
}

impl Listening {
    /// Serves until `end` is there; then says farewell.
    pub fn serve(self, view: Arc<dyn View>, end: impl Future<Output = ()>) -> Result<()> {
        let threads = std::thread::available_parallelism().map_or(2, usize::from).min(4);
        let runtime = Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
        let (close, closing) = watch::channel(false);
        let web = Arc::new(Web::new(view, self.door, closing));
        runtime.block_on(async {
            let listener = TcpListener::from_std(self.listener)?;
            let graceful = GracefulShutdown::new();
            tokio::select! {
                never = accept(&listener, &web, &graceful) => never,
                () = end => {}
            }
            drop(listener);
            close.send_replace(true);
            let _ = tokio::time::timeout(FAREWELL, graceful.shutdown()).await;
            anyhow::Ok(())
        })?;
        runtime.shutdown_timeout(Duration::from_secs(1));
        Ok(())
    }
}

async fn accept(listener: &TcpListener, web: &Arc<Web>, graceful: &GracefulShutdown) {
    let (places, router) = (Arc::new(Semaphore::new(CONNECTIONS)), router(web));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            // Too many files are open, or the other side has gone: the next one may do.
            Err(_) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let io = TokioIo::new(Patient::new(stream, place));
        let service = TowerToHyperService::new(router.clone());
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_buf_size(HEAD_BYTES)
            .serve_connection(io, service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // What a connection ends with is its own affair.
            let _ = connection.await;
        });
    }
}
