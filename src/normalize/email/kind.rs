//! What kind of mailbox an address is: of a function, of a mail provider, of nobody.
//!
//! Called by `email::parse`. Why lists and no network: the answer must be the same tomorrow.

use crate::lists::with_own;
use crate::normalize::text::list_lines;
use rustc_hash::FxHashSet;
use std::sync::LazyLock;

fn set(texts: [&'static str; 2]) -> FxHashSet<&'static str> {
    texts.into_iter().flat_map(list_lines).flat_map(str::split_whitespace).collect()
}

static ROLES: LazyLock<FxHashSet<&'static str>> = LazyLock::new(|| {
    set(with_own("role_mailboxes.txt", include_str!("../../../data/role_mailboxes.txt")))
});
static FREE: LazyLock<FxHashSet<&'static str>> = LazyLock::new(|| {
    set(with_own("free_mail_domains.txt", include_str!("../../../data/free_mail_domains.txt")))
});
static DISPOSABLE: LazyLock<FxHashSet<&'static str>> = LazyLock::new(|| {
    set(with_own("disposable_domains.txt", include_str!("../../../data/disposable_domains.txt")))
});

/// True for the local part of a mailbox that a function owns: `info`, `sales-uk`, `vertrieb2`.
pub fn is_role_local(local: &str) -> bool {
    if ROLES.contains(local) {
        return true;
    }
    let base = local.trim_end_matches(|c: char| c.is_ascii_digit());
    if base.len() >= 4 && base.len() < local.len() && ROLES.contains(base) {
        return true;
    }
    // A place may follow or lead: `sales.uk`, `mx-ventas`. Longer neighbors may be somebody's name.
    match base.split_once(['.', '-', '_']) {
        Some((left, right)) => {
            (right.len() <= 3 && left.len() >= 4 && ROLES.contains(left))
                || (left.len() <= 3 && right.len() >= 4 && ROLES.contains(right))
                || (ROLES.contains(left) && ROLES.contains(right))
        }
        None => false,
    }
}

/// True for a domain of a mail provider that anybody can have an address at.
pub fn is_free_mail_domain(domain: &str) -> bool {
    FREE.contains(domain)
}

/// True for a domain of throw-away addresses.
pub fn is_disposable_domain(domain: &str) -> bool {
    DISPOSABLE.contains(domain)
}

/// Local parts that nobody has: typed where a form wants an address.
const NOBODY: &[&str] = &[
    "anon",
    "anonymous",
    "asdasd",
    "asdf",
    "asdfasdf",
    "asdfgh",
    "bademail",
    "donotemail",
    "donthave",
    "dummy",
    "email",
    "fake",
    "fakeemail",
    "foo",
    "foobar",
    "invalid",
    "invalidemail",
    "keine",
    "keineemail",
    "ninguno",
    "nada",
    "no",
    "no-email",
    "no-mail",
    "no.email",
    "no_email",
    "nobody",
    "noemail",
    "nomail",
    "nomailaddress",
    "none",
    "nonegiven",
    "noone",
    "notavailable",
    "notengo",
    "notgiven",
    "nothing",
    "notiene",
    "notprovided",
    "null",
    "qwerty",
    "sample",
    "sin-correo",
    "sincorreo",
    "sinemail",
    "spam",
    "test",
    "test1",
    "test123",
    "test2",
    "teste",
    "tester",
    "testing",
    "testtest",
    "unknown",
    "unknownemail",
    "username",
    "xxx",
    "xxxx",
    "xxxxx",
    "youremail",
    "yourname",
];

/// Domains that hold no real address.
const NOWHERE: &[&str] = &[
    "asdf.com",
    "email.invalid",
    "fake.com",
    "fakeemail.com",
    "invalid.com",
    "noemail.com",
    "noemail.org",
    "nomail.com",
    "none.com",
    "nowhere.com",
    "null.com",
    "placeholder.com",
    "test.com",
    "test.de",
    "test.es",
    "test.fr",
    "testing.com",
    "unknown.com",
    "xxx.com",
];

/// Local parts that are placeholders only at a domain of the same word (`a@a.com`, `na@na.com`).
fn repeats(local: &str, registrable: &str) -> bool {
    let name = registrable.split('.').next().unwrap_or(registrable);
    local == name && (local.len() <= 3 || is_one_letter(local))
}

fn is_one_letter(text: &str) -> bool {
    let mut letters = text.bytes();
    letters.next().is_some_and(|first| text.len() > 2 && letters.all(|letter| letter == first))
}

/// True for an address typed to get past a form.
pub(crate) fn is_placeholder(local: &str, domain: &str, registrable: &str) -> bool {
    static WORDS: LazyLock<FxHashSet<&'static str>> =
        LazyLock::new(|| NOBODY.iter().copied().collect());
    WORDS.contains(local)
        || NOWHERE.contains(&registrable)
        || domain.ends_with(".invalid")
        || repeats(local, registrable)
        || is_one_letter(local)
}
