//! Typed blocking keys: what two records must share to be looked at as a pair.
//!
//! Many narrow keys, not few wide ones: each true pair shares several, so that one typo does not
//! hide it, and blocks stay small. A key is a 64-bit mix of what values are called and a tag for its
//! pass: by [`Plain`](super::ids::Plain) ids it is private to the process, by
//! [`Stable`](super::ids::Stable) ones it is the same in every run.

use super::ids::Ids;
use crate::compare::feature::{Entity, FLAG_PLACEHOLDER, Features, NONE, Name, Row, unpack_date};
use crate::record::{ValueId, fnv};

/// Writes the keys of a record.
type Keys<I> = fn(&Features, &I, usize, &mut Vec<u64>);

/// One way of finding pairs.
#[derive(Debug)]
pub struct Pass<I> {
    /// Name in reports.
    pub name: &'static str,
    /// Writes the keys of a record.
    pub keys: Keys<I>,
}

/// Shortest local part that is a key: `info`, `joe` and initials are not.
const LOCAL_LENGTH: usize = 5;
/// Rarest words of an organization's name that are keys.
const RARE_WORDS: usize = 4;

/// The passes for these features. Thin data (few e-mails and phones) gets the wide passes too.
pub fn passes<I: Ids>(f: &Features, thin: bool) -> Vec<Pass<I>> {
    match f.entity {
        Entity::Organization => organization_passes().into(),
        Entity::Person => {
            let mut all = person_passes().to_vec();
            if thin {
                all.extend(thin_passes());
            }
            all
        }
    }
}

impl<I> Clone for Pass<I> {
    fn clone(&self) -> Self {
        Self { name: self.name, keys: self.keys }
    }
}

/// True for people of whom fewer than nine in ten can be found by e-mail or phone at all.
pub fn is_thin(f: &Features) -> bool {
    if f.entity == Entity::Organization {
        return false;
    }
    let reachable = f.rows.iter().filter(|r| r.email[0] != NONE || r.phone[0] != NONE).count();
    reachable * 10 < f.rows.len() * 9
}

fn person_passes<I: Ids>() -> [Pass<I>; 16] {
    [
        Pass { name: "e-mail", keys: email },
        Pass { name: "phone", keys: phone },
        Pass { name: "identifier", keys: identifier },
        Pass { name: "given and family name", keys: full_name },
        Pass { name: "sound of given and family name", keys: sound },
        Pass { name: "nickname and family name", keys: nickname },
        Pass { name: "family name and company", keys: family_company },
        Pass { name: "name and work domain", keys: name_domain },
        Pass { name: "given name and company", keys: given_company },
        Pass { name: "mailbox name", keys: mailbox },
        Pass { name: "sound of family name, initial and work domain", keys: sound_domain },
        Pass { name: "sound of family name, initial and place", keys: sound_place },
        Pass { name: "name and street", keys: name_street },
        Pass { name: "name and postcode", keys: name_postcode },
        Pass { name: "name and birth date", keys: name_birth },
        Pass { name: "name and other column", keys: name_generic },
    ]
}

fn thin_passes<I: Ids>() -> [Pass<I>; 4] {
    [
        Pass { name: "birth date", keys: birth_date },
        Pass { name: "sound of one name and place", keys: one_sound_place },
        Pass { name: "sound of one name and part of birth date", keys: one_sound_birth },
        Pass { name: "street", keys: street_alone },
    ]
}

fn organization_passes<I: Ids>() -> [Pass<I>; 7] {
    [
        Pass { name: "phone", keys: phone },
        Pass { name: "e-mail", keys: email },
        Pass { name: "website", keys: website },
        Pass { name: "identifier", keys: identifier },
        Pass { name: "rare word of the name", keys: rare_word },
        Pass { name: "house number and street", keys: number_street },
        Pass { name: "house number and name", keys: number_name },
    ]
}

