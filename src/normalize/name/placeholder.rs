//! Names that are nobody's: typed to fill a form, or never filled at all.
//!
//! Called by `name::parse` and the checks. Why a name like "Null" is not one: people bear it.

/// Whole names, folded, single spaces. Sorted.
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
];

/// Words that make a whole name nobody's when every word of it is one of them. Sorted by kind.
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
    if super::super::text::is_template(name) {
        return true;
    }
    let folded;
    let name = if name.bytes().all(|b| b.is_ascii_lowercase() || b == b' ') {
        name
    } else {
        folded = super::super::text::fold(name);
        folded.as_str()
    };
    if name.is_empty() {
        return false;
    }
    if WHOLE.contains(&name) {
        return true;
    }
    let mut words = 0;
    let mut doubtful = 0;
    for word in name.split([' ', '_', '-', '.', ',']).filter(|word| !word.is_empty()) {
        let bare = word.trim_end_matches(|c: char| c.is_ascii_digit());
        if WORDS.contains(&bare) {
            doubtful += usize::from(NAMES_TOO.contains(&bare));
        } else if !is_mashed(bare) {
            return false;
        }
        words += 1;
    }
    // "Foo" or "Null" alone may be somebody; "Foo Null" may not, nor "Test" alone.
    words > 1 && doubtful < words
        || words == 1 && doubtful == 0
        || words > 1 && words == doubtful && !is_real_pair(name)
}

/// Pairs of doubtful words that could be a person ("Na Null"): two different ones.
fn is_real_pair(name: &str) -> bool {
    name.split(' ').collect::<std::collections::BTreeSet<_>>().len() > 1
}

/// One letter repeated at least three times, a walk along a keyboard row, or a repeated chunk of one.
fn is_mashed(word: &str) -> bool {
    let bytes = word.as_bytes();
    if bytes.len() < 3 {
        return false;
    }
    if bytes.iter().all(|b| *b == bytes[0]) {
        return true;
    }
    let rows =
        ["qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm"];
    if bytes.len() >= 4 {
        let walk =
            |row: &str| row.contains(word) || row.chars().rev().collect::<String>().contains(word);
        // `were`, `trew` are not walks; four letters of a row in order are, save the English words.
        let words = ["were", "weer", "poi", "tyu", "port", "rewq"];
        if rows.iter().any(|row| walk(row))
            && !words.contains(&word)
            && !matches!(word, "tre" | "power" | "pre")
        {
            return true;
        }
    }
    let chunk = |size: usize| {
        bytes.len() > size
            && bytes.len().is_multiple_of(size)
            && bytes.chunks(size).all(|c| c == &bytes[..size])
    };
    bytes.len() >= 6
        && chunk(3)
        && ["asd", "qwe", "zxc", "abc", "jkl", "xyz", "dsa"].contains(&&word[..3])
}
