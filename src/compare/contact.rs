//! E-mail, phone and company: the channels a pair may share.

use super::feature::{Company, Features, NONE, Name, Row};
use super::level::{company, email, name, phone};
use super::similarity::{edits, jaro_winkler, within_one_edit};

/// Names an e-mail may sit on and still be one person's (spelling variants are counted once).
const EMAIL_NAMES: u32 = 2;
/// Names a local part may sit on over all domains and still be unusual.
const LOCAL_NAMES: u32 = 3;
/// Names a phone may sit on as one person's number; above [`SWITCHBOARD_NAMES`] it is a switchboard.
const PHONE_NAMES: u32 = 2;
const SWITCHBOARD_NAMES: u32 = 8;
/// Jaro-Winkler similarity from which two company names are one mistyped.
const NEAR_COMPANY: f64 = 0.92;

/// Level of the e-mail sets of two records: the strongest level of any pair of addresses.
pub fn email_level(f: &Features, a: usize, b: usize) -> u8 {
    if f.rows[a].email[0] == NONE || f.rows[b].email[0] == NONE {
        return 0;
    }
    let mut best = 0;
    for x in f.emails_of(a) {
        for y in f.emails_of(b) {
            let level = address_level(f, (a, x), (b, y));
            if level != 0 && (best == 0 || level < best) {
                best = level;
            }
        }
    }
    best
}

/// The level of the e-mails beside what the names say, where the addresses alone would mislead.
pub fn email_beside_name(f: &Features, a: usize, b: usize, email: u8, name: u8) -> u8 {
    match (email, name) {
        (email::SAME, name::ONE_GENERATION) if is_family_mailbox(f, a, b) => email::SHARED,
        (email::COLLEAGUE, name::EXACT | name::NICKNAME | name::INITIAL)
            if are_forms_of_name(f, a, b) =>
        {
            0
        }
        _ => email,
    }
}

/// True when the addresses two records share say nothing of the given name: `familia.perez@`, the
/// mailbox of a family. Where a generation sets two equal names apart, it is the father's and the son's.
fn is_family_mailbox(f: &Features, a: usize, b: usize) -> bool {
    let names = [f.rows[a].name, f.rows[b].name].map(|name| &f.names[name as usize]);
    f.emails_of(a).filter(|&x| f.emails_of(b).any(|y| x == y)).all(|x| {
        let local = f.local(f.emails[x as usize].local);
        !names.iter().any(|n| tells_given(f, n, local))
    })
}

/// True when all addresses of both records are forms of either's name, without a number: `jane.smith@`
/// and `jsmith@` are aliases as likely as namesakes. (Jan and Jana are two: `jan@` is no form of Jana.)
fn are_forms_of_name(f: &Features, a: usize, b: usize) -> bool {
    let names = [f.rows[a].name, f.rows[b].name].map(|name| &f.names[name as usize]);
    f.emails_of(a).chain(f.emails_of(b)).all(|e| {
        let local = f.local(f.emails[e as usize].local);
        let is_form = |n: &&Name| {
            let family = n.family_joined != NONE && local == f.token(n.family_joined);
            family || tells_given(f, n, local)
        };
        !local.bytes().any(|c| c.is_ascii_digit()) && names.iter().all(is_form)
    })
}

/// True when a local part holds the given name, or its initial before the family name.
fn tells_given(f: &Features, name: &Name, local: &str) -> bool {
    name.given().iter().any(|&t| {
        let given = f.token(t);
        (given.len() > 2 && local.contains(given))
            || name.family().iter().any(|&s| starts_with_initial(f, local, t, s))
    })
}

/// `jperez`, `j.perez`.
fn starts_with_initial(f: &Features, local: &str, given: u32, family: u32) -> bool {
    let rest = local.strip_prefix(char::from(f.tokens[given as usize].initial));
    rest.is_some_and(|rest| rest.trim_start_matches(['.', '_', '-']).starts_with(f.token(family)))
}

