//! Connections: taken in bounded number, watched for slow ones, finished before the end.

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;

/// A client must send the head of a request within this time.
const HEAD_LIMIT: Duration = Duration::from_secs(30);
/// Bytes of a request's head.
const HEAD_BYTES: usize = 64 * 1024;
const HEADERS: usize = 100;
/// What is under way at the end may take this long; streams never end by themselves.
const GRACE: Duration = Duration::from_secs(8);

/// Serves until told to stop, then lets requests under way finish.
pub async fn serve(listener: TcpListener, app: Router, connections: usize, mut stop: watch::Receiver<bool>) {
    let gate = Arc::new(Semaphore::new(connections));
    let under_way = GracefulShutdown::new();
    loop {
        let Ok(place) = Arc::clone(&gate).acquire_owned().await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let connection = under_way.watch(connection(stream, peer, app.clone()));
                tokio::spawn(async move {
                    // A client that goes away or speaks no HTTP is its own affair.
                    let _ = connection.await;
                    drop(place);
                });
            }
            Err(why) => {
                tracing::warn!(%why, "no connection can be taken just now");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(GRACE, under_way.shutdown()).await.is_err() {
        tracing::info!("connections that did not end in time were cut");
    }
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    app: Router,
) -> http1::Connection<
    TokioIo<TcpStream>,
    impl hyper::service::HttpService<Incoming, ResBody = axum::body::Body, Error = std::convert::Infallible, Future: Send>,
> {
    // Small answers must not wait for the next ones.
    let _ = stream.set_nodelay(true);
    let service = app.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.map(axum::body::Body::new)
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_LIMIT).max_headers(HEADERS).max_buf_size(HEAD_BYTES);
    http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
}
