//! Person names of all records as ids.

use super::mailbox::{Known, complete};
use super::{Builder, QUALITY_BAD, QUALITY_FAIR, QUALITY_GOOD};
use crate::compare::feature::{FLAG_PLACEHOLDER, Features, NONE, Name, Token};
use crate::compare::sketch::Sketch;
use crate::normalize::{name, text};
use crate::record::{DictionaryBuilder, ValueId};
use crate::schema::Role;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// The columns a name can be spread over, in the order of `name::NameParts`.
pub(super) const PARTS: [Role; 7] = [
    Role::NamePrefix,
    Role::GivenName,
    Role::MiddleName,
    Role::FamilyName,
    Role::NameSuffix,
    Role::FullName,
    Role::Nickname,
];

/// A parsed name before its tokens have ids; all empty for a placeholder (`Test Test`).
#[derive(Default)]
pub(super) struct Parsed {
    pub(super) given: Vec<String>,
    pub(super) family: Vec<String>,
    pub(super) given_joined: String,
    pub(super) family_joined: String,
    pub(super) generation: u8,
}

impl Builder<'_> {
    /// Reads the names: each distinct combination of cells once.
    pub(super) fn read_names(&mut self) {
        let columns: Vec<Vec<usize>> = PARTS.iter().map(|&role| self.columns_of(&[role])).collect();
        let (combinations, of_record) = self.distinct_names(&columns);
        let parsed: Vec<Option<Parsed>> = combinations
            .par_iter()
            .with_min_len(256)
            .map(|cells| self.parse_name(&columns, cells))
            .collect();
        let mut tokens = DictionaryBuilder::default();
        let mut known: FxHashMap<NameKey, u32> = FxHashMap::default();
        let mut names = vec![Name::default()];
        let ids: Vec<(u32, bool)> = parsed
            .iter()
            .map(|p| match p {
                None => (NONE, false),
                Some(p) if p.given.is_empty() && p.family.is_empty() => (NONE, true),
                Some(p) => {
                    let name = to_name(p, &mut tokens);
                    let id = *known.entry(NameKey::of(&name)).or_insert_with(|| {
                        names.push(name);
                        (names.len() - 1) as u32
                    });
                    (id, false)
                }
            })
            .collect();
        for (row, &combination) in self.features.rows.iter_mut().zip(&of_record) {
            let (id, hidden) = ids[combination as usize];
            row.name = id;
            if hidden {
                row.flags |= FLAG_PLACEHOLDER;
            }
        }
        self.complete_names(&mut tokens, &mut known, &mut names);
        self.note_name_quality(&columns, &combinations, &ids);
        let text = tokens.finish();
        self.features.tokens = describe_tokens(&text);
        self.features.token_text = text;
        self.features.names = names;
        self.count_tokens();
    }

    /// Distinct combinations of name cells, and which each record holds.
    pub(super) fn distinct_names(&self, columns: &[Vec<usize>]) -> (Vec<Vec<ValueId>>, Vec<u32>) {
        let flat: Vec<&[ValueId]> =
            columns.iter().flatten().map(|&c| self.table.columns[c].ids.as_slice()).collect();
        let mut combinations = vec![vec![ValueId::MISSING; flat.len()]];
        let mut of_record = Vec::with_capacity(self.table.len());
        if flat.len() <= 2 {
            // The ordinary file: given and family name, packed into one integer.
            let mut index: FxHashMap<u64, u32> = FxHashMap::default();
            let cell = |column: usize, record: usize| {
                flat.get(column).map_or(ValueId::MISSING, |ids| ids[record])
            };
            for record in 0..self.table.len() {
                let (a, b) = (cell(0, record), cell(1, record));
                let key = u64::from(a.0) << 32 | u64::from(b.0);
                of_record.push(if key == 0 {
                    0
                } else {
                    *index.entry(key).or_insert_with(|| {
                        combinations.push([a, b][..flat.len()].to_vec());
                        (combinations.len() - 1) as u32
                    })
                });
            }
        } else {
            let mut index: FxHashMap<Vec<ValueId>, u32> = FxHashMap::default();
            let mut cells = Vec::with_capacity(flat.len());
            for record in 0..self.table.len() {
                cells.clear();
                cells.extend(flat.iter().map(|ids| ids[record]));
                of_record.push(if cells.iter().all(|c| c.is_missing()) {
                    0
                } else if let Some(&id) = index.get(&cells) {
                    id
                } else {
                    combinations.push(cells.clone());
                    let id = (combinations.len() - 1) as u32;
                    index.insert(cells.clone(), id);
                    id
                });
            }
        }
        (combinations, of_record)
    }

    pub(super) fn parse_name(&self, columns: &[Vec<usize>], cells: &[ValueId]) -> Option<Parsed> {
        let mut texts: [String; PARTS.len()] = Default::default();
        let mut at = 0;
        for (part, of_part) in texts.iter_mut().zip(columns) {
            for &column in of_part {
                let cell = self.table.columns[column].dictionary.get(cells[at]);
                at += 1;
                if cell.is_empty() {
                    continue;
                }
                if !part.is_empty() {
                    part.push(' ');
                }
                part.push_str(cell);
            }
        }
        let [prefix, given, middle, family, suffix, full, nickname] = &texts;
        let parts = name::NameParts { prefix, given, middle, family, suffix, full, nickname };
        let read = name::parse(&parts);
        if read.reason == "placeholder" {
            return Some(Parsed::default());
        }
        let person = read.value?;
        let parsed = Parsed {
            given_joined: person.given_folded.concat(),
            family_joined: person.family_folded.concat(),
            given: person.given_folded.clone(),
            family: person.family_core.clone(),
            generation: person.generation.map_or(0, |g| g as u8 + 1),
        };
        (!parsed.given.is_empty() || !parsed.family.is_empty()).then_some(parsed)
    }

    /// Fills names that a column leaves open from the record's mailbox.
    pub(super) fn complete_names(
        &mut self,
        tokens: &mut DictionaryBuilder,
        known: &mut FxHashMap<NameKey, u32>,
        names: &mut Vec<Name>,
    ) {
        for r in 0..self.features.rows.len() {
            let row = &self.features.rows[r];
            let (name, email) = (names[row.name as usize], row.email[0]);
            if row.name == NONE || email == NONE || self.features.emails[email as usize].role {
                continue;
            }
            let text = |id: u32| tokens.dictionary().get(ValueId(id));
            let (given, family) = (text(name.given_joined), text(name.family_joined));
            if given.len() > 1 && family.len() > 1 {
                continue;
            }
            let local = self.features.local(self.features.emails[email as usize].local);
            let Some((given, family)) = complete(Known { given, family }, local) else { continue };
            let filled = Parsed {
                given: vec![given.to_string()],
                family: vec![family.to_string()],
                given_joined: given.to_string(),
                family_joined: family.to_string(),
                generation: name.generation,
            };
            let name = to_name(&filled, tokens);
            let id = *known.entry(NameKey::of(&name)).or_insert_with(|| {
                names.push(name);
                (names.len() - 1) as u32
            });
            self.features.rows[r].name = id;
        }
    }

    fn note_name_quality(
        &mut self,
        columns: &[Vec<usize>],
        combinations: &[Vec<ValueId>],
        ids: &[(u32, bool)],
    ) {
        for (at, &column) in columns.iter().flatten().enumerate() {
            let mut quality = vec![QUALITY_BAD; self.table.columns[column].dictionary.len()];
            for (cells, &(id, hidden)) in combinations.iter().zip(ids) {
                let value = cells.get(at).copied().unwrap_or_default();
                let own = if value.is_missing() || id == NONE || hidden {
                    QUALITY_BAD
                } else {
                    // `J.` is a name, but any spelled-out one is better.
                    let letters = self.table.columns[column].dictionary.get(value);
                    let letters = letters.chars().filter(|c| c.is_alphabetic()).count();
                    if letters > 1 { QUALITY_GOOD } else { QUALITY_FAIR }
                };
                let slot = &mut quality[value.index()];
                *slot = (*slot).max(own);
            }
            self.quality[column] = Some(quality);
        }
    }

    pub(super) fn count_tokens(&mut self) {
        let f = &mut self.features;
        for row in f.rows.iter().filter(|row| row.name != NONE) {
            let n = &f.names[row.name as usize];
            let tokens = &mut f.tokens;
            tokens[n.given_joined as usize].given_records += 1;
            tokens[n.family_joined as usize].family_records += 1;
            for &t in n.given().iter().filter(|&&t| t != n.given_joined) {
                tokens[t as usize].given_records += 1;
            }
            for &t in n.family().iter().filter(|&&t| t != n.family_joined) {
                tokens[t as usize].family_records += 1;
            }
        }
        f.tokens[0] = Token::default();
    }
}

