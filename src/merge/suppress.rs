//! The suppression list: addresses that nobody may use, whatever an import says.
//!
//! Lines are e-mail addresses, phone numbers with country code, or `hmac:` and the HMAC-SHA256 of an
//! address under a key; `#` begins a comment. Why keyed lines: somebody who asked to be forgotten
//! must stay suppressed without staying in a file, and a plain digest of an address is undone by
//! guessing. Compared is the wide key of an address ([`Email::suppression_key`]; E.164 for phones),
//! so that no other spelling escapes.
//!
//! [`Email::suppression_key`]: crate::normalize::email::Email::suppression_key

use crate::error::{Error, Result};
use crate::normalize::phone::{self, Phone};
use crate::normalize::{Normalized, email};
use hmac::{Hmac, KeyInit, Mac};
use rustc_hash::FxHashSet;
use sha2::Sha256;
use std::collections::BTreeSet;

/// Fewest bytes a key has.
const KEY_BYTES: usize = 16;
/// What keyed lines begin with.
const KEYED: &str = "hmac:";
/// What the line begins with that tells which key a list was made with.
const KEY_LINE: &str = "key:";

/// The key of keyed lines. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(Vec<u8>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Key {
    /// A key of these bytes, without white space around them; `None` when it is too short to keep a
    /// secret.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.trim_ascii();
        (bytes.len() >= KEY_BYTES).then(|| Self(bytes.to_vec()))
    }

    /// Its bytes, to derive others from.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The keyed form of an address's wide key: 64 hexadecimal digits.
    pub fn hash(&self, wide: &str) -> String {
        // HMAC takes a key of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(wide.as_bytes());
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Tells keys apart without telling them.
    pub fn fingerprint(&self) -> String {
        self.hash("leadmend-key-check-1")[..16].to_string()
    }
}

/// The wide key of an e-mail address or of a phone number with country code.
pub fn wide_key(address: &str) -> Option<String> {
    if address.contains('@') {
        return email::parse(address).value.map(|e| e.suppression_key());
    }
    match phone::parse(address, None) {
        Normalized { value: Some(phone), .. } if phone.country_code != 0 => Some(phone.e164()),
        _ => None,
    }
}

/// Addresses that may not be used.
#[derive(Debug, Clone, Default)]
pub struct Suppression {
    /// Wide keys.
    plain: FxHashSet<String>,
    /// The last digits of the numbers: numbers without a country are held against them.
    tails: FxHashSet<u64>,
    /// Keyed wide keys.
    keyed: FxHashSet<String>,
    /// Records that an earlier reading of the list found, by their keys: a run that is repeated from
    /// its journal has the list no more.
    records: BTreeSet<String>,
    key: Option<Key>,
}

impl Suppression {
    /// An empty list; keyed lines can be read only with a key.
    pub fn new(key: Option<Key>) -> Self {
        Self { key, ..Self::default() }
    }

    /// The list as far as it concerned these records.
    pub fn of_records(records: impl IntoIterator<Item = String>) -> Self {
        Self { records: records.into_iter().collect(), ..Self::default() }
    }

    /// Whether a record was found to be on the list.
    pub fn has_record(&self, key: &crate::record::RecordKey) -> bool {
        !self.records.is_empty() && self.records.contains(&key.to_string())
    }

    /// True when nobody is on it.
    pub fn is_empty(&self) -> bool {
        self.plain.is_empty() && self.keyed.is_empty() && self.records.is_empty()
    }

    /// Adds the lines of a file.
    ///
    /// # Errors
    /// [`Error::Config`] with every line that is not understood: a line that is passed over would be
    /// a person who is contacted.
    pub fn add(&mut self, text: &str, file: &str) -> Result<()> {
        let mut mistakes = Vec::new();
        let mut lacks_key = false;
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim_start_matches('\u{feff}').trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let understood = if let Some(fingerprint) = line.strip_prefix(KEY_LINE) {
                let other =
                    self.key.as_ref().is_some_and(|k| k.fingerprint() != fingerprint.trim());
                if other {
                    mistakes.push(format!("line {number}: the list was made with another key"));
                }
                true
            } else if let Some(hash) = line.strip_prefix(KEYED) {
                lacks_key |= self.key.is_none();
                self.add_keyed(hash.trim())
            } else {
                self.add_plain(line)
            };
            if !understood {
                mistakes.push(format!(
                    "line {number}: no e-mail address, no phone number with country code (+49...) \
                     and no hmac: with 64 digits"
                ));
            }
        }
        if lacks_key {
            mistakes.push("its hmac: lines need their key".into());
        }
        if mistakes.is_empty() {
            return Ok(());
        }
        Err(Error::Config {
            file: file.to_string(),
            mistakes,
            remedy: "correct the list; its key is given by --key-file or LEADMEND_KEY".into(),
        })
    }

    fn add_keyed(&mut self, hash: &str) -> bool {
        let valid = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        if valid {
            self.keyed.insert(hash.to_ascii_lowercase());
        }
        valid
    }

    /// Adds an address; false when it is none.
    pub fn add_plain(&mut self, address: &str) -> bool {
        let Some(wide) = wide_key(address) else { return false };
        if let Some(phone) = phone::parse(address, None).value.filter(|_| !address.contains('@')) {
            self.tails.insert(phone.tail_key());
        }
        self.plain.insert(wide);
        true
    }

    /// Whether an e-mail address is on the list.
    pub fn has_email(&self, address: &str) -> bool {
        !self.is_empty() && wide_key(address).is_some_and(|wide| self.has(&wide))
    }

    /// Whether a phone number, given by its [`Phone::key`], is on the list.
    pub fn has_phone(&self, number: u64) -> bool {
        // Without a country the number may be any of those that end alike.
        const LEAST_TAIL: u64 = 1_000_000;
        let tail = (number & ((1 << 50) - 1)) % 1_000_000_000;
        let stray = number >> 54 == 0 && tail >= LEAST_TAIL && self.tails.contains(&tail);
        let any = !(self.plain.is_empty() && self.keyed.is_empty());
        stray || any && number != 0 && self.has(&Phone::e164_of_key(number))
    }

    fn has(&self, wide: &str) -> bool {
        self.plain.contains(wide)
            || !self.keyed.is_empty()
                && self.key.as_ref().is_some_and(|key| self.keyed.contains(&key.hash(wide)))
    }

    /// The list as text with no address in it: plain entries become keyed ones; sorted.
    /// `None` without a key.
    pub fn to_keyed_text(&self) -> Option<String> {
        let key = self.key.as_ref()?;
        let mut hashes: BTreeSet<String> = self.keyed.iter().cloned().collect();
        hashes.extend(self.plain.iter().map(|wide| key.hash(wide)));
        let mut text = String::from("# Suppressed addresses, keyed: HMAC-SHA256 of each address\n");
        text.push_str(&format!("{KEY_LINE}{}\n", key.fingerprint()));
        for hash in hashes {
            text.push_str(&format!("{KEYED}{hash}\n"));
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests;
