//! Rows into a table by `COPY`: one round trip however many there are.

use super::written;
use crate::error::{Error, Result};
use crate::source::postgres::Session;
use crate::source::server::Server;
use ::postgres::CopyInWriter;
use std::io::Write;

/// Bytes sent at once.
const CHUNK: usize = 64 << 10;

/// A copy under way.
pub(super) struct Copy<'a> {
    writer: CopyInWriter<'a>,
    server: &'a Server,
    buffer: Vec<u8>,
}

impl<'a> Copy<'a> {
    /// Begins to copy into a table.
    pub fn start(session: &'a mut Session, table: &str) -> Result<Self> {
        let Session { client, server } = session;
        let writer = client.copy_in(&format!("COPY {table} FROM STDIN"));
        let writer = writer.map_err(|cause| written(server, &cause))?;
        Ok(Self { writer, server, buffer: Vec::with_capacity(CHUNK * 2) })
    }

    /// Adds a row; none is NULL.
    pub fn row<const N: usize>(&mut self, cells: [Option<&str>; N]) -> Result<()> {
        for (i, cell) in cells.iter().enumerate() {
            if i > 0 {
                self.buffer.push(b'\t');
            }
            push_field(*cell, &mut self.buffer);
        }
        self.buffer.push(b'\n');
        if self.buffer.len() >= CHUNK { self.send() } else { Ok(()) }
    }

    fn send(&mut self) -> Result<()> {
        let sent = self.writer.write_all(&self.buffer);
        self.buffer.clear();
        sent.map_err(|cause| broken(self.server, &cause))
    }

    /// Ends it.
    pub fn finish(mut self) -> Result<()> {
        self.send()?;
        let Self { writer, server, .. } = self;
        writer.finish().map(|_| ()).map_err(|cause| written(server, &cause))
    }
}

/// A field in the text form of `COPY`.
fn push_field(cell: Option<&str>, out: &mut Vec<u8>) {
    let Some(text) = cell else { return out.extend_from_slice(b"\\N") };
    for &byte in text.as_bytes() {
        match byte {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            other => out.push(other),
        }
    }
}

fn broken(server: &Server, cause: &std::io::Error) -> Error {
    let inner = cause.get_ref().and_then(|inner| inner.downcast_ref::<::postgres::Error>());
    match inner {
        Some(cause) => written(server, cause),
        None => Error::Output {
            file: server.name(),
            what: "the connection was cut half way; nothing was written".into(),
            remedy: "check the server and the network, and run again".into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_escaped() {
        let cases = [
            (Some("a\tb\\c\nd\r"), "a\\tb\\\\c\\nd\\r"),
            (None, "\\N"),
            (Some(""), ""),
            (Some("\\N"), "\\\\N"),
            (Some("é"), "é"),
        ];
        for (given, expected) in cases {
            let mut out = Vec::new();
            push_field(given, &mut out);
            assert_eq!(out, expected.as_bytes(), "{given:?}");
        }
    }
}