/// What makes two parsed names the same name.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct NameKey {
    given: [u32; 3],
    family: [u32; 3],
    joined: [u32; 2],
    generation: u8,
}

impl NameKey {
    pub(super) fn of(n: &Name) -> Self {
        Self {
            given: n.given,
            family: n.family,
            joined: [n.given_joined, n.family_joined],
            generation: n.generation,
        }
    }
}

pub(super) fn to_name(p: &Parsed, tokens: &mut DictionaryBuilder) -> Name {
    let mut intern = |text: &str| tokens.intern(text).map_or(NONE, |id| id.0);
    let mut fill = |from: &[String]| {
        let mut slots = [NONE; 3];
        let mut count = 0;
        for text in from.iter().take(3) {
            slots[count] = intern(text);
            count += 1;
        }
        (slots, count as u8)
    };
    let (given, given_count) = fill(&p.given);
    let (family, family_count) = fill(&p.family);
    Name {
        given,
        family,
        given_joined: intern(&p.given_joined),
        family_joined: intern(&p.family_joined),
        given_count,
        family_count,
        generation: p.generation,
    }
}

pub(super) fn describe_tokens(text: &crate::record::Dictionary) -> Vec<Token> {
    let mut roots = DictionaryBuilder::default();
    let described: Vec<(u64, Option<&'static str>)> = (0..text.len() as u32)
        .into_par_iter()
        .with_min_len(512)
        .map(|id| {
            let word = text.get(ValueId(id));
            (text::phonetic(word), name::nickname_root(word))
        })
        .collect();
    text.iter()
        .zip(described)
        .map(|(word, (phonetic, root))| Token {
            phonetic,
            root: root.and_then(|r| roots.intern(r)).map_or(NONE, |id| id.0),
            initial: word.bytes().next().unwrap_or(0),
            length: word.len().min(255) as u8,
            sketch: Sketch::of(word),
            ..Token::default()
        })
        .collect()
}

/// The look of a name that survives typos and swaps: first three letters of given and family name,
/// in alphabetical order. 0 when there is no name.
pub(super) fn shape(f: &Features, name: u32) -> u64 {
    if name == NONE {
        return 0;
    }
    let n = &f.names[name as usize];
    let head =
        |token: u32| f.token(token).bytes().take(3).fold(0u64, |head, b| head << 8 | u64::from(b));
    let (x, y) = (head(n.given_joined), head(n.family_joined));
    x.min(y) << 24 | x.max(y)
}