/// The level of two addresses, each with the record it stands in.
fn address_level(f: &Features, a: (usize, u32), b: (usize, u32)) -> u8 {
    let (x, y) = (&f.emails[a.1 as usize], &f.emails[b.1 as usize]);
    if a.1 == b.1 {
        return if x.role || x.names > EMAIL_NAMES { email::SHARED } else { email::SAME };
    }
    if x.role || y.role {
        return 0;
    }
    let same_domain = x.registrable == y.registrable;
    if x.local == y.local {
        if domain_typo(f, x.domain, y.domain) {
            return email::DOMAIN_TYPO;
        }
        let local = &f.locals[x.local as usize];
        let unusual = || x.digits || !(local.from_name || is_from_own_name(f, a, b));
        if !same_domain && local.names <= LOCAL_NAMES && unusual() {
            return email::SAME_LOCAL;
        }
    } else if same_domain {
        // Equal hashes are held against the texts, which are far away and rarely needed.
        let same_digits = x.digits_hash == y.digits_hash;
        if same_digits && x.sketch.may_be_one_edit(y.sketch) {
            let (p, q) = (f.local(x.local), f.local(y.local));
            if digits(p).eq(digits(q)) && mistyped(p, q) {
                return email::LOCAL_TYPO;
            }
        }
        if x.letters_hash == y.letters_hash {
            let (p, q) = (f.local(x.local), f.local(y.local));
            if letters(p).eq(letters(q)) && !digits(p).eq(digits(q)) {
                return email::OTHER_DIGITS;
            }
        }
        if !x.free {
            return email::COLLEAGUE;
        }
    }
    match (x.free, y.free) {
        (true, true) => email::TWO_FREE,
        (false, false) if same_domain => email::COLLEAGUE,
        (false, false) => email::TWO_WORK,
        _ => email::FREE_AND_WORK,
    }
}

/// Under a frozen model a new local part has no holders that were counted: the two at hand decide.
fn is_from_own_name(f: &Features, a: (usize, u32), b: (usize, u32)) -> bool {
    let built = |(record, email): (usize, u32)| {
        f.is_built_from_name(&f.rows[record], f.local(f.emails[email as usize].local))
    };
    f.frozen.is_some() && (built(a) || built(b))
}

/// One letter wrong in a local part. The first letter is no typo: `jsmith` and `msmith` are two.
fn mistyped(a: &str, b: &str) -> bool {
    let swapped_start = |a: &[u8], b: &[u8]| a[0] == b[1] && a[1] == b[0];
    let (x, y) = (a.as_bytes(), b.as_bytes());
    x.len().min(y.len()) >= 4 && (x[0] == y[0] || swapped_start(x, y)) && within_one_edit(a, b)
}

fn digits(local: &str) -> impl Iterator<Item = u8> + '_ {
    local.bytes().filter(u8::is_ascii_digit)
}

fn letters(local: &str) -> impl Iterator<Item = u8> + '_ {
    local.bytes().filter(|b| !b.is_ascii_digit())
}

fn domain_typo(f: &Features, a: u32, b: u32) -> bool {
    if a == b {
        return false;
    }
    let (x, y) = (f.domain(a), f.domain(b));
    x.len().min(y.len()) >= 5 && edits(x, y, 2) <= 2
}

/// Level of the phone sets of two records.
pub fn phone_level(f: &Features, a: usize, b: usize) -> u8 {
    let (x, y) = (&f.rows[a], &f.rows[b]);
    if x.phone[0] == NONE || y.phone[0] == NONE {
        return 0;
    }
    let mut fewest: Option<u32> = None;
    let (mut typo, mut prefix, mut mobiles) = (false, false, false);
    for p in f.phones_of(a) {
        for q in f.phones_of(b) {
            let (s, t) = (&f.phones[p as usize], &f.phones[q as usize]);
            if p == q || s.tail == t.tail {
                let names = s.names.max(t.names);
                fewest = Some(fewest.map_or(names, |n| n.min(names)));
            } else if fewest.is_none() {
                typo |= one_digit_off(s.tail, t.tail);
                prefix |= s.tail > 99_999_999
                    && t.tail > 99_999_999
                    && s.tail / 10_000 == t.tail / 10_000;
                mobiles |= s.mobile && t.mobile;
            }
        }
    }
    match fewest {
        Some(n) if n <= PHONE_NAMES => phone::SAME,
        Some(n) if n <= SWITCHBOARD_NAMES => phone::SHARED,
        Some(_) => phone::SWITCHBOARD,
        None if typo => phone::TYPO,
        None if prefix => phone::PREFIX,
        None if mobiles => phone::TWO_MOBILES,
        None => phone::DIFFERENT,
    }
}

/// True for a switchboard beside its own firm, where the names agree: whoever works there may hold it, so
/// it is no evidence between one person and two of one name. (Where the names differ it is what
/// tells colleagues from strangers.)
pub fn is_line_of_firm(phone: u8, company: u8, name: u8) -> bool {
    let agree = matches!(name, name::EXACT..=name::ONE_SIDED | name::ONE_GENERATION);
    agree && phone == phone::SWITCHBOARD && company == company::SAME
}

