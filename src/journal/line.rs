//! One line of the journal: its salt, its digest, its place in the chain, and its form.
//!
//! ```text
//! {"n":7,"kind":"record","salt":"<32 hex>","payload":{...},"chain":"<64 hex>"}
//! {"n":7,"kind":"record","digest":"<64 hex>","tombstone":"<receipt>","chain":"<64 hex>"}
//! ```
//!
//! digest = SHA-256(salt, payload as written); chain = SHA-256(chain of the line before, kind, zero
//! byte, digest), with zeros before the first line. The second form is what forgetting leaves.

use super::unhex;
use crate::source::fingerprint::push_hex;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Length of `,"chain":"<64 hex>"}`.
const CHAIN_END: usize = 76;
/// What salts are derived with.
const SALT: &[u8] = b"leadmend-salt-1";
/// What the key of the salts is derived with, when none is given.
const SALT_KEY: &[u8] = b"leadmend-salt-key-2";

/// Where the salts come from: a key that the output folder does not hold.
#[derive(Clone)]
pub struct Salts(Hmac<Sha256>);

impl std::fmt::Debug for Salts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Salts")
    }
}

impl Salts {
    /// Salts of a key.
    pub fn of_key(key: &[u8]) -> Option<Self> {
        Hmac::new_from_slice(key).ok().map(Self)
    }

    /// Salts of what only the inputs themselves can tell, in their order: the same run gives the
    /// same journal.
    pub(crate) fn of_secrets(secrets: impl Iterator<Item = [u8; 32]>) -> Option<Self> {
        let mut hasher = Sha256::new();
        hasher.update(SALT_KEY);
        secrets.for_each(|secret| hasher.update(secret));
        Self::of_key(&hasher.finalize())
    }

    /// The salt of a line.
    pub fn of_line(&self, n: u64) -> [u8; 16] {
        let mut mac = self.0.clone();
        mac.update(SALT);
        mac.update(&n.to_be_bytes());
        let whole = mac.finalize().into_bytes();
        let mut salt = [0; 16];
        salt.copy_from_slice(&whole[..16]);
        salt
    }
}

/// The chain so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Chain(pub [u8; 32]);

impl Chain {
    /// Goes on with a line.
    pub fn add(&mut self, kind: &str, digest: &[u8; 32]) {
        let mut hasher = Sha256::new();
        hasher.update(self.0);
        hasher.update(kind);
        hasher.update([0]);
        hasher.update(digest);
        self.0 = hasher.finalize().into();
    }
}

/// The digest of a payload.
pub(crate) fn digest(salt: &[u8; 16], payload: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(salt);
    hasher.update(payload);
    hasher.finalize().into()
}

/// Appends a whole number.
pub(super) fn push_number(number: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut rest = number;
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            return out.extend_from_slice(&digits[at..]);
        }
    }
}

/// How a journal ends: what the certificate says of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tail {
    /// Number of lines.
    pub lines: u64,
    /// The chain behind the last line, in hexadecimal.
    pub chain: String,
}

/// Lines in the making: complete but for the chain, which only a sequential pass can fill in.
#[derive(Debug, Default)]
pub(crate) struct Block {
    bytes: Vec<u8>,
    /// End of each line, with its kind and digest.
    lines: Vec<(usize, &'static str, [u8; 32])>,
}

impl Block {
    /// Adds line `n`; `payload` appends a JSON object.
    pub fn add(
        &mut self,
        n: u64,
        kind: &'static str,
        salts: &Salts,
        payload: impl FnOnce(&mut Vec<u8>),
    ) {
        let salt = salts.of_line(n);
        self.bytes.extend_from_slice(b"{\"n\":");
        push_number(n, &mut self.bytes);
        self.bytes.extend_from_slice(b",\"kind\":\"");
        self.bytes.extend_from_slice(kind.as_bytes());
        self.bytes.extend_from_slice(b"\",\"salt\":\"");
        push_hex(&salt, |digit| self.bytes.push(digit));
        self.bytes.extend_from_slice(b"\",\"payload\":");
        let start = self.bytes.len();
        payload(&mut self.bytes);
        let digest = digest(&salt, &self.bytes[start..]);
        self.bytes.extend_from_slice(b",\"chain\":\"");
        self.bytes.extend_from_slice(&[b'0'; 64]);
        self.bytes.extend_from_slice(b"\"}\n");
        self.lines.push((self.bytes.len(), kind, digest));
    }

    /// Fills the chain in; the finished bytes.
    pub fn seal(&mut self, chain: &mut Chain) -> &[u8] {
        for (end, kind, digest) in &self.lines {
            chain.add(kind, digest);
            let mut at = end - 3 - 64;
            push_hex(&chain.0, |digit| {
                self.bytes[at] = digit;
                at += 1;
            });
        }
        &self.bytes
    }
}

/// A line as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    /// Its number, from 0.
    pub n: u64,
    /// Its kind.
    pub kind: &'a str,
    /// What it links: payload or tombstone.
    pub link: Link<'a>,
    /// The chain behind it.
    pub chain: [u8; 32],
}

/// What a line holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link<'a> {
    /// A payload with its salt.
    Payload {
        /// The salt.
        salt: [u8; 16],
        /// JSON, as written.
        payload: &'a str,
    },
    /// What forgetting left.
    Tombstone {
        /// The digest of the payload that was here.
        digest: [u8; 32],
        /// The receipt that says why.
        receipt: &'a str,
    },
}

impl<'a> Line<'a> {
    /// Reads a line, without its line end. `None` when it has another form.
    pub fn parse(text: &'a str) -> Option<Self> {
        let at = text.len().checked_sub(CHAIN_END).filter(|&at| text.is_char_boundary(at))?;
        let (body, end) = text.split_at(at);
        let chain = unhex(end.strip_prefix(",\"chain\":\"")?.strip_suffix("\"}")?)?;
        let (n, rest) = body.strip_prefix("{\"n\":")?.split_once(",\"kind\":\"")?;
        let (kind, rest) = rest.split_once('"')?;
        let link = if let Some(rest) = rest.strip_prefix(",\"salt\":\"") {
            let (salt, payload) = rest.split_once("\",\"payload\":")?;
            Link::Payload { salt: unhex(salt)?, payload }
        } else {
            let (digest, receipt) =
                rest.strip_prefix(",\"digest\":\"")?.split_once("\",\"tombstone\":\"")?;
            Link::Tombstone { digest: unhex(digest)?, receipt: receipt.strip_suffix('"')? }
        };
        Some(Self { n: n.parse().ok()?, kind, link, chain })
    }

    /// The digest of the payload, or the one the tombstone keeps.
    pub fn digest(&self) -> [u8; 32] {
        match &self.link {
            Link::Payload { salt, payload } => digest(salt, payload.as_bytes()),
            Link::Tombstone { digest, .. } => *digest,
        }
    }
}
