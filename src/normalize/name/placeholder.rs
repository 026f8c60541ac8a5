//! Names that are nobody's: typed to fill a form, or never filled at all.
//!
//! Called by `name::parse` and the checks. Why a name like "Null" is not one: people bear it.

use crate::normalize::text;
use rustc_hash::FxHashSet;
use std::sync::LazyLock;

/// Whole names, folded, single spaces.
const WHOLE: &[&str] = &[
    "a b",
    "abc abc",
    "abc def",
    "abc xyz",
    "asd asd",
    "asdf asdf",
    "asdf qwer",
    "demo demo",
    "demo user",
    "fake name",
    "first last",
    "first name",
    "first name last name",
    "firstname lastname",
    "fname lname",
    "foo bar",
    "full name",
    "given name",
    "guest user",
    "ihr name",
    "jane doe test",
    "john q public",
    "juan perez test",
    "last name",
    "max mustermann",
    "erika mustermann",
    "mickey mouse",
    "mi nombre",
    "my name",
    "name surname",
    "name name",
    "no name",
    "no nombre",
    "nombre apellido",
    "nombre apellidos",
    "not given",
    "not known",
    "not provided",
    "not available",
    "prenom nom",
    "primer nombre",
    "sample user",
    "sin nombre",
    "sin apellido",
    "test account",
    "test contact",
    "test lead",
    "test person",
    "test test",
    "test user",
    "test testing",
    "tester test",
    "test tester",
    "unknown unknown",
    "user name",
    "user user",
    "vorname nachname",
    "vorname name",
    "xxx xxx",
    "your name",
    "foo foo",
    "bar bar",
    "lorem ipsum",
    "new contact",
    "new lead",
    "delete me",
    "do not use",
    "kein name",
    "nome sobrenome",
    "seu nome",
    "dont know",
    "none given",
    "no last name",
    "no first name",
    "last name unknown",
    "web visitor",
    "website visitor",
    "site visitor",
    "customer support",
    "customer service",
    "support team",
    "sales team",
    "duplicate record",
    "duplicate contact",
    "duplicate lead",
];

/// Words that make a whole name nobody's when every word of it is one of them.
const WORDS: &[&str] = &[
    "test",
    "tests",
    "testing",
    "tester",
    "testuser",
    "testname",
    "teste",
    "prueba",
    "pruebas",
    "probe",
    "essai",
    "demo",
    "dummy",
    "fake",
    "sample",
    "asdf",
    "asd",
    "asdfg",
    "asdfgh",
    "asdfghjk",
    "asdfghjkl",
    "asdasd",
    "asdfasdf",
    "qwe",
    "qwer",
    "qwert",
    "qwerty",
    "qwertyuiop",
    "qwertz",
    "zxcv",
    "zxcvb",
    "zxcvbn",
    "zxcvbnm",
    "yxcv",
    "azerty",
    "hjkl",
    "jkl",
    "fdsa",
    "lkjh",
    "poiuy",
    "abc",
    "abcd",
    "abcde",
    "xyz",
    "foo",
    "foobar",
    "unknown",
    "desconocido",
    "desconocida",
    "inconnu",
    "unbekannt",
    "sconosciuto",
    "desconhecido",
    "anonymous",
    "anonymus",
    "anonimo",
    "anonym",
    "anonyme",
    "noname",
    "nobody",
    "none",
    "undefined",
    "invalid",
    "firstname",
    "lastname",
    "fname",
    "lname",
    "surname",
    "vorname",
    "nachname",
    "nombre",
    "apellido",
    "apellidos",
    "nome",
    "sobrenome",
    "cognome",
    "prenom",
    "tbd",
    "tbc",
    "notprovided",
    "notgiven",
    "placeholder",
    "username",
    "null",
    "nil",
    "na",
    "blah",
    "blabla",
    "whatever",
    "lorem",
    "ipsum",
    "delete",
    "borrar",
    "xx",
    "aa",
    "zz",
    "guest",
];

