//! Clients over real sockets, each sending its next request when the last was answered.

use crate::failure::Failure;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// One request.
pub struct Send {
    pub method: &'static str,
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

/// So many clients on one server.
pub struct Burst {
    pub address: SocketAddr,
    pub clients: usize,
    /// The request of each turn; turns are counted over all clients and runs of the process.
    pub send: Arc<dyn Fn(usize) -> Send + std::marker::Send + Sync>,
}

/// What came of it.
pub struct Run {
    /// How long each answer took, shortest first.
    pub took: Vec<Duration>,
    pub wall: Duration,
    /// Bytes of the last answer's body as it went over the wire.
    pub bytes: usize,
    /// A status that was no success, if there was one.
    pub refused: Option<u16>,
}

static TURNS: AtomicUsize = AtomicUsize::new(0);

/// Lets the clients work for so long.
///
/// # Errors
/// A server that cannot be reached or breaks off.
pub async fn run(burst: &Burst, span: Duration) -> Result<Run, Failure> {
    let began = Instant::now();
    let mut clients = JoinSet::new();
    for _ in 0..burst.clients {
        let (address, send) = (burst.address, Arc::clone(&burst.send));
        clients.spawn(async move { client(address, send.as_ref(), began + span).await });
    }
    let mut all = Run { took: Vec::new(), wall: span, bytes: 0, refused: None };
    for client in clients.join_all().await {
        let done = client.map_err(|why| Failure::failed(format!("a client failed: {why}.")))?;
        all.took.extend(done.took);
        all.bytes = done.bytes;
        all.refused = all.refused.or(done.refused);
    }
    all.wall = began.elapsed();
    all.took.sort_unstable();
    Ok(all)
}

type Fault = Box<dyn std::error::Error + std::marker::Send + Sync>;

async fn client(
    address: SocketAddr,
    send: &(dyn Fn(usize) -> Send + std::marker::Send + Sync),
    until: Instant,
) -> Result<Run, Fault> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let mut run = Run { took: Vec::new(), wall: Duration::ZERO, bytes: 0, refused: None };
    while Instant::now() < until {
        let request = send(TURNS.fetch_add(1, Ordering::Relaxed));
        let began = Instant::now();
        let (status, bytes) = exchange(&mut sender, request).await?;
        run.took.push(began.elapsed());
        run.bytes = bytes;
        if !(200..300).contains(&status) {
            run.refused = Some(status);
            break;
        }
    }
    Ok(run)
}

async fn exchange(sender: &mut SendRequest<Full<Bytes>>, send: Send) -> Result<(u16, usize), Fault> {
    let mut request = Request::builder().method(send.method).uri(send.path).header("host", "127.0.0.1");
    for (name, value) in send.headers {
        request = request.header(name, value);
    }
    sender.ready().await?;
    let response = sender.send_request(request.body(Full::from(send.body))?).await?;
    let status = response.status().as_u16();
    Ok((status, response.into_body().collect().await?.to_bytes().len()))
}
