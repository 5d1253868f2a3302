//! A connection to a `PostgreSQL` server, driven by the one thread that uses it.

use crate::{Error, Result};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{AsyncMessage, Client, Connection, NoTls, Notification};
use tokio_postgres_rustls::MakeRustlsConnect;

type Message = std::result::Result<AsyncMessage, tokio_postgres::Error>;
type Traffic = Box<dyn FnMut(&mut Context<'_>) -> Poll<Option<Message>> + Send>;

/// A client and its traffic. Nothing is sent or heard but while its thread waits for an answer.
pub(crate) struct Wire {
    client: Client,
    traffic: Line,
    runtime: Runtime,
}

/// The traffic until it ends, and what came by it unasked.
struct Line {
    traffic: Option<Traffic>,
    heard: Vec<Notification>,
    /// What the server said when it cut the connection.
    farewell: Option<tokio_postgres::Error>,
}

impl Wire {
    /// Opens a connection; call it on a thread that runs no async code.
    pub(crate) fn open(config: &tokio_postgres::Config, tls: Option<&MakeRustlsConnect>) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_io().enable_time().build();
        let runtime = runtime.map_err(|why| Error::Unavailable(format!("threads: {why}")))?;
        let (client, traffic) = match tls {
            Some(tls) => split(runtime.block_on(config.connect(tls.clone()))?),
            None => split(runtime.block_on(config.connect(NoTls))?),
        };
        let traffic = Line { traffic: Some(traffic), heard: Vec::new(), farewell: None };
        Ok(Self { client, traffic, runtime })
    }

    /// Asks and waits for the answer. What `ask` sends before it first waits goes out together.
    pub(crate) fn wait<T>(&mut self, ask: impl AsyncFnOnce(&Client) -> T) -> T {
        let Self { client, traffic, runtime } = self;
        let mut asked = pin!(ask(client));
        runtime.block_on(poll_fn(|cx| {
            if let Poll::Ready(answer) = asked.as_mut().poll(cx) {
                return Poll::Ready(answer);
            }
            traffic.go(cx);
            asked.as_mut().poll(cx)
        }))
    }

    /// Sends statements whose answer nobody needs; it is read along with the next.
    pub(crate) fn post(&mut self, sql: &str) {
        let Self { client, traffic, runtime } = self;
        let mut posted = pin!(client.batch_execute(sql));
        runtime.block_on(poll_fn(|cx| {
            let _ = posted.as_mut().poll(cx);
            traffic.go(cx);
            Poll::Ready(())
        }));
    }

    /// Listens for so long, or until the connection ends.
    pub(crate) fn hear(&mut self, span: Duration) -> Vec<Notification> {
        let Self { traffic, runtime, .. } = self;
        runtime.block_on(async {
            let mut pause = pin!(tokio::time::sleep(span));
            poll_fn(|cx| {
                traffic.go(cx);
                if traffic.traffic.is_none() { Poll::Ready(()) } else { pause.as_mut().poll(cx) }
            })
            .await;
        });
        std::mem::take(&mut traffic.heard)
    }

    /// Whether the connection still stands, as far as this end has been told.
    pub(crate) fn stands(&mut self) -> bool {
        let Self { traffic, runtime, .. } = self;
        runtime.block_on(async {
            // The second look comes after the runtime has asked the system for news.
            poll_fn(|cx| traffic.once(cx)).await;
            tokio::task::yield_now().await;
            poll_fn(|cx| traffic.once(cx)).await;
        });
        !self.is_closed()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.traffic.traffic.is_none() || self.client.is_closed()
    }

    /// Why a statement failed: a connection that the server cut says what the server said.
    pub(crate) fn reason(&mut self, error: tokio_postgres::Error) -> tokio_postgres::Error {
        if error.is_closed() { self.traffic.farewell.take().unwrap_or(error) } else { error }
    }
}

impl Line {
    fn once(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.go(cx);
        Poll::Ready(())
    }

    /// Sends what is to be sent and takes in what has come.
    fn go(&mut self, cx: &mut Context<'_>) {
        while let Some(traffic) = &mut self.traffic {
            match traffic(cx) {
                Poll::Ready(Some(Ok(AsyncMessage::Notification(note)))) => self.heard.push(note),
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(Some(Err(why))) => {
                    self.farewell = why.as_db_error().is_some().then_some(why);
                    self.traffic = None;
                }
                Poll::Ready(None) => self.traffic = None,
                Poll::Pending => return,
            }
        }
    }
}

fn split<S, T>((client, mut connection): (Client, Connection<S, T>)) -> (Client, Traffic)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    (client, Box::new(move |cx| connection.poll_message(cx)))
}
