//! A sound key for names of many languages, for blocking.
//!
//! Read by the name features. Why an own code: Soundex and Metaphone assume English spelling, and
//! published ports panic on letters outside ASCII. This one folds first, so any text has a key, and
//! is coarse on purpose: it only has to bring two spellings of a name into one block.

/// Letters kept in a key; one byte each, so that a key is one `u64`.
const LENGTH: usize = 8;

/// The sound key of a word, its letters packed from the first byte on; 0 when nothing is heard.
///
/// ```
/// use leadmend::normalize::text::{phonetic, phonetic_text};
/// assert_eq!(phonetic("Schmidt"), phonetic("Schmitt"));
/// assert_eq!(phonetic("Stephens"), phonetic("Stevens"));
/// assert_eq!(phonetic_text(phonetic("Zoë")), "s");
/// ```
pub fn phonetic(word: &str) -> u64 {
    let folded;
    let bytes: &[u8] = if word.bytes().all(|b| b.is_ascii_lowercase()) {
        word.as_bytes()
    } else {
        folded = super::fold(word);
        folded.as_bytes()
    };
    let mut letters = Vec::with_capacity(bytes.len());
    letters.extend(bytes.iter().copied().filter(u8::is_ascii_lowercase));
    Encoder { input: &letters, at: 0, key: [0; LENGTH], used: 0 }.run()
}

/// The letters of a key.
pub fn phonetic_text(key: u64) -> String {
    key.to_be_bytes().iter().filter(|&&b| b != 0).map(|&b| b as char).collect()
}

struct Encoder<'a> {
    input: &'a [u8],
    at: usize,
    key: [u8; LENGTH],
    used: usize,
}

impl Encoder<'_> {
    fn run(mut self) -> u64 {
        self.skip_silent_start();
        while self.at < self.input.len() && self.used < LENGTH {
            self.at += self.step();
        }
        u64::from_be_bytes(self.key)
    }

    fn skip_silent_start(&mut self) {
        let silent: [&[u8]; 6] = [b"kn", b"gn", b"wr", b"ps", b"pf", b"pn"];
        if silent.iter().any(|start| self.input.starts_with(start)) {
            self.at = 1;
        }
    }

    fn follows(&self, text: &[u8]) -> bool {
        self.input[self.at..].starts_with(text)
    }

    fn next(&self, offset: usize) -> u8 {
        self.input.get(self.at + offset).copied().unwrap_or(0)
    }

    fn push(&mut self, sound: u8) {
        if self.used < LENGTH && (self.used == 0 || self.key[self.used - 1] != sound) {
            self.key[self.used] = sound;
            self.used += 1;
        }
    }

    /// Codes the sound at the current place; the number of letters it took.
    fn step(&mut self) -> usize {
        // S: sh, C: ch, T-less spellings first, longest first.
        let groups: [(&[u8], u8); 14] = [
            (b"tsch", b'C'),
            (b"tch", b'C'),
            (b"sch", b'S'),
            (b"chr", b'k'),
            (b"chl", b'k'),
            (b"ph", b'f'),
            (b"th", b't'),
            (b"dt", b't'),
            (b"ck", b'k'),
            (b"sh", b'S'),
            (b"sz", b'S'),
            (b"ch", b'C'),
            (b"cz", b'C'),
            (b"tz", b's'),
        ];
        for (spelling, sound) in groups {
            if self.follows(spelling) {
                self.push(sound);
                let taken = spelling.len();
                return if matches!(spelling, b"chr" | b"chl") { taken - 1 } else { taken };
            }
        }
        self.single();
        1
    }

    fn single(&mut self) {
        let letter = self.next(0);
        let soft = matches!(self.next(1), b'e' | b'i' | b'y');
        let last = self.at + 1 == self.input.len();
        match letter {
            b'a' | b'e' | b'i' | b'o' | b'u' => {
                if self.used == 0 {
                    self.push(b'a');
                }
            }
            b'y' => {
                if self.used == 0 {
                    let vowel = matches!(self.next(1), b'a' | b'e' | b'i' | b'o' | b'u');
                    self.push(if vowel { b'j' } else { b'a' });
                }
            }
            b'h' => {
                if self.used == 0 {
                    self.push(b'h');
                }
            }
            b'c' if soft => self.push(b's'),
            b'c' | b'q' => self.push(b'k'),
            b'x' => {
                if self.used > 0 {
                    self.push(b'k');
                }
                self.push(b's');
            }
            b'z' => self.push(b's'),
            b'v' => self.push(b'f'),
            b'w' => {
                if matches!(self.next(1), b'a' | b'e' | b'i' | b'o' | b'u' | b'y') {
                    self.push(b'f');
                }
            }
            b'g' if self.next(1) == b'h' => {
                // Silent as in Wright and Leigh, a plain g in Gherardi.
                if !matches!(self.next(2), b't' | b'n' | b's' | 0) {
                    self.push(b'k');
                }
            }
            b'g' if soft => self.push(b'j'),
            b'g' => self.push(if last { b'k' } else { b'g' }),
            b'b' if last => self.push(b'p'),
            b'd' if last => self.push(b't'),
            other => self.push(other),
        }
    }
}