/// One digit replaced, or two neighbors swapped, in numbers of equal length.
fn one_digit_off(mut a: u64, mut b: u64) -> bool {
    if a < 100_000 || b < 100_000 {
        return false;
    }
    let mut different = [(0u8, 0u8, 0u8); 2];
    let mut count = 0;
    let mut position = 0u8;
    while a > 0 || b > 0 {
        let (x, y) = ((a % 10) as u8, (b % 10) as u8);
        if x != y {
            if count == 2 {
                return false;
            }
            different[count] = (position, x, y);
            count += 1;
        }
        a /= 10;
        b /= 10;
        position += 1;
    }
    match count {
        1 => true,
        2 => {
            let ((i, x, y), (j, z, w)) = (different[0], different[1]);
            j == i + 1 && x == w && y == z
        }
        _ => false,
    }
}

/// Level of company name, website and work domain as one piece of evidence. `email` is the level
/// of the e-mails: where the addresses are equal their domain must not be paid again.
pub fn company_level(f: &Features, a: usize, b: usize, email: u8) -> u8 {
    let (x, y) = (&f.rows[a], &f.rows[b]);
    let names = x.company != NONE && y.company != NONE;
    let (p, q) = (&f.companies[x.company as usize], &f.companies[y.company as usize]);
    if names && p.core == q.core {
        return company::SAME;
    }
    let paid = matches!(email, email::SAME | email::SHARED | email::LOCAL_TYPO);
    let (c, d) = if paid {
        ((x.website, NONE), (y.website, NONE))
    } else {
        ((x.website, f.work_domain(a)), (y.website, f.work_domain(b)))
    };
    let domains = |(w, m): (u32, u32)| w != NONE || m != NONE;
    let both_domains = domains(c) && domains(d);
    if both_domains && share(c, d) {
        return company::SAME;
    }
    if names && near_company(f, x, y) {
        return company::NEAR;
    }
    if label_fits(f, p, d) || label_fits(f, q, c) {
        return company::NEAR;
    }
    if names || both_domains { company::DIFFERENT } else { 0 }
}

/// Level of website and work domain alone, for organizations, whose name is a comparison of its own.
pub fn site_level(f: &Features, a: usize, b: usize, email: u8) -> u8 {
    let (x, y) = (f.rows[a].website, f.rows[b].website);
    let paid = matches!(email, email::SAME | email::SHARED | email::LOCAL_TYPO);
    let mail = |record| if paid { NONE } else { f.work_domain(record) };
    let (c, d) = ((x, mail(a)), (y, mail(b)));
    let known = |(w, m): (u32, u32)| w != NONE || m != NONE;
    match (known(c) && known(d), share(c, d)) {
        (false, _) => 0,
        (true, true) => company::SAME,
        (true, false) => company::DIFFERENT,
    }
}

fn share(a: (u32, u32), b: (u32, u32)) -> bool {
    let equal = |x: u32, y: u32| x != NONE && x == y;
    equal(a.0, b.0) || equal(a.0, b.1) || equal(a.1, b.0) || equal(a.1, b.1)
}

/// Mistyped, one a prefix of the other, or an acronym.
fn near_company(f: &Features, a: &Row, b: &Row) -> bool {
    let (p, q) = (&f.companies[a.company as usize], &f.companies[b.company as usize]);
    if (p.acronym != NONE && p.acronym == q.core) || (q.acronym != NONE && q.acronym == p.core) {
        return true;
    }
    if !p.sketch.may_begin(q.sketch) && !p.sketch.may_be_alike(q.sketch, NEAR_COMPANY) {
        return false;
    }
    let (x, y) = (f.word(p.core), f.word(q.core));
    let (short, long) = if x.len() <= y.len() { (x, y) } else { (y, x) };
    if short.len() >= 4 && long.starts_with(short) && long.as_bytes()[short.len()] == b' ' {
        return true;
    }
    x.as_bytes().first() == y.as_bytes().first() && jaro_winkler(x, y) >= NEAR_COMPANY
}

/// The company name is the label of the other side's domain: `Rapid Line` and rapidline.com.
fn label_fits(f: &Features, company: &Company, (website, mail): (u32, u32)) -> bool {
    if company.core == NONE {
        return false;
    }
    // A domain that begins otherwise is told apart before either text is fetched.
    let begins = |d: u32| company.initial == 0 || f.domain_initials[d as usize] == company.initial;
    [website, mail].into_iter().any(|d| {
        d != NONE && begins(d) && {
            let name = f.word(company.core);
            let label = f.domain(d).split('.').next().unwrap_or("");
            let mut rest = label.bytes().filter(|b| *b != b'-');
            name.len() >= 4
                && name.bytes().filter(u8::is_ascii_alphanumeric).all(|b| rest.next() == Some(b))
        }
    })
}