/// Mixes ids into one key (the finalizer of splitmix64 over a running sum).
pub(crate) fn mix(parts: &[u64]) -> u64 {
    parts.iter().fold(0x9e37_79b9_7f4a_7c15, |hash, &part| {
        let mut z = (hash ^ part).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

fn unordered(tag: u64, x: u64, y: u64) -> u64 {
    mix(&[tag, x.min(y), x.max(y)])
}

/// The name, unless it is missing or a placeholder.
fn name_of<'a>(f: &'a Features, row: &Row) -> Option<&'a Name> {
    (row.name != NONE && row.flags & FLAG_PLACEHOLDER == 0).then(|| &f.names[row.name as usize])
}

fn root<I: Ids>(f: &Features, ids: &I, token: u32) -> u64 {
    let root = f.tokens[token as usize].root;
    if root != NONE { ids.root(root, token) } else { ids.token(token) }
}

fn sound_of(f: &Features, token: u32) -> u64 {
    f.tokens[token as usize].phonetic
}

fn is_word(f: &Features, token: u32) -> bool {
    f.tokens[token as usize].length > 1
}

fn email<I: Ids>(f: &Features, ids: &I, r: usize, out: &mut Vec<u64>) {
    out.extend(f.emails_of(r).map(|e| mix(&[1, ids.email(e)])));
}

fn phone<I: Ids>(f: &Features, _: &I, r: usize, out: &mut Vec<u64>) {
    out.extend(f.phones_of(r).map(|p| mix(&[2, f.phones[p as usize].tail])));
}

fn identifier<I: Ids>(f: &Features, ids: &I, r: usize, out: &mut Vec<u64>) {
    for (i, g) in f.generics.iter().enumerate().filter(|(_, g)| g.external) {
        if g.ids[r] != NONE {
            out.push(mix(&[3, ids.column(i), ids.generic(i, g.ids[r])]));
        }
    }
}

fn full_name<I: Ids>(f: &Features, ids: &I, r: usize, out: &mut Vec<u64>) {
    if let Some(n) = name_of(f, &f.rows[r])
        && (n.given_count > 0 || n.family_count > 0)
    {
        out.push(unordered(4, ids.token(n.given_joined), ids.token(n.family_joined)));
    }
}

fn sound<I: Ids>(f: &Features, _: &I, r: usize, out: &mut Vec<u64>) {
    let Some(n) = name_of(f, &f.rows[r]) else { return };
    for &g in n.given().iter().take(2) {
        for &s in n.family().iter().take(2) {
            let (p, q) = (sound_of(f, g), sound_of(f, s));
            if p != 0 && q != 0 && is_word(f, g) && is_word(f, s) {
                out.push(unordered(5, p, q));
            }
        }
    }
}

fn nickname<I: Ids>(f: &Features, ids: &I, r: usize, out: &mut Vec<u64>) {
    let Some(n) = name_of(f, &f.rows[r]) else { return };
    for &g in n.given().iter().take(2) {
        for &s in n.family().iter().take(2) {
            out.push(mix(&[6, root(f, ids, g), ids.token(s)]));
        }
    }
}

fn family_company<I: Ids>(f: &Features, ids: &I, r: usize, out: &mut Vec<u64>) {
    let row = &f.rows[r];
    let first = f.companies[row.company as usize].first;
    let (Some(n), true) = (name_of(f, row), first != NONE) else { return };
    out.extend(n.family().iter().map(|&s| mix(&[7, ids.token(s), ids.word(first)])));
}

fn name_domain<I: Ids>(f: &Features, ids: &I, r: usize, out: &mut Vec<u64>) {
    let row = &f.rows[r];
    let Some(n) = name_of(f, row) else { return };
    for domain in [f.work_domain(r), row.website] {
        if domain != NONE {
            let names = n.family().iter().chain(n.given().iter().take(1));
            out.extend(
                names
                    .filter(|&&t| is_word(f, t))
                    .map(|&t| mix(&[8, ids.token(t), ids.domain(domain)])),
            );
        }
    }
}

fn given_company<I: Ids>(f: &Features, ids: &I, r: usize, out: &mut Vec<u64>) {
    let row = &f.rows[r];
    let first = f.companies[row.company as usize].first;
    let (Some(n), true) = (name_of(f, row), first != NONE) else { return };
    if let Some(&g) = n.given().first() {
        out.push(mix(&[9, root(f, ids, g), ids.word(first)]));
    }
}

fn mailbox<I: Ids>(f: &Features, ids: &I, r: usize, out: &mut Vec<u64>) {
    for e in f.emails_of(r) {
        let e = &f.emails[e as usize];
        if !e.role && f.local(e.local).len() >= LOCAL_LENGTH {
            out.push(mix(&[10, ids.local(e.local)]));
        }
    }
}

/// Sound of the family name with the initial of the given name; 0 when either is missing.
fn sound_and_initial(f: &Features, n: &Name) -> u64 {
    match (n.given().first(), n.family().first()) {
        (Some(&g), Some(&s)) if sound_of(f, s) != 0 => {
            mix(&[sound_of(f, s), f.tokens[g as usize].initial.into()])
        }
        _ => 0,
    }
}

fn sound_domain<I: Ids>(f: &Features, ids: &I, r: usize, out: &mut Vec<u64>) {
    let (Some(n), domain) = (name_of(f, &f.rows[r]), f.work_domain(r)) else { return };
    let sound = sound_and_initial(f, n);
    if sound != 0 && domain != NONE {
        out.push(mix(&[11, sound, ids.domain(domain)]));
    }
}

fn sound_place<I: Ids>(f: &Features, ids: &I, r: usize, out: &mut Vec<u64>) {
    let row = &f.rows[r];
    let Some(n) = name_of(f, row) else { return };
    let sound = sound_and_initial(f, n);
    if sound == 0 {
        return;
    }
    if row.city != NONE {
        out.push(mix(&[12, sound, ids.city(row.city), 0]));
    }
    if row.postcode != NONE {
        out.push(mix(&[12, sound, ids.postcode(row.postcode), 1]));
    }
}

fn name_street<I: Ids>(f: &Features, ids: &I, r: usize, out: &mut Vec<u64>) {
    let row = &f.rows[r];
    let (Some(n), true) = (name_of(f, row), row.street != NONE) else { return };
    let names = n.family().iter().chain(n.given().iter().take(1));
    out.extend(names.map(|&t| mix(&[13, ids.token(t), ids.street(row.street)])));
}

fn name_postcode<I: Ids>(f: &Features, ids: &I, r: usize, out: &mut Vec<u64>) {
    let row = &f.rows[r];
    let (Some(n), true) = (name_of(f, row), row.postcode != NONE) else { return };
    let names = n.family().iter().chain(n.given().iter().take(1));
    out.extend(names.map(|&t| mix(&[14, ids.token(t), ids.postcode(row.postcode)])));
}

/// Birth date less one part, with a name: a typo in one part still leaves a key.
fn name_birth<I: Ids>(f: &Features, ids: &I, r: usize, out: &mut Vec<u64>) {
    let row = &f.rows[r];
    let (Some(n), true) = (name_of(f, row), row.birth != 0) else { return };
    let (year, month, day) = unpack_date(row.birth);
    let parts = [
        (year.into(), u64::from(month), 99),
        (year.into(), 99, u64::from(day)),
        (9999, month.into(), day.into()),
    ];
    for &t in n.family().iter().chain(n.given().iter().take(1)) {
        out.extend(
            parts.iter().map(|&(y, m, d): &(u64, u64, u64)| mix(&[15, ids.token(t), y, m, d])),
        );
    }
}

fn name_generic<I: Ids>(f: &Features, ids: &I, r: usize, out: &mut Vec<u64>) {
    let Some(n) = name_of(f, &f.rows[r]) else { return };
    for (i, g) in f.generics.iter().enumerate().filter(|(_, g)| !g.external && g.ids[r] != NONE) {
        let names = n.family().iter().chain(n.given().iter().take(1));
        out.extend(
            names.map(|&t| mix(&[16, ids.token(t), ids.column(i), ids.generic(i, g.ids[r])])),
        );
    }
}

fn birth_date<I: Ids>(f: &Features, _: &I, r: usize, out: &mut Vec<u64>) {
    if f.rows[r].birth != 0 {
        out.push(mix(&[17, f.rows[r].birth.into()]));
    }
}

/// The sounds of the first given and the family names, whichever side they stand on.
fn sounds<'a>(f: &'a Features, n: &'a Name) -> impl Iterator<Item = u64> + 'a {
    let names = n.family().iter().chain(n.given().iter().take(1));
    names.filter(|&&t| is_word(f, t)).map(|&t| sound_of(f, t)).filter(|&s| s != 0)
}

fn one_sound_place<I: Ids>(f: &Features, ids: &I, r: usize, out: &mut Vec<u64>) {
    let row = &f.rows[r];
    let Some(n) = name_of(f, row) else { return };
    let domain = f.work_domain(r);
    for sound in sounds(f, n) {
        if row.city != NONE {
            out.push(mix(&[18, sound, ids.city(row.city), 0]));
        }
        if domain != NONE {
            out.push(mix(&[18, sound, ids.domain(domain), 1]));
        }
    }
}

fn one_sound_birth<I: Ids>(f: &Features, _: &I, r: usize, out: &mut Vec<u64>) {
    let row = &f.rows[r];
    let (Some(n), true) = (name_of(f, row), row.birth != 0) else { return };
    let (year, month, day) = unpack_date(row.birth);
    for sound in sounds(f, n) {
        out.push(mix(&[19, sound, year.into(), 0]));
        out.push(mix(&[19, sound, month.into(), day.into(), 1]));
    }
}

fn street_alone<I: Ids>(f: &Features, ids: &I, r: usize, out: &mut Vec<u64>) {
    if f.rows[r].street != NONE {
        out.push(mix(&[20, ids.street(f.rows[r].street)]));
    }
}

fn website<I: Ids>(f: &Features, ids: &I, r: usize, out: &mut Vec<u64>) {
    for domain in [f.rows[r].website, f.work_domain(r)] {
        if domain != NONE {
            out.push(mix(&[21, ids.domain(domain)]));
        }
    }
}

fn rare_word<I: Ids>(f: &Features, _: &I, r: usize, out: &mut Vec<u64>) {
    let company = &f.companies[f.rows[r].company as usize];
    let start = company.start as usize;
    let mut words: Vec<u32> = f.company_tokens[start..start + company.count as usize].to_vec();
    words.sort_by(|&a, &b| {
        f.word_weight(b).total_cmp(&f.word_weight(a)).then_with(|| f.word(a).cmp(f.word(b)))
    });
    for word in words.into_iter().take(RARE_WORDS) {
        let text = f.word(word);
        let stem = text.char_indices().nth(6).map_or(text, |(i, _)| &text[..i]);
        out.push(mix(&[22, fnv(stem)]));
    }
}

fn number_street<I: Ids>(f: &Features, ids: &I, r: usize, out: &mut Vec<u64>) {
    let street = &f.streets[f.rows[r].street as usize];
    if street.number != NONE {
        let name = f.words.get(ValueId(street.name));
        let stem = name.char_indices().nth(4).map_or(name, |(i, _)| &name[..i]);
        out.push(mix(&[23, ids.word(street.number), fnv(stem)]));
    }
}

fn number_name<I: Ids>(f: &Features, ids: &I, r: usize, out: &mut Vec<u64>) {
    let row = &f.rows[r];
    let street = &f.streets[row.street as usize];
    if street.number != NONE && row.company != NONE {
        let name = f.word(f.companies[row.company as usize].core);
        let stem = name.char_indices().nth(4).map_or(name, |(i, _)| &name[..i]);
        out.push(mix(&[24, ids.word(street.number), fnv(stem)]));
    }
}

/// Second keys that divide a block too large to be compared whole.
pub const REFINEMENTS: usize = 10;

/// The `index`-th second key of a record; 0 when the record has none.
pub fn refinement<I: Ids>(f: &Features, ids: &I, r: usize, index: usize) -> u64 {
    let row = &f.rows[r];
    let id = match index {
        0 => ids.name(row.name),
        1 => ids.word(f.companies[row.company as usize].first),
        2 => ids.city(row.city),
        3 => ids.domain(f.work_domain(r)),
        4 => f.phones[row.phone[0] as usize].tail,
        5 => row.birth.into(),
        6 => {
            let filled = f.generics.iter().position(|g| g.ids[r] != NONE);
            filled.map_or(0, |i| ids.generic(i, f.generics[i].ids[r]))
        }
        7 => ids.postcode(row.postcode),
        8 => ids.title(row.title),
        _ => ids.local(f.emails[row.email[0] as usize].local),
    };
    if id == 0 { 0 } else { mix(&[100 + index as u64, id]) }
}
