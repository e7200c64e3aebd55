//! A stream of messages, encrypted or not.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::LdapError;
use crate::ber::{Length, SEQUENCE, length};
use crate::message::{self, Answer, Outcome};

/// A longer message is refused: who is in thousands of groups has an entry of some hundred kilobytes.
const MAX_MESSAGE_BYTES: usize = 4 * 1024 * 1024;
/// What is read at a time.
const READ_BYTES: usize = 16 * 1024;
const SUCCESS: u32 = 0;

/// How bytes travel.
enum Line {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
}

/// A connection on which one question after another is asked. Dropping it closes it.
pub(crate) struct Connection {
    line: Line,
    /// What was read and is no whole message yet.
    buffer: Vec<u8>,
    last_id: u32,
}

impl Connection {
    /// As it is.
    pub(crate) fn plain(stream: TcpStream) -> Self {
        Self { line: Line::Plain(stream), buffer: Vec::new(), last_id: 0 }
    }

    /// The same with TLS around it.
    pub(crate) async fn encrypted(
        stream: TcpStream,
        tls: Arc<ClientConfig>,
        host: ServerName<'static>,
    ) -> Result<Self, LdapError> {
        let stream = TlsConnector::from(tls).connect(host, stream).await.map_err(unreachable)?;
        Ok(Self { line: Line::Encrypted(Box::new(stream)), buffer: Vec::new(), last_id: 0 })
    }

    /// Agrees on TLS and begins with it (`StartTLS`). What somebody put behind the agreement unencrypted would be taken for an
    /// answer later, so it is an error.
    pub(crate) async fn start_tls(
        stream: TcpStream,
        tls: Arc<ClientConfig>,
        host: ServerName<'static>,
    ) -> Result<Self, LdapError> {
        let mut plain = Self::plain(stream);
        let outcome = plain.ask(message::start_tls).await?;
        if outcome.code != SUCCESS {
            return Err(LdapError::Unreachable(outcome.into()));
        }
        match plain {
            Self { line: Line::Plain(stream), buffer, .. } if buffer.is_empty() => {
                Self::encrypted(stream, tls, host).await
            }
            _ => Err(LdapError::Unreadable("something unencrypted after the agreement on TLS")),
        }
    }

    pub(crate) fn next_id(&mut self) -> u32 {
        // RFC 4511 section 4.1.1.1: from 1 to 2^31 - 1. A connection lives for one sign-in.
        self.last_id = (self.last_id + 1) & 0x7fff_ffff;
        self.last_id
    }

    /// Sends one request, and waits for its one answer.
    pub(crate) async fn ask(&mut self, request: impl FnOnce(u32) -> Vec<u8>) -> Result<Outcome, LdapError> {
        let id = self.next_id();
        self.send(&request(id)).await?;
        match self.receive().await? {
            (answered, Answer::Done(outcome), _) if answered == id => Ok(outcome),
            _ => Err(LdapError::Unreadable("an answer to another question")),
        }
    }

    pub(crate) async fn send(&mut self, requests: &[u8]) -> Result<(), LdapError> {
        let sent = match &mut self.line {
            Line::Plain(stream) => stream.write_all(requests).await,
            Line::Encrypted(stream) => match stream.write_all(requests).await {
                Ok(()) => stream.flush().await,
                failed => failed,
            },
        };
        sent.map_err(unreachable)
    }

    /// The next message: which request it answers, how, and how long it is.
    pub(crate) async fn receive(&mut self) -> Result<(u32, Answer, usize), LdapError> {
        let end = loop {
            match length(&self.buffer) {
                Length::Known(end) if end <= self.buffer.len() => break end,
                Length::Known(end) if end > MAX_MESSAGE_BYTES => {
                    return Err(LdapError::Unreadable("a message that is too long"));
                }
                Length::Malformed => return Err(LdapError::Unreadable("a malformed message")),
                Length::Known(_) | Length::More => self.read().await?,
            }
        };
        let bytes: Vec<u8> = self.buffer.drain(..end).collect();
        let (id, answer) = message::read(&bytes).ok_or(LdapError::Unreadable("a malformed message"))?;
        // RFC 4511 section 4.4: to nobody's question.
        if id == 0 {
            return Err(LdapError::Unreachable("the directory ended the connection".into()));
        }
        Ok((id, answer, end))
    }

    async fn read(&mut self) -> Result<(), LdapError> {
        self.buffer.reserve(READ_BYTES);
        let count = match &mut self.line {
            Line::Plain(stream) => stream.read_buf(&mut self.buffer).await,
            Line::Encrypted(stream) => stream.read_buf(&mut self.buffer).await,
        };
        let count = count.map_err(unreachable)?;
        if count == 0 {
            return Err(LdapError::Unreachable("the connection ended".into()));
        }
        // Not LDAP at all, such as a web server: it is of no use to wait for the rest.
        match self.buffer.first() {
            Some(&SEQUENCE) => Ok(()),
            _ => Err(LdapError::Unreadable("a malformed message")),
        }
    }
}

pub(crate) fn unreachable(error: std::io::Error) -> LdapError {
    LdapError::Unreachable(error.into())
}