/// Words of the list above that are also real names: alone they say nothing.
const NAMES_TOO: &[&str] = &[
    "null", "nil", "na", "foo", "jkl", "prueba", "nome", "demo", "nobody", "guest", "whatever",
    "sample", "none", "probe", "abc",
];

/// True when a folded, space-separated name is nobody's: `test`, `asdf`, `foo bar`, `first name`,
/// keyboard walks, one letter repeated. A template (`{{lead.name}}`) counts too.
pub fn is_placeholder(name: &str) -> bool {
    let name = name.trim();
    if text::is_template(name) {
        return true;
    }
    let folded;
    let name = if name.bytes().all(|b| b.is_ascii_lowercase() || b == b' ') {
        name
    } else {
        folded = text::fold(name);
        folded.as_str()
    };
    if name.is_empty() {
        return false;
    }
    if SETS.whole.contains(name) {
        return true;
    }
    let mut words = 0;
    let mut doubtful = 0;
    for word in name.split([' ', '_', '-', '.', ',']).filter(|word| !word.is_empty()) {
        let bare = word.trim_end_matches(|c: char| c.is_ascii_digit());
        if SETS.words.contains(bare) {
            doubtful += usize::from(NAMES_TOO.contains(&bare));
        } else if !is_mashed(bare) {
            return false;
        }
        words += 1;
    }
    // "Foo" or "Null" alone may be somebody, and so may "Na Null"; "Null Null" may not.
    match (words, doubtful) {
        (0, _) => false,
        (1, doubtful) => doubtful == 0,
        (words, doubtful) => doubtful < words || repeats_one_word(name),
    }
}

fn repeats_one_word(name: &str) -> bool {
    let mut words = name.split(' ');
    let first = words.next();
    words.all(|word| Some(word) == first)
}

/// Whether a folded word may be part of a name that is nobody's.
pub(super) fn is_doubtful_word(word: &str) -> bool {
    SETS.any.contains(word) || is_mashed(word)
}

struct Sets {
    whole: FxHashSet<&'static str>,
    words: FxHashSet<&'static str>,
    /// The words of both.
    any: FxHashSet<&'static str>,
}

static SETS: LazyLock<Sets> = LazyLock::new(|| Sets {
    whole: WHOLE.iter().copied().collect(),
    words: WORDS.iter().copied().collect(),
    any: WHOLE.iter().flat_map(|name| name.split(' ')).chain(WORDS.iter().copied()).collect(),
});

/// Keyboard rows of the usual layouts, forwards and backwards.
const ROWS: &[&str] = &[
    "qwertyuiop",
    "poiuytrewq",
    "asdfghjkl",
    "lkjhgfdsa",
    "zxcvbnm",
    "mnbvcxz",
    "qwertzuiop",
    "poiuztrewq",
    "yxcvbnm",
    "azertyuiop",
    "poiuytreza",
    "qsdfghjklm",
];

/// One letter repeated at least three times, a walk along a keyboard row, or a repeated chunk of
/// one. A walk of four letters is no sign by itself: Reza and Wert are names.
fn is_mashed(word: &str) -> bool {
    let bytes = word.as_bytes();
    if bytes.len() < 3 {
        return false;
    }
    if bytes.iter().all(|b| *b == bytes[0]) {
        return true;
    }
    let vowel = |b: &u8| matches!(b, b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    let walks = || ROWS.iter().any(|row| row.contains(word));
    if bytes.len() >= 5 && walks() || bytes.len() == 4 && !bytes.iter().any(vowel) && walks() {
        return true;
    }
    let (head, rest) = bytes.split_at(3);
    let repeated =
        rest.len() >= 3 && rest.len().is_multiple_of(3) && rest.chunks(3).all(|c| c == head);
    repeated && matches!(head, b"asd" | b"qwe" | b"zxc" | b"abc" | b"jkl" | b"xyz" | b"dsa")
}
